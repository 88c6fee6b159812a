package assets

import (
	"encoding/json"
	"io/fs"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"text/template/parse"

	"github.com/varde-platform/varde/locales"
)

// Why two texts may stand beside each other.
const (
	sentences = "a whole sentence after another"
	beside    = "a link with words of its own after a sentence"
	acts      = "buttons and links, each of which stands by itself"
	labelled  = "a label and what it names"
	things    = "two facts by which somebody is told from others"
	one       = "one alone is the current one"
	mail      = "the text of a mail, cut at its addresses"
	cut       = "one message, cut where the script changes the time"
	apart     = "parted by the style"
	clock     = "the time in the reader's own place, by itself in brackets"
)

// neighbours may stand beside each other without an element between them: each
// is whole by itself. They are named by the file and the two actions.
var neighbours = map[string]string{
	`layout.html: {{.Name}} {{.Name}}`:                                                  one,
	`pages/admin_certificate.html: {{.At}} {{.Reason}}`:                                 apart,
	`pages/admin_certificates.html: {{$row.Holder}} {{$row.Number}}`:                    things,
	`pages/admin_certificates.html: {{.Found}} {{.T "agency.show_all"}}`:                beside,
	`pages/admin_certificates.html: {{.Holder}} {{.Number}}`:                            things,
	`pages/admin_course_texts.html: {{.SeePage}} {{.T "texts.back"}}`:                   acts,
	`pages/admin_outbox.html: {{.Text}} {{.Text}}`:                                      mail,
	`pages/admin_seats.html: {{.Means}} {{$.T "admin.release_final"}}`:                  sentences,
	`pages/admin_seats.html: {{.Note}} {{.T "admin.seats_fixed"}}`:                      sentences,
	`pages/agency.html: {{.Found}} {{$.T "agency.show_all"}}`:                           beside,
	`pages/agency.html: {{.Holder}} {{.Number}}`:                                        things,
	`pages/course.html: {{.Text}} {{.Link}}`:                                            beside,
	`pages/courses.html: {{.}} {{.}}`:                                                   sentences,
	`pages/enrol.html: {{.Before}} {{.Time}}`:                                           cut,
	`pages/enrol.html: {{.Time}} {{.After}}`:                                            cut,
	`pages/enrolment.html: {{$.T "enrolment.add_calendar"}} {{.T "enrolment.to_run"}}`:  acts,
	`pages/enrolment.html: {{.T "enrolment.to_mine"}} {{$.T "enrolment.add_calendar"}}`: acts,
	`pages/enrolment.html: {{.T "enrolment.to_mine"}} {{.T "enrolment.to_run"}}`:        acts,
	`pages/enrolment.html: {{.At}} {{.Reason}}`:                                         apart,
	`pages/front.html: {{.For}} {{.T "front.next_everybody"}}`:                          beside,
	`pages/roster.html: {{.ThresholdSentence}} {{.T "teach.results_text"}}`:             sentences,
	`pages/run.html: {{.}} {{template "moment" (pair $ $.Withdraw)}}`:                   clock,
	`pages/state.html: {{.Course.Text}} {{.Dates}}`:                                     things,
	`pages/state.html: {{.Found}} {{$.T "agency.show_all"}}`:                            beside,
	`pages/state.html: {{.Means}} {{$.T "admin.release_final"}}`:                        sentences,
	`partials/contact.html: {{.T "papers.contact"}} {{.Contact}}`:                       labelled,
	`partials/forms.html: {{.}} {{.Text}}`:                                              labelled,
	`partials/runseats.html: {{.}} {{$page.T "run.quotas"}}`:                            beside,
	`partials/seats.html: {{.}} {{.}}`:                                                  sentences,
}

// throughout are elements in the midst of a line, which part no sentence.
var throughout = []string{"a", "abbr", "b", "bdi", "em", "i", "q", "strong", "time"}

// inline are partials that are a piece of a line.
var inline = []string{"phrase", "moment"}

