package e2e

import (
	"fmt"
	"testing"
)

// place is a page in one of its states, as those who get to see it.
type place struct {
	// route is what answers, as in the route table; empty: none does.
	route string
	state string
	path  string   // after the language; {name} stands for a value of the world
	as    []string // people of the world, or "visitor"
	send  *form    // then sent from that page
	// then is run in the page once it is there, as what its reader does or time
	// brings.
	then   string
	ready  func(*testing.T, *world)
	notice string // what the page before has left to be said on this one
	status int    // zero: 200
	server string // empty: the usual one
	from   string // address of the reader; empty: one that nobody else has
}

func (p place) name() string { return p.route + " " + p.state }

// form is sent from the page on which it stands.
type form struct {
	selector string
	fields   map[string]string
	file     string // the text of the file chosen in its file field; empty: none
	action   string // where it is sent instead, after the language; empty: where it is meant to
}

const visitor = "visitor"

// everyone is somebody of each role, each with little of their own.
var everyone = []string{visitor, "idle", "instructor", "officer", "coordinator", "admin"}

var signedIn = everyone[1:]

func only(names ...string) []string { return names }

// placesOf are all pages in all their states.
func placesOf() []place {
	var all []place
	for _, some := range [][]place{publicPlaces, runPlaces, verifyPlaces, accountPlaces, traineePlaces, enrolmentPlaces,
		instructorPlaces, officerPlaces, coordinatorPlaces, adminPlaces, textPlaces, registerPlaces, lookPlaces, errorPlaces, rosterPlaces, crowdedPlaces, faultPlaces, noticePlaces()} {
		all = append(all, some...)
	}
	return all
}

const openLanguages = `document.querySelectorAll(".vd-tools details")[0].open = true`
const openAccount = `document.querySelectorAll(".vd-tools details")[1].open = true`

var publicPlaces = []place{
	{route: "/:lang/", state: "filled", path: "/", as: everyone},
	{route: "/:lang/", state: "with the menu of languages open", path: "/", as: only(visitor), then: openLanguages},
	{route: "/:lang/", state: "with the menu of the account open", path: "/", as: signedIn, then: openAccount},
	{route: "/:lang/", state: "nothing to show", path: "/", as: only(visitor), server: nothingYet},
	{route: "/:lang/courses", state: "many", path: "/courses", as: everyone},
	{route: "/:lang/courses", state: "a later page", path: "/courses?page=2", as: only(visitor)},
	{route: "/:lang/courses", state: "filtered", path: "/courses?topic=cbrne&topic=medical&language=en", as: only(visitor, "idle")},
	{route: "/:lang/courses", state: "one found", path: "/courses?q=SAMVI-LED", as: only(visitor)},
	{route: "/:lang/courses", state: "nothing found by words", path: "/courses?q=qwrtzpsdf", as: only(visitor)},
	{route: "/:lang/courses", state: "nothing found with filters", path: "/courses?q=Schengen&topic=cbrne&free=1", as: only(visitor)},
	{route: "/:lang/courses", state: "by title", path: "/courses?sort=title", as: only(visitor)},
	{route: "/:lang/courses", state: "month", path: "/courses?view=calendar&month={month}", as: only(visitor, "idle")},
	{route: "/:lang/courses", state: "month with nothing in it", path: "/courses?view=calendar&month=2020-01", as: only(visitor)},
	{route: "/:lang/courses", state: "month with nothing that fits", path: "/courses?view=calendar&month={month}&q=Schengen&topic=cbrne", as: only(visitor)},
	{route: "/:lang/courses", state: "none at all", path: "/courses", as: only(visitor), server: nothingYet},
	{route: "/:lang/courses", state: "Redis away", path: "/courses", as: only(visitor), server: redisAway},
	{route: "/:lang/courses/:slug", state: "with dates", path: "/courses/{ucpm-mbc}", as: everyone},
	{route: "/:lang/courses/:slug", state: "without dates, with the longest title", path: "/courses/{jcbrn-21243}", as: only(visitor)},
	{route: "/:lang/courses/:slug", state: "in another language", path: "/courses/{fi-10220}", as: only(visitor)},
	{route: "/:lang/about", state: "", path: "/about", as: everyone},
	{route: "/:lang/privacy", state: "", path: "/privacy", as: everyone},
	{route: "/:lang/accessibility", state: "", path: "/accessibility", as: everyone},
}

