package people

import (
	"context"
	"fmt"

	"github.com/varde-platform/varde/ent"
	"github.com/varde-platform/varde/ent/agency"
	"github.com/varde-platform/varde/ent/person"
	"github.com/varde-platform/varde/internal/training"
)

// Member is somebody who serves an agency, as confirmed.
type Member struct {
	PersonID    int
	Name, Email string
}

// Members lists the confirmed members of an agency who can take seats, by
// address, to its officers. An agency that is missing answers as one that is not
// the actor's.
func (s *Service) Members(ctx context.Context, actor training.Actor, slug string) ([]Member, error) {
	id, err := s.db.Ent.Agency.Query().Where(agency.Slug(slug)).OnlyID(ctx)
	if err != nil && !ent.IsNotFound(err) {
		return nil, fmt.Errorf("find the agency: %w", err)
	}
	missing := ent.IsNotFound(err)
	if missing {
		id = -1
	}
	if err := training.Can(actor, training.ActManageAgency, training.Subject{AgencyID: id}); err != nil {
		return nil, err
	}
	if missing {
		return nil, training.NotFound()
	}
	rows, err := s.db.Ent.Person.Query().Where(person.AgencyID(id), person.AffiliationConfirmedAtNotNil(),
		person.DisabledAtIsNil(), person.RoleNEQ(training.RoleAdmin)).Order(ent.Asc(person.FieldEmail)).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("list the members of an agency: %w", err)
	}
	list := make([]Member, len(rows))
	for i, row := range rows {
		list[i] = Member{row.ID, row.Name, row.Email}
	}
	return list, nil
}
