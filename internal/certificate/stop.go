package certificate

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/varde-platform/varde/ent"
	"github.com/varde-platform/varde/ent/enrolmentevent"
	"github.com/varde-platform/varde/ent/predicate"
	"github.com/varde-platform/varde/internal/certificate/page"
	"github.com/varde-platform/varde/internal/store"
	"github.com/varde-platform/varde/internal/training"
)

// The reasons why a certificate is not issued, as the API names them.
const (
	StopMissingGlyph = "missing_glyph"
	StopTooLong      = "too_long"
	StopNameMissing  = "name_missing"
)

// stopEvent begins the message keys of stops in an enrolment's history.
const stopEvent = "event.certificate_stopped_"

// tryOut draws the holder's page once and sets those of other languages that say
// something else, because a certificate that cannot be drawn must not be issued. An
// empty Reason: it can.
func (s *Service) tryOut(ctx context.Context, d draft) (Stop, error) {
	if strings.TrimSpace(d.row.Holder) == "" {
		return Stop{Reason: StopNameMissing}, nil
	}
	_, err := s.draw(ctx, d.row, d.facts, d.row.Language)
	if err == nil {
		err = s.checkOthers(ctx, d)
	}
	if glyph, ok := errors.AsType[page.MissingGlyphError](err); ok {
		field := factNamed(glyph.Field, d.row, d.facts, s.words(d.row.Language))
		return Stop{Reason: StopMissingGlyph, Field: field, Rune: readable(glyph.Rune)}, nil
	}
	if errors.Is(err, page.ErrTooLong) {
		return Stop{Reason: StopTooLong}, nil
	}
	return Stop{}, err
}

// checkOthers tells what keeps a page from being drawn in a language other than
// the holder's.
func (s *Service) checkOthers(ctx context.Context, d draft) error {
	seen := []string{d.facts.written(d.row.Language)}
	for _, lang := range training.Languages {
		written := d.facts.written(lang)
		if slices.Contains(seen, written) {
			continue
		}
		seen = append(seen, written)
		p, err := s.dressed(ctx, d.row, d.facts, lang)
		if err != nil {
			return err
		}
		if err := s.set(ctx, p); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) set(ctx context.Context, p page.Facts) error {
	done, err := s.slot(ctx)
	if err != nil {
		return err
	}
	defer done()
	return page.Check(p)
}

// written is what people wrote that pages show in some languages and not in
// others.
func (f Facts) written(lang string) string {
	title, _ := f.Titles.In(lang)
	parts := []string{title}
	for _, one := range f.Signatories {
		shown := signatory(one, lang)
		parts = append(parts, shown.Role, shown.RoleSecondary)
	}
	return strings.Join(parts, "\x00")
}

// readable shows a rune to people who may have no glyph for it either.
func readable(r rune) string {
	switch {
	case unicode.IsMark(r):
		return fmt.Sprintf("\u25cc%c (%U)", r, r) // on a dotted circle
	case unicode.IsGraphic(r) && r != unicode.ReplacementChar:
		return fmt.Sprintf("%c (%U)", r, r)
	}
	return fmt.Sprintf("%U", r)
}

// recordStop writes a stop into the history, once for each closing and cause.
func (s *Service) recordStop(ctx context.Context, r *ent.Run, e *ent.Enrolment, stop Stop) error {
	return s.db.InTx(ctx, func(tx *store.Tx) error {
		if err := s.stillAsRead(ctx, tx, r, e); err != nil {
			return err
		}
		before, err := tx.EnrolmentEvent.Query().Where(enrolmentevent.EnrolmentID(e.ID), stopSince(r)).All(ctx)
		if err != nil {
			return fmt.Errorf("read earlier stops: %w", err)
		}
		for _, event := range before {
			if stopOf(e, event) == stop {
				return nil
			}
		}
		err = tx.EnrolmentEvent.Create().SetEnrolmentID(e.ID).SetFromStatus(string(e.Status)).SetToStatus(string(e.Status)).
			SetReason(stopEvent + stop.Reason).SetArgs(map[string]any{"field": stop.Field, "rune": stop.Rune}).
			SetAt(tx.Now).Exec(ctx)
		if err != nil {
			return fmt.Errorf("record the stop: %w", err)
		}
		return nil
	})
}

func stopSince(r *ent.Run) predicate.EnrolmentEvent {
	return enrolmentevent.And(enrolmentevent.ReasonHasPrefix(stopEvent), enrolmentevent.AtGTE(store.Instant(*r.ClosedAt)))
}

func stopOf(e *ent.Enrolment, event *ent.EnrolmentEvent) Stop {
	field, _ := event.Args["field"].(string)
	glyph, _ := event.Args["rune"].(string)
	return Stop{Enrolment: e.Ref, Reason: strings.TrimPrefix(event.Reason, stopEvent), Field: field, Rune: glyph}
}
