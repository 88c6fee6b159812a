package catalogue

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTypedTextsStandInThePlaceOfSavedOnes(t *testing.T) {
	saved := &Course{Slug: "floods", Texts: map[string][]Text{
		KindTitle:   {{"Flom", "nb", OriginOriginal}, {"Tulvat", "fi", OriginMachine}},
		KindSummary: {{"About floods.", "en", OriginOriginal}},
	}}
	before := cmp.Diff(&Course{}, saved)
	with := saved.With("fi", []TextEdit{
		{Kind: KindTitle, Text: " Tulvien\n torjunta ", Origin: OriginTranslated},
		{Kind: KindSummary, Text: "Tulvista.", Origin: OriginTranslated},
		{Kind: KindCosts, Text: "Maksuton.", Origin: OriginOriginal},
	})
	for kind, want := range map[string]Text{
		KindTitle: {"Tulvien torjunta", "fi", OriginTranslated}, KindSummary: {"Tulvista.", "fi", OriginTranslated},
		KindCosts: {"Maksuton.", "fi", OriginOriginal},
	} {
		if got, _ := with.Text(kind, "fi"); got != want {
			t.Errorf("%s is %v, want %v", kind, got, want)
		}
	}
	// Who deletes a translation sees what its readers are then given.
	without := saved.With("fi", []TextEdit{{Kind: KindTitle, Origin: OriginTranslated}})
	if got, _ := without.Text(KindTitle, "fi"); got.Lang != "nb" {
		t.Errorf("without its translation the title is %v", got)
	}
	if _, there := saved.With("en", []TextEdit{{Kind: KindSummary}}).Text(KindSummary, "fi"); there {
		t.Error("a text that is deleted is still there")
	}
	if after := cmp.Diff(&Course{}, saved); after != before {
		t.Errorf("the course itself has changed: %s", after)
	}
}
