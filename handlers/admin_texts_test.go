package handlers_test

import (
	"html"
	"regexp"
	"strings"
	"testing"

	"github.com/varde-platform/varde/internal/testkit"
)

var hiddenField = regexp.MustCompile(`<input type="hidden" name="((?:seen|source)-\w+)" value="(\w*)">`)

// textForm gives what the page of a course's texts sends back besides what
// somebody types: names and values in turn.
func (a answer) textForm() []string {
	var fields []string
	for _, m := range hiddenField.FindAllStringSubmatch(a.body, -1) {
		fields = append(fields, m[1], m[2])
	}
	return fields
}

const catalogueOnFloods = `[{"id":"floods","code":"F1","title":"Flom","title_lang":"nb","title_en":"Floods","description":"About floods.",
	"target_professions":["firefighter"],"topics":["floods"],"language":["en"]}]`

func TestSecretariatTranslatesACourse(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		f := newStaff(t, s)
		b := f.as(t, f.admin)
		b.get(t, "/en/admin/import")
		b.upload(t, catalogueOnFloods).has(t, "1 course is new.")
		b.get(t, "/en/admin").has(t, `href="/en/admin/texts"`)
		b.get(t, "/en/admin/courses").has(t, `href="/en/admin/courses/flom/texts?lang=en"`)
		list := b.get(t, "/en/admin/texts?lang=fi")
		list.has(t, `href="/en/admin/courses/flom/texts?lang=fi"`, `href="/en/admin/texts?lang=pl" lang="pl"`, "What there is to do in Finnish")

		form := b.get(t, "/en/admin/courses/flom/texts?lang=fi")
		form.has(t, "The original, in Norwegian", `lang="nb">Flom</p>`, "About floods.", "Missing", "This course has no such text", `name="outcomes"`)
		saved := b.post(t, "/en/admin/courses/flom/texts?lang=fi", append(form.textForm(),
			"title", "Tulvat", "state-title", "translated", "summary", "Tulvista.\r\nJa vedestä.", "state-summary", "machine",
			"outcomes", "Tunnet tulvat.\r\n- Osaat toimia.", "state-outcomes", "original")...)
		if saved.header.Get("Location") != "/en/admin/courses/flom/texts?lang=fi" {
			t.Fatalf("%d to %q\n%s", saved.status, saved.header.Get("Location"), saved.body)
		}
		again := b.follow(t, saved)
		again.has(t, "The texts are saved.", ">\nTulvat</textarea>", "Machine translation, not reviewed", "Translation, reviewed")
		b.follow(t, b.post(t, "/en/admin/courses/flom/texts?lang=fi", append(again.textForm(), "title", "Tulvat", "state-title", "translated")...)).
			has(t, "Nothing was changed.")

		page := f.browser().get(t, "/fi/courses/flom")
		page.has(t, "Tulvat</h1>", "Tulvista.", "<li>Tunnet tulvat.</li><li>Osaat toimia.</li>", `<a href="/en/courses/flom" hreflang="en">`)
		f.browser().get(t, "/pl/courses/flom").has(t, `<li><span lang="fi">Tunnet tulvat.</span></li>`)
		f.browser().get(t, "/en/courses/flom").lacks(t, "A machine translated")

		original := b.get(t, "/en/admin/courses/flom/texts?lang=en")
		b.follow(t, b.post(t, "/en/admin/courses/flom/texts?lang=en", append(original.textForm(), "summary", "All about floods.", "state-summary", "original")...))
		older := b.get(t, "/en/admin/courses/flom/texts?lang=fi")
		older.has(t, "Older than the original", `name="fits-summary"`)
		older.lacks(t, `name="fits-title"`)

		kept := b.upload(t, catalogueOnFloods)
		kept.has(t, "1 text stays as it was edited in Varde", "Description, in English", `href="/en/admin/courses/flom/texts?lang=en"`, `name="overwrite"`)
		b.upload(t, catalogueOnFloods, "overwrite", "yes").lacks(t, "as it was edited in Varde")
		b.get(t, "/en/admin/courses/flom/texts?lang=en").has(t, ">\nAbout floods.</textarea>")
		b.get(t, "/en/admin/courses/flom/texts?lang=fi").has(t, ">\nTulvat</textarea>")
	})
}

