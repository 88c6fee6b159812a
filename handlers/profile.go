package handlers

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/varde-platform/varde/internal/i18n"
	"github.com/varde-platform/varde/internal/people"
	"github.com/varde-platform/varde/internal/training"
)

// ProfilePage is what people say about themselves, and their password.
type ProfilePage struct {
	Base
	Next        string
	Form        people.Profile
	Countries   []OptionGroup
	Agencies    []OptionGroup
	Professions []OptionGroup
	Levels      []OptionGroup
	Locales     []OptionGroup
	// Fixed: country and agency decide whom the person has power over, so they
	// are the secretariat's to set.
	Fixed       bool
	Affiliation *StatusTag // nil: no country and no agency declared
	NeedsEmail  bool       // the address is to be confirmed
}

func (h *Handlers) profileForm(c *fiber.Ctx) error {
	return h.showProfile(c, fiber.StatusOK, profileOf(viewerOf(c)), nil)
}

func profileOf(a *people.Account) people.Profile {
	return people.Profile{Name: a.Name, Profession: a.Profession, Country: a.Country, AgencySlug: a.AgencySlug,
		LanguageLevel: a.LanguageLevel, Locale: a.Locale}
}

func (h *Handlers) showProfile(c *fiber.Ctx, status int, form people.Profile, fault *training.Fault) error {
	base := h.newBase(c, "")
	page := ProfilePage{Base: base, Next: nextOf(c), Form: form,
		Fixed:       base.Viewer.Role != training.RoleTrainee && base.Viewer.Role != training.RoleInstructor,
		Affiliation: base.affiliationTag(), NeedsEmail: h.needsEmail(base.Viewer)}
	page.Title = page.T("profile.title")
	page.refuse(fault)
	page.Professions = page.Choices(byWords(page.Speaker, training.Professions, "profession."), "profession.", "profile.choose_profession")
	page.Levels = levelChoices(&page.Base)
	page.Locales = localeChoices()
	var err error
	if page.Countries, err = h.countryChoices(c.UserContext(), &page.Base); err != nil {
		return err
	}
	if page.Agencies, err = h.agencyChoices(c.UserContext(), &page.Base); err != nil {
		return err
	}
	return h.render(c, status, "profile", &page)
}

// needsEmail reports whether the account's address has yet to be confirmed;
// where no mail is sent, none has to be.
func (h *Handlers) needsEmail(a *people.Account) bool { return h.mail.Out() && !a.EmailConfirmed }

// affiliationTag says whether somebody entitled has confirmed what the viewer
// declares; nil where there is nothing to confirm.
func (b *Base) affiliationTag() *StatusTag {
	switch {
	case b.Viewer.Country == "" && b.Viewer.AgencySlug == "":
		return nil
	case b.Viewer.AffiliationConfirmed:
		return &StatusTag{string(training.Confirmed), b.T("profile.confirmed"), b.Icon("confirmed")}
	}
	return &StatusTag{string(training.Pending), b.T("profile.unconfirmed"), b.Icon("pending")}
}

func (h *Handlers) saveProfile(c *fiber.Ctx) error {
	form := people.Profile{Name: c.FormValue("name"), Profession: c.FormValue("profession"),
		Country: c.FormValue("country"), AgencySlug: c.FormValue("agency"),
		LanguageLevel: c.FormValue("language_level"), Locale: c.FormValue("locale")}
	_, err := h.people.SaveProfile(c.UserContext(), actorOf(c), form)
	if fault, is := invalid(err); is {
		return h.showProfile(c, statusOf(fault), form, fault)
	}
	if err != nil {
		return err
	}
	return h.done(c, cmp.Or(nextOf(c), "/me"), "notice.profile_saved")
}

// changePassword ends all sessions of the person; this browser stays signed in
// under a new one.
func (h *Handlers) changePassword(c *fiber.Ctx) error {
	viewer := viewerOf(c)
	if err := h.countAccount(c, viewer.Email); err != nil {
		return err
	}
	err := h.people.ChangePassword(c.UserContext(), actorOf(c), c.FormValue("old"), c.FormValue("password"))
	if fault, is := invalid(err); is {
		return h.showProfile(c, statusOf(fault), profileOf(viewer), fault)
	}
	if err != nil {
		return err
	}
	if err := h.startSession(c, viewer.ID); err != nil {
		return err
	}
	return h.done(c, "/me/profile", "notice.password_set")
}

