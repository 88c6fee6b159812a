package people

import (
	"context"
	_ "embed" // the founding list of members
	"encoding/json"
	"fmt"

	"github.com/varde-platform/varde/ent"
	"github.com/varde-platform/varde/ent/memberstate"
	"github.com/varde-platform/varde/internal/store"
	"github.com/varde-platform/varde/internal/training"
)

// State is a member of the Council with its dates.
type State struct {
	Code          string        // ISO 3166-1 alpha-2, or EU
	Kind          string        // state, or union
	From          training.Date // first day as a member
	Until         training.Date // first day no longer a member; zero: still one
	SuspendedFrom training.Date // first day suspended; zero: not suspended
}

// Active reports whether the state is a member and not suspended on that day.
func (s State) Active(on training.Date) bool {
	return !on.Before(s.From) && (s.Until.IsZero() || on.Before(s.Until)) &&
		(s.SuspendedFrom.IsZero() || on.Before(s.SuspendedFrom))
}

// Suspended reports whether the people of the state get no new seats on that day.
func (s State) Suspended(on training.Date) bool {
	return training.SuspendedOn(s.SuspendedFrom, s.Until, on)
}

// MemberStates are all members, present and past, by code.
func (s *Service) MemberStates(ctx context.Context) ([]State, error) {
	rows, err := s.db.Ent.MemberState.Query().Order(ent.Asc(memberstate.FieldCode)).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("list member states: %w", err)
	}
	list := make([]State, len(rows))
	for i, row := range rows {
		list[i], err = stateRecord{Code: row.Code, Kind: row.Kind, From: row.MemberFrom,
			Until: row.MemberUntil, SuspendedFrom: row.SuspendedFrom}.state()
		if err != nil {
			return nil, err
		}
	}
	return list, nil
}

// StatesNow are the codes of those that are members and not suspended on a day,
// in order.
func (s *Service) StatesNow(ctx context.Context, on training.Date) ([]string, error) {
	all, err := s.MemberStates(ctx)
	if err != nil {
		return nil, err
	}
	var codes []string
	for _, state := range all {
		if state.Active(on) {
			codes = append(codes, state.Code)
		}
	}
	return codes, nil
}

// SeedStates adds the states whose code is not there yet and leaves the others
// as they are.
func (s *Service) SeedStates(ctx context.Context, states []State) error {
	if len(states) == 0 {
		return nil
	}
	return s.change(ctx, func(tx *store.Tx) error {
		rows := make([]*ent.MemberStateCreate, len(states))
		for i, st := range states {
			rows[i] = tx.MemberState.Create().SetCode(st.Code).SetKind(st.Kind).SetMemberFrom(st.From.String()).
				SetMemberUntil(dayOrEmpty(st.Until)).SetSuspendedFrom(dayOrEmpty(st.SuspendedFrom))
		}
		err := tx.MemberState.CreateBulk(rows...).OnConflictColumns(memberstate.FieldCode).Ignore().Exec(ctx)
		return wrap(err, "seed member states")
	})
}

//go:embed data/states.json
var foundingStates []byte

// EnsureStates fills an empty list with the Council's members and their dates;
// from then on the list belongs to the secretariat.
func (s *Service) EnsureStates(ctx context.Context) error {
	filled, err := s.db.Ent.MemberState.Query().Exist(ctx)
	if err != nil {
		return fmt.Errorf("look for member states: %w", err)
	}
	if filled {
		return nil
	}
	var records []stateRecord
	if err := json.Unmarshal(foundingStates, &records); err != nil {
		return fmt.Errorf("read the list of member states: %w", err)
	}
	states := make([]State, len(records))
	for i, r := range records {
		if states[i], err = r.state(); err != nil {
			return err
		}
	}
	return s.SeedStates(ctx, states)
}

// stateRecord is a state as text: days like 2027-03-15, empty where there is none.
type stateRecord struct {
	Code          string `json:"code"`
	Kind          string `json:"kind"`
	From          string `json:"member_from"`
	Until         string `json:"member_until"`
	SuspendedFrom string `json:"suspended_from"`
}

func (r stateRecord) state() (State, error) {
	st := State{Code: r.Code, Kind: r.Kind}
	for _, day := range []struct {
		to   *training.Date
		text string
	}{{&st.From, r.From}, {&st.Until, r.Until}, {&st.SuspendedFrom, r.SuspendedFrom}} {
		if day.text == "" {
			continue
		}
		var err error
		if *day.to, err = training.ParseDate(day.text); err != nil {
			return State{}, fmt.Errorf("member state %s: %w", r.Code, err)
		}
	}
	return st, nil
}

func dayOrEmpty(d training.Date) string {
	if d.IsZero() {
		return ""
	}
	return d.String()
}
