package handlers_test

import (
	"bytes"
	"context"
	"encoding/json"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/lestrrat-go/jwx/v3/jwa"
	"github.com/lestrrat-go/jwx/v3/jwk"
	"github.com/lestrrat-go/jwx/v3/jws"
	"github.com/lestrrat-go/jwx/v3/jwt"

	"github.com/varde-platform/varde/ent/certificate"
	"github.com/varde-platform/varde/internal/certificate/page"
	"github.com/varde-platform/varde/internal/certificate/seal"
	"github.com/varde-platform/varde/internal/config"
	"github.com/varde-platform/varde/internal/store"
	"github.com/varde-platform/varde/internal/testkit"
	"github.com/varde-platform/varde/internal/training"
)

// holderOf signs in whom a certificate was given to.
func (s *site) holderOf(t *testing.T, number string) (*browser, training.Actor) {
	t.Helper()
	row := s.DB.Ent.Certificate.Query().Where(certificate.Number(number)).WithPerson().OnlyX(t.Context())
	actor := training.Actor{PersonID: row.PersonID, Role: training.RoleTrainee, Country: row.Edges.Person.Country}
	return s.as(t, actor), actor
}

func (s *site) pdf(t *testing.T, number, lang string) []byte {
	t.Helper()
	b, _ := s.holderOf(t, number)
	got := b.get(t, "/"+lang+"/me/certificates/"+number+".pdf?lang="+lang)
	got.want(t, 200, "")
	return []byte(got.body)
}

// bring sends a file as the form of the page does.
func (b *browser) bring(t *testing.T, path, name string, content []byte) answer {
	t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	if err := form.WriteField("_csrf", b.csrf); err != nil {
		t.Fatal(err)
	}
	if name != "" {
		part, err := form.CreateFormFile("file", name)
		if err != nil {
			t.Fatal(err)
		}
		part.Write(content)
	}
	form.Close()
	r := httptest.NewRequest(http.MethodPost, path, &body)
	r.Header.Set("Content-Type", form.FormDataContentType())
	return b.send(t, r)
}

func (s *site) judge(t *testing.T, body []byte) answer {
	t.Helper()
	r := httptest.NewRequest(http.MethodPost, "/api/v1/certificates/verify", bytes.NewReader(body))
	r.Header.Set("Content-Type", "application/pdf")
	return s.do(t, r)
}

