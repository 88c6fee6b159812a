package e2e

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/varde-platform/varde/internal/app"
	catalogue "github.com/varde-platform/varde/internal/catalogue/data"
	"github.com/varde-platform/varde/internal/config"
	"github.com/varde-platform/varde/internal/people"
	"github.com/varde-platform/varde/internal/testkit"
	"github.com/varde-platform/varde/internal/testkit/services"
	"github.com/varde-platform/varde/internal/training"
)

const password = "viena garā parole"

// serve runs the whole program on a free port until the test ends.
func serve(t *testing.T, s *testkit.Setup) (*app.App, string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	base := "http://" + listener.Addr().String()
	settings := config.Settings{DatabaseURL: s.DatabaseURL, RedisURL: s.RedisURL, BaseURL: base, Issuer: "Varde",
		SecretFile: filepath.Join(t.TempDir(), "secret"), HoldLife: 10 * time.Minute, APILimit: 3000, SignInLimit: 100}
	testkit.SigningKey(t, filepath.Dir(settings.SecretFile))
	if _, err := config.Secret(settings.SecretFile, true); err != nil {
		t.Fatal(err)
	}
	a, err := app.Open(t.Context(), settings, slog.New(slog.NewTextHandler(t.Output(), nil)))
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- a.Serve(ctx, listener, "test") }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Errorf("the server ended with %v", err)
		}
		a.Close()
	})
	return a, base
}

// TestFromTheFrontPageToTheCertificate is the main job, in Latvian, each part by
// the person whose part it is.
func TestFromTheFrontPageToTheCertificate(t *testing.T) {
	browser := chromium(t)
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) { mainJob(t, s, browser) })
}

func mainJob(t *testing.T, s *testkit.Setup, browser context.Context) {
	a, base := serve(t, s)
	if err := a.People.AddUsers(t.Context(), []people.NewUser{
		{Email: "admin@cbss.example", Name: "Sigrid Almquist", Role: training.RoleAdmin, Locale: "lv", Password: password},
		{Email: "instruktore@vugd.example", Name: "Ilze Kalniņa", Role: training.RoleInstructor, Country: "LV", Agency: "lv-vugd", Locale: "lv", Password: password},
		{Email: "koordinators@vugd.example", Name: "Andris Ozols", Role: training.RoleAgency, Country: "LV", Agency: "lv-vugd", Locale: "lv", Password: password},
	}); err != nil {
		t.Fatal(err)
	}
	admin := newWindow(t, browser, base)
	secretariat(t, admin)

	trainee := newWindow(t, browser, base)
	signUp(trainee)
	officer := newWindow(t, browser, base)
	logIn(officer, "koordinators@vugd.example")
	officer.open("/lv/agency")
	officer.sees("Jānis Bērziņš-Ķēniņš")
	officer.press("form[action*='/people/'][action$='/confirm'] button")

	ref := takeSeat(trainee)
	// At whatever hour this is, both half days have begun.
	today := training.DateOf(s.Now(t)).String()
	half := []training.HalfDay{{Key: today + "/am", From: "00:00", To: "12:00"}, {Key: today + "/pm", From: "00:01", To: "16:00"}}
	s.DB.Ent.Run.Update().SetHalfDays(half).ExecX(t.Context())
	instructor := newWindow(t, browser, base)
	teach(instructor, ref)

	number := fetchCertificate(t, officer)
	verifier := newWindow(t, browser, base)
	verifier.open("/verify/" + number)
	verifier.sees("Jānis Bērziņš-Ķēniņš", number)
	verifier.open("/lv/verify/" + number)
	verifier.sees("Jānis Bērziņš-Ķēniņš")
}

// secretariat imports the catalogue and makes a run that begins today, so that
// it can be taught at once.
func secretariat(t *testing.T, w *window) {
	t.Helper()
	logIn(w, "admin@cbss.example")
	file := filepath.Join(t.TempDir(), "courses.json")
	if err := os.WriteFile(file, catalogue.Courses, 0o600); err != nil {
		t.Fatal(err)
	}
	w.open("/lv/admin/import")
	w.do("choose the file", chromedp.SetUploadFiles(chromedp.CSS("#file"), []string{file}))
	w.press("form[action$='/admin/import'] button")
	w.sees("100")
	riga, err := time.LoadLocation("Europe/Riga")
	if err != nil {
		t.Fatal(err)
	}
	today := training.DateOf(time.Now().In(riga))
	w.open("/lv/admin/courses/modules-basic-course/runs/new")
	w.write("#code", "MBC-E2E")
	w.do("dates", chromedp.SetValue(chromedp.CSS("#starts"), today.String()), chromedp.SetValue(chromedp.CSS("#ends"), today.AddDays(1).String()),
		chromedp.SetValue(chromedp.CSS("#closes"), today.AddDays(1).String()+"T20:00"))
	w.write("#place", "Rīga")
	w.choose("#country", "LV")
	w.choose("#time_zone", "Europe/Riga")
	w.choose("#language", "en")
	w.write("#size", "12")
	w.do("quota", chromedp.SetValue(chromedp.CSS("#quota-LV"), "1"))
	w.tick("input[name=instructors][value='instruktore@vugd.example']")
	w.press("form[action$='/runs/new'] button")
	w.sees("MBC-E2E", "Rīga")
}

