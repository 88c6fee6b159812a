package certificate

import (
	"time"

	"github.com/varde-platform/varde/ent"
	"github.com/varde-platform/varde/internal/training"
)

// step is what is to be done about one enrolment's certificate.
type step int

const (
	nothing step = iota
	issue        // a first one, or one in the place of the last
	revoke
)

// plan is one enrolment with what its certificate should state, the last one it
// was given, nil for none, and what is to be done about it.
type plan struct {
	*ent.Enrolment
	facts  Facts
	last   *ent.Certificate
	earned bool
	step   step
}

// plan compares; the look of a certificate that is issued makes no difference to
// it.
func (s *Service) plan(r *ent.Run, e *ent.Enrolment, look Appearance) (plan, error) {
	p := plan{Enrolment: e, facts: s.factsOf(r, e, look)}
	p.earned = training.EarnsCertificate(e.Status, p.facts.Attendance, r.Threshold)
	same := false
	if len(e.Edges.Certificates) > 0 { // the unique index allows no second
		p.last = e.Edges.Certificates[0]
		before, err := readFacts(p.last)
		if err != nil {
			return plan{}, err
		}
		same = p.last.Holder == e.Edges.Person.Name && p.facts.sameStatement(before)
	}
	p.step = decide(p.earned, p.last, same, *r.ClosedAt)
	return p, nil
}

// decide compares what was earned with the last certificate. It is replaced only
// where the run was closed again since: what was merely renamed meanwhile was
// right as it was at issue. One that the secretariat revoked is not given again
// by closing once more, unless it was revoked for wrong facts, which that
// closing corrects.
func decide(earned bool, last *ent.Certificate, same bool, closed time.Time) step {
	switch {
	case last == nil && earned:
		return issue
	case last == nil:
		return nothing
	case last.RevokedAt == nil && !earned:
		return revoke
	case last.RevokedAt == nil && !same && last.IssuedAt.Before(closed):
		return issue
	case last.RevokedAt != nil && earned && last.RevokedReason == factsWrong && last.RevokedAt.Before(closed):
		return issue
	}
	return nothing
}
