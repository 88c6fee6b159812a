package e2e

import (
	"crypto/rand"
	"testing"
	"time"

	"github.com/varde-platform/varde/ent"
	"github.com/varde-platform/varde/ent/certificate"
	"github.com/varde-platform/varde/internal/certificate/number"
	"github.com/varde-platform/varde/internal/testkit"
	"github.com/varde-platform/varde/internal/training"
)

// addStopped closes an edition whose one certificate has a letter that cannot be
// printed.
func (w *world) addStopped(t *testing.T) {
	t.Helper()
	run := w.finish(t, "C-STOPPED", w.people["unprintable"], false)
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		progress, err := w.app.Certificates.Progress(t.Context(), run)
		if err != nil {
			t.Fatal(err)
		}
		issuing, err := w.app.Certificates.Issuing(t.Context(), run)
		if err != nil {
			t.Fatal(err)
		}
		if len(progress.Stopped) == 1 && !issuing {
			return
		}
	}
	t.Fatal("nothing stops the certificate")
}

// manyCertificates are more than a page of the register holds.
const manyCertificates = 60

// addRegister gives somebody certificates of long ago, each replaced by the next.
func (w *world) addRegister(t *testing.T) {
	t.Helper()
	ctx, now, holder := t.Context(), w.Now(t), w.people["veteran"]
	today := training.DateOf(now)
	run := w.Run(t, testkit.R{Code: "C-MANY", Course: w.courseID(t, "ucpm-mbc"), Starts: today, Ends: today})
	w.DB.Ent.Run.UpdateOneID(run).SetClosedAt(now).ExecX(ctx)
	enrolled := must[*ent.Enrolment](t)(w.DB.Ent.Enrolment.Create().SetRef("VETERAN").SetRunID(run).SetPersonID(holder.PersonID).
		SetStatus(training.Completed).SetCreatedAt(now).SetUpdatedAt(now).Save(ctx))
	like := must[*ent.Certificate](t)(w.DB.Ent.Certificate.Query().Where(certificate.Number(w.values["valid"])).Only(ctx))
	next := ""
	for i := range manyCertificates {
		one := must[string](t)(number.New(rand.Reader))
		must[*ent.Certificate](t)(w.DB.Ent.Certificate.Create().SetNumber(one).SetEnrolmentID(enrolled.ID).SetRunID(run).SetPersonID(holder.PersonID).
			SetHolder("Wolfgang Schwarzenberger-Müller").SetLanguage("de").SetFacts(like.Facts).SetIssuedAt(now.AddDate(-1, 0, -i)).SetReplacedBy(next).Save(ctx))
		next = one
	}
}
