package certificate_test

import (
	"bytes"
	"context"
	"encoding/pem"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/varde-platform/varde/ent/certificatefile"
	"github.com/varde-platform/varde/internal/certificate"
	"github.com/varde-platform/varde/internal/certificate/seal"
	"github.com/varde-platform/varde/internal/testkit"
	"github.com/varde-platform/varde/internal/testkit/services"
	"github.com/varde-platform/varde/internal/training"
)

// nextIssuer has a newer key, made as an installation's would be that changes it:
// its chain vouches for the past one too.
var nextIssuer = sync.OnceValues(func() (*seal.Issuer, error) { return newIssuer(pastChain, nil) })

// stranger has the same name and a key of its own.
var stranger = sync.OnceValues(func() (*seal.Issuer, error) { return newIssuer(nil, nil) })

var pastChain *seal.Chain

// issuerWith has a newer key whose chain an operator has changed.
func issuerWith(t *testing.T, change func(*seal.Chain) *seal.Chain) *seal.Issuer {
	t.Helper()
	issuer, err := newIssuer(testkit.Issuer(t).Chain(), change)
	if err != nil {
		t.Fatal(err)
	}
	return issuer
}

func newIssuer(past *seal.Chain, change func(*seal.Chain) *seal.Chain) (*seal.Issuer, error) {
	folder, err := os.MkdirTemp("", "varde-test-key")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(folder)
	n := seal.New{KeyFile: filepath.Join(folder, "key"), ChainFile: filepath.Join(folder, "chain"), Name: "Varde",
		At: time.Now().AddDate(0, 0, -1), Past: past}
	if err := seal.Make(n); err != nil {
		return nil, err
	}
	issuer, err := seal.Load(n.KeyFile, n.ChainFile, "")
	if err != nil || change == nil {
		return issuer, err
	}
	if err := os.WriteFile(n.ChainFile, change(issuer.Chain()).PEM(), 0o600); err != nil {
		return nil, err
	}
	return seal.Load(n.KeyFile, n.ChainFile, "")
}

func issuerOf(t *testing.T, make func() (*seal.Issuer, error)) *seal.Issuer {
	t.Helper()
	pastChain = testkit.Issuer(t).Chain()
	issuer, err := make()
	if err != nil {
		t.Fatal(err)
	}
	return issuer
}

// with is the same register with another key.
func (c course) with(t *testing.T, s certificate.Seal) *certificate.Service {
	t.Helper()
	return certificate.New(c.DB, certificate.Options{
		BaseURL: "https://varde.example", Issuer: "Baltic Training Board", Words: words(t), Seal: s,
	})
}

