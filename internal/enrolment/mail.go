package enrolment

import (
	"context"
	"fmt"

	"github.com/varde-platform/varde/ent"
	"github.com/varde-platform/varde/ent/enrolment"
	"github.com/varde-platform/varde/internal/training"
)

// MailJob is the outbox kind of the mails about an enrolment. They are told
// only which enrolment; its facts are read when the mail is written.
const MailJob = "enrolment_mail"

// MailPayload is the payload of a MailJob.
type MailPayload struct {
	Enrolment string `json:"enrolment"`
	Name      string `json:"name"` // of the mail's messages
}

func mailOf(status training.Status) string {
	switch status {
	case training.Pending:
		return "enrolment_pending"
	case training.Confirmed:
		return "enrolment_confirmed"
	case training.Declined:
		return "enrolment_declined"
	}
	return "enrolment_cancelled"
}

// Letter is what a mail about an enrolment is written from.
type Letter struct {
	Enrolment
	To, Locale string
}

// Letter gives the facts for a mail. It asks nobody's leave: the outbox calls
// it, and it goes to the person alone. found is false where there is no such
// enrolment any more.
func (s *Service) Letter(ctx context.Context, ref string) (Letter, bool, error) {
	row, err := s.whole(s.db.Ent.Enrolment.Query().Where(enrolment.Ref(ref))).Only(ctx)
	if ent.IsNotFound(err) {
		return Letter{}, false, nil
	}
	if err != nil {
		return Letter{}, false, fmt.Errorf("load the enrolment: %w", err)
	}
	e, err := s.describe(ctx, row, nil)
	if err != nil {
		return Letter{}, false, err
	}
	return Letter{Enrolment: e, To: row.Edges.Person.Email, Locale: row.Edges.Person.Locale}, true, nil
}
