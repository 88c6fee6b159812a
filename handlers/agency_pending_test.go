package handlers_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/varde-platform/varde/ent/agency"
	"github.com/varde-platform/varde/ent/enrolment"
	"github.com/varde-platform/varde/internal/testkit"
)

var (
	pendingName  = regexp.MustCompile(`(?s)<tr( data-late)?>\s*<th scope="row">([^<]+)</th>(.*?)</tr>`)
	figure       = regexp.MustCompile(`<div><dt>([^<]+)</dt><dd>([^<]+)</dd></div>`)
	filledButton = regexp.MustCompile(`<button class="ds-button"(?: data-size="sm")?>([^<]+)`)
)

// figures gives the figures of a page by what they count.
func (a answer) figures() map[string]string {
	all := map[string]string{}
	for _, m := range figure.FindAllStringSubmatch(a.body, -1) {
		all[m[1]] = m[2]
	}
	return all
}

// asking is an edition that asks agencies, in which people of lv-a have taken a
// seat so long ago, and have to be approved within so long.
func (f *staff) asking(t *testing.T, s *testkit.Setup, people map[string][2]time.Duration) {
	t.Helper()
	s.Run(t, testkit.R{Code: "ASK", Approval: true})
	now := s.Now(t)
	for name, times := range people {
		ref := f.enrol(t, "ASK", s.Person(t, testkit.P{Email: strings.ToLower(name) + "@a.example", Name: name, Country: "LV", Agency: "lv-a", Confirmed: true}))
		s.DB.Ent.Enrolment.Update().Where(enrolment.Ref(ref)).SetUpdatedAt(now.Add(-times[0])).SetDeadlineAt(now.Add(times[1])).ExecX(t.Context())
	}
}

const day = 24 * time.Hour

func TestWhatIsLateOrSoonWillBeIsApprovedFirst(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		f := newStaff(t, s)
		f.asking(t, s, map[string][2]time.Duration{
			"Newest": {time.Hour, 7 * day}, "Oldest": {5*day + time.Hour, 3 * day}, "Soon": {2 * day, 20 * time.Hour},
			"Sooner": {day, 2 * time.Hour}, "Late": {time.Hour, -time.Minute},
		})
		page := f.as(t, f.officer).get(t, "/en/agency/lv-a")
		var order []string
		for _, m := range pendingName.FindAllStringSubmatch(page.body, 5) {
			order = append(order, m[2])
			late, soon := strings.Contains(m[3], "Late</span>"), strings.Contains(m[3], "Answer within 24 hours</span>")
			if wantLate, wantSoon := m[2] == "Late", strings.HasPrefix(m[2], "Soon"); late != wantLate || soon != wantSoon || (m[1] != "") != (late || soon) {
				t.Errorf("%s: marked %q, late in words %v, soon in words %v", m[2], m[1], late, soon)
			}
			if !strings.Contains(m[3], "Answer by ") || !strings.Contains(m[3], "(Riga)") {
				t.Errorf("%s: no deadline with its city", m[2])
			}
		}
		if got := strings.Join(order, " "); got != "Late Sooner Soon Oldest Newest" {
			t.Errorf("the order is %s", got)
		}
		figures := page.figures()
		for label, want := range map[string]string{"to approve": "5", "longest wait for approval": "5 days", "late": "1", "to answer within 24 hours": "2"} {
			if figures[label] != want {
				t.Errorf("%s: %q, want %q", label, figures[label], want)
			}
		}
		if filled := filledButton.FindAllStringSubmatch(page.body, -1); len(filled) != 1 || filled[0][1] != "Approve" {
			t.Errorf("filled buttons: %v, want the first row's", filled)
		}
	})
}

func TestTheAgencysFirstStepIsTheOneFilledButton(t *testing.T) {
	s := testkit.SQLite(t)
	f := newStaff(t, s)
	s.Person(t, testkit.P{Email: "nils@a.example", Name: "Nils", Country: "LV", Agency: "lv-a"})
	b := f.as(t, f.officer)
	page := b.get(t, "/en/agency/lv-a")
	page.has(t, `Confirm<span class="ds-sr-only">: Nils`)
	if filled := filledButton.FindAllStringSubmatch(page.body, -1); len(filled) != 1 || filled[0][1] != "Confirm" {
		t.Errorf("somebody to confirm: filled %v", filled)
	}
	if got := page.figures(); got["to approve"] != "0" || got["late"]+got["longest wait for approval"]+got["to answer within 24 hours"] != "" {
		t.Errorf("nothing to approve: %v", got)
	}
	s.DB.Ent.Person.Update().SetAffiliationConfirmedAt(s.Now(t)).ExecX(t.Context())
	if filled := filledButton.FindAllStringSubmatch(b.get(t, "/en/agency/lv-a").body, -1); len(filled) != 0 {
		t.Errorf("nothing to do: filled %v", filled)
	}
	f.asking(t, s, map[string][2]time.Duration{"Janis": {time.Hour, 7 * day}})
	if got := b.get(t, "/en/agency/lv-a").figures()["longest wait for approval"]; got != "under a day" {
		t.Errorf("asked an hour ago: waited %q", got)
	}
}

func TestADeadlineElsewhereIsToldInBothTimes(t *testing.T) {
	s := testkit.SQLite(t)
	f := newStaff(t, s)
	f.asking(t, s, map[string][2]time.Duration{"Janis": {day, 3 * day}})
	s.DB.Ent.Run.Update().SetTimeZone("Europe/Warsaw").ExecX(t.Context())
	f.as(t, f.officer).get(t, "/en/agency/lv-a").has(t, "(Warsaw)", `data-own-time`, "(Riga)")
}

// A run that asks the agencies says whose approval its reader needs, and how long
// that may take; who has no confirmed agency is told that none is needed.
func TestARunTellsItsReaderWhoApproves(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		f := newStaff(t, s)
		s.Run(t, testkit.R{Code: "ASK", Approval: true})
		member := s.Person(t, testkit.P{Email: "member@a.example", Country: "LV", Agency: "lv-a", Confirmed: true})
		alone := s.Person(t, testkit.P{Email: "alone@a.example", Country: "LV", Agency: "lv-a"})
		name, said := f.agencyName(t, s, "lv-a"), f.site.app.Bundle.For("en")
		named, anybodys, none := said.T("run.approval_by", "agency", name), said.T("run.approval"), said.T("run.approval_none")
		days := said.T("run.approval_days", "count", 7)
		for who, c := range map[string]struct {
			browser   *browser
			told, not []string
		}{
			"a member":             {f.as(t, member), []string{named, days}, []string{none}},
			"somebody unconfirmed": {f.as(t, alone), []string{none}, []string{named, days}},
			"a visitor":            {f.site.browser(), []string{anybodys, days}, []string{named, none}},
		} {
			t.Log(who)
			page := c.browser.get(t, "/en/runs/ASK")
			page.has(t, c.told...)
			page.hasNot(t, c.not...)
		}
	})
}

func (f *staff) agencyName(t *testing.T, s *testkit.Setup, slug string) string {
	t.Helper()
	row, err := s.DB.Ent.Agency.Query().Where(agency.Slug(slug)).Only(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return row.Name
}
