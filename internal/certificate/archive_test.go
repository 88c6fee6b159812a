package certificate_test

import (
	"context"
	"encoding/json"
	"io"
	"strings"
	"sync/atomic"
	"testing"

	"entgo.io/ent"

	"github.com/varde-platform/varde/internal/certificate"
	"github.com/varde-platform/varde/internal/certificate/number"
	"github.com/varde-platform/varde/internal/testkit"
)

// Table, list and files are read one after the other. Whatever is revoked between
// them, they tell of the same moment.
func TestAnArchiveAgreesWithItselfWhateverIsRevokedMeanwhile(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		c, officer := staff(t, s)
		before := map[int64]string{2: c.standing(t, "mari"), 3: c.standing(t, "formula")}
		var reads atomic.Int64
		s.DB.Ent.Certificate.Intercept(ent.InterceptFunc(func(next ent.Querier) ent.Querier {
			return ent.QuerierFunc(func(ctx context.Context, q ent.Query) (ent.Value, error) {
				// The first read finds what there is, the second the latest of them.
				if gone, ok := before[reads.Add(1)-2]; ok {
					if _, err := s.DB.SQL.ExecContext(ctx, "UPDATE certificates SET revoked_at = issued_at, revoked_reason = 'facts_wrong' WHERE number = $1",
						gone); err != nil {
						t.Error(err)
					}
				}
				return next.Query(ctx, q)
			})
		}))
		files := unpacked(t, s, c.service, officer, certificate.Filter{})
		for _, gone := range before {
			if state := c.verify(t, gone).State; state != "revoked" {
				t.Fatalf("certificate %s is %s after the archive, so that nothing is tried", gone, state)
			}
		}
		rows := csvOf(t, files)
		var facts []map[string]any
		if err := json.Unmarshal(files["certificates.json"], &facts); err != nil {
			t.Fatal(err)
		}
		if len(rows) != 3 || len(facts) != 2 || len(files) != 4 {
			t.Fatalf("%d rows, %d facts, %d files; want 3, 2 and 4", len(rows), len(facts), len(files))
		}
		for i, row := range rows[1:] {
			if row[8] != "valid" || facts[i]["number"] != row[0] || facts[i]["state"] != row[8] || facts[i]["file"] != row[11] {
				t.Errorf("the table says %q, the list %v", row, facts[i])
			}
			if len(files[row[11]]) == 0 {
				t.Errorf("the file %q is listed and not there", row[11])
			}
		}
	})
}

// The files are made in goroutines, where a panic would end the server.
func TestAPanicWhileAFileIsMadeIsAnErrorThatKeepsTheNumber(t *testing.T) {
	s := testkit.SQLite(t)
	c, officer := staff(t, s)
	mari := c.standing(t, "mari")
	service := certificate.New(s.DB, certificate.Options{
		BaseURL: "https://varde.example", Seal: certificate.Seal{Issuer: testkit.Issuer(t)},
		Words: func(lang string) certificate.Words {
			if lang == "et" {
				panic("no words")
			}
			return words(t)(lang)
		},
	})
	archive, err := service.Archive(s.Context(), officer, "rescue", certificate.Filter{})
	if err != nil {
		t.Fatal(err)
	}
	err = archive.Write(s.Context(), io.Discard, func(int) {})
	if err == nil || !strings.Contains(err.Error(), "no words") || !strings.Contains(err.Error(), number.Mask(mari)) || strings.Contains(err.Error(), mari) {
		t.Errorf("the answer is %v", err)
	}
}
