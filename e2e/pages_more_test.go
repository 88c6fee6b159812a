package e2e

import (
	"encoding/json"
	"testing"

	"github.com/varde-platform/varde/locales"
)

var rosterPlaces = []place{
	{route: "/:lang/teach/:code", state: "all marked", path: "/teach/MARKED", as: only("instructor", "admin")},
	{route: "/:lang/teach/:code", state: "unmarked alone, and none left", path: "/teach/MARKED?unmarked=yes", as: only("instructor")},
	{route: "/:lang/teach/:code", state: "unmarked alone", path: "/teach/NOW?unmarked=yes", as: only("instructor")},
	{route: "/:lang/teach/:code", state: "a name that nobody has", path: "/teach/NOW?q=qwrtzpsdf&order=name", as: only("instructor")},
	{route: "/:lang/teach/:code", state: "a name that somebody has", path: "/teach/NOW?q=aegis", as: only("instructor")},
	{route: "/:lang/teach/:code", state: "closed, with a certificate that cannot be made", path: "/teach/C-STOPPED", as: only("instructor", "admin")},
}

// revokeForm is that on the page of a certificate.
func revokeForm(fields ...string) *form {
	f := formAt("", fields...)
	f.selector = "main form[action$='/revoke']"
	return f
}

var registerPlaces = []place{
	{route: "/:lang/admin/certificates", state: "many", path: "/admin/certificates", as: only("admin")},
	{route: "/:lang/admin/certificates", state: "a later page", path: "/admin/certificates?page=2", as: only("admin")},
	{route: "/:lang/admin/certificates", state: "one found", path: "/admin/certificates?number={valid}", as: only("admin")},
	{route: "/:lang/admin/certificates", state: "none found", path: "/admin/certificates?holder=qwrtzpsdf&state=revoked", as: only("admin")},
	{route: "/:lang/admin/certificates", state: "no number", path: "/admin/certificates?number=hello", as: only("admin"), status: 422},
	{route: "/:lang/admin/certificates", state: "none", path: "/admin/certificates", as: only("admin of nothing"), server: nothingYet},
	{route: "/:lang/admin/certificates", state: "no permission", path: "/admin/certificates", as: only("officer", "instructor", "coordinator"), status: 403},
	{route: "/:lang/admin/certificates/:number", state: "valid", path: "/admin/certificates/{valid}", as: only("admin")},
	{route: "/:lang/admin/certificates/:number", state: "revoked", path: "/admin/certificates/{revoked}", as: only("admin")},
	{route: "/:lang/admin/certificates/:number", state: "replaced", path: "/admin/certificates/{replaced}", as: only("admin")},
	{route: "/:lang/admin/certificates/:number", state: "expired", path: "/admin/certificates/{expired}", as: only("admin")},
	{route: "/:lang/admin/certificates/:number", state: "unknown", path: "/admin/certificates/2222-2222-2222-2222", as: only("admin"), status: 404},
	{route: "POST /:lang/admin/certificates/:number/revoke", state: "no reason", path: "/admin/certificates/{valid}", as: only("admin"),
		send: revokeForm("note", "Asked for by the agency."), status: 422},
	{route: "POST /:lang/admin/certificates/:number/revoke", state: "asks once more", path: "/admin/certificates/{valid}", as: only("admin"),
		send: revokeForm("reason", "facts_wrong", "note", "Asked for by the agency.\nThe name is another's.")},
	{route: "POST /:lang/admin/certificates/:number/revoke", state: "revoked before", path: "/admin/certificates/{valid}", as: only("admin"), status: 409,
		send: &form{selector: "main form[action$='/revoke']", fields: map[string]string{"reason": "facts_wrong"}, action: "/admin/certificates/{revoked}/revoke"}},
	{route: "/:lang/admin/certificates/:number/reissue", state: "the name was put right", path: "/admin/certificates/{misspelt}/reissue", as: only("admin")},
	{route: "/:lang/admin/certificates/:number/reissue", state: "nothing to correct", path: "/admin/certificates/{valid}/reissue", as: only("admin")},
	{route: "POST /:lang/admin/certificates/:number/reissue", state: "something changed meanwhile", path: "/admin/certificates/{misspelt}/reissue",
		as: only("admin"), send: formAt("/reissue", "shown", "what was shown before"), status: 409},
}

