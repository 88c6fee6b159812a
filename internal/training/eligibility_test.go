package training

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestEligible(t *testing.T) {
	anna := Candidate{Profession: "firefighter", Country: "LV", Passed: []string{"F1", "F2"}, LanguageLevel: "B1"}
	for _, tt := range []struct {
		what       string
		conditions Conditions
		candidate  Candidate
		key        string // empty: may
	}{
		{"no conditions, nothing known", Conditions{}, Candidate{}, ""},
		{"everything fits", Conditions{[]string{"police", "firefighter"}, []string{"EE", "LV"}, []string{"F1", "F2"}, "B1"}, anna, ""},
		{"another profession", Conditions{Professions: []string{"police"}}, anna, "fault.not_eligible_profession"},
		{"a profession not said", Conditions{Professions: []string{"police"}}, Candidate{}, "fault.not_eligible_profession"},
		{"another country", Conditions{Countries: []string{"EE"}}, anna, "fault.not_eligible_country"},
		{"a country that is not confirmed", Conditions{Countries: []string{"LV"}}, Candidate{}, "fault.not_eligible_country"},
		{"a higher level", Conditions{LanguageLevel: "A1"}, anna, ""},
		{"a lower level", Conditions{LanguageLevel: "B2"}, anna, "fault.not_eligible_language"},
		{"a level not said", Conditions{LanguageLevel: "A1"}, Candidate{}, "fault.not_eligible_language"},
		{"a course not passed", Conditions{Prerequisites: []string{"F1", "F3"}}, anna, "fault.not_eligible_prerequisite"},
		{"the first rule that fails", Conditions{[]string{"police"}, []string{"EE"}, []string{"F3"}, "C2"}, anna, "fault.not_eligible_profession"},
	} {
		err := tt.conditions.Eligible(tt.candidate)
		if tt.key == "" {
			if err != nil {
				t.Errorf("%s: %v", tt.what, err)
			}
			continue
		}
		fault, ok := AsFault(err)
		if !ok || fault.Kind != KindNotEligible || fault.Key != tt.key {
			t.Errorf("%s: %v, want %s", tt.what, err, tt.key)
		}
	}
	fault, _ := AsFault(Conditions{Prerequisites: []string{"F1", "F3", "F4"}}.Eligible(anna))
	if diff := cmp.Diff(Args{"course": "F3"}, fault.Args); diff != "" {
		t.Errorf("the way to cure it: %s", diff)
	}
}

func TestConditionsThatCannotBe(t *testing.T) {
	for _, tt := range []struct {
		conditions Conditions
		want       []string
	}{
		{Conditions{}, nil},
		{Conditions{Professions: Professions, Countries: []string{"LV", "EU"}, Prerequisites: []string{"F1"}, LanguageLevel: "C2"}, nil},
		{Conditions{Professions: []string{"firefighter", "juggler"}}, []string{"conditions.professions invalid.profession"}},
		{Conditions{Countries: []string{"XX", "lv"}}, []string{"conditions.countries invalid.country", "conditions.countries invalid.country"}},
		{Conditions{LanguageLevel: "b1"}, []string{"conditions.language_level invalid.language_level"}},
		{Conditions{Professions: []string{""}, Countries: []string{""}, LanguageLevel: "D1"},
			[]string{"conditions.professions invalid.profession", "conditions.countries invalid.country", "conditions.language_level invalid.language_level"}},
	} {
		if diff := cmp.Diff(tt.want, fieldsAndKeys(tt.conditions.Check())); diff != "" {
			t.Errorf("%+v: %s", tt.conditions, diff)
		}
	}
}
