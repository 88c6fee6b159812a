package training

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// Kind says what sort of answer a fault is; its text is the stable code of the
// API's problem documents.
type Kind string

// The kinds of fault, as the API names them.
const (
	KindInvalid         Kind = "invalid"
	KindUnauthenticated Kind = "unauthenticated"
	KindForbidden       Kind = "forbidden"
	KindNotFound        Kind = "not_found"
	KindSeatGone        Kind = "seat_gone"
	KindHoldExpired     Kind = "hold_expired"
	KindAlreadyEnrolled Kind = "already_enrolled"
	KindNotEligible     Kind = "not_eligible"
	KindEnrolmentClosed Kind = "enrolment_closed"
	KindConflict        Kind = "conflict"
	KindRateLimited     Kind = "rate_limited"
	KindUnavailable     Kind = "unavailable"
	KindTooLarge        Kind = "too_large"
	KindInternal        Kind = "internal"
)

// Args are the named values of a message. Only the page turns them into words.
type Args map[string]any

// FieldFault is what is wrong with one field of what somebody sent.
type FieldFault struct {
	Field string // the field's name in the form or the JSON document
	Key   string // message key
	Args  Args
}

// Fault is an answer "no" that a person may read: a kind, a message key and
// arguments. The cause, if any, is for the log and never shown.
type Fault struct {
	Kind       Kind
	Key        string // message key; empty: "fault.<kind>"
	Args       Args
	Fields     []FieldFault
	Unreadable bool          // the input could not be parsed at all (HTTP 400)
	RetryAfter time.Duration // zero: not said
	Cause      error
}

// Error names the fault for the log; it is never shown to a person.
func (f *Fault) Error() string {
	parts := []string{string(f.Kind) + " (" + f.MessageKey() + ")"}
	for _, field := range f.Fields {
		parts = append(parts, fmt.Sprintf("%s: %s %v", field.Field, field.Key, field.Args))
	}
	if f.Cause != nil {
		parts = append(parts, f.Cause.Error())
	}
	return strings.Join(parts, ": ")
}

// Unwrap gives the cause.
func (f *Fault) Unwrap() error { return f.Cause }

// MessageKey is the key of the sentence that a person reads.
func (f *Fault) MessageKey() string {
	if f.Key != "" {
		return f.Key
	}
	return "fault." + string(f.Kind)
}

// NewFault makes a fault of a kind with a message key.
func NewFault(kind Kind, key string, args Args) *Fault {
	return &Fault{Kind: kind, Key: key, Args: args}
}

// Invalid makes a fault about fields. It returns nil where fields is empty, as
// an untyped nil error, so that a validator can end with it.
func Invalid(fields []FieldFault) error {
	if len(fields) == 0 {
		return nil
	}
	return &Fault{Kind: KindInvalid, Fields: fields}
}

// InvalidField makes a fault about one field.
func InvalidField(field, key string, args Args) error {
	return Invalid([]FieldFault{{Field: field, Key: key, Args: args}})
}

// NotFound is the one answer for what is missing and for what exists but is
// not the caller's to see.
func NotFound() *Fault { return &Fault{Kind: KindNotFound} }

// AsFault finds the fault in an error chain.
func AsFault(err error) (*Fault, bool) {
	f, ok := errors.AsType[*Fault](err)
	return f, ok
}

// IsKind reports whether the error is a fault of that kind.
func IsKind(err error, kind Kind) bool {
	f, ok := AsFault(err)
	return ok && f.Kind == kind
}
