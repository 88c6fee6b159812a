package handlers

import (
	"strings"

	"github.com/varde-platform/varde/internal/catalogue"
	"github.com/varde-platform/varde/internal/training"
)

// TextState is one line of the history of a text.
type TextState struct {
	When, DateTime string
	Who, Words     string // who saved it, and what it was: a translation, an original, deleted
	Text           string
}

// history says of a text who changed it last, and lists what it was; empty:
// nobody has edited it in Varde.
func (p *CourseTextsPage) history(revisions []catalogue.Revision) (last string, states []TextState) {
	zone := zoneOfCountry(p.Viewer.Country)
	for _, r := range revisions {
		state := TextState{When: p.Instant(r.At, zone), DateTime: p.DateTime(r.At), Who: r.By, Words: p.T("texts.deleted"), Text: r.Text}
		if r.By == "" {
			state.Who = p.T("texts.by_import")
		}
		if r.Text != "" {
			state.Words = p.T("texts.state_" + r.Origin)
		}
		states = append(states, state)
	}
	if len(revisions) == 0 {
		return "", nil
	}
	date := p.Date(training.DateOf(revisions[0].At.In(zoneOrUTC(zone))))
	if revisions[0].By == "" {
		return p.T("texts.brought_on", "date", date), states
	}
	return p.T("texts.edited_by", "name", revisions[0].By, "date", date), states
}

// TextPreview is one kind of text as readers see it: the original, and what those
// of the chosen language are shown.
type TextPreview struct {
	Kind, Heading  string
	Original, Seen []Phrase // several for what the course's page shows as a list
	Note           string   // that they read it in another language; empty: they do not
}

// previews are what the course's page shows of a course, in its order.
func (p *CourseTextsPage) previews(course *catalogue.Course) []TextPreview {
	var list []TextPreview
	for _, kind := range catalogue.Kinds {
		original, there := course.Original(kind)
		if !there {
			continue
		}
		seen, _ := course.Text(kind, p.IntoLang)
		preview := TextPreview{Kind: kind, Heading: p.T(textLabels[kind]), Original: p.asShown(kind, original), Seen: p.asShown(kind, seen)}
		if seen.Lang != p.IntoLang {
			preview.Note = p.T("texts.seen_in", "language", p.spokenLanguage(seen.Lang))
		}
		list = append(list, preview)
	}
	return list
}

// asShown is a text as the course's page has it: outcomes are a list.
func (p *CourseTextsPage) asShown(kind string, text catalogue.Text) []Phrase {
	if kind != catalogue.KindOutcomes {
		return []Phrase{p.inLanguage(text)}
	}
	var list []Phrase
	for line := range strings.Lines(text.Text) {
		if text.Text = strings.TrimLeft(strings.TrimSpace(line), "-–•* "); text.Text != "" {
			list = append(list, p.inLanguage(text))
		}
	}
	return list
}
