package catalogue

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/varde-platform/varde/ent"
	"github.com/varde-platform/varde/ent/course"
	"github.com/varde-platform/varde/ent/coursetext"
	"github.com/varde-platform/varde/internal/store"
	"github.com/varde-platform/varde/internal/training"
)

// Sheet is the texts of a course in one language, each beside the text that it
// is translated from.
type Sheet struct {
	Slug, Lang string
	Languages  []string // in which the course has a text, sorted
	Lines      []SheetLine
}

// SheetLine is one kind of text, in the order of Kinds.
type SheetLine struct {
	Kind   string
	Source Text // what it is translated from; zero: nothing, or it is itself the original
	Text   Text // without words: there is none yet
	Older  bool // the source has changed since it was translated
	// What the reader saw, to send back with an edit.
	Seen, SeenSource string
}

// Missing reports whether there is something to translate and no translation.
func (l SheetLine) Missing() bool { return l.Text.Text == "" && l.Source.Text != "" }

// TextSheet gives the texts of a course in a language to an administrator. A
// language that Varde does not speak is not_found, unless the course has a text
// in it.
func (s *Service) TextSheet(ctx context.Context, actor training.Actor, slug, lang string) (Sheet, error) {
	if err := training.Can(actor, training.ActAdminister, training.Subject{}); err != nil {
		return Sheet{}, err
	}
	_, texts, err := storedTexts(ctx, s.db.Ent, slug, lang)
	if err != nil {
		return Sheet{}, err
	}
	return texts.sheet(slug, lang), nil
}

// storedTexts reads the texts of the course of a slug, deleted ones too.
func storedTexts(ctx context.Context, db *ent.Client, slug, lang string) (int, textRows, error) {
	id, err := db.Course.Query().Where(course.Slug(slug)).OnlyID(ctx)
	if ent.IsNotFound(err) {
		return 0, nil, training.NotFound()
	}
	if err != nil {
		return 0, nil, fmt.Errorf("find course %s: %w", slug, err)
	}
	rows, err := db.CourseText.Query().Where(coursetext.CourseID(id)).All(ctx)
	if err != nil {
		return 0, nil, fmt.Errorf("read texts of course %s: %w", slug, err)
	}
	if !training.SpeaksLanguage(lang) && !slices.Contains(textRows(rows).languages(), lang) {
		return 0, nil, training.NotFound()
	}
	return id, rows, nil
}

// textRows are the stored texts of one course.
type textRows []*ent.CourseText

