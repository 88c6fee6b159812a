package i18n

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"
)

// speaking are the methods whose texts are in the reader's language.
var speaking = []string{"T", "Date", "DateShort", "DateRange", "DateRangeShort", "Weekday", "Instant", "Deadline", "DeadlineFor", "InstantFor",
	"Clock", "ClockCity", "City", "Country", "LanguageName", "And", "Or", "sentence"}

// joints are where whole things stand beside each other, and no sentence is put
// together, by the text of the expression.
var joints = map[string]string{
	`b.T("waiting.time", "count", wholeHours(early)) + " " + b.T("waiting.time_late", "count", wholeHours(late))`: "a whole sentence after another",
	`speaker.T("mail."+m.Name+".body", args...) + "\n\n" + speaker.T("mail.signature") + "\n"`:                    "paragraphs of their own",
	`zone+"="+For(lang).City(zone)`:                                                        "a table for the script of the page",
	`s.locale.DateTime(t.In(loc)) + " (" + s.locale.City(zone) + ")"`:                      "a city in brackets, which is so in all twelve languages",
	`s.Clock(t, zone) + " (" + s.City(zone) + ")"`:                                         "a city in brackets, which is so in all twelve languages",
	`s.Instant(t, zone) + ", " + here`:                                                     "the same instant a second time, in apposition",
	`code + ": " + title.Text`:                                                             "a code, and the name that it stands for",
	`strings.Join(sentences, " ")`:                                                         "whole sentences after one another",
	`strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), ", ")`: "a town and its country, as in an address",
	`r.Address + ", " + place`:                                                             "an address",
	`strings.Join(ids, " ")`:                                                               "identifiers in an attribute",
}

// joined lists the places of a file where texts in the reader's language are
// joined by the program instead of by a message. handles: it is one of handlers,
// where whatever is joined by a blank is for people.
func joined(fset *token.FileSet, file *ast.File, handles bool) map[token.Pos]string {
	found := map[token.Pos]string{}
	ast.Inspect(file, func(n ast.Node) bool {
		switch e := n.(type) {
		case *ast.BinaryExpr:
			if e.Op != token.ADD {
				return true
			}
			parts := operands(e)
			said := slices.ContainsFunc(parts, says)
			others := slices.ContainsFunc(parts, func(p ast.Expr) bool { return !says(p) && !silent(p) })
			if said && (others || count(parts, says) > 1) || handles && slices.ContainsFunc(parts, pointing) {
				found[e.Pos()] = text(fset, e)
			}
			return false
		case *ast.AssignStmt:
			if e.Tok == token.ADD_ASSIGN && says(e.Rhs[0]) {
				found[e.Pos()] = text(fset, e)
			}
		case *ast.CallExpr:
			name := called(e)
			switch {
			case name == "Join" && len(e.Args) == 2 && (!silent(e.Args[1]) && anyIn(e.Args[0], says) || handles && parting(e.Args[1]) && !splits(e.Args[0])):
				found[e.Pos()] = text(fset, e)
			case strings.HasPrefix(name, "Sprint") && slices.ContainsFunc(e.Args, says):
				found[e.Pos()] = text(fset, e)
			}
		}
		return true
	})
	return found
}

func operands(e ast.Expr) []ast.Expr {
	if b, ok := e.(*ast.BinaryExpr); ok && b.Op == token.ADD {
		return append(operands(b.X), operands(b.Y)...)
	}
	return []ast.Expr{e}
}

func count(parts []ast.Expr, is func(ast.Expr) bool) int {
	n := 0
	for _, p := range parts {
		if is(p) {
			n++
		}
	}
	return n
}

func called(call *ast.CallExpr) string {
	switch f := call.Fun.(type) {
	case *ast.Ident:
		return f.Name
	case *ast.SelectorExpr:
		return f.Sel.Name
	}
	return ""
}

// says reports whether an expression is a text in the reader's language.
func says(e ast.Expr) bool {
	call, ok := e.(*ast.CallExpr)
	return ok && slices.Contains(speaking, called(call)) && len(call.Args) > 0
}

