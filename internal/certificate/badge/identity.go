package badge

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"fmt"
)

// Types of what a holder is recognised by.
const (
	IdentityEmail     = "emailAddress"
	IdentityName      = "name"
	IdentityReference = "identifier"
)

// Identity recognises a holder to those who know already whom they ask for: the
// badge has a salted hash in the place of the name and the address.
type Identity struct {
	Type   string `json:"type"`
	Hash   string `json:"identityHash"`
	Kind   string `json:"identityType"` // IdentityEmail, IdentityName or IdentityReference
	Hashed bool   `json:"hashed"`
	Salt   string `json:"salt"`
}

// Is reports whether the identity is that of value, letter by letter.
func (i Identity) Is(value string) bool {
	want := i.Hash
	got := value
	if i.Hashed {
		got = hash(value, i.Salt)
	}
	return subtle.ConstantTimeCompare([]byte(got), []byte(want)) == 1
}

func identities(f Facts) []Identity {
	first := identity(f.Address, IdentityReference, f.Reference)
	if f.EmailHash != "" {
		first = hashed(f.Address, IdentityEmail, f.EmailHash)
	}
	return []Identity{first, identity(f.Address, IdentityName, f.Holder)}
}

// HashEmail is how an e-mail stands in the badge of a certificate, which is verified
// at address. It is worked out at issue and kept with the facts, because the holder's
// e-mail may be another one when the badge is made. Nothing for no e-mail.
func HashEmail(address, email string) string {
	if email == "" {
		return ""
	}
	return identity(address, IdentityEmail, email).Hash
}

func identity(address, kind, value string) Identity {
	return hashed(address, kind, hash(value, salt(address, kind)))
}

func hashed(address, kind, hash string) Identity {
	return Identity{Type: "IdentityObject", Hash: hash, Kind: kind, Hashed: true, Salt: salt(address, kind)}
}

// salt is taken from the certificate's address, so that the badge can be made again
// and two badges of one person have nothing in common. It is public in any case: it
// stands beside the hash.
func salt(address, kind string) string {
	sum := digest("salt", address, kind)
	return hex.EncodeToString(sum[:16])
}

func hash(value, salt string) string {
	sum := sha256.Sum256([]byte(value + salt))
	return "sha256$" + hex.EncodeToString(sum[:])
}

// holderID names the holder of this one badge, as a UUID of version 8 (RFC 9562):
// the token needs a subject, and one that was the same in all badges of a person
// would let anyone put them together.
func holderID(address string) string {
	b := digest("holder", address)
	b[6] = b[6]&0x0F | 0x80
	b[8] = b[8]&0x3F | 0x80
	return fmt.Sprintf("urn:uuid:%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:16])
}

// digest keeps what is derived for one use apart from what is for another.
func digest(use string, parts ...string) [sha256.Size]byte {
	h := sha256.New()
	h.Write([]byte("varde badge " + use))
	for _, part := range parts {
		h.Write([]byte("\x00" + part))
	}
	return [sha256.Size]byte(h.Sum(nil))
}