func (h *Handlers) sendEmailConfirmation(c *fiber.Ctx) error {
	// Counted by person: a whole agency may sit behind one address.
	if err := h.count(c, "confirm-email:"+strconv.Itoa(viewerOf(c).ID), 5, time.Hour); err != nil {
		return err
	}
	if err := h.people.SendConfirmation(c.UserContext(), actorOf(c)); err != nil {
		return err
	}
	h.wakeOutbox()
	next := nextOf(c)
	h.rememberNext(c, next)
	return h.done(c, cmp.Or(next, "/me"), "notice.confirmation_sent")
}

func byWords(s *i18n.Speaker, values []string, prefix string) []string {
	sorted := slices.Clone(values)
	slices.SortFunc(sorted, func(a, b string) int { return s.CLDR().Compare(s.T(prefix+a), s.T(prefix+b)) })
	return sorted
}

func levelChoices(b *Base) []OptionGroup {
	options := []Option{{"", b.T("profile.no_level"), ""}}
	for _, level := range training.CEFRLevels {
		options = append(options, Option{level, b.T("profile.level_" + level), ""})
	}
	return []OptionGroup{{Options: options}}
}

func localeChoices() []OptionGroup {
	var options []Option
	for _, lang := range languageOrder {
		options = append(options, Option{lang, autonym(lang), lang})
	}
	return []OptionGroup{{Options: options}}
}

// countryOrder gives all countries in the order of their names in a language.
// Sorting two hundred names takes a while, and the order never changes.
var countryOrder sync.Map // language → []string

func countriesIn(s *i18n.Speaker) []string {
	if known, ok := countryOrder.Load(s.Lang()); ok {
		return known.([]string)
	}
	var codes []string
	for a := 'A'; a <= 'Z'; a++ {
		for b := 'A'; b <= 'Z'; b++ {
			if code := string([]rune{a, b}); training.IsCountry(code) {
				codes = append(codes, code)
			}
		}
	}
	slices.SortFunc(codes, func(a, b string) int { return s.CLDR().Compare(s.Country(a), s.Country(b)) })
	countryOrder.Store(s.Lang(), codes)
	return codes
}

// countryChoices names the member states of today first.
func (h *Handlers) countryChoices(ctx context.Context, b *Base) ([]OptionGroup, error) {
	members, err := h.people.StatesNow(ctx, training.DateOf(h.options.Clock().UTC()))
	if err != nil {
		return nil, fmt.Errorf("member states: %w", err)
	}
	inside := OptionGroup{Label: b.T("profile.member_states")}
	others := OptionGroup{Label: b.T("profile.other_countries")}
	for _, code := range countriesIn(b.Speaker) {
		group := &others
		if slices.Contains(members, code) {
			group = &inside
		}
		group.Options = append(group.Options, Option{code, b.Country(code), ""})
	}
	return []OptionGroup{{Options: []Option{{"", b.T("profile.choose_country"), ""}}}, inside, others}, nil
}

// agencyLanguage is the language in which the agencies of a country are named,
// where there is one.
var agencyLanguage = map[string]string{
	"DE": "de", "DK": "da", "EE": "et", "FI": "fi", "IS": "is", "LT": "lt", "LV": "lv",
	"NO": "nb", "PL": "pl", "RU": "ru", "SE": "sv",
}

func (b *Base) agencyLang(country string) string {
	if lang := agencyLanguage[country]; lang != b.Lang() {
		return lang
	}
	return ""
}

// agencyChoices lists the agencies under the names of their countries.
func (h *Handlers) agencyChoices(ctx context.Context, b *Base) ([]OptionGroup, error) {
	agencies, err := h.people.Agencies(ctx)
	if err != nil {
		return nil, fmt.Errorf("agencies: %w", err)
	}
	order := b.CLDR()
	slices.SortStableFunc(agencies, func(x, y people.Agency) int {
		return cmp.Or(order.Compare(b.Country(x.Country), b.Country(y.Country)), order.Compare(x.Name, y.Name))
	})
	groups := []OptionGroup{{Options: []Option{{"", b.T("profile.no_agency"), ""}}}}
	for _, a := range agencies {
		country := b.Country(a.Country)
		if groups[len(groups)-1].Label != country {
			groups = append(groups, OptionGroup{Label: country})
		}
		last := &groups[len(groups)-1]
		last.Options = append(last.Options, Option{a.Slug, a.Name, b.agencyLang(a.Country)})
	}
	return groups, nil
}