func TestAFileThatIsDroppedOnThePageIsJudged(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		site := newSite(t, s)
		numbers := map[string]string{}
		for i, state := range []string{"valid", "revoked", "replaced", "expired", "unknown"} {
			numbers[state] = site.issue(t, "R"+string(rune('1'+i)), "Þórður Ægisson", false)
		}
		files := map[string][]byte{}
		for state, number := range numbers {
			files[state] = site.pdf(t, number, "en")
		}
		admin := s.Person(t, testkit.P{Email: "admin@example.org", Role: training.RoleAdmin})
		if err := site.app.Certificates.Revoke(t.Context(), admin, numbers["revoked"], "facts_wrong", "stays inside"); err != nil {
			t.Fatal(err)
		}
		site.change(t, `UPDATE certificates SET replaced_by = $1 WHERE number = $2`, numbers["valid"], numbers["replaced"])
		site.change(t, `UPDATE certificates SET expires_at = $1 WHERE number = $2`, store.Instant(s.Now(t).Add(-time.Minute)), numbers["expired"])
		site.change(t, `DELETE FROM certificate_files`)
		site.change(t, `DELETE FROM certificates WHERE number = $1`, numbers["unknown"])

		visitor := site.browser()
		visitor.get(t, "/en/verify").has(t, `action="/en/verify/file"`, `enctype="multipart/form-data"`, "Nothing of the file is kept")
		for state, want := range map[string][]string{
			"valid":    {"Genuine, untouched and valid", "every byte is as it was then", "Þórður Ægisson", `href="/en/verify/` + numbers["valid"], "not a qualified one"},
			"revoked":  {"<h1>Revoked: this certificate is no longer valid", "What it stated was wrong.", "The file itself is genuine"},
			"replaced": {"<h1>Replaced: a newer certificate", `href="/en/verify/` + numbers["valid"], "The file itself is genuine"},
			"expired":  {"<h1>Genuine, but expired", "It was valid until: ", "The file itself is genuine"},
			"unknown":  {"its number is not in our register", numbers["unknown"]},
		} {
			got := visitor.bring(t, "/en/verify/file", "mine.pdf", files[state])
			got.want(t, 200, "")
			got.has(t, want...)
			got.has(t, "File: mine.pdf", `href="/lv/verify"`)
			got.hasNot(t, "stays inside", "@example.org")
			if got.header.Get("Cache-Control") != "no-store" || got.header.Get("X-Robots-Tag") != "noindex" {
				t.Errorf("%s: %v", state, got.header)
			}
			judged := site.judge(t, files[state])
			judged.want(t, 200, "")
			body := judged.json(t)
			now, _ := body["certificate"].(map[string]any)
			if body["genuine"] != true || body["reason"] != "genuine" || body["number"] != numbers[state] || state != "unknown" && now["state"] != state {
				t.Errorf("%s: %s", state, judged.body)
			}
		}
		var state string
		row := s.DB.SQL.QueryRowContext(t.Context(), `SELECT count(*) FROM certificate_files`)
		if err := row.Scan(&state); err != nil || state != "0" {
			t.Errorf("%s files are kept of those that were brought (%v)", state, err)
		}
		if strings.Contains(site.log.String(), numbers["valid"]) {
			t.Error("the log holds the number")
		}
	})
}

func TestEachFileThatIsNotGenuineHasAClearAnswer(t *testing.T) {
	s := testkit.SQLite(t)
	site := newSite(t, s)
	number := site.issue(t, "R1", "Anna Bērziņa", false)
	pdf := site.pdf(t, number, "en")
	altered := bytes.Clone(pdf)
	altered[bytes.Index(altered, []byte("stream"))+20] ^= 1
	visitor := site.browser()
	for name, test := range map[string]struct {
		file         []byte
		reason, says string
		status       int
	}{
		"no PDF":      {[]byte("GIF89a"), "not_a_pdf", "This file cannot be checked", 200},
		"half of it":  {pdf[:len(pdf)/2], "damaged", "It is damaged", 200},
		"encrypted":   {encrypted(t, pdf), "encrypted", "It is encrypted", 200},
		"another's":   {forged(t, number), "unknown_issuer", "not sealed with a key of ours", 200},
		"altered":     {altered, "altered", "is not what we sealed", 200},
		"added to":    {append(bytes.Clone(pdf), "\n%%EOF\n"...), "changed_after", "added to it afterwards", 200},
		"no seal":     {unsealed(t, number), "not_signed", "It has no seal", 200},
		"far too big": {append(bytes.Clone(pdf), make([]byte, 6<<20)...), "too_large", "larger than any certificate", 413},
	} {
		visitor.get(t, "/en/verify")
		got := visitor.bring(t, "/en/verify/file", "x.pdf", test.file)
		got.want(t, test.status, "")
		got.has(t, test.says, `action="/en/verify/file"`)
		got.hasNot(t, "Genuine", "Anna")
		judged := site.judge(t, test.file)
		if test.status == 413 {
			judged.want(t, 413, "too_large")
			continue
		}
		judged.want(t, 200, "")
		body := judged.json(t)
		if body["genuine"] != false || body["reason"] != test.reason || body["certificate"] != nil || body["detail"] == "" {
			t.Errorf("%s: %s", name, judged.body)
		}
	}
	// What was signed by us can be looked up even where something was added to it.
	visitor.bring(t, "/en/verify/file", "x.pdf", append(bytes.Clone(pdf), "\n%%EOF\n"...)).has(t, number)
}

