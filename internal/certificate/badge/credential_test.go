package badge

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/varde-platform/varde/internal/training"
)

// The golden file is what checkers out there were shown: whoever changes what a
// badge says changes the file too, and knows it.
func TestABadgeIsTheGoldenFile(t *testing.T) {
	want, err := os.ReadFile("testdata/badge.json")
	if err != nil {
		t.Fatal(err)
	}
	var got bytes.Buffer
	if err := json.Indent(&got, mustCredential(t, sample()), "", "  "); err != nil {
		t.Fatal(err)
	}
	got.WriteByte('\n')
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got.String(), "\n")); diff != "" {
		t.Errorf("the badge is another (- golden, + now):\n%s", diff)
	}
}

func TestTheSameFactsAreTheSameBytes(t *testing.T) {
	first := mustCredential(t, sample())
	f := sample()
	f.Awarded = f.Awarded.In(f.Zone) // the same instant
	if second := mustCredential(t, f); !bytes.Equal(first, second) {
		t.Errorf("the badge is not repeatable:\n%s\n%s", first, second)
	}
	if bytes.ContainsAny(first, "\n\t") {
		t.Error("the badge is not compact")
	}
}

func TestABadgeFollowsOpenBadges3(t *testing.T) {
	c := read(t, string(mustCredential(t, sample())))
	for _, tt := range []struct {
		path []any
		want any
	}{
		{[]any{"@context"}, []any{"https://www.w3.org/ns/credentials/v2", "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"}},
		{[]any{"id"}, "https://varde.example/verify/7K3M-9QXA-WB5T-2HND"},
		{[]any{"type"}, []any{"VerifiableCredential", "OpenBadgeCredential"}},
		{[]any{"issuer", "id"}, issuer.ID},
		{[]any{"issuer", "type"}, []any{"Profile"}},
		{[]any{"issuer", "name"}, issuer.Name},
		{[]any{"validFrom"}, "2027-03-26T09:30:15Z"},
		{[]any{"awardedDate"}, "2027-03-26T09:30:15Z"},
		{[]any{"validUntil"}, "2030-03-26T00:00:00Z"},
		{[]any{"credentialSubject", "type"}, []any{"AchievementSubject"}},
		{[]any{"credentialSubject", "licenseNumber"}, "7K3M-9QXA-WB5T-2HND"},
		{[]any{"credentialSubject", "activityStartDate"}, "2027-03-25T00:00:00+02:00"},
		{[]any{"credentialSubject", "activityEndDate"}, "2027-03-28T23:59:59+03:00"}, // the clock changed that night
		{[]any{"credentialSubject", "achievement", "id"}, "https://varde.example/courses/CBRN-2"},
		{[]any{"credentialSubject", "achievement", "type"}, []any{"Achievement"}},
		{[]any{"credentialSubject", "achievement", "name"}, sample().Course.Title},
		{[]any{"credentialSubject", "achievement", "description"}, sample().Course.Description},
		{[]any{"credentialSubject", "achievement", "achievementType"}, "CertificateOfCompletion"},
		{[]any{"credentialSubject", "achievement", "humanCode"}, "CBRN-2"},
		{[]any{"credentialSubject", "achievement", "inLanguage"}, "lv"},
		{[]any{"credentialStatus", "type"}, "BitstringStatusListEntry"},
		{[]any{"credentialStatus", "statusPurpose"}, "revocation"},
		{[]any{"credentialStatus", "statusListIndex"}, "94567"}, // a string, as the standard wants it
		{[]any{"credentialStatus", "statusListCredential"}, "https://varde.example/status/1"},
	} {
		if diff := cmp.Diff(tt.want, at(c, tt.path...)); diff != "" {
			t.Errorf("%v (- want, + got):\n%s", tt.path, diff)
		}
	}
	if at(c, "credentialStatus", "id") == at(c, "credentialStatus", "statusListCredential") {
		t.Error("the entry's id is the list's")
	}
}

