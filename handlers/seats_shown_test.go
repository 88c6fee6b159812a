package handlers_test

import (
	"strings"
	"testing"

	"github.com/varde-platform/varde/ent/seatpool"
	"github.com/varde-platform/varde/internal/testkit"
)

func TestSeatsKeptForOthersAreNotPromised(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		site := newSite(t, s)
		s.Run(t, testkit.R{Code: "R1", Course: s.Course(t, "ships"), Size: 8, Quotas: map[string]int{"LV": 2, "EE": 3}})
		latvian := site.as(t, s.Person(t, testkit.P{Email: "lv@example.org", Country: "LV", Confirmed: true}))
		finn := site.as(t, s.Person(t, testkit.P{Email: "fi@example.org", Country: "FI", Confirmed: true}))
		unsure := site.as(t, s.Person(t, testkit.P{Email: "lv2@example.org", Country: "LV"}))
		for _, path := range []string{"/en/courses", "/en/courses/ships", "/en/runs/R1"} {
			site.browser().get(t, path).has(t, "3 of 8 seats available to all countries. 5 seats are kept for certain countries.")
			unsure.get(t, path).has(t, "3 of 8 seats available to all countries. 5 seats are kept for certain countries.")
			latvian.get(t, path).has(t, "5 of 8 seats available to you. 2 seats are kept for: Latvia. 3 seats are kept for other countries.")
			finn.get(t, path).has(t, "3 of 8 seats available to you. 5 seats are kept for other countries.")
		}
		row := site.browser().get(t, "/en/courses")
		row.has(t, `<svg class="vd-seatbar" aria-hidden="true"><rect class="vd-seatbar__taken" width="0.00%"`, `vd-seatbar__kept" x1="37.50%" x2="100%"`)
		row.hasNot(t, "vd-seatbar__own", "vd-seatbar__held")
		site.browser().get(t, "/en/runs/R1").has(t, `<i data-seat="kept"></i></span>kept for certain countries`)
		site.browser().get(t, "/en/courses?view=calendar").has(t, "<p>3 of 8 seats available to all countries.</p>")
		site.browser().get(t, "/lv/").has(t, `vd-seats" aria-hidden="true"`, `<i data-seat="free" data-own></i><i data-seat="free" data-own></i><i data-seat="kept"></i>`)

		s.DB.Ent.SeatPool.Update().Where(seatpool.Country("")).SetTaken(3).ExecX(t.Context())
		gone := "?gone=1" // what was kept for a second is not asked for again
		site.browser().get(t, "/en/courses"+gone).has(t, "No seats open to all countries are left. 5 seats are kept for certain countries.")
		finn.get(t, "/en/courses"+gone).has(t, "No seats available to you. 5 seats are kept for other countries.")
		for browser, want := range map[*browser]string{site.browser(): "LimitedAvailability", finn: "LimitedAvailability", latvian: "InStock"} {
			if page := browser.get(t, "/en/runs/R1"+gone); !strings.Contains(page.body, `"availability":"https://schema.org/`+want+`"`) {
				t.Errorf("search engines are not told %s of what the page says\n%s", want, structuredData.FindString(page.body))
			}
		}
	})
}
