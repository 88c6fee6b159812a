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

// IssueCertificates is the kind of the outbox job that gives the certificates of
// a closed run; its payload is an IssueJob. The roster asks for it, the
// certificates answer.
const IssueCertificates = "issue_certificates"

// IssueJob names the run whose certificates are due.
type IssueJob struct {
	RunID int `json:"run_id"`
}

// CountAttendance counts the marks of one person, by key of the half day. Only
// the run's own half days count: a mark for one that was taken out of the run
// since counts for nothing.
func CountAttendance(half []HalfDay, present map[string]bool) Attendance {
	a := Attendance{Total: len(half)}
	for _, h := range half {
		if present[h.Key] {
			a.Present++
		}
	}
	return a
}