var runPlaces = []place{
	{route: "/:lang/runs/:code", state: "open, with seats for some states", path: "/runs/OPEN", as: append(only("enrolled", "trainee"), everyone...)},
	{route: "/:lang/runs/:code", state: "open, with seats as a bar", path: "/runs/LARGE", as: only(visitor, "enrolled")},
	{route: "/:lang/runs/:code", state: "full", path: "/runs/FULL", as: only(visitor, "trainee", "officer")},
	{route: "/:lang/runs/:code", state: "enrolled", path: "/runs/MINE", as: only("enrolled")},
	{route: "/:lang/runs/:code", state: "waiting", path: "/runs/WAITS", as: only("enrolled")},
	{route: "/:lang/runs/:code", state: "offered", path: "/runs/OFFERS", as: only("enrolled")},
	{route: "/:lang/runs/:code", state: "holding", path: "/runs/HELD", as: only("trainee"), ready: holding},
	{route: "/:lang/runs/:code", state: "closed", path: "/runs/CLOSED", as: only(visitor, "trainee")},
	{route: "/:lang/runs/:code", state: "not open yet", path: "/runs/SOON", as: only(visitor, "trainee")},
	{route: "/:lang/runs/:code", state: "cancelled", path: "/runs/CANCELLED", as: only(visitor, "trainee")},
	{route: "/:lang/runs/:code", state: "under way", path: "/runs/NOW", as: only(visitor, "instructor")},
	{route: "/:lang/runs/:code", state: "held", path: "/runs/C-VALID", as: only(visitor, "enrolled")},
	{route: "/:lang/runs/:code", state: "with conditions", path: "/runs/STRICT", as: only(visitor, "trainee")},
	{route: "/:lang/runs/:code", state: "suspended state", path: "/runs/OPEN", as: only("suspended")},
	{route: "/:lang/runs/:code", state: "Redis away", path: "/runs/OPEN", as: only(visitor, "trainee"), server: redisAway},
}

var verifyPlaces = []place{
	{route: "/:lang/verify", state: "empty", path: "/verify", as: everyone},
	{route: "/:lang/verify", state: "nothing typed", path: "/verify?number=", as: only(visitor), status: 422},
	{route: "/:lang/verify", state: "no number", path: "/verify?number=hello", as: only(visitor), status: 404},
	{route: "POST /:lang/verify/file", state: "no file", path: "/verify", as: only(visitor), send: formAt("/verify/file"), status: 422},
	{route: "POST /:lang/verify/file", state: "no certificate", path: "/verify", as: only(visitor),
		send: &form{selector: "main form[action$='/verify/file']", file: "hello"}},
	{route: "/:lang/verify/:number", state: "unknown", path: "/verify/2222-2222-2222-2222", as: only(visitor), status: 404},
	{route: "/:lang/verify/:number", state: "valid", path: "/verify/{valid}", as: everyone},
	{route: "/:lang/verify/:number", state: "revoked", path: "/verify/{revoked}", as: only(visitor)},
	{route: "/:lang/verify/:number", state: "replaced", path: "/verify/{replaced}", as: only(visitor)},
	{route: "/:lang/verify/:number", state: "expired", path: "/verify/{expired}", as: only(visitor)},
	{route: "/:lang/verify/:number", state: "discreet", path: "/verify/{discreet}", as: only(visitor)},
	{route: "/:lang/verify/:number", state: "discreet, another's name", path: "/verify/{discreet}?name=Nobody", as: only(visitor)},
	{route: "/:lang/verify/:number", state: "discreet, the right name", path: "/verify/{discreet}?name=%C3%9E%C3%B3rd%C3%ADs+%C3%86gisd%C3%B3ttir", as: only(visitor)},
}

