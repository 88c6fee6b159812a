package certificate_test

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"testing"
	"text/template"

	"github.com/varde-platform/varde/ent"
	entcertificate "github.com/varde-platform/varde/ent/certificate"
	"github.com/varde-platform/varde/ent/enrolment"
	"github.com/varde-platform/varde/ent/outboxjob"
	"github.com/varde-platform/varde/ent/person"
	"github.com/varde-platform/varde/ent/presence"
	"github.com/varde-platform/varde/internal/certificate"
	"github.com/varde-platform/varde/internal/outbox"
	"github.com/varde-platform/varde/internal/testkit"
	"github.com/varde-platform/varde/internal/testkit/services"
	"github.com/varde-platform/varde/internal/training"
)

// english are the real sentences, so that a missing key or argument shows.
var english = sync.OnceValues(func() (map[string]any, error) {
	text, err := os.ReadFile("../../locales/en.json")
	if err != nil {
		return nil, err
	}
	var messages map[string]any
	return messages, json.Unmarshal(text, &messages)
})

// speaker says the English sentences, with the language in front in others.
type speaker struct {
	t    *testing.T
	lang string
}

func (s speaker) T(key string, args ...any) string {
	messages, err := english()
	if err != nil {
		s.t.Errorf("read the sentences: %v", err)
	}
	data := map[string]any{}
	for i := 0; i < len(args); i += 2 {
		data[args[i].(string)] = args[i+1]
	}
	message := messages[key]
	if forms, ok := message.(map[string]any); ok {
		message = forms["other"]
		if data["count"] == 1 {
			message = forms["one"]
		}
	}
	text, ok := message.(string)
	if !ok {
		s.t.Errorf("there is no sentence %q", key)
	}
	parsed, err := template.New(key).Option("missingkey=error").Parse(text)
	if err != nil {
		s.t.Errorf("sentence %q: %v", key, err)
		return key
	}
	var out strings.Builder
	if err := parsed.Execute(&out, data); err != nil {
		s.t.Errorf("sentence %q: %v", key, err)
	}
	if s.lang != "en" {
		return s.lang + " " + out.String()
	}
	return out.String()
}

func (s speaker) Date(d training.Date) string         { return d.String() }
func (s speaker) DateRange(a, b training.Date) string { return a.String() + " to " + b.String() }
func (s speaker) Country(code string) string          { return "country " + code }
func (s speaker) LanguageName(code string) string     { return "language " + code }

func words(t *testing.T) func(string) certificate.Words {
	return func(lang string) certificate.Words { return speaker{t, lang} }
}

// course is a run that ended, with those who came to it.
type course struct {
	*testkit.Setup
	service           *certificate.Service
	run               int
	instructor, admin training.Actor
}

var monday = training.Date{Year: 2027, Month: 3, Day: 15}

// ended makes a run of five half days, all of which count alike.
func ended(t *testing.T, s *testkit.Setup) course {
	t.Helper()
	c := course{Setup: s, service: certificate.New(s.DB, certificate.Options{
		BaseURL: "https://varde.example/", Issuer: "Baltic Training Board", Words: words(t),
		Seal: certificate.Seal{Issuer: testkit.Issuer(t)},
	})}
	c.instructor = s.Person(t, testkit.P{Email: "ilze@example.org", Role: training.RoleInstructor})
	c.admin = s.Person(t, testkit.P{Email: "admin@example.org", Role: training.RoleAdmin})
	c.run = c.newRun(t, "SHIP-1", c.instructor)
	return c
}

func (c course) newRun(t *testing.T, code string, instructor training.Actor) int {
	t.Helper()
	id := c.Run(t, testkit.R{
		Code: code, Instructors: []training.Actor{instructor}, Starts: monday, Ends: monday.AddDays(2),
	})
	half := training.DefaultHalfDays(monday, monday.AddDays(2))[:5]
	c.DB.Ent.Run.UpdateOneID(id).SetHalfDays(half).ExecX(c.Context())
	return id
}

// came enrols somebody who was present at so many of the five half days.
func (c course) came(t *testing.T, p testkit.P, status training.Status, present int) training.Actor {
	t.Helper()
	return c.cameTo(t, c.run, p, status, present)
}

