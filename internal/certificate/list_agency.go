package certificate

import (
	"context"
	"fmt"
	"time"

	"github.com/varde-platform/varde/ent"
	"github.com/varde-platform/varde/ent/certificate"
	"github.com/varde-platform/varde/ent/course"
	"github.com/varde-platform/varde/ent/coursetext"
	"github.com/varde-platform/varde/ent/run"
	"github.com/varde-platform/varde/internal/training"
)

// ListPage is one page of a list.
type ListPage struct {
	Certificates []Listed
	Total        int // on all pages
	Page, Pages  int // from 1; of an empty list there is one
}

// OfAgencyPage is one page of what OfAgency lists, of so many certificates. A page
// before the first is the first, and one after the last the last.
func (s *Service) OfAgencyPage(ctx context.Context, actor training.Actor, slug string, f Filter, page, size int) (ListPage, error) {
	id, err := s.managed(ctx, actor, slug)
	if err != nil {
		return ListPage{}, err
	}
	ids, err := s.chosen(ctx, f, certificate.AgencyID(id))
	if err != nil {
		return ListPage{}, err
	}
	list, from := turned(len(ids), page, size)
	return s.fillPage(ctx, list, ids[from:min(from+size, len(ids))])
}

// turned is a page of a list of so many, without its certificates, and how many
// stand before it.
func turned(total, page, size int) (ListPage, int) {
	list := ListPage{Total: total, Pages: max(1, (total+size-1)/size)}
	list.Page = min(max(page, 1), list.Pages)
	return list, (list.Page - 1) * size
}

func (s *Service) fillPage(ctx context.Context, list ListPage, ids []int) (ListPage, error) {
	err := s.inParts(ctx, ids, func(rows []listRow) error {
		part, err := s.listed(ctx, rows)
		list.Certificates = append(list.Certificates, part...)
		return err
	})
	return list, err
}

// Summary are the certificates of an agency in figures.
type Summary struct {
	Issued   int        // since an instant
	Expiring int        // those that stand and lapse within so many days
	Courses  []OfCourse // that there are certificates of, in the order of their slugs
}

// OfCourse is a course that there are certificates of.
type OfCourse struct {
	Slug   string
	Titles training.Titles
}

// Summary counts an agency's certificates since an instant, and those that lapse
// within so many days.
func (s *Service) Summary(ctx context.Context, actor training.Actor, slug string, since time.Time, days int) (Summary, error) {
	id, err := s.managed(ctx, actor, slug)
	if err != nil {
		return Summary{}, err
	}
	now, err := s.db.Now(ctx)
	if err != nil {
		return Summary{}, err
	}
	own := s.db.Ent.Certificate.Query().Where(certificate.AgencyID(id))
	var sum Summary
	if sum.Issued, err = own.Clone().Where(certificate.IssuedAtGTE(since.UTC())).Count(ctx); err != nil {
		return Summary{}, fmt.Errorf("count certificates: %w", err)
	}
	if sum.Expiring, err = own.Clone().Where(Filter{Expiring: days}.narrow(now)...).Count(ctx); err != nil {
		return Summary{}, fmt.Errorf("count certificates that lapse soon: %w", err)
	}
	var runs []int
	if err := own.Unique(true).Select(certificate.FieldRunID).Scan(ctx, &runs); err != nil {
		return Summary{}, fmt.Errorf("list runs with certificates: %w", err)
	}
	rows, err := s.db.Ent.Course.Query().Where(course.HasRunsWith(run.IDIn(runs...))).Order(ent.Asc(course.FieldSlug)).
		WithTexts(func(q *ent.CourseTextQuery) {
			q.Where(coursetext.Kind("title"), coursetext.OriginNEQ("machine"), coursetext.TextNEQ(""))
		}).All(ctx)
	if err != nil {
		return Summary{}, fmt.Errorf("list courses with certificates: %w", err)
	}
	for _, row := range rows {
		titles := titlesOf(row)
		titles.CourseID = row.ID
		sum.Courses = append(sum.Courses, OfCourse{Slug: row.Slug, Titles: titles})
	}
	return sum, nil
}

// Manages answers nil to those who manage an agency; one that does not exist
// answers as a foreign one.
func (s *Service) Manages(ctx context.Context, actor training.Actor, slug string) error {
	_, err := s.managed(ctx, actor, slug)
	return err
}