// marked is a chain in which one certificate is revoked.
func marked(t *testing.T, chain *seal.Chain, fingerprint string, at time.Time) *seal.Chain {
	t.Helper()
	var text bytes.Buffer
	for i, c := range chain.Certificates() {
		block := &pem.Block{Type: "CERTIFICATE", Bytes: c.Raw}
		if seal.Fingerprint(c) == fingerprint {
			block.Headers = map[string]string{"Varde-Revoked": at.UTC().Format(time.RFC3339)}
		}
		if err := pem.Encode(&text, block); err != nil {
			t.Fatalf("certificate %d: %v", i, err)
		}
	}
	parsed, err := seal.ParseChain(text.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}

// one is a course with one certificate: its holder and number.
func one(t *testing.T, s *testkit.Setup) (course, training.Actor, string) {
	t.Helper()
	c := ended(t, s)
	holder := c.came(t, testkit.P{Email: "zydrune@example.org", Name: "Žydrūnė Šiaučiūnaitė", Locale: "lt"}, training.Completed, 5)
	c.close(t)
	c.issue(t)
	return c, holder, c.standing(t, "zydrune")
}

func judge(t *testing.T, s *certificate.Service, pdf []byte) certificate.Judged {
	t.Helper()
	j, err := s.Judge(t.Context(), pdf)
	if err != nil {
		t.Fatal(err)
	}
	return j
}

func TestAFileOnceGivenOutStaysAsItIsWhenTheKeyChanges(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		c, holder, number := one(t, s)
		next := issuerOf(t, nextIssuer)
		first := c.pdf(t, holder, number, "")
		s.DB.Shift(time.Hour)
		if again := c.pdf(t, holder, number, "lt"); !bytes.Equal(first.Bytes, again.Bytes) {
			t.Error("asked for again, the file has other bytes")
		}

		changed := c.with(t, certificate.Seal{Issuer: next})
		after, err := changed.PDF(s.Context(), holder, number, "lt")
		if err != nil || !bytes.Equal(first.Bytes, after.Bytes) {
			t.Errorf("after a change of the key the file has other bytes (%v)", err)
		}
		other, err := changed.PDF(s.Context(), holder, number, "de")
		if err != nil {
			t.Fatal(err)
		}
		for what, pdf := range map[string][]byte{testkit.Issuer(t).Fingerprint(): first.Bytes, next.Fingerprint(): other.Bytes} {
			j := judge(t, changed, pdf)
			if !j.Genuine || j.Number != number || j.Fingerprint != what || j.Certificate == nil || j.Certificate.State != "valid" {
				t.Errorf("a file by key %.8s is judged %+v", what, j)
			}
		}
		// A server that does not know the new key yet must not call the file genuine.
		if j := judge(t, c.service, other.Bytes); j.Genuine || j.Reason != "unknown_issuer" {
			t.Errorf("without the new key in the chain: %+v", j)
		}
		rows := s.DB.Ent.CertificateFile.Query().Where(certificatefile.Kind("pdf")).AllX(s.Context())
		for _, row := range rows {
			want := map[string]string{"lt": testkit.Issuer(t).Fingerprint(), "de": next.Fingerprint()}[row.Language]
			if row.SealedBy != want {
				t.Errorf("the file in %s is said to be sealed by %.8s, want %.8s", row.Language, row.SealedBy, want)
			}
		}
	})
}

