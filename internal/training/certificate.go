package training

import "time"

// The states of a certificate, as the public page names them.
const (
	CertificateValid    = "valid"
	CertificateRevoked  = "revoked"
	CertificateReplaced = "replaced"
	CertificateExpired  = "expired"
)

// RevocationReasons are the public reasons for revoking a certificate.
var RevocationReasons = []string{"issued_in_error", "facts_wrong", "withdrawn_by_issuer"}

// CertificateState says whether a certificate still stands. A revocation
// outweighs everything, for a reader must not take "replaced" or "expired" for
// "was good once"; a replacement outweighs an expiry, for it leads further. The
// instant of expiry itself is already past.
func CertificateState(revokedAt, expiresAt *time.Time, replacedBy string, now time.Time) string {
	switch {
	case revokedAt != nil:
		return CertificateRevoked
	case replacedBy != "":
		return CertificateReplaced
	case expiresAt != nil && !now.Before(*expiresAt):
		return CertificateExpired
	}
	return CertificateValid
}
