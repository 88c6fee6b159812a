package handlers_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/varde-platform/varde/internal/testkit"
	"github.com/varde-platform/varde/internal/training"
)

func TestTheStreetIsToldWhereverTheWayIsLookedFor(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		site := newSite(t, s)
		s.Course(t, "ships")
		admin := s.Person(t, testkit.P{Email: "admin@example.org", Role: training.RoleAdmin})
		token := site.token(t, admin)
		day := training.DateOf(s.Now(t)).AddDays(40)
		body := func(code, more string) string {
			return `{"code": "` + code + `", "starts": "` + day.String() + `", "ends": "` + day.AddDays(1).String() + `", "time_zone": "Europe/Tallinn",
				"place": "Tallinn", "country": "EE", "language": "en", "size": 4` + more + `}`
		}
		made := site.call(t, token, http.MethodPost, "/courses/ships/runs", body("WITH", `, "address": " Erika 3, 10416 "`))
		made.want(t, http.StatusCreated, "")
		if got := made.json(t)["address"]; got != "Erika 3, 10416" {
			t.Errorf("the address is %v", got)
		}
		without := site.call(t, token, http.MethodPost, "/courses/ships/runs", body("WITHOUT", ""))
		if got, there := without.json(t)["address"]; !there || got != nil {
			t.Errorf("an address that nobody gave is %v", got)
		}
		long := site.call(t, token, http.MethodPost, "/courses/ships/runs", body("LONG", `, "address": "`+strings.Repeat("x", 201)+`"`))
		long.want(t, http.StatusUnprocessableEntity, "")
		long.has(t, `"field":"address"`)

		visitor := site.browser()
		visitor.get(t, "/en/runs/WITH").has(t, `<span id="place">Erika 3, 10416, Tallinn, Estonia</span>`, `"streetAddress":"Erika 3, 10416"`)
		none := visitor.get(t, "/en/runs/WITHOUT")
		none.has(t, `<span id="place">Tallinn, Estonia</span>`)
		none.hasNot(t, "streetAddress")
		visitor.get(t, "/en/courses/calendar.ics").has(t, `LOCATION;LANGUAGE=en:Erika 3\, 10416\, Tallinn\, Estonia`, `LOCATION;LANGUAGE=en:Tallinn\, Estonia`)
		person := s.Person(t, testkit.P{Email: "p@example.org"})
		enrolled, err := site.app.Enrolment.Confirm(t.Context(), person, "WITH", "")
		if err != nil {
			t.Fatal(err)
		}
		site.as(t, person).get(t, "/en/me/enrolments/"+enrolled.Ref+"/calendar.ics").has(t, `Erika 3\, 10416\, Tallinn\, Estonia`)
		form := site.as(t, admin)
		form.get(t, "/en/admin/courses/ships/runs/new")
		refused := form.post(t, "/en/admin/courses/ships/runs/new", "code", "", "address", "Erika 3")
		refused.has(t, `name="address"`, `value="Erika 3"`)
	})
}