var crowdedPlaces = []place{
	{route: "/:lang/courses", state: "month too full to show", path: "/courses?view=calendar&month={crowded month}", as: only(visitor), server: crowded},
	{route: "/:lang/courses/:slug", state: "with very many dates", path: "/courses/crowd", as: only(visitor), server: crowded},
}

// faultPlaces are what readers of every role see where something is wrong that
// is not their doing.
var faultPlaces = []place{
	{route: "/:lang/runs/:code", state: "server fault", path: "/runs/OPEN", as: everyone, server: brokenPart, status: 500},
	{route: "/:lang/verify/:number", state: "too many tries", path: "/verify/2222-2222-2222-2222", as: everyone,
		ready: tireTheCounter, from: tired, status: 429},
	{route: "/:lang/runs/:code/enrol", state: "no more time while Redis is away", path: "/runs/HELD/enrol", as: only("slow"), server: redisAway,
		send: &form{selector: "main form[method=post]", action: "/runs/HELD/prolong?hold={ended hold}"}, status: 503},
	{route: "/:lang/runs/:code/enrol", state: "nothing released while Redis is away", path: "/runs/HELD/enrol", as: only("slow"), server: redisAway,
		send: &form{selector: "main form[method=post]", action: "/runs/HELD/release?hold={ended hold}"}, status: 503},
	{route: "/:lang/admin/runs/:code", state: "Redis away", path: "/admin/runs/OPEN", as: only("admin"), server: redisAway},
	{route: "/:lang/me/", state: "Redis away", path: "/me", as: only("enrolled"), server: redisAway},
	{route: "/:lang/teach/:code", state: "Redis away", path: "/teach/NOW", as: only("instructor"), server: redisAway},
	{route: "/:lang/agency/:slug", state: "Redis away", path: "/agency/lv-vugd", as: only("officer"), server: redisAway},
}