func TestWhatIsWrongWithACourseTextStandsAtIt(t *testing.T) {
	s := testkit.SQLite(t)
	f := newStaff(t, s)
	b := f.as(t, f.admin)
	form := b.get(t, "/en/admin/courses/ships/texts?lang=de").textForm()
	long := strings.Repeat("ü", 501)
	wrong := b.post(t, "/en/admin/courses/ships/texts?lang=de", append(form, "title", long, "state-title", "translated",
		"costs", "<b>Kosten</b>", "state-costs", "machine", "route", "a\x07", "state-route", "original")...)
	wrong.want(t, 422, "")
	wrong.has(t, "<title>Error: ", `href="#title"`, `id="title-error"`, "This text is too long.", long, `href="#route"`,
		"&lt;b&gt;Kosten&lt;/b&gt;", `value="machine" selected`)
	wrong.lacks(t, "<b>Kosten")
	b.get(t, "/en/admin/courses/ships/texts?lang=de").lacks(t, "Kosten")

	english := b.get(t, "/en/admin/courses/ships/texts?lang=en")
	none := b.post(t, "/en/admin/courses/ships/texts?lang=en", append(english.textForm(), "title", "", "state-title", "original")...)
	none.want(t, 422, "")
	none.has(t, "A course needs a title")
	for _, path := range []string{"/en/admin/courses/none/texts", "/en/admin/courses/ships/texts?lang=fr", "/en/admin/texts?lang=xx"} {
		b.get(t, path).want(t, 404, "")
	}
	b.post(t, "/en/admin/courses/none/texts", "title", "A").want(t, 404, "")
}

func TestNothingIsLostWhereTwoTranslateTheSameText(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		f := newStaff(t, s)
		b := f.as(t, f.admin)
		const path = "/en/admin/courses/ships/texts?lang=sv"
		mine, theirs := b.get(t, path).textForm(), b.get(t, path).textForm()
		b.follow(t, b.post(t, path, append(theirs, "title", "Deras fartyg", "state-title", "translated")...))
		conflict := b.post(t, path, append(mine, "title", "Mina fartyg", "state-title", "translated", "costs", "Gratis", "state-costs", "original")...)
		conflict.want(t, 409, "")
		conflict.has(t, "Nothing is saved yet", `href="#title"`, ">\nMina fartyg</textarea>", `lang="sv">Deras fartyg</p>`, ">\nGratis</textarea>")
		// Having seen both, one saves the own text again.
		b.follow(t, b.post(t, path, append(conflict.textForm(), "title", "Mina fartyg", "state-title", "translated", "costs", "Gratis", "state-costs", "original")...)).
			has(t, "The texts are saved.")
		page := answer{body: html.UnescapeString(f.browser().get(t, "/sv/courses/ships").body)}
		page.has(t, "Mina fartyg</h1>", "Gratis")
	})
}

func TestTheSecretariatAlonePutsTextsIntoLanguages(t *testing.T) {
	s := testkit.SQLite(t)
	f := newStaff(t, s)
	b := f.as(t, f.teacher)
	b.get(t, "/en/me/profile")
	for _, path := range []string{"/en/admin/texts", "/en/admin/courses/ships/texts", "/en/admin/courses/none/texts"} {
		b.get(t, path).want(t, 403, "")
	}
	b.post(t, "/en/admin/courses/ships/texts?lang=sv", "title", "Fartyg", "state-title", "translated").want(t, 403, "")
	f.browser().get(t, "/sv/courses/ships").lacks(t, "Fartyg")
}