// A key was stolen and marked: its files are refused, and those who bring one are told
// what to do; a file made anew is genuine.
func TestAFileByARevokedKeyIsRefused(t *testing.T) {
	s := testkit.SQLite(t)
	var secret string
	before := newSite(t, s, func(c *config.Settings) { secret = c.SecretFile })
	number := before.issue(t, "R1", "Anna Bērziņa", false)
	pdf := before.pdf(t, number, "en")
	files := changedKey(t, testkit.Issuer(t), time.Now())
	after := newSite(t, s, func(c *config.Settings) { c.SecretFile, c.SigningKey = secret, files })
	visitor := after.browser()
	visitor.get(t, "/en/verify")
	got := visitor.bring(t, "/en/verify/file", "x.pdf", pdf)
	got.want(t, 200, "")
	got.has(t, "sealed with a key that is revoked", "Ask the holder for a new file.")
	got.hasNot(t, "Genuine", "Anna")
	if body := after.judge(t, pdf).json(t); body["genuine"] != false || body["reason"] != "key_revoked" || body["certificate"] != nil {
		t.Errorf("%v", body)
	}
	after.call(t, "", "GET", "/certificates/"+number, "").want(t, 200, "") // the certificate itself stands
	if _, err := after.app.Certificates.Forget(t.Context(), testkit.Issuer(t).Fingerprint(), true); err != nil {
		t.Fatal(err)
	}
	if body := after.judge(t, after.pdf(t, number, "en")).json(t); body["genuine"] != true || body["number"] != number {
		t.Errorf("made anew: %v", body)
	}
}

// changedKey makes a new key whose chain marks the old one as revoked.
func changedKey(t *testing.T, old *seal.Issuer, revoked time.Time) config.SigningFiles {
	t.Helper()
	mark := "-----BEGIN CERTIFICATE-----\nVarde-Revoked: " + revoked.UTC().Format(time.RFC3339) + "\n\n"
	past, err := seal.ParseChain(bytes.Replace(old.Chain().PEM(), []byte("-----BEGIN CERTIFICATE-----\n"), []byte(mark), 1))
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	files := config.SigningFiles{Key: filepath.Join(folder, "key"), Chain: filepath.Join(folder, "chain"), Passphrase: filepath.Join(folder, "pass")}
	if err := seal.Make(seal.New{KeyFile: files.Key, ChainFile: files.Chain, PassphraseFile: files.Passphrase, Name: "Varde",
		At: time.Now().Add(-time.Hour), Past: past}); err != nil {
		t.Fatal(err)
	}
	return files
}

// unsealed is a page like ours, as anyone can draw it who has our program.
func unsealed(t *testing.T, number string) []byte {
	t.Helper()
	pdf, err := page.Render(page.Facts{Lang: "en", Number: number, VerifyURL: "http://varde.test/verify/" + number, IssuedAt: time.Now(),
		Holder: "Anna Bērziņa", Issuer: "Varde", Primary: page.Text{Heading: "Certificate of completion", Course: "Ship fires"}})
	if err != nil {
		t.Fatal(err)
	}
	return pdf
}

// forged is that page sealed by a key of the forger's, under our name.
func forged(t *testing.T, number string) []byte {
	t.Helper()
	folder := t.TempDir()
	n := seal.New{KeyFile: filepath.Join(folder, "key"), ChainFile: filepath.Join(folder, "chain"), Name: "Varde", At: time.Now().Add(-time.Hour)}
	if err := seal.Make(n); err != nil {
		t.Fatal(err)
	}
	issuer, err := seal.Load(n.KeyFile, n.ChainFile, "")
	if err != nil {
		t.Fatal(err)
	}
	pdf, err := seal.Sign(context.Background(), unsealed(t, number), issuer, seal.Options{At: time.Now(), Number: number})
	if err != nil {
		t.Fatal(err)
	}
	return pdf
}

// encrypted says of itself that it is.
func encrypted(t *testing.T, pdf []byte) []byte {
	t.Helper()
	at := bytes.LastIndex(pdf, []byte("/Root"))
	return []byte(string(pdf[:at]) + "/Encrypt 1 0 R\n" + string(pdf[at:]))
}

