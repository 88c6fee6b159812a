package e2e

import (
	"cmp"
	"flag"
	"fmt"
	"slices"
	"testing"

	"github.com/varde-platform/varde/internal/training"
)

// everything asks for the whole product of pages, readers, languages, schemes
// and widths; else each comes at least once, as do all pairs.
var everything = flag.Bool("everything", false, "visit every page in every state in every way (make axe-full)")

var (
	visitLanguages = []string{"fi", "pl", "ru"}
	visitSchemes   = []string{"light", "dark"}
	visitWidths    = []int{360, 768, 1440}
)

// look is how a page is shown.
type look struct {
	scheme string
	width  int
}

// visit is a page opened once by somebody in a language, and looked at in one or
// more ways.
type visit struct {
	place
	who, role, lang string
	looks           []look
}

func (v visit) String() string { return fmt.Sprintf("%s, %s, %s", v.name(), v.who, v.lang) }

// roleOf tells the role by the name of somebody of the world.
func roleOf(who string) string {
	switch who {
	case visitor:
		return visitor
	case "instructor", "idle instructor":
		return string(training.RoleInstructor)
	case "officer", "idle officer", "unconfirmed officer":
		return string(training.RoleAgency)
	case "coordinator", "busy coordinator", "new coordinator":
		return string(training.RoleCoordinator)
	case "admin", "admin of nothing":
		return string(training.RoleAdmin)
	}
	return string(training.RoleTrainee)
}

func allLooks() []look {
	var all []look
	for _, scheme := range visitSchemes {
		for _, width := range visitWidths {
			all = append(all, look{scheme, width})
		}
	}
	return all
}

// product is every place by everyone who gets there, in all ways.
func product(places []place) []visit {
	var all []visit
	for _, p := range places {
		for _, who := range p.as {
			for _, lang := range visitLanguages {
				all = append(all, visit{p, who, roleOf(who), lang, allLooks()})
			}
		}
	}
	return all
}

// pair is two values of two of role, language, scheme and width.
type pair [2]string

func (v visit) pairs(l look) []pair {
	values := []string{v.role, v.lang, l.scheme, fmt.Sprint(l.width)}
	var pairs []pair
	for i, a := range values {
		for _, b := range values[i+1:] {
			pairs = append(pairs, pair{a, b})
		}
	}
	return pairs
}

// choice picks from the product: each place once, with each pair at least once.
// It takes for each place the way that meets most pairs least met so far, so it
// is the same every time.
func choice(all []visit) []visit {
	times := map[pair]int{}
	var chosen []visit
	take := func(some []visit) {
		best, least := visit{}, 0.0
		for _, v := range some {
			for _, l := range v.looks {
				worth := 0.0
				for _, p := range v.pairs(l) {
					worth += 1 / float64(1+times[p])
				}
				if worth > least+1e-9 {
					best, least = v, worth
					best.looks = []look{l}
				}
			}
		}
		for _, p := range best.pairs(best.looks[0]) {
			times[p]++
		}
		chosen = append(chosen, best)
	}
	for start := 0; start < len(all); {
		end := start
		for end < len(all) && all[end].name() == all[start].name() {
			end++
		}
		take(all[start:end])
		start = end
	}
	for range len(all) {
		if len(times) == len(allPairs(all)) {
			break
		}
		take(all)
	}
	return chosen
}

func allPairs(all []visit) map[pair]bool {
	pairs := map[pair]bool{}
	for _, v := range all {
		for _, l := range v.looks {
			for _, p := range v.pairs(l) {
				pairs[p] = true
			}
		}
	}
	return pairs
}

func visits() []visit {
	all := product(placesOf())
	if *everything {
		return all
	}
	return choice(all)
}

func TestTheChoiceLeavesOutNoPlaceAndNoPair(t *testing.T) {
	all := product(placesOf())
	chosen := choice(all)
	names := map[string]bool{}
	for _, v := range chosen {
		names[v.name()] = true
	}
	for _, v := range all {
		if !names[v.name()] {
			t.Errorf("%s is left out", v.name())
		}
	}
	roles := map[string]bool{}
	for _, v := range all {
		roles[v.role] = true
	}
	met := allPairs(chosen)
	want := 0
	for role := range roles {
		for _, values := range [][]string{visitLanguages, visitSchemes, {"360", "768", "1440"}} {
			for _, value := range values {
				want++
				if !met[pair{role, value}] {
					t.Errorf("%s never comes with %s", role, value)
				}
			}
		}
	}
	want += len(visitLanguages)*(len(visitSchemes)+len(visitWidths)) + len(visitSchemes)*len(visitWidths)
	if len(met) != want || len(roles) != 1+len(training.Roles) {
		t.Errorf("%d pairs of %d roles are met, want %d of %d", len(met), len(roles), want, 1+len(training.Roles))
	}
	again := choice(product(placesOf()))
	if !slices.EqualFunc(chosen, again, func(a, b visit) bool { return a.String() == b.String() && a.looks[0] == b.looks[0] }) {
		t.Error("the choice is another one each time")
	}
	t.Logf("%d visits of %d in the whole product", len(chosen), len(all)*len(allLooks()))
}

// Two places with the same name would be taken for one.
func TestPlacesHaveNamesOfTheirOwn(t *testing.T) {
	var names []string
	for _, p := range placesOf() {
		names = append(names, p.name())
	}
	slices.SortFunc(names, cmp.Compare[string])
	for i := 1; i < len(names); i++ {
		if names[i] == names[i-1] {
			t.Errorf("two places are called %q", names[i])
		}
	}
}
