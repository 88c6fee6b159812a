// Package negative_test owns the proof that the tests of seats can fail: it takes
// one defence after the other out of the program, and the tests that it names have
// to notice. It owns no rule and no test of its own.
package negative_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

const (
	root       = "../../.."
	migrations = "ent/migrate/migrations/"
	first      = "/20261122203421_first.sql"
	gate       = "internal/enrolment/seat_gate.go"
)

// edit changes one place of one file. The text has to be there exactly once, so
// that a control cannot rot.
type edit struct{ file, from, to string }

// control is a defence taken out, and who has to notice.
type control struct {
	edits []edit
	room  string // package of the tests
	tests string // pattern of their names
	said  string // what they say about it
}

var controls = map[string]control{
	// The CHECK of the table goes too: it would hide that the update gives too much.
	"the conditional update": {
		edits: []edit{
			{gate, `freeSeat = "taken < size"`, `freeSeat = "taken < size + 1000"`},
			{gate, `freeSeats = "taken + wanted.seats <= size"`, `freeSeats = "taken + wanted.seats <= size + 1000"`},
			{migrations + "sqlite" + first, "CONSTRAINT `seat_pool_never_one_too_many` CHECK (0 <= taken and taken <= size), ", ""},
			{migrations + "postgres" + first, `CONSTRAINT "seat_pool_never_one_too_many" CHECK ((0 <= taken) AND (taken <= size)), `, ""},
		},
		room: "./internal/enrolment", tests: "^TestTwoHundredAtOnceForSevenSeatsWithRedisAway$", said: "seats counted",
	},
	// The look before goes too: only at the same moment does the index alone stand in
	// the way.
	"the unique index": {
		edits: []edit{
			{"internal/enrolment/arrive.go", `if a.living != "" {`, `if a.living == "-" {`},
			{migrations + "sqlite" + first, "CREATE UNIQUE INDEX `enrolment_one_living`", "CREATE INDEX `enrolment_one_living`"},
			{migrations + "postgres" + first, `CREATE UNIQUE INDEX "enrolment_one_living"`, `CREATE INDEX "enrolment_one_living"`},
		},
		room: "./internal/enrolment", tests: "^TestOnePersonManyTimesAtOnceHasOneSeat$", said: "one person has",
	},
	"the hold gate": {
		edits: []edit{{"internal/hold/hold.lua", "if waiting == 0 and seats > 0 then", "if waiting == 0 then"}},
		room:  "./internal/hold", tests: "^TestNoMoreHoldsThanSeats$", said: "--- FAIL",
	},
	"the hold gate, for those who wait": {
		edits: []edit{{"internal/hold/hold.lua", "if waiting == 0 and seats > 0 then", "if seats > 0 then"}},
		room:  "./internal/enrolment", tests: "^TestNewcomersDoNotPassThoseWhoWait$", said: "while somebody waits",
	},
	"the conditional update, for those who wait": {
		edits: []edit{{gate, `nobodyWaits = "waiting = 0"`, `nobodyWaits = "waiting >= 0"`}},
		room:  "./internal/enrolment", tests: "^TestTheListIsServedWhileRedisIsAway$", said: "a newcomer passes those who wait",
	},
	"the gate, for seats taken back": {
		edits: []edit{{"internal/hold/hold.lua", "return tonumber(size) - tonumber(taken) - held, tonumber(waiting)", "return tonumber(size) - tonumber(taken), tonumber(waiting)"}},
		room:  "./internal/enrolment", tests: "^TestReleasedAndAddedSeatsGoToThoseWhoWait$", said: "a seat that is held was taken back",
	},
}

// TestWithADefenceTakenOutATestFails first lets the same tests pass on the program
// as it is: a test that always fails would prove nothing.
func TestWithADefenceTakenOutATestFails(t *testing.T) {
	for name, c := range controls {
		t.Run(name, func(t *testing.T) {
			if out, err := run(t, "", c); err != nil {
				t.Fatalf("the tests fail on the program as it is: %v\n%s", err, out)
			}
			out, err := run(t, overlay(t, c.edits), c)
			switch {
			case err == nil:
				t.Errorf("%s passes without it", c.tests)
			case !strings.Contains(out, c.said) || strings.Contains(out, "[build failed]") || strings.Contains(out, "panic:"):
				t.Errorf("it failed otherwise than by saying %q: %s", c.said, out)
			}
		})
	}
}

// overlay is a file that lets go build the edited copies instead.
func overlay(t *testing.T, edits []edit) string {
	t.Helper()
	folder := t.TempDir()
	replace := map[string]string{}
	for i, e := range edits {
		path, err := filepath.Abs(filepath.Join(root, e.file))
		if err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(string(text), e.from); n != 1 {
			t.Fatalf("%s has %q %d times, not once", e.file, e.from, n)
		}
		copied := filepath.Join(folder, string(rune('a'+i))+filepath.Ext(path))
		if err := os.WriteFile(copied, []byte(strings.Replace(string(text), e.from, e.to, 1)), 0o600); err != nil {
			t.Fatal(err)
		}
		replace[path] = copied
	}
	list, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(folder, "overlay.json")
	if err := os.WriteFile(file, list, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func run(t *testing.T, overlay string, c control) (string, error) {
	t.Helper()
	args := []string{"test", "-count=1", "-vet=off", "-run", c.tests}
	if overlay != "" {
		args = append(args, "-overlay", overlay)
	}
	command := exec.CommandContext(t.Context(), "go", append(args, c.room)...)
	command.Dir = root
	out, err := command.CombinedOutput()
	return string(out), err
}
