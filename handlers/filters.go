package handlers

import (
	"cmp"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/varde-platform/varde/internal/catalogue"
	"github.com/varde-platform/varde/internal/training"
)

// filterKind is one group of filters of the catalogue: its name in addresses,
// what it means in a query, and its words.
type filterKind struct {
	name   string
	legend string // message key
	chosen func(*catalogue.Query) *[]string
	counts func(catalogue.Facets) []catalogue.Count
	// known gives a value as the catalogue writes it; empty: no such value.
	known func(string) string
	label func(*Base, string) string
}

var filterKinds = []filterKind{
	{"profession", "courses.profession", func(q *catalogue.Query) *[]string { return &q.Profession },
		func(f catalogue.Facets) []catalogue.Count { return f.Professions },
		func(v string) string { return onlyIf(training.IsProfession(v), v) },
		func(b *Base, v string) string { return b.T("profession." + v) }},
	{"topic", "courses.topic", func(q *catalogue.Query) *[]string { return &q.Topic },
		func(f catalogue.Facets) []catalogue.Count { return f.Topics },
		func(v string) string { return onlyIf(training.IsTopic(v), v) },
		func(b *Base, v string) string { return b.T("topic." + v) }},
	{"language", "courses.language", func(q *catalogue.Query) *[]string { return &q.Language },
		func(f catalogue.Facets) []catalogue.Count { return f.Languages },
		func(v string) string {
			v = training.CanonicalLanguage(v)
			return onlyIf(training.IsLanguage(v), v)
		},
		func(b *Base, v string) string { return capital(b.spokenLanguage(v)) }},
	{"country", "courses.country", func(q *catalogue.Query) *[]string { return &q.Country },
		func(f catalogue.Facets) []catalogue.Count { return f.Countries },
		func(v string) string {
			v = strings.ToUpper(v)
			return onlyIf(training.IsCountry(v), v)
		},
		func(b *Base, v string) string { return b.Country(v) }},
}

func onlyIf(ok bool, value string) string {
	if ok {
		return value
	}
	return ""
}

// mostChosen bounds the values of one group that an address can bring.
const mostChosen = 40

// courseQuery reads what is looked for from the address. Values that no
// vocabulary has are left out: an old link then shows more, not nothing.
func courseQuery(c *fiber.Ctx) catalogue.Query {
	q := catalogue.Query{Lang: langOf(c), PerPage: coursesPerPage, Free: c.Query("free") == "1"}
	text := []rune(strings.Join(strings.Fields(c.Query("q")), " "))
	q.Text = string(text[:min(len(text), 200)])
	q.Page = max(1, c.QueryInt("page", 1))
	for _, kind := range filterKinds {
		chosen := kind.chosen(&q)
		for _, raw := range c.Context().QueryArgs().PeekMulti(kind.name) {
			value := kind.known(string(raw))
			if value != "" && !slices.Contains(*chosen, value) && len(*chosen) < mostChosen {
				*chosen = append(*chosen, value)
			}
		}
	}
	return q
}

// coursesHref is the address that shows a query; q.Lang says in which language.
func coursesHref(q catalogue.Query) string {
	values := url.Values{}
	if q.Text != "" {
		values.Set("q", q.Text)
	}
	for _, kind := range filterKinds {
		for _, value := range *kind.chosen(&q) {
			values.Add(kind.name, value)
		}
	}
	if q.Free {
		values.Set("free", "1")
	}
	if q.Page > 1 {
		values.Set("page", strconv.Itoa(q.Page))
	}
	href := "/" + q.Lang + "/courses"
	if len(values) > 0 {
		href += "?" + values.Encode()
	}
	return href
}

// Chip is a chosen filter; its address leaves it out.
type Chip struct {
	Label, Href string
	without     catalogue.Query
}

// chips are the search and the chosen filters, each with the way to leave it
// out.
func (p *CoursesPage) chips() []Chip {
	var chips []Chip
	add := func(label string, without catalogue.Query) {
		without.Page = 1
		chips = append(chips, Chip{label, coursesHref(without), without})
	}
	if p.Query.Text != "" {
		without := p.Query
		without.Text = ""
		add(p.T("courses.chip_search", "text", p.Query.Text), without)
	}
	for _, kind := range filterKinds {
		for _, value := range *kind.chosen(&p.Query) {
			without := p.Query
			rest := slices.Clone(*kind.chosen(&p.Query))
			*kind.chosen(&without) = slices.DeleteFunc(rest, func(v string) bool { return v == value })
			add(kind.label(&p.Base, value), without)
		}
	}
	if p.Query.Free {
		without := p.Query
		without.Free = false
		add(p.T("courses.free"), without)
	}
	return chips
}

// chosen are the values of all groups.
func (p *CoursesPage) chosen() []string {
	var all []string
	for _, kind := range filterKinds {
		all = append(all, *kind.chosen(&p.Query)...)
	}
	return all
}

// FilterGroup is a group of boxes to tick: the first seen at once, the others
// on request.
type FilterGroup struct {
	Name, Legend string
	First, Rest  []FilterBox
}

// FilterBox is one box with the number of courses it finds.
type FilterBox struct {
	Value, Label string
	Count        int
	Checked      bool
}

// boxesAtOnce is how many boxes of a group are seen before the rest is asked
// for.
const boxesAtOnce = 6

// filters makes the groups. What finds most stands first, because it is wanted
// most; the rest stands by name, because there it is looked for.
func (p *CoursesPage) filters(facets catalogue.Facets) []FilterGroup {
	groups := make([]FilterGroup, 0, len(filterKinds))
	for _, kind := range filterKinds {
		boxes := p.boxes(kind, facets)
		shown := min(len(boxes), boxesAtOnce)
		for shown < len(boxes) && boxes[shown].Checked {
			shown++
		}
		if len(boxes) == shown+1 {
			shown++ // a fold for a single box takes its room
		}
		group := FilterGroup{Name: kind.name, Legend: p.T(kind.legend), First: boxes[:shown], Rest: boxes[shown:]}
		slices.SortStableFunc(group.Rest, p.byLabel)
		groups = append(groups, group)
	}
	return groups
}

func (b *Base) byLabel(x, y FilterBox) int { return b.CLDR().Compare(x.Label, y.Label) }

// boxes are the values of a group that find something or are chosen: those
// chosen first, then by what they find.
func (p *CoursesPage) boxes(kind filterKind, facets catalogue.Facets) []FilterBox {
	chosen := *kind.chosen(&p.Query)
	var boxes []FilterBox
	seen := map[string]bool{}
	for _, count := range kind.counts(facets) {
		checked := slices.Contains(chosen, count.Value)
		if count.Count > 0 || checked {
			boxes = append(boxes, FilterBox{count.Value, kind.label(&p.Base, count.Value), count.Count, checked})
			seen[count.Value] = true
		}
	}
	for _, value := range chosen {
		if !seen[value] {
			boxes = append(boxes, FilterBox{value, kind.label(&p.Base, value), 0, true})
		}
	}
	slices.SortStableFunc(boxes, func(x, y FilterBox) int {
		if x.Checked != y.Checked {
			if x.Checked {
				return -1
			}
			return 1
		}
		return cmp.Or(cmp.Compare(y.Count, x.Count), p.byLabel(x, y))
	})
	return boxes
}
