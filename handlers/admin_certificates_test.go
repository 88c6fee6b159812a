package handlers_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/varde-platform/varde/ent/outboxjob"
	"github.com/varde-platform/varde/internal/store"
	"github.com/varde-platform/varde/internal/testkit"
	"github.com/varde-platform/varde/internal/training"
)

// newRegister has certificates in every state, and the secretariat's browser.
func newRegister(t *testing.T, s *testkit.Setup) (site *site, b *browser, numbers map[string]string) {
	t.Helper()
	site = newSite(t, s)
	numbers = map[string]string{
		"valid": site.issue(t, "R1", "Þórður Ægisson", false), "revoked": site.issue(t, "R2", "Anna Bērziņa", false),
		"replaced": site.issue(t, "R3", "Onne Oobik", false), "expired": site.issue(t, "R4", "Bjørn Ødegård", false),
	}
	admin := s.Person(t, testkit.P{Email: "admin@example.org", Role: training.RoleAdmin})
	if err := site.app.Certificates.Revoke(t.Context(), admin, numbers["revoked"], "withdrawn_by_issuer", "asked for by <the police>"); err != nil {
		t.Fatal(err)
	}
	site.change(t, `UPDATE people SET name = 'Õnne Ööbik' WHERE name = 'Onne Oobik'`)
	numbers["correction"] = site.correct(t, admin, numbers["replaced"])
	site.change(t, `UPDATE certificates SET expires_at = $1 WHERE number = $2`, store.Instant(s.Now(t).Add(-time.Minute)), numbers["expired"])
	return site, site.as(t, admin), numbers
}

// correct issues a certificate in the place of another, and gives its number.
func (s *site) correct(t *testing.T, actor training.Actor, number string) string {
	t.Helper()
	would, err := s.app.Certificates.Correction(t.Context(), actor, number)
	if err != nil {
		t.Fatal(err)
	}
	made, err := s.app.Certificates.Correct(t.Context(), actor, number, would.Shown)
	if err != nil {
		t.Fatal(err)
	}
	return made.Number
}

// hidden is what a page's form sends back under a name without being typed.
func hidden(t *testing.T, page answer, name string) string {
	t.Helper()
	_, rest, there := strings.Cut(page.body, `<input type="hidden" name="`+name+`" value="`)
	value, _, _ := strings.Cut(rest, `"`)
	if !there {
		t.Errorf("the page has no hidden %s", name)
	}
	return value
}

// wrote fails unless a mail of that key is to go out.
func (s *site) wrote(t *testing.T, key string) {
	t.Helper()
	if n := s.DB.Ent.OutboxJob.Query().Where(outboxjob.DedupeKeyHasSuffix(key)).CountX(t.Context()); n != 1 {
		t.Errorf("%d mails %s, want one", n, key)
	}
}

func recordPath(number string) string { return "/en/admin/certificates/" + number }

func TestTheSecretariatFindsACertificate(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		_, b, numbers := newRegister(t, s)
		b.get(t, "/en/admin").has(t, `href="/en/admin/certificates"`)
		valid := numbers["valid"]
		for query, names := range map[string][]string{
			"":                                   {"Þórður Ægisson", "Anna Bērziņa", "Onne Oobik", "Õnne Ööbik", "Bjørn Ødegård"},
			"?holder=thordur":                    {"Þórður Ægisson"},
			"?holder=õnne":                       {"Onne Oobik", "Õnne Ööbik"},
			"?holder=oobik":                      {"Onne Oobik", "Õnne Ööbik"},
			"?number=" + strings.ToLower(valid):  {"Þórður Ægisson"},
			"?run=r2":                            {"Anna Bērziņa"},
			"?run=R":                             {},
			"?state=valid":                       {"Þórður Ægisson", "Õnne Ööbik"},
			"?state=revoked":                     {"Anna Bērziņa"},
			"?state=replaced":                    {"Onne Oobik"},
			"?state=expired":                     {"Bjørn Ødegård"},
			"?state=expired&holder=anna":         {},
			"?number=2222-2222-2222-2224":        nil, // its check character is wrong
			"?number=" + valid[:9]:               nil,
			"?state=nonsense&holder=bjorn&page=": {"Bjørn Ødegård"},
		} {
			page := b.get(t, "/en/admin/certificates"+query)
			if names == nil {
				page.want(t, 422, "")
				page.has(t, "Enter the whole number.", `href="#number"`, `id="number-error"`)
			}
			if names != nil && len(names) == 0 {
				page.has(t, "No certificate fits what you look for")
			}
			if got := strings.Count(page.body, `<th scope="row">`); got != len(names) {
				t.Errorf("%q finds %d certificates, want %d", query, got, len(names))
			}
			for _, name := range names {
				page.has(t, ">"+name+"</a>")
			}
		}
		row := b.get(t, "/en/admin/certificates?number="+valid)
		row.has(t, `href="`+recordPath(valid)+`"`, `href="/en/verify/`+valid+`"`, `href="`+recordPath(valid)+`.pdf"`, "Valid", "R1", `value="`+valid+`"`)
		b.get(t, "/en/admin/certificates?state=revoked").lacks(t, ".pdf") // that is not for handing on
		if got := b.get(t, recordPath(valid)+".pdf"); got.status != 200 || !strings.HasPrefix(got.body, "%PDF") {
			t.Errorf("the file: %d", got.status)
		}
	})
}

