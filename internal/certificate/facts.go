package certificate

import (
	"encoding/json"
	"fmt"
	"reflect"
	"time"

	"github.com/varde-platform/varde/ent"
	"github.com/varde-platform/varde/internal/certificate/number"
	"github.com/varde-platform/varde/internal/certificate/page"
	"github.com/varde-platform/varde/internal/store"
	"github.com/varde-platform/varde/internal/training"
)

// Facts are what a certificate states beside number, holder and instants, as it
// was at issue. They are frozen in the row and never change.
type Facts struct {
	Layout      string              `json:"layout"` // page.Layout at issue; newer files are drawn by a newer one
	Issuer      string              `json:"issuer"`
	VerifyURL   string              `json:"verify_url"`
	CourseCode  string              `json:"course_code,omitempty"`
	Titles      training.Titles     `json:"titles"`
	Provider    string              `json:"provider,omitempty"`
	Programme   string              `json:"programme,omitempty"`
	Run         string              `json:"run"`
	Starts      string              `json:"starts"` // days in TimeZone, 2027-03-15
	Ends        string              `json:"ends"`
	TimeZone    string              `json:"time_zone"` // IANA name
	Place       string              `json:"place"`
	Country     string              `json:"country"`
	Language    string              `json:"language"` // of instruction, ISO 639-1
	Days        int                 `json:"days"`     // on which something was taught
	Minutes     int                 `json:"minutes"`  // taught
	Attendance  training.Attendance `json:"attendance"`
	Threshold   int                 `json:"threshold"`        // percent of half days
	Agency      string              `json:"agency,omitempty"` // name; empty: not confirmed when enrolling
	AgencyState string              `json:"agency_state,omitempty"`
	CourseSlug  string              `json:"course_slug,omitempty"`
	ValidMonths int                 `json:"valid_months,omitempty"` // 0: it does not expire
	ValidFrom   string              `json:"valid_from,omitempty"`   // day from which the months count; empty: that of issue
	Badge       BadgeFacts          `json:"badge,omitzero"`
	Appearance
}

// BadgeFacts are what the badge states and the page does not. Nothing of a badge may
// hang on when it is first asked for.
type BadgeFacts struct {
	// EmailHash is the holder's e-mail at issue as badge.HashEmail has it: the address
	// itself would stay here when the holder's account has gone.
	EmailHash string `json:"email_hash,omitempty"`
	Criteria  string `json:"criteria,omitempty"` // what was asked of the holder, in the holder's language
}

// Appearance is how the programme's certificates look, beside what they state.
type Appearance struct {
	Organisers  string               `json:"organisers,omitempty"` // one line; empty: the issuer's name
	Signatories []training.Signatory `json:"signatories,omitempty"`
	Logos       [2]string            `json:"logos,omitzero"` // left and right, by SHA-256; empty: none
}

// factsOf are the facts of an enrolment as they are now. Agency and state are
// those that the enrolment names: what a person has declared since, or never had
// confirmed, is not stated.
func (s *Service) factsOf(r *ent.Run, e *ent.Enrolment, look Appearance) Facts {
	course := r.Edges.Course
	facts := Facts{
		Layout: page.Layout, Issuer: s.issuer,
		CourseCode: course.Code, Titles: titlesOf(course), Provider: course.Provider, Programme: course.Programme,
		Run: r.Code, Starts: r.Starts, Ends: r.Ends, TimeZone: r.TimeZone, Place: r.Place, Country: r.Country,
		Language: r.Language, Days: teachingDays(r.HalfDays), Minutes: taughtMinutes(r.HalfDays),
		Attendance: attendance(r, e), Threshold: r.Threshold, AgencyState: e.Country,
		CourseSlug: course.Slug, Appearance: look,
	}
	if course.ValidMonths != nil {
		facts.ValidMonths = *course.ValidMonths
	}
	if a := e.Edges.Agency; a != nil {
		facts.Agency = a.Name
	}
	return facts
}

