package handlers_test

import (
	"fmt"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/varde-platform/varde/internal/config"
	"github.com/varde-platform/varde/internal/kv"
	"github.com/varde-platform/varde/internal/testkit"
)

func TestSeatsAreSeenToChangeWhileThePageIsRead(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		secret := filepath.Join(t.TempDir(), "secret")
		one := newSite(t, s, func(c *config.Settings) { c.SecretFile = secret })
		other := one
		if s.Name == "postgres" { // SQLite is one server's alone
			other = newSite(t, s, func(c *config.Settings) { c.SecretFile = secret })
		}
		s.Run(t, testkit.R{Code: "R1", Size: 10, Quotas: map[string]int{"LV": 2}})
		anna := s.Person(t, testkit.P{Email: "anna@example.org"})
		address, _ := other.serve(t)
		if one != other {
			one.serve(t)
		}
		w := look(t, address, "/en/runs/R1/live", nil)
		w.sees(t, soon, "8 of 10 seats available to all countries. 2 seats are kept for certain countries.")
		token := one.token(t, anna)
		held := one.call(t, token, "POST", "/runs/R1/holds", "")
		held.want(t, 201, "")
		began := time.Now()
		w.sees(t, soon, "7 of 10 seats available to all countries.")
		t.Logf("a hold is seen after %s", time.Since(began))
		one.call(t, token, "POST", "/runs/R1/enrolments", fmt.Sprintf(`{"hold": %q}`, held.json(t)["hold"])).want(t, 201, "")
		if last := w.sees(t, soon, `data-seat="taken"`); strings.Contains(last, `data-seat="held"`) {
			t.Errorf("the seat is still held: %s", last)
		}
	})
}

func TestAHoldThatEndedIsSeenToHaveEnded(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		site := newSite(t, s, func(c *config.Settings) { c.HoldLife = 1500 * time.Millisecond })
		s.Run(t, testkit.R{Code: "R1", Size: 3})
		address, _ := site.serve(t)
		w := look(t, address, "/en/runs/R1/live", nil)
		w.sees(t, soon, "3 of 3 seats available.")
		site.call(t, site.token(t, s.Person(t, testkit.P{Email: "a@example.org"})), "POST", "/runs/R1/holds", "").want(t, 201, "")
		w.sees(t, soon, "2 of 3 seats available.")
		w.sees(t, 1500*time.Millisecond+soon, "3 of 3 seats available.")
	})
}

func TestSeatsAreSeenToChangeWhileRedisIsAwayAndWhenItIsBack(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		redis := ownRedis(t, s)
		site := newSite(t, s)
		s.Run(t, testkit.R{Code: "R1", Size: 5})
		address, _ := site.serve(t)
		w := look(t, address, "/en/runs/R1/live", nil)
		w.sees(t, soon, "5 of 5 seats available.")
		redis.Crash()
		site.call(t, site.token(t, s.Person(t, testkit.P{Email: "a@example.org"})), "POST", "/runs/R1/enrolments", "{}").want(t, 201, "")
		w.sees(t, 10*time.Second, "4 of 5 seats available.")
		if err := redis.Restart(t.Context()); err != nil {
			t.Fatal(err)
		}
		token := site.token(t, s.Person(t, testkit.P{Email: "b@example.org"}))
		for end := time.Now().Add(20 * time.Second); ; time.Sleep(100 * time.Millisecond) {
			held := site.call(t, token, "POST", "/runs/R1/holds", "")
			if held.status < 300 {
				break
			}
			if time.Now().After(end) {
				held.want(t, 201, "")
			}
		}
		w.sees(t, 10*time.Second, "3 of 5 seats available.")
	})
}

func TestOneSubscriptionServesAllWhoLook(t *testing.T) {
	s := testkit.SQLite(t)
	server := ownRedis(t, s)
	site := newSite(t, s)
	for n := range 5 {
		s.Run(t, testkit.R{Code: fmt.Sprintf("R%d", n), Size: 5})
	}
	address, _ := site.serve(t)
	var all []*watcher
	for n := range 50 {
		all = append(all, look(t, address, fmt.Sprintf("/en/runs/R%d/live", n%5), nil))
	}
	for _, w := range all {
		w.sees(t, 10*time.Second, "5 of 5 seats available.")
	}
	redis, err := kv.Open(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { redis.Close() })
	got, err := redis.PubSubNumSub(t.Context(), "varde:seats").Result()
	if err != nil || got["varde:seats"] != 1 {
		t.Errorf("%v subscriptions, %v", got, err)
	}
	site.call(t, site.token(t, s.Person(t, testkit.P{Email: "a@example.org"})), "POST", "/runs/R3/holds", "").want(t, 201, "")
	for n, w := range all {
		if n%5 == 3 {
			w.sees(t, soon, "4 of 5 seats available.")
		}
	}
}

