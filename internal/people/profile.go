package people

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/varde-platform/varde/ent"
	"github.com/varde-platform/varde/ent/agency"
	"github.com/varde-platform/varde/internal/store"
	"github.com/varde-platform/varde/internal/training"
)

// The length of a name in characters.
const (
	minName = 2
	maxName = 200
)

// Profile is what people say about themselves. AgencySlug, LanguageLevel and
// Locale may be empty; an empty Locale leaves the language as it is.
type Profile struct {
	Name          string // as on the certificate
	Profession    string // of training.Professions
	Country       string // ISO 3166-1 alpha-2, or EU: where the person serves
	AgencySlug    string
	LanguageLevel string // CEFR level of English
	Locale        string
}

// Profile gives the account of the person who asks, as it is now.
func (s *Service) Profile(ctx context.Context, actor training.Actor) (Account, error) {
	if err := training.Can(actor, training.ActOwnAccount, training.Subject{PersonID: actor.PersonID}); err != nil {
		return Account{}, err
	}
	account, err := findAccount(ctx, s.db.SQL, accountByID, actor.PersonID)
	if errors.Is(err, errNobody) {
		return Account{}, training.NotFound()
	}
	return account, err
}

// SaveProfile stores what the person who asks says. Another country or agency
// than before is unconfirmed until somebody entitled confirms it; whoever has
// power over others cannot change them at all.
func (s *Service) SaveProfile(ctx context.Context, actor training.Actor, p Profile) (Account, error) {
	if err := training.Can(actor, training.ActOwnAccount, training.Subject{PersonID: actor.PersonID}); err != nil {
		return Account{}, err
	}
	p = p.tidy()
	var saved Account
	err := s.change(ctx, func(tx *store.Tx) error {
		before, err := findAccount(ctx, tx.SQL, accountByID, actor.PersonID)
		if errors.Is(err, errNobody) {
			return training.NotFound()
		}
		if err != nil {
			return err
		}
		body, agencyFaults, err := declaredAgency(ctx, tx, p, before)
		if err != nil {
			return err
		}
		if err := training.Invalid(slices.Concat(p.check(before), agencyFaults)); err != nil {
			return err
		}
		if err := writeProfile(ctx, tx, before, p, body); err != nil {
			return err
		}
		saved, err = findAccount(ctx, tx.SQL, accountByID, actor.PersonID)
		return err
	})
	return saved, err
}

func writeProfile(ctx context.Context, tx *store.Tx, before Account, p Profile, body *ent.Agency) error {
	update := tx.Person.UpdateOneID(before.ID).SetName(p.Name).SetProfession(p.Profession).
		SetLanguageLevel(p.LanguageLevel)
	if p.Locale != "" {
		update.SetLocale(p.Locale)
	}
	// Left alone where unchanged: an officer may be confirming them right now.
	if p.moves(before) {
		update.SetCountry(p.Country).ClearAgencyID().ClearAffiliationConfirmedAt().ClearAffiliationConfirmedBy()
		if body != nil {
			update.SetAgencyID(body.ID)
		}
	}
	return wrap(update.Exec(ctx), "save a profile")
}

func (p Profile) tidy() Profile {
	p.Name = tidyName(p.Name)
	p.Profession = strings.TrimSpace(p.Profession)
	p.Country = strings.TrimSpace(p.Country)
	p.AgencySlug = strings.TrimSpace(p.AgencySlug)
	p.LanguageLevel = strings.TrimSpace(p.LanguageLevel)
	if p.Locale != "" {
		p.Locale = training.CanonicalLanguage(p.Locale)
	}
	return p
}

func (p Profile) moves(before Account) bool {
	return p.Country != before.Country || p.AgencySlug != before.AgencySlug
}

// check judges the fields by themselves. Who trains must say as what and for
// which country; the others may leave that out.
func (p Profile) check(before Account) []training.FieldFault {
	faults := checkName(p.Name)
	fault := func(field, key string) {
		faults = append(faults, training.FieldFault{Field: field, Key: key})
	}
	plain := ordinary(before.Role)
	if p.Profession == "" && plain || p.Profession != "" && !training.IsProfession(p.Profession) {
		fault("profession", "invalid.choose_profession")
	}
	switch {
	case !plain && p.Country != before.Country:
		fault("country", "invalid.ask_secretariat")
	case p.Country == "" && plain || p.Country != "" && !training.IsCountry(p.Country):
		fault("country", "invalid.choose_country")
	}
	if !plain && p.AgencySlug != before.AgencySlug {
		fault("agency", "invalid.ask_secretariat")
	}
	if p.LanguageLevel != "" && !slices.Contains(training.CEFRLevels, p.LanguageLevel) {
		fault("language_level", "invalid.choose_language_level")
	}
	if p.Locale != "" && !training.SpeaksLanguage(p.Locale) {
		fault("locale", "invalid.locale")
	}
	return faults
}

// ordinary roles have no power over others; the others' country and agency
// decide whom they have power over.
func ordinary(r training.Role) bool {
	return r == training.RoleTrainee || r == training.RoleInstructor
}

// declaredAgency finds the agency that a changed profile names; nil: none. What
// is left as it was is not judged again, because the secretariat may have set
// what the form would not offer.
func declaredAgency(ctx context.Context, tx *store.Tx, p Profile, before Account) (*ent.Agency, []training.FieldFault, error) {
	if p.AgencySlug == "" || !p.moves(before) || !ordinary(before.Role) {
		return nil, nil, nil
	}
	body, err := tx.Agency.Query().Where(agency.Slug(p.AgencySlug)).Only(ctx)
	if ent.IsNotFound(err) {
		return nil, []training.FieldFault{{Field: "agency", Key: "invalid.agency_unknown"}}, nil
	}
	if err != nil {
		return nil, nil, fmt.Errorf("find an agency: %w", err)
	}
	if body.Country != p.Country {
		return nil, []training.FieldFault{{Field: "agency", Key: "invalid.agency_elsewhere"}}, nil
	}
	return body, nil, nil
}

// tidyName composes letters and their marks and leaves single spaces. It keeps
// what checkName refuses.
func tidyName(s string) string {
	s = strings.TrimSpace(norm.NFC.String(s))
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r == ' ' || r == '\u00a0' }), " ")
}

func checkName(name string) []training.FieldFault {
	if n := utf8.RuneCountInString(name); n < minName || n > maxName {
		return []training.FieldFault{{Field: "name", Key: "invalid.name_length",
			Args: training.Args{"min": minName, "max": maxName}}}
	}
	if strings.ContainsFunc(name, notInName) || !strings.ContainsFunc(name, unicode.IsLetter) {
		return []training.FieldFault{{Field: "name", Key: "invalid.name_characters"}}
	}
	return nil
}

// notInName: what no certificate can print, or what would reorder or hide its
// letters.
func notInName(r rune) bool {
	return r > 0xFFFF || r == utf8.RuneError || unicode.IsControl(r) ||
		unicode.In(r, unicode.Cf, unicode.Co, unicode.So, unicode.Zl, unicode.Zp)
}
