// Package data holds what the demonstration is made from; README.md says what
// of it is invented.
package data

import _ "embed" // the files

// The files.
var (
	//go:embed agencies.json
	Agencies []byte
	//go:embed people.json
	People []byte
	//go:embed runs.json
	Runs []byte
)
