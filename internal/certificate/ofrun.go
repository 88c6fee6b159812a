package certificate

import (
	"context"
	"fmt"

	"github.com/varde-platform/varde/ent"
	"github.com/varde-platform/varde/ent/certificate"
	"github.com/varde-platform/varde/ent/person"
	"github.com/varde-platform/varde/ent/run"
	"github.com/varde-platform/varde/internal/training"
)

// OfRun are all certificates ever given for a run, the latest first, for its
// instructors and for administrators. A run that does not exist answers as
// somebody else's.
func (s *Service) OfRun(ctx context.Context, actor training.Actor, runCode string) ([]Listed, error) {
	if err := training.Can(actor, training.ActTeach, training.Subject{Instructs: true}); err != nil {
		return nil, err // whoever teaches nothing is told so before any run is looked at
	}
	r, err := s.db.Ent.Run.Query().Where(run.Code(runCode)).
		WithInstructors(func(q *ent.PersonQuery) { q.Where(person.ID(actor.PersonID)) }).Only(ctx)
	if ent.IsNotFound(err) {
		return nil, training.NotFound()
	}
	if err != nil {
		return nil, fmt.Errorf("find run %s: %w", runCode, err)
	}
	subject := training.Subject{Instructs: len(r.Edges.Instructors) > 0}
	if err := training.Can(actor, training.ActTeach, subject); err != nil {
		return nil, err
	}
	return s.list(ctx, Filter{}, certificate.RunID(r.ID))
}