// TestEachReaderSeesTheOwnLanguageAndQuota: the piece that comes is the very one
// that the page has, so that nothing jumps.
func TestEachReaderSeesTheOwnLanguageAndQuota(t *testing.T) {
	s := testkit.SQLite(t)
	site := newSite(t, s)
	s.Run(t, testkit.R{Code: "R1", Size: 40, Quotas: map[string]int{"LV": 2, "EE": 3}})
	address, _ := site.serve(t)
	latvian := site.as(t, s.Person(t, testkit.P{Email: "a@example.org", Country: "LV", Agency: "lv-a", Confirmed: true}))
	declared := site.as(t, s.Person(t, testkit.P{Email: "b@example.org", Country: "LV", Agency: "lv-a"}))
	for name, reader := range map[string]struct {
		*browser
		lang, has, hasNot string
	}{
		"a visitor":               {site.browser(), "en", "35 of 40 seats available to all countries.", "for: Latvia"},
		"one whose state has two": {latvian, "en", "37 of 40 seats available to you. 2 seats are kept for: Latvia. 3 seats are kept for other countries.", ""},
		"one not confirmed":       {declared, "en", "35 of 40 seats available to all countries.", "for: Latvia"},
		"one who reads Finnish":   {latvian, "fi", "Latvia", "seats are kept for: Latvia"},
	} {
		page := reader.get(t, "/"+reader.lang+"/runs/R1")
		want := piece(t, page.body, "seats")
		stream := look(t, address, "/"+reader.lang+"/runs/R1/live", reader.cookies)
		asked := reader.get(t, "/"+reader.lang+"/runs/R1/seats")
		for way, got := range map[string]string{"told": stream.sees(t, soon, "data-seat"), "asked": asked.body} {
			if !strings.Contains(got, reader.has) || reader.hasNot != "" && strings.Contains(got, reader.hasNot) {
				t.Errorf("%s is %s: %s", name, way, got)
			}
			if piece(t, got, "seats") != want || piece(t, got, "quotas") != piece(t, page.body, "quotas") {
				t.Errorf("%s is %s another piece than the page has:\n%s\n%s", name, way, piece(t, got, "seats"), want)
			}
		}
	}
}

var pieces = regexp.MustCompile(`(?s)<div class="vd-stack"[^>]* id="(seats|quotas)">.*?\n</div>`)

func piece(t *testing.T, page, id string) string {
	t.Helper()
	for _, m := range pieces.FindAllStringSubmatch(page, -1) {
		if m[1] == id {
			return m[0]
		}
	}
	t.Fatalf("no piece %s in\n%s", id, page)
	return ""
}

func TestAStreamIsNeitherPackedNorKept(t *testing.T) {
	s := testkit.SQLite(t)
	site := newSite(t, s)
	s.Run(t, testkit.R{Code: "R1"})
	address, _ := site.serve(t)
	header := look(t, address, "/en/runs/R1/live", nil).response.Header
	for name, want := range map[string]string{"Content-Type": "text/event-stream", "Content-Encoding": "",
		"Cache-Control": "no-store", "X-Accel-Buffering": "no", "X-Content-Type-Options": "nosniff"} {
		if got := header.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	r := newRequest(t, "HEAD", "/en/runs/R1/live")
	if got := site.do(t, r); got.status != 200 || got.header.Get("Content-Type") != "text/event-stream" {
		t.Errorf("the headers alone: %d %s", got.status, got.header.Get("Content-Type"))
	}
}

func TestOnlySeatsThatCanChangeAreToldOf(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		site := newSite(t, s)
		now := s.Now(t)
		s.Run(t, testkit.R{Code: "OPEN"})
		s.Run(t, testkit.R{Code: "LATER", Opens: now.Add(time.Hour)})
		s.Run(t, testkit.R{Code: "CLOSED", Opens: now.AddDate(0, 0, -2), Closes: now.AddDate(0, 0, -1)})
		for _, code := range []string{"LATER", "CLOSED"} {
			for _, end := range []string{"/live", "/seats"} {
				if got := site.browser().get(t, "/en/runs/"+code+end); got.status != 204 || got.body != "" {
					t.Errorf("%s%s: %d %s", code, end, got.status, got.body)
				}
			}
			if got := site.browser().get(t, "/en/runs/"+code); strings.Contains(got.body, "data-live") {
				t.Errorf("the page of %s listens", code)
			}
		}
		site.browser().get(t, "/en/runs/OPEN").has(t, `data-live="/en/runs/OPEN/live"`, `data-live-ask="/en/runs/OPEN/seats"`,
			`data-live-takeable="true"`, `data-live-say="24 of 24 seats available."`)
		site.browser().get(t, "/en/runs/NONE/live").want(t, 404, "")
		site.browser().get(t, "/en/runs/NONE/seats").want(t, 404, "")
		// A server that is not running, or has no room, says so and how long.
		if got := site.browser().get(t, "/en/runs/OPEN/live"); got.status != 503 || got.header.Get("Retry-After") != "60" {
			t.Errorf("without a running server: %d %v", got.status, got.header)
		}
	})
}

