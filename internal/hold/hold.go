// Package hold owns the Redis seat lock: who may try to take a seat, for how
// long. It does not own who has a seat: that is the database's.
package hold

import (
	"context"
	_ "embed" // hold.lua
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/varde-platform/varde/internal/together"
	"github.com/varde-platform/varde/internal/training"
)

//go:embed hold.lua
var source string

// unshifted is the line of the script that Shift changes.
const unshifted = "local shift = 0 "

// retryWhenAway is what a client is told to wait while Redis is away.
const retryWhenAway = 5 * time.Second

// Keeper takes and gives back holds. It is safe for concurrent use.
type Keeper struct {
	redis  redis.UniversalClient
	secret []byte
	life   time.Duration
	script atomic.Pointer[redis.Script]
	apart  atomic.Bool // person and run are in different places of a cluster
	takes  *together.Asker[asked, answered]
}

// New makes a keeper of holds that live so long; tokens are sealed with secret.
func New(client redis.UniversalClient, secret []byte, life time.Duration) *Keeper {
	k := &Keeper{redis: client, secret: secret, life: life}
	k.takes = together.New(k.evalTogether)
	k.Shift(0)
	return k
}

// Shift moves this keeper's view of Redis' clock. Tests use it to live through
// weeks in a moment; a serving program never does.
func (k *Keeper) Shift(by time.Duration) {
	k.script.Store(redis.NewScript(strings.Replace(source, unshifted,
		"local shift = "+strconv.FormatInt(by.Milliseconds(), 10)+" ", 1)))
}

// Hold is a seat set aside for one person.
type Hold struct {
	Token       string
	RunID       int
	PoolID      int
	ExpiresAt   time.Time // by Redis' clock, UTC
	ProlongFrom time.Time // may be prolonged from then on; zero: was already
	Now         time.Time // Redis' clock when it answered
	Existing    bool      // it was there before it was asked for
}

// Left is how long the hold still lives.
func (h Hold) Left() time.Duration { return max(0, h.ExpiresAt.Sub(h.Now)) }

// Figures are the seats of a run's pools at one seat_version.
type Figures struct {
	RunID   int
	Version int
	Pools   []training.Pool
	Closes  time.Time
}

// Take sets a seat aside for the person in the first of the usable pools that
// has one, or gives the hold that the person already has in the run. Faults:
// seat_gone, rate_limited (too many holds, or too many unused), unavailable.
func (k *Keeper) Take(ctx context.Context, f Figures, personID int, usable []training.Pool) (Hold, error) {
	token := k.newToken(f.RunID, personID)
	args := append([]any{"take", personID, token, k.life.Milliseconds(), f.Closes.UnixMilli(),
		training.MaxUnusedHolds, f.RunID, training.MaxHoldsPerPerson}, figureArgs(f)...)
	for _, p := range usable {
		args = append(args, p.ID)
	}
	out, err := k.admitAndTake(ctx, f.RunID, personID, args)
	if err != nil {
		return Hold{}, err
	}
	switch out[0] {
	case "new", "same":
		return parse(out, f.RunID)
	case "full":
		return Hold{}, &training.Fault{Kind: training.KindRateLimited, Key: "fault.holds_many",
			Args: training.Args{"count": training.MaxHoldsPerPerson}, RetryAfter: milliseconds(out[1])}
	case "wait":
		return Hold{}, &training.Fault{Kind: training.KindRateLimited, Key: "fault.holds_unused", RetryAfter: milliseconds(out[1])}
	case "closed":
		return Hold{}, training.NewFault(training.KindEnrolmentClosed, "", nil)
	}
	return Hold{}, &training.Fault{Kind: training.KindSeatGone}
}

// admitAndTake also counts the person's holds over all runs. That is a key of its
// own, which a cluster may keep elsewhere than the run's: there it is asked before,
// and a server that dies between the two leaves a place that ends by itself.
func (k *Keeper) admitAndTake(ctx context.Context, runID, personID int, take []any) ([]string, error) {
	own := personKey(personID)
	if !k.apart.Load() {
		out, err := k.takeTogether(ctx, append(runKeys(runID), own), take)
		if !isApart(err) {
			return out, err
		}
		k.apart.Store(true)
	}
	out, err := k.eval(ctx, []string{own}, "admit", runID, k.life.Milliseconds(), training.MaxHoldsPerPerson)
	if err != nil || out[0] == "full" {
		return out, err
	}
	out, err = k.run(ctx, runID, take...)
	if err == nil && out[0] != "new" && out[0] != "same" {
		k.forget(ctx, runID, personID)
	}
	return out, err
}

// isApart reports whether a cluster keeps the keys of a call in different places.
func isApart(err error) bool {
	fault, ok := training.AsFault(err)
	return ok && redis.HasErrorPrefix(errors.Unwrap(fault.Cause), "CROSSSLOT")
}

