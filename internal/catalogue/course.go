package catalogue

import (
	"time"

	"github.com/varde-platform/varde/internal/training"
)

// The kinds of text that a course has. No imported catalogue has outcomes: the
// secretariat writes them.
const (
	KindTitle         = "title"
	KindSummary       = "summary"
	KindOutcomes      = "outcomes"
	KindPrerequisites = "prerequisites"
	KindRoute         = "route"
	KindCosts         = "costs"
	KindDurationNote  = "duration_note"
	KindDatesNote     = "dates_note"
	KindDeadlineNote  = "deadline_note"
)

// Kinds are all of them, in the order in which somebody reads about a course.
var Kinds = []string{KindTitle, KindSummary, KindOutcomes, KindPrerequisites, KindRoute, KindCosts,
	KindDurationNote, KindDatesNote, KindDeadlineNote}

// Where a text comes from. What a machine put into a language stays its own
// until a person has judged it.
const (
	OriginOriginal   = "original"
	OriginTranslated = "translated"
	OriginMachine    = "machine"
)

// Text is a text of a course with the language it really is in (ISO 639-1).
type Text struct{ Text, Lang, Origin string }

// Course is what is taught, with its runs by start. It is shared by all who
// ask, and changed by nobody. Empty and nil stand for what no source says.
type Course struct {
	ID                   int
	ImportID             string // id of the imported catalogue
	Slug                 string
	Code                 string // not unique
	Provider, Programme  string
	Country, Place       string
	DeliveryForm, Level  string
	SourceTitle          string
	SourceURL            string
	Professions, Topics  []string
	Languages            []string // of instruction, ISO 639-1
	PrerequisiteCodes    []string
	Inferred             []string // names of facts that were derived, not stated
	DurationDays         *float64
	SeatsTypical         *int
	ParticipantsObserved *int
	StatesObserved       *int
	Texts                map[string][]Text // by kind, originals first
	Runs                 []Run             // all of them, past ones too
}

// Text gives a text in the language that serves a reader of lang best, or false
// where the course has no text of the kind.
func (c *Course) Text(kind, lang string) (Text, bool) { return choose(c.Texts[kind], lang) }

// Original gives the text that translations of a kind are made of: the original
// or, where nobody has said which that is, the best there is; false where the
// course has no text of the kind.
func (c *Course) Original(kind string) (Text, bool) {
	if len(c.Texts[kind]) == 0 {
		return Text{}, false
	}
	return c.Texts[kind][0], true
}

// Run is one dated edition of a course: everything about it but the seats taken
// and held. Instants are UTC; a zero one means: none.
type Run struct {
	ID            int
	Code          string
	CourseID      int
	CourseSlug    string
	Starts, Ends  training.Date // days in the run's time zone
	TimeZone      string        // IANA name
	Place         string
	Address       string // street and house, as people there write it; empty: not said
	Country       string
	Language      string    // of instruction
	Opens         time.Time // zero: always open until it closes
	Closes        time.Time
	WithdrawUntil time.Time // from then on people do not withdraw by themselves; zero: until it is closed
	Size          int       // all pools together
	Threshold     int       // percent of half days that a certificate needs
	Approval      bool
	Discreet      bool
	FilledBy      string
	Conditions    training.Conditions
	HalfDays      []training.HalfDay
	CreatedAt     time.Time
	ClosedAt      time.Time
	CancelledAt   time.Time
	Quotas        []training.Pool // of member states, as set: without figures and releases
	Instructors   []string        // names

	zone *time.Location
	over time.Time // the first instant after its last day
}

// The ways a run is filled.
const (
	FilledFirstCome = "first_come"
	FilledSelection = "selection"
)

// The statuses of a run, as Run.Status gives them.
const (
	StatusNotOpen            = "not_open" // enrolment opens later
	StatusOpen               = "open"     // one can enrol, even where the run has begun
	StatusClosedForEnrolment = "closed_for_enrolment"
	StatusRunning            = "running"
	StatusOver               = "over"   // its last day is past
	StatusClosed             = "closed" // results are final
	StatusCancelled          = "cancelled"
)

// Location is the run's time zone.
func (r Run) Location() *time.Location { return r.zone }

// Window is when enrolment in the run is possible.
func (r Run) Window() training.Window {
	return training.Window{Opens: r.Opens.In(r.zone), Closes: r.Closes, Closed: r.ended()}
}

// Status says where the run stands at an instant.
func (r Run) Status(now time.Time) string {
	switch {
	case !r.CancelledAt.IsZero():
		return StatusCancelled
	case !r.ClosedAt.IsZero():
		return StatusClosed
	case !now.Before(r.over):
		return StatusOver
	case r.open(now):
		return StatusOpen
	case now.Before(r.Opens):
		return StatusNotOpen
	case !now.Before(r.Starts.In(r.zone)):
		return StatusRunning
	}
	return StatusClosedForEnrolment
}

func (r *Run) ended() bool { return !r.ClosedAt.IsZero() || !r.CancelledAt.IsZero() }

// open is Window().Check without making a fault for each of a hundred runs.
func (r *Run) open(now time.Time) bool {
	return !r.ended() && !now.Before(r.Opens) && now.Before(r.Closes)
}

// coming reports whether the run's last day is not past, and it was neither
// cancelled nor closed.
func (r *Run) coming(now time.Time) bool { return !r.ended() && now.Before(r.over) }