func formAt(action string, fields ...string) *form {
	f := form{selector: "main form[action$='" + action + "']", fields: map[string]string{}}
	for i := 0; i+1 < len(fields); i += 2 {
		f.fields[fields[i]] = fields[i+1]
	}
	return &f
}

// formHere is that of a page whose one form is sent to the page itself.
func formHere(fields ...string) *form {
	f := formAt("", fields...)
	f.selector = "main form.vd-form"
	return f
}

var accountPlaces = []place{
	{route: "/:lang/signup", state: "empty", path: "/signup?next=%2Fruns%2FOPEN", as: only(visitor)},
	{route: "POST /:lang/signup", state: "faults", path: "/signup", as: only(visitor), send: formAt("/signup", "email", "nobody", "password", "short"), status: 422},
	{route: "/:lang/login", state: "empty", path: "/login?next=%2Fruns%2FOPEN", as: only(visitor)},
	{route: "POST /:lang/login", state: "refused", path: "/login", as: only(visitor), send: formAt("/login", "email", "idle@people.example", "password", "wrong"), status: 401},
	{route: "POST /:lang/login/link", state: "no address", path: "/login", as: only(visitor), send: &form{selector: "main form button[formaction]"}, status: 422},
	{route: "/:lang/login", state: "link sent", path: "/login?sent=1", as: only(visitor)},
	{route: "/:lang/login", state: "no mail goes out", path: "/login?sent=1", as: only(visitor), server: redisAway},
	{route: "/:lang/link/:token", state: "to sign in", path: "{login_link}", as: only(visitor)},
	{route: "/:lang/link/:token", state: "to confirm the address", path: "{confirm_email}", as: only(visitor, "unreached")},
	{route: "/:lang/link/:token", state: "over", path: "/link/none", as: only(visitor), status: 404},
	{route: "POST /:lang/link/:token", state: "used meanwhile", path: "{login_link}", as: only(visitor), status: 404,
		send: &form{selector: "main form.vd-form", action: "/link/none"}},
	{route: "/:lang/reset", state: "empty", path: "/reset", as: only(visitor)},
	{route: "POST /:lang/reset", state: "faults", path: "/reset", as: only(visitor), send: formAt("/reset", "email", "nobody"), status: 422},
	{route: "/:lang/reset", state: "sent", path: "/reset?sent=1", as: only(visitor)},
	{route: "/:lang/reset/:token", state: "empty", path: "{reset_password}", as: only(visitor)},
	{route: "POST /:lang/reset/:token", state: "faults", path: "{reset_password}", as: only(visitor), send: formHere("password", "short"), status: 422},
	{route: "POST /:lang/reset/:token", state: "used meanwhile", path: "{reset_password}", as: only(visitor), status: 404,
		send: &form{selector: "main form.vd-form", fields: map[string]string{"password": password}, action: "/reset/none"}},
	{route: "/:lang/reset/:token", state: "over", path: "/reset/none", as: only(visitor), status: 404},
}

// untilLeft lets the page believe that it is so many seconds before the end of
// the hold.
func untilLeft(seconds int) string {
	return fmt.Sprintf(`{
		const real = window.realNow ??= Date.now;
		const ahead = Date.parse(document.querySelector("[data-expires]").dataset.expires) - %d * 1000 - real();
		Date.now = () => real() + ahead;
	}`, seconds)
}

// holding has the trainee hold a seat, the same one all the time: who takes
// holds and drops them is made to wait.
func holding(t *testing.T, w *world) {
	t.Helper()
	seats, err := w.app.Enrolment.Seats(t.Context(), w.people["trainee"], "HELD")
	if err == nil && seats.Mine == nil {
		_, err = w.app.Enrolment.Hold(t.Context(), w.people["trainee"], "HELD")
	}
	if err != nil {
		t.Fatal(err)
	}
}

