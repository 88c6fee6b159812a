package training

import "slices"

// Conditions bar people from one run. They are the run's own: a course's
// audience is information and bars no one. Empty lists allow everyone.
type Conditions struct {
	Professions   []string `json:"professions,omitempty"`
	Countries     []string `json:"countries,omitempty"`      // confirmed service country
	Prerequisites []string `json:"prerequisites,omitempty"`  // codes of courses completed with a valid certificate
	LanguageLevel string   `json:"language_level,omitempty"` // CEFR A1 to C2, in the run's language
}

// CEFRLevels are the levels of the Common European Framework, lowest first.
var CEFRLevels = []string{"A1", "A2", "B1", "B2", "C1", "C2"}

// Check validates conditions as somebody set them.
func (c Conditions) Check() []FieldFault {
	var faults []FieldFault
	for _, p := range c.Professions {
		if !IsProfession(p) {
			faults = append(faults, FieldFault{"conditions.professions", "invalid.profession", Args{"value": p}})
		}
	}
	for _, country := range c.Countries {
		if !IsCountry(country) {
			faults = append(faults, FieldFault{"conditions.countries", "invalid.country", Args{"value": country}})
		}
	}
	if c.LanguageLevel != "" && !slices.Contains(CEFRLevels, c.LanguageLevel) {
		faults = append(faults, FieldFault{"conditions.language_level", "invalid.language_level", Args{"value": c.LanguageLevel}})
	}
	return faults
}

// Candidate is what the conditions look at.
type Candidate struct {
	Profession    string
	Country       string   // confirmed service country, or empty
	Passed        []string // codes of courses with a valid certificate
	LanguageLevel string   // as declared by the person; empty: not declared
}

// Eligible answers nil, or a fault that names the first rule failed and so how
// to cure it.
func (c Conditions) Eligible(p Candidate) error {
	switch {
	case len(c.Professions) > 0 && !slices.Contains(c.Professions, p.Profession):
		return NewFault(KindNotEligible, "fault.not_eligible_profession", Args{"professions": c.Professions})
	case len(c.Countries) > 0 && !slices.Contains(c.Countries, p.Country):
		return NewFault(KindNotEligible, "fault.not_eligible_country", Args{"countries": c.Countries})
	case levelRank(p.LanguageLevel) < levelRank(c.LanguageLevel):
		return NewFault(KindNotEligible, "fault.not_eligible_language", Args{"level": c.LanguageLevel})
	}
	for _, code := range c.Prerequisites {
		if !slices.Contains(p.Passed, code) {
			return NewFault(KindNotEligible, "fault.not_eligible_prerequisite", Args{"course": code})
		}
	}
	return nil
}

func levelRank(level string) int { return slices.Index(CEFRLevels, level) }
