package catalogue

import (
	"context"
	"fmt"
	"io"
	"slices"

	"github.com/varde-platform/varde/ent"
	"github.com/varde-platform/varde/ent/course"
	"github.com/varde-platform/varde/internal/store"
	"github.com/varde-platform/varde/internal/training"
)

// insertChunk is how many rows go into one statement: SQLite and PostgreSQL
// bound the number of its values.
const insertChunk = 500

// ImportResult counts the records of an import by what became of them, and names
// the texts that it left as they were edited in Varde. Courses that are not in
// the file stay as they are.
type ImportResult struct {
	Added, Changed, Unchanged int
	Kept                      []Kept // in the order of the file
}

// ImportOption changes what an import does.
type ImportOption int

// Overwrite takes the file's texts where others were written in Varde. Texts of
// which the file knows nothing, translations among them, stay.
const Overwrite ImportOption = 1

// Import reads a catalogue for an administrator: all of it or, with a fault
// that names record and field, nothing. A record that was imported before
// changes its course, by its id, and only where it says something else. Texts
// edited in Varde stay as they are, unless it is to overwrite them.
func (s *Service) Import(ctx context.Context, actor training.Actor, r io.Reader, options ...ImportOption) (ImportResult, error) {
	if err := training.Can(actor, training.ActAdminister, training.Subject{}); err != nil {
		return ImportResult{}, err
	}
	return s.ImportTrusted(ctx, r, options...)
}

// ImportTrusted is Import for whoever works at the machine itself.
func (s *Service) ImportTrusted(ctx context.Context, r io.Reader, options ...ImportOption) (ImportResult, error) {
	rows, err := s.readImport(r)
	if err != nil {
		return ImportResult{}, err
	}
	overwrite := slices.Contains(options, Overwrite)
	var result ImportResult
	err = s.db.InTx(ctx, func(tx *store.Tx) error {
		var err error
		result, err = importRows(ctx, tx, rows, overwrite)
		return err
	})
	if err != nil {
		return ImportResult{}, err
	}
	s.views.expire()
	return result, nil
}

// readImport makes rows of a file's records.
func (s *Service) readImport(r io.Reader) ([]importRow, error) {
	records, err := ParseCourses(r)
	if err != nil {
		return nil, err
	}
	translated, err := readShipped()
	if err != nil {
		return nil, err
	}
	rows := make([]importRow, len(records))
	for i, r := range records {
		r.TitleLang = r.titleLanguage(s.titleLanguages)
		rows[i] = importRow{Record: r, own: r.texts()}
		rows[i].machine = translated.translations(r, rows[i].own)
		if rows[i].hash, err = r.hash(rows[i].machine); err != nil {
			return nil, err
		}
	}
	return rows, nil
}

func importRows(ctx context.Context, tx *store.Tx, rows []importRow, overwrite bool) (ImportResult, error) {
	if err := lockCatalogue(ctx, tx); err != nil {
		return ImportResult{}, err
	}
	plan, err := planImport(ctx, tx, rows, overwrite)
	if err != nil {
		return ImportResult{}, err
	}
	result := ImportResult{Added: len(plan.added), Changed: len(plan.changed),
		Unchanged: len(rows) - len(plan.added) - len(plan.changed), Kept: plan.kept}
	if result.Added+result.Changed == 0 {
		return result, nil
	}
	if err := addCourses(ctx, tx, plan.added); err != nil {
		return result, err
	}
	if err := changeCourses(ctx, tx, plan.changed, overwrite); err != nil {
		return result, err
	}
	return result, store.RaiseCatalogueVersion(ctx, tx)
}

// importPlan is what an import has to write, and what it leaves.
type importPlan struct {
	added, changed []importRow
	kept           []Kept
}

// importRow is a record with the course that it becomes.
type importRow struct {
	Record
	own, machine []courseText // what the file says, and what a machine made of it
	courseID     int          // 0 until it is made
	slug, hash   string
}

