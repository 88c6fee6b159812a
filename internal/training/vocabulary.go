package training

import (
	"slices"
	"strings"
)

// Languages are the twelve languages that Varde speaks.
var Languages = []string{"da", "de", "en", "et", "fi", "is", "lt", "lv", "nb", "pl", "ru", "sv"}

// Topics is the vocabulary of subjects.
var Topics = []string{
	"border_control", "cbrne", "community_volunteers", "critical_infrastructure", "cyber",
	"disaster_risk_reduction", "drought", "floods", "forest_fires", "incident_command",
	"maritime", "medical", "organised_crime", "search_and_rescue",
}

// Professions is the vocabulary of callings.
var Professions = []string{
	"analyst", "border_guard", "cbrn_specialist", "civil_protection_officer",
	"coast_guard", "firefighter", "infrastructure_operator", "medical", "military",
	"municipal_official", "police", "political_adviser", "rescue_specialist",
	"team_leader", "trainer", "volunteer",
}

// Role is what an account may do; see Can.
type Role string

// The roles.
const (
	RoleTrainee     Role = "trainee"
	RoleInstructor  Role = "instructor"
	RoleAgency      Role = "agency" // training officer of the own agency
	RoleCoordinator Role = "coordinator"
	RoleAdmin       Role = "admin"
)

// Roles are all of them.
var Roles = []Role{RoleTrainee, RoleInstructor, RoleAgency, RoleCoordinator, RoleAdmin}

// Values gives the texts that the database column may hold.
func (Role) Values() []string {
	values := make([]string, len(Roles))
	for i, r := range Roles {
		values[i] = string(r)
	}
	return values
}

// AgencyKinds are the sorts of bodies that people serve.
var AgencyKinds = []string{
	"fire_rescue", "police", "border_guard", "coast_guard", "rescue_service", "ministry",
	"local_authority", "volunteer_organisation", "customs", "medical", "other",
}

// iso3166 holds the ISO 3166-1 alpha-2 codes, and EU for the European Union,
// which is a member of its own kind.
const iso3166 = " AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET EU FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW "

// iso639 holds the ISO 639-1 codes in use; a course can be taught in any.
const iso639 = " ab aa af ak sq am ar an hy as av ae ay az bm ba eu be bn bi bs br bg my ca ch ce ny zh cv kw co cr hr cs da dv nl dz en eo et ee fo fj fi fr ff gl ka de el gn gu ht ha he hz hi ho hu ia id ie ga ig ik io is it iu ja jv kl kn kr ks kk km ki rw ky kv kg ko ku kj la lb lg li ln lo lt lu lv gv mk mg ms ml mt mi mr mh mn na nv nb nd ne ng nn no ii nr oc oj cu om or os pa pi fa pl ps pt qu rm rn ro ru sa sc sd se sm sg sr gd sn si sk sl so st es su sw ss sv ta te tg th ti bo tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa cy wo fy xh yi yo za zu "

// IsCountry reports whether the code is ISO 3166-1 alpha-2, or EU.
func IsCountry(code string) bool { return len(code) == 2 && strings.Contains(iso3166, " "+code+" ") }

// IsLanguage reports whether the code is of ISO 639-1.
func IsLanguage(code string) bool { return len(code) == 2 && strings.Contains(iso639, " "+code+" ") }

// SpeaksLanguage reports whether Varde itself speaks the language.
func SpeaksLanguage(code string) bool { return slices.Contains(Languages, code) }

// IsTopic reports whether the word is in the vocabulary of topics.
func IsTopic(s string) bool { return slices.Contains(Topics, s) }

// IsProfession reports whether the word is in the vocabulary of professions.
func IsProfession(s string) bool { return slices.Contains(Professions, s) }

// IsRole reports whether the word is a role.
func IsRole(s string) bool { return slices.Contains(Roles, Role(s)) }

// CanonicalLanguage folds the spellings of Norwegian (no, nn) into nb and drops
// a region; it does not check that the language exists.
func CanonicalLanguage(code string) string {
	code, _, _ = strings.Cut(strings.ToLower(strings.ReplaceAll(code, "_", "-")), "-")
	if code == "no" || code == "nn" {
		return "nb"
	}
	return code
}
