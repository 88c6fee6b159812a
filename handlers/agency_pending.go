package handlers

import (
	"cmp"
	"slices"
	"time"

	"github.com/varde-platform/varde/internal/enrolment"
	"github.com/varde-platform/varde/internal/training"
)

// urgent is how long before its deadline an approval goes before older ones.
const urgent = 24 * time.Hour

// An approval's urgency, the first first.
const (
	approvalLate = iota // the seat goes to others at any moment
	approvalSoon        // the deadline comes within a day
	approvalOpen
)

func (v agencyView) urgency(e enrolment.Enrolment) int {
	switch {
	case e.Deadline.IsZero() || v.now.Add(urgent).Before(e.Deadline):
		return approvalOpen
	case e.Deadline.After(v.now):
		return approvalSoon
	}
	return approvalLate
}

// pending lists what waits for the agency's approval: what is late or soon will
// be by its deadline, then the oldest first. The agency is asked when the seat is
// taken, which after a waiting list is long after the enrolment was made.
func (v agencyView) pending(all []enrolment.Enrolment) {
	var asked []enrolment.Enrolment
	for _, e := range all {
		if e.Status == training.Pending {
			asked = append(asked, e)
		}
	}
	slices.SortStableFunc(asked, func(a, b enrolment.Enrolment) int {
		byTime := a.UpdatedAt.Compare(b.UpdatedAt)
		if v.urgency(a) != approvalOpen {
			byTime = a.Deadline.Compare(b.Deadline)
		}
		return cmp.Or(cmp.Compare(v.urgency(a), v.urgency(b)), byTime, cmp.Compare(a.Ref, b.Ref))
	})
	for _, e := range asked {
		row := v.staff(e)
		row.Since = v.DateShort(training.DateOf(e.UpdatedAt.In(zoneOrUTC(v.zone))))
		row.Late, row.Soon = v.urgency(e) == approvalLate, v.urgency(e) == approvalSoon
		v.Pending = append(v.Pending, row)
	}
	v.Affiliations.Lead = len(asked) == 0
	v.approvalFigures(asked)
}

// approvalFigures say how the approvals stand; those of which there are none are
// left out, but for how many wait.
func (v agencyView) approvalFigures(asked []enrolment.Enrolment) {
	figures := []Figure{{v.T("agency.figure_approve"), v.Int(len(asked))}}
	if len(asked) > 0 {
		oldest := slices.MinFunc(asked, func(a, b enrolment.Enrolment) int { return a.UpdatedAt.Compare(b.UpdatedAt) })
		figures = append(figures, Figure{v.T("agency.figure_oldest"), v.waited(v.now.Sub(oldest.UpdatedAt))})
	}
	for urgency, label := range []string{approvalLate: v.T("agency.figure_late"), approvalSoon: v.T("agency.figure_soon")} {
		n := 0
		for _, e := range asked {
			if v.urgency(e) == urgency {
				n++
			}
		}
		if n > 0 {
			figures = append(figures, Figure{label, v.Int(n)})
		}
	}
	v.Figures = append(figures, v.Figures...)
}

// waited is a time in whole days.
func (v agencyView) waited(d time.Duration) string {
	days := int(d / (24 * time.Hour))
	if days < 1 {
		return v.T("agency.waited_hours")
	}
	return v.T("agency.waited_days", "count", days)
}

// whoApproves tells the reader of an edition that asks the agencies who approves
// the own enrolment, and how long that may take. Somebody whom no agency has
// confirmed needs nobody's approval.
func (h *Handlers) whoApproves(b *Base) []string {
	if v := b.Viewer; v != nil && (!v.AffiliationConfirmed || v.AgencyID == 0) {
		return []string{b.T("run.approval_none")}
	}
	lines := []string{b.T("run.approval")}
	if b.Viewer != nil {
		lines[0] = b.T("run.approval_by", "agency", b.Viewer.AgencyName)
	}
	hours := int(h.options.Deadlines.Approval / time.Hour)
	if hours%24 != 0 {
		return append(lines, b.T("run.approval_hours", "count", hours))
	}
	return append(lines, b.T("run.approval_days", "count", hours/24))
}
