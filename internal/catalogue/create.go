package catalogue

import (
	"context"
	"fmt"
	"slices"

	"github.com/varde-platform/varde/ent"
	"github.com/varde-platform/varde/ent/person"
	"github.com/varde-platform/varde/ent/run"
	"github.com/varde-platform/varde/internal/store"
	"github.com/varde-platform/varde/internal/training"
)

// CreateRun makes a run of a course for an administrator, with its seat pools.
// Everything that is wrong with it is told at once, each at its field.
func (s *Service) CreateRun(ctx context.Context, actor training.Actor, courseSlug string, n NewRun) (Run, error) {
	if err := training.Can(actor, training.ActAdminister, training.Subject{}); err != nil {
		return Run{}, err
	}
	c, err := s.BySlug(ctx, courseSlug)
	if err != nil {
		return Run{}, err
	}
	var row *ent.Run
	err = s.db.InTx(ctx, func(tx *store.Tx) error {
		var err error
		row, err = createRun(ctx, tx, c.ID, n.plan(tx.Now))
		return err
	})
	// Two may have asked at once whether the code is free.
	if store.Broke(err, "runs_code_key", "runs.code") {
		return Run{}, training.InvalidField("code", "invalid.code_taken", training.Args{"value": n.Code})
	}
	if err != nil {
		return Run{}, err
	}
	s.views.expire()
	s.free.expire()
	return runOf(row, c.Slug, zones{})
}

func createRun(ctx context.Context, tx *store.Tx, courseID int, p *runPlan) (*ent.Run, error) {
	instructors, err := p.checkInstructors(ctx, tx)
	if err != nil {
		return nil, err
	}
	if err := p.checkCode(ctx, tx); err != nil {
		return nil, err
	}
	if err := training.Invalid(p.faults); err != nil {
		return nil, err
	}
	row, err := p.save(ctx, tx, courseID, instructors)
	if err != nil {
		return nil, fmt.Errorf("make run %s: %w", p.Code, err)
	}
	row.Edges.Instructors = instructors
	row.Edges.Pools, err = tx.SeatPool.CreateBulk(p.newPools(tx, row.ID)...).Save(ctx)
	if err != nil {
		return nil, fmt.Errorf("make seat pools of run %s: %w", p.Code, err)
	}
	return row, store.RaiseCatalogueVersion(ctx, tx)
}

// checkInstructors finds the accounts of the instructors, each of whom must
// have that role and be able to log in.
func (p *runPlan) checkInstructors(ctx context.Context, tx *store.Tx) ([]*ent.Person, error) {
	storable := slices.DeleteFunc(slices.Clone(p.Instructors), func(address string) bool { return !readable(address, "") })
	if len(p.Instructors) == 0 {
		return nil, nil
	}
	found, err := tx.Person.Query().Where(person.EmailIn(storable...), person.RoleEQ(training.RoleInstructor),
		person.DisabledAtIsNil()).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("find instructors: %w", err)
	}
	for _, address := range p.Instructors {
		if !slices.ContainsFunc(found, func(i *ent.Person) bool { return i.Email == address }) {
			p.refuse("instructors", "invalid.instructor", training.Args{"value": address})
		}
	}
	return found, nil
}

func (p *runPlan) checkCode(ctx context.Context, tx *store.Tx) error {
	if !runCode.MatchString(p.Code) {
		return nil // refused already
	}
	taken, err := tx.Run.Query().Where(run.Code(p.Code)).Exist(ctx)
	if err != nil {
		return fmt.Errorf("look for run %s: %w", p.Code, err)
	}
	if taken {
		p.refuse("code", "invalid.code_taken", training.Args{"value": p.Code})
	}
	return nil
}

func (p *runPlan) save(ctx context.Context, tx *store.Tx, courseID int, instructors []*ent.Person) (*ent.Run, error) {
	create := tx.Run.Create().SetCode(p.Code).SetCourseID(courseID).
		SetStarts(p.starts.String()).SetEnds(p.ends.String()).SetTimeZone(p.TimeZone).
		SetPlace(p.Place).SetAddress(p.Address).SetCountry(p.Country).SetLanguage(p.Language).
		SetClosesAt(p.closes).SetSize(p.Size).SetThreshold(*p.Threshold).SetApproval(p.Approval).
		SetFilledBy(p.FilledBy).SetDiscreet(p.Discreet).SetConditions(p.Conditions).SetHalfDays(p.HalfDays).
		SetCreatedAt(tx.Now).AddInstructors(instructors...)
	if !p.opens.IsZero() {
		create.SetOpensAt(p.opens)
	}
	if !p.withdraw.IsZero() {
		create.SetWithdrawUntil(p.withdraw)
	}
	return create.Save(ctx)
}

func (p *runPlan) newPools(tx *store.Tx, runID int) []*ent.SeatPoolCreate {
	builders := make([]*ent.SeatPoolCreate, len(p.pools))
	for i, pool := range p.pools {
		builders[i] = tx.SeatPool.Create().SetRunID(runID).SetCountry(pool.Country).SetSize(pool.Size)
		if !pool.ReleasesAt.IsZero() {
			builders[i].SetReleasesAt(store.Instant(pool.ReleasesAt))
		}
	}
	return builders
}