// notices tell on which page a notice is shown, and to whom.
var notices = []place{
	{route: "/:lang/", path: "/", as: only(visitor), notice: "signed_out"},
	{route: "/:lang/login", path: "/login", as: only(visitor), notice: "email_confirmed"},
	{route: "/:lang/me/", path: "/me", as: signedIn, notice: "profile_saved"},
	{route: "/:lang/me/", path: "/me", as: only("idle"), notice: "email_confirmed"},
	{route: "/:lang/me/", path: "/me", as: only("idle"), notice: "password_set"},
	{route: "/:lang/me/profile", path: "/me/profile", as: signedIn, notice: "password_set"},
	{route: "/:lang/me/", path: "/me", as: only("unreached"), notice: "confirmation_sent"},
	{route: "/:lang/runs/:code", path: "/runs/FULL", as: only("trainee"), notice: "seat_gone"},
	{route: "/:lang/runs/:code", path: "/runs/OPEN", as: only("trainee"), notice: "seat_released"},
	{route: "/:lang/runs/:code", path: "/runs/OPEN", as: only("admin"), notice: "run_created"},
	{route: "/:lang/runs/:code/enrol", path: "/runs/HELD/enrol", as: only("trainee"), ready: holding, notice: "more_time"},
	{route: "/:lang/me/enrolments/:ref", path: "/me/enrolments/{mine}", as: only("enrolled"), notice: "already_enrolled"},
	{route: "/:lang/me/enrolments/:ref", path: "/me/enrolments/{waiting}", as: only("enrolled"), notice: "already_waiting"},
	{route: "/:lang/me/enrolments/:ref", path: "/me/enrolments/{offered}", as: only("enrolled"), notice: "already_offered"},
	{route: "/:lang/me/enrolments/:ref", path: "/me/enrolments/{waiting}", as: only("enrolled"), notice: "others_quicker"},
	{route: "/:lang/me/enrolments/:ref", path: "/me/enrolments/{cancelled}", as: only("enrolled"), notice: "withdrawn"},
	{route: "/:lang/me/enrolments/:ref", path: "/me/enrolments/{cancelled}", as: only("enrolled"), notice: "left_list"},
	{route: "/:lang/me/enrolments/:ref", path: "/me/enrolments/{cancelled}", as: only("enrolled"), notice: "offer_declined"},
	{route: "/:lang/teach/:code", path: "/teach/NOW", as: only("instructor", "admin"), notice: "marks_saved"},
	{route: "/:lang/teach/:code", path: "/teach/NOW", as: only("instructor"), notice: "results_saved"},
	{route: "/:lang/teach/:code", path: "/teach/NOW", as: only("instructor"), notice: "participant_removed"},
	{route: "/:lang/teach/:code", path: "/teach/NOW", as: only("instructor"), notice: "admitted"},
	{route: "/:lang/teach/:code", path: "/teach/C-VALID", as: only("instructor"), notice: "run_closed"},
	{route: "/:lang/agency/:slug", path: "/agency/lv-vugd", as: only("officer"), notice: "enrolment_approved"},
	{route: "/:lang/agency/:slug", path: "/agency/lv-vugd", as: only("officer"), notice: "enrolment_declined"},
	{route: "/:lang/agency/:slug", path: "/agency/lv-vugd", as: only("officer"), notice: "enrolment_withdrawn"},
	{route: "/:lang/agency/:slug", path: "/agency/lv-vugd", as: only("officer"), notice: "replaced"},
	{route: "/:lang/agency/:slug", path: "/agency/lv-vugd", as: only("officer", "admin"), notice: "person_confirmed"},
	{route: "/:lang/teach/:code", path: "/teach/C-STOPPED", as: only("instructor"), notice: "issue_asked"},
	{route: "/:lang/admin/certificates/:number", path: "/admin/certificates/{revoked}", as: only("admin"), notice: "certificate_revoked"},
	{route: "/:lang/admin/certificates/:number", path: "/admin/certificates/{valid}", as: only("admin"), notice: "certificate_corrected"},
	{route: "/:lang/admin/certificates/programme", path: "/admin/certificates/programme", as: only("admin"), notice: "look_saved"},
	{route: "/:lang/admin/people", path: "/admin/people", as: only("admin"), notice: "person_rejected"},
	{route: "/:lang/admin/runs/:code", path: "/admin/runs/OPEN", as: only("admin"), notice: "seats_set"},
	{route: "/:lang/admin/runs/:code", path: "/admin/runs/OPEN", as: only("admin"), notice: "quota_released"},
	{route: "/:lang/admin/states", path: "/admin/states", as: only("admin"), notice: "state_suspended"},
	{route: "/:lang/admin/states", path: "/admin/states", as: only("admin"), notice: "state_restored"},
	{route: "/:lang/admin/courses/:slug/texts", path: "/admin/courses/{ucpm-mbc}/texts?lang=sv", as: only("admin"), notice: "texts_saved"},
	{route: "/:lang/admin/courses/:slug/texts", path: "/admin/courses/{ucpm-mbc}/texts?lang=sv", as: only("admin"), notice: "texts_same"},
}

func noticePlaces() []place {
	all := make([]place, len(notices))
	for i, p := range notices {
		p.state = "says " + p.notice
		p.notice = "notice." + p.notice
		all[i] = p
	}
	return all
}

// A new notice cannot be forgotten.
func TestEveryNoticeIsLookedAt(t *testing.T) {
	left := noticeKeys(t)
	for _, p := range noticePlaces() {
		delete(left, p.notice)
	}
	for key := range left {
		t.Errorf("no page is looked at that says %s", key)
	}
}

func englishMessages(t *testing.T) map[string]json.RawMessage {
	t.Helper()
	text, err := locales.Files.ReadFile("en.json")
	if err != nil {
		t.Fatal(err)
	}
	var messages map[string]json.RawMessage
	if err := json.Unmarshal(text, &messages); err != nil {
		t.Fatal(err)
	}
	return messages
}
