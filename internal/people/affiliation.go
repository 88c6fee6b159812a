package people

import (
	"context"
	"fmt"
	"strconv"

	"github.com/varde-platform/varde/ent"
	"github.com/varde-platform/varde/ent/person"
	"github.com/varde-platform/varde/ent/predicate"
	"github.com/varde-platform/varde/internal/outbox"
	"github.com/varde-platform/varde/internal/store"
	"github.com/varde-platform/varde/internal/training"
)

// pendingLimit bounds the list of people to confirm; the oldest come first, so
// that the rest moves up.
const pendingLimit = 500

// Affiliation is a country and agency that somebody has declared and nobody has
// confirmed yet.
type Affiliation struct {
	PersonID   int
	Name       string
	Email      string
	Profession string
	Role       training.Role
	Country    string // may be empty
	AgencySlug string // empty: the person named none
	AgencyName string
}

// PendingAffiliations lists what waits to be confirmed, the oldest account
// first: to an officer those who named the own agency, to an administrator all,
// people without an agency too.
func (s *Service) PendingAffiliations(ctx context.Context, actor training.Actor) ([]Affiliation, error) {
	if err := training.Can(actor, training.ActManageAgency, training.Subject{AgencyID: actor.AgencyID}); err != nil {
		return nil, err
	}
	query := s.db.Ent.Person.Query().Where(person.AffiliationConfirmedAtIsNil(), person.DisabledAtIsNil(),
		person.Or(person.AgencyIDNotNil(), person.CountryNEQ("")))
	if actor.Role != training.RoleAdmin {
		query.Where(person.AgencyID(actor.AgencyID), person.IDNEQ(actor.PersonID),
			person.RoleIn(training.RoleTrainee, training.RoleInstructor))
	}
	rows, err := query.WithAgency().Order(ent.Asc(person.FieldCreatedAt, person.FieldID)).Limit(pendingLimit).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("list pending affiliations: %w", err)
	}
	list := make([]Affiliation, len(rows))
	for i, row := range rows {
		list[i] = affiliationOf(row)
	}
	return list, nil
}

func affiliationOf(row *ent.Person) Affiliation {
	a := Affiliation{PersonID: row.ID, Name: row.Name, Email: row.Email, Profession: row.Profession,
		Role: row.Role, Country: row.Country}
	if row.Edges.Agency != nil {
		a.AgencySlug, a.AgencyName = row.Edges.Agency.Slug, row.Edges.Agency.Name
	}
	return a
}

// ConfirmAffiliation confirms that the person serves the agency and country
// that the actor saw; if they have changed since, it is a conflict. Confirming
// again what is confirmed changes nothing.
func (s *Service) ConfirmAffiliation(ctx context.Context, actor training.Actor, personID int, agencySlug, country string) error {
	return s.decide(ctx, actor, personID, agencySlug, country, func(tx *store.Tx, row *ent.Person) error {
		if row.AffiliationConfirmedAt != nil {
			return nil
		}
		n, err := tx.Person.Update().Where(stillDeclared(row)...).
			SetAffiliationConfirmedAt(tx.Now).SetAffiliationConfirmedBy(actor.PersonID).Save(ctx)
		return s.decided(ctx, tx, row, "affiliation_confirmed", n, err)
	})
}

// RejectAffiliation takes the declared agency off the person's account, or the
// country where no agency was declared, under the same rules.
func (s *Service) RejectAffiliation(ctx context.Context, actor training.Actor, personID int, agencySlug, country string) error {
	return s.decide(ctx, actor, personID, agencySlug, country, func(tx *store.Tx, row *ent.Person) error {
		if row.AffiliationConfirmedAt != nil {
			return affiliationChanged()
		}
		update := tx.Person.Update().Where(stillDeclared(row)...)
		if row.AgencyID != nil {
			update.ClearAgencyID()
		} else {
			update.ClearCountry()
		}
		n, err := update.Save(ctx)
		return s.decided(ctx, tx, row, "affiliation_rejected", n, err)
	})
}

// decide loads the person, asks who may, compares with what the actor saw, and
// then lets act do it.
func (s *Service) decide(ctx context.Context, actor training.Actor, personID int, agencySlug, country string,
	act func(*store.Tx, *ent.Person) error) error {
	return s.change(ctx, func(tx *store.Tx) error {
		row, err := tx.Person.Query().Where(person.ID(personID), person.DisabledAtIsNil()).WithAgency().Only(ctx)
		if err != nil && !ent.IsNotFound(err) {
			return fmt.Errorf("find a person: %w", err)
		}
		subject := training.Subject{}
		if row != nil {
			subject = training.Subject{PersonID: row.ID, PersonRole: row.Role}
			if row.AgencyID != nil {
				subject.AgencyID = *row.AgencyID
			}
		}
		if err := training.Can(actor, training.ActConfirmAffiliation, subject); err != nil {
			return err
		}
		if row == nil {
			return training.NotFound()
		}
		now := affiliationOf(row)
		nothing := now.AgencySlug == "" && now.Country == ""
		if nothing || now.AgencySlug != agencySlug || now.Country != country {
			return affiliationChanged()
		}
		return act(tx, row)
	})
}

// stillDeclared holds for the person only while nobody has confirmed or changed
// what was read.
func stillDeclared(row *ent.Person) []predicate.Person {
	agency := person.AgencyIDIsNil()
	if row.AgencyID != nil {
		agency = person.AgencyID(*row.AgencyID)
	}
	country := person.Country(row.Country)
	if row.Country == "" {
		country = person.Or(person.CountryIsNil(), person.Country(""))
	}
	return []predicate.Person{person.ID(row.ID), person.AffiliationConfirmedAtIsNil(), agency, country}
}

func (s *Service) decided(ctx context.Context, tx *store.Tx, row *ent.Person, mail string, changed int, err error) error {
	if err != nil {
		return fmt.Errorf("decide on an affiliation: %w", err)
	}
	if changed == 0 {
		return affiliationChanged()
	}
	return outbox.PutMail(ctx, tx, outbox.Mail{To: row.Email, Locale: row.Locale, Name: mail,
		Args: map[string]string{"link": s.opts.BaseURL + "/" + row.Locale + "/me"},
		Key:  mail + ":" + strconv.Itoa(row.ID) + ":" + strconv.FormatInt(tx.Now.UnixMicro(), 10)})
}

func affiliationChanged() error {
	return training.NewFault(training.KindConflict, "fault.conflict_affiliation", nil)
}
