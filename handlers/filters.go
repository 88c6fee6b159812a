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
	// inOrder: the values stand in their own order, not by what they find.
	inOrder bool
}

// deliveryForms are those that have a name in every language.
var deliveryForms = []string{"residential", "online", "blended", "exercise"}

var filterKinds = []filterKind{
	{"profession", "courses.profession", func(q *catalogue.Query) *[]string { return &q.Profession },
		func(f catalogue.Facets) []catalogue.Count { return f.Professions },
		func(v string) string { return onlyIf(training.IsProfession(v), v) },
		func(b *Base, v string) string { return b.T("profession." + v) }, false},
	{"topic", "courses.topic", func(q *catalogue.Query) *[]string { return &q.Topic },
		func(f catalogue.Facets) []catalogue.Count { return f.Topics },
		func(v string) string { return onlyIf(training.IsTopic(v), v) },
		func(b *Base, v string) string { return b.T("topic." + v) }, false},
	{"starts", "courses.starts", func(q *catalogue.Query) *[]string { return &q.Month },
		func(f catalogue.Facets) []catalogue.Count { return f.Months },
		func(v string) string {
			_, err := catalogue.ParseMonth(v)
			return onlyIf(err == nil, v)
		},
		(*Base).monthNamed, true},
	{"language", "courses.language", func(q *catalogue.Query) *[]string { return &q.Language },
		func(f catalogue.Facets) []catalogue.Count { return f.Languages },
		func(v string) string {
			v = training.CanonicalLanguage(v)
			return onlyIf(training.IsLanguage(v), v)
		},
		func(b *Base, v string) string { return capital(b.spokenLanguage(v)) }, false},
	{"country", "courses.country", func(q *catalogue.Query) *[]string { return &q.Country },
		func(f catalogue.Facets) []catalogue.Count { return f.Countries },
		func(v string) string {
			v = strings.ToUpper(v)
			return onlyIf(training.IsCountry(v), v)
		},
		func(b *Base, v string) string { return b.Country(v) }, false},
	{"form", "courses.form", func(q *catalogue.Query) *[]string { return &q.Form },
		func(f catalogue.Facets) []catalogue.Count { return f.Forms },
		func(v string) string { return onlyIf(slices.Contains(deliveryForms, v), v) },
		func(b *Base, v string) string { return b.T("delivery." + v) }, false},
}

// monthNamed says a month written as 2027-03.
func (b *Base) monthNamed(written string) string {
	month, err := catalogue.ParseMonth(written)
	if err != nil {
		return written
	}
	return b.month(month)
}

func (b *Base) month(m catalogue.Month) string { return capital(b.CLDR().Month(m.Year, m.Month)) }

func onlyIf(ok bool, value string) string {
	if ok {
		return value
	}
	return ""
}

// mostChosen bounds the values of one group that an address can bring.
const mostChosen = 40

// listing is what the catalogue's page shows: what is looked for, and how it is
// laid out.
type listing struct {
	catalogue.Query
	Calendar bool
	Shown    catalogue.Month // of the calendar; zero: the first that has something
}

// courseQuery reads what is looked for from the address. Values that no
// vocabulary has are left out: an old link then shows more, not nothing.
func courseQuery(c *fiber.Ctx) listing {
	q := listing{Query: catalogue.Query{Lang: langOf(c), PerPage: coursesPerPage, Free: c.Query("free") == "1"}}
	text := []rune(strings.Join(strings.Fields(c.Query("q")), " "))
	q.Text = string(text[:min(len(text), 200)])
	q.Page = max(1, c.QueryInt("page", 1))
	if q.Sort = c.Query("sort"); !slices.Contains(catalogue.Sorts, q.Sort) || q.Sort == catalogue.SortDate && q.Text == "" {
		q.Sort = "" // by date is how a list without a search is sorted anyway
	}
	if q.Calendar = c.Query("view") == "calendar"; q.Calendar {
		q.Shown = monthAsked(c.Query("month"))
	}
	for _, kind := range filterKinds {
		chosen := kind.chosen(&q.Query)
		for _, raw := range c.Context().QueryArgs().PeekMulti(kind.name) {
			value := kind.known(string(raw))
			if value != "" && !slices.Contains(*chosen, value) && len(*chosen) < mostChosen {
				*chosen = append(*chosen, value)
			}
		}
	}
	return q
}

// monthAsked reads a month that people can ask for: no run starts in another.
func monthAsked(written string) catalogue.Month {
	month, err := catalogue.ParseMonth(written)
	if err != nil || month.Year < 2000 || month.Year > 2200 {
		return catalogue.Month{}
	}
	return month
}

// sought are the values of an address that say what is looked for.
func sought(q catalogue.Query) url.Values {
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
	return values
}

// coursesHref is the address that shows a listing; its Lang says in which
// language.
func coursesHref(q listing) string {
	values := sought(q.Query)
	if q.Sort != "" && !q.Calendar {
		values.Set("sort", q.Sort)
	}
	if q.Calendar {
		values.Set("view", "calendar")
		if q.Shown != (catalogue.Month{}) {
			values.Set("month", q.Shown.String())
		}
	} else if q.Page > 1 {
		values.Set("page", strconv.Itoa(q.Page))
	}
	return withQuery("/"+q.Lang+"/courses", values)
}

