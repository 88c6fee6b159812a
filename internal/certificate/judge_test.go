package certificate_test

import (
	"bytes"
	"testing"

	"github.com/varde-platform/varde/internal/certificate"
	"github.com/varde-platform/varde/internal/testkit"
)

func TestAFileSaysHowItsCertificateStandsNow(t *testing.T) {
	testkit.Each(t, func(t *testing.T, s *testkit.Setup) {
		c, holder, number := one(t, s)
		pdf := c.pdf(t, holder, number, "").Bytes
		j := judge(t, c.service, pdf)
		if !j.Genuine || j.Reason != "genuine" || j.Certificate == nil || j.Certificate.State != "valid" || j.Certificate.Holder != "Žydrūnė Šiaučiūnaitė" {
			t.Errorf("a valid one: %+v", j)
		}
		if err := c.service.Revoke(s.Context(), c.admin, number, "facts_wrong", ""); err != nil {
			t.Fatal(err)
		}
		j = judge(t, c.service, pdf)
		if !j.Genuine || j.Certificate == nil || j.Certificate.State != "revoked" || j.Certificate.Reason != "facts_wrong" {
			t.Errorf("a revoked one: %+v", j)
		}
		// A register that was put back from a copy of before knows nothing of it.
		for _, table := range []string{"certificate_files", "certificates"} {
			if _, err := s.DB.SQL.ExecContext(s.Context(), "DELETE FROM "+table); err != nil {
				t.Fatal(err)
			}
		}
		if j = judge(t, c.service, pdf); !j.Genuine || j.Number != number || j.Certificate != nil {
			t.Errorf("one that the register does not know: %+v", j)
		}
	})
}

func TestEachFileThatIsNotGenuineHasItsReason(t *testing.T) {
	s := testkit.SQLite(t)
	c, holder, number := one(t, s)
	pdf := c.pdf(t, holder, number, "").Bytes
	forger := c.with(t, certificate.Seal{Issuer: issuerOf(t, stranger)})
	forged, err := forger.PDF(s.Context(), holder, number, "de")
	if err != nil {
		t.Fatal(err)
	}
	flipped := bytes.Clone(pdf)
	flipped[bytes.Index(flipped, []byte("stream"))+20] ^= 1
	unsealed := pdf[:bytes.Index(pdf, []byte("%%EOF"))+len("%%EOF\n")]
	for name, test := range map[string]struct {
		pdf  []byte
		want string
	}{
		"nothing":        {nil, "not_a_pdf"},
		"a text":         {[]byte("certificate"), "not_a_pdf"},
		"half of it":     {pdf[:len(pdf)/2], "damaged"},
		"too long":       {append(bytes.Clone(pdf), make([]byte, certificate.MaxFileBytes)...), "too_large"},
		"another's":      {forged.Bytes, "unknown_issuer"},
		"a changed byte": {flipped, "altered"},
		"added to":       {append(bytes.Clone(pdf), "\n% more\n"...), "changed_after"},
		"without a seal": {unsealed, "not_signed"},
	} {
		if j := judge(t, c.service, test.pdf); j.Genuine || j.Reason != test.want || j.Certificate != nil {
			t.Errorf("%s: %+v, want %s", name, j, test.want)
		}
	}
}
