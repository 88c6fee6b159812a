package enrolment_test

import (
	"context"
	"slices"
	"sync"
	"testing"

	"github.com/redis/go-redis/v9"

	service "github.com/varde-platform/varde/internal/enrolment"
	"github.com/varde-platform/varde/internal/testkit"
	"github.com/varde-platform/varde/internal/training"
)

// untold is Redis as a server sees it that dies, or loses it, right after a
// commit: it never hears that a hold was settled.
type untold struct{}

func (untold) DialHook(next redis.DialHook) redis.DialHook { return next }

func (untold) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		if slices.Contains(cmd.Args(), any("settle")) {
			return redis.ErrPoolTimeout
		}
		return next(ctx, cmd)
	}
}

func (untold) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		for _, cmd := range cmds {
			if slices.Contains(cmd.Args(), any("settle")) {
				for _, cmd := range cmds {
					cmd.SetErr(redis.ErrPoolTimeout)
				}
				return redis.ErrPoolTimeout
			}
		}
		return next(ctx, cmds)
	}
}

func TestAHoldThatWasUsedAndNotSettledIsNoHoldAnyMore(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		s.Redis.AddHook(untold{})
		e := newService(s, service.Options{})
		s.Run(t, testkit.R{Code: "R", Size: 3})
		for name, again := range map[string]func(a training.Actor, old string) (service.Enrolment, error){
			"without-a-hold": func(a training.Actor, _ string) (service.Enrolment, error) { return e.Confirm(t.Context(), a, "R", "") },
			"with-a-new-hold": func(a training.Actor, _ string) (service.Enrolment, error) {
				h, err := e.Hold(t.Context(), a, "R")
				if err != nil {
					return service.Enrolment{}, err
				}
				return e.Confirm(t.Context(), a, "R", h.Token)
			},
		} {
			t.Run(name, func(t *testing.T) {
				a := s.Person(t, testkit.P{Email: name + "@example.org"})
				h, err := e.Hold(t.Context(), a, "R")
				if err != nil {
					t.Fatal(err)
				}
				first, err := e.Confirm(t.Context(), a, "R", h.Token)
				if err != nil {
					t.Fatal(err)
				}
				if _, err := e.Cancel(t.Context(), a, first.Ref); err != nil {
					t.Fatal(err)
				}
				second, err := again(a, h.Token)
				if err != nil || second.Ref == first.Ref || second.Status != training.Confirmed {
					t.Errorf("got %s %s after %s, %v", second.Ref, second.Status, first.Ref, err)
				}
			})
		}
	})
}

// tabs is Redis between two tabs of one person: the take of one waits until the
// other has committed an enrolment, whose settle waits until the take is answered.
type tabs struct {
	asking, committed, answered chan struct{}
	take, settle                sync.Once
}

func (*tabs) DialHook(next redis.DialHook) redis.DialHook { return next }

func (h *tabs) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		if slices.Contains(cmd.Args(), any("take")) {
			h.take.Do(func() {
				close(h.asking)
				<-h.committed
			})
		}
		return next(ctx, cmd)
	}
}

func (h *tabs) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		if slices.ContainsFunc(cmds, func(cmd redis.Cmder) bool { return slices.Contains(cmd.Args(), any("settle")) }) {
			h.settle.Do(func() {
				close(h.committed)
				<-h.answered
			})
		}
		return next(ctx, cmds)
	}
}

// TestAUsedHoldIsNotReplacedByOneOfTheSameSeat: somebody asks for a hold in one tab
// while the other has just confirmed. By figures of before the commit the seat
// would be held once more, ten minutes long and of no use to anybody.
func TestAUsedHoldIsNotReplacedByOneOfTheSameSeat(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		e := newService(s, service.Options{})
		s.Run(t, testkit.R{Code: "R", Size: 1})
		a := s.Person(t, testkit.P{Email: "a@example.org"})
		h, err := e.Hold(t.Context(), a, "R")
		if err != nil {
			t.Fatal(err)
		}
		between := &tabs{asking: make(chan struct{}), committed: make(chan struct{}), answered: make(chan struct{})}
		s.Redis.AddHook(between)
		go func() {
			defer close(between.answered)
			_, err := e.Hold(t.Context(), a, "R")
			if !training.IsKind(err, training.KindAlreadyEnrolled) {
				t.Errorf("the other tab: %v, want %s", err, training.KindAlreadyEnrolled)
			}
		}()
		<-between.asking
		if _, err := e.Confirm(t.Context(), a, "R", h.Token); err != nil {
			t.Fatal(err)
		}
		seats, err := e.Seats(t.Context(), training.Actor{}, "R")
		if err != nil || seats.Taken != 1 || seats.Held != 0 {
			t.Errorf("of one seat %d are taken and %d held, %v", seats.Taken, seats.Held, err)
		}
	})
}