func (t textRows) languages() []string {
	var all []string
	for _, row := range t {
		if row.Text != "" {
			all = append(all, row.Language)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func (t textRows) at(kind, lang string) *ent.CourseText {
	for _, row := range t {
		if row.Kind == kind && row.Language == lang {
			return row
		}
	}
	return nil
}

// of gives the texts of a kind, originals first.
func (t textRows) of(kind string) []Text {
	var texts []Text
	for _, row := range t {
		if row.Kind == kind && row.Text != "" {
			texts = append(texts, Text{row.Text, row.Language, row.Origin})
		}
	}
	slices.SortFunc(texts, originalFirst)
	return texts
}

func (t textRows) sheet(slug, lang string) Sheet {
	sheet := Sheet{Slug: slug, Lang: lang, Languages: t.languages()}
	for _, kind := range Kinds {
		sheet.Lines = append(sheet.Lines, t.line(kind, lang))
	}
	return sheet
}

func (t textRows) line(kind, lang string) SheetLine {
	line := SheetLine{Kind: kind}
	texts := t.of(kind)
	if len(texts) > 0 && texts[0].Lang != lang {
		line.Source = texts[0]
		line.SeenSource = sum(texts[0].Text)
	}
	line.Text, _ = in(texts, lang)
	line.Seen = seen(kind, line.Text.Text, line.Text.Origin)
	if row := t.at(kind, lang); row != nil {
		line.Older = older(line.Text, row.MadeOf, line.Source)
	}
	return line
}

// older reports whether the source of a text says something else now. Of a text
// of which nobody knows what it was made, nothing is said.
func older(text Text, madeOf string, source Text) bool {
	made := text.Text != "" && text.Origin != OriginOriginal && source.Text != "" && source.Lang != text.Lang
	return made && madeOf != "" && madeOf != sum(source.Text)
}

// seen stands for a text as a form shows it; a text that is not there is empty.
func seen(kind, text, origin string) string {
	if text = typed(kind, text); text == "" {
		return ""
	}
	return sum(origin + "\n" + text)
}

// typed is a text as it was meant: line ends of one kind, no space around it,
// and a title on one line.
func typed(kind, text string) string {
	if kind == KindTitle {
		return strings.Join(strings.Fields(text), " ")
	}
	return strings.TrimSpace(strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text))
}

// TextEdit is one text as somebody wants it. A text without words is deleted.
type TextEdit struct {
	Kind, Text, Origin string
	Fits               bool   // an older translation fits its source as it is now
	Seen, SeenSource   string // of the SheetLine that the editor had
}

// SaveTexts writes texts of a course in one language for an administrator, all
// or none, and says how many it changed. What the editor left alone is not
// touched. Faults: invalid with the kinds as fields, and conflict, with the kinds
// as fields too, where somebody else has changed a text since the editor saw it.
func (s *Service) SaveTexts(ctx context.Context, actor training.Actor, slug, lang string, edits []TextEdit) (int, error) {
	if err := training.Can(actor, training.ActAdminister, training.Subject{}); err != nil {
		return 0, err
	}
	changed := 0
	err := s.db.InTx(ctx, func(tx *store.Tx) error {
		var err error
		changed, err = saveTexts(ctx, tx, actor, slug, lang, edits)
		return err
	})
	if err != nil {
		return 0, err
	}
	s.views.expire()
	return changed, nil
}

func saveTexts(ctx context.Context, tx *store.Tx, actor training.Actor, slug, lang string, edits []TextEdit) (int, error) {
	// One at a time, imports included: what is compared here stays so until the end.
	if err := lockCatalogue(ctx, tx); err != nil {
		return 0, err
	}
	id, rows, err := storedTexts(ctx, tx.Client, slug, lang)
	if err != nil {
		return 0, err
	}
	wanted, err := rows.wanted(lang, edits)
	if err != nil || len(wanted) == 0 {
		return 0, err
	}
	have, err := withHistory(ctx, tx, id)
	if err != nil {
		return 0, err
	}
	var replaced []int
	var history []*ent.TextRevisionCreate
	builders := make([]*ent.CourseTextCreate, len(wanted))
	for i, t := range wanted {
		if row := rows.at(t.kind, lang); row != nil {
			replaced = append(replaced, row.ID)
			history = append(history, firstRevision(tx, row, have)...)
		}
		builders[i] = newText(tx, id, t).SetEditedAt(tx.Now)
		history = append(history, newRevision(tx, id, t).SetActorID(actor.PersonID).SetAt(tx.Now))
	}
	if err := addRevisions(ctx, tx, history); err != nil {
		return 0, err
	}
	if err := dropTexts(ctx, tx, replaced); err != nil {
		return 0, err
	}
	if err := addTexts(ctx, tx, builders); err != nil {
		return 0, err
	}
	return len(wanted), store.RaiseCatalogueVersion(ctx, tx)
}

// wanted is what the edits change, or all that is wrong with them.
func (t textRows) wanted(lang string, edits []TextEdit) ([]courseText, error) {
	var texts []courseText
	var faults, conflicts []training.FieldFault
	for _, e := range edits {
		line := t.line(e.Kind, lang)
		e.Text = typed(e.Kind, e.Text)
		now := seen(e.Kind, e.Text, e.Origin)
		if !e.Fits && (now == e.Seen || now == line.Seen) {
			continue
		}
		if line.Seen != e.Seen {
			conflicts = append(conflicts, training.FieldFault{Field: e.Kind, Key: "invalid.changed_meanwhile"})
		}
		if fault := t.refuse(lang, e); fault != nil {
			faults = append(faults, *fault)
		}
		texts = append(texts, e.stored(lang))
	}
	if len(conflicts) > 0 {
		return nil, &training.Fault{Kind: training.KindConflict, Key: "fault.conflict_texts", Fields: conflicts}
	}
	return texts, training.Invalid(faults)
}

// stored is the edit as it is kept. A deleted text stays as one without words:
// the next import must know that somebody wanted none.
func (e TextEdit) stored(lang string) courseText {
	t := courseText{kind: e.Kind, lang: lang, text: e.Text, origin: e.Origin}
	switch {
	case e.Text == "":
		t.origin = OriginTranslated
	case e.Origin != OriginOriginal && len(e.SeenSource) == len(sum("")):
		t.madeOf = e.SeenSource // not the source as it is: that may have changed meanwhile
	}
	return t
}

func (t textRows) refuse(lang string, e TextEdit) *training.FieldFault {
	limit, allowed := maxText, "\n\t"
	if e.Kind == KindTitle {
		limit, allowed = maxLine, ""
	}
	refused := func(key string, args training.Args) *training.FieldFault {
		return &training.FieldFault{Field: e.Kind, Key: key, Args: args}
	}
	switch {
	case !slices.Contains(Kinds, e.Kind):
		return refused("invalid.choice", training.Args{"value": shorten(e.Kind, shownInFlaw)})
	case !readable(e.Text, allowed):
		return refused("invalid.characters", nil)
	case utf8.RuneCountInString(e.Text) > limit:
		return refused("invalid.too_long", training.Args{"max": limit})
	case e.Text != "" && byOrigin(e.Origin) < 0:
		return refused("invalid.choice", training.Args{"value": shorten(e.Origin, shownInFlaw)})
	case e.Kind == KindTitle && (e.Text == "" || e.Origin == OriginMachine) && !t.titled(lang):
		return refused("invalid.last_title", nil)
	}
	return nil
}

// titled reports whether the course has a title of a person's in a language
// other than this one. Certificates and mails take no other.
func (t textRows) titled(but string) bool {
	return slices.ContainsFunc(t.of(KindTitle), func(title Text) bool {
		return title.Lang != but && title.Origin != OriginMachine
	})
}