// What is typed is seen as readers would see it before anything is saved.
func TestTheSecretariatSeesWhatIsTypedBeforeItIsSaved(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		f := newStaff(t, s)
		b := f.as(t, f.admin)
		b.get(t, "/en/admin/import")
		b.upload(t, catalogueOnFloods).has(t, "1 course is new.")
		const path = "/en/admin/courses/flom/texts?lang=fi"
		form := b.get(t, path)
		form.has(t, `name="preview"`, `formaction="`+path+`#preview"`, "What is saved now")
		typed := append(form.textForm(), "title", "Tulvien <torjunta>", "state-title", "translated", "outcomes", "- Tunnet tulvat.", "state-outcomes", "original")
		seen := b.post(t, path, append(typed, "preview", "yes")...)
		seen.want(t, 200, "")
		seen.has(t, "Nothing of it is saved yet.", `<p class="vd-row__title"><span lang="fi">Tulvien &lt;torjunta&gt;</span></p>`,
			`<li><span lang="fi">Tunnet tulvat.</span></li>`, ">\nTulvien &lt;torjunta&gt;</textarea>", `value="translated" selected`)
		f.browser().get(t, "/fi/courses/flom").lacks(t, "Tulvien", "Tunnet")
		b.get(t, path).lacks(t, "Tulvien")

		// Somebody else saves meanwhile; who has only looked at a preview is told so.
		b.follow(t, b.post(t, path, append(b.get(t, path).textForm(), "title", "Vesi", "state-title", "translated")...))
		b.post(t, path, append(seen.textForm(), "title", "Tulvien torjunta", "state-title", "translated")...).want(t, 409, "")
	})
}

// The language that texts are put into stands in the address, so that it stays
// when the page is read in another one.
func TestTheLanguageOfTheTextsStaysWhileThePageChangesItsOwn(t *testing.T) {
	s := testkit.SQLite(t)
	f := newStaff(t, s)
	b := f.as(t, f.admin)
	for path, want := range map[string]string{
		"/pl/admin/courses/ships/texts": "/pl/admin/courses/ships/texts?lang=pl",
		"/pl/admin/texts":               "/pl/admin/texts?lang=pl",
		"/pl/admin/texts?page=2":        "/pl/admin/texts?lang=pl&page=2",
	} {
		moved := b.get(t, path)
		if moved.status != 303 || moved.header.Get("Location") != want {
			t.Errorf("%s: %d to %q, want %q", path, moved.status, moved.header.Get("Location"), want)
		}
	}
	b.get(t, "/pl/admin/courses/ships/texts?lang=pl").has(t, `href="/fi/admin/courses/ships/texts?lang=pl"`)
}

func TestTheSecretariatSeesWhoChangedATextAndHowReadersSeeIt(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		f := newStaff(t, s)
		b := f.as(t, f.admin)
		b.get(t, "/en/admin/import")
		b.upload(t, catalogueOnFloods).has(t, "1 course is new.")
		const path = "/en/admin/courses/flom/texts?lang=fi"
		form := b.get(t, path)
		form.lacks(t, "vd-timeline", "Edited by")
		// Finns who read no translation are shown what there is, and the page says so.
		form.has(t, `<a href="/fi/courses/flom" hreflang="fi">See the page in Finnish</a>`, "Readers see this text in English")

		b.follow(t, b.post(t, path, append(form.textForm(), "summary", "Tulvista.", "state-summary", "machine",
			"outcomes", "- Tunnet tulvat.\n- Osaat toimia.", "state-outcomes", "original")...))
		again := b.get(t, path)
		again.has(t, "Edited by Sigrid on ", `<p class="vd-strong">Sigrid</p><p class="vd-small vd-quiet">Machine translation, not reviewed</p>`,
			`<ul class="vd-bullets"><li><span lang="fi">Tunnet tulvat.</span></li><li><span lang="fi">Osaat toimia.</span></li></ul>`,
			`<p class="vd-prose"><span lang="fi">Tulvista.</span></p>`)
		b.follow(t, b.post(t, path, append(again.textForm(), "summary", "<b>Vesi", "state-summary", "translated")...))
		last := b.get(t, path)
		last.has(t, `lang="fi">&lt;b&gt;Vesi</p>`, `lang="fi">Tulvista.</p>`)
		if first, second := strings.Index(last.body, "&lt;b&gt;Vesi</p>"), strings.Index(last.body, ">Tulvista.</p>"); first > second {
			t.Error("the latest text is not the first of the history")
		}
		english := b.get(t, "/en/admin/courses/flom/texts?lang=en")
		b.follow(t, b.post(t, "/en/admin/courses/flom/texts?lang=en", append(english.textForm(), "summary", "All about floods.", "state-summary", "original")...))
		b.upload(t, catalogueOnFloods, "overwrite", "yes")
		b.get(t, "/en/admin/courses/flom/texts?lang=en").has(t, "Brought by an import on ", `<p class="vd-strong">An import</p>`, "All about floods.</p>")
	})
}