func logIn(w *window, email string) {
	w.t.Helper()
	w.open("/lv/login")
	w.write("#email", email)
	w.write("#password", password)
	w.press("form[action$='/login'] button:not([formaction])")
}

// signUp begins at the front page: a visitor finds the course, and needs an
// account.
func signUp(w *window) {
	w.t.Helper()
	w.open("/lv/")
	if lang := w.attribute("html", "lang"); lang != "lv" {
		w.t.Fatalf("the front page is in %s", lang)
	}
	w.write("#q", "modules basic")
	w.press("form[action$='/courses'] button")
	w.press("a[href='/lv/courses/modules-basic-course']")
	w.press("a[href='/lv/runs/MBC-E2E']")
	w.press("main a[href*='/login']")
	w.press("main a[href*='/signup']")
	w.write("#email", "janis@vugd.example")
	w.write("#password", password)
	w.press("form[action$='/signup'] button")
	w.write("#name", "Jānis Bērziņš-Ķēniņš")
	w.choose("#profession", "firefighter")
	w.choose("#country", "LV")
	w.choose("#agency", "lv-vugd")
	w.press("form[action$='/me/profile'] button")
}

// takeSeat holds, checks and confirms; it answers with the reference.
func takeSeat(w *window) string {
	w.t.Helper()
	w.open("/lv/runs/MBC-E2E")
	w.press("form[action$='/runs/MBC-E2E/hold'] button")
	w.sees("Jānis Bērziņš-Ķēniņš")
	if w.attribute(".vd-hold", "data-expires") == "" {
		w.t.Fatal("the check page does not say until when the seat is held")
	}
	w.press("form[action$='/runs/MBC-E2E/enrol'] button")
	ref := w.text(".vd-receipt__ref")
	w.open("/lv/me")
	w.press("a[href='/lv/me/enrolments/" + ref + "']")
	w.sees(ref, "Rīga")
	return ref
}

// teach marks every half day and closes the run.
func teach(w *window, ref string) {
	w.t.Helper()
	logIn(w, "instruktore@vugd.example")
	w.open("/lv/teach/MBC-E2E")
	w.sees("Jānis Bērziņš-Ķēniņš")
	for i := range strings.Count(w.html(), `class="vd-halfdays__day"`) {
		w.press(fmt.Sprintf(".vd-halfdays li:nth-child(%d) a", i+1))
		w.tick("input[name='mark-" + ref + "'][value=present]")
		w.press("form[action$='/presence'] button:not([data-print])")
	}
	w.tick("#confirm")
	w.press("form[action$='/close'] button")
}

// fetchCertificate downloads what the agency is given, once it has been made,
// and reads it back.
func fetchCertificate(t *testing.T, w *window) string {
	t.Helper()
	link := "a[href*='/agency/lv-vugd/certificates/'][href*='.pdf']"
	for range 60 {
		w.open("/lv/agency/lv-vugd")
		if strings.Contains(w.html(), "/agency/lv-vugd/certificates/") {
			break
		}
		time.Sleep(250 * time.Millisecond)
	}
	href := w.attribute(link, "href")
	file := w.download(link, ".pdf")
	tool, err := services.Tool("pdftotext")
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(tool, "-layout", file, "-").Output()
	if err != nil {
		t.Fatalf("read the certificate: %v", err)
	}
	number := strings.TrimSuffix(filepath.Base(strings.Split(href, "?")[0]), ".pdf")
	for _, want := range []string{"Jānis Bērziņš-Ķēniņš", "Modules Basic Course", "Rīga", number, "lv-vugd"} {
		if !strings.Contains(string(out), want) {
			t.Errorf("the certificate does not say %q:\n%s", want, out)
		}
	}
	return number
}

func (w *window) html() string {
	w.t.Helper()
	var html string
	w.patiently("read the page", func(ctx context.Context) (err error) {
		html, err = chromedp.Run(ctx, chromedp.OuterHTML(chromedp.CSS("html")))
		return err
	})
	return html
}
