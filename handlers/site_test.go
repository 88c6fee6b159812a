package handlers_test

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/varde-platform/varde/ent/person"
	"github.com/varde-platform/varde/internal/app"
	"github.com/varde-platform/varde/internal/config"
	"github.com/varde-platform/varde/internal/testkit"
	"github.com/varde-platform/varde/internal/training"
)

// site is the whole program over one set-up, without a network.
type site struct {
	*testkit.Setup
	app *app.App
	web *fiber.App
	log *bytes.Buffer // what went to the log
}

func newSite(t *testing.T, s *testkit.Setup, change ...func(*config.Settings)) *site {
	t.Helper()
	settings := config.Settings{DatabaseURL: s.DatabaseURL, RedisURL: s.RedisURL, Addr: "127.0.0.1:0",
		BaseURL: "http://varde.test", SecretFile: filepath.Join(t.TempDir(), "secret"), MailFrom: "varde@varde.test", Contact: "varde@varde.test",
		Issuer: "Varde", HoldLife: 10 * time.Minute, APILimit: 100_000, SignInLimit: 1000}
	for _, c := range change {
		c(&settings)
	}
	testkit.SigningKey(t, filepath.Dir(settings.SecretFile))
	if !settings.SQLite() {
		if _, err := config.Secret(settings.SecretFile, true); err != nil {
			t.Fatal(err)
		}
	}
	log := &bytes.Buffer{}
	a, err := app.Open(t.Context(), settings, slog.New(slog.NewTextHandler(log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close() })
	web, err := a.Site("test")
	if err != nil {
		t.Fatal(err)
	}
	return &site{Setup: s, app: a, web: web, log: log}
}

// aSecondLater every page tells what others have done meanwhile (the seat
// contract, point 3).
func aSecondLater() { time.Sleep(time.Second + 50*time.Millisecond) }

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   string
}

// json reads the body as an object.
func (a answer) json(t *testing.T) map[string]any {
	t.Helper()
	var out map[string]any
	if err := json.Unmarshal([]byte(a.body), &out); err != nil {
		t.Fatalf("body is no JSON object: %v\n%s", err, a.body)
	}
	return out
}

func (s *site) do(t *testing.T, r *http.Request) answer {
	t.Helper()
	r.Host = "varde.test"
	response, err := s.web.Test(r, -1)
	if err != nil {
		t.Fatalf("%s %s: %v", r.Method, r.URL, err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{response.StatusCode, response.Header, string(body)}
}

// browser keeps cookies and sends forms with the token of the page they stand
// on, as a person's browser does.
type browser struct {
	site    *site
	cookies map[string]string
	csrf    string
	accept  string // Accept-Language
}

func (s *site) browser() *browser { return &browser{site: s, cookies: map[string]string{}} }

// as signs an actor in.
func (s *site) as(t *testing.T, actor training.Actor) *browser {
	t.Helper()
	token, _, err := s.app.People.StartSession(t.Context(), actor.PersonID)
	if err != nil {
		t.Fatal(err)
	}
	b := s.browser()
	b.cookies["varde_session"] = token
	return b
}

var csrfField = regexp.MustCompile(`name="_csrf" value="([^"]*)"`)

func (b *browser) send(t *testing.T, r *http.Request) answer {
	t.Helper()
	for name, value := range b.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	if b.accept != "" {
		r.Header.Set("Accept-Language", b.accept)
	}
	a := b.site.do(t, r)
	for _, c := range (&http.Response{Header: a.header}).Cookies() {
		if c.Value == "" || (!c.Expires.IsZero() && c.Expires.Before(time.Now())) {
			delete(b.cookies, c.Name)
		} else {
			b.cookies[c.Name] = c.Value
		}
	}
	if m := csrfField.FindStringSubmatch(a.body); m != nil {
		b.csrf = m[1]
	}
	return a
}

func (b *browser) get(t *testing.T, path string) answer {
	t.Helper()
	return b.send(t, httptest.NewRequest(http.MethodGet, path, nil))
}

// post sends a form; fields are names and values in turn.
func (b *browser) post(t *testing.T, path string, fields ...string) answer {
	t.Helper()
	form := url.Values{"_csrf": {b.csrf}}
	for i := 0; i+1 < len(fields); i += 2 {
		form.Add(fields[i], fields[i+1])
	}
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return b.send(t, r)
}

// follow goes where a 303 leads.
func (b *browser) follow(t *testing.T, a answer) answer {
	t.Helper()
	if a.status != http.StatusSeeOther {
		t.Fatalf("status %d, want 303\n%s", a.status, a.body)
	}
	return b.get(t, strings.TrimPrefix(a.header.Get("Location"), "http://varde.test"))
}

// token makes an API token of an actor.
func (s *site) token(t *testing.T, actor training.Actor) string {
	t.Helper()
	row, err := s.DB.Ent.Person.Query().Where(person.ID(actor.PersonID)).Only(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	token, err := s.app.People.IssueToken(t.Context(), row.Email, 1)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// call asks the API; body is a JSON text or empty, headers are names and values
// in turn.
func (s *site) call(t *testing.T, token, method, path, body string, headers ...string) answer {
	t.Helper()
	r := httptest.NewRequest(method, "/api/v1"+path, strings.NewReader(body))
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	return s.do(t, r)
}

// wantStatus fails unless the answer has the status, and for a problem the code.
func (a answer) want(t *testing.T, status int, code string) {
	t.Helper()
	if a.status != status {
		t.Fatalf("status %d, want %d\n%s", a.status, status, a.body)
	}
	if code != "" && a.json(t)["code"] != code {
		t.Fatalf("code %v, want %s\n%s", a.json(t)["code"], code, a.body)
	}
}

// has fails unless the page shows all texts.
func (a answer) has(t *testing.T, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if !strings.Contains(a.body, text) {
			t.Errorf("the page does not show %q\n%s", text, a.body)
		}
	}
}
