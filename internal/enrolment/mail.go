package enrolment

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/varde-platform/varde/ent"
	"github.com/varde-platform/varde/ent/enrolment"
	"github.com/varde-platform/varde/ent/person"
	"github.com/varde-platform/varde/internal/outbox"
	"github.com/varde-platform/varde/internal/store"
	"github.com/varde-platform/varde/internal/training"
)

// approvalAsked is the mail that goes to the officers of the agency instead of
// the person.
const approvalAsked = "approval_asked"

// putMail puts the mail of that name about an enrolment into the outbox.
func putMail(ctx context.Context, tx *store.Tx, ref, name string) error {
	return putMailWith(ctx, tx, training.EnrolmentMailJob{Enrolment: ref, Name: name})
}

func putMailWith(ctx context.Context, tx *store.Tx, mail training.EnrolmentMailJob) error {
	return outbox.Put(ctx, tx, mailJob(mail, tx.Now))
}

func mailJob(mail training.EnrolmentMailJob, now time.Time) outbox.Job {
	mail.At = now.UnixMicro()
	return outbox.Job{Kind: training.EnrolmentMail, Key: mail.Key(), Payload: mail}
}

// Letter is what the mails about an enrolment are written from.
type Letter struct {
	Enrolment
	Readers   []Reader
	ToOfficer bool // the readers are the officers of its agency
}

// Reader is somebody who gets a mail. Country is the service country as the person
// declares it, for whose clocks are meant; empty: not said.
type Reader struct{ Name, To, Locale, Country string }

// Letters gives the facts for the mails that jobs name, in their order. It asks
// nobody's leave: the outbox calls it, and they go to the person, or to the
// officers who have to approve, alone. One without readers is not to be written:
// there is no such enrolment any more, or no officer.
func (s *Service) Letters(ctx context.Context, jobs []training.EnrolmentMailJob) ([]Letter, error) {
	refs := make([]string, len(jobs))
	for i, job := range jobs {
		refs[i] = job.Enrolment
	}
	rows, err := s.whole(s.db.Ent.Enrolment.Query().Where(enrolment.RefIn(refs...))).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("load the enrolments: %w", err)
	}
	described, err := s.describeAll(ctx, rows)
	if err != nil {
		return nil, err
	}
	officers, err := s.officersOf(ctx, jobs, rows)
	if err != nil {
		return nil, err
	}
	at := map[string]int{}
	for i, row := range rows {
		at[row.Ref] = i
	}
	letters := make([]Letter, len(jobs))
	for i, job := range jobs {
		n, there := at[job.Enrolment]
		if !there {
			continue
		}
		letters[i] = Letter{Enrolment: described[n], Readers: []Reader{readerOf(rows[n].Edges.Person)}}
		if job.Name == approvalAsked {
			letters[i].Readers, letters[i].ToOfficer = officers[rows[n].Ref], true
		}
	}
	return letters, nil
}

// officersOf finds, by reference of the enrolment, who has to approve those that
// the jobs say are to be approved.
func (s *Service) officersOf(ctx context.Context, jobs []training.EnrolmentMailJob, rows []*ent.Enrolment) (map[string][]Reader, error) {
	asked := map[string]bool{}
	for _, job := range jobs {
		asked[job.Enrolment] = asked[job.Enrolment] || job.Name == approvalAsked
	}
	agencies := map[int][]string{}
	for _, row := range rows {
		if asked[row.Ref] && row.AgencyID != nil {
			agencies[*row.AgencyID] = append(agencies[*row.AgencyID], row.Ref)
		}
	}
	if len(agencies) == 0 {
		return nil, nil
	}
	officers, err := s.db.Ent.Person.Query().Where(person.AgencyIDIn(slices.Collect(maps.Keys(agencies))...),
		person.RoleEQ(training.RoleAgency), person.AffiliationConfirmedAtNotNil(), person.DisabledAtIsNil()).
		Order(ent.Asc(person.FieldID)).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("load the officers of the agencies: %w", err)
	}
	readers := map[string][]Reader{}
	for _, officer := range officers {
		for _, ref := range agencies[*officer.AgencyID] {
			readers[ref] = append(readers[ref], readerOf(officer))
		}
	}
	return readers, nil
}

func readerOf(p *ent.Person) Reader { return Reader{p.Name, p.Email, p.Locale, p.Country} }
