package catalogue

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/varde-platform/varde/ent"
	"github.com/varde-platform/varde/ent/course"
	"github.com/varde-platform/varde/ent/coursetext"
	"github.com/varde-platform/varde/ent/person"
	"github.com/varde-platform/varde/ent/run"
	"github.com/varde-platform/varde/internal/search"
	"github.com/varde-platform/varde/internal/training"
)

// snapshot is the whole catalogue as it was at one version. Nothing in it
// changes after it was built, but for rankings that are made on first use.
type snapshot struct {
	version  string
	built    time.Time
	courses  []*Course
	entries  []entry // one for each course, in the same order
	index    *search.Index
	answers  answers
	bySlug   map[string]*Course
	taught   map[string]*Course // by code; of several with one code, the first
	byCode   map[string]placed
	spelled  map[string]string // codes of runs by themselves in small letters; empty: several
	runs     []placed          // all runs by start
	rankings map[string]*ranking
}

// placed is a run with its course.
type placed struct {
	run    *Run
	course *Course
}

// view is a snapshot with the database's clock when it was last found current.
type view struct {
	*snapshot
	databaseTime time.Time
	asked        time.Time // the same instant by the process's clock
}

// now is the database's clock, carried on by the process's own.
func (v view) now() time.Time { return v.databaseTime.Add(time.Since(v.asked)) }

// look asks whether the catalogue has changed, and reads it anew if so.
func (s *Service) look(ctx context.Context, last *view) (view, error) {
	// The version is asked before the rows: what is changed in between is then
	// seen under the older version and read again at the next look.
	version, err := s.version(ctx)
	if err != nil {
		return view{}, err
	}
	v := view{asked: time.Now()}
	if v.databaseTime, err = s.db.Now(ctx); err != nil {
		return view{}, err
	}
	if last != nil && last.version == version && v.asked.Sub(last.built) < rebuildAfter {
		v.snapshot = last.snapshot
		return v, nil
	}
	v.snapshot, err = s.build(ctx, version, v.databaseTime)
	return v, err
}

func (s *Service) build(ctx context.Context, version string, now time.Time) (*snapshot, error) {
	snap := &snapshot{version: version, built: time.Now(), bySlug: map[string]*Course{},
		taught: map[string]*Course{}, byCode: map[string]placed{}, spelled: map[string]string{},
		rankings: map[string]*ranking{}, answers: answers{kept: map[asked]*texted{}}}
	byID, err := s.readCourses(ctx, snap)
	if err != nil {
		return nil, err
	}
	if err := s.readRuns(ctx, byID); err != nil {
		return nil, err
	}
	for _, c := range snap.courses {
		for i := range c.Runs {
			at := placed{&c.Runs[i], c}
			snap.runs = append(snap.runs, at)
			snap.byCode[at.run.Code] = at
			snap.spell(at.run.Code)
		}
		snap.entries = append(snap.entries, entry{c, len(snap.entries)})
	}
	// Only one caller builds at a time, so nobody else has a hand on s.index.
	s.index = s.index.With(searched{snap.courses, s.terms, now})
	snap.index = s.index
	slices.SortStableFunc(snap.runs, func(a, b placed) int { return byStart(a.run, b.run) })
	for _, lang := range training.Languages {
		snap.rankings[lang] = &ranking{lang: lang, courses: snap.courses, last: s.ranked[lang]}
	}
	return snap, nil
}

func (s *snapshot) spell(code string) {
	small := strings.ToLower(code)
	if _, another := s.spelled[small]; another {
		code = ""
	}
	s.spelled[small] = code
}

func (s *Service) readCourses(ctx context.Context, snap *snapshot) (map[int]*Course, error) {
	rows, err := s.db.Ent.Course.Query().Order(ent.Asc(course.FieldID)).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read courses: %w", err)
	}
	byID := make(map[int]*Course, len(rows))
	for _, row := range rows {
		c := courseOf(row)
		byID[c.ID], snap.bySlug[c.Slug] = c, c
		snap.courses = append(snap.courses, c)
		if _, again := snap.taught[c.Code]; c.Code != "" && !again {
			snap.taught[c.Code] = c
		}
	}
	texts, err := s.db.Ent.CourseText.Query().Where(coursetext.TextNEQ("")).
		Select(coursetext.FieldCourseID, coursetext.FieldKind, coursetext.FieldLanguage, coursetext.FieldText, coursetext.FieldOrigin).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read texts of courses: %w", err)
	}
	for _, t := range texts {
		if c := byID[t.CourseID]; c != nil {
			c.Texts[t.Kind] = append(c.Texts[t.Kind], Text{t.Text, t.Language, t.Origin})
		}
	}
	for _, c := range snap.courses {
		for _, texts := range c.Texts {
			slices.SortFunc(texts, originalFirst)
		}
	}
	return byID, nil
}

