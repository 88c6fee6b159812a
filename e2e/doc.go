// Package e2e drives the whole program in a real browser, as people do. It has
// tests alone and knows of the program only what a person sees, and the
// commands that set it up.
package e2e
