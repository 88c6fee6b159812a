package training

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

func TestAFaultIsFoundInAChain(t *testing.T) {
	cause := errors.New("connection refused")
	fault := &Fault{Kind: KindUnavailable, Cause: cause}
	err := fmt.Errorf("confirm: %w", fault)
	if got, ok := AsFault(err); !ok || got != fault {
		t.Errorf("found %v", got)
	}
	if !IsKind(err, KindUnavailable) || IsKind(err, KindConflict) || IsKind(cause, KindUnavailable) || IsKind(nil, KindUnavailable) {
		t.Error("the kind is not told right")
	}
	if !errors.Is(err, cause) || !strings.Contains(err.Error(), "connection refused") {
		t.Errorf("the log does not learn the cause: %v", err)
	}
	if _, ok := AsFault(nil); ok {
		t.Error("nil is a fault")
	}
}

func TestAFaultWithoutAKeySaysThatOfItsKind(t *testing.T) {
	if got := NotFound().MessageKey(); got != "fault.not_found" {
		t.Errorf("says %s", got)
	}
	if got := NewFault(KindConflict, "fault.busy", nil).MessageKey(); got != "fault.busy" {
		t.Errorf("says %s", got)
	}
}

func TestNothingWrongIsNoFault(t *testing.T) {
	if err := Invalid(nil); err != nil {
		t.Errorf("got %v: a validator that ends with it would refuse everything", err)
	}
	err := InvalidField("email", "invalid.email", Args{"value": "x"})
	fault, ok := AsFault(err)
	if !ok || fault.Kind != KindInvalid || len(fault.Fields) != 1 || fault.Fields[0].Field != "email" {
		t.Errorf("got %v", err)
	}
	for _, part := range []string{"invalid", "email", "invalid.email"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("the log says %q, without %q", err, part)
		}
	}
}
