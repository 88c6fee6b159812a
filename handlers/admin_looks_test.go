package handlers_test

import (
	"bytes"
	"html"
	"image"
	"image/color"
	"image/png"
	"mime/multipart"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/varde-platform/varde/ent/course"
	"github.com/varde-platform/varde/internal/testkit"
)

// logoFile is a small picture.
func logoFile(t *testing.T) []byte {
	t.Helper()
	drawn := image.NewNRGBA(image.Rect(0, 0, 60, 30))
	drawn.Set(3, 3, color.NRGBA{R: 200, A: 255})
	var out bytes.Buffer
	if err := png.Encode(&out, drawn); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// sendForm sends a form with files; fields are names and values in turn.
func (b *browser) sendForm(t *testing.T, path string, files map[string][]byte, fields ...string) answer {
	t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	fields = append(fields, "_csrf", b.csrf)
	for i := 0; i+1 < len(fields); i += 2 {
		if err := form.WriteField(fields[i], fields[i+1]); err != nil {
			t.Fatal(err)
		}
	}
	for field, file := range files {
		part, err := form.CreateFormFile(field, "logo.png")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := part.Write(file); err != nil {
			t.Fatal(err)
		}
	}
	if err := form.Close(); err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest("POST", path, &body)
	r.Header.Set("Content-Type", form.FormDataContentType())
	return b.send(t, r)
}

const nordic = "/en/admin/certificates/programme?name=Nordic+%26+Baltic"

// newLooks has a course of a programme with an awkward name.
func newLooks(t *testing.T, s *testkit.Setup) (*staff, *browser) {
	t.Helper()
	f := newStaff(t, s)
	s.DB.Ent.Course.Update().Where(course.Slug("ships")).SetProgramme("Nordic & Baltic").ExecX(t.Context())
	f.refresh(t)
	return f, f.as(t, f.admin)
}

func TestSecretariatSetsHowCertificatesLook(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		f, b := newLooks(t, s)
		b.get(t, "/en/admin").has(t, `href="/en/admin/certificates/looks"`)
		b.get(t, "/en/admin/certificates/looks").has(t, "How certificates look", "All other certificates", "Nordic &amp; Baltic",
			`href="/en/admin/certificates/programme?name=Nordic&#43;%26&#43;Baltic"`, "Nothing yet: the name of the issuer alone", "Nothing: as for all other certificates")
		b.get(t, nordic).has(t, `enctype="multipart/form-data"`, "Course ships", "Certificates of the programme Nordic &amp; Baltic")
		saved := b.sendForm(t, nordic, map[string][]byte{"left_logo": logoFile(t)}, "organisers", "Coast Guards", "signatory_1_name", "Jānis Bērziņš",
			"signatory_1_role", "Priekšnieks", "signatory_1_role_english", "Director", "left_logo_alt", "A wave", "months-ships", "24")
		page := b.follow(t, saved)
		page.has(t, "It is saved.", `value="Coast Guards"`, `value="Jānis Bērziņš"`, `value="Director"`, `alt="A wave"`, `value="24"`, "Last changed")
		b.get(t, "/en/admin/certificates/looks").has(t, "<div>Organisers</div>", "1 signatory", "1 logo")
		picture := regexp.MustCompile(`<img class="vd-logo" src="([^"]+)"`).FindStringSubmatch(page.body)
		if picture == nil {
			t.Fatalf("the logo is not shown\n%s", page.body)
		}
		address := html.UnescapeString(picture[1])
		if got := b.get(t, address); got.status != 200 || got.header.Get("Content-Type") != "image/png" || !strings.HasPrefix(got.body, "\x89PNG") {
			t.Errorf("the logo: %d, %s", got.status, got.header.Get("Content-Type"))
		}
		f.as(t, f.officer).get(t, address).want(t, 403, "")
		b.get(t, "/en/admin/certificates/logo.png?name=Nordic+%26+Baltic&side=right_logo").want(t, 404, "")
		sample := b.get(t, "/en/admin/certificates/sample.pdf?name=Nordic+%26+Baltic&lang=ru")
		if sample.status != 200 || sample.header.Get("Content-Type") != "application/pdf" || !strings.HasPrefix(sample.body, "%PDF") {
			t.Errorf("the sample: %d, %s", sample.status, sample.header.Get("Content-Type"))
		}
		b.get(t, "/en/admin/certificates/sample.pdf?lang=xx").want(t, 422, "")

		// The picture stays when it is not sent again, and goes when that is chosen;
		// an empty number of months is for good.
		b.follow(t, b.sendForm(t, nordic, nil, "organisers", "Coast Guards", "left_logo_alt", "A large wave", "months-ships", "")).
			has(t, `alt="A large wave"`, `id="months-ships" name="months-ships" type="text" inputmode="numeric" value=""`)
		b.follow(t, b.sendForm(t, nordic, nil, "organisers", "Coast Guards", "left_logo_remove", "yes")).lacks(t, `<img class="vd-logo"`)
	})
}

func TestALookThatIsWrongIsToldAtItsFieldsAndNothingIsSaved(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		_, b := newLooks(t, s)
		b.get(t, nordic)
		large := append(logoFile(t), make([]byte, 2<<20)...)
		refused := b.sendForm(t, nordic, map[string][]byte{"right_logo": large, "left_logo": []byte("GIF89a")}, "organisers", "Coast 🌊",
			"signatory_2_name", "Ann <b>", "left_logo_alt", "x", "right_logo_alt", "An anchor", "months-ships", "forever")
		refused.want(t, 422, "")
		refused.has(t, `<title>Error: `, `href="#organisers"`, `id="organisers-error"`, `href="#signatory_2_role"`, `id="signatory_2_role-error"`,
			`href="#left_logo"`, `id="left_logo-error"`, `href="#right_logo"`, `id="right_logo-error"`, `href="#months-ships"`, `id="months-ships-error"`,
			`value="Coast 🌊"`, `value="Ann &lt;b&gt;"`, `value="An anchor"`, `value="forever"`, "choose it again", "Role of the second signatory: ")
		fresh := b.get(t, nordic)
		fresh.lacks(t, "Coast", "Ann", "An anchor", "forever", "Last changed")
		b.csrf = ""
		b.sendForm(t, nordic, nil, "organisers", "Forged").want(t, 403, "")
		b.get(t, "/en/admin/certificates/programme?name=None").want(t, 404, "")
		b.sendForm(t, "/en/admin/certificates/programme?name=None", nil, "organisers", "x").want(t, 404, "")
		for months, want := range map[string]int{"-1": 422, "241": 422, "1.5": 422, " 12 ": 303, "0": 303} {
			if got := b.sendForm(t, nordic, nil, "months-ships", months); got.status != want {
				t.Errorf("%q months: %d, want %d", months, got.status, want)
			}
		}
		huge := b.sendForm(t, nordic, map[string][]byte{"left_logo": make([]byte, 5<<20)}, "organisers", "x")
		huge.want(t, 413, "")
	})
}
