package catalogue

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/varde-platform/varde/ent"
	"github.com/varde-platform/varde/ent/course"
	"github.com/varde-platform/varde/ent/coursetext"
	"github.com/varde-platform/varde/internal/training"
)

// The parts of a query that are about the form of a course and about the months
// in which its coming runs start; they follow those of search.go.
const (
	byMonth group = 1 << (iota + 6)
	byForm
)

// Month is a month of a year.
type Month struct {
	Year  int
	Month time.Month
}

// MonthOf is the month of a day.
func MonthOf(d training.Date) Month { return Month{d.Year, d.Month} }

// ParseMonth reads 2027-03.
func ParseMonth(s string) (Month, error) {
	t, err := time.Parse("2006-01", s)
	if err != nil {
		return Month{}, fmt.Errorf("month %q: %w", s, err)
	}
	return Month{t.Year(), t.Month()}, nil
}

// String writes 2027-03.
func (m Month) String() string { return fmt.Sprintf("%04d-%02d", m.Year, m.Month) }

// First is its first day.
func (m Month) First() training.Date { return training.Date{Year: m.Year, Month: m.Month, Day: 1} }

// Add gives the month n months later.
func (m Month) Add(n int) Month {
	t := time.Date(m.Year, m.Month+time.Month(n), 1, 0, 0, 0, 0, time.UTC)
	return Month{t.Year(), t.Month()}
}

// failedMore gives those of the query's parts named above that the course does
// not fulfil.
func (f *filter) failedMore(e *entry) group {
	var failed group
	if len(f.months) > 0 && !f.comingRun(e, func(r *Run) bool { return slices.Contains(f.months, f.monthOf(r)) }) {
		failed |= byMonth
	}
	if len(f.forms) > 0 && !slices.Contains(f.forms, e.course.DeliveryForm) {
		failed |= byForm
	}
	return failed
}

// monthOf writes the month in which a run starts; it is asked for many runs, of
// few months.
func (f *filter) monthOf(r *Run) string {
	month := MonthOf(r.Starts)
	written, ok := f.written[month]
	if !ok {
		if f.written == nil {
			f.written = map[Month]string{}
		}
		written = month.String()
		f.written[month] = written
	}
	return written
}

func (f *filter) monthsOf(c *Course) []string {
	var values []string
	for i := range c.Runs {
		if c.Runs[i].coming(f.now) {
			values = append(values, f.monthOf(&c.Runs[i]))
		}
	}
	return values
}

// RunsFound gives the coming runs that answer a query, by start: runs of the
// courses that Find would give, and of these such as have the country, the
// language, the month and the free seats that are asked for themselves.
func (s *Service) RunsFound(ctx context.Context, q Query) ([]Listed, error) {
	v, f, err := s.prepare(ctx, q)
	if err != nil {
		return nil, err
	}
	found := map[*Course]bool{}
	for _, m := range v.matches(f, training.CanonicalLanguage(q.Lang)) {
		found[m.course] = true
	}
	var runs []Listed
	for _, at := range v.runs {
		if found[at.course] && at.run.coming(f.now) && f.runFits(at) {
			runs = append(runs, Listed{at.run, at.course})
		}
	}
	return runs, nil
}

func (f *filter) runFits(at placed) bool {
	r := at.run
	return fits(f.countries, []string{cmp.Or(r.Country, at.course.Country)}) && fits(f.languages, []string{r.Language}) &&
		(len(f.months) == 0 || slices.Contains(f.months, f.monthOf(r))) &&
		(!f.onlyFree || r.open(f.now) && f.free.any(r.ID))
}

// LatestFound gives at most limit courses that answer a query, those changed
// last first, and when each was: its facts or texts, or a run added. Beyond the
// limit, courses added or given a run last are kept.
func (s *Service) LatestFound(ctx context.Context, q Query, limit int) ([]Changed, error) {
	v, f, err := s.prepare(ctx, q)
	if err != nil {
		return nil, err
	}
	var list []Changed
	for _, m := range v.matches(f, training.CanonicalLanguage(q.Lang)) {
		list = append(list, Changed{m.course, lastRunAdded(m.course)})
	}
	slices.SortFunc(list, lastFirst)
	list = list[:min(len(list), limit)]
	if err := s.addChanges(ctx, list); err != nil {
		return nil, err
	}
	slices.SortFunc(list, lastFirst)
	return list, nil
}

// Changed is a course with the instant of its last change.
type Changed struct {
	Course *Course
	At     time.Time
}

func lastFirst(a, b Changed) int {
	if c := b.At.Compare(a.At); c != 0 {
		return c
	}
	return b.Course.ID - a.Course.ID
}

func lastRunAdded(c *Course) time.Time {
	var last time.Time
	for i := range c.Runs {
		if c.Runs[i].CreatedAt.After(last) {
			last = c.Runs[i].CreatedAt
		}
	}
	return last
}

// addChanges raises each instant to that of the course's own last change.
func (s *Service) addChanges(ctx context.Context, list []Changed) error {
	ids, at := make([]int, len(list)), map[int]*Changed{}
	for i := range list {
		ids[i] = list[i].Course.ID
		at[ids[i]] = &list[i]
	}
	later := func(id int, t time.Time) {
		if c := at[id]; c != nil && t.After(c.At) {
			c.At = t.UTC()
		}
	}
	rows, err := s.db.Ent.Course.Query().Where(course.IDIn(ids...)).Select(course.FieldID, course.FieldUpdatedAt).All(ctx)
	if err != nil {
		return fmt.Errorf("read when courses changed: %w", err)
	}
	for _, row := range rows {
		later(row.ID, row.UpdatedAt)
	}
	var texts []*ent.CourseText
	texts, err = s.db.Ent.CourseText.Query().Where(coursetext.CourseIDIn(ids...)).
		Select(coursetext.FieldID, coursetext.FieldCourseID, coursetext.FieldUpdatedAt).All(ctx)
	if err != nil {
		return fmt.Errorf("read when texts of courses changed: %w", err)
	}
	for _, text := range texts {
		later(text.CourseID, text.UpdatedAt)
	}
	return nil
}

// Address names one page of a public object.
type Address struct{ Course, Run string } // one of slug and code

// Addresses names every course, and every run that was not cancelled, in an
// order that adding keeps. It is for lists of all pages.
func (s *Service) Addresses(ctx context.Context) ([]Address, error) {
	v, err := s.views.get(ctx)
	if err != nil {
		return nil, err
	}
	list := make([]Address, 0, len(v.courses)+len(v.runs))
	for _, c := range v.courses {
		list = append(list, Address{Course: c.Slug})
		for i := range c.Runs {
			if c.Runs[i].CancelledAt.IsZero() {
				list = append(list, Address{Run: c.Runs[i].Code})
			}
		}
	}
	return list, nil
}