var traineePlaces = []place{
	{route: "/:lang/me/", state: "nothing yet", path: "/me", as: signedIn},
	{route: "/:lang/me/", state: "enrolments, offers, certificates", path: "/me", as: only("enrolled")},
	{route: "/:lang/me/", state: "just signed up", path: "/me", as: only("newcomer")},
	{route: "/:lang/me/", state: "country not confirmed", path: "/me", as: only("declared")},
	{route: "/:lang/me/", state: "address not confirmed", path: "/me", as: only("unreached")},
	{route: "/:lang/me/", state: "suspended state", path: "/me", as: only("suspended")},
	{route: "/:lang/me/profile", state: "filled", path: "/me/profile", as: signedIn},
	{route: "/:lang/me/profile", state: "first time", path: "/me/profile?next=%2Fruns%2FOPEN", as: only("newcomer")},
	{route: "/:lang/me/profile", state: "not confirmed", path: "/me/profile", as: only("declared", "unreached")},
	{route: "POST /:lang/me/profile", state: "faults", path: "/me/profile", as: only("newcomer"), send: formAt("/me/profile", "name", ""), status: 422},
	{route: "POST /:lang/me/password", state: "faults", path: "/me/profile", as: only("idle"), send: formAt("/me/password", "password", "short"), status: 422},
	{route: "/:lang/runs/:code/enrol", state: "held", path: "/runs/HELD/enrol", as: only("trainee"), ready: holding},
	{route: "/:lang/runs/:code/enrol", state: "held, last minute", path: "/runs/HELD/enrol", as: only("trainee"), ready: holding, then: untilLeft(45)},
	{route: "/:lang/runs/:code/enrol", state: "held, time over", path: "/runs/HELD/enrol", as: only("trainee"), ready: holding, then: untilLeft(0)},
	{route: "/:lang/runs/:code/enrol", state: "nothing held", path: "/runs/OPEN/enrol", as: only("trainee", "instructor", "officer", "coordinator")},
	{route: "/:lang/runs/:code/enrol", state: "held before", path: "/runs/OPEN/enrol?held=1", as: only("trainee")},
	{route: "POST /:lang/runs/:code/enrol", state: "the hold had ended", path: "/runs/HELD/enrol", as: only("slow"),
		send: &form{selector: "main form[action$='/enrol']", fields: map[string]string{"hold": "{ended hold}"}}, status: 409},
	{route: "/:lang/runs/:code/enrol", state: "full", path: "/runs/FULL/enrol", as: only("trainee")},
	{route: "/:lang/runs/:code/enrol", state: "closed", path: "/runs/CLOSED/enrol", as: only("trainee")},
	{route: "/:lang/runs/:code/enrol", state: "not open yet", path: "/runs/SOON/enrol", as: only("trainee")},
	{route: "/:lang/runs/:code/enrol", state: "address not confirmed", path: "/runs/OPEN/enrol", as: only("unreached")},
	{route: "/:lang/runs/:code/enrol", state: "country not confirmed", path: "/runs/OPEN/enrol", as: only("declared")},
	{route: "/:lang/runs/:code/enrol", state: "Redis away", path: "/runs/OPEN/enrol", as: only("trainee"), server: redisAway},
	{route: "POST /:lang/runs/:code/hold", state: "not eligible", path: "/runs/STRICT", as: only("trainee"),
		send: &form{selector: "main form[method=post]"}, status: 409},
}

var enrolmentPlaces = []place{
	{route: "/:lang/me/enrolments/:ref", state: "receipt", path: "/me/enrolments/{mine}?done=1", as: only("enrolled")},
	{route: "/:lang/me/enrolments/:ref", state: "receipt of a request", path: "/me/enrolments/{pending}?done=1", as: only("enrolled")},
	{route: "/:lang/me/enrolments/:ref", state: "receipt of the waiting list", path: "/me/enrolments/{waiting}?done=1", as: only("enrolled")},
	{route: "/:lang/me/enrolments/:ref", state: "confirmed", path: "/me/enrolments/{mine}", as: only("enrolled")},
	{route: "/:lang/me/enrolments/:ref", state: "pending", path: "/me/enrolments/{pending}", as: only("enrolled")},
	{route: "/:lang/me/enrolments/:ref", state: "waiting", path: "/me/enrolments/{waiting}", as: only("enrolled")},
	{route: "/:lang/me/enrolments/:ref", state: "offered", path: "/me/enrolments/{offered}", as: only("enrolled")},
	{route: "/:lang/me/enrolments/:ref", state: "cancelled", path: "/me/enrolments/{cancelled}", as: only("enrolled")},
	{route: "/:lang/me/enrolments/:ref", state: "declined", path: "/me/enrolments/{declined}", as: only("enrolled")},
	{route: "/:lang/me/enrolments/:ref", state: "completed", path: "/me/enrolments/{ref of C-VALID}", as: only("enrolled")},
}

