package people

import (
	"context"
	"fmt"

	"github.com/varde-platform/varde/ent"
	"github.com/varde-platform/varde/ent/person"
	"github.com/varde-platform/varde/internal/training"
)

// Instructor is somebody whom a run can be given to.
type Instructor struct {
	Name       string // empty until the profile is filled in
	Email      string
	AgencyName string // as declared; may be empty
}

// Instructors are all living accounts with that role, by name in the order of
// code points, for administrators.
func (s *Service) Instructors(ctx context.Context, actor training.Actor) ([]Instructor, error) {
	if err := training.Can(actor, training.ActAdminister, training.Subject{}); err != nil {
		return nil, err
	}
	rows, err := s.db.Ent.Person.Query().Where(person.RoleEQ(training.RoleInstructor), person.DisabledAtIsNil()).
		WithAgency().Order(ent.Asc(person.FieldName, person.FieldEmail)).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("list instructors: %w", err)
	}
	list := make([]Instructor, len(rows))
	for i, row := range rows {
		list[i] = Instructor{Name: row.Name, Email: row.Email}
		if row.Edges.Agency != nil {
			list[i].AgencyName = row.Edges.Agency.Name
		}
	}
	return list, nil
}