func TestTheFormForFilesIsHeldToItsToken(t *testing.T) {
	s := testkit.SQLite(t)
	site := newSite(t, s)
	visitor := site.browser()
	if got := visitor.bring(t, "/en/verify/file", "x.pdf", []byte("%PDF-")); got.status != 403 {
		t.Errorf("without the form's token: %d", got.status)
	}
	for _, path := range []string{"/en/verify", "/en/verify/2222-2222-2222-2222", "/verify/2222-2222-2222-2222"} {
		visitor = site.browser()
		visitor.get(t, path)
		got := visitor.bring(t, "/en/verify/file", "", nil)
		got.want(t, 422, "")
		got.has(t, "Error: Check a certificate", "Choose a file.", `id="file-error"`)
	}
	if got := visitor.get(t, "/en/verify/file"); got.status != 303 || got.header.Get("Location") != "/en/verify" {
		t.Errorf("the address of the form: %d to %s", got.status, got.header.Get("Location"))
	}
	person := site.as(t, s.Person(t, testkit.P{Email: "a@example.org"}))
	person.get(t, "/en/verify")
	person.bring(t, "/en/verify/file", "x.pdf", []byte("hello")).want(t, 200, "")
}

func TestTheAPITakesTheFileOfAFormTooAndNoJSON(t *testing.T) {
	s := testkit.SQLite(t)
	site := newSite(t, s)
	site.judge(t, nil).want(t, 422, "invalid")
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile("file", "x.pdf")
	if err != nil {
		t.Fatal(err)
	}
	part.Write([]byte("%PDF-1.7 nothing more"))
	form.Close()
	token := site.token(t, s.Person(t, testkit.P{Email: "a@example.org"}))
	got := site.call(t, token, "POST", "/certificates/verify", body.String(), "Content-Type", form.FormDataContentType())
	got.want(t, 200, "")
	if got.json(t)["reason"] != "damaged" {
		t.Error(got.body)
	}
	site.call(t, "nonsense", "POST", "/certificates/verify", "x").want(t, 401, "unauthenticated")
	// The same key gives the first answer to the same body, and none to another.
	site.call(t, token, "POST", "/certificates/verify", "x", "Idempotency-Key", "k").want(t, 200, "")
	site.call(t, token, "POST", "/certificates/verify", "x", "Idempotency-Key", "k").want(t, 200, "")
	site.call(t, token, "POST", "/certificates/verify", "y", "Idempotency-Key", "k").want(t, 409, "conflict")
}

func TestCheckingFilesIsLimited(t *testing.T) {
	s := testkit.SQLite(t)
	site := newSite(t, s)
	last := answer{}
	for range 21 {
		last = site.judge(t, []byte("hello"))
	}
	last.want(t, 429, "rate_limited")
	visitor := site.browser()
	visitor.get(t, "/en/verify")
	if got := visitor.bring(t, "/en/verify/file", "x.pdf", []byte("hello")); got.status != 429 {
		t.Errorf("the page after the API: %d", got.status)
	}
}

