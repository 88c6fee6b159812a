package handlers_test

import (
	"html"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/varde-platform/varde/internal/config"
	"github.com/varde-platform/varde/internal/testkit"
	"github.com/varde-platform/varde/internal/training"
)

var holdField = regexp.MustCompile(`name="hold" value="([^"]*)"`)

func (a answer) hold(t *testing.T) string {
	t.Helper()
	m := holdField.FindStringSubmatch(a.body)
	if m == nil {
		t.Fatalf("the page has no reserved seat\n%s", a.body)
	}
	return html.UnescapeString(m[1])
}

// reserve presses the button of the run's page and gives the check page.
func (b *browser) reserve(t *testing.T, code string) answer {
	t.Helper()
	b.get(t, "/en/me/profile")
	taken := b.post(t, "/en/runs/"+code+"/hold")
	taken.leadsTo(t, "/en/runs/"+code+"/enrol?held=1")
	return b.follow(t, taken)
}

func TestFromTheReservedSeatToTheEnrolmentAndOutAgain(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		site := newSite(t, s, func(c *config.Settings) { c.HoldLife = 10 * time.Minute })
		day := training.Date{Year: s.Now(t).Year() + 1, Month: time.March, Day: 3}
		s.Run(t, testkit.R{Code: "R1", Size: 4, Quotas: map[string]int{"LV": 1}, Starts: day, Ends: day.AddDays(2)})
		b := site.as(t, s.Person(t, testkit.P{Email: "a@example.org", Name: "Anna Bērziņa", Country: "LV", Agency: "lv-a", Confirmed: true}))

		check := b.reserve(t, "R1")
		check.has(t, "Check your answers", "Anna Bērziņa", "Firefighter", "Latvia", "Agency lv-a", "Change<",
			"A seat is reserved for you", "10 minutes left", "in Riga", "A seat reserved for Latvia",
			`href="/en/me/profile?next=%2Fruns%2FR1%2Fenrol%3Fheld%3D1#name"`, "3–5 March", "09:00 (Riga)", "English",
			"Your seat is confirmed at once.", `data-minutes-one="{n} minute left"`, `data-minutes-other="{n} minutes left"`)
		check.hasNot(t, "are not confirmed yet")

		done := b.post(t, "/en/runs/R1/enrol", "hold", check.hold(t))
		receipt := b.follow(t, done)
		receipt.has(t, "You are enrolled", "What happens next", "Course course-1-r1")
		path, _, _ := strings.Cut(done.header.Get("Location"), "?")
		ref := path[strings.LastIndexByte(path, '/')+1:]
		receipt.has(t, ref)
		// The same form once more is the same enrolment.
		b.post(t, "/en/runs/R1/enrol", "hold", check.hold(t)).leadsTo(t, done.header.Get("Location"))
		b.get(t, "/en/me").has(t, path, "Confirmed", "3–5 March")
		b.get(t, path).hasNot(t, "You are enrolled")

		file := b.get(t, path+"/calendar.ics")
		file.has(t, "BEGIN:VEVENT\r\n", "UID:"+ref+"@varde.test\r\n", "STATUS:CONFIRMED\r\n",
			"DTSTART;VALUE=DATE:"+strings.ReplaceAll(day.String(), "-", "")+"\r\n",
			"DTEND;VALUE=DATE:"+strings.ReplaceAll(day.AddDays(3).String(), "-", "")+"\r\n")
		if got := file.header.Get("Content-Type"); got != "text/calendar; charset=utf-8" {
			t.Errorf("the file is %s", got)
		}

		// Who is enrolled is led to the enrolment, whichever way back is taken.
		b.post(t, "/en/runs/R1/hold").leadsTo(t, path)
		b.get(t, path).has(t, "You are already enrolled")
		b.get(t, "/en/runs/R1/enrol").leadsTo(t, path)

		b.get(t, path)
		b.post(t, path+"/cancel").leadsTo(t, path)
		gone := b.get(t, path)
		gone.has(t, "You have withdrawn", "Cancelled", "You have no seat.")
		gone.hasNot(t, "/cancel", "calendar.ics")
		b.post(t, path+"/cancel").has(t, "This cannot be done now.")
		b.get(t, path+"/calendar.ics").has(t, "STATUS:CANCELLED\r\n")
	})
}

