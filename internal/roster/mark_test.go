package roster_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/varde-platform/varde/internal/roster"
	"github.com/varde-platform/varde/internal/testkit"
	"github.com/varde-platform/varde/internal/training"
)

func TestAMarkChangesOnlyTheHalfDaysNamed(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		c := under(t, s)
		c.enrol(t, "anna", training.Confirmed, "EE")
		c.mark(t, "anna", 2)
		item, note, err := c.service.Mark(s.Context(), c.instructor, "FIRE-1", "anna", roster.Change{Presence: []roster.Mark{
			{halfDays[0], nil}, {halfDays[1], new(false)}, {halfDays[2], new(true)}, {halfDays[4], nil}, {halfDays[4], new(true)},
		}})
		if err != nil {
			t.Fatal(err)
		}
		want := map[string]bool{halfDays[1]: false, halfDays[2]: true, halfDays[3]: false, halfDays[4]: true}
		if diff := cmp.Diff(want, item.Presence); diff != "" {
			t.Error(diff)
		}
		if item.Attendance != (training.Attendance{Present: 2, Total: 5}) || item.Result != "" || note != "" {
			t.Errorf("the line is %+v with %q", item, note)
		}
		if diff := cmp.Diff(c.line(t, "anna"), item); diff != "" {
			t.Errorf("the roster shows something else: %s", diff)
		}
	})
}

func TestAResultIsChosenAndTakenBackBeforeTheClose(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		c := under(t, s)
		c.enrol(t, "anna", training.Confirmed, "EE")
		c.mark(t, "anna", 3)
		set := func(change roster.Change) (training.Status, string) {
			t.Helper()
			item, note, err := c.service.Mark(s.Context(), c.instructor, "FIRE-1", "anna", change)
			if err != nil {
				t.Fatal(err)
			}
			if item.Status != training.Confirmed {
				t.Errorf("before the close the place is %s", item.Status)
			}
			return item.Result, note
		}
		if result, note := set(roster.Change{Result: new(training.Completed)}); result != training.Completed || note != roster.BelowThreshold {
			t.Errorf("completed at 3 of 5 half days gives %q with %q", result, note)
		}
		if result, note := set(roster.Change{Presence: []roster.Mark{{halfDays[3], new(true)}}}); result != training.Completed || note != "" {
			t.Errorf("completed at 4 of 5 half days gives %q with %q", result, note)
		}
		if result, note := set(roster.Change{Result: new(training.Absent)}); result != training.Absent || note != "" {
			t.Errorf("absent gives %q with %q", result, note)
		}
		if result, _ := set(roster.Change{ClearResult: true}); result != "" {
			t.Errorf("taken back, the result is still %q", result)
		}
	})
}

func TestWhatCannotBeMarkedIsRefusedWhole(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		c := under(t, s)
		c.enrol(t, "anna", training.Confirmed, "EE")
		c.enrol(t, "wanda", training.Waiting, "")
		good := roster.Mark{HalfDay: halfDays[0], Present: new(true)}
		mark := func(code, ref string, change roster.Change) error {
			_, _, err := c.service.Mark(s.Context(), c.instructor, code, ref, change)
			return err
		}
		err := mark("FIRE-1", "anna", roster.Change{Presence: []roster.Mark{good, {"2024-03-20/pm", new(true)}}})
		wantField(t, err, "presence", "invalid.half_day")
		for _, result := range []training.Status{"", "passed", training.Confirmed, training.Cancelled} {
			err = mark("FIRE-1", "anna", roster.Change{Presence: []roster.Mark{good}, Result: &result})
			wantField(t, err, "result", "invalid.result")
		}
		wantKind(t, mark("FIRE-1", "wanda", roster.Change{Presence: []roster.Mark{good}}), training.KindNotFound, "fault.not_found")
		wantKind(t, mark("FIRE-1", "none", roster.Change{Presence: []roster.Mark{good}}), training.KindNotFound, "fault.not_found")

		s.Run(t, testkit.R{Code: "FIRE-2", Instructors: []training.Actor{c.instructor}})
		wantKind(t, mark("FIRE-2", "anna", roster.Change{}), training.KindNotFound, "fault.not_found")

		many := func(half string, marks map[string]*bool) error {
			return c.service.MarkMany(s.Context(), c.instructor, "FIRE-1", half, marks)
		}
		wantField(t, many("2024-03-20/pm", map[string]*bool{"anna": new(true)}), "presence", "invalid.half_day")
		wantKind(t, many(halfDays[0], map[string]*bool{"anna": new(true), "none": nil}), training.KindNotFound, "fault.not_found")
		if line := c.line(t, "anna"); len(line.Presence) != 0 || line.Result != "" {
			t.Errorf("a refused change left %+v", line)
		}
	})
}

