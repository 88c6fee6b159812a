package training

import (
	"testing"
	"time"
)

func TestCertificateState(t *testing.T) {
	now := time.Date(2027, 3, 15, 12, 0, 0, 0, time.UTC)
	before, after := now.Add(-time.Microsecond), now.Add(time.Microsecond)
	for _, test := range []struct {
		name             string
		revoked, expires *time.Time
		replacedBy, want string
	}{
		{"nothing happened to it", nil, nil, "", CertificateValid},
		{"its last moment", nil, &after, "", CertificateValid},
		{"the instant it expires", nil, &now, "", CertificateExpired},
		{"expired before", nil, &before, "", CertificateExpired},
		{"replaced", nil, nil, "N", CertificateReplaced},
		{"replaced and expired leads to the new one", nil, &before, "N", CertificateReplaced},
		{"revoked", &before, nil, "", CertificateRevoked},
		{"revoked outweighs replaced and expired", &before, &before, "N", CertificateRevoked},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := CertificateState(test.revoked, test.expires, test.replacedBy, now); got != test.want {
				t.Errorf("state is %q, want %q", got, test.want)
			}
		})
	}
}

func TestOnlyTheRunsOwnHalfDaysCount(t *testing.T) {
	half := []HalfDay{{Key: "2027-03-15/am"}, {Key: "2027-03-15/pm"}, {Key: "2027-03-16/am"}}
	marks := map[string]bool{"2027-03-15/am": true, "2027-03-15/pm": false, "2027-03-20/am": true}
	if got, want := CountAttendance(half, marks), (Attendance{Present: 1, Total: 3}); got != want {
		t.Errorf("attendance is %+v, want %+v", got, want)
	}
	if got, want := CountAttendance(nil, marks), (Attendance{}); got != want {
		t.Errorf("attendance of a run without half days is %+v", got)
	}
}