func TestTheAgencyIsAskedWhereTheRunWantsIt(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		site := newSite(t, s)
		s.Run(t, testkit.R{Code: "R1", Approval: true})
		confirmed := site.as(t, s.Person(t, testkit.P{Email: "a@example.org", Country: "LV", Agency: "lv-a", Confirmed: true}))
		check := confirmed.reserve(t, "R1")
		check.has(t, "Your agency, Agency lv-a, is asked to approve.", "Send request")
		receipt := confirmed.follow(t, confirmed.post(t, "/en/runs/R1/enrol", "hold", check.hold(t)))
		receipt.has(t, "Your request is sent", "Waiting for approval", "Agency, as confirmed when you enrolled")
		confirmed.get(t, "/en/me").has(t, "Your agency has until ", "to approve. Your seat is kept until then.")

		declared := site.as(t, s.Person(t, testkit.P{Email: "b@example.org", Country: "LV", Agency: "lv-a"}))
		check = declared.reserve(t, "R1")
		check.has(t, "Your country and agency are not confirmed yet, so you take a seat open to all countries.",
			"A seat open to all countries", "Your seat is confirmed at once.")
		receipt = declared.follow(t, declared.post(t, "/en/runs/R1/enrol", "hold", check.hold(t)))
		receipt.has(t, "You are enrolled")
		receipt.hasNot(t, "as confirmed when you enrolled")
	})
}

func TestWhoeverComesTooLateIsToldOnTheRunsPage(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		site := newSite(t, s)
		s.Run(t, testkit.R{Code: "R1", Size: 1})
		first := site.as(t, s.Person(t, testkit.P{Email: "a@example.org"}))
		second := site.as(t, s.Person(t, testkit.P{Email: "b@example.org"}))
		held := first.reserve(t, "R1")
		second.get(t, "/en/me/profile")
		gone := second.post(t, "/en/runs/R1/hold")
		gone.leadsTo(t, "/en/runs/R1")
		second.follow(t, gone).has(t, "The last seat has been taken.")
		second.get(t, "/en/runs/R1/enrol").has(t, "No seat is reserved for you yet", "No seats left.")

		first.post(t, "/en/runs/R1/release", "hold", held.hold(t)).leadsTo(t, "/en/runs/R1")
		first.get(t, "/en/runs/R1").has(t, "Your seat is released.")
		second.get(t, "/en/me/profile")
		second.reserve(t, "R1").has(t, "A seat is reserved for you")
		// A hold is worth nothing in another's hands.
		first.get(t, "/en/me/profile")
		first.post(t, "/en/runs/R1/enrol", "hold", second.get(t, "/en/runs/R1/enrol").hold(t)).want(t, 404, "")
	})
}

// Who comes to the page by its address alone has lost nothing.
func TestWhoNeverHeldASeatIsNotToldThatItsTimeEnded(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		site := newSite(t, s)
		s.Run(t, testkit.R{Code: "R1", Size: 2})
		b := site.as(t, s.Person(t, testkit.P{Email: "a@example.org"}))
		page := b.get(t, "/en/runs/R1/enrol")
		page.has(t, "No seat is reserved for you yet", "Reserve one now.", "2 of 2 seats available.", `action="/en/runs/R1/hold"`, ">Reserve a seat<")
		page.hasNot(t, "has ended", "Reserve a seat again", "saved")
		b.reserve(t, "R1").has(t, "A seat is reserved for you")
	})
}

func TestAnEndedHoldKeepsTheAnswersAndOffersAnother(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		site := newSite(t, s, func(c *config.Settings) { c.HoldLife = 300 * time.Millisecond })
		s.Run(t, testkit.R{Code: "R1", Size: 2})
		anna := s.Person(t, testkit.P{Email: "a@example.org", Name: "Anna Bērziņa"})
		held, err := site.app.Enrolment.Hold(t.Context(), anna, "R1")
		if err != nil {
			t.Fatal(err)
		}
		token := held.Token
		time.Sleep(400 * time.Millisecond)
		b := site.as(t, anna)
		over := b.get(t, "/en/runs/R1/enrol?held=1")
		over.want(t, 200, "")
		over.has(t, "No seat is reserved for you now", "Your answers are saved.", "2 of 2 seats available.",
			"Reserve a seat again", "Anna Bērziņa")
		over.hasNot(t, `name="hold"`)

		late := b.post(t, "/en/runs/R1/enrol", "hold", token)
		late.want(t, 409, "")
		late.has(t, "The time for your reserved seat has ended.", "Reserve a seat again", "Anna Bērziņa")
		if list, err := site.app.Enrolment.Mine(t.Context(), anna); err != nil || len(list) != 0 {
			t.Errorf("%d enrolments, %v", len(list), err)
		}
		b.post(t, "/en/runs/R1/prolong", "hold", token).want(t, 409, "")
	})
}