func TestTheRegisterIsTurnedPageByPage(t *testing.T) {
	site := newSite(t, testkit.SQLite(t))
	number := site.issue(t, "R1", "Anna Bērziņa", false)
	row := site.DB.Ent.Certificate.Query().OnlyX(t.Context())
	for i := range 60 { // as if replaced one after the other
		site.DB.Ent.Certificate.Create().SetNumber(fmt.Sprintf("N%d", i)).SetEnrolmentID(row.EnrolmentID).SetRunID(row.RunID).SetPersonID(row.PersonID).
			SetHolder(row.Holder).SetLanguage(row.Language).SetFacts(row.Facts).SetIssuedAt(row.IssuedAt.Add(-time.Hour)).SetReplacedBy(number).SaveX(t.Context())
	}
	b := site.as(t, site.Person(t, testkit.P{Email: "admin@example.org", Role: training.RoleAdmin}))
	for query, next := range map[string]string{"": "?page=2", "?holder=anna": "?holder=anna&amp;page=2"} {
		first := b.get(t, "/en/admin/certificates"+query)
		first.has(t, "61 certificates", "Page 1 of 2", `href="/en/admin/certificates`+next+`" rel="next"`, ">"+number+"<")
		if got := strings.Count(first.body, `<th scope="row">`); got != 50 {
			t.Errorf("%q shows %d certificates on its first page", query, got)
		}
		second := b.get(t, "/en/admin/certificates"+strings.ReplaceAll(next, "&amp;", "&"))
		if got := strings.Count(second.body, `<th scope="row">`); got != 11 || strings.Contains(second.body, ">"+number+"<") {
			t.Errorf("%q shows %d certificates on its last page", query, got)
		}
	}
}

func TestACertificateIsShownWithAllThatStandsInItsRow(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		_, b, numbers := newRegister(t, s)
		b.get(t, recordPath(numbers["valid"])+".pdf?lang=fi").want(t, 200, "")
		valid := b.get(t, recordPath(strings.ToLower(numbers["valid"])))
		valid.has(t, "Certificate of Þórður Ægisson", numbers["valid"], "R1", "Riga, Latvia", "Issued by", "PDF made. Language: Finnish.", "Badge made.",
			"Issued.", `id="reason"`, `name="note"`, `href="/en/verify/`+numbers["valid"])
		valid.lacks(t, "<dt>Replaces</dt>", "<dt>Replaced by</dt>")
		b.get(t, recordPath(numbers["correction"])).has(t, "Issued in the place of "+numbers["replaced"], `<dt>Replaces</dt>`, `href="`+recordPath(numbers["replaced"])+`"`)
		replaced := b.get(t, recordPath(numbers["replaced"]))
		replaced.has(t, `<dt>Replaced by</dt>`, `href="`+recordPath(numbers["correction"])+`"`, "Replaced by "+numbers["correction"], "do not hand it on", `id="reason"`)
		replaced.lacks(t, "/reissue")
		b.get(t, recordPath(numbers["expired"])).has(t, "Expired", `id="reason"`)
		revoked := b.get(t, recordPath(numbers["revoked"]))
		revoked.has(t, "Revoked by the issuer: ", "The issuer has withdrawn it.", "asked for by &lt;the police&gt;", "do not hand it on")
		revoked.lacks(t, `id="reason"`, "/reissue") // nothing of that can be done any more
		b.get(t, recordPath("2222-2222-2222-2222")).want(t, 404, "")
		b.get(t, recordPath("nonsense")).want(t, 404, "")
	})
}