func planImport(ctx context.Context, tx *store.Tx, rows []importRow, overwrite bool) (importPlan, error) {
	courses, err := tx.Course.Query().
		Select(course.FieldID, course.FieldImportID, course.FieldSlug, course.FieldCode, course.FieldImportHash).All(ctx)
	if err != nil {
		return importPlan{}, fmt.Errorf("read known courses: %w", err)
	}
	edited, err := edited(ctx, tx)
	if err != nil {
		return importPlan{}, err
	}
	known, slugs := make(map[string]*ent.Course, len(courses)), make(map[string]bool, len(courses))
	for _, c := range courses {
		known[c.ImportID], slugs[c.Slug] = c, true
	}
	var plan importPlan
	for _, r := range rows {
		c := known[r.ID]
		if c == nil {
			r.slug = newSlug(r.Title, r.ID, slugs)
			plan.added = append(plan.added, r)
			continue
		}
		r.courseID = c.ID
		other := r.otherThan(edited[c.ID])
		if c.ImportHash != r.hash || overwrite && len(other) > 0 {
			plan.changed = append(plan.changed, r)
		}
		if !overwrite {
			for _, t := range other {
				plan.kept = append(plan.kept, Kept{c.Slug, c.Code, t.kind, t.lang})
			}
		}
	}
	return plan, nil
}

func addCourses(ctx context.Context, tx *store.Tx, added []importRow) error {
	for chunk := range slices.Chunk(added, insertChunk) {
		builders := make([]*ent.CourseCreate, len(chunk))
		for i, row := range chunk {
			builders[i] = tx.Course.Create().SetImportID(row.ID).SetSlug(row.slug).SetCreatedAt(tx.Now)
			row.fill(builders[i].Mutation(), tx)
		}
		made, err := tx.Course.CreateBulk(builders...).Save(ctx)
		if err != nil {
			return fmt.Errorf("add courses: %w", err)
		}
		var texts []*ent.CourseTextCreate
		for i, row := range chunk {
			for _, t := range slices.Concat(row.own, row.machine) {
				texts = append(texts, newText(tx, made[i].ID, t))
			}
		}
		if err := addTexts(ctx, tx, texts); err != nil {
			return err
		}
	}
	return nil
}

func changeCourses(ctx context.Context, tx *store.Tx, changed []importRow, overwrite bool) error {
	for chunk := range slices.Chunk(changed, insertChunk) {
		for _, row := range chunk {
			update := tx.Course.Update().Where(course.ID(row.courseID))
			row.fill(update.Mutation(), tx)
			if err := update.Exec(ctx); err != nil {
				return fmt.Errorf("change course %s: %w", row.ID, err)
			}
		}
		if err := changeTexts(ctx, tx, chunk, overwrite); err != nil {
			return err
		}
	}
	return nil
}

// fill writes every fact of the record, so that one that is gone is cleared.
func (r importRow) fill(m *ent.CourseMutation, tx *store.Tx) {
	optional(r.Code, m.SetCode, m.ClearCode)
	optional(r.Provider, m.SetProvider, m.ClearProvider)
	optional(r.Programme, m.SetProgramme, m.ClearProgramme)
	optional(r.Country, m.SetCountry, m.ClearCountry)
	optional(r.Place, m.SetPlace, m.ClearPlace)
	optional(r.DeliveryForm, m.SetDeliveryForm, m.ClearDeliveryForm)
	optional(r.Level, m.SetLevel, m.ClearLevel)
	optional(r.SourceTitle, m.SetSourceTitle, m.ClearSourceTitle)
	optional(r.SourceURL, m.SetSourceURL, m.ClearSourceURL)
	optionalNumber(r.DurationDays, m.SetDurationDays, m.ClearDurationDays)
	optionalNumber(r.SeatsTypical, m.SetSeatsTypical, m.ClearSeatsTypical)
	optionalNumber(r.ParticipantsObserved, m.SetParticipantsObserved, m.ClearParticipantsObserved)
	optionalNumber(r.StatesObserved, m.SetStatesObserved, m.ClearStatesObserved)
	m.SetProfessions(r.Professions)
	m.SetTopics(r.Topics)
	m.SetLanguages(r.Languages)
	m.SetPrerequisiteCodes(r.PrerequisiteCodes)
	m.SetInferred(r.Inferred)
	m.SetImportHash(r.hash)
	m.SetUpdatedAt(tx.Now)
}

func optional(value string, set func(string), clear func()) {
	if value == "" {
		clear()
		return
	}
	set(value)
}

func optionalNumber[N int | float64](value *N, set func(N), clear func()) {
	if value == nil {
		clear()
		return
	}
	set(*value)
}