var instructorPlaces = []place{
	{route: "/:lang/teach/", state: "some", path: "/teach", as: only("instructor", "admin")},
	{route: "/:lang/teach/", state: "none", path: "/teach", as: only("idle instructor")},
	{route: "/:lang/teach/", state: "no permission", path: "/teach", as: only("idle", "officer", "coordinator"), status: 403},
	{route: "/:lang/teach/:code", state: "being marked", path: "/teach/NOW", as: only("instructor", "admin")},
	{route: "/:lang/teach/:code", state: "a half day ahead", path: "/teach/NOW?half={half day ahead}", as: only("instructor")},
	{route: "POST /:lang/teach/:code/presence", state: "a half day ahead", path: "/teach/NOW", as: only("instructor"), status: 422,
		send: formAt("/presence", "half_day", "{half day ahead}", "mark-{present}", "present")},
	{route: "/:lang/teach/:code", state: "to come", path: "/teach/MINE", as: only("instructor")},
	{route: "/:lang/teach/:code", state: "with a waiting list", path: "/teach/WAITS", as: only("instructor")},
	{route: "/:lang/teach/:code", state: "nobody", path: "/teach/NOBODY", as: only("instructor")},
	{route: "/:lang/teach/:code", state: "cancelled", path: "/teach/CANCELLED", as: only("instructor")},
	{route: "/:lang/teach/:code", state: "closed", path: "/teach/C-VALID", as: only("instructor", "admin")},
	{route: "/:lang/teach/:code", state: "another's", path: "/teach/NOW", as: only("idle instructor"), status: 404},
	{route: "POST /:lang/teach/:code/close", state: "not confirmed", path: "/teach/NOW", as: only("instructor"), send: formAt("/close"), status: 422},
}

var officerPlaces = []place{
	{route: "/:lang/agency/", state: "all agencies", path: "/agency", as: only("admin")},
	{route: "/:lang/agency/", state: "no agencies", path: "/agency", as: only("admin of nothing"), server: nothingYet},
	{route: "/:lang/agency/", state: "officer not confirmed", path: "/agency", as: only("unconfirmed officer")},
	{route: "/:lang/agency/", state: "no permission", path: "/agency", as: only("idle", "instructor", "coordinator"), status: 403},
	{route: "/:lang/agency/:slug", state: "much to do", path: "/agency/lv-vugd", as: only("officer", "admin")},
	{route: "/:lang/agency/:slug", state: "filtered, nothing found", path: "/agency/lv-vugd?status=lapsed&from=2020-01-01&to=2020-02-01", as: only("officer")},
	{route: "/:lang/agency/:slug", state: "certificates that lapse soon", path: "/agency/lv-vugd?expiring=90", as: only("officer")},
	{route: "/:lang/agency/:slug", state: "none chosen", path: "/agency/lv-vugd/certificates.zip?chosen=yes", as: only("officer"), status: 422},
	{route: "/:lang/agency/:slug", state: "nothing yet", path: "/agency/fi-raja", as: only("idle officer")},
	{route: "/:lang/agency/:slug", state: "another's", path: "/agency/fi-raja", as: only("officer"), status: 404},
	{route: "/:lang/agency/:slug/enrolments/:ref/replace", state: "somebody can", path: "/agency/lv-vugd/enrolments/{mine}/replace", as: only("officer", "admin")},
	{route: "/:lang/agency/:slug/enrolments/:ref/replace", state: "too late", path: "/agency/lv-vugd/enrolments/{present}/replace", as: only("officer")},
	{route: "POST /:lang/agency/:slug/enrolments/:ref/replace", state: "nobody chosen", path: "/agency/lv-vugd/enrolments/{mine}/replace",
		as: only("officer"), send: formHere(), status: 422},
}

