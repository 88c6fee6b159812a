package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// keep puts a file into the database as if the key had sealed it. Its certificate
// makes no difference here, so that there is none.
func keep(t *testing.T, kind, language, sealedBy string) {
	t.Helper()
	conn, err := installation(t).DB.SQL.Conn(t.Context())
	must(t, err)
	defer conn.Close()
	for _, statement := range []string{"PRAGMA foreign_keys = OFF", `INSERT INTO certificate_files
		(certificate_id, kind, language, bytes, sha256, sealed_by, made_at) VALUES (1, '` + kind + `', '` + language + `', 'x', '', '` + sealedBy + `', '2027-01-01')`} {
		_, err := conn.ExecContext(t.Context(), statement)
		must(t, err)
	}
}

func TestTheFilesOfAStolenKeyAreForgottenOnceItIsMarked(t *testing.T) {
	folder := bare(t)
	stolen := fingerprintOf(t, done(t, "", "keys"))
	chain := filepath.Join(folder, "signing.pem")
	forget := []string{"certificate", "forget", "--key", stolen}
	refused(t, exitNo, "", forget, "revoked")

	must(t, os.Rename(chain, filepath.Join(folder, "past.pem")))
	must(t, os.Remove(filepath.Join(folder, "signing.key")))
	changed := fingerprintOf(t, done(t, "", "keys", "--past", filepath.Join(folder, "past.pem")))
	refused(t, exitNo, "", forget, "revoked")
	text, err := os.ReadFile(chain)
	must(t, err)
	blocks := strings.SplitAfter(string(text), "-----BEGIN CERTIFICATE-----\n")
	blocks[3] = "Varde-Revoked: 2027-01-01T00:00:00Z\n\n" + blocks[3] // new key, its root, old key, its root
	write(t, chain, strings.Join(blocks, ""))

	keep(t, "pdf", "lv", stolen)
	keep(t, "badge", "lv", stolen)
	keep(t, "pdf", "de", changed) // with the badge of the stolen one
	for range 2 {
		if out := done(t, "", forget...); !strings.HasPrefix(out, "certificates 1, PDF files 2, badges 1: would be forgotten") {
			t.Errorf("counted: %q", out)
		}
	}
	if out := done(t, "", "certificate", "forget", "--delete", "--key", strings.ToUpper(stolen)); !strings.HasPrefix(out, "certificates 1, PDF files 2, badges 1: forgotten;") {
		t.Errorf("forgotten: %q", out)
	}
	if n := installation(t).DB.Ent.CertificateFile.Query().CountX(t.Context()); n != 0 {
		t.Errorf("%d files are still there", n)
	}
	refused(t, exitNo, "", []string{"certificate", "forget", "--key", changed}, "revoked")
	refused(t, exitNo, "", []string{"certificate", "forget", "--key", strings.Repeat("0", 64)}, "no such key")
	refused(t, exitUsage, "", []string{"certificate", "forget"}, "--key")
	refused(t, exitUsage, "", []string{"certificate", "forget", "--key", stolen, "more"}, "more")
}
