package catalogue

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/varde-platform/varde/internal/training"
)

var planTime = time.Date(2027, time.January, 10, 9, 0, 0, 0, time.UTC)

// newRun is a run that is right, from Monday to Wednesday in Riga.
func newRun(code string) NewRun {
	return NewRun{Code: code, Starts: "2027-03-15", Ends: "2027-03-17", TimeZone: "Europe/Riga", Place: "Riga",
		Country: "LV", Language: "en", Size: 20}
}

func TestWhatANewRunLeavesOutHasADefault(t *testing.T) {
	var n NewRun
	err := json.Unmarshal([]byte(`{"code": "ODC-2027.1", "starts": "2027-03-15", "ends": "2027-03-17", "time_zone": "Europe/Riga",
		"place": " Riga ", "country": "LV", "language": "no", "size": 20, "quotas": [{"country": "SE", "size": 3, "releases_at": null}], "withdraw_until": null,
		"instructors": ["Anna@Example.org ", "anna@example.org"], "opens": null, "closes": null, "approval": true}`), &n)
	if err != nil {
		t.Fatal(err)
	}
	p := n.plan(planTime)
	if len(p.faults) > 0 {
		t.Fatalf("faults: %+v", p.faults)
	}
	closes := time.Date(2027, time.March, 14, 22, 0, 0, 0, time.UTC)
	got := map[string]any{"opens": p.opens, "closes": p.closes, "withdraw": p.withdraw, "threshold": *p.Threshold, "filled_by": p.FilledBy, "discreet": p.Discreet,
		"approval": p.Approval, "place": p.Place, "language": p.Language, "instructors": p.Instructors, "pools": p.pools,
		"half_days": p.HalfDays}
	wanted := map[string]any{"opens": time.Time{}, "closes": closes, "withdraw": time.Time{}, "threshold": 80, "filled_by": "first_come", "discreet": false,
		"approval": true, "place": "Riga", "language": "nb", "instructors": []string{"anna@example.org"},
		"pools":     []training.Pool{{Size: 17}, {Country: "SE", Size: 3, ReleasesAt: closes}},
		"half_days": training.DefaultHalfDays(p.starts, p.ends)}
	if diff := cmp.Diff(wanted, got); diff != "" {
		t.Error(diff)
	}
}