func TestWhatIsNotKnownIsNotStated(t *testing.T) {
	f := sample()
	f.ValidUntil, f.Language, f.Course.Code, f.Course.Level, f.Course.Outcomes, f.Course.Description = nil, "", "", "", nil, ""
	c, err := Credential(f, Profile{ID: issuer.ID, Name: issuer.Name})
	if err != nil {
		t.Fatal(err)
	}
	o := read(t, string(c))
	for _, path := range [][]any{
		{"validUntil"}, {"issuer", "url"}, {"issuer", "image"}, {"credentialSubject", "achievement", "humanCode"},
		{"credentialSubject", "achievement", "inLanguage"}, {"credentialSubject", "achievement", "tag"}, {"credentialSubject", "achievement", "alignment"},
	} {
		if got := at(o, path...); got != nil {
			t.Errorf("%v is stated as %v", path, got)
		}
	}
	if got := at(o, "credentialSubject", "achievement", "description"); got != f.Course.Title {
		t.Errorf("a course without a description is described as %v, want its title", got)
	}
	if got := at(o, "credentialSubject", "achievement", "criteria", "narrative"); got != f.Course.Criteria {
		t.Errorf("the criteria are %q", got)
	}
}

func TestOutcomesAreReadAsTheyAreWritten(t *testing.T) {
	c := read(t, string(mustCredential(t, sample())))
	want := sample().Course.Criteria + "\n\n- Plans a reconnaissance\n- Takes samples \\* under supervision\n- Reads \\[maps\\]\\_now"
	if got := at(c, "credentialSubject", "achievement", "criteria", "narrative"); got != want {
		t.Errorf("the narrative is\n%s\nwant\n%s", got, want)
	}
}

// What others compute is worked out here by hand, not with the package's own code.
func TestTheHolderIsASaltedHash(t *testing.T) {
	raw := string(mustCredential(t, sample()))
	for _, secret := range []string{sample().Holder, "Žydrūnė", sampleEmail, "zydrune"} {
		if strings.Contains(raw, secret) {
			t.Errorf("%q stands in the badge", secret)
		}
	}
	c := read(t, raw)
	for i, tt := range []struct{ kind, value string }{{"emailAddress", sampleEmail}, {"name", sample().Holder}} {
		identity := at(c, "credentialSubject", "identifier", i)
		salt, _ := at(identity, "salt").(string)
		sum := sha256.Sum256([]byte(tt.value + salt))
		want := map[string]any{
			"type": "IdentityObject", "hashed": true, "identityType": tt.kind, "salt": salt, "identityHash": "sha256$" + hex.EncodeToString(sum[:]),
		}
		if diff := cmp.Diff(any(want), identity); diff != "" {
			t.Errorf("identity %d (- want, + got):\n%s", i, diff)
		}
		if len(salt) < 32 {
			t.Errorf("salt %q is short", salt)
		}
	}
	f := sample()
	f.EmailHash, f.Reference = HashEmail(f.Address, ""), "person 4711"
	if got := at(read(t, string(mustCredential(t, f))), "credentialSubject", "identifier", 0, "identityType"); got != "identifier" {
		t.Errorf("a holder without e-mail is recognised by %v", got)
	}
}

// The example is the standard's own.
func TestAnIdentityIsRecognised(t *testing.T) {
	for _, tt := range []struct {
		identity Identity
		value    string
		want     bool
	}{
		{Identity{Hash: "sha256$b5809d8a92f8858436d7e6b87c12ebc0ae1eac4baecc2c0b913aee2c922ef399", Hashed: true, Salt: "Kosher"}, "a@example.com", true},
		{Identity{Hash: "sha256$b5809d8a92f8858436d7e6b87c12ebc0ae1eac4baecc2c0b913aee2c922ef399", Hashed: true, Salt: "Kosher"}, "b@example.com", false},
		{Identity{Hash: "sha256$b5809d8a92f8858436d7e6b87c12ebc0ae1eac4baecc2c0b913aee2c922ef399", Hashed: true}, "a@example.com", false},
		{Identity{Hash: "a@example.com"}, "a@example.com", true},
		{Identity{Hash: "a@example.com"}, "A@example.com", false},
		{Identity{}, "a@example.com", false},
	} {
		if got := tt.identity.Is(tt.value); got != tt.want {
			t.Errorf("%+v is %q: %v, want %v", tt.identity, tt.value, got, tt.want)
		}
	}
}

