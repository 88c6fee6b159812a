package handlers

import (
	"cmp"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/varde-platform/varde/internal/i18n/cldr"
	"github.com/varde-platform/varde/internal/roster"
	"github.com/varde-platform/varde/internal/training"
)

// rosterView is what of a participant list somebody wants to see, and in which
// order. It stands in the address, so that it is the same again after saving.
type rosterView struct {
	half     string
	order    string // orderUnmarked or orderName; empty: as it fits
	name     string // part of a name; empty: everybody
	unmarked bool   // those alone who have no mark yet
}

const (
	orderUnmarked = "unmarked" // those without a mark first, and each part by name
	orderName     = "name"
)

// longestName is how much of what somebody looks for is kept, in bytes.
const longestName = 100

func rosterViewOf(value func(name string) string) rosterView {
	view := rosterView{half: value("half"), order: value("order"), name: strings.TrimSpace(value("q")), unmarked: value("unmarked") != ""}
	if view.order != orderUnmarked && view.order != orderName {
		view.order = ""
	}
	if len(view.name) > longestName {
		view.name = view.name[:longestName]
	}
	view.name = strings.ToValidUTF8(view.name, "")
	return view
}

// rosterViewAsked reads it from the address, or from the form that was sent.
func rosterViewAsked(c *fiber.Ctx) rosterView {
	view := rosterViewOf(func(name string) string { return c.FormValue(name) })
	view.half = cmp.Or(c.FormValue("half_day"), view.half)
	return view
}

// with settles the half day that is shown.
func (v rosterView) with(list roster.Roster, now time.Time) rosterView {
	v.half = chooseHalfDay(list, v.half, now)
	return v
}

// unmarkedFirst reports the order. Where nothing is chosen, those who are still
// to be marked come first while there is something to mark.
func (v rosterView) unmarkedFirst(markable, begun bool) bool {
	return v.order == orderUnmarked || v.order == "" && markable && begun
}

// query is the view as the query of an address.
func (v rosterView) query() string {
	values := url.Values{}
	set := func(name, value string) {
		if value != "" {
			values.Set(name, value)
		}
	}
	set("half", v.half)
	set("order", v.order)
	set("q", v.name)
	if v.unmarked {
		set("unmarked", "yes")
	}
	if len(values) == 0 {
		return ""
	}
	return "?" + values.Encode()
}

// shows reports whether the view has a person of that name and mark. Each word
// that was typed has to stand in the name, in any order: people know a
// surname, or how it begins.
func (v rosterView) shows(name string, marked bool) bool {
	name = cldr.Fold(name)
	for word := range strings.FieldsSeq(cldr.Fold(v.name)) {
		if !strings.Contains(name, word) {
			return false
		}
	}
	return !v.unmarked || !marked
}

// RosterFind is the form above the list to mark, and what it has found.
type RosterFind struct {
	Href      string // of the form
	Name      Field
	Unmarked  bool
	Order     string // as chosen; empty: not chosen
	Orders    []ViewChoice
	Chosen    bool   // not everybody is asked for
	Shown     string // how many are shown of how many; empty: everybody
	Words     string // the same with {n} for the number, for script
	None      bool   // nobody is shown
	Everybody string // address of the list of everybody
}

// ViewChoice is one of several ways to show the same.
type ViewChoice struct {
	Href, Label string
	Current     bool
}

// find orders the people to mark, hides whom the reader does not look for, and
// counts.
func (p *RosterPage) find(list roster.Roster, view rosterView) {
	size, missing := len(list.Items), unmarked(list, view.half)
	p.Count = capital(p.T("teach.all_marked"))
	if missing > 0 {
		p.Count = p.T("teach.not_marked_of", "count", missing, "size", size)
	}
	first := view.unmarkedFirst(p.Markable, p.Begun)
	p.Attending = slices.Clone(p.People)
	if first {
		slices.SortStableFunc(p.Attending, func(a, b RosterPerson) int { return rankOfMark(a.Mark) - rankOfMark(b.Mark) })
	}
	shown := 0
	for i := range p.Attending {
		one := &p.Attending[i]
		one.Hidden = !view.shows(one.Name, one.Mark != "none")
		if !one.Hidden {
			shown++
		}
	}
	p.Find = RosterFind{
		Name: p.Input("q", "teach.find_name", view.name, "type", "search"), Unmarked: view.unmarked,
		Order: view.order, Chosen: view.name != "" || view.unmarked, None: shown == 0, Href: p.Href("/teach/", list.Code),
		Words: p.T("teach.shown", "shown", "{n}", "size", p.Int(size)),
	}
	if p.Find.Chosen {
		p.Find.Shown = p.T("teach.shown", "shown", p.Int(shown), "size", p.Int(size))
	}
	everybody := rosterView{half: view.half, order: view.order}
	p.Find.Everybody = p.Find.Href + everybody.query() + "#presence"
	for _, order := range []string{orderUnmarked, orderName} {
		other := view
		other.order = order
		p.Find.Orders = append(p.Find.Orders, ViewChoice{p.Find.Href + other.query() + "#presence", p.T("teach.order_" + order), first == (order == orderUnmarked)})
	}
}

func rankOfMark(mark string) int {
	if mark == "none" {
		return 0
	}
	return 1
}

// begun reports whether the first day of an edition has come where it is held.
func begun(list roster.Roster, now time.Time) bool {
	return !todayIn(now, list.TimeZone).Before(list.Starts)
}

// inSecretariat marks the secretariat in the menu: for an administrator the lists
// of participants and of agencies are a part of it.
func (b *Base) inSecretariat() {
	if b.Viewer == nil || b.Viewer.Role != training.RoleAdmin {
		return
	}
	for i := range b.Menu {
		b.Menu[i].Current = b.Menu[i].Href == b.Href("/admin")
	}
}
