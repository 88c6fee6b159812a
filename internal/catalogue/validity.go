package catalogue

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/varde-platform/varde/ent"
	"github.com/varde-platform/varde/ent/course"
	"github.com/varde-platform/varde/internal/store"
	"github.com/varde-platform/varde/internal/training"
)

// Validity is how long the certificates of a course are valid.
type Validity struct {
	Slug   string
	Course *Course
	Months int // from the day of issue; 0: for good
}

// Validities are the courses of a programme, in the order of their slugs; an empty
// programme is those that name none.
func (s *Service) Validities(ctx context.Context, actor training.Actor, programme string) ([]Validity, error) {
	if err := training.Can(actor, training.ActAdminister, training.Subject{}); err != nil {
		return nil, err
	}
	of := course.Programme(programme)
	if programme == "" {
		of = course.Or(course.ProgrammeIsNil(), course.Programme(""))
	}
	rows, err := s.db.Ent.Course.Query().Where(of).Order(ent.Asc(course.FieldSlug)).
		Select(course.FieldID, course.FieldSlug, course.FieldValidMonths).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read how long certificates are valid: %w", err)
	}
	list := make([]Validity, 0, len(rows))
	for _, row := range rows {
		shown, err := s.BySlug(ctx, row.Slug)
		if err != nil {
			return nil, err
		}
		one := Validity{Slug: row.Slug, Course: shown}
		if row.ValidMonths != nil {
			one.Months = *row.ValidMonths
		}
		list = append(list, one)
	}
	return list, nil
}

// SetValidities sets for courses, by their slugs, how many months the certificates
// are valid that are issued from now on; 0 is for good. Faults: invalid with the
// slugs as fields, not_found where there is no such course.
func (s *Service) SetValidities(ctx context.Context, actor training.Actor, months map[string]int) error {
	if err := training.Can(actor, training.ActAdminister, training.Subject{}); err != nil {
		return err
	}
	slugs := slices.Sorted(maps.Keys(months))
	var faults []training.FieldFault
	for _, slug := range slugs {
		if n := months[slug]; n < 0 || n > training.MaxValidMonths {
			faults = append(faults, training.FieldFault{Field: slug, Key: "invalid.between", Args: training.Args{"min": 1, "max": training.MaxValidMonths}})
		}
	}
	if err := training.Invalid(faults); err != nil {
		return err
	}
	return s.db.InTx(ctx, func(tx *store.Tx) error {
		for _, slug := range slugs {
			update := tx.Course.Update().Where(course.Slug(slug))
			if months[slug] == 0 {
				update.ClearValidMonths()
			} else {
				update.SetValidMonths(months[slug])
			}
			n, err := update.Save(ctx)
			if err != nil {
				return fmt.Errorf("set how long the certificates of %s are valid: %w", slug, err)
			}
			if n == 0 {
				return training.NotFound()
			}
		}
		return nil
	})
}
