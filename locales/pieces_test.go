package locales

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/varde-platform/varde/internal/training"
)

// label: what it names stands apart from it, in a column, a field or a line of
// its own, so no word of the one depends on the other.
const (
	label   = "a label: what it names stands apart"
	caption = "a caption of a figure or a sign, without a sentence around it"
	list    = "a list of whole items follows in lines of their own"
	cookie  = "begins with the name of the cookie"
	paper   = "a line of the certificate, where names and titles stand in lines of their own and no word depends on them"
	line    = "a line of its own under the one that it adds to, which stands without it as well"
)

// notPieces look like a piece of a sentence and are none.
var notPieces = map[string]string{
	"admin.run_releases": label, "admin.run_withdraw": label, "agency.filter_from": label, "agency.filter_to": label,
	"course.fact_place": label, "enrolment.enrolled_on": label, "enrolment.joined_on": label, "layout.language": label,
	"verify.expires": label, "certificate.fact_valid_until": label, "verify.issuer": label, "verify.replaced_by": label, "papers.contact": label, "courses.sort": label,

	"admin.figure_coming": caption, "admin.figure_courses": caption, "admin.figure_people": caption, "admin.figure_running": caption,
	"agency.figure_approve": caption, "agency.figure_certificates": caption, "agency.figure_coming": caption, "agency.figure_waiting": caption,
	"agency.figure_late": caption, "agency.figure_oldest": caption, "agency.figure_soon": caption, "agency.figure_lapsing": caption, "agency.waited_hours": caption,
	"admin.not_known": caption, "form.optional": caption,
	"run.key_free": caption, "run.key_held": caption, "run.key_kept": caption, "run.key_own": caption, "run.key_taken": caption,

	"certificate.awarded": paper, "certificate.completed": paper, "certificate.verify_hint": paper,

	"courses.more_dates": line, "enrol.held_until": line,

	"courses.month_nearest": list, "courses.none_apart": list, "teach.close_below": list, "teach.close_text": list,

	"privacy.cookie_form": cookie, "privacy.cookie_lang": cookie, "privacy.cookie_next": cookie,
	"privacy.cookie_notice": cookie, "privacy.cookie_session": cookie,
}

var (
	startOfPiece = regexp.MustCompile(`^[^\pL\pN{"“”„«»'‘’(]`)
	endOfPiece   = regexp.MustCompile(`[\s,;:(/\-–—]$`)
	danglingWord = regexp.MustCompile(`(?i)\b(in|on|at|of|for|to|by|with|from|until|the|a|an|and|or)$`)
	// phrasalVerbs end in a word that belongs to the verb or the question.
	phrasalVerbs = regexp.MustCompile(`(?i)\b(sign in|log in|fill(ed)? in|come from|came from|enrol in|(who|what) .* (for|for\?|come from)|ask for|go(es)? on)$`)
)

// whyPiece tells by what a text looks like a piece of a sentence; empty: by
// nothing. The rules on the words are for English, the others for all.
func whyPiece(text, lang string) string {
	first, _ := utf8.DecodeRuneInString(text)
	switch {
	case startOfPiece.MatchString(text):
		return "begins with a sign"
	case endOfPiece.MatchString(text):
		return "ends in a sign after which something has to follow"
	case strings.Count(text, "(") > strings.Count(text, ")"):
		return "opens a bracket and does not close it"
	case lang == "en" && unicode.IsLower(first):
		return "begins in the middle of a sentence"
	case lang == "en" && danglingWord.MatchString(text) && !phrasalVerbs.MatchString(text):
		return "ends in a word after which something has to follow"
	}
	return ""
}

// A sentence in pieces can be said in English and in few other languages: words
// change with what stands before them, and stand in another order.
func TestNoMessageIsAPieceOfASentence(t *testing.T) {
	needed := map[string]bool{}
	for _, lang := range training.Languages {
		messages := load(t, lang)
		for _, key := range slices.Sorted(maps.Keys(messages)) {
			for form, text := range messages[key] {
				why := whyPiece(text, lang)
				if why == "" {
					continue
				}
				needed[key] = true
				if notPieces[key] == "" {
					t.Errorf("%s %s %s %s: %q", lang, key, form, why, text)
				}
			}
		}
	}
	for key := range notPieces {
		if !needed[key] {
			t.Errorf("%s is explained and needs it no more", key)
		}
	}
}

func TestAPieceOfASentenceIsFound(t *testing.T) {
	for _, text := range []string{"until {{.at}}", "The course begins on", "Seats:", "Write to ", ", and", "of {{.count}} seats", "Held (", "— as a rule", ". Then"} {
		if whyPiece(text, "en") == "" {
			t.Errorf("%q is taken for whole", text)
		}
	}
	for _, text := range []string{"Sign in", "{{.count}} seats", "Until {{.at}}.", "“Varde” is a name", "(optional)", "Where you come from"} {
		if why := whyPiece(text, "en"); why != "" {
			t.Errorf("%q %s", text, why)
		}
	}
}
