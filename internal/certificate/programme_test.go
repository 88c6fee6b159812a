package certificate_test

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/varde-platform/varde/internal/certificate"
	"github.com/varde-platform/varde/internal/testkit"
	"github.com/varde-platform/varde/internal/training"
)

func picture(t *testing.T, width, height int, encode func(*bytes.Buffer, image.Image) error) []byte {
	t.Helper()
	drawn := image.NewNRGBA(image.Rect(0, 0, width, height))
	for x := range width {
		drawn.Set(x, height/2, color.NRGBA{R: 200, A: 255})
	}
	var out bytes.Buffer
	if err := encode(&out, drawn); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func asPNG(out *bytes.Buffer, drawn image.Image) error { return png.Encode(out, drawn) }

func asJPEG(out *bytes.Buffer, drawn image.Image) error { return jpeg.Encode(out, drawn, nil) }

// ofProgramme is a course that names a programme, and an administrator.
func ofProgramme(t *testing.T, s *testkit.Setup, name string) (*certificate.Service, training.Actor) {
	t.Helper()
	c := ended(t, s)
	if _, err := s.DB.SQL.ExecContext(s.Context(), "UPDATE courses SET programme = $1", name); err != nil {
		t.Fatal(err)
	}
	return c.service, c.admin
}

func TestTheSecretariatSetsHowCertificatesLook(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		service, admin := ofProgramme(t, s, "Nordic Coast")
		signed := []training.Signatory{{Name: "Guðrún Þórðardóttir", Role: "Forstöðumaður", RoleEnglish: "Director"}, {Name: "Jānis Bērziņš", Role: "Priekšnieks"}}
		err := service.SetLook(s.Context(), admin, "Nordic Coast", certificate.LookChange{
			Organisers: "  Coast  Guards of the Baltic Sea ", Signatories: append([]training.Signatory{{}}, signed...),
			Logos: [2]certificate.LogoChange{{File: picture(t, 1600, 400, asPNG), Alt: "A wave"}, {File: picture(t, 90, 90, asJPEG), Alt: "An anchor"}},
		})
		if err != nil {
			t.Fatal(err)
		}
		look, err := service.Look(s.Context(), admin, "Nordic Coast")
		if err != nil {
			t.Fatal(err)
		}
		if look.Organisers != "Coast Guards of the Baltic Sea" || look.ChangedAt.IsZero() {
			t.Errorf("the look is %+v", look)
		}
		if diff := cmp.Diff(signed, look.Signatories); diff != "" {
			t.Error(diff)
		}
		for i, want := range []struct {
			alt           string
			width, height int
		}{{"A wave", 600, 150}, {"An anchor", 90, 90}} {
			logo := look.Logos[i]
			if logo == nil || logo.Alt != want.alt {
				t.Fatalf("logo %d is %+v", i, logo)
			}
			kept, err := png.DecodeConfig(bytes.NewReader(logo.PNG))
			if err != nil || kept.Width != want.width || kept.Height != want.height {
				t.Errorf("logo %d is kept as %d × %d (%v)", i, kept.Width, kept.Height, err)
			}
		}

		// A picture that is there is described anew without being sent again.
		before := look.Logos[1].PNG
		err = service.SetLook(s.Context(), admin, "Nordic Coast", certificate.LookChange{Logos: [2]certificate.LogoChange{{}, {Alt: "A  large anchor"}}})
		if err != nil {
			t.Fatal(err)
		}
		if look, err = service.Look(s.Context(), admin, "Nordic Coast"); err != nil || look.Logos[1].Alt != "A large anchor" || !bytes.Equal(look.Logos[1].PNG, before) {
			t.Errorf("described anew the logo is %+v (%v)", look.Logos[1], err)
		}

		// What is not named stays; what is taken away goes; others are not touched.
		err = service.SetLook(s.Context(), admin, "Nordic Coast", certificate.LookChange{Logos: [2]certificate.LogoChange{{Remove: true}, {}}})
		if err != nil {
			t.Fatal(err)
		}
		lines, err := service.Looks(s.Context(), admin)
		if err != nil {
			t.Fatal(err)
		}
		if len(lines) != 2 || lines[0].Programme != "" || !lines[0].ChangedAt.IsZero() || lines[1].Programme != "Nordic Coast" || lines[1].Courses != 1 {
			t.Fatalf("the programmes are %+v", lines)
		}
		if now := lines[1].Logos; now[0] != nil || now[1] == nil || now[1].Alt != "A large anchor" || len(lines[1].Signatories) != 0 {
			t.Errorf("after the change: %+v", lines[1])
		}
	})
}