// spokenAttributes are read aloud or shown.
var spokenAttributes = []string{"alt", "aria-description", "aria-label", "content", "placeholder", "title"}

// wordless are methods that give no text.
var wordless = regexp.MustCompile(`^\{\{\$?(page)?\.(\w+\.)*(Icon|Asset|Href|Slug|Status|Structured)\b`)

// place is where a reader of the template stands: what came last in the line.
type place struct {
	inTag, quoted   bool
	name, attribute string
	tag             string
	last            string // the text before, with nothing but signs since; empty: none
	held            string // the same outside of the tag
}

// neighbourhood reads a template and keeps which texts come together.
type neighbourhood struct {
	whole map[string]bool // keys of messages that are whole sentences
	found map[string]bool
}

func (n *neighbourhood) list(list *parse.ListNode, at []place) []place {
	if list == nil {
		return at
	}
	for _, node := range list.Nodes {
		at = n.node(node, at)
	}
	return at
}

func (n *neighbourhood) node(node parse.Node, at []place) []place {
	switch node := node.(type) {
	case *parse.TextNode:
		return each(at, func(p place) place { return p.read(string(node.Text)) })
	case *parse.ActionNode:
		if len(node.Pipe.Decl) > 0 || wordless.MatchString(node.String()) {
			return at
		}
		return n.says(node.String(), at)
	case *parse.TemplateNode:
		if slices.Contains(inline, node.Name) {
			return n.says(node.String(), at)
		}
		return each(at, func(p place) place { p.last = ""; return p })
	case *parse.IfNode:
		return unique(n.list(node.List, at), n.list(node.ElseList, at))
	case *parse.WithNode:
		return unique(n.list(node.List, at), n.list(node.ElseList, at))
	case *parse.RangeNode:
		once := n.list(node.List, at)
		return unique(once, n.list(node.List, once), n.list(node.ElseList, at))
	}
	return at
}

func each(at []place, change func(place) place) []place {
	out := make([]place, len(at))
	for i, p := range at {
		out[i] = change(p)
	}
	return unique(out)
}

func unique(lists ...[]place) []place {
	var out []place
	for _, p := range slices.Concat(lists...) {
		if !slices.Contains(out, p) {
			out = append(out, p)
		}
	}
	return out
}

var messageOf = regexp.MustCompile(`\.T "([a-z0-9_.]+)"`)

func (n *neighbourhood) says(source string, at []place) []place {
	return each(at, func(p place) place {
		if p.inTag && !(p.quoted && slices.Contains(spokenAttributes, p.attribute)) {
			return p
		}
		if before := messageOf.FindStringSubmatch(p.last); p.last != "" && (before == nil || !n.whole[before[1]]) {
			n.found[p.last+" "+source] = true
		}
		p.last = source
		return p
	})
}

// read goes on through text. In it a tag begins or ends, and a line with it.
func (p place) read(text string) place {
	for _, r := range text {
		switch {
		case p.quoted:
			if r == '"' {
				p.quoted, p.last = false, ""
			}
		case p.inTag && r == '"':
			p.quoted, p.attribute, p.last, p.name = true, p.name, "", ""
		case p.inTag && r == '>':
			p.inTag, p.last = false, ""
			if slices.Contains(throughout, strings.Trim(p.tag, "/ ")) {
				p.last = p.held
			}
			p.held, p.tag, p.name, p.attribute = "", "", "", ""
		case p.inTag && (r == ' ' || r == '\n'):
			p.name = ""
		case p.inTag && r == '=':
		case p.inTag:
			if p.name += string(r); p.attribute == "" && !strings.Contains(p.tag, " ") {
				p.tag += string(r)
			}
		case r == '<':
			p.inTag, p.held = true, p.last
		}
		if p.inTag && (r == ' ' || r == '\n') && !p.quoted && !strings.HasSuffix(p.tag, " ") {
			p.tag += " "
		}
	}
	return p
}