// Who has let two reserved seats go has to wait, and is offered nothing that would
// only be refused again.
func TestWhoUsedNoReservedSeatTwiceIsToldToWait(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		site := newSite(t, s)
		s.Run(t, testkit.R{Code: "R1", Size: 2})
		b := site.as(t, s.Person(t, testkit.P{Email: "a@example.org"}))
		for range 2 {
			b.post(t, "/en/runs/R1/release", "hold", b.reserve(t, "R1").hold(t)).leadsTo(t, "/en/runs/R1")
		}
		b.get(t, "/en/me/profile")
		refused := b.post(t, "/en/runs/R1/hold")
		refused.want(t, 429, "")
		refused.has(t, "You reserved a seat here twice without using it.", "No seat is reserved for you now", "2 of 2 seats available.", "See these dates")
		refused.hasNot(t, "No seat is reserved for you yet", `action="/en/runs/R1/hold"`, `action="/en/runs/R1/wait"`)
	})
}

func TestMoreTimeIsGivenNearTheEndAndOnce(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		const life = 4 * time.Second
		site := newSite(t, s, func(c *config.Settings) { c.HoldLife = life })
		s.Run(t, testkit.R{Code: "R1"})
		b := site.as(t, s.Person(t, testkit.P{Email: "a@example.org"}))
		page := b.reserve(t, "R1")
		token := page.hold(t)
		page.has(t, "you can ask for more time once", `data-hold-from="1"`)
		early := b.post(t, "/en/runs/R1/prolong", "hold", token)
		early.want(t, 409, "")
		early.has(t, "You can ask for more time near the end.", "A seat is reserved for you")

		given := early
		for end := time.Now().Add(life); given.status == 409 && time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
			given = b.post(t, "/en/runs/R1/prolong", "hold", token)
		}
		given.leadsTo(t, "/en/runs/R1/enrol?held=1")
		more := b.get(t, "/en/runs/R1/enrol")
		more.has(t, "You have more time.", "You have had more time once.")
		more.hasNot(t, "/prolong")
	})
}

func TestPeopleEnrolWhileTheSeatLockIsAway(t *testing.T) {
	s := testkit.SQLite(t)
	site := newSite(t, s)
	s.Run(t, testkit.R{Code: "R1", Size: 1})
	b := site.as(t, s.Person(t, testkit.P{Email: "a@example.org"}))
	b.get(t, "/en/me/profile")
	if err := site.app.LeaveRedis(); err != nil {
		t.Fatal(err)
	}
	taken := b.post(t, "/en/runs/R1/hold")
	taken.leadsTo(t, "/en/runs/R1/enrol")
	check := b.follow(t, taken)
	check.want(t, 200, "")
	check.has(t, "Seats cannot be reserved for the time of filling in right now. You can enrol without that.", "Enrol<")
	check.hasNot(t, "vd-hold", `name="hold"`)
	b.follow(t, b.post(t, "/en/runs/R1/enrol")).has(t, "You are enrolled")
}

func TestWhatHasToBeDoneBeforeTheFirstHold(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		site := newSite(t, s, withMail)
		s.Run(t, testkit.R{Code: "R1"})
		s.Run(t, testkit.R{Code: "B2", Conditions: training.Conditions{LanguageLevel: "B2"}})
		s.Run(t, testkit.R{Code: "LATER", Opens: s.Now(t).AddDate(0, 0, 10)})

		visitor := site.browser()
		visitor.get(t, "/en/runs/R1/enrol").leadsTo(t, "/en/login?next=%2Fen%2Fruns%2FR1%2Fenrol")

		fresh := site.browser()
		fresh.get(t, "/en/signup")
		fresh.follow(t, fresh.post(t, "/en/signup", "email", "new@example.org", "password", goodPassword))
		fresh.post(t, "/en/runs/R1/hold").leadsTo(t, "/en/me/profile?next=%2Fruns%2FR1")
		fresh.get(t, "/en/runs/R1/enrol").leadsTo(t, "/en/me/profile?next=%2Fruns%2FR1")
		// Nobody fills in a profile for what is not open.
		fresh.get(t, "/en/me/profile")
		fresh.post(t, "/en/runs/LATER/hold").has(t, "Enrolment opens on")

		unread := site.as(t, s.Person(t, testkit.P{Email: "u@example.org", EmailUnconfirmed: true}))
		unread.get(t, "/en/me/profile").has(t, "u@example.org")
		refused := unread.post(t, "/en/runs/R1/hold")
		refused.want(t, 409, "")
		refused.has(t, "Your e-mail address is not confirmed.", `name="next" value="/runs/R1"`)
		refused.hasNot(t, "A seat is reserved for you")

		weak := site.as(t, s.Person(t, testkit.P{Email: "w@example.org"}))
		weak.get(t, "/en/me/profile")
		refused = weak.post(t, "/en/runs/B2/hold")
		refused.want(t, 409, "")
		refused.has(t, "This course needs language level B2 or better.", `href="/en/me/profile?next=%2Fruns%2FB2%2Fenrol#language_level"`)
		refused.hasNot(t, "Reserve a seat", `action="/en/runs/B2/hold"`) // which would be refused again
		refused = weak.post(t, "/en/runs/LATER/hold")
		refused.want(t, 409, "")
		refused.has(t, "Enrolment opens on")
		refused.hasNot(t, "Reserve a seat again")

		admin := site.as(t, s.Person(t, testkit.P{Email: "admin@example.org", Role: training.RoleAdmin}))
		admin.get(t, "/en/runs/R1/enrol").want(t, 403, "")
	})
}

