package app

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/varde-platform/varde/internal/enrolment"
	"github.com/varde-platform/varde/internal/outbox"
	"github.com/varde-platform/varde/internal/training"
)

// doers are the kinds of work that follow a commit. Where no mail server is
// set, nobody does the mails: they stay where the administrator reads them.
func (a *App) doers() map[string]outbox.Doer {
	doers := map[string]outbox.Doer{
		training.IssueCertificates: a.issueCertificates,
		training.FollowState:       a.followState,
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

func (a *App) followState(ctx context.Context, payload json.RawMessage) error {
	var job training.StateJob
	if err := json.Unmarshal(payload, &job); err != nil {
		return fmt.Errorf("read the job: %w", err)
	}
	return a.Enrolment.FollowState(ctx, job.Country)
}

// writeLetters turns "something happened to this enrolment" into mails with their
// dates and names in the language of each reader.
func (a *App) writeLetters(ctx context.Context, payloads []json.RawMessage) ([][]outbox.Job, error) {
	jobs := make([]training.EnrolmentMailJob, len(payloads))
	for i, payload := range payloads {
		if err := json.Unmarshal(payload, &jobs[i]); err != nil {
			return nil, fmt.Errorf("read the job: %w", err)
		}
	}
	letters, err := a.Enrolment.Letters(ctx, jobs)
	if err != nil {
		return nil, err
	}
	mails := make([][]outbox.Job, len(jobs))
	for i, letter := range letters {
		for _, reader := range letter.Readers {
			mails[i] = append(mails[i], a.mailTo(reader, letter, jobs[i]).Job())
		}
	}
	return mails, nil
}

func (a *App) mailTo(reader enrolment.Reader, letter enrolment.Letter, job training.EnrolmentMailJob) outbox.Mail {
	s := a.Bundle.For(reader.Locale)
	title, _ := letter.Titles.In(s.Lang())
	link := "/me/enrolments/" + letter.Ref
	if letter.ToOfficer {
		link = "/agency/" + letter.AgencySlug
	}
	args := map[string]string{
		"name": reader.Name, "person": letter.PersonName, "course": title, "dates": s.DateRange(letter.Starts, letter.Ends),
		"place": letter.Place, "country": s.Country(letter.Country), "agency": letter.AgencyName,
		"reference": letter.Ref, "link": a.Settings.BaseURL + "/" + s.Lang() + link,
	}
	if !job.Deadline.IsZero() {
		args["deadline"] = s.DeadlineFor(job.Deadline, letter.TimeZone, reader.Country)
	}
	if job.Position > 0 {
		args["position"] = s.Int(job.Position)
	}
	return outbox.Mail{To: reader.To, Locale: s.Lang(), Name: job.Name, Args: args,
		Key: fmt.Sprintf("mail:%s:%s:%s:%d", job.Name, letter.Ref, reader.To, job.At)}
}