func TestWhatCheckersNeedIsPublishedToAll(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		site := newSite(t, s)
		number := site.issue(t, "R1", "Anna Bērziņa", false)
		for path, kind := range map[string]string{
			"/.well-known/varde-issuer.pem": "application/pem-certificate-chain", "/.well-known/jwks.json": "application/jwk-set+json",
			"/badges/issuer": "application/ld+json", "/badges/status/0": "application/vc+jwt",
		} {
			got := site.do(t, httptest.NewRequest("GET", path, nil))
			got.want(t, 200, "")
			if got.header.Get("Content-Type") != kind || got.header.Get("Access-Control-Allow-Origin") != "*" || got.header.Get("Cache-Control") != "public, max-age=60" {
				t.Errorf("%s: %v", path, got.header)
			}
			if strings.Contains(got.body, "PRIVATE") || strings.Contains(got.body, `"d"`) {
				t.Errorf("%s tells a secret: %s", path, got.body)
			}
		}
		for _, path := range []string{"/badges/status/1", "/badges/status/-1", "/badges/status/00", "/badges/status/x", "/badges/status/99999999999999999999"} {
			if got := site.do(t, httptest.NewRequest("GET", path, nil)); got.status != 404 {
				t.Errorf("%s: %d", path, got.status)
			}
		}
		profile := site.do(t, httptest.NewRequest("GET", "/badges/issuer", nil)).json(t)
		if profile["id"] != "http://varde.test/badges/issuer" || profile["name"] != "Varde" {
			t.Errorf("profile %v", profile)
		}
		chain, err := seal.ParseChain([]byte(site.do(t, httptest.NewRequest("GET", "/.well-known/varde-issuer.pem", nil)).body))
		if err != nil {
			t.Fatal(err)
		}
		if v := seal.Check(site.pdf(t, number, "en"), seal.Trust{Chain: chain}); !v.Genuine || v.Number != number {
			t.Errorf("by the published chain: %+v", v)
		}

		holder, actor := site.holderOf(t, number)
		page := holder.get(t, "/en/me/certificates/"+number+".badge.jwt")
		page.want(t, 200, "")
		if page.header.Get("Content-Type") != "application/vc+jwt" || !strings.Contains(page.header.Get("Content-Disposition"), number+".badge.jwt") {
			t.Errorf("the badge: %v", page.header)
		}
		api := site.call(t, site.token(t, actor), "GET", "/certificates/"+number+".badge", "")
		api.want(t, 200, "")
		inside, err := seal.ReadAttachment(site.pdf(t, number, "en"), "open-badge.jwt")
		if err != nil || api.body != page.body || page.body != string(inside) {
			t.Errorf("the badges differ (%v)", err)
		}
		site.followsKid(t, page.body)
		for _, path := range []string{"/badges/keys/", "/badges/keys/x", "/badges/keys/x/y"} {
			if got := site.do(t, httptest.NewRequest("GET", path, nil)); got.status != 404 {
				t.Errorf("%s: %d", path, got.status)
			}
		}
		if strings.Count(page.body, ".") != 2 || !json.Valid([]byte(site.call(t, "", "GET", "/certificates/"+number, "").body)) {
			t.Errorf("the badge is no token: %s", page.body)
		}
	})
}

// followsKid believes a badge as a checker does who was given nothing else: by the key
// that its kid leads to, and by the set of keys, which must have it under that name.
func (s *site) followsKid(t *testing.T, token string) {
	t.Helper()
	message, err := jws.Parse([]byte(token))
	if err != nil {
		t.Fatal(err)
	}
	kid, _ := message.Signatures()[0].ProtectedHeaders().KeyID()
	path, here := strings.CutPrefix(kid, "http://varde.test")
	if !here || !strings.HasPrefix(path, "/badges/keys/") {
		t.Fatalf("the key is named %q", kid)
	}
	alone := s.do(t, httptest.NewRequest("GET", path, nil))
	alone.want(t, 200, "")
	if alone.header.Get("Content-Type") != "application/jwk+json" || alone.header.Get("Access-Control-Allow-Origin") != "*" || strings.Contains(alone.body, `"d"`) {
		t.Errorf("%s: %v %s", path, alone.header, alone.body)
	}
	key, err := jwk.ParseKey([]byte(alone.body))
	if err != nil {
		t.Fatal(err)
	}
	set, err := jwk.Parse([]byte(s.do(t, httptest.NewRequest("GET", "/.well-known/jwks.json", nil)).body))
	if err != nil {
		t.Fatal(err)
	}
	for how, option := range map[string]jwt.ParseOption{"its kid": jwt.WithKey(jwa.RS256(), key), "the set": jwt.WithKeySet(set)} {
		if _, err := jwt.ParseString(token, option, jwt.WithValidate(false)); err != nil {
			t.Errorf("by %s: %v", how, err)
		}
	}
}