func TestAWholeHalfDayIsMarkedAtOnce(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		c := under(t, s)
		for _, name := range []string{"anna", "bo", "cilla"} {
			c.enrol(t, name, training.Confirmed, "")
		}
		c.mark(t, "cilla", 5)
		c.enrol(t, "gone", training.Cancelled, "") // left while the form was open
		err := c.service.MarkMany(s.Context(), c.instructor, "FIRE-1", halfDays[0], map[string]*bool{
			"anna": new(true), "bo": new(false), "cilla": nil, "gone": new(true),
		})
		if err != nil {
			t.Fatal(err)
		}
		for name, want := range map[string]int{"anna": 1, "bo": 0, "cilla": 4} {
			if got := c.line(t, name).Attendance.Present; got != want {
				t.Errorf("%s was present %d times, want %d", name, got, want)
			}
		}
		if _, marked := c.line(t, "cilla").Presence[halfDays[0]]; marked {
			t.Error("the mark of cilla was not taken back")
		}
	})
}

// A list is marked for what has begun; a mark that came by other ways can still
// be taken back.
func TestAHalfDayThatHasNotBegunTakesNoMarksOfAList(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		c := under(t, s)
		c.enrol(t, "anna", training.Confirmed, "")
		zone, err := time.LoadLocation("Europe/Riga")
		if err != nil {
			t.Fatal(err)
		}
		soon, before := s.Now(t).In(zone).Add(2*time.Minute), s.Now(t).In(zone).Add(-2*time.Minute)
		ahead := training.HalfDay{Key: training.DateOf(soon).String() + "/pm", From: soon.Format("15:04"), To: "23:59"}
		begun := training.HalfDay{Key: training.DateOf(before).String() + "/am", From: before.Format("15:04"), To: "23:59"}
		if err := s.DB.Ent.Run.UpdateOneID(c.run).SetHalfDays([]training.HalfDay{begun, ahead}).Exec(s.Context()); err != nil {
			t.Fatal(err)
		}
		many := func(half string, present *bool) error {
			return c.service.MarkMany(s.Context(), c.instructor, "FIRE-1", half, map[string]*bool{"anna": present})
		}
		for _, present := range []bool{true, false} {
			wantField(t, many(ahead.Key, &present), "presence", "invalid.half_day_ahead")
		}
		if err := many(begun.Key, new(true)); err != nil {
			t.Errorf("two minutes after it began: %v", err)
		}
		change := roster.Change{Presence: []roster.Mark{{HalfDay: ahead.Key, Present: new(true)}}}
		if _, _, err := c.service.Mark(s.Context(), c.instructor, "FIRE-1", "anna", change); err != nil {
			t.Fatal(err)
		}
		if err := many(ahead.Key, nil); err != nil {
			t.Errorf("taking a mark back: %v", err)
		}
		if got := c.line(t, "anna").Presence; len(got) != 1 || !got[begun.Key] {
			t.Errorf("the marks are %v", got)
		}
	})
}
