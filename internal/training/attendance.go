package training

import (
	"slices"
	"strings"
	"time"
)

// DefaultThreshold is the share of half days, in percent, that a certificate
// needs unless the run says otherwise (credentials.md).
const DefaultThreshold = 80

// HalfDay is one unit of attendance. Key is the date and am or pm; From and To
// are local times of the run, 24-hour.
type HalfDay struct {
	Key  string `json:"half_day"`
	From string `json:"from"`
	To   string `json:"to"`
}

// Date is the day of the half day; zero where the key is malformed.
func (h HalfDay) Date() Date {
	day, _, _ := strings.Cut(h.Key, "/")
	d, _ := ParseDate(day)
	return d
}

// Morning reports whether it is the first half of its day.
func (h HalfDay) Morning() bool { return strings.HasSuffix(h.Key, "/am") }

// DefaultHalfDays are morning and afternoon of each weekday from start to end,
// or of each day where the run has no weekday.
func DefaultHalfDays(start, end Date) []HalfDay {
	days := eachDay(start, end)
	weekdays := slices.DeleteFunc(slices.Clone(days), Date.Weekend)
	if len(weekdays) > 0 {
		days = weekdays
	}
	half := make([]HalfDay, 0, 2*len(days))
	for _, d := range days {
		half = append(half,
			HalfDay{Key: d.String() + "/am", From: "09:00", To: "12:00"},
			HalfDay{Key: d.String() + "/pm", From: "13:00", To: "16:00"})
	}
	return half
}

func eachDay(start, end Date) []Date {
	var days []Date
	for d := start; !end.Before(d); d = d.AddDays(1) {
		days = append(days, d)
	}
	return days
}

// CheckHalfDays validates half days as somebody set them: inside the run's
// dates, each once, with an end after its start.
func CheckHalfDays(half []HalfDay, start, end Date) []FieldFault {
	var faults []FieldFault
	seen := map[string]bool{}
	for _, h := range half {
		key := "invalid.half_day"
		d := h.Date()
		ok := !d.IsZero() && h.Key == d.String()+"/"+halfOf(h) && !d.Before(start) && !end.Before(d)
		if ok && seen[h.Key] {
			ok, key = false, "invalid.duplicate"
		}
		if ok && !timesInOrder(h.From, h.To) {
			ok, key = false, "invalid.times"
		}
		if !ok {
			faults = append(faults, FieldFault{Field: "half_days", Key: key, Args: Args{"value": h.Key}})
		}
		seen[h.Key] = true
	}
	return faults
}

func halfOf(h HalfDay) string {
	if h.Morning() {
		return "am"
	}
	return "pm"
}

func timesInOrder(from, to string) bool {
	a, errA := time.Parse("15:04", from)
	b, errB := time.Parse("15:04", to)
	return errA == nil && errB == nil && a.Before(b)
}

// Attendance is how many of a run's half days a person was present.
type Attendance struct{ Present, Total int }

// Percent is the share of half days, rounded down, so that a share below the
// threshold never reads as reaching it.
func (a Attendance) Percent() int {
	if a.Total == 0 {
		return 0
	}
	return a.Present * 100 / a.Total
}

// Reaches reports whether the share is at or above a threshold in percent.
func (a Attendance) Reaches(threshold int) bool {
	return a.Total > 0 && a.Present*100 >= threshold*a.Total
}

// ResultAtClose is the result of a person for whom the instructor set none.
func ResultAtClose(a Attendance, threshold int) Status {
	switch {
	case a.Reaches(threshold):
		return Completed
	case a.Present == 0:
		return Absent
	}
	return NotCompleted
}

// EarnsCertificate reports whether a closed enrolment is given a certificate.
func EarnsCertificate(result Status, a Attendance, threshold int) bool {
	return result == Completed && a.Reaches(threshold)
}
