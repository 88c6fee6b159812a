package training

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var (
	openPool   = Pool{ID: 1, Size: 10}
	latvia     = Pool{ID: 2, Country: "LV", Size: 2}
	released   = Pool{ID: 3, Country: "EE", Size: 1, ReleasedAt: time.Unix(1, 0)}
	suspended  = Pool{ID: 4, Country: "RU", Size: 1, Suspended: true}
	everyPool  = []Pool{openPool, latvia, released, suspended}
	first      = Waiter{ID: 11, Country: "SE"}
	second     = Waiter{ID: 12, Country: "LV"}
	skipped    = Waiter{ID: 13, Country: "RU", Skipped: true}
	third      = Waiter{ID: 14, Country: "EE"}
	fourth     = Waiter{ID: 15, Country: "LV"}
	stateless  = Waiter{ID: 16}
	everyone   = []Waiter{first, second, skipped, third, fourth, stateless}
	dayOfStart = time.Date(2027, 6, 1, 0, 0, 0, 0, time.UTC)
)

func TestFreedSeatsGoToThoseWhoMayTakeThemInOrderOfJoining(t *testing.T) {
	cases := map[string]struct {
		seats   map[int]int
		waiting []Waiter
		want    []Offer
	}{
		"a seat of a quota to the first of its state":     {map[int]int{2: 1}, everyone, []Offer{{second, latvia, 1}}},
		"a seat of the open pool to whoever joined first": {map[int]int{1: 1}, everyone, []Offer{{first, openPool, 1}}},
		"two of a quota to the two of its state":          {map[int]int{2: 2}, everyone, []Offer{{second, latvia, 1}, {fourth, latvia, 2}}},
		"more of a quota than people of its state":        {map[int]int{2: 5}, everyone, []Offer{{second, latvia, 1}, {fourth, latvia, 2}}},
		"nobody gets two, and the quota goes first":       {map[int]int{1: 2, 2: 1}, everyone, []Offer{{second, latvia, 1}, {first, openPool, 1}, {third, openPool, 2}}},
		"whose state is suspended is skipped":             {map[int]int{1: 6}, []Waiter{skipped, stateless}, []Offer{{stateless, openPool, 1}}},
		"a released quota gives nothing of its own":       {map[int]int{3: 1}, everyone, nil},
		"a suspended quota gives nothing":                 {map[int]int{4: 1}, everyone, nil},
		"a seat of a quota of which nobody waits stays":   {map[int]int{2: 1}, []Waiter{first, third}, nil},
		"no seat, no offer":                               {map[int]int{}, everyone, nil},
		"nobody waits":                                    {map[int]int{1: 3, 2: 2}, nil, nil},
		"who has no confirmed state takes the open seats": {map[int]int{1: 1, 2: 1}, []Waiter{stateless}, []Offer{{stateless, openPool, 1}}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, NextOffers(everyPool, c.seats, c.waiting)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestWaitingIsCountedForEachPoolThatOneMayTakeFrom(t *testing.T) {
	pools := []Pool{openPool, latvia, released, suspended}
	pools[2].Waiting = 7
	CountWaiting(pools, everyone)
	got := map[int]int{}
	for _, p := range pools {
		got[p.ID] = p.Waiting
	}
	if diff := cmp.Diff(map[int]int{1: 5, 2: 2, 3: 0, 4: 0}, got); diff != "" {
		t.Error(diff)
	}
}

func TestThePlaceInTheList(t *testing.T) {
	cases := map[string]struct {
		id   int
		want Place
	}{
		"the first":                                  {first.ID, Place{Any: 1}},
		"the first of a state with a quota":          {second.ID, Place{Any: 2, Own: 1}},
		"who is skipped keeps the place":             {skipped.ID, Place{Any: 3}},
		"behind one who is skipped":                  {third.ID, Place{Any: 3}},
		"the second of a state with a quota":         {fourth.ID, Place{Any: 4, Own: 2}},
		"without a state":                            {stateless.ID, Place{Any: 5}},
		"who does not wait has no place in the list": {99, Place{}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if got := PlaceOf(c.id, everyPool, everyone); got != c.want {
				t.Errorf("got %+v, want %+v", got, c.want)
			}
		})
	}
}

func TestHowTheListIsServedAsTheStartComesNearer(t *testing.T) {
	cases := map[string]struct {
		before time.Duration
		want   ListMode
	}{
		"a month before":                {30 * 24 * time.Hour, ByOffer},
		"a moment before the last call": {LastCall + time.Second, ByOffer},
		"48 hours before":               {LastCall, ByFirstAnswer},
		"a second before":               {time.Second, ByFirstAnswer},
		"at the start":                  {0, ByInstructor},
		"on the second day":             {-30 * time.Hour, ByInstructor},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if got := ListModeAt(dayOfStart.Add(-c.before), dayOfStart); got != c.want {
				t.Errorf("got %d, want %d", got, c.want)
			}
		})
	}
}

func TestDeadlines(t *testing.T) {
	d := DefaultDeadlines()
	quick := Deadlines{Offer: time.Minute, LateOffer: 24 * time.Hour, Approval: time.Minute}
	before := func(x time.Duration) time.Time { return dayOfStart.Add(-x) }
	const day = 24 * time.Hour
	cases := map[string]struct{ got, want time.Time }{
		"an offer a month before":                 {d.OfferUntil(before(30*day), dayOfStart), before(28 * day)},
		"an offer just before the last two weeks": {d.OfferUntil(before(14*day+time.Second), dayOfStart), before(12*day + time.Second)},
		"an offer in the last two weeks":          {d.OfferUntil(before(14*day), dayOfStart), before(13 * day)},
		"an offer never lasts past the start":     {d.OfferUntil(before(time.Hour), dayOfStart), dayOfStart},
		"a late one is no longer than another":    {quick.OfferUntil(before(5*day), dayOfStart), before(5*day - time.Minute)},
		"an approval a month before":              {d.ApprovalUntil(before(30*day), dayOfStart), before(23 * day)},
		"an approval never lasts past the start":  {d.ApprovalUntil(before(2*day), dayOfStart), dayOfStart},
		"an approval asked for after the start":   {quick.ApprovalUntil(dayOfStart.Add(day), dayOfStart), dayOfStart.Add(day + time.Minute)},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if !c.got.Equal(c.want) {
				t.Errorf("got %v, want %v", c.got, c.want)
			}
		})
	}
}