func (c course) cameTo(t *testing.T, run int, p testkit.P, status training.Status, present int) training.Actor {
	t.Helper()
	ctx, now := c.Context(), c.Now(t)
	actor := c.Person(t, p)
	name, _, _ := strings.Cut(p.Email, "@")
	create := c.DB.Ent.Enrolment.Create().SetRef(name).SetRunID(run).SetPersonID(actor.PersonID).
		SetStatus(status).SetCountry(actor.Country).SetCreatedAt(now).SetUpdatedAt(now)
	if actor.AgencyID != 0 {
		create.SetAgencyID(actor.AgencyID)
	}
	e := create.SaveX(ctx)
	c.attend(t, e.ID, present)
	return actor
}

// attend writes the marks of the first so many half days anew.
func (c course) attend(t *testing.T, enrolmentID, present int) {
	t.Helper()
	ctx, now := c.Context(), c.Now(t)
	c.DB.Ent.Presence.Delete().Where(presence.EnrolmentID(enrolmentID)).ExecX(ctx)
	half := c.DB.Ent.Enrolment.GetX(ctx, enrolmentID).QueryRun().OnlyX(ctx).HalfDays
	for _, h := range half[:present] {
		c.DB.Ent.Presence.Create().SetEnrolmentID(enrolmentID).SetHalfDay(h.Key).SetPresent(true).
			SetMarkedBy(c.instructor.PersonID).SetMarkedAt(now).ExecX(ctx)
	}
}

func (c course) enrolment(ref string) *ent.Enrolment {
	return c.DB.Ent.Enrolment.Query().Where(enrolment.Ref(ref)).OnlyX(c.Context())
}

// close makes the results final, a moment after whatever came before.
func (c course) close(t *testing.T) {
	t.Helper()
	c.DB.Ent.Run.UpdateOneID(c.run).SetClosedAt(c.Now(t)).ExecX(c.Context())
}

func (c course) issue(t *testing.T) certificate.IssueResult {
	t.Helper()
	result, err := c.service.IssueForRun(c.Context(), c.run)
	if err != nil {
		t.Fatal(err)
	}
	return result
}

// standing is the number of the certificate that somebody has; empty: none.
func (c course) standing(t *testing.T, ref string) string {
	t.Helper()
	row, err := c.DB.Ent.Certificate.Query().
		Where(entcertificate.HasEnrolmentWith(enrolment.Ref(ref)), entcertificate.ReplacedBy("")).Only(c.Context())
	if ent.IsNotFound(err) {
		return ""
	}
	if err != nil {
		t.Fatal(err)
	}
	return row.Number
}

// mails are the mails in the outbox by name; each is said once, so that a
// sentence or an argument that is missing shows.
func (c course) mails(t *testing.T) map[string][]outbox.Mail {
	t.Helper()
	mails := map[string][]outbox.Mail{}
	jobs := c.DB.Ent.OutboxJob.Query().Where(outboxjob.Kind(outbox.MailKind)).AllX(c.Context())
	for _, job := range jobs {
		var mail outbox.Mail
		if err := json.Unmarshal(job.Payload, &mail); err != nil {
			t.Fatal(err)
		}
		args := []any{}
		for name, value := range mail.Args {
			args = append(args, name, value)
		}
		speaker{t, "en"}.T("mail."+mail.Name+".subject", args...)
		speaker{t, "en"}.T("mail."+mail.Name+".body", args...)
		mails[mail.Name] = append(mails[mail.Name], mail)
	}
	return mails
}

func (c course) rename(t *testing.T, actor training.Actor, name string) {
	t.Helper()
	c.DB.Ent.Person.Update().Where(person.ID(actor.PersonID)).SetName(name).ExecX(c.Context())
}

func (c course) verify(t *testing.T, number string) certificate.Public {
	t.Helper()
	public, err := c.service.Verify(c.Context(), number)
	if err != nil {
		t.Fatal(err)
	}
	return public
}

func (c course) pdf(t *testing.T, actor training.Actor, number, lang string) certificate.File {
	t.Helper()
	file, err := c.service.PDF(c.Context(), actor, number, lang)
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// textOf is what a reader of the page can copy from it, in single spaces.
func textOf(t *testing.T, pdf []byte) string {
	t.Helper()
	tool, err := services.Tool("pdftotext")
	if err != nil {
		t.Fatal(err)
	}
	command := exec.Command(tool, "-raw", "-", "-")
	command.Stdin = bytes.NewReader(pdf)
	out, err := command.Output()
	if err != nil {
		t.Fatal(err)
	}
	return regexp.MustCompile(`\s+`).ReplaceAllString(string(out), " ")
}

func wantKind(t *testing.T, what string, err error, kind training.Kind) {
	t.Helper()
	if !training.IsKind(err, kind) {
		t.Errorf("%s answers %v, want %s", what, err, kind)
	}
}