func withQuery(path string, values url.Values) string {
	if len(values) == 0 {
		return path
	}
	return path + "?" + values.Encode()
}

// Chip is a chosen filter; its address leaves it out.
type Chip struct {
	Label, Href    string
	without, alone listing
}

// chips are the search and the chosen filters, each with the way to leave it
// out.
func (p *CoursesPage) chips() []Chip {
	var chips []Chip
	none := p.Query
	none.Query = catalogue.Query{Lang: p.Query.Lang, PerPage: p.Query.PerPage, Page: 1, Sort: p.Query.Sort}
	add := func(label string, change func(q *listing, keep bool)) {
		without, alone := p.Query, none
		without.Page = 1
		change(&without, false)
		change(&alone, true)
		chips = append(chips, Chip{label, coursesHref(without), without, alone})
	}
	if text := p.Query.Text; text != "" {
		add(p.T("courses.chip_search", "text", text), func(q *listing, keep bool) { q.Text = onlyIf(keep, text) })
	}
	for _, kind := range filterKinds {
		for _, value := range *kind.chosen(&p.Query.Query) {
			add(kind.label(&p.Base, value), func(q *listing, keep bool) {
				chosen := kind.chosen(&q.Query)
				*chosen = slices.DeleteFunc(slices.Clone(*chosen), func(v string) bool { return v == value })
				if keep {
					*chosen = []string{value}
				}
			})
		}
	}
	if p.Query.Free {
		add(p.T("courses.free"), func(q *listing, keep bool) { q.Free = keep })
	}
	return chips
}

// chosen are the values of all groups.
func (p *CoursesPage) chosen() []string {
	var all []string
	for _, kind := range filterKinds {
		all = append(all, *kind.chosen(&p.Query.Query)...)
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
// most; the rest stands by name, because there it is looked for. What has an
// order of its own, like months, keeps it.
func (p *CoursesPage) filters(facets catalogue.Facets) []FilterGroup {
	groups := make([]FilterGroup, 0, len(filterKinds))
	for _, kind := range filterKinds {
		boxes := p.boxes(kind, facets)
		shown := min(len(boxes), boxesAtOnce)
		for i, box := range boxes {
			if box.Checked {
				shown = max(shown, i+1)
			}
		}
		if len(boxes) == shown+1 {
			shown++ // a fold for a single box takes its room
		}
		group := FilterGroup{Name: kind.name, Legend: p.T(kind.legend), First: boxes[:shown], Rest: boxes[shown:]}
		if !kind.inOrder {
			slices.SortStableFunc(group.Rest, p.byLabel)
		}
		groups = append(groups, group)
	}
	return groups
}

func (b *Base) byLabel(x, y FilterBox) int { return b.CLDR().Compare(x.Label, y.Label) }

// boxes are the values of a group that find something or are chosen: those
// chosen first, then by what they find.
func (p *CoursesPage) boxes(kind filterKind, facets catalogue.Facets) []FilterBox {
	chosen := *kind.chosen(&p.Query.Query)
	var boxes []FilterBox
	seen := map[string]bool{}
	for _, count := range kind.counts(facets) {
		checked := slices.Contains(chosen, count.Value)
		if (count.Count > 0 || checked) && kind.known(count.Value) != "" {
			boxes = append(boxes, FilterBox{count.Value, kind.label(&p.Base, count.Value), count.Count, checked})
			seen[count.Value] = true
		}
	}
	for _, value := range chosen {
		if !seen[value] {
			boxes = append(boxes, FilterBox{value, kind.label(&p.Base, value), 0, true})
		}
	}
	if kind.inOrder {
		slices.SortFunc(boxes, func(x, y FilterBox) int { return cmp.Compare(x.Value, y.Value) })
		return boxes
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

// Choice is one of several ways to show the same courses.
type Choice struct {
	Label, Href string
	Current     bool
}

// sorts are the orders that the list can have.
func (p *CoursesPage) sorts() []Choice {
	var choices []Choice
	add := func(sort, label string) {
		q := p.Query
		q.Sort, q.Page = sort, 1
		choices = append(choices, Choice{p.T(label), coursesHref(q), sort == p.Query.Sort})
	}
	if p.Query.Text == "" {
		add("", "courses.sort_date")
	} else {
		add("", "courses.sort_match")
		add(catalogue.SortDate, "courses.sort_date")
	}
	add(catalogue.SortTitle, "courses.sort_title")
	add(catalogue.SortSeats, "courses.sort_seats")
	return choices
}

// views are the list and the calendar.
func (p *CoursesPage) views() []Choice {
	list, calendar := p.Query, p.Query
	list.Calendar, list.Page = false, 1
	calendar.Calendar = true
	return []Choice{
		{p.T("courses.view_list"), coursesHref(list), !p.Query.Calendar},
		{p.T("courses.view_calendar"), coursesHref(calendar), p.Query.Calendar},
	}
}
