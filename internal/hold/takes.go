package hold

import (
	"context"

	"github.com/redis/go-redis/v9"
)

// asked is a call of the script that takes a hold.
type asked struct {
	keys []string
	args []any
}

type answered struct {
	out []string
	err error
}

// takeTogether takes a hold together with those who come at the same moment: one
// writing and one reading for all of them, here and in Redis, which judges each by
// itself and answers each. No other step goes so: a client may send a pipeline
// again, after which a hold is the one that was taken before, but seats that the
// program sets aside would be set aside twice; and whoever confirms in the last
// moment waits for nobody.
func (k *Keeper) takeTogether(ctx context.Context, keys []string, args []any) ([]string, error) {
	a, err := k.takes.Ask(ctx, asked{keys, args})
	if err == nil {
		err = a.err
	}
	if redis.HasErrorPrefix(err, "NOSCRIPT") { // Redis was empty; nothing was done
		return k.eval(ctx, keys, args...)
	}
	if err != nil {
		return nil, away(err)
	}
	return a.out, nil
}

func (k *Keeper) evalTogether(ctx context.Context, takes []asked) ([]answered, error) {
	answers := make([]answered, len(takes))
	if len(takes) == 1 {
		answers[0].out, answers[0].err = k.script.Load().EvalSha(ctx, k.redis, takes[0].keys, takes[0].args...).StringSlice()
		return answers, nil
	}
	script, cmds := k.script.Load(), make([]*redis.Cmd, len(takes))
	_, _ = k.redis.Pipelined(ctx, func(pipe redis.Pipeliner) error { // each answer tells of itself
		for i, t := range takes {
			cmds[i] = script.EvalSha(ctx, pipe, t.keys, t.args...)
		}
		return nil
	})
	for i, cmd := range cmds {
		answers[i].out, answers[i].err = cmd.StringSlice()
	}
	return answers, nil
}