func TestTheSecretariatRevokesACertificate(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		site, b, numbers := newRegister(t, s)
		number := numbers["valid"]
		b.get(t, recordPath(number))
		under := recordPath(number) + "/revoke"
		stands := func() {
			t.Helper()
			site.browser().get(t, "/en/verify/"+number).has(t, "Genuine and valid")
		}
		for _, wrong := range []string{"", "because"} {
			refused := b.post(t, under, "reason", wrong, "note", "line one\nline <two>", "confirm", "yes")
			refused.want(t, 422, "")
			refused.has(t, "<title>Error: ", `href="#reason"`, `id="reason-error"`, "Choose one of the reasons for revoking.", "line one\nline &lt;two&gt;</textarea>",
				`lang="fi" hreflang="fi"`, `href="/fi/admin/certificates/`+number+`"`)
		}
		long := b.post(t, under, "reason", "facts_wrong", "note", strings.Repeat("ä", 2001), "confirm", "yes")
		long.want(t, 422, "")
		long.has(t, `id="note-error"`, "2,000 characters", `value="facts_wrong" checked`, strings.Repeat("ä", 2001))

		asked := b.post(t, under, "reason", "facts_wrong", "note", "asked for by <x>")
		asked.want(t, 200, "")
		asked.has(t, "That cannot be undone.", "Files that were given out cannot be called back.", "What it stated was wrong.", "asked for by &lt;x&gt;", `name="confirm"`)
		changed := b.post(t, under, "reason", "facts_wrong", "note", "asked for by <x>", "change", "yes")
		changed.want(t, 200, "")
		changed.has(t, `value="facts_wrong" checked`, "asked for by &lt;x&gt;</textarea>")
		again := b.post(t, "/fi/admin/certificates/"+number, "_again", "yes", "reason", "facts_wrong", "note", "asked for by <x>")
		again.want(t, 200, "")
		again.has(t, `<html lang="fi"`, `value="facts_wrong" checked`, "asked for by &lt;x&gt;</textarea>")
		stands()
		token := b.csrf
		b.csrf = "forged"
		b.post(t, under, "reason", "facts_wrong", "confirm", "yes").want(t, 403, "")
		b.csrf = token
		stands()

		done := b.follow(t, b.post(t, under, "reason", "facts_wrong", "note", "asked for by <x>", "confirm", "yes"))
		done.has(t, "The certificate is revoked. The holder is told by e-mail.", "What it stated was wrong.", "asked for by &lt;x&gt;", "<time", "Revoked.")
		public := site.browser().get(t, "/en/verify/"+number)
		public.has(t, "Revoked: this certificate is no longer valid", "What it stated was wrong.")
		public.lacks(t, "asked for by")
		site.wrote(t, "certificate_revoked:"+number)

		twice := b.post(t, under, "reason", "issued_in_error", "note", "twice", "confirm", "yes")
		twice.want(t, 409, "")
		twice.has(t, "Nothing was changed: this certificate was revoked before.", "What it stated was wrong.")
		b.get(t, recordPath(number)).lacks(t, "It was issued in error.", "twice")
		if got := b.get(t, under); got.header.Get("Location") != recordPath(number)+"#revoke" {
			t.Errorf("the address of the form leads to %q", got.header.Get("Location"))
		}
		replaced := recordPath(numbers["replaced"]) + "/revoke"
		b.post(t, replaced, "reason", "facts_wrong").has(t, "The certificate "+numbers["correction"]+", which replaced it, stays as it is.")
		b.post(t, recordPath("2222-2222-2222-2222")+"/revoke", "reason", "facts_wrong", "confirm", "yes").want(t, 404, "")
	})
}

// Whoever confirms has read what follows: that another certificate stays, or that none does.
func TestWhatWasReplacedSinceTheQuestionIsNotRevoked(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		site, b, numbers := newRegister(t, s)
		number := numbers["valid"]
		b.get(t, recordPath(number))
		under := recordPath(number) + "/revoke"
		asked := b.post(t, under, "reason", "issued_in_error", "note", "asked for by <x>")
		asked.lacks(t, "stays as it is")
		other := s.Person(t, testkit.P{Email: "admin2@example.org", Role: training.RoleAdmin})
		site.change(t, `UPDATE people SET name = 'Thordur' WHERE email = 'holder-r1@example.org'`)
		correction := site.correct(t, other, number)

		again := b.post(t, under, "reason", "issued_in_error", "note", "asked for by <x>", "replaced_by", hidden(t, asked, "replaced_by"), "confirm", "yes")
		again.want(t, 409, "")
		again.has(t, "Something changed meanwhile, and nothing was revoked.", "The certificate "+correction+", which replaced it, stays as it is.",
			"It was issued in error.", `name="note" value="asked for by &lt;x&gt;"`, `name="confirm"`)
		site.browser().get(t, "/en/verify/"+number).has(t, "Replaced: a newer certificate stands in its place")

		b.follow(t, b.post(t, under, "reason", "issued_in_error", "note", "asked for by <x>", "replaced_by", hidden(t, again, "replaced_by"), "confirm", "yes")).
			has(t, "The certificate is revoked.", "asked for by &lt;x&gt;")
		site.browser().get(t, "/en/verify/"+correction).has(t, "Genuine and valid")
	})
}

