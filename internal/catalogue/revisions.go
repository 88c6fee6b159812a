package catalogue

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/varde-platform/varde/ent"
	"github.com/varde-platform/varde/ent/course"
	"github.com/varde-platform/varde/ent/person"
	"github.com/varde-platform/varde/ent/textrevision"
	"github.com/varde-platform/varde/internal/store"
	"github.com/varde-platform/varde/internal/training"
)

// Revision is one state that a text of a course has had since it was first edited
// in Varde, and the one before that.
type Revision struct {
	Text   string // empty: deleted
	Origin string
	At     time.Time // UTC
	By     string    // name of who saved it, else the e-mail address; empty: an import
}

// mostRevisions is how many of a text's revisions are shown; all are kept.
const mostRevisions = 20

// TextHistory tells an administrator who changed the texts of a course in a
// language: by kind, the latest first, at most 20 of each.
func (s *Service) TextHistory(ctx context.Context, actor training.Actor, slug, lang string) (map[string][]Revision, error) {
	if err := training.Can(actor, training.ActAdminister, training.Subject{}); err != nil {
		return nil, err
	}
	rows, err := s.db.Ent.TextRevision.Query().
		Where(textrevision.HasCourseWith(course.Slug(slug)), textrevision.Language(lang)).
		Order(ent.Desc(textrevision.FieldID)).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the history of texts of %s: %w", slug, err)
	}
	names, err := s.editors(ctx, rows)
	if err != nil {
		return nil, err
	}
	history := map[string][]Revision{}
	for _, row := range rows {
		if len(history[row.Kind]) == mostRevisions {
			continue
		}
		r := Revision{Text: row.Text, Origin: row.Origin, At: store.Instant(row.At)}
		if row.ActorID != nil {
			r.By = names[*row.ActorID]
		}
		history[row.Kind] = append(history[row.Kind], r)
	}
	return history, nil
}

// editors are the names of who made revisions.
func (s *Service) editors(ctx context.Context, rows []*ent.TextRevision) (map[int]string, error) {
	var ids []int
	for _, row := range rows {
		if row.ActorID != nil {
			ids = append(ids, *row.ActorID)
		}
	}
	slices.Sort(ids)
	people, err := s.db.Ent.Person.Query().Where(person.IDIn(slices.Compact(ids)...)).
		Select(person.FieldID, person.FieldName, person.FieldEmail).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read who edited texts: %w", err)
	}
	names := make(map[int]string, len(people))
	for _, p := range people {
		names[p.ID] = p.Name
		if p.Name == "" {
			names[p.ID] = p.Email
		}
	}
	return names, nil
}

// textID tells a text: which of which course, in which language.
type textID struct {
	course     int
	kind, lang string
}

// withHistory are the texts of courses that have revisions.
func withHistory(ctx context.Context, tx *store.Tx, courses ...int) (map[textID]bool, error) {
	rows, err := tx.TextRevision.Query().Where(textrevision.CourseIDIn(courses...)).
		Select(textrevision.FieldCourseID, textrevision.FieldKind, textrevision.FieldLanguage).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read which texts have a history: %w", err)
	}
	have := map[textID]bool{}
	for _, row := range rows {
		have[textID{row.CourseID, row.Kind, row.Language}] = true
	}
	return have, nil
}

// firstRevision is what an import brought, where that is about to be edited for
// the first time: what nobody has touched needs no history.
func firstRevision(tx *store.Tx, row *ent.CourseText, have map[textID]bool) []*ent.TextRevisionCreate {
	if have[textID{row.CourseID, row.Kind, row.Language}] {
		return nil
	}
	t := courseText{kind: row.Kind, lang: row.Language, text: row.Text, origin: row.Origin}
	return []*ent.TextRevisionCreate{newRevision(tx, row.CourseID, t).SetAt(row.UpdatedAt)}
}

func newRevision(tx *store.Tx, courseID int, t courseText) *ent.TextRevisionCreate {
	return tx.TextRevision.Create().SetCourseID(courseID).SetKind(t.kind).SetLanguage(t.lang).SetText(t.text).SetOrigin(t.origin)
}

func addRevisions(ctx context.Context, tx *store.Tx, builders []*ent.TextRevisionCreate) error {
	for chunk := range slices.Chunk(builders, insertChunk) {
		if err := tx.TextRevision.CreateBulk(chunk...).Exec(ctx); err != nil {
			return fmt.Errorf("keep the history of texts: %w", err)
		}
	}
	return nil
}