func TestMyPagesShowNobodyElsesEnrolment(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		site := newSite(t, s)
		s.Run(t, testkit.R{Code: "R1"})
		owner := s.Person(t, testkit.P{Email: "a@example.org", Country: "LV", Agency: "lv-a", Confirmed: true})
		made, err := site.app.Enrolment.Confirm(t.Context(), owner, "R1", "")
		if err != nil {
			t.Fatal(err)
		}
		for name, actor := range map[string]training.Actor{
			"another person":       s.Person(t, testkit.P{Email: "b@example.org"}),
			"the agency's officer": s.Person(t, testkit.P{Email: "o@example.org", Role: training.RoleAgency, Country: "LV", Agency: "lv-a", Confirmed: true}),
			"an administrator":     s.Person(t, testkit.P{Email: "admin@example.org", Role: training.RoleAdmin}),
		} {
			b := site.as(t, actor)
			b.get(t, "/en/me").hasNot(t, made.Ref)
			for _, path := range []string{"", "/calendar.ics"} {
				if got := b.get(t, "/en/me/enrolments/"+made.Ref+path); got.status != 404 {
					t.Errorf("%s, %s: %d, want 404", name, path, got.status)
				}
			}
			if got := b.post(t, "/en/me/enrolments/"+made.Ref+"/cancel"); got.status != 404 {
				t.Errorf("%s cancels from the person's own page: %d, want 404", name, got.status)
			}
		}
	})
}

func TestACertificateIsFetchedFromMyCourses(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		site := newSite(t, s)
		teacher := s.Person(t, testkit.P{Email: "teacher@example.org", Role: training.RoleInstructor})
		today := training.DateOf(s.Now(t))
		s.Run(t, testkit.R{Code: "R1", Instructors: []training.Actor{teacher}, Starts: today, Ends: today, Closes: s.Now(t).AddDate(0, 0, 1)})
		owner := s.Person(t, testkit.P{Email: "a@example.org", Name: "Łucja Žukauskaitė"})
		b := site.as(t, owner)
		b.get(t, "/en/me").has(t, "You are not enrolled in a coming course.", "When you have completed a course, you find its certificate here.")
		site.begun(t, "R1")
		made, err := site.app.Enrolment.Confirm(t.Context(), owner, "R1", "")
		if err != nil {
			t.Fatal(err)
		}
		yes := true
		for _, half := range made.HalfDays {
			if err := site.app.Roster.MarkMany(t.Context(), teacher, "R1", half.Key, map[string]*bool{made.Ref: &yes}); err != nil {
				t.Fatal(err)
			}
		}
		if err := site.app.Roster.Close(t.Context(), teacher, "R1"); err != nil {
			t.Fatal(err)
		}
		site.work(t)
		list, err := site.app.Certificates.Mine(t.Context(), owner)
		if err != nil || len(list) != 1 {
			t.Fatalf("%d certificates, %v", len(list), err)
		}
		path := "/en/me/certificates/" + list[0].Number + ".pdf"
		b.get(t, "/en/me").has(t, list[0].Number, "Valid", path+"?lang=en", "/en/verify/"+list[0].Number, "Completed", "Earlier")
		file := b.get(t, path+"?lang=lt")
		file.want(t, 200, "")
		if !strings.HasPrefix(file.body, "%PDF") || file.header.Get("Content-Type") != "application/pdf" {
			t.Errorf("the file is %s", file.header.Get("Content-Type"))
		}
		if got := file.header.Get("Content-Disposition"); !strings.HasPrefix(got, "attachment; filename=") || !strings.Contains(got, "Lucja-Zukauskaite") {
			t.Errorf("Content-Disposition %q", got)
		}
		site.as(t, s.Person(t, testkit.P{Email: "b@example.org"})).get(t, path).want(t, 404, "")
	})
}