func TestThoseWhoAskAtTheSameMomentGetTheSameBytes(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		c, holder, number := one(t, s)
		// The keys differ, so that two files made would differ too.
		servers := []*certificate.Service{c.service, c.with(t, certificate.Seal{Issuer: issuerOf(t, nextIssuer)})}
		files, badges := make([][]byte, 8), make([][]byte, 8)
		var wg sync.WaitGroup
		for i := range files {
			wg.Go(func() {
				pdf, err := servers[i%2].PDF(s.Context(), holder, number, "")
				files[i] = pdf.Bytes
				badge, badgeErr := servers[i%2].Badge(s.Context(), holder, number)
				badges[i] = badge.Bytes
				if err := errors.Join(err, badgeErr); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		for i := range files {
			if !bytes.Equal(files[0], files[i]) || !bytes.Equal(badges[0], badges[i]) {
				t.Errorf("the %d. has other bytes than the first", i+1)
			}
		}
		if n := s.DB.Ent.CertificateFile.Query().CountX(s.Context()); n != 2 {
			t.Errorf("%d files are kept, want PDF and badge", n)
		}
	})
}

func TestARevokedKeyIsRefusedFromItsDate(t *testing.T) {
	s := testkit.SQLite(t)
	c, holder, number := one(t, s)
	pdf := c.pdf(t, holder, number, "").Bytes
	revokedAt := s.Now(t).Add(time.Hour)
	after := c.with(t, certificate.Seal{Issuer: issuerWith(t, func(chain *seal.Chain) *seal.Chain {
		return marked(t, chain, testkit.Issuer(t).Fingerprint(), revokedAt)
	})})
	if j := judge(t, after, pdf); !j.Genuine {
		t.Errorf("before the date: %+v", j)
	}
	s.DB.Shift(2 * time.Hour)
	if j := judge(t, after, pdf); j.Genuine || j.Reason != "key_revoked" || j.Certificate != nil {
		t.Errorf("after the date: %+v", j)
	}
	if file, err := after.PDF(s.Context(), holder, number, "pl"); err != nil || !judge(t, after, file.Bytes).Genuine {
		t.Errorf("a file by the new key: %v", err)
	}
}

func TestOthersProgramsReadTheSealedFile(t *testing.T) {
	s := testkit.SQLite(t)
	c, holder, number := one(t, s)
	file := filepath.Join(t.TempDir(), "certificate.pdf")
	pdf := c.pdf(t, holder, number, "").Bytes
	if err := os.WriteFile(file, pdf, 0o600); err != nil {
		t.Fatal(err)
	}
	if text := textOf(t, pdf); !strings.Contains(text, "Žydrūnė Šiaučiūnaitė") {
		t.Errorf("the name does not come back: %s", text)
	}
	for program, want := range map[string][]string{
		"pdfsig -nocert":  {"Signature is Valid.", "Total document signed", "ETSI.CAdES.detached"},
		"qpdf --check":    {"No syntax or stream encoding errors found"},
		"pdfdetach -list": {"1: open-badge.jwt"},
	} {
		words := strings.Fields(program)
		tool, err := services.Tool(words[0])
		if err != nil {
			t.Fatal(err)
		}
		out, _ := exec.Command(tool, append(words[1:], file)...).CombinedOutput() // pdfsig ends with 1 where it has no trusted root
		for _, sentence := range want {
			if !strings.Contains(string(out), sentence) {
				t.Errorf("%s does not say %q:\n%s", program, sentence, out)
			}
		}
	}
}

// silent is an authority of time-stamps that does not answer.
type silent struct{ calls int }

func (s *silent) Timestamp(context.Context, []byte) ([]byte, error) {
	s.calls++
	return nil, errors.New("no answer")
}

func TestWhileTheAuthorityOfTimeStampsIsAwayNoFileIsGivenOutWithoutOne(t *testing.T) {
	s := testkit.SQLite(t)
	c, holder, number := one(t, s)
	authority := &silent{}
	stamped := c.with(t, certificate.Seal{Issuer: testkit.Issuer(t), Timestamp: authority})
	_, err := stamped.PDF(s.Context(), holder, number, "")
	wantKind(t, "a file that cannot be stamped", err, training.KindUnavailable)
	if n := s.DB.Ent.CertificateFile.Query().Where(certificatefile.Kind("pdf")).CountX(s.Context()); n != 0 || authority.calls != 1 {
		t.Errorf("%d files are kept after %d calls", n, authority.calls)
	}
	kept := c.pdf(t, holder, number, "").Bytes
	if file, err := stamped.PDF(s.Context(), holder, number, ""); err != nil || !bytes.Equal(file.Bytes, kept) {
		t.Errorf("what is kept needs no authority: %v", err)
	}
}

// slow is an authority that answers when it is told to.
type slow struct{ asked, answer chan struct{} }

func (s slow) Timestamp(ctx context.Context, _ []byte) ([]byte, error) {
	s.asked <- struct{}{}
	<-s.answer
	return nil, errors.New("too late")
}

func TestASlowAuthorityKeepsNobodyElseWaiting(t *testing.T) {
	s := testkit.SQLite(t)
	c, holder, number := one(t, s)
	pdf := c.pdf(t, holder, number, "").Bytes
	authority := slow{make(chan struct{}), make(chan struct{})}
	stamped := c.with(t, certificate.Seal{Issuer: testkit.Issuer(t), Timestamp: authority})
	var wg sync.WaitGroup
	languages := training.Languages[:min(len(training.Languages), 2*runtime.GOMAXPROCS(0))]
	for _, lang := range languages {
		if lang == "lt" {
			continue
		}
		wg.Go(func() {
			_, err := stamped.PDF(s.Context(), holder, number, lang)
			wantKind(t, "a file without its time-stamp", err, training.KindUnavailable)
		})
		<-authority.asked // more than there are processors wait at once
	}
	if j := judge(t, stamped, pdf); !j.Genuine {
		t.Errorf("meanwhile: %+v", j)
	}
	close(authority.answer)
	wg.Wait()
}

func TestAKeptFileThatWasChangedInTheDatabaseIsNotGivenOut(t *testing.T) {
	s := testkit.SQLite(t)
	c, holder, number := one(t, s)
	c.pdf(t, holder, number, "")
	if _, err := s.DB.SQL.ExecContext(s.Context(), `UPDATE certificate_files SET bytes = $1 WHERE kind = 'pdf'`, []byte("%PDF-1.7 forged")); err != nil {
		t.Fatal(err)
	}
	if file, err := c.service.PDF(s.Context(), holder, number, ""); err == nil {
		t.Errorf("%q is given out", file.Bytes)
	}
}
