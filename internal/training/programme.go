package training

// Signatory is a person who stands on certificates for the issuer, as the
// secretariat writes it. RoleEnglish is set small beneath Role where the page has
// two languages; empty: Role is said once.
type Signatory struct {
	Name        string `json:"name"`
	Role        string `json:"role"`
	RoleEnglish string `json:"role_english,omitempty"`
}

const (
	// MaxSignatories and MaxLogos are what one page has room for.
	MaxSignatories = 2
	MaxLogos       = 2
	// MaxValidMonths bounds how long a course may let its certificates be valid.
	MaxValidMonths = 240
)
