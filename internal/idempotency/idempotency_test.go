package idempotency

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/varde-platform/varde/internal/testkit"
	"github.com/varde-platform/varde/internal/training"
)

var request = Request{PersonID: 7, Method: "POST", Path: "/api/v1/runs/R1/enrolments", Key: "k", BodyHash: "h"}

var created = Answer{Status: 201, ContentType: "application/json", Body: []byte(`{"id":"Ķ-1"}`)}

// claimed begins a request that must be new.
func claimed(t *testing.T, s *Service, r Request) *Claim {
	t.Helper()
	claim, first, err := s.Begin(t.Context(), r)
	if err != nil || claim == nil || first != nil {
		t.Fatalf("got claim %v, answer %v, error %v; want a claim", claim, first, err)
	}
	return claim
}

// replayed begins a request that must have been answered before.
func replayed(t *testing.T, s *Service, r Request) Answer {
	t.Helper()
	claim, first, err := s.Begin(t.Context(), r)
	if err != nil || claim != nil || first == nil {
		t.Fatalf("got claim %v, answer %v, error %v; want the first answer", claim, first, err)
	}
	return *first
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func wantConflict(t *testing.T, s *Service, r Request, key string) {
	t.Helper()
	claim, first, err := s.Begin(t.Context(), r)
	fault, ok := training.AsFault(err)
	if !ok || fault.Kind != training.KindConflict || fault.Key != key || claim != nil || first != nil {
		t.Errorf("got claim %v, answer %v, error %v; want the conflict %s", claim, first, err, key)
	}
}

func TestTheFirstAnswerIsGivenAgain(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		for _, answer := range []Answer{
			created,
			{Status: 409, ContentType: "application/problem+json", Body: []byte{0, 0xff, '"'}},
			{Status: 204},
		} {
			r := request
			r.Key = answer.ContentType
			service := New(s.DB)
			must(t, claimed(t, service, r).Keep(s.Context(), answer))
			for range 2 {
				got := replayed(t, service, r)
				if got.Status != answer.Status || got.ContentType != answer.ContentType || string(got.Body) != string(answer.Body) {
					t.Errorf("got %+v, want %+v", got, answer)
				}
			}
		}
	})
}

func TestTheSameKeyWithAnotherBodyIsAConflict(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		service := New(s.DB)
		other := request
		other.BodyHash = "other"
		claim := claimed(t, service, request)
		wantConflict(t, service, other, "fault.key_reused")
		must(t, claim.Keep(s.Context(), created))
		wantConflict(t, service, other, "fault.key_reused")
		if diff := cmp.Diff(created, replayed(t, service, request)); diff != "" {
			t.Error(diff)
		}
	})
}

func TestAKeyCountsForOnePersonMethodAndPath(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		service := New(s.DB)
		must(t, claimed(t, service, request).Keep(s.Context(), created))
		for _, change := range []func(*Request){
			func(r *Request) { r.PersonID = 8 }, func(r *Request) { r.Method = "PUT" },
			func(r *Request) { r.Path = "/api/v1/runs/R2/enrolments" }, func(r *Request) { r.Key = "K" },
		} {
			r := request
			change(&r)
			claimed(t, service, r)
		}
	})
}

func TestTheSecondWaitsForTheFirst(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		service := New(s.DB)
		claim := claimed(t, service, request)
		time.AfterFunc(150*time.Millisecond, func() {
			if err := claim.Keep(s.Context(), created); err != nil {
				t.Error(err)
			}
		})
		if diff := cmp.Diff(created, replayed(t, service, request)); diff != "" {
			t.Error(diff)
		}
	})
}

func TestOfManyAtOnceOneIsDoneAndAllGetItsAnswer(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		service := New(s.DB)
		service.wait = 20 * time.Second
		var mutex sync.Mutex
		claims, answers := 0, 0
		var wg sync.WaitGroup
		for range 16 {
			wg.Go(func() {
				claim, first, err := service.Begin(s.Context(), request)
				mutex.Lock()
				defer mutex.Unlock()
				switch {
				case err != nil:
					t.Error(err)
				case claim != nil:
					claims++
					if err := claim.Keep(s.Context(), created); err != nil {
						t.Error(err)
					}
				case cmp.Equal(*first, created):
					answers++
				}
			})
		}
		wg.Wait()
		if claims != 1 || answers != 15 {
			t.Errorf("%d claims and %d answers, want 1 and 15", claims, answers)
		}
	})
}