func TestTheSecretariatCorrectsACertificate(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		site, b, numbers := newRegister(t, s)
		number := numbers["valid"]
		form := recordPath(number) + "/reissue"
		b.get(t, recordPath(number)).has(t, `href="`+form+`"`)
		same := b.get(t, form)
		same.has(t, "nothing was changed since it was issued")
		same.lacks(t, `name="holder"`)
		b.post(t, form).want(t, 409, "")

		rename := func(name string) {
			t.Helper()
			site.change(t, `UPDATE people SET name = $1 WHERE email = 'holder-r1@example.org'`, name)
		}
		rename("Þórður Ægir Ægisson")
		asked := b.get(t, form)
		asked.has(t, `<dt>Name on the new one</dt><dd><strong>Þórður Ægir Ægisson</strong>`, "that cannot be undone", "cannot be called back")
		rename("Þórður 🔥")
		moved := b.post(t, form, "shown", hidden(t, asked, "shown"))
		moved.want(t, 409, "")
		moved.has(t, "Something changed meanwhile, and nothing was issued.", `<strong>Þórður 🔥</strong>`)
		stopped := b.post(t, form, "shown", hidden(t, moved, "shown"))
		stopped.want(t, 409, "")
		stopped.has(t, "Þórður 🔥: the character 🔥 (U&#43;1F525) cannot be printed.", "Name of the person")
		rename("Þórður Ægir Ægisson")
		site.browser().get(t, "/en/verify/"+number).has(t, "Genuine and valid")

		shown := hidden(t, asked, "shown")
		site.change(t, `UPDATE runs SET place = 'Akureyri' WHERE code = 'R1'`) // which nobody was shown
		b.post(t, form, "shown", shown).want(t, 409, "")
		site.change(t, `UPDATE runs SET place = 'Riga' WHERE code = 'R1'`)
		made := b.post(t, form, "shown", shown)
		page := b.follow(t, made)
		page.has(t, "The corrected certificate is issued.", "Certificate of Þórður Ægir Ægisson", `<dt>Replaces</dt>`, `href="`+recordPath(number)+`"`)
		old := site.browser().get(t, "/en/verify/"+number)
		old.has(t, "Replaced: a newer certificate stands in its place")
		site.wrote(t, "certificate_issued:"+strings.TrimPrefix(made.header.Get("Location"), recordPath("")))
		b.get(t, form).has(t, "This certificate is replaced already.")
		b.post(t, form, "shown", shown).want(t, 409, "")
		b.get(t, recordPath(numbers["revoked"])+"/reissue").has(t, "No other can be issued in its place.")
		b.post(t, recordPath(numbers["revoked"])+"/reissue", "shown", shown).want(t, 409, "")
		if n := site.DB.Ent.Certificate.Query().CountX(t.Context()); n != 6 {
			t.Errorf("there are %d certificates, want five and one correction", n)
		}
	})
}

func TestNobodyButTheSecretariatSeesTheRegister(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		f := newStaff(t, s)
		f.issue(t, f.enrol(t, "R1", f.anna))
		number := f.DB.Ent.Certificate.Query().OnlyX(t.Context()).Number
		coordinator := s.Person(t, testkit.P{Email: "c@example.org", Role: training.RoleCoordinator, Country: "LV", Confirmed: true})
		// Neither holder, nor instructor, nor the agency may, though the certificate is theirs.
		for name, who := range map[string]training.Actor{"holder": f.anna, "instructor": f.teacher, "officer": f.officer, "coordinator": coordinator} {
			b := f.as(t, who)
			b.get(t, "/en/me/profile")
			for _, path := range []string{"/en/admin/certificates", "/en/admin/certificates?number=nonsense", recordPath(number), recordPath(number) + "/revoke", recordPath(number) + "/reissue"} {
				if got := b.get(t, path); got.status != 403 || strings.Contains(got.body, "Bērziņa</h1>") {
					t.Errorf("%s is answered with %d at %s", name, got.status, path)
				}
			}
			b.post(t, recordPath(number)+"/revoke", "reason", "facts_wrong", "confirm", "yes").want(t, 403, "")
			b.post(t, recordPath(number)+"/reissue", "shown", "any").want(t, 403, "")
		}
		f.browser().get(t, "/en/verify/"+number).has(t, "Genuine and valid")
	})
}
