package catalogue

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/varde-platform/varde/internal/store"
	"github.com/varde-platform/varde/internal/training"
)

// NewRun is a run as the secretariat describes it: the document of the API,
// whose names its JSON has. Days are written 2027-03-15, instants as RFC 3339;
// an empty one stands for its default.
type NewRun struct {
	Code          string              `json:"code"`
	Starts        string              `json:"starts"`
	Ends          string              `json:"ends"`
	TimeZone      string              `json:"time_zone"`
	Place         string              `json:"place"`
	Address       string              `json:"address"` // street and house; default: not said
	Country       string              `json:"country"`
	Language      string              `json:"language"`
	Size          int                 `json:"size"` // quotas included
	Quotas        []NewQuota          `json:"quotas"`
	Instructors   []string            `json:"instructors"`    // e-mail addresses
	Opens         string              `json:"opens"`          // default: open at once
	Closes        string              `json:"closes"`         // default: the first instant of the first day
	WithdrawUntil string              `json:"withdraw_until"` // from then on people do not withdraw by themselves; default: when the run is closed
	Approval      bool                `json:"approval"`
	HalfDays      []training.HalfDay  `json:"half_days"` // default: training.DefaultHalfDays
	Threshold     *int                `json:"threshold"` // default: training.DefaultThreshold
	Conditions    training.Conditions `json:"conditions"`
	FilledBy      string              `json:"filled_by"` // default: first_come
	Discreet      bool                `json:"discreet"`
}

// NewQuota is the part of a run's seats that is kept for one member state.
type NewQuota struct {
	Country    string `json:"country"`
	Size       int    `json:"size"`
	ReleasesAt string `json:"releases_at"` // default: when enrolment closes
}

const (
	maxPlace = 200 // characters
	// longestRun, in days, is above all that courses last; a longer one is a
	// mistyped year.
	longestRun = 366
)