var coordinatorPlaces = []place{
	{route: "/:lang/state", state: "many", path: "/state", as: only("busy coordinator")},
	{route: "/:lang/state", state: "nothing found", path: "/state?status=lapsed", as: only("busy coordinator")},
	{route: "/:lang/state", state: "nobody yet", path: "/state", as: only("coordinator")},
	{route: "/:lang/state", state: "not confirmed", path: "/state", as: only("new coordinator")},
	{route: "/:lang/state", state: "no permission", path: "/state", as: only("idle", "instructor", "officer", "admin"), status: 403},
}

var adminPlaces = []place{
	{route: "/:lang/admin/", state: "much to do", path: "/admin", as: only("admin")},
	{route: "/:lang/admin/", state: "nothing yet", path: "/admin", as: only("admin of nothing"), server: nothingYet},
	{route: "/:lang/admin/", state: "no permission", path: "/admin", as: only("idle", "instructor", "officer", "coordinator"), status: 403},
	{route: "/:lang/admin/courses", state: "many", path: "/admin/courses", as: only("admin")},
	{route: "/:lang/admin/courses", state: "none found", path: "/admin/courses?q=qwrtzpsdf", as: only("admin")},
	{route: "/:lang/admin/import", state: "empty", path: "/admin/import", as: only("admin")},
	{route: "POST /:lang/admin/import", state: "no file", path: "/admin/import", as: only("admin"), send: formAt("/admin/import"), status: 422},
	{route: "POST /:lang/admin/import", state: "refused", path: "/admin/import", as: only("admin"), status: 422,
		send: &form{selector: "main form[action$='/import']", file: `[{"id": "x"}]`}},
	{route: "POST /:lang/admin/import", state: "done", path: "/admin/import", as: only("admin of nothing"), server: nothingYet,
		send: &form{selector: "main form[action$='/import']", file: `[]`}},
	{route: "/:lang/admin/courses/:slug/runs/new", state: "empty", path: "/admin/courses/{ucpm-mbc}/runs/new", as: only("admin")},
	{route: "POST /:lang/admin/courses/:slug/runs/new", state: "faults", path: "/admin/courses/{ucpm-mbc}/runs/new", as: only("admin"),
		send: formAt("/runs/new", "code", "OPEN", "starts", "2020-01-02", "ends", "2020-01-01", "size", "0", "quota-LV", "900", "threshold", "101"), status: 422},
	{route: "/:lang/admin/runs", state: "many", path: "/admin/runs", as: only("admin")},
	{route: "/:lang/admin/runs", state: "none", path: "/admin/runs", as: only("admin of nothing"), server: nothingYet},
	{route: "/:lang/admin/runs/:code", state: "with quotas", path: "/admin/runs/OPEN", as: only("admin")},
	{route: "/:lang/admin/runs/:code", state: "closed", path: "/admin/runs/C-VALID", as: only("admin")},
	{route: "POST /:lang/admin/runs/:code/pools/:pool", state: "faults", path: "/admin/runs/MINE", as: only("admin"),
		send: formAt("/pools/open", "size-open", "-3"), status: 422},
	{route: "POST /:lang/admin/runs/:code/pools/:pool", state: "changed meanwhile", path: "/admin/runs/MINE", as: only("admin"),
		send: formAt("/pools/open", "size-open", "4", "was-size-open", "1"), status: 409},
	{route: "/:lang/admin/states", state: "one suspended", path: "/admin/states", as: only("admin")},
	{route: "/:lang/admin/people", state: "some", path: "/admin/people", as: only("admin")},
	{route: "/:lang/admin/people", state: "none", path: "/admin/people", as: only("admin of nothing"), server: nothingYet},
	{route: "/:lang/admin/outbox", state: "some", path: "/admin/outbox", as: only("admin")},
	{route: "/:lang/admin/outbox", state: "none", path: "/admin/outbox", as: only("admin of nothing"), server: nothingYet},
	{route: "/:lang/admin/outbox", state: "no mail goes out", path: "/admin/outbox", as: only("admin"), server: redisAway},
}