func titlesOf(course *ent.Course) training.Titles {
	titles := training.Titles{Text: map[string]string{}}
	for _, t := range course.Edges.Texts {
		titles.Text[t.Language] = t.Text
		if t.Origin == "original" {
			titles.Original = t.Language
		}
	}
	return titles
}

func attendance(r *ent.Run, e *ent.Enrolment) training.Attendance {
	marks := make(map[string]bool, len(e.Edges.Presence))
	for _, mark := range e.Edges.Presence {
		marks[mark.HalfDay] = mark.Present
	}
	return training.CountAttendance(r.HalfDays, marks)
}

func teachingDays(half []training.HalfDay) int {
	days := map[training.Date]bool{}
	for _, h := range half {
		days[h.Date()] = true
	}
	return len(days)
}

func taughtMinutes(half []training.HalfDay) int {
	total := 0
	for _, h := range half {
		from, errFrom := time.Parse("15:04", h.From)
		to, errTo := time.Parse("15:04", h.To)
		if errFrom == nil && errTo == nil {
			total += int(to.Sub(from).Minutes())
		}
	}
	return total
}

// sameStatement reports whether two certificates state the same of the same
// person. Layout, look, addresses, issuer and how a badge says it are how and by whom
// it is stated, not what; for how long it is valid is.
func (f Facts) sameStatement(other Facts) bool {
	f.Layout, f.VerifyURL, f.Issuer = other.Layout, other.VerifyURL, other.Issuer
	f.CourseSlug, f.Appearance, f.ValidFrom, f.Badge = other.CourseSlug, other.Appearance, other.ValidFrom, other.Badge
	return reflect.DeepEqual(f, other)
}

func (f Facts) asMap() (map[string]any, error) {
	text, err := json.Marshal(f)
	if err != nil {
		return nil, fmt.Errorf("write the facts: %w", err)
	}
	var m map[string]any
	if err := json.Unmarshal(text, &m); err != nil {
		return nil, fmt.Errorf("write the facts: %w", err)
	}
	return m, nil
}

func readFacts(row *ent.Certificate) (Facts, error) {
	text, err := json.Marshal(row.Facts)
	if err != nil {
		return Facts{}, fmt.Errorf("read the facts of %s: %w", number.Mask(row.Number), err)
	}
	var facts Facts
	if err := json.Unmarshal(text, &facts); err != nil {
		return Facts{}, fmt.Errorf("read the facts of %s: %w", number.Mask(row.Number), err)
	}
	return facts, nil
}

// dates are the run's first and last day, as they were checked when the run was
// made.
func (f Facts) dates() (training.Date, training.Date) {
	starts, _ := training.ParseDate(f.Starts)
	ends, _ := training.ParseDate(f.Ends)
	return starts, ends
}

func (f Facts) zone() *time.Location {
	zone, err := time.LoadLocation(f.TimeZone)
	if err != nil {
		return time.UTC
	}
	return zone
}

// dayOfIssue is the day of an instant in the run's own time zone.
func (f Facts) dayOfIssue(at time.Time) training.Date { return training.DateOf(at.In(f.zone())) }

// lastDay is the last day on which a certificate issued at an instant is valid;
// zero: it does not expire.
func (f Facts) lastDay(issued time.Time) training.Date {
	if f.ValidMonths == 0 {
		return training.Date{}
	}
	return training.ValidUntil(f.validFrom(issued), f.ValidMonths)
}

// validFrom is the day from which the months of validity count: a correction does
// not prolong them.
func (f Facts) validFrom(issued time.Time) training.Date {
	if day, err := training.ParseDate(f.ValidFrom); err == nil {
		return day
	}
	return f.dayOfIssue(issued)
}

// expiry is the end of the last day, by the clocks where the run was; nil: it does
// not expire.
func (f Facts) expiry(issued time.Time) *time.Time {
	day := f.lastDay(issued)
	if day.IsZero() {
		return nil
	}
	return new(store.Instant(day.EndOfDay(f.zone())))
}
