package catalogue

import (
	"context"
	"fmt"
	"io"
	"slices"

	"github.com/varde-platform/varde/ent"
	"github.com/varde-platform/varde/ent/course"
	"github.com/varde-platform/varde/ent/coursetext"
	"github.com/varde-platform/varde/internal/store"
	"github.com/varde-platform/varde/internal/training"
)

// insertChunk is how many rows go into one statement: SQLite and PostgreSQL
// bound the number of its values.
const insertChunk = 500

// ImportResult counts the records of an import by what became of them. Courses
// that are not in the file stay as they are.
type ImportResult struct{ Added, Changed, Unchanged int }

// Import reads a catalogue for an administrator: all of it or, with a fault
// that names record and field, nothing. A record that was imported before
// changes its course, by its id, and only where it says something else.
func (s *Service) Import(ctx context.Context, actor training.Actor, r io.Reader) (ImportResult, error) {
	if err := training.Can(actor, training.ActAdminister, training.Subject{}); err != nil {
		return ImportResult{}, err
	}
	return s.ImportTrusted(ctx, r)
}

// ImportTrusted is Import for whoever works at the machine itself.
func (s *Service) ImportTrusted(ctx context.Context, r io.Reader) (ImportResult, error) {
	records, err := ParseCourses(r)
	if err != nil {
		return ImportResult{}, err
	}
	for i := range records {
		records[i].TitleLang = records[i].titleLanguage(s.titleLanguages)
	}
	var result ImportResult
	err = s.db.InTx(ctx, func(tx *store.Tx) error {
		var err error
		result, err = importRecords(ctx, tx, records)
		return err
	})
	if err != nil {
		return ImportResult{}, err
	}
	s.views.expire()
	return result, nil
}

func importRecords(ctx context.Context, tx *store.Tx, records []Record) (ImportResult, error) {
	if err := lockCatalogue(ctx, tx); err != nil {
		return ImportResult{}, err
	}
	plan, err := planImport(ctx, tx, records)
	if err != nil {
		return ImportResult{}, err
	}
	result := ImportResult{Added: len(plan.added), Changed: len(plan.changed), Unchanged: len(records) - len(plan.added) - len(plan.changed)}
	if result.Added+result.Changed == 0 {
		return result, nil
	}
	if err := addCourses(ctx, tx, plan.added); err != nil {
		return result, err
	}
	if err := changeCourses(ctx, tx, plan.changed); err != nil {
		return result, err
	}
	return result, store.RaiseCatalogueVersion(ctx, tx)
}

// importPlan is what an import has to write.
type importPlan struct{ added, changed []importRow }

// importRow is a record with the course that it becomes.
type importRow struct {
	Record
	courseID   int // 0 until it is made
	slug, hash string
}

func planImport(ctx context.Context, tx *store.Tx, records []Record) (importPlan, error) {
	rows, err := tx.Course.Query().
		Select(course.FieldID, course.FieldImportID, course.FieldSlug, course.FieldImportHash).All(ctx)
	if err != nil {
		return importPlan{}, fmt.Errorf("read known courses: %w", err)
	}
	known, slugs := make(map[string]*ent.Course, len(rows)), make(map[string]bool, len(rows))
	for _, row := range rows {
		known[row.ImportID], slugs[row.Slug] = row, true
	}
	var plan importPlan
	for _, r := range records {
		hash, err := r.hash()
		if err != nil {
			return plan, err
		}
		switch row := known[r.ID]; {
		case row == nil:
			plan.added = append(plan.added, importRow{Record: r, slug: newSlug(r.Title, r.ID, slugs), hash: hash})
		case row.ImportHash != hash:
			plan.changed = append(plan.changed, importRow{Record: r, courseID: row.ID, hash: hash})
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
			for _, t := range row.texts() {
				texts = append(texts, newText(tx, made[i].ID, t))
			}
		}
		if err := addTexts(ctx, tx, texts); err != nil {
			return err
		}
	}
	return nil
}

func changeCourses(ctx context.Context, tx *store.Tx, changed []importRow) error {
	for chunk := range slices.Chunk(changed, insertChunk) {
		for _, row := range chunk {
			update := tx.Course.Update().Where(course.ID(row.courseID))
			row.fill(update.Mutation(), tx)
			if err := update.Exec(ctx); err != nil {
				return fmt.Errorf("change course %s: %w", row.ID, err)
			}
		}
		if err := changeTexts(ctx, tx, chunk); err != nil {
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

// changeTexts replaces the texts that imports write. Translations made
// otherwise stay, unless the record now has a text of its own in their place.
func changeTexts(ctx context.Context, tx *store.Tx, changed []importRow) error {
	var replaced []int
	var builders []*ent.CourseTextCreate
	now, ids := map[int]map[courseText]bool{}, []int{}
	for _, row := range changed {
		ids = append(ids, row.courseID)
		now[row.courseID] = map[courseText]bool{}
		for _, t := range row.texts() {
			now[row.courseID][courseText{kind: t.kind, lang: t.lang}] = true
			builders = append(builders, newText(tx, row.courseID, t))
		}
	}
	old, err := tx.CourseText.Query().Where(coursetext.CourseIDIn(ids...)).
		Select(coursetext.FieldID, coursetext.FieldCourseID, coursetext.FieldKind, coursetext.FieldLanguage, coursetext.FieldOrigin).All(ctx)
	if err != nil {
		return fmt.Errorf("read texts of courses: %w", err)
	}
	for _, t := range old {
		imported := t.Origin == OriginOriginal || t.Kind == KindTitle && t.Language == "en"
		if imported || now[t.CourseID][courseText{kind: t.Kind, lang: t.Language}] {
			replaced = append(replaced, t.ID)
		}
	}
	for chunk := range slices.Chunk(replaced, insertChunk) {
		if _, err := tx.CourseText.Delete().Where(coursetext.IDIn(chunk...)).Exec(ctx); err != nil {
			return fmt.Errorf("replace texts of courses: %w", err)
		}
	}
	return addTexts(ctx, tx, builders)
}

func newText(tx *store.Tx, courseID int, t courseText) *ent.CourseTextCreate {
	return tx.CourseText.Create().SetCourseID(courseID).SetKind(t.kind).SetLanguage(t.lang).SetText(t.text).
		SetOrigin(t.origin).SetUpdatedAt(tx.Now)
}

func addTexts(ctx context.Context, tx *store.Tx, builders []*ent.CourseTextCreate) error {
	for chunk := range slices.Chunk(builders, insertChunk) {
		if err := tx.CourseText.CreateBulk(chunk...).Exec(ctx); err != nil {
			return fmt.Errorf("add texts of courses: %w", err)
		}
	}
	return nil
}