func originalFirst(a, b Text) int {
	return cmp.Or(cmp.Compare(byOrigin(a.Origin), byOrigin(b.Origin)), cmp.Compare(a.Lang, b.Lang))
}

// byOrigin puts people's words before a machine's.
func byOrigin(origin string) int {
	return slices.Index([]string{OriginOriginal, OriginTranslated, OriginMachine}, origin)
}

// runsAtOnce is how many runs are read together: their pools are asked for by
// naming each run, and a database takes some ten thousand names in one question.
const runsAtOnce = 5000

func (s *Service) readRuns(ctx context.Context, byID map[int]*Course) error {
	zones := zones{}
	for last, whole := 0, true; whole; {
		rows, err := s.db.Ent.Run.Query().Where(run.IDGT(last)).Order(ent.Asc(run.FieldID)).Limit(runsAtOnce).WithPools().
			WithInstructors(func(q *ent.PersonQuery) { q.Select(person.FieldID, person.FieldName) }).All(ctx)
		if err != nil {
			return fmt.Errorf("read runs: %w", err)
		}
		for _, row := range rows {
			last = row.ID
			c := byID[row.CourseID]
			if c == nil {
				continue // of a course made since courses were read; the next look sees both
			}
			r, err := runOf(row, c.Slug, zones)
			if err != nil {
				return err
			}
			c.Runs = append(c.Runs, r)
		}
		whole = len(rows) == runsAtOnce
	}
	for _, c := range byID {
		slices.SortFunc(c.Runs, func(a, b Run) int { return byStart(&a, &b) })
	}
	return nil
}

func courseOf(row *ent.Course) *Course {
	return &Course{
		ID: row.ID, ImportID: row.ImportID, Slug: row.Slug, Code: row.Code,
		Provider: row.Provider, Programme: row.Programme, Country: row.Country, Place: row.Place,
		DeliveryForm: row.DeliveryForm, Level: row.Level, SourceTitle: row.SourceTitle, SourceURL: row.SourceURL,
		Professions: row.Professions, Topics: row.Topics, Languages: row.Languages,
		PrerequisiteCodes: row.PrerequisiteCodes, Inferred: row.Inferred,
		DurationDays: row.DurationDays, SeatsTypical: row.SeatsTypical,
		ParticipantsObserved: row.ParticipantsObserved, StatesObserved: row.StatesObserved,
		Texts: map[string][]Text{},
	}
}

// zones remembers time zones, because loading one reads a file.
type zones map[string]*time.Location

func (z zones) load(name string) (*time.Location, error) {
	if zone, ok := z[name]; ok {
		return zone, nil
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		return nil, fmt.Errorf("time zone %q: %w", name, err)
	}
	z[name] = zone
	return zone, nil
}

// runOf makes a run of its row, loaded with its pools and instructors.
func runOf(row *ent.Run, courseSlug string, zones zones) (Run, error) {
	zone, errZone := zones.load(row.TimeZone)
	starts, errStarts := training.ParseDate(row.Starts)
	ends, errEnds := training.ParseDate(row.Ends)
	if err := cmp.Or(errZone, errStarts, errEnds); err != nil {
		return Run{}, fmt.Errorf("run %s: %w", row.Code, err)
	}
	r := Run{
		ID: row.ID, Code: row.Code, CourseID: row.CourseID, CourseSlug: courseSlug,
		Starts: starts, Ends: ends, TimeZone: row.TimeZone, Place: row.Place, Address: row.Address, Country: row.Country,
		Language: row.Language, Opens: utc(row.OpensAt), Closes: row.ClosesAt.UTC(), WithdrawUntil: utc(row.WithdrawUntil), Size: row.Size,
		Threshold: row.Threshold, Approval: row.Approval, Discreet: row.Discreet, FilledBy: row.FilledBy,
		Conditions: row.Conditions, HalfDays: row.HalfDays, CreatedAt: row.CreatedAt.UTC(),
		ClosedAt: utc(row.ClosedAt), CancelledAt: utc(row.CancelledAt),
		zone: zone, over: ends.AddDays(1).In(zone).UTC(),
	}
	for _, p := range row.Edges.Pools {
		if p.Country != "" {
			r.Quotas = append(r.Quotas, training.Pool{ID: p.ID, Country: p.Country, Size: p.Size, ReleasesAt: utc(p.ReleasesAt)})
		}
	}
	slices.SortFunc(r.Quotas, func(a, b training.Pool) int { return cmp.Compare(a.Country, b.Country) })
	for _, i := range row.Edges.Instructors {
		r.Instructors = append(r.Instructors, i.Name)
	}
	slices.Sort(r.Instructors)
	return r, nil
}

func utc(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return t.UTC()
}

func byStart(a, b *Run) int {
	switch {
	case a.Starts.Before(b.Starts):
		return -1
	case b.Starts.Before(a.Starts):
		return 1
	}
	return cmp.Compare(a.Code, b.Code)
}
