package people

import (
	"net/mail"
	"strings"
)

// The limits of RFC 5321.
const (
	maxEmail     = 254
	maxLocalPart = 64
)

// normaliseEmail gives the address as it is stored, in lower case, and whether
// it is one. Only ASCII is accepted: mail servers along the way need not know
// more, and the database compares the lower case of ASCII alike everywhere.
// Quoted and bracketed forms are refused, because they are nobody's address and
// somebody's attack.
func normaliseEmail(s string) (string, bool) {
	s = strings.ToLower(strings.TrimSpace(s))
	if len(s) > maxEmail || strings.ContainsFunc(s, notInAddress) {
		return "", false
	}
	address, err := mail.ParseAddress(s)
	if err != nil || address.Address != s || strings.LastIndexByte(s, '@') > maxLocalPart {
		return "", false
	}
	return s, true
}

func notInAddress(r rune) bool { return r <= ' ' || r > '~' || strings.ContainsRune(`"(),:;<>[\]`, r) }
