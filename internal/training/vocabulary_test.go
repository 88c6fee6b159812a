package training

import (
	"slices"
	"testing"
)

func TestCanonicalLanguage(t *testing.T) {
	for code, want := range map[string]string{
		"en": "en", "EN": "en", "en-GB": "en", "en_GB": "en", "nb": "nb", "no": "nb", "nn": "nb", "NN-no": "nb", "nb_NO": "nb",
		"sr-Latn-RS": "sr", "": "", "-": "", "uk": "uk",
	} {
		if got := CanonicalLanguage(code); got != want {
			t.Errorf("%q is %q, want %q", code, got, want)
		}
	}
}

func TestTheTwelveLanguages(t *testing.T) {
	if len(Languages) != 12 || !slices.IsSorted(Languages) {
		t.Errorf("languages: %v", Languages)
	}
	for _, code := range Languages {
		if !SpeaksLanguage(code) || !IsLanguage(code) || CanonicalLanguage(code) != code {
			t.Errorf("%s is not spoken, is no language, or is spelled otherwise", code)
		}
	}
	for _, code := range []string{"", "no", "uk", "EN", "e", "en ", "xx"} {
		if SpeaksLanguage(code) {
			t.Errorf("%q is spoken", code)
		}
	}
}

func TestCodes(t *testing.T) {
	for _, tt := range []struct {
		what string
		is   func(string) bool
		yes  []string
		no   []string
	}{
		{"country", IsCountry, []string{"LV", "EE", "NO", "UA", "EU", "AX"}, []string{"", "lv", "XX", "L", "LVA", " L", "V ", "UK", "LV ", "V E"}},
		{"language", IsLanguage, []string{"uk", "nb", "no", "is", "zu"}, []string{"", "UK", "xx", "eng", "a", " a", "b "}},
		{"topic", IsTopic, []string{"forest_fires", "search_and_rescue"}, []string{"", "Forest_Fires", "juggling"}},
		{"profession", IsProfession, []string{"firefighter", "volunteer"}, []string{"", "Firefighter", "juggler"}},
		{"role", IsRole, []string{"trainee", "instructor", "agency", "coordinator", "admin"}, []string{"", "Admin", "root"}},
	} {
		for _, code := range tt.yes {
			if !tt.is(code) {
				t.Errorf("%q is no %s", code, tt.what)
			}
		}
		for _, code := range tt.no {
			if tt.is(code) {
				t.Errorf("%q is a %s", code, tt.what)
			}
		}
	}
	if !slices.Equal(Role("").Values(), []string{"trainee", "instructor", "agency", "coordinator", "admin"}) {
		t.Errorf("the database takes the roles %v", Role("").Values())
	}
}

func TestNoWordOfAVocabularyStandsTwice(t *testing.T) {
	for _, list := range [][]string{Languages, Topics, Professions, AgencyKinds, CEFRLevels, RevocationReasons} {
		if unique := slices.Compact(slices.Sorted(slices.Values(list))); len(unique) != len(list) {
			t.Errorf("a word stands twice in %v", list)
		}
	}
}
