package handlers_test

import (
	"testing"

	"github.com/varde-platform/varde/internal/testkit"
)

func TestAnInstructorHasStoppedCertificatesIssuedAgain(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		f := newStaff(t, s)
		b := f.as(t, f.teacher)
		ref := f.enrol(t, "R1", f.anna)
		button := `action="/en/teach/R1/certificates"`
		b.get(t, "/en/teach/R1").lacks(t, button)
		b.post(t, "/en/teach/R1/certificates").want(t, 409, "") // it is not closed
		rename := func(name string) {
			t.Helper()
			f.change(t, `UPDATE people SET name = $1 WHERE email = 'anna@a.example'`, name)
		}
		rename("Anna 🔥")
		f.issue(t, ref)
		stopped := b.get(t, "/en/teach/R1")
		stopped.has(t, "Anna 🔥: the character", "0 of 1", button, "Issue the missing certificates again")

		// Once more, with nothing put right: it is told again, and can be asked again.
		asked := b.post(t, "/en/teach/R1/certificates")
		asking := b.follow(t, asked)
		asking.has(t, "The missing certificates are being issued.", "data-issuing")
		asking.lacks(t, button)
		f.work(t)
		still := b.get(t, "/en/teach/R1")
		still.has(t, "Anna 🔥: the character", button)
		still.lacks(t, "data-issuing")

		rename("Anna Bērziņa")
		b.follow(t, b.post(t, "/en/teach/R1/certificates"))
		f.work(t)
		done := b.get(t, "/en/teach/R1")
		done.has(t, "1 of 1")
		done.lacks(t, button, "cannot be printed", "data-issuing")
		f.as(t, f.admin).get(t, "/en/teach/R1").has(t, `href="/en/admin/certificates/`)
		done.lacks(t, "/en/admin/")

		for _, who := range []*browser{f.as(t, f.otherTeacher), f.as(t, f.officer), f.as(t, f.anna)} {
			who.get(t, "/en/me/profile")
			if got := who.post(t, "/en/teach/R1/certificates"); got.status != 403 && got.status != 404 {
				t.Errorf("somebody else is answered with %d", got.status)
			}
		}
	})
}
