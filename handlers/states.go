package handlers

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/varde-platform/varde/internal/people"
	"github.com/varde-platform/varde/internal/training"
)

// stateList keeps the member states for a second: the first page asks for each
// visitor, and a second is what a page may be old.
type stateList struct {
	mu    sync.Mutex
	list  []people.State
	asked time.Time
}

func (h *Handlers) memberStates(ctx context.Context) ([]people.State, error) {
	h.states.mu.Lock()
	defer h.states.mu.Unlock()
	now := h.options.Clock()
	if age := now.Sub(h.states.asked); h.states.list != nil && age >= 0 && age < cacheLife {
		return h.states.list, nil
	}
	list, err := h.people.MemberStates(ctx)
	if err != nil {
		return nil, err
	}
	h.states.list, h.states.asked = list, now
	return list, nil
}

// memberState gives the state of a code that is a member now; false: none.
func (h *Handlers) memberState(ctx context.Context, code string) (people.State, bool, error) {
	list, err := h.memberStates(ctx)
	if err != nil {
		return people.State{}, false, err
	}
	i := slices.IndexFunc(list, func(s people.State) bool { return s.Code == code })
	if i < 0 {
		return people.State{}, false, nil
	}
	return list[i], true, nil
}

// suspendedState is the code of the viewer's confirmed country where its people
// get no new seats; empty: it is not suspended, or none is confirmed.
func (h *Handlers) suspendedState(ctx context.Context, viewer *people.Account) (string, error) {
	if viewer == nil || viewer.Actor().Country == "" {
		return "", nil
	}
	state, known, err := h.memberState(ctx, viewer.Actor().Country)
	if err != nil || !known || !state.Suspended(training.DateOf(h.options.Clock().UTC())) {
		return "", err
	}
	return state.Code, nil
}
