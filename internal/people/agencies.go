package people

import (
	"cmp"
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/varde-platform/varde/ent"
	"github.com/varde-platform/varde/ent/agency"
	"github.com/varde-platform/varde/internal/store"
	"github.com/varde-platform/varde/internal/training"
)

// Agency is the body that a person serves.
type Agency struct {
	ID      int
	Slug    string // small letters, digits, hyphens; in addresses
	Name    string
	Country string // ISO 3166-1 alpha-2, or EU
	Kind    string // of training.AgencyKinds
}

// agencyLife is how long the list may be behind what another server changed.
const agencyLife = time.Minute

type agencyCache struct {
	lock  sync.Mutex
	list  []Agency
	until time.Time
}

func (c *agencyCache) forget() {
	c.lock.Lock()
	defer c.lock.Unlock()
	c.until = time.Time{}
}

// Agencies are all of them by country and name, in the order of code points: how
// a language sorts is the page's to know. The list may be a minute old.
func (s *Service) Agencies(ctx context.Context) ([]Agency, error) {
	c := &s.agencies
	c.lock.Lock()
	defer c.lock.Unlock()
	now := s.opts.Now()
	if now.Before(c.until) {
		return slices.Clone(c.list), nil
	}
	rows, err := s.db.Ent.Agency.Query().All(ctx)
	if err != nil {
		return nil, fmt.Errorf("list agencies: %w", err)
	}
	list := make([]Agency, len(rows))
	for i, row := range rows {
		list[i] = agencyOf(row)
	}
	slices.SortFunc(list, func(a, b Agency) int {
		return cmp.Or(cmp.Compare(a.Country, b.Country), cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID))
	})
	c.list, c.until = list, now.Add(agencyLife)
	return slices.Clone(list), nil
}

func agencyOf(row *ent.Agency) Agency {
	return Agency{ID: row.ID, Slug: row.Slug, Name: row.Name, Country: row.Country, Kind: row.Kind}
}

// AgencyBySlug finds an agency.
func (s *Service) AgencyBySlug(ctx context.Context, slug string) (Agency, error) {
	row, err := s.db.Ent.Agency.Query().Where(agency.Slug(slug)).Only(ctx)
	if ent.IsNotFound(err) {
		return Agency{}, training.NotFound()
	}
	if err != nil {
		return Agency{}, fmt.Errorf("find an agency: %w", err)
	}
	return agencyOf(row), nil
}

// AddAgency makes an agency; it is for administrators. ID is not looked at.
func (s *Service) AddAgency(ctx context.Context, actor training.Actor, a Agency) (Agency, error) {
	if err := training.Can(actor, training.ActAdminister, training.Subject{}); err != nil {
		return Agency{}, err
	}
	a = a.tidy()
	if err := training.Invalid(a.check()); err != nil {
		return Agency{}, err
	}
	defer s.agencies.forget()
	var made Agency
	err := s.change(ctx, func(tx *store.Tx) error {
		row, err := createAgency(tx, a).Save(ctx)
		if slugTaken(err) {
			return training.InvalidField("slug", "invalid.slug_taken", nil)
		}
		if err != nil {
			return fmt.Errorf("make an agency: %w", err)
		}
		made = agencyOf(row)
		return nil
	})
	return made, err
}

// AddAgencies makes many agencies, all or none; it is for whoever runs the
// program. Slugs that exist are left as they are.
func (s *Service) AddAgencies(ctx context.Context, list []Agency) error {
	for i := range list {
		if faults := list[i].tidy().check(); len(faults) > 0 {
			return recordFault(i+1, faults)
		}
	}
	defer s.agencies.forget()
	return s.change(ctx, func(tx *store.Tx) error {
		for some := range chunks(list) {
			rows := make([]*ent.AgencyCreate, len(some))
			for i, a := range some {
				rows[i] = createAgency(tx, a.tidy())
			}
			err := tx.Agency.CreateBulk(rows...).OnConflictColumns(agency.FieldSlug).Ignore().Exec(ctx)
			if err != nil {
				return fmt.Errorf("make agencies: %w", err)
			}
		}
		return nil
	})
}

func createAgency(tx *store.Tx, a Agency) *ent.AgencyCreate {
	return tx.Agency.Create().SetSlug(a.Slug).SetName(a.Name).SetCountry(a.Country).SetKind(a.Kind).SetCreatedAt(tx.Now)
}

func slugTaken(err error) bool {
	return err != nil && store.Broke(err, "agencies_slug_key", "agencies.slug")
}

var slugPattern = regexp.MustCompile(`^[a-z0-9](?:[a-z0-9_-]{0,58}[a-z0-9])?$`)

func (a Agency) tidy() Agency {
	a.Name = tidyName(a.Name)
	a.Slug = strings.TrimSpace(a.Slug)
	a.Kind = cmp.Or(a.Kind, "other")
	return a
}

func (a Agency) check() []training.FieldFault {
	faults := checkName(a.Name)
	fault := func(field, key string) {
		faults = append(faults, training.FieldFault{Field: field, Key: key})
	}
	if !slugPattern.MatchString(a.Slug) {
		fault("slug", "invalid.slug")
	}
	if !training.IsCountry(a.Country) {
		fault("country", "invalid.choose_country")
	}
	if !slices.Contains(training.AgencyKinds, a.Kind) {
		fault("kind", "invalid.choose_kind")
	}
	return faults
}