func TestTwoBadgesOfAPersonHaveNothingOfThePersonInCommon(t *testing.T) {
	other := sample()
	other.Address, other.Number = "https://varde.example/verify/2222-2222-2222-2222", "2222-2222-2222-2222"
	other.EmailHash = HashEmail(other.Address, sampleEmail)
	a, b := read(t, string(mustCredential(t, sample()))), read(t, string(mustCredential(t, other)))
	for _, path := range [][]any{
		{"id"}, {"credentialSubject", "id"}, {"credentialSubject", "identifier", 0, "salt"}, {"credentialSubject", "identifier", 0, "identityHash"},
		{"credentialSubject", "identifier", 1, "salt"}, {"credentialSubject", "identifier", 1, "identityHash"},
	} {
		if at(a, path...) == nil || at(a, path...) == at(b, path...) {
			t.Errorf("%v is %v in both", path, at(a, path...))
		}
	}
	uuid := regexp.MustCompile(`^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
	if id, _ := at(a, "credentialSubject", "id").(string); !uuid.MatchString(id) {
		t.Errorf("the holder's id %q is no UUID of version 8", id)
	}
}

func TestFactsThatCannotMakeABadge(t *testing.T) {
	for name, spoil := range map[string]func(*Facts, *Profile){
		"no address":                func(f *Facts, _ *Profile) { f.Address = "" },
		"an address without a host": func(f *Facts, _ *Profile) { f.Address = "https:///verify/7K3M" },
		"a number for an address":   func(f *Facts, _ *Profile) { f.Address = f.Number },
		"no number":                 func(f *Facts, _ *Profile) { f.Number = " " },
		"no holder":                 func(f *Facts, _ *Profile) { f.Holder = "" },
		"nothing to recognise":      func(f *Facts, _ *Profile) { f.EmailHash = "" },
		"no title":                  func(f *Facts, _ *Profile) { f.Course.Title = "" },
		"no criteria":               func(f *Facts, _ *Profile) { f.Course.Criteria = "" },
		"no course":                 func(f *Facts, _ *Profile) { f.Course.ID = "" },
		"a title that is no text":   func(f *Facts, _ *Profile) { f.Course.Title = "CBRN \xff" },
		"no instant":                func(f *Facts, _ *Profile) { f.Awarded = time.Time{} },
		"no first day":              func(f *Facts, _ *Profile) { f.Starts = training.Date{} },
		"ends before it starts":     func(f *Facts, _ *Profile) { f.Ends = f.Starts.AddDays(-1) },
		"no zone":                   func(f *Facts, _ *Profile) { f.Zone = nil },
		"expired when issued":       func(f *Facts, _ *Profile) { f.ValidUntil = &f.Awarded },
		"no status list":            func(f *Facts, _ *Profile) { f.Status.List = "" },
		"an entry below the first":  func(f *Facts, _ *Profile) { f.Status.Index = -1 },
		"an entry beyond all lists": func(f *Facts, _ *Profile) { f.Status.Index = MaxEntries },
		"an issuer without name":    func(_ *Facts, p *Profile) { p.Name = "" },
		"an issuer without id":      func(_ *Facts, p *Profile) { p.ID = "" },
		"a script for a page":       func(_ *Facts, p *Profile) { p.URL = "javascript:alert(1)" },
		"a path for an image":       func(_ *Facts, p *Profile) { p.Image = "/static/mark.svg" },
	} {
		f, p := sample(), issuer
		spoil(&f, &p)
		if c, err := Credential(f, p); err == nil || c != nil {
			t.Errorf("%s: made a badge: %s", name, c)
		}
	}
}

func TestTheIssuersProfileIsTheBadgesIssuer(t *testing.T) {
	document, err := IssuerProfile(issuer)
	if err != nil {
		t.Fatal(err)
	}
	got := read(t, string(document))
	if contexts := at(got, "@context"); !cmp.Equal(contexts, []any{credentialsContext, badgesContext}) {
		t.Errorf("its context is %v", contexts)
	}
	delete(got, "@context")
	inBadge := at(read(t, string(mustCredential(t, sample()))), "issuer")
	if diff := cmp.Diff(inBadge, any(got)); diff != "" {
		t.Errorf("(- in the badge, + served):\n%s", diff)
	}
	if _, err := IssuerProfile(Profile{Name: "Varde"}); err == nil {
		t.Error("made a profile without id")
	}
}
