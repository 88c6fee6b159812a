package app

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/varde-platform/varde/internal/enrolment"
	"github.com/varde-platform/varde/internal/outbox"
	"github.com/varde-platform/varde/internal/store"
	"github.com/varde-platform/varde/internal/training"
)

// doers are the kinds of work that follow a commit. Where no mail server is
// set, nobody does the mails: they stay where the administrator reads them.
func (a *App) doers() map[string]outbox.Doer {
	doers := map[string]outbox.Doer{
		enrolment.MailJob:          a.writeLetter,
		training.IssueCertificates: a.issueCertificates,
	}
	if a.Mail.Out() {
		doers[outbox.MailKind] = a.Mail.Deliver
	}
	return doers
}

func (a *App) issueCertificates(ctx context.Context, payload json.RawMessage) error {
	var job training.IssueJob
	if err := json.Unmarshal(payload, &job); err != nil {
		return fmt.Errorf("read the job: %w", err)
	}
	_, err := a.Certificates.IssueForRun(ctx, job.RunID)
	return err
}

// writeLetter turns "something happened to this enrolment" into a mail with its
// dates and names in the person's language.
func (a *App) writeLetter(ctx context.Context, payload json.RawMessage) error {
	var job enrolment.MailPayload
	if err := json.Unmarshal(payload, &job); err != nil {
		return fmt.Errorf("read the job: %w", err)
	}
	letter, found, err := a.Enrolment.Letter(ctx, job.Enrolment)
	if err != nil || !found {
		return err
	}
	s := a.Bundle.For(letter.Locale)
	title, _ := letter.Titles.In(s.Lang())
	mail := outbox.Mail{To: letter.To, Locale: s.Lang(), Name: job.Name,
		Key: fmt.Sprintf("mail:%s:%s:%d", job.Name, letter.Ref, letter.UpdatedAt.UnixMicro()),
		Args: map[string]string{
			"name": letter.PersonName, "course": title, "dates": s.DateRange(letter.Starts, letter.Ends),
			"place": letter.Place, "country": s.Country(letter.Country), "agency": letter.AgencyName,
			"reference": letter.Ref, "link": a.Settings.BaseURL + "/" + s.Lang() + "/me/enrolments/" + letter.Ref,
		}}
	return a.DB.InTx(ctx, func(tx *store.Tx) error { return outbox.PutMail(ctx, tx, mail) })
}
