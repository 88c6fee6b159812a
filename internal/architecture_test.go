// Package internal_test holds the rooms to their direction (docs/architecture.md).
package internal_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/varde-platform/varde/"

// imports lists what the files of a folder import, tests aside.
func imports(t *testing.T, folder string) map[string][]string {
	t.Helper()
	found := map[string][]string{}
	err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, i := range file.Imports {
			name, err := strconv.Unquote(i.Path.Value)
			if err != nil {
				return err
			}
			found[filepath.ToSlash(path)] = append(found[filepath.ToSlash(path)], name)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(found) == 0 {
		t.Fatalf("no files in %s", folder)
	}
	return found
}

func forbid(t *testing.T, folder string, bad func(name string) bool) {
	t.Helper()
	for file, names := range imports(t, folder) {
		for _, name := range names {
			if bad(name) {
				t.Errorf("%s must not import %s", file, name)
			}
		}
	}
}

func TestTrainingKnowsTheStandardLibraryAlone(t *testing.T) {
	forbid(t, "training", func(name string) bool { return strings.Contains(strings.Split(name, "/")[0], ".") })
}

func TestHandlersAskServicesAlone(t *testing.T) {
	forbid(t, "../handlers", func(name string) bool {
		return strings.HasPrefix(name, module+"ent") || name == module+"internal/store" || name == module+"internal/kv" ||
			name == module+"internal/hold" || name == module+"internal/app" ||
			strings.Contains(name, "redis") || strings.Contains(name, "gofpdf") || strings.HasSuffix(name, "certificate/page")
	})
}

func TestTheSchemaKnowsTheVocabularyAlone(t *testing.T) {
	forbid(t, "../ent/schema", func(name string) bool {
		return strings.HasPrefix(name, module) && name != module+"internal/training"
	})
}

func TestServicesDoNotMeet(t *testing.T) {
	services := []string{"people", "catalogue", "enrolment", "roster", "certificate", "mail", "idempotency"}
	for _, service := range services {
		forbid(t, service, func(name string) bool {
			room := strings.TrimPrefix(name, module+"internal/")
			for _, other := range services {
				if other != service && (room == other || strings.HasPrefix(room, other+"/")) {
					return true
				}
			}
			return room == "app" || strings.Contains(name, "gofiber") || name == module+"handlers"
		})
	}
}

func TestOneRoomKnowsGofpdfAndOneKnowsRedis(t *testing.T) {
	for file, names := range imports(t, ".") {
		for _, name := range names {
			if strings.Contains(name, "gofpdf") && !strings.HasPrefix(file, "certificate/page/") {
				t.Errorf("%s imports gofpdf", file)
			}
			redis := strings.Contains(name, "go-redis") || strings.Contains(name, "miniredis")
			room := strings.Split(file, "/")[0]
			// bench measures Redis itself beside the seat lock.
			if redis && room != "kv" && room != "hold" && room != "limit" && room != "testkit" && room != "bench" {
				t.Errorf("%s imports %s", file, name)
			}
		}
	}
}