// textForm is that of the texts of a course.
func textForm(fields ...string) *form {
	f := formAt("", fields...)
	f.selector = "main form[action*='/texts']"
	return f
}

var textPlaces = []place{
	{route: "/:lang/admin/texts", state: "all courses", path: "/admin/texts", as: only("admin")},
	{route: "/:lang/admin/texts", state: "in another language", path: "/admin/texts?lang=is", as: only("admin")},
	{route: "/:lang/admin/texts", state: "none", path: "/admin/texts", as: only("admin of nothing"), server: nothingYet},
	{route: "/:lang/admin/texts", state: "no permission", path: "/admin/texts", as: only("officer"), status: 403},
	{route: "/:lang/admin/courses/:slug/texts", state: "translation", path: "/admin/courses/{ucpm-mbc}/texts?lang=sv", as: only("admin")},
	{route: "/:lang/admin/courses/:slug/texts", state: "the original", path: "/admin/courses/{ucpm-mbc}/texts?lang=en", as: only("admin")},
	{route: "POST /:lang/admin/courses/:slug/texts", state: "faults", path: "/admin/courses/{ucpm-mbc}/texts?lang=sv", as: only("admin"),
		send: textForm("title", "A bell\u0007", "summary", "Another\u0007"), status: 422},
	{route: "POST /:lang/admin/courses/:slug/texts", state: "preview", path: "/admin/courses/{ucpm-mbc}/texts?lang=sv", as: only("admin"),
		send: &form{selector: "main button[name=preview]", fields: map[string]string{"title": "Grundkurs för insatsmoduler", "summary": "För ledare."}}},
	{route: "POST /:lang/admin/courses/:slug/texts", state: "changed meanwhile", path: "/admin/courses/{ucpm-mbc}/texts?lang=sv", as: only("admin"),
		send: textForm("title", "En annan titel", "seen-title", "old"), status: 409},
}

// lookForm is that of how a programme's certificates look.
func lookForm(fields ...string) *form {
	f := formAt("", fields...)
	f.selector = "main form[enctype]"
	return f
}

var lookPlaces = []place{
	{route: "/:lang/admin/certificates/looks", state: "programmes", path: "/admin/certificates/looks", as: only("admin")},
	{route: "/:lang/admin/certificates/looks", state: "none", path: "/admin/certificates/looks", as: only("admin of nothing"), server: nothingYet},
	{route: "/:lang/admin/certificates/looks", state: "no permission", path: "/admin/certificates/looks", as: only("officer"), status: 403},
	{route: "/:lang/admin/certificates/programme", state: "of all others", path: "/admin/certificates/programme", as: only("admin")},
	{route: "POST /:lang/admin/certificates/programme", state: "faults", path: "/admin/certificates/programme", as: only("admin"),
		send: lookForm("organisers", "Coast \U0001F30A", "signatory_1_role", "Director"), status: 422},
}

var errorPlaces = []place{
	{state: "not found", path: "/no-such-page", as: everyone, status: 404},
	{state: "wrong method", path: "/runs/OPEN/hold", as: everyone, status: 405},
	{route: "/:lang/courses/:slug", state: "not found", path: "/courses/none", as: only(visitor), status: 404},
	{route: "/:lang/runs/:code", state: "not found", path: "/runs/NONE", as: only(visitor, "idle"), status: 404},
	{route: "/:lang/courses", state: "server fault", path: "/courses", as: only(visitor), server: databaseOut, status: 500},
	{route: "POST /:lang/me/profile", state: "stale form", path: "/me/profile", as: only("idle"), status: 403,
		send: formAt("/me/profile", "_csrf", "old")},
}