func TestALookThatCannotBeDrawnIsRefusedAtTheField(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		service, admin := ofProgramme(t, s, "Nordic Coast")
		wave := picture(t, 40, 40, asPNG)
		for name, c := range map[string]struct {
			change certificate.LookChange
			field  string
		}{
			"an emoji":           {certificate.LookChange{Organisers: "Coast 🌊"}, "organisers"},
			"too long":           {certificate.LookChange{Organisers: strings.Repeat("a", 161)}, "organisers"},
			"a role without one": {certificate.LookChange{Signatories: []training.Signatory{{Role: "Director"}}}, "signatory_1_name"},
			"one without a role": {certificate.LookChange{Signatories: []training.Signatory{{}, {Name: "Ann"}}}, "signatory_2_role"},
			"a direction mark":   {certificate.LookChange{Signatories: []training.Signatory{{Name: "Ann\u202e", Role: "x"}}}, "signatory_1_name"},
			"no picture":         {certificate.LookChange{Logos: [2]certificate.LogoChange{{File: []byte("GIF89a"), Alt: "x"}}}, "left_logo"},
			"half a picture":     {certificate.LookChange{Logos: [2]certificate.LogoChange{{}, {File: wave[:len(wave)/2], Alt: "x"}}}, "right_logo"},
			"too large":          {certificate.LookChange{Logos: [2]certificate.LogoChange{{File: append(wave, make([]byte, certificate.MaxLogoFile)...), Alt: "x"}}}, "left_logo"},
			"too many pixels":    {certificate.LookChange{Logos: [2]certificate.LogoChange{{File: picture(t, 6000, 5000, asPNG), Alt: "x"}}}, "left_logo"},
			"not described":      {certificate.LookChange{Logos: [2]certificate.LogoChange{{File: wave}}}, "left_logo_alt"},
		} {
			fault, _ := training.AsFault(service.SetLook(s.Context(), admin, "Nordic Coast", c.change))
			if fault == nil || fault.Kind != training.KindInvalid || len(fault.Fields) != 1 || fault.Fields[0].Field != c.field {
				t.Errorf("%s: %v; want a fault at %s", name, fault, c.field)
			}
		}
		if look, err := service.Look(s.Context(), admin, "Nordic Coast"); err != nil || !look.ChangedAt.IsZero() {
			t.Errorf("a refused change left a look behind: %+v (%v)", look, err)
		}
		if err := service.SetLook(s.Context(), admin, "No such programme", certificate.LookChange{}); !training.IsKind(err, training.KindNotFound) {
			t.Errorf("a programme that no course names: %v", err)
		}
		trainee := s.Person(t, testkit.P{Email: "t@example.org"})
		for what, err := range map[string]error{
			"sets":  service.SetLook(s.Context(), trainee, "Nordic Coast", certificate.LookChange{}),
			"reads": second(service.Look(s.Context(), trainee, "Nordic Coast")),
			"lists": second(service.Looks(s.Context(), trainee)),
		} {
			wantKind(t, "a trainee "+what, err, training.KindForbidden)
		}
	})
}

func TestASampleShowsTheLookAndSaysThatItIsNone(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		service, admin := ofProgramme(t, s, "Nordic Coast")
		err := service.SetLook(s.Context(), admin, "Nordic Coast", certificate.LookChange{
			Organisers:  "Coast Guards of the Baltic Sea",
			Signatories: []training.Signatory{{Name: "Jānis Bērziņš", Role: "Priekšnieks", RoleEnglish: "Director"}},
			Logos:       [2]certificate.LogoChange{{File: picture(t, 400, 100, asPNG), Alt: "A wave"}},
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, lang := range training.Languages {
			sample, err := service.Sample(s.Context(), admin, "Nordic Coast", lang)
			if err != nil {
				t.Fatal(err)
			}
			text := textOf(t, sample.Bytes)
			for _, want := range []string{"Sample, not a certificate", "First Name Last Name", "0000-0000-0000-0000", "Coast Guards of the Baltic Sea", "Jānis Bērziņš"} {
				if !strings.Contains(text, want) {
					t.Errorf("%s: the sample does not say %q: %s", lang, want, text)
				}
			}
			if bytes.Contains(sample.Bytes, []byte("/ByteRange")) {
				t.Errorf("%s: the sample is sealed", lang)
			}
			if strings.Contains(text, "Certificate of completion") {
				t.Errorf("%s: the sample calls itself a certificate", lang)
			}
		}
		if _, err := service.Verify(s.Context(), "0000-0000-0000-0000"); !training.IsKind(err, training.KindNotFound) {
			t.Errorf("the sample's number is known: %v", err)
		}
		wantKind(t, "a language that nobody speaks", second(service.Sample(s.Context(), admin, "Nordic Coast", "xx")), training.KindInvalid)
		wantKind(t, "a programme that no course names", second(service.Sample(s.Context(), admin, "None", "en")), training.KindNotFound)
		wantKind(t, "a trainee", second(service.Sample(s.Context(), s.Person(t, testkit.P{Email: "t@example.org"}), "Nordic Coast", "en")), training.KindForbidden)
	})
}

func second[T any](_ T, err error) error { return err }
