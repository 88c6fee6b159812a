package catalogue

import (
	"bytes"
	"context"
	"fmt"
	"slices"

	"github.com/varde-platform/varde/ent"
	"github.com/varde-platform/varde/ent/coursetext"
	"github.com/varde-platform/varde/internal/catalogue/data"
	"github.com/varde-platform/varde/internal/store"
	"github.com/varde-platform/varde/internal/training"
)

// shipped is the catalogue that Varde is shipped with, with its titles and
// descriptions as a machine put them into the other languages.
type shipped struct {
	records map[string]Record
	texts   map[string]map[string]data.Text // by language and id
}

func readShipped() (shipped, error) {
	records, err := ParseCourses(bytes.NewReader(data.Courses))
	if err != nil {
		return shipped{}, fmt.Errorf("read the shipped catalogue: %w", err)
	}
	all := shipped{records: make(map[string]Record, len(records)), texts: map[string]map[string]data.Text{}}
	for _, r := range records {
		all.records[r.ID] = r
	}
	for _, lang := range training.Languages {
		if lang == "en" {
			continue
		}
		if all.texts[lang], err = data.Texts(lang); err != nil {
			return shipped{}, err
		}
	}
	return all, nil
}

// translations are the machine's texts for a record, each only where the record
// says what the shipped one says: other words would get a translation of the
// old ones. Where the record has a text of its own, that one stands.
func (s shipped) translations(r Record, own []courseText) []courseText {
	original, known := s.records[r.ID]
	if !known {
		return nil
	}
	var machine []courseText
	add := func(kind, lang, text, of string) {
		taken := slices.ContainsFunc(own, func(t courseText) bool { return t.kind == kind && t.lang == lang })
		if text != "" && !taken {
			machine = append(machine, courseText{kind, lang, text, OriginMachine, sum(of)})
		}
	}
	for _, lang := range training.Languages {
		text := s.texts[lang][r.ID]
		if r.Title == original.Title {
			add(KindTitle, lang, text.Title, r.Title)
		}
		if r.Description == original.Description {
			add(KindSummary, lang, text.Description, r.Description)
		}
	}
	return machine
}

// Kept is a text that an import left as it was edited in Varde, though the file
// says something else.
type Kept struct{ Slug, Code, Kind, Lang string } // slug and code of the course; it may have no code

// edited are the texts that were edited in Varde, by course.
func edited(ctx context.Context, tx *store.Tx) (map[int][]*ent.CourseText, error) {
	rows, err := tx.CourseText.Query().Where(coursetext.EditedAtNotNil()).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read texts edited in Varde: %w", err)
	}
	byCourse := map[int][]*ent.CourseText{}
	for _, row := range rows {
		byCourse[row.CourseID] = append(byCourse[row.CourseID], row)
	}
	return byCourse, nil
}

// otherThan are the texts of the file in whose place something else was written
// in Varde, or nothing.
func (r importRow) otherThan(edited []*ent.CourseText) []courseText {
	var other []courseText
	for _, t := range r.own {
		if slices.ContainsFunc(edited, func(e *ent.CourseText) bool {
			return e.Kind == t.kind && e.Language == t.lang && (e.Text != t.text || e.Origin != t.origin)
		}) {
			other = append(other, t)
		}
	}
	return other
}

// reconcile says what becomes of a course's texts: which rows go, and which
// texts are added. What was edited in Varde stays but for what the file says
// otherwise where it is to overwrite; a machine's text never takes a person's
// place. Texts that an import once brought and brings no more go.
func (r importRow) reconcile(old []*ent.CourseText, overwrite bool) (remove []int, add []courseText) {
	type place struct{ kind, lang string }
	at := make(map[place]*ent.CourseText, len(old))
	for _, row := range old {
		at[place{row.Kind, row.Language}] = row
	}
	put := func(t courseText, takes func(*ent.CourseText) bool) {
		row := at[place{t.kind, t.lang}]
		delete(at, place{t.kind, t.lang})
		switch {
		case row == nil:
			add = append(add, t)
		case row.Text == t.text && row.Origin == t.origin && row.MadeOf == t.madeOf:
		case takes(row):
			remove, add = append(remove, row.ID), append(add, t)
		}
	}
	for _, t := range r.own {
		put(t, func(row *ent.CourseText) bool { return row.EditedAt == nil || overwrite })
	}
	for _, t := range r.machine {
		put(t, func(row *ent.CourseText) bool { return row.EditedAt == nil && fromImport(row) })
	}
	for _, row := range at {
		if row.EditedAt == nil && fromImport(row) {
			remove = append(remove, row.ID)
		}
	}
	slices.Sort(remove)
	return remove, add
}

// fromImport reports whether a text is of a sort that imports bring; translations
// made otherwise are not theirs to take away.
func fromImport(row *ent.CourseText) bool {
	return row.Origin != OriginTranslated || row.Kind == KindTitle && row.Language == "en"
}

// changeTexts makes the texts of courses what their records say.
func changeTexts(ctx context.Context, tx *store.Tx, changed []importRow, overwrite bool) error {
	ids := make([]int, len(changed))
	for i, row := range changed {
		ids[i] = row.courseID
	}
	rows, err := tx.CourseText.Query().Where(coursetext.CourseIDIn(ids...)).All(ctx)
	if err != nil {
		return fmt.Errorf("read texts of courses: %w", err)
	}
	old := map[int][]*ent.CourseText{}
	for _, row := range rows {
		old[row.CourseID] = append(old[row.CourseID], row)
	}
	have, err := withHistory(ctx, tx, ids...)
	if err != nil {
		return err
	}
	var removed []int
	var added []*ent.CourseTextCreate
	var history []*ent.TextRevisionCreate
	for _, row := range changed {
		remove, add := row.reconcile(old[row.courseID], overwrite)
		removed = append(removed, remove...)
		for _, t := range add {
			added = append(added, newText(tx, row.courseID, t))
			if have[textID{row.courseID, t.kind, t.lang}] {
				history = append(history, newRevision(tx, row.courseID, t).SetAt(tx.Now))
			}
		}
	}
	if err := addRevisions(ctx, tx, history); err != nil {
		return err
	}
	if err := dropTexts(ctx, tx, removed); err != nil {
		return err
	}
	return addTexts(ctx, tx, added)
}

func newText(tx *store.Tx, courseID int, t courseText) *ent.CourseTextCreate {
	return tx.CourseText.Create().SetCourseID(courseID).SetKind(t.kind).SetLanguage(t.lang).SetText(t.text).
		SetOrigin(t.origin).SetMadeOf(t.madeOf).SetUpdatedAt(tx.Now)
}

func dropTexts(ctx context.Context, tx *store.Tx, ids []int) error {
	for chunk := range slices.Chunk(ids, insertChunk) {
		if _, err := tx.CourseText.Delete().Where(coursetext.IDIn(chunk...)).Exec(ctx); err != nil {
			return fmt.Errorf("replace texts of courses: %w", err)
		}
	}
	return nil
}

func addTexts(ctx context.Context, tx *store.Tx, builders []*ent.CourseTextCreate) error {
	for chunk := range slices.Chunk(builders, insertChunk) {
		if err := tx.CourseText.CreateBulk(chunk...).Exec(ctx); err != nil {
			return fmt.Errorf("add texts of courses: %w", err)
		}
	}
	return nil
}
