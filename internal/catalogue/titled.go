package catalogue

import (
	"cmp"
	"context"
	"slices"

	"github.com/varde-platform/varde/internal/training"
)

// Title gives the title of a course to a reader of lang as the catalogue shows
// it, a machine's too, so that a course is called the same on every page. Titles
// stand for themselves, with an empty origin, where the catalogue has no such
// course, has renamed it since they were kept, or cannot be read. Nothing that
// has to last, such as a certificate or a mail, is written with it.
func (s *Service) Title(ctx context.Context, of training.Titles, lang string) Text {
	if c := s.titled(ctx, of); c != nil {
		if title, ok := c.Text(KindTitle, lang); ok {
			return title
		}
	}
	text, real := of.In(lang)
	return Text{Text: text, Lang: real}
}

// titled is the course of the titles; nil: the catalogue calls none by them.
func (s *Service) titled(ctx context.Context, of training.Titles) *Course {
	if of.CourseID == 0 {
		return nil
	}
	v, err := s.views.get(ctx)
	if err != nil {
		return nil
	}
	at, ok := slices.BinarySearchFunc(v.courses, of.CourseID, func(c *Course, id int) int { return cmp.Compare(c.ID, id) })
	if !ok {
		return nil
	}
	course := v.courses[at]
	if original, _ := course.Original(KindTitle); original.Origin != OriginMachine && of.Text[original.Lang] != original.Text {
		return nil
	}
	return course
}