func TestAVisitorWhoAsksGetsACopyOfASecond(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		site := newSite(t, s)
		s.Run(t, testkit.R{Code: "R1", Size: 4})
		anna := s.Person(t, testkit.P{Email: "a@example.org"})
		visitor, reader := site.browser(), site.as(t, anna)
		visitor.get(t, "/en/runs/R1/seats").has(t, "4 of 4 seats available.")
		site.call(t, site.token(t, anna), "POST", "/runs/R1/enrolments", "{}").want(t, 201, "")
		copied := visitor.get(t, "/en/runs/R1/seats")
		if got := copied.header.Get("Cache-Control"); got != "private, max-age=1" {
			t.Errorf("Cache-Control %q", got)
		}
		fresh := reader.get(t, "/en/runs/R1/seats")
		fresh.has(t, "3 of 4 seats available.")
		if got := fresh.header.Get("Cache-Control"); got != "private, no-store" {
			t.Errorf("of one who is signed in: Cache-Control %q", got)
		}
		time.Sleep(time.Second)
		visitor.get(t, "/en/runs/R1/seats").has(t, "3 of 4 seats available.")
	})
}

// TestAWordForAnotherPageStaysForIt: the piece is fetched behind the reader's
// back, and must not use up what the next page has to say.
func TestAWordForAnotherPageStaysForIt(t *testing.T) {
	s := testkit.SQLite(t)
	site := newSite(t, s)
	s.Run(t, testkit.R{Code: "R1"})
	b := site.as(t, s.Person(t, testkit.P{Email: "a@example.org"}))
	b.cookies["varde_notice"] = "notice.profile_saved"
	b.get(t, "/en/runs/R1/seats")
	b.get(t, "/en/runs/R1").has(t, "vd-notice")
	if b.cookies["varde_notice"] != "" {
		t.Error("the word is said twice")
	}
}

// ours counts the goroutines that watching has; the server keeps some of its own
// for a while.
func ours() (streams, all int) {
	stacks := make([]byte, 16<<20)
	for one := range strings.SplitSeq(string(stacks[:runtime.Stack(stacks, true)]), "\n\n") {
		if strings.Contains(one, "handlers.stream(") {
			streams++
			all++
		} else if strings.Contains(one, "internal/live.(") || strings.Contains(one, "hold.(*Keeper).Changes") {
			all++
		}
	}
	return streams, all
}

func TestStreamsEndWithTheServerAndWithTheReader(t *testing.T) {
	s := testkit.SQLite(t)
	site := newSite(t, s)
	s.Run(t, testkit.R{Code: "R1", Size: 24})
	address, stop := site.serve(t)
	const readers = 40
	var all []*watcher
	for range readers {
		w := look(t, address, "/en/runs/R1/live", nil)
		w.sees(t, 10*time.Second, "24 of 24 seats available.")
		all = append(all, w)
	}
	if streams, _ := ours(); streams != readers {
		t.Errorf("%d streams for %d readers", streams, readers)
	}
	for _, w := range all[:readers-1] {
		w.response.Body.Close()
	}
	// Each change is written to all, and to those who left in vain.
	last := all[readers-1]
	for n := 1; ; n++ {
		token := site.token(t, s.Person(t, testkit.P{Email: fmt.Sprintf("p%d@example.org", n)}))
		site.call(t, token, "POST", "/runs/R1/enrolments", "{}").want(t, 201, "")
		last.sees(t, soon, fmt.Sprintf("%d of 24 seats available.", 24-n))
		if streams, _ := ours(); streams == 1 {
			break
		} else if n == 10 {
			t.Fatalf("%d streams after all readers but one left", streams)
		}
	}
	began := time.Now()
	stop()
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("the server took %s to stop", took)
	}
	if streams, all := ours(); all > 0 {
		t.Errorf("the server has stopped, and %d streams and %d goroutines in all go on", streams, all)
	}
	select {
	case <-last.events:
	case <-time.After(time.Second):
		t.Error("the last reader still waits")
	}
}
