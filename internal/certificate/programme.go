package certificate

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/varde-platform/varde/ent"
	"github.com/varde-platform/varde/ent/course"
	"github.com/varde-platform/varde/ent/logo"
	"github.com/varde-platform/varde/ent/programme"
	"github.com/varde-platform/varde/internal/store"
	"github.com/varde-platform/varde/internal/training"
)

// Look is how the certificates of a programme look, beside what they state.
type Look struct {
	Programme   string // as courses name it; empty: all that have no look of their own
	Organisers  string // one line; empty: the issuer's name
	Signatories []training.Signatory
	Logos       [training.MaxLogos]*Logo // left and right; nil: none
	ChangedAt   time.Time                // UTC; zero: never set
}

// unset reports whether a programme looks as all that have no look of their own.
func (l Look) unset() bool {
	return l.Organisers == "" && len(l.Signatories) == 0 && l.Logos == [training.MaxLogos]*Logo{}
}

// Logo is a picture on certificates.
type Logo struct {
	ID  int
	PNG []byte
	Alt string // what it shows, for those who do not see it
}

// ProgrammeLine is a programme in the secretariat's list.
type ProgrammeLine struct {
	Look
	Courses int
}

// Looks are the programmes that courses name, with the look of each, in the order
// of their names; first that of all others.
func (s *Service) Looks(ctx context.Context, actor training.Actor) ([]ProgrammeLine, error) {
	if err := training.Can(actor, training.ActAdminister, training.Subject{}); err != nil {
		return nil, err
	}
	var counted []struct {
		Programme string `json:"programme"`
		Count     int    `json:"count"`
	}
	err := s.db.Ent.Course.Query().Where(course.ProgrammeNotNil()).GroupBy(course.FieldProgramme).Aggregate(ent.Count()).Scan(ctx, &counted)
	if err != nil {
		return nil, fmt.Errorf("count the courses of programmes: %w", err)
	}
	lines := map[string]*ProgrammeLine{"": {}}
	for _, c := range counted {
		lines[c.Programme] = &ProgrammeLine{Courses: c.Count, Look: Look{Programme: c.Programme}}
	}
	rows, err := s.db.Ent.Programme.Query().WithLeftLogo().WithRightLogo().All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the looks of programmes: %w", err)
	}
	for _, row := range rows {
		line := lines[row.Name]
		if line == nil { // its courses have gone, or are named otherwise since
			line = &ProgrammeLine{}
			lines[row.Name] = line
		}
		line.Look = lookOf(row)
	}
	list := make([]ProgrammeLine, 0, len(lines))
	for _, line := range lines {
		list = append(list, *line)
	}
	slices.SortFunc(list, func(a, b ProgrammeLine) int { return cmp.Compare(a.Programme, b.Programme) })
	return list, nil
}

// Look is the look of one programme. Faults: not_found where no course names it.
func (s *Service) Look(ctx context.Context, actor training.Actor, name string) (Look, error) {
	if err := training.Can(actor, training.ActAdminister, training.Subject{}); err != nil {
		return Look{}, err
	}
	if err := s.named(ctx, name); err != nil {
		return Look{}, err
	}
	row, err := s.db.Ent.Programme.Query().Where(programme.Name(name)).WithLeftLogo().WithRightLogo().Only(ctx)
	if ent.IsNotFound(err) {
		return Look{Programme: name}, nil
	}
	if err != nil {
		return Look{}, fmt.Errorf("read the look of a programme: %w", err)
	}
	return lookOf(row), nil
}

// named holds to programmes that a course names, or that have a look already.
func (s *Service) named(ctx context.Context, name string) error {
	if name == "" {
		return nil
	}
	known, err := s.db.Ent.Course.Query().Where(course.Programme(name)).Exist(ctx)
	if err == nil && !known {
		known, err = s.db.Ent.Programme.Query().Where(programme.Name(name)).Exist(ctx)
	}
	if err != nil {
		return fmt.Errorf("look for a programme: %w", err)
	}
	if !known {
		return training.NotFound()
	}
	return nil
}

