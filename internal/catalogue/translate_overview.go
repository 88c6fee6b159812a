package catalogue

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/varde-platform/varde/ent/coursetext"
	"github.com/varde-platform/varde/internal/training"
)

// TextNeeds is how much there is to do on the texts of a course in one language:
// texts that are missing, that are older than what they were translated from, and
// that a machine wrote and nobody has judged. An older text of a machine counts
// as older alone.
type TextNeeds struct {
	Course                  *Course
	Missing, Older, Machine int
}

// All is the whole.
func (n TextNeeds) All() int { return n.Missing + n.Older + n.Machine }

// TextsPage is one page of the courses, those with most to do first, with the
// sums over all pages. Pages is 0 where there are no courses.
type TextsPage struct {
	Courses            []TextNeeds
	Sum                TextNeeds // without a course
	Total, Page, Pages int
}

// textsPerPage is how many courses a page of the overview has.
const textsPerPage = 50

// TextsOverview tells an administrator what is to do on the texts in a language
// (one of those that Varde speaks, else not_found). Courses with the same to do
// stand by title, in the order of the reader's language. Pages count from 1.
func (s *Service) TextsOverview(ctx context.Context, actor training.Actor, lang, reader string, page int) (TextsPage, error) {
	if err := training.Can(actor, training.ActAdminister, training.Subject{}); err != nil {
		return TextsPage{}, err
	}
	if !training.SpeaksLanguage(lang) {
		return TextsPage{}, training.NotFound()
	}
	v, err := s.views.get(ctx)
	if err != nil {
		return TextsPage{}, err
	}
	made, err := s.madeOf(ctx, lang)
	if err != nil {
		return TextsPage{}, err
	}
	ranks := v.ranks(reader)
	type ranked struct {
		TextNeeds
		rank int
	}
	all := make([]ranked, len(v.courses))
	pages := (len(all) + textsPerPage - 1) / textsPerPage
	found := TextsPage{Total: len(all), Page: min(max(page, 1), pages+1), Pages: pages}
	for i, c := range v.courses {
		all[i] = ranked{needs(c, lang, made), ranks[i]}
		found.Sum.Missing += all[i].Missing
		found.Sum.Older += all[i].Older
		found.Sum.Machine += all[i].Machine
	}
	slices.SortFunc(all, func(a, b ranked) int {
		return cmp.Or(cmp.Compare(b.All(), a.All()), cmp.Compare(b.Missing, a.Missing), cmp.Compare(a.rank, b.rank))
	})
	from := min((found.Page-1)*textsPerPage, len(all))
	for _, n := range all[from:min(from+textsPerPage, len(all))] {
		found.Courses = append(found.Courses, n.TextNeeds)
	}
	return found, nil
}

// textPlace is a kind of text of a course.
type textPlace struct {
	course int
	kind   string
}

// madeOf gives the sums of the sources of all texts in a language.
func (s *Service) madeOf(ctx context.Context, lang string) (map[textPlace]string, error) {
	rows, err := s.db.Ent.CourseText.Query().Where(coursetext.Language(lang), coursetext.MadeOfNEQ("")).
		Select(coursetext.FieldCourseID, coursetext.FieldKind, coursetext.FieldMadeOf).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read what texts were made of: %w", err)
	}
	made := make(map[textPlace]string, len(rows))
	for _, row := range rows {
		made[textPlace{row.CourseID, row.Kind}] = row.MadeOf
	}
	return made, nil
}

func needs(c *Course, lang string, made map[textPlace]string) TextNeeds {
	n := TextNeeds{Course: c}
	for kind, texts := range c.Texts {
		text, there := in(texts, lang)
		switch {
		case !there:
			n.Missing++
		case older(text, made[textPlace{c.ID, kind}], texts[0]):
			n.Older++
		case text.Origin == OriginMachine:
			n.Machine++
		}
	}
	return n
}
