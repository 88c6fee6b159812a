package linearizable_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
)

// shape is what a run is like.
type shape struct {
	size     int
	quotas   map[string]int
	approval bool
	list     bool // people join the waiting list
	soon     bool // it starts in two days
}

// shapes have few seats, so that the clients are in each other's way.
var shapes = []shape{
	{size: 1},
	{size: 2},
	{size: 3, quotas: map[string]int{"LV": 1}},
	{size: 4, quotas: map[string]int{"LV": 1, "EE": 1}},
	{size: 3, quotas: map[string]int{"LV": 1}, approval: true},
	{size: 1, list: true},
	{size: 2, list: true},
	{size: 3, quotas: map[string]int{"LV": 1}, list: true},
	{size: 2, quotas: map[string]int{"EE": 1}, list: true, approval: true},
	{size: 2, list: true, soon: true},
}

// twoShapes are those of the runs of a history: five histories have all of them,
// and fifty all pairs but those of a shape with itself.
func twoShapes(i int) []shape {
	n := len(shapes)
	return []shape{shapes[i%n], shapes[(i+n/2+i/n)%n]}
}

// pools gives the open pool first, then the quotas by country, as the API does.
func (s shape) pools() []pool {
	list := []pool{{size: s.size}}
	for country, n := range s.quotas {
		list = append(list, pool{country, n})
		list[0].size -= n
	}
	slices.SortFunc(list, func(a, b pool) int { return cmp.Compare(a.country, b.country) })
	return list
}

// countries are where the people of a history serve, in turn; empty: nowhere
// confirmed.
var countries = []string{"LV", "EE", "LV", "", "LT", "LV"}

// imagine makes the people and runs of a history, and an administrator.
func imagine(name string, of []shape) *world {
	w := &world{name: name, seed: rand.Uint64(), admin: &person{email: "admin." + name + "@proof.example"}}
	for i := range participants + probers {
		w.people = append(w.people, &person{index: i, country: countries[i%len(countries)], email: fmt.Sprintf("p%d.%s@proof.example", i, name)})
	}
	for i, sh := range of {
		r := &run{code: strings.ToUpper(fmt.Sprintf("%s-%d", name, i)), pools: sh.pools(), approval: sh.approval, listed: sh.list, soon: sh.soon}
		for i, p := range w.people {
			for _, pool := range r.usable(p.country) {
				r.may[i] |= 1 << pool
			}
		}
		w.runs = append(w.runs, r)
	}
	return w
}