// forget takes the run off the person's own count. A failure is left to the
// count's own end.
func (k *Keeper) forget(ctx context.Context, runID, personID int) {
	_ = k.redis.ZRem(context.WithoutCancel(ctx), personKey(personID), runID).Err()
}

// View is what is held in a run.
type View struct {
	Held map[int]int // by pool
	Mine *Hold       // of the person who looks
}

// Look tells what is held in a run; personID 0 is a visitor.
func (k *Keeper) Look(ctx context.Context, runID, personID int) (View, error) {
	out, err := k.run(ctx, runID, "look", personID)
	if err != nil {
		return View{}, err
	}
	view := View{Held: heldByPool(out)}
	if out[0] == "mine" {
		h, err := parse(out, runID)
		if err != nil {
			return View{}, err
		}
		h.Existing = true
		view.Mine = &h
	}
	return view, nil
}

// Holders lists the people who hold a seat in a run now.
func (k *Keeper) Holders(ctx context.Context, runID int) ([]int, error) {
	out, err := k.run(ctx, runID, "holders")
	if err != nil {
		return nil, err
	}
	ids := make([]int, len(out))
	for i, id := range out {
		ids[i] = int(number(id))
	}
	return ids, nil
}

// LookMany tells what is held in several runs, by run and pool, in one round
// trip.
func (k *Keeper) LookMany(ctx context.Context, runIDs []int) (map[int]map[int]int, error) {
	if len(runIDs) == 0 {
		return map[int]map[int]int{}, nil
	}
	held, err := k.lookMany(ctx, runIDs, (*redis.Script).EvalSha)
	if redis.HasErrorPrefix(err, "NOSCRIPT") {
		held, err = k.lookMany(ctx, runIDs, (*redis.Script).Eval)
	}
	if err != nil {
		return nil, away(err)
	}
	return held, nil
}

type evaluate func(*redis.Script, context.Context, redis.Scripter, []string, ...any) *redis.Cmd