func TestWhatIsWrongWithANewRunIsToldAtItsField(t *testing.T) {
	number := func(n int) *int { return &n }
	tests := []struct {
		name   string
		change func(*NewRun)
		want   string // field and key; empty: nothing is wrong
	}{
		{"as it is", func(n *NewRun) {}, ""},
		{"no code", func(n *NewRun) { n.Code = "" }, "code invalid.run_code"},
		{"code with a slash", func(n *NewRun) { n.Code = "a/b" }, "code invalid.run_code"},
		{"code begins with a dot", func(n *NewRun) { n.Code = ".a" }, "code invalid.run_code"},
		{"code of 40 letters", func(n *NewRun) { n.Code = strings.Repeat("a", 40) }, ""},
		{"code of 41 letters", func(n *NewRun) { n.Code = strings.Repeat("a", 41) }, "code invalid.run_code"},
		{"code with a line end", func(n *NewRun) { n.Code = "a\n" }, "code invalid.run_code"},
		{"no start", func(n *NewRun) { n.Starts = "" }, "starts invalid.date"},
		{"no such day", func(n *NewRun) { n.Ends = "2027-02-30" }, "ends invalid.date"},
		{"mistyped year", func(n *NewRun) { n.Starts = "0027-03-15" }, "starts invalid.date"},
		{"ends before it starts", func(n *NewRun) { n.Ends = "2027-03-14" }, "ends invalid.ends_before_start"},
		{"one day", func(n *NewRun) { n.Ends = n.Starts }, ""},
		{"a whole year", func(n *NewRun) { n.Ends = "2028-03-14" }, ""},
		{"longer", func(n *NewRun) { n.Ends = "2028-03-15" }, "ends invalid.run_too_long"},
		{"no zone", func(n *NewRun) { n.TimeZone = "" }, "time_zone invalid.time_zone"},
		{"the machine's zone", func(n *NewRun) { n.TimeZone = "Local" }, "time_zone invalid.time_zone"},
		{"unknown zone", func(n *NewRun) { n.TimeZone = "Europe/Atlantis" }, "time_zone invalid.time_zone"},
		{"zone as a path", func(n *NewRun) { n.TimeZone = "../Europe/Riga" }, "time_zone invalid.time_zone"},
		{"UTC", func(n *NewRun) { n.TimeZone = "UTC" }, ""},
		{"no place", func(n *NewRun) { n.Place = " " }, "place invalid.required"},
		{"endless place", func(n *NewRun) { n.Place = strings.Repeat("ø", 201) }, "place invalid.too_long"},
		{"unprintable place", func(n *NewRun) { n.Place = "Ri\x00ga" }, "place invalid.characters"},
		{"broken place", func(n *NewRun) { n.Place = "Ri\xffga" }, "place invalid.characters"},
		{"unknown country", func(n *NewRun) { n.Country = "lv" }, "country invalid.country"},
		{"unknown language", func(n *NewRun) { n.Language = "xx" }, "language invalid.taught_language"},
		{"no seats", func(n *NewRun) { n.Size = 0 }, "size invalid.between"},
		{"too many seats", func(n *NewRun) { n.Size = training.MaxSeats + 1 }, "size invalid.between"},
		{"quota of nobody", func(n *NewRun) { n.Quotas = []NewQuota{{Country: "QQ", Size: 1}} }, "quotas invalid.country"},
		{"quota of the Union", func(n *NewRun) { n.Quotas = []NewQuota{{Country: "EU", Size: 1}} }, ""},
		{"quota twice", func(n *NewRun) { n.Quotas = []NewQuota{{Country: "SE", Size: 1}, {Country: "SE", Size: 1}} }, "quotas invalid.duplicate"},
		{"quotas of all seats", func(n *NewRun) { n.Quotas = []NewQuota{{Country: "SE", Size: 20}} }, ""},
		{"quotas of more seats", func(n *NewRun) { n.Quotas = []NewQuota{{Country: "SE", Size: 21}} }, "quotas invalid.quotas_exceed"},
		{"release unreadable", func(n *NewRun) { n.Quotas = []NewQuota{{"SE", 1, "soon"}} }, "quotas invalid.instant"},
		{"release in time", func(n *NewRun) { n.Quotas = []NewQuota{{"SE", 1, "2027-02-01T00:00:00+02:00"}} }, ""},
		{"release after the close", func(n *NewRun) { n.Quotas = []NewQuota{{"SE", 1, "2027-03-15T12:00:00Z"}} }, "quotas invalid.release_outside"},
		{"release in the past", func(n *NewRun) { n.Quotas = []NewQuota{{"SE", 1, "2027-01-01T00:00:00Z"}} }, "quotas invalid.in_the_past"},
		{"release in the past, of a run long open", func(n *NewRun) {
			n.Opens, n.Quotas = "2026-12-01T00:00:00Z", []NewQuota{{"SE", 1, "2027-01-10T08:59:59Z"}}
		}, "quotas invalid.in_the_past"},
		{"release before the opening", func(n *NewRun) {
			n.Opens, n.Quotas = "2027-02-02T00:00:00Z", []NewQuota{{"SE", 1, "2027-02-01T00:00:00Z"}}
		}, "quotas invalid.release_outside"},
		{"opens unreadable", func(n *NewRun) { n.Opens = "2027-02-01" }, "opens invalid.instant"},
		{"closes unreadable", func(n *NewRun) { n.Closes = "0000-01-01T00:00:00Z" }, "closes invalid.instant"},
		{"opens when it closes", func(n *NewRun) { n.Opens = "2027-03-14T22:00:00Z" }, "opens invalid.opens_after_closes"},
		{"closes at the end of the last day there", func(n *NewRun) { n.Closes = "2027-03-18T00:00:00+02:00" }, ""},
		{"closes later", func(n *NewRun) { n.Closes = "2027-03-18T00:00:01+02:00" }, "closes invalid.closes_after_end"},
		{"closes a moment ago", func(n *NewRun) { n.Closes = "2027-01-10T08:59:59Z" }, "closes invalid.in_the_past"},
		{"closes now", func(n *NewRun) { n.Closes = "2027-01-10T11:00:00+02:00" }, ""},
		{"closed before, of a run that has begun", func(n *NewRun) { n.Starts, n.Closes = "2027-01-10", "2027-01-09T12:00:00Z" }, ""},
		{"closed at the start, of a run that is over", func(n *NewRun) { n.Starts, n.Ends = "2027-01-01", "2027-01-02" }, ""},
		{"people withdraw until it closes", func(n *NewRun) { n.WithdrawUntil = "2027-03-14T22:00:00Z" }, ""},
		{"people withdraw until the end of the last day there", func(n *NewRun) { n.WithdrawUntil = "2027-03-18T00:00:00+02:00" }, ""},
		{"people withdraw later", func(n *NewRun) { n.WithdrawUntil = "2027-03-18T00:00:01+02:00" }, "withdraw_until invalid.withdraw_after_end"},
		{"nobody could ever withdraw", func(n *NewRun) { n.WithdrawUntil = "2027-01-10T08:59:59Z" }, "withdraw_until invalid.in_the_past"},
		{"nobody can withdraw from a run that has begun", func(n *NewRun) { n.Starts, n.WithdrawUntil = "2027-01-10", "2027-01-09T12:00:00Z" }, ""},
		{"withdrawal unreadable", func(n *NewRun) { n.WithdrawUntil = "Friday" }, "withdraw_until invalid.instant"},
		{"half days of its own", func(n *NewRun) { n.HalfDays = []training.HalfDay{{Key: "2027-03-16/pm", From: "18:00", To: "21:00"}} }, ""},
		{"half day outside", func(n *NewRun) { n.HalfDays = []training.HalfDay{{Key: "2027-03-18/am", From: "09:00", To: "10:00"}} }, "half_days invalid.half_day"},
		{"threshold 0", func(n *NewRun) { n.Threshold = number(0) }, ""},
		{"threshold 100", func(n *NewRun) { n.Threshold = number(100) }, ""},
		{"threshold 101", func(n *NewRun) { n.Threshold = number(101) }, "threshold invalid.between"},
		{"threshold below 0", func(n *NewRun) { n.Threshold = number(-1) }, "threshold invalid.between"},
		{"condition of nobody", func(n *NewRun) { n.Conditions.Professions = []string{"pirate"} }, "conditions.professions invalid.profession"},
		{"condition of no course", func(n *NewRun) { n.Conditions.Prerequisites = []string{" "} }, "conditions.prerequisites invalid.course_code"},
		{"unprintable condition", func(n *NewRun) { n.Conditions.Prerequisites = []string{"U\x00MI"} }, "conditions.prerequisites invalid.course_code"},
		{"filled by selection", func(n *NewRun) { n.FilledBy = "selection" }, ""},
		{"filled by lot", func(n *NewRun) { n.FilledBy = "lot" }, "filled_by invalid.choice"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			n := newRun("ODC-1")
			tt.change(&n)
			var told []string
			for _, f := range n.plan(planTime).faults {
				told = append(told, f.Field+" "+f.Key)
			}
			if got := strings.Join(told, ", "); got != tt.want {
				t.Errorf("told %q, want %q", got, tt.want)
			}
		})
	}
}

func TestEverythingWrongIsToldAtOnce(t *testing.T) {
	told := map[string]bool{}
	for _, f := range (NewRun{}).plan(planTime).faults {
		told[f.Field] = true
	}
	for _, field := range []string{"code", "starts", "ends", "time_zone", "place", "country", "language", "size"} {
		if !told[field] {
			t.Errorf("%s is not told", field)
		}
	}
	if len(told) != 8 {
		t.Errorf("told of %v", told)
	}
}