func TestAFirstRequestThatTakesTooLongIsAConflict(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		service := New(s.DB)
		if service.wait != 5*time.Second {
			t.Errorf("waits %v, the contract says 5 seconds", service.wait)
		}
		service.wait = 120 * time.Millisecond
		claim := claimed(t, service, request)
		began := time.Now()
		wantConflict(t, service, request, "fault.first_request_running")
		if took := time.Since(began); took < service.wait {
			t.Errorf("gave up after %v", took)
		}
		must(t, claim.Keep(s.Context(), created))
		replayed(t, service, request)
	})
}

func TestWhoeverGivesUpIsNotKeptWaiting(t *testing.T) {
	s := testkit.SQLite(t)
	service := New(s.DB)
	claimed(t, service, request)
	ctx, cancel := context.WithTimeout(s.Context(), 100*time.Millisecond)
	defer cancel()
	if _, _, err := service.Begin(ctx, request); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
}

func TestAForgottenRequestMayBeTriedAnew(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		service := New(s.DB)
		must(t, claimed(t, service, request).Forget(s.Context()))
		other := request
		other.BodyHash = "other"
		second := claimed(t, service, other)
		// Whoever waits while it is forgotten takes its place.
		time.AfterFunc(100*time.Millisecond, func() {
			if err := second.Forget(s.Context()); err != nil {
				t.Error(err)
			}
		})
		must(t, claimed(t, service, other).Keep(s.Context(), created))
		replayed(t, service, other)
	})
}

func TestARequestThatDiedWithItsServerIsTakenOverAfterAMinute(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		service := New(s.DB)
		service.wait = time.Millisecond
		dead := claimed(t, service, request)
		s.DB.Shift(55 * time.Second)
		wantConflict(t, service, request, "fault.first_request_running")
		s.DB.Shift(65 * time.Second)
		heir := claimed(t, service, request)
		// Perhaps it was only slow: what it says now must not harm the other.
		must(t, dead.Keep(s.Context(), Answer{Status: 500}))
		must(t, dead.Forget(s.Context()))
		wantConflict(t, service, request, "fault.first_request_running")
		must(t, heir.Keep(s.Context(), created))
		must(t, dead.Keep(s.Context(), Answer{Status: 500}))
		must(t, dead.Forget(s.Context()))
		if diff := cmp.Diff(created, replayed(t, service, request)); diff != "" {
			t.Error(diff)
		}
	})
}

func TestAnAnswerIsKeptForADay(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		service := New(s.DB)
		must(t, claimed(t, service, request).Keep(s.Context(), created))
		other := request
		other.Key = "other"
		must(t, claimed(t, service, other).Keep(s.Context(), created))
		s.DB.Shift(24*time.Hour - 10*time.Second)
		must(t, service.Cleanup(s.Context()))
		replayed(t, service, request)
		s.DB.Shift(24*time.Hour + 10*time.Second)
		must(t, claimed(t, service, request).Keep(s.Context(), created))
		must(t, service.Cleanup(s.Context()))
		if n, err := s.DB.Ent.Answer.Query().Count(s.Context()); n != 1 || err != nil {
			t.Errorf("%d answers kept (%v), want the new one alone", n, err)
		}
		replayed(t, service, request)
	})
}

func TestAPathThatCannotBeOneOfOursIsNotFound(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		for _, path := range []string{"/api/v1/runs/" + strings.Repeat("x", 400) + "/holds", "/api/v1/runs/\xff/holds"} {
			r := request
			r.Path = path
			if claim, _, err := New(s.DB).Begin(s.Context(), r); !training.IsKind(err, training.KindNotFound) || claim != nil {
				t.Errorf("%.40q: claim %v, error %v", path, claim, err)
			}
		}
	})
}
