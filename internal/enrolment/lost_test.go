package enrolment_test

import (
	"context"
	"slices"
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
