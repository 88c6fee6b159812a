package handlers_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/varde-platform/varde/internal/testkit"
)

// People who differ in nothing but what is their own get the same page, each with
// the own name and form token, packed or not. What another did shows a second
// later at most, what one did oneself at once.
func TestAKeptPageGivesEachReaderWhatIsTheirOwn(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		site := newSite(t, s)
		s.Run(t, testkit.R{Code: "R1", Size: 9})
		const page = "/en/runs/R1"
		names := []string{"Anna <b>& Co", "J\u0101nis B\u0113rzi\u0146\u0161", ""}
		tokens := map[string]bool{}
		browsers := map[string]*browser{}
		for i, name := range names {
			email := string(rune('a'+i)) + "@example.org"
			person := s.Person(t, testkit.P{Email: email, Name: "x"})
			s.DB.Ent.Person.UpdateOneID(person.PersonID).SetName(name).ExecX(t.Context())
			browsers[name] = site.as(t, person)
			for range 2 { // made, then kept
				got := browsers[name].get(t, page)
				want, others := "Anna &lt;b&gt;&amp; Co", "J\u0101nis B\u0113rzi\u0146\u0161"
				switch i {
				case 1:
					want, others = others, want
				case 2:
					want, others = email, "Anna"
				}
				got.has(t, `<span class="vd-tool__name">`+want+"</span>")
				got.hasNot(t, others)
				if cache := got.header.Get("Cache-Control"); cache != "private, no-store" {
					t.Errorf("a page with a name on it may be kept elsewhere: %s", cache)
				}
				_, after, _ := strings.Cut(got.body, `name="_csrf" value="`)
				token, _, _ := strings.Cut(after, `"`)
				if len(token) < 40 {
					t.Errorf("%q has the form token %q", name, token)
				}
				tokens[token] = true
			}
		}
		if len(tokens) != len(names) {
			t.Errorf("%d form tokens of %d people", len(tokens), len(names))
		}
		first := browsers[names[0]]
		first.post(t, page+"/hold").want(t, http.StatusSeeOther, "")
		first.get(t, page).has(t, "A seat is reserved for you until ", "8 of 9 seats available")
		aSecondLater()
		browsers[names[1]].get(t, page).has(t, "8 of 9 seats available", "Reserve a seat")
	})
}

func TestAKeptPageUnpacksToTheSame(t *testing.T) {
	s := testkit.SQLite(t)
	site := newSite(t, s)
	s.Run(t, testkit.R{Code: "R1", Size: 9})
	for _, b := range []*browser{site.browser(), site.as(t, s.Person(t, testkit.P{Email: "a@example.org", Name: "\u0141ukasz <i>"}))} {
		b.get(t, "/en/runs/R1")
		plain := b.get(t, "/en/runs/R1").body
		r, err := http.NewRequest(http.MethodGet, "/en/runs/R1", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Accept-Encoding", "gzip")
		packed := b.send(t, r)
		reader, err := gzip.NewReader(bytes.NewReader([]byte(packed.body)))
		if err != nil {
			t.Fatal(err)
		}
		unpacked, err := io.ReadAll(reader)
		if err != nil || string(unpacked) != plain {
			t.Errorf("unpacked to %d bytes, not the %d of the page: %v", len(unpacked), len(plain), err)
		}
	}
}

// People who come at once are asked about together: what one of them forged must not
// spoil the question of the others.
func TestAHoldThatIsForgedHarmsNobodyElse(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		site := newSite(t, s)
		s.Run(t, testkit.R{Code: "R1", Size: 50})
		forger := site.token(t, s.Person(t, testkit.P{Email: "f@example.org"}))
		var wg sync.WaitGroup
		for i := range 20 {
			honest := site.token(t, s.Person(t, testkit.P{Email: fmt.Sprintf("h%d@example.org", i)}))
			wg.Go(func() {
				if a := site.call(t, forger, http.MethodPost, "/runs/R1/enrolments", `{"hold":"\u0000"}`); a.status >= 500 {
					t.Errorf("a forged hold was answered %d", a.status)
				}
			})
			wg.Go(func() {
				if a := site.call(t, honest, http.MethodPost, "/runs/R1/enrolments", `{}`); a.status != http.StatusCreated {
					t.Errorf("who came beside a forged hold was answered %d %s", a.status, a.body)
				}
			})
		}
		wg.Wait()
	})
}