func (k *Keeper) lookMany(ctx context.Context, runIDs []int, call evaluate) (map[int]map[int]int, error) {
	answers := make([]*redis.Cmd, len(runIDs))
	_, err := k.redis.Pipelined(ctx, func(p redis.Pipeliner) error {
		for i, id := range runIDs {
			answers[i] = call(k.script.Load(), ctx, p, runKeys(id), "look", 0)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	held := make(map[int]map[int]int, len(runIDs))
	for i, id := range runIDs {
		out, err := answers[i].StringSlice()
		if err != nil {
			return nil, err
		}
		held[id] = heldByPool(out)
	}
	return held, nil
}

func heldByPool(out []string) map[int]int {
	held := map[int]int{}
	for i := answerLength; i+1 < len(out); i += 2 {
		if n := number(out[i+1]); n > 0 {
			held[int(number(out[i]))] = int(n)
		}
	}
	return held
}

// Keep is asked when a confirmation arrives: it judges by Redis' clock whether
// the hold still lives, and keeps its seat until the transaction is over.
// Faults: not_found (forged, foreign), invalid (of another run), hold_expired.
func (k *Keeper) Keep(ctx context.Context, token string, runID, personID int) (Hold, error) {
	of, err := k.RunOf(token, personID)
	if err != nil {
		return Hold{}, err
	}
	if of != runID {
		return Hold{}, training.InvalidField("hold", "invalid.hold_other_run", nil)
	}
	out, err := k.run(ctx, runID, "keep", token, personID, training.ConfirmGrace.Milliseconds())
	if err != nil {
		return Hold{}, err
	}
	if out[0] != "kept" {
		return Hold{}, &training.Fault{Kind: training.KindHoldExpired}
	}
	return parse(out, runID)
}

// Unkeep undoes Keep after a confirmation that failed: the hold has its own end
// again. What cannot be told to Redis ends with the grace.
func (k *Keeper) Unkeep(ctx context.Context, h Hold, personID int) {
	_, _ = k.run(context.WithoutCancel(ctx), h.RunID, "unkeep", h.Token, personID)
}

// Settle follows the commit of an enrolment: the hold goes, the new figures
// come, in one step.
func (k *Keeper) Settle(ctx context.Context, h Hold, personID int, f Figures) error {
	args := append([]any{"settle", h.Token, personID}, figureArgs(f)...)
	pipe := k.redis.Pipeline()
	pipe.ZRem(ctx, personKey(personID), h.RunID)
	settled := k.script.Load().EvalSha(ctx, pipe, runKeys(h.RunID), args...)
	_, _ = pipe.Exec(ctx) // each answer tells of itself; the first is left to the count's own end
	err := settled.Err()
	if redis.HasErrorPrefix(err, "NOSCRIPT") {
		_, err = k.run(ctx, h.RunID, args...)
		return err
	}
	if err != nil {
		return away(err)
	}
	return nil
}

// Learn gives Redis figures that changed otherwise.
func (k *Keeper) Learn(ctx context.Context, f Figures) error {
	_, err := k.run(ctx, f.RunID, append([]any{"learn"}, figureArgs(f)...)...)
	return err
}

// Drop gives the seat back. Dropping what has ended is no fault; a forged or
// foreign token is not_found.
func (k *Keeper) Drop(ctx context.Context, token string, personID int) error {
	return k.drop(ctx, token, personID, "asked")
}

// DropUnasked gives back a hold that the program took on the person's behalf.
func (k *Keeper) DropUnasked(ctx context.Context, token string, personID int) error {
	return k.drop(context.WithoutCancel(ctx), token, personID, "unasked")
}

func (k *Keeper) drop(ctx context.Context, token string, personID int, how string) error {
	runID, err := k.RunOf(token, personID)
	if err != nil {
		return err
	}
	out, err := k.run(ctx, runID, "drop", token, personID, how)
	if err != nil {
		return err
	}
	if out[0] == "kept" {
		return training.NewFault(training.KindConflict, "", nil)
	}
	if out[0] == "ok" { // else it had ended, and another may live in its place
		k.forget(ctx, runID, personID)
	}
	return nil
}

// Prolong gives the hold its life once more, once, in the last fifth; else
// conflict. Faults: not_found, hold_expired, conflict.
func (k *Keeper) Prolong(ctx context.Context, token string, personID int) (Hold, error) {
	runID, err := k.RunOf(token, personID)
	if err != nil {
		return Hold{}, err
	}
	out, err := k.run(ctx, runID, "prolong", token, personID, training.ProlongPart)
	if err != nil {
		return Hold{}, err
	}
	switch out[0] {
	case "prolonged":
		h, err := parse(out, runID)
		if err == nil {
			_ = k.redis.ZAdd(ctx, personKey(personID), redis.Z{Score: float64(h.ExpiresAt.UnixMilli()), Member: runID}).Err()
		}
		return h, err
	case "refused":
		h, err := parse(out, runID)
		if err != nil {
			return Hold{}, err
		}
		if h.ProlongFrom.IsZero() {
			return Hold{}, training.NewFault(training.KindConflict, "fault.hold_prolonged_before", nil)
		}
		return Hold{}, training.NewFault(training.KindConflict, "fault.hold_prolong_early", training.Args{"at": h.ProlongFrom})
	}
	return Hold{}, &training.Fault{Kind: training.KindHoldExpired}
}

// Ready answers nil while Redis does.
func (k *Keeper) Ready(ctx context.Context) error { return k.redis.Ping(ctx).Err() }

func (k *Keeper) run(ctx context.Context, runID int, args ...any) ([]string, error) {
	return k.eval(ctx, runKeys(runID), args...)
}

func (k *Keeper) eval(ctx context.Context, keys []string, args ...any) ([]string, error) {
	out, err := k.script.Load().Run(ctx, k.redis, keys, args...).StringSlice()
	if err != nil {
		return nil, away(err)
	}
	return out, nil
}

func away(err error) error {
	return &training.Fault{Kind: training.KindUnavailable, Key: "fault.holds_away", RetryAfter: retryWhenAway,
		Cause: fmt.Errorf("hold: %w", err)}
}

func runKeys(runID int) []string {
	tag := "varde:{run" + strconv.Itoa(runID) + "}:"
	return []string{tag + "figures", tag + "ends", tag + "facts", tag + "counts", tag + "people", tag + "unused", tag + "watched"}
}

func personKey(personID int) string { return "varde:{person" + strconv.Itoa(personID) + "}:holds" }

func figureArgs(f Figures) []any {
	args := []any{f.Version, len(f.Pools)}
	open := 0
	for _, p := range f.Pools {
		if p.Open() {
			open = p.ID
		}
	}
	for _, p := range f.Pools {
		movedTo := 0
		if !p.ForNewcomers() {
			movedTo = open
		}
		args = append(args, p.ID, p.Size, p.Taken, p.Waiting, movedTo)
	}
	return args
}

// answerLength is how many values the script's answer about a hold has: word,
// hold, pool, end, life, prolonged, now.
const answerLength = 7

func parse(out []string, runID int) (Hold, error) {
	if len(out) < answerLength {
		return Hold{}, fmt.Errorf("hold: the script answered %d values", len(out))
	}
	h := Hold{Token: out[1], RunID: runID, PoolID: int(number(out[2])), ExpiresAt: time.UnixMilli(number(out[3])).UTC(),
		Now: time.UnixMilli(number(out[6])).UTC(), Existing: out[0] == "same"}
	if out[5] == "0" {
		h.ProlongFrom = training.ProlongFrom(h.ExpiresAt, milliseconds(out[4]))
	}
	return h, nil
}

// number reads what the script wrote; it writes nothing else.
func number(s string) int64 {
	n, _ := strconv.ParseInt(s, 10, 64)
	return n
}

func milliseconds(s string) time.Duration { return time.Duration(number(s)) * time.Millisecond }
