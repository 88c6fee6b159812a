// Package faults proves the seat contract under any weather: hundreds of people
// take seats on three servers while a server, Redis, PostgreSQL, the network or
// the clock fails, and afterwards everything that anybody was promised is
// counted again. It has tests alone; `make faults` runs them at length.
package faults