var (
	runCode = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$`)
	// earliest and latest are the days that a run may have; what is outside was
	// mistyped, and cannot be stored everywhere.
	earliest = training.Date{Year: 2000, Month: time.January, Day: 1}
	latest   = training.Date{Year: 2199, Month: time.December, Day: 31}
)

// runPlan is a new run, checked and with its defaults.
type runPlan struct {
	NewRun
	starts, ends  training.Date
	zone          *time.Location
	opens, closes time.Time // opens zero: always
	withdraw      time.Time // zero: until the run is closed
	pools         []training.Pool
	faults        []training.FieldFault
}

// plan checks a new run and fills in what it leaves out. What is wrong with it
// stands in the plan's faults, by field.
func (n NewRun) plan(now time.Time) *runPlan {
	p := &runPlan{NewRun: n}
	p.planWords()
	p.planThreshold()
	datesFit, windowFits := p.planDates(), false
	if datesFit && p.zone != nil {
		windowFits = p.planWindow(now)
		p.planWithdrawal(now)
	}
	p.planPools(now, windowFits)
	if datesFit {
		p.planHalfDays()
	}
	p.planConditions()
	p.Instructors = addresses(n.Instructors)
	return p
}

func (p *runPlan) refuse(field, key string, args training.Args) {
	p.faults = append(p.faults, training.FieldFault{Field: field, Key: key, Args: args})
}

func (p *runPlan) planWords() {
	if !runCode.MatchString(p.Code) {
		p.refuse("code", "invalid.run_code", nil)
	}
	p.zone = timeZone(p.TimeZone)
	if p.zone == nil {
		p.refuse("time_zone", "invalid.time_zone", training.Args{"value": p.TimeZone})
	}
	p.Place = strings.TrimSpace(p.Place)
	switch {
	case p.Place == "":
		p.refuse("place", "invalid.required", nil)
	case utf8.RuneCountInString(p.Place) > maxPlace:
		p.refuse("place", "invalid.too_long", training.Args{"max": maxPlace})
	case !readable(p.Place, ""):
		p.refuse("place", "invalid.characters", nil)
	}
	p.Address = strings.TrimSpace(p.Address)
	switch {
	case utf8.RuneCountInString(p.Address) > maxPlace:
		p.refuse("address", "invalid.too_long", training.Args{"max": maxPlace})
	case !readable(p.Address, ""):
		p.refuse("address", "invalid.characters", nil)
	}
	if !training.IsCountry(p.Country) {
		p.refuse("country", "invalid.country", training.Args{"value": p.Country})
	}
	language := p.Language
	if p.Language = training.CanonicalLanguage(language); !training.IsLanguage(p.Language) {
		p.refuse("language", "invalid.taught_language", training.Args{"value": language})
	}
	p.FilledBy = cmp.Or(p.FilledBy, FilledFirstCome)
	if p.FilledBy != FilledFirstCome && p.FilledBy != FilledSelection {
		p.refuse("filled_by", "invalid.choice", training.Args{"value": p.FilledBy})
	}
}

// timeZone gives the zone of an IANA name, or nil. Empty and Local, which Go
// takes, mean something else on each machine.
func timeZone(name string) *time.Location {
	zone, err := time.LoadLocation(name)
	if err != nil || name == "" || name == "Local" {
		return nil
	}
	return zone
}

func (p *runPlan) planThreshold() {
	if p.Threshold == nil {
		percent := training.DefaultThreshold
		p.Threshold = &percent
	}
	if *p.Threshold < 0 || *p.Threshold > 100 {
		p.refuse("threshold", "invalid.between", training.Args{"min": 0, "max": 100})
	}
}

func (p *runPlan) planDates() bool {
	starts, startsFit := p.date("starts", p.Starts)
	ends, endsFit := p.date("ends", p.Ends)
	p.starts, p.ends = starts, ends
	if !startsFit || !endsFit {
		return false
	}
	if ends.Before(starts) {
		p.refuse("ends", "invalid.ends_before_start", nil)
		return false
	}
	if starts.DaysTo(ends) >= longestRun {
		p.refuse("ends", "invalid.run_too_long", training.Args{"max": longestRun})
		return false
	}
	return true
}

func (p *runPlan) date(field, value string) (training.Date, bool) {
	date, err := training.ParseDate(value)
	if err != nil || date.Before(earliest) || latest.Before(date) {
		p.refuse(field, "invalid.date", training.Args{"value": value})
		return training.Date{}, false
	}
	return date, true
}

// instant reads an RFC 3339 instant; an empty one is zero.
func (p *runPlan) instant(field, value string) (time.Time, bool) {
	if value == "" {
		return time.Time{}, true
	}
	at, err := time.Parse(time.RFC3339, value)
	if err != nil || at.Year() < earliest.Year || at.Year() > latest.Year+1 {
		p.refuse(field, "invalid.instant", training.Args{"value": value})
		return time.Time{}, false
	}
	return store.Instant(at), true
}

// past refuses an instant that is over, of a run that has yet to start: somebody
// mistyped. One that has started is made for the record or for trying out, and
// its deadlines may be over too.
func (p *runPlan) past(field string, at, now time.Time) bool {
	if at.IsZero() || !at.Before(now) || !now.Before(p.starts.In(p.zone)) {
		return false
	}
	p.refuse(field, "invalid.in_the_past", nil)
	return true
}

func (p *runPlan) planWindow(now time.Time) bool {
	opens, opensFit := p.instant("opens", p.Opens)
	closes, closesFit := p.instant("closes", p.Closes)
	if !opensFit || !closesFit || p.past("closes", closes, now) {
		return false
	}
	if closes.IsZero() {
		closes = p.starts.In(p.zone).UTC()
	}
	p.opens, p.closes = opens, closes
	if closes.After(p.ends.AddDays(1).In(p.zone)) {
		p.refuse("closes", "invalid.closes_after_end", nil)
		return false
	}
	if !opens.Before(closes) {
		p.refuse("opens", "invalid.opens_after_closes", nil)
		return false
	}
	return true
}

func (p *runPlan) planWithdrawal(now time.Time) {
	until, fits := p.instant("withdraw_until", p.WithdrawUntil)
	switch {
	case !fits || p.past("withdraw_until", until, now):
	case until.After(p.ends.AddDays(1).In(p.zone)):
		p.refuse("withdraw_until", "invalid.withdraw_after_end", nil)
	default:
		p.withdraw = until
	}
}

// planPools splits the seats. Release dates are judged only where the window
// they must lie in is right.
func (p *runPlan) planPools(now time.Time, windowFits bool) {
	quotas := make([]training.QuotaPlan, len(p.Quotas))
	for i, q := range p.Quotas {
		releases, _ := p.instant("quotas", q.ReleasesAt)
		if !windowFits || p.past("quotas", releases, now) {
			releases = time.Time{}
		}
		quotas[i] = training.QuotaPlan{Country: q.Country, Size: q.Size, ReleasesAt: releases}
	}
	window := training.Window{Opens: p.opens, Closes: p.closes}
	if p.opens.IsZero() {
		window.Opens = now
	}
	pools, err := training.PlanPools(p.Size, quotas, window)
	if fault, ok := training.AsFault(err); ok {
		p.faults = append(p.faults, fault.Fields...)
	}
	p.pools = pools
}

func (p *runPlan) planHalfDays() {
	if len(p.HalfDays) == 0 {
		p.HalfDays = training.DefaultHalfDays(p.starts, p.ends)
		return
	}
	p.faults = append(p.faults, training.CheckHalfDays(p.HalfDays, p.starts, p.ends)...)
	p.HalfDays = slices.Clone(p.HalfDays)
	slices.SortFunc(p.HalfDays, func(a, b training.HalfDay) int { return cmp.Compare(a.Key, b.Key) })
}

func (p *runPlan) planConditions() {
	p.faults = append(p.faults, p.Conditions.Check()...)
	for _, code := range p.Conditions.Prerequisites {
		if strings.TrimSpace(code) == "" || len(code) > maxCode || !readable(code, "") {
			p.refuse("conditions.prerequisites", "invalid.course_code", training.Args{"value": code})
		}
	}
}

// addresses gives e-mail addresses as accounts have them, each once.
func addresses(given []string) []string {
	var all []string
	for _, address := range given {
		address = strings.ToLower(strings.TrimSpace(address))
		if !slices.Contains(all, address) {
			all = append(all, address)
		}
	}
	return all
}
