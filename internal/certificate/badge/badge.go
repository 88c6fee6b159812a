// Package badge owns the badge of a certificate, an Open Badge 3.0: its JSON, the
// token that secures it, the list of those that were revoked, the issuer's
// profile and the public keys as they are published. It keeps no key, and it does
// not own what a certificate states nor who may fetch its badge.
package badge

import (
	"time"

	"github.com/varde-platform/varde/internal/training"
)

const (
	// MediaType is that of a badge and of a status list, both of which are tokens.
	MediaType = "application/vc+jwt"
	// KeysMediaType is that of the published keys, KeyMediaType that of one alone.
	KeysMediaType = "application/jwk-set+json"
	KeyMediaType  = "application/jwk+json"
)

const (
	credentialsContext = "https://www.w3.org/ns/credentials/v2"
	badgesContext      = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"
)

// Profile is who issues. ID is the address that the profile is served at. Checkers
// find the key of a badge at the address that the badge's kid is, or among those at
// /.well-known/jwks.json of the same host.
type Profile struct {
	ID    string // http or https, as the other addresses
	Name  string
	URL   string // the issuer's own page; may be empty
	Image string // address of a PNG or SVG; may be empty
}

// Facts are what a badge states, as the certificate's row has them. Nothing in
// them is looked up again, so that the same row always makes the same badge.
type Facts struct {
	Address    string // where the certificate is verified, BASE/verify/NUMBER: the badge's id
	Number     string
	Holder     string // name as on the certificate; stands in the badge as a salted hash
	EmailHash  string // by HashEmail, of the holder's e-mail as it was at issue
	Reference  string // what the issuer calls the holder, where there is no EmailHash; hashed too
	Course     Course
	Language   string     // of instruction, ISO 639-1; may be empty
	Awarded    time.Time  // instant of issue; written in UTC, in whole seconds
	ValidUntil *time.Time // nil: it does not expire
	Starts     training.Date
	Ends       training.Date
	Zone       *time.Location // of the run's days
	Status     Status
}

// Course is what was achieved. Its texts are in one language, chosen by the caller.
type Course struct {
	ID          string // address of the course
	Code        string // may be empty
	Title       string
	Description string // empty: the title stands for it
	Criteria    string // what was asked of the holder, in complete sentences; paragraphs by blank lines
	Outcomes    []string
	Level       string // may be empty
}

// Status is where a badge's revocation shows: one bit of a published list.
type Status struct {
	List  string // address of the list
	Index int    // from 0
}
