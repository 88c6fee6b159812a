package faults

import (
	"context"
	"database/sql"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/varde-platform/varde/internal/proof/cluster"
)

// form is how long the proof is: the short one, the same each time, is for every
// change; `make faults` asks for the long one.
var form struct {
	rounds int
	people int
	seed   uint64
}

func TestMain(m *testing.M) {
	flag.IntVar(&form.rounds, "rounds", 1, "how often each kind of weather comes")
	flag.IntVar(&form.people, "people", 200, "how many people want the same seats")
	flag.Uint64Var(&form.seed, "seed", 1, "of what people do; 0: another one each time")
	// Half of the time a stage only waits for held seats to come free.
	if err := flag.Set("test.parallel", "3"); err != nil {
		panic(err)
	}
	flag.Parse()
	os.Exit(m.Run())
}

// weather is one kind of fault.
type weather struct {
	name string
	// comes begins it, and returns when it is there.
	comes func(t *testing.T, s *scene)
	// felt answers nil once the crowd has felt it, and has gone on all the same.
	felt func(s *scene) error
	// goes ends it, and repairs no more than whoever runs the installation would.
	goes func(t *testing.T, s *scene)
	// sparesDatabase: then nothing goes wrong on our side.
	sparesDatabase bool
	// sparesRedis: then whoever confirms a hold in time gets its seat.
	sparesRedis bool
	// oneServer: it is about the victim alone.
	oneServer bool
	// releases is when quotas are released; empty: not while the scene lasts.
	releases func() string
}

// scene is one weather that a crowd lives through.
type scene struct {
	*stage
	name   string // runs are called after it
	runs   []run
	crowd  *crowd
	ledger *ledger
	tally  *tally
	victim int   // the server that the weather is about, where it is about one
	noted  []int // how many failures each server had noted before
}

// rounds lets each weather come as often as the form wants.
func (s *stage) rounds(t *testing.T, kinds ...weather) {
	for round := range form.rounds {
		for _, w := range kinds {
			seed := form.seed + uint64(round)
			if form.seed == 0 {
				seed = rand.Uint64()
			}
			held := t.Run(w.name, func(t *testing.T) {
				t.Logf("seed %d", seed)
				s.play(t, w, seed)
			})
			if !held { // the weather may still be there
				return
			}
		}
	}
}

func (s *stage) play(t *testing.T, w weather, seed uint64) {
	sc := s.newScene(t, w, seed)
	ctx, cancel := context.WithCancel(context.Background())
	var busy sync.WaitGroup
	busy.Go(func() { sc.crowd.bustle(ctx) })
	defer busy.Wait()
	defer cancel()

	began := time.Now()
	sc.await(t, "before", func() error { return sc.atLeast(50, in(before, enrolled)) })
	sc.await(t, "questions under way", func() error { return sc.busy(w.about(sc)) })
	w.comes(t, sc)
	sc.tally.now.Store(int32(during))
	sc.await(t, "during", func() error { return w.felt(sc) })
	w.goes(t, sc)
	sc.tally.now.Store(int32(after))
	sc.await(t, "after", func() error { return sc.atLeast(30, in(after, enrolled)) })
	cancel()
	busy.Wait()
	t.Logf("after %v:\n%s", time.Since(began).Round(time.Millisecond), sc.tally.tell())
	if failures := sc.failures(t); w.sparesDatabase && failures != "" {
		t.Errorf("internal errors: %s", failures)
	}
	if n := sc.tally.count(betrayed); w.sparesRedis && n > 0 {
		t.Errorf("%d people confirmed a living hold, and its seat was gone", n)
	}
	sc.count(t)
	t.Logf("all is counted after %v", time.Since(began).Round(time.Millisecond))
}

func (s *stage) newScene(t *testing.T, w weather, seed uint64) *scene {
	t.Helper()
	s.scenes++
	sc := &scene{stage: s, name: fmt.Sprintf("S%d", s.scenes), ledger: newLedger(), tally: newTally(servers),
		victim: int(seed % servers)}
	for _, server := range s.cluster.Servers {
		sc.noted = append(sc.noted, len(failuresOf(t, server)))
	}
	releases := ""
	if w.releases != nil {
		releases = w.releases()
	}
	for i := range runsEach {
		r := run{code: fmt.Sprintf("%s-%d", sc.name, i), size: seats, waits: i%2 == 1}
		s.newRun(t, r.code, r.size, releases)
		sc.runs = append(sc.runs, r)
	}
	s.newRun(t, sc.probe(), 4*probers, "")
	sc.crowd = &crowd{desk: desk{s.cluster, s.client, sc.tally}, ledger: sc.ledger, runs: sc.runs, people: s.crowd, seed: seed}
	return sc
}

// probe is a run that the crowd knows nothing of.
func (sc *scene) probe() string { return "P" + sc.name }

func (sc *scene) await(t *testing.T, when string, wrong func() error) {
	t.Helper()
	eventually(t, limit, when, wrong)
}

// atLeast answers nil once that many calls are like that.
func (sc *scene) atLeast(n int, like func(call) bool) error {
	if got := sc.tally.count(like); got < n {
		return fmt.Errorf("%d of %d", got, n)
	}
	return nil
}

// busy answers nil while the servers have questions to answer.
func (sc *scene) busy(servers []int) error {
	for _, i := range servers {
		if sc.tally.underWay[i].Load() == 0 {
			return fmt.Errorf("server %d has none", i)
		}
	}
	return nil
}

// about lists the servers that the weather is about.
func (w weather) about(sc *scene) []int {
	if w.oneServer {
		return []int{sc.victim}
	}
	var all []int
	for i := range sc.cluster.Servers {
		all = append(all, i)
	}
	return all
}

// failures are what the servers noted in this scene.
func (sc *scene) failures(t *testing.T) string {
	t.Helper()
	var all []string
	for i, server := range sc.cluster.Servers {
		all = append(all, failuresOf(t, server)[sc.noted[i]:]...)
	}
	return strings.Join(all, "\n")
}

// failuresOf leaves out that a machine was too slow for what is limited in time: a
// transaction whose time is over is rolled back under the hands of who works in
// it.
func failuresOf(t *testing.T, server *cluster.Server) []string {
	t.Helper()
	lines, err := server.Log(func(line string) bool {
		return cluster.Failed(line) && !strings.Contains(line, context.DeadlineExceeded.Error()) &&
			!strings.Contains(line, sql.ErrTxDone.Error())
	})
	must(t, err)
	return lines
}