func lookOf(row *ent.Programme) Look {
	return Look{Programme: row.Name, Organisers: row.Organisers, Signatories: row.Signatories, ChangedAt: store.Instant(row.ChangedAt),
		Logos: [training.MaxLogos]*Logo{logoOf(row.Edges.LeftLogo), logoOf(row.Edges.RightLogo)}}
}

func logoOf(row *ent.Logo) *Logo {
	if row == nil {
		return nil
	}
	return &Logo{ID: row.ID, PNG: row.Png, Alt: row.Alt}
}

// LookChange is what the secretariat sets. It is for certificates that are issued
// from now on: those given out keep the look that they were issued with.
type LookChange struct {
	Organisers  string
	Signatories []training.Signatory // those without a name and a role are left out
	Logos       [training.MaxLogos]LogoChange
}

// LogoChange puts a picture in the place of a logo, describes the one that is
// there anew, or takes it away; the zero value leaves it as it is.
type LogoChange struct {
	File   []byte // PNG or JPEG; empty: none was sent
	Alt    string
	Remove bool
}

// CheckLook says what SetLook would answer, and sets nothing.
func (s *Service) CheckLook(ctx context.Context, actor training.Actor, name string, change LookChange) error {
	now, err := s.Look(ctx, actor, name)
	if err != nil {
		return err
	}
	_, err = checkLook(now, change)
	return err
}

// SetLook sets the look of a programme. Faults: not_found (the programme), invalid
// with the fields organisers, signatory_1_name, signatory_1_role,
// signatory_1_role_english, left_logo, left_logo_alt and so on.
func (s *Service) SetLook(ctx context.Context, actor training.Actor, name string, change LookChange) error {
	if err := training.Can(actor, training.ActAdminister, training.Subject{}); err != nil {
		return err
	}
	now, err := s.Look(ctx, actor, name)
	if err != nil {
		return err
	}
	checked, err := checkLook(now, change)
	if err != nil {
		return err
	}
	return s.db.InTx(ctx, func(tx *store.Tx) error {
		err := tx.Programme.Create().SetName(name).SetChangedAt(tx.Now).SetChangedBy(actor.PersonID).
			OnConflictColumns(programme.FieldName).Ignore().Exec(ctx)
		if err != nil {
			return fmt.Errorf("make the look: %w", err)
		}
		update := tx.Programme.Update().Where(programme.Name(name)).SetOrganisers(checked.organisers).
			SetSignatories(checked.signatories).SetChangedAt(tx.Now).SetChangedBy(actor.PersonID)
		ids := [training.MaxLogos]*int{}
		for i, picture := range checked.logos {
			if picture == nil {
				continue
			}
			id, err := keepLogo(ctx, tx, *picture)
			if err != nil {
				return err
			}
			ids[i] = &id
		}
		switch {
		case ids[0] != nil:
			update.SetLeftLogoID(*ids[0])
		case change.Logos[0].Remove:
			update.ClearLeftLogo()
		}
		switch {
		case ids[1] != nil:
			update.SetRightLogoID(*ids[1])
		case change.Logos[1].Remove:
			update.ClearRightLogo()
		}
		if err := update.Exec(ctx); err != nil {
			return fmt.Errorf("set the look: %w", err)
		}
		return nil
	})
}

// keepLogo keeps a picture once, however often it is sent.
func keepLogo(ctx context.Context, tx *store.Tx, picture Logo) (int, error) {
	sum := digest(append([]byte(picture.Alt+"\x00"), picture.PNG...))
	err := tx.Logo.Create().SetSha256(sum).SetPng(picture.PNG).SetAlt(picture.Alt).SetMadeAt(tx.Now).
		OnConflictColumns(logo.FieldSha256).Ignore().Exec(ctx)
	if err != nil {
		return 0, fmt.Errorf("keep a logo: %w", err)
	}
	id, err := tx.Logo.Query().Where(logo.Sha256(sum)).OnlyID(ctx)
	if err != nil {
		return 0, fmt.Errorf("find the logo again: %w", err)
	}
	return id, nil
}