func anyIn(e ast.Expr, is func(ast.Expr) bool) bool {
	found := false
	ast.Inspect(e, func(n ast.Node) bool {
		if x, ok := n.(ast.Expr); ok && is(x) {
			found = true
		}
		return !found
	})
	return found
}

// silent is a literal that parts nothing: without words, blanks and signs of a
// sentence.
func silent(e ast.Expr) bool {
	lit, ok := e.(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return false
	}
	value, err := strconv.Unquote(lit.Value)
	return err == nil && (strings.TrimSpace(value) == "" && strings.Contains(value, "\n") || value == "")
}

// parting is a literal of blanks and signs that stand between words.
func parting(e ast.Expr) bool {
	lit, ok := e.(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return false
	}
	value, err := strconv.Unquote(lit.Value)
	return err == nil && strings.Contains(value, " ") && strings.Trim(value, " ,;:()–—·.") == ""
}

// pointing is one with a sign: a blank alone also parts what machines read.
func pointing(e ast.Expr) bool {
	return parting(e) && strings.TrimSpace(strings.Trim(e.(*ast.BasicLit).Value, "\"`")) != ""
}

// splits: what was split at its blanks and is joined again.
func splits(e ast.Expr) bool {
	call, ok := e.(*ast.CallExpr)
	return ok && called(call) == "Fields"
}

func text(fset *token.FileSet, e ast.Node) string {
	source, err := os.ReadFile(fset.Position(e.Pos()).Filename)
	if err != nil {
		return err.Error()
	}
	return strings.Join(strings.FieldsFunc(string(source[fset.Position(e.Pos()).Offset:fset.Position(e.End()).Offset]), unicode.IsSpace), " ")
}

// The order of the parts of a sentence, and what stands between them, is the
// language's: it belongs into a message, a list into And or Or.
func TestNoSentenceIsPutTogetherByTheProgram(t *testing.T) {
	needed := map[string]bool{}
	read := 0
	for _, root := range []string{"../../handlers", ".."} {
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") {
				return err
			}
			fset := token.NewFileSet()
			file, err := parser.ParseFile(fset, path, nil, 0)
			if err != nil {
				return err
			}
			read++
			for pos, source := range joined(fset, file, root == "../../handlers") {
				needed[source] = true
				if joints[source] == "" {
					t.Errorf("%s puts a text together: %s", strings.TrimPrefix(fmt.Sprint(fset.Position(pos)), "../../"), source)
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if read < 100 {
		t.Errorf("%d files were read", read)
	}
	for source := range joints {
		if !needed[source] {
			t.Errorf("%s is explained and needs it no more", source)
		}
	}
}

func TestASentencePutTogetherIsFound(t *testing.T) {
	for source, want := range map[string]bool{
		`b.T("a") + " " + name`:                       true,
		`b.T("a") + b.T("b")`:                         true,
		`name + ", " + b.Country(code)`:               true,
		`fmt.Sprintf("%s (%s)", b.T("a"), x)`:         true,
		`strings.Join([]string{b.T("a"), x}, ", ")`:   true,
		`b.T("a", "name", first+" "+last)`:            false,
		`b.T("a." + kind)`:                            false,
		`b.T("error.title", "title", b.T("a."+kind))`: false,
		`b.T("a") + ""`:                               false,
		`path + "/x"`:                                 false,
		`place + ", " + country`:                      true,
		`strings.Join(names, ", ")`:                   true,
		`strings.Join(strings.Fields(q), " ")`:        false,
	} {
		file := filepath.Join(t.TempDir(), "x.go")
		if err := os.WriteFile(file, []byte("package x\nvar _ = "+source+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		fset := token.NewFileSet()
		parsed, err := parser.ParseFile(fset, file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		if got := len(joined(fset, parsed, true)) > 0; got != want {
			t.Errorf("%s: found %v", source, got)
		}
	}
}
