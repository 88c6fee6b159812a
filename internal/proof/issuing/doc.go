// Package issuing proves that certificates are given once, whatever is killed while
// a closed run is given its own: real servers are ended as by kill -9 in the middle
// of it and started again. It has a test alone.
package issuing
