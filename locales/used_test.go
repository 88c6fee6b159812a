package locales

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestEveryMessageIsUsedAndEveryUsedOneIsThere reads the program's own text: a
// key that no language has would be shown as it is, and one that nothing uses is
// work for twelve translators in vain.
func TestEveryMessageIsUsedAndEveryUsedOneIsThere(t *testing.T) {
	english := load(t, "en")
	text := sources(t)
	quoted := regexp.MustCompile(`"([a-z_]+\.[a-z0-9_.]+)"`)
	said := regexp.MustCompile(`(?:\bT|[a-z]\.T) "([a-z_]+\.[a-z0-9_.]+)"`)
	for _, m := range said.FindAllStringSubmatch(text, -1) {
		if _, ok := english[m[1]]; !ok && !strings.HasSuffix(m[1], ".") && !strings.HasSuffix(m[1], "_") {
			t.Errorf("a template says %s, which is no message", m[1])
		}
	}
	areas := map[string]bool{}
	for key := range english {
		areas[key[:strings.IndexByte(key, '.')]] = true
	}
	used := map[string]bool{}
	for _, m := range quoted.FindAllStringSubmatch(text, -1) {
		used[m[1]] = true
	}
	prefixes := regexp.MustCompile(`"([a-z_]+\.[a-z0-9_]*)"`)
	var open []string
	for _, m := range prefixes.FindAllStringSubmatch(text, -1) {
		if strings.HasSuffix(m[1], ".") || strings.HasSuffix(m[1], "_") {
			open = append(open, m[1])
		}
	}
	for key := range english {
		if used[key] || madeOf(key, open) {
			continue
		}
		t.Errorf("nothing says %s", key)
	}
}

// madeOf: keys such as status.pending are put together from a prefix that ends
// in a point or underscore.
func madeOf(key string, prefixes []string) bool {
	for _, p := range prefixes {
		if strings.HasPrefix(key, p) {
			return true
		}
	}
	return strings.HasPrefix(key, "fault.") || strings.HasPrefix(key, "mail.")
}

func sources(t *testing.T) string {
	t.Helper()
	var all strings.Builder
	for _, root := range []string{"../handlers", "../internal", "../assets/templates", "../cmd"} {
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || strings.HasSuffix(path, "_test.go") ||
				filepath.Ext(path) != ".go" && filepath.Ext(path) != ".html" {
				return err
			}
			text, err := os.ReadFile(path)
			all.Write(text)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return all.String()
}
