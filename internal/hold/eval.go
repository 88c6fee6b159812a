package hold

import (
	"context"

	"github.com/redis/go-redis/v9"
)

// step is a call of the script.
type step struct {
	keys []string
	args []any
}

type answered struct {
	out []string
	err error
}

// eval takes a step of the script, together with those who come at the same
// moment: one writing and one reading for all of them, here and in Redis, which
// takes each step by itself and answers each.
func (k *Keeper) eval(ctx context.Context, keys []string, args ...any) ([]string, error) {
	a, err := k.steps.Ask(ctx, step{keys, args})
	if err == nil {
		err = a.err
	}
	if redis.HasErrorPrefix(err, "NOSCRIPT") { // Redis was empty; nothing was done
		a.out, err = k.script.Load().Eval(ctx, k.redis, keys, args...).StringSlice()
	}
	if err != nil {
		return nil, away(err)
	}
	return a.out, nil
}

func (k *Keeper) evalTogether(ctx context.Context, steps []step) ([]answered, error) {
	script, cmds := k.script.Load(), make([]*redis.Cmd, len(steps))
	if len(steps) == 1 {
		cmds[0] = script.EvalSha(ctx, k.redis, steps[0].keys, steps[0].args...)
		return answersOf(cmds), nil
	}
	_, _ = k.redis.Pipelined(ctx, func(pipe redis.Pipeliner) error { // each answer tells of itself
		for i, s := range steps {
			cmds[i] = script.EvalSha(ctx, pipe, s.keys, s.args...)
		}
		return nil
	})
	return answersOf(cmds), nil
}

func answersOf(cmds []*redis.Cmd) []answered {
	answers := make([]answered, len(cmds))
	for i, cmd := range cmds {
		answers[i].out, answers[i].err = cmd.StringSlice()
	}
	return answers
}
