// Package catalogue owns courses and runs: importing courses, making runs, and
// finding both from a copy kept in memory. It does not own the taking of seats
// (package enrolment) nor holds: of seats it only reads the committed figures.
package catalogue