// neighboursIn lists the texts of a template that stand beside each other.
func neighboursIn(t *testing.T, text string, whole map[string]bool) []string {
	t.Helper()
	tree := parse.New("page")
	tree.Mode = parse.SkipFuncCheck
	set := map[string]*parse.Tree{}
	if _, err := tree.Parse(text, "{{", "}}", set); err != nil {
		t.Fatal(err)
	}
	set["page"] = tree
	n := &neighbourhood{whole: whole, found: map[string]bool{}}
	for _, one := range set {
		n.list(one.Root, []place{{}})
	}
	return slices.Sorted(maps.Keys(n.found))
}

// wholeSentences are the messages that are sentences from their first letter to
// their last sign.
func wholeSentences(t *testing.T) map[string]bool {
	t.Helper()
	text, err := locales.Files.ReadFile("en.json")
	if err != nil {
		t.Fatal(err)
	}
	var messages map[string]any
	if err := json.Unmarshal(text, &messages); err != nil {
		t.Fatal(err)
	}
	whole := map[string]bool{}
	sentence := regexp.MustCompile(`^[\p{Lu}\pN{“].*[.!?]$`)
	for key, value := range messages {
		forms, plural := value.(map[string]any)
		if !plural {
			forms = map[string]any{"": value}
		}
		whole[key] = true
		for _, form := range forms {
			whole[key] = whole[key] && sentence.MatchString(form.(string))
		}
	}
	return whole
}

// Two texts in one line are a sentence in pieces, unless the first is a sentence
// of its own or somebody has looked at them.
func TestNoTemplatePiecesASentenceTogether(t *testing.T) {
	whole := wholeSentences(t)
	needed := map[string]bool{}
	err := fs.WalkDir(Templates(), ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".html") {
			return err
		}
		text, err := fs.ReadFile(Templates(), path)
		if err != nil {
			return err
		}
		for _, pair := range neighboursIn(t, string(text), whole) {
			name := path + ": " + pair
			needed[name] = true
			if neighbours[name] == "" {
				t.Errorf("%s stand beside each other in a line", name)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for name := range neighbours {
		if !needed[name] {
			t.Errorf("%s is explained and needs it no more", name)
		}
	}
}

func TestASentenceInPiecesIsFound(t *testing.T) {
	whole := map[string]bool{"a.whole": true}
	for template, want := range map[string]bool{
		`<p>{{.T "a.b"}} {{.T "c.d"}}</p>`:                                          true,
		`<p>{{.T "a.b"}}{{with .X}}, {{.}}{{end}}</p>`:                              true,
		`<p>{{.Before}}<time datetime="{{.At}}">{{.Time}}</time></p>`:               true,
		`<p>{{.T "a.b"}} <a href="{{.Href "/x"}}" lang="{{.L}}">{{.Text}}</a>.</p>`: true,
		`<ul>{{range .X}}{{.}}, {{end}}</ul>`:                                       true,
		`<a aria-label="{{.A}}: {{.B}}" href="/x">{{.C}}</a>`:                       true,
		`<p>{{.A}} {{template "phrase" .}}</p>`:                                     true,
		`<p>{{.T "a.whole"}} {{.T "c.d"}}</p>`:                                      false,
		`<p>{{if .X}}{{.A}}{{else}}{{.B}}{{end}}</p>`:                               false,
		`<dt>{{.A}}</dt><dd>{{.B}}</dd>`:                                            false,
		`<li>{{.Icon "x"}}<span>{{.A}}</span><br><span>{{.B}}</span></li>`:          false,
		`<p class="{{.A}} {{.B}}">{{.C}}</p>`:                                       false,
		`{{range .X}}<li>{{.}}</li>{{end}}`:                                         false,
		`<time datetime="{{.A}}">{{.B}}</time>`:                                     false,
	} {
		if got := len(neighboursIn(t, template, whole)) > 0; got != want {
			t.Errorf("%s: found %v", template, got)
		}
	}
}
