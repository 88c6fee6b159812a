package training

import (
	"fmt"
	"time"
)

// EnrolmentMail is the kind of the outbox job for a mail about an enrolment; its
// payload is an EnrolmentMailJob. Whatever room changes an enrolment asks for it,
// enrolment knows the facts that the mail is written from.
const EnrolmentMail = "enrolment_mail"

// EnrolmentMailJob says which mail about which enrolment. The facts are read when
// the mail is written.
type EnrolmentMailJob struct {
	Enrolment string `json:"enrolment"` // public identifier
	Name      string `json:"name"`      // of the mail's messages
	At        int64  `json:"at"`        // microseconds; tells one occasion from the next
	// What may have passed when the mail is written.
	Deadline time.Time `json:"deadline,omitzero"` // of the offer or approval
	Position int       `json:"position,omitempty"`
}

// Key tells the job from all others.
func (j EnrolmentMailJob) Key() string { return fmt.Sprintf("%s:%s:%d", j.Name, j.Enrolment, j.At) }
