package badge

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// The structs below have their members in the order in which they are written.
type credential struct {
	Context     []string     `json:"@context"`
	ID          string       `json:"id"`
	Type        []string     `json:"type"`
	Name        string       `json:"name"`
	Issuer      profile      `json:"issuer"`
	ValidFrom   string       `json:"validFrom"`
	ValidUntil  string       `json:"validUntil,omitempty"`
	AwardedDate string       `json:"awardedDate"`
	Subject     subject      `json:"credentialSubject"`
	Status      *statusEntry `json:"credentialStatus"`
}

type profile struct {
	ID    string   `json:"id"`
	Type  []string `json:"type"`
	Name  string   `json:"name"`
	URL   string   `json:"url,omitempty"`
	Image *image   `json:"image,omitempty"`
}

type image struct {
	ID   string `json:"id"`
	Type string `json:"type"`
}

type subject struct {
	ID            string      `json:"id"`
	Type          []string    `json:"type"`
	Identifier    []Identity  `json:"identifier"`
	LicenseNumber string      `json:"licenseNumber"`
	Starts        string      `json:"activityStartDate"`
	Ends          string      `json:"activityEndDate"`
	Achievement   achievement `json:"achievement"`
}

type achievement struct {
	ID          string   `json:"id"`
	Type        []string `json:"type"`
	Name        string   `json:"name"`
	Description string   `json:"description"`
	Criteria    criteria `json:"criteria"`
	Kind        string   `json:"achievementType"`
	HumanCode   string   `json:"humanCode,omitempty"`
	InLanguage  string   `json:"inLanguage,omitempty"`
	Tag         []string `json:"tag,omitempty"`
}

type criteria struct {
	Narrative string `json:"narrative"`
}

type statusEntry struct {
	ID      string `json:"id"`
	Type    string `json:"type"`
	Purpose string `json:"statusPurpose"`
	Index   string `json:"statusListIndex"`
	List    string `json:"statusListCredential"`
}

// Credential is the badge before it is signed: compact JSON, the same bytes for
// the same facts. It fails where the facts lack what a badge must state.
func Credential(f Facts, issuer Profile) ([]byte, error) {
	if err := check(f, issuer); err != nil {
		return nil, fmt.Errorf("badge: %w", err)
	}
	awarded := instant(f.Awarded)
	c := credential{
		Context: []string{credentialsContext, badgesContext},
		ID:      f.Address, Type: []string{"VerifiableCredential", "OpenBadgeCredential"}, Name: f.Course.Title,
		Issuer: issuer.entity(), ValidFrom: awarded, AwardedDate: awarded,
		Subject: subject{
			ID: holderID(f.Address), Type: []string{"AchievementSubject"}, Identifier: identities(f), LicenseNumber: f.Number,
			Starts:      f.Starts.In(f.Zone).Format(time.RFC3339),
			Ends:        f.Ends.AddDays(1).In(f.Zone).Add(-time.Second).Format(time.RFC3339),
			Achievement: f.Course.achievement(f.Language),
		},
		Status: f.Status.entry(),
	}
	if f.ValidUntil != nil {
		c.ValidUntil = instant(*f.ValidUntil)
	}
	return write(c)
}

// IssuerProfile is the document to serve at the issuer's ID.
func IssuerProfile(issuer Profile) ([]byte, error) {
	if err := issuer.check(); err != nil {
		return nil, fmt.Errorf("issuer's profile: %w", err)
	}
	return write(struct {
		Context []string `json:"@context"`
		profile
	}{[]string{credentialsContext, badgesContext}, issuer.entity()})
}

func (p Profile) entity() profile {
	e := profile{ID: p.ID, Type: []string{"Profile"}, Name: p.Name, URL: p.URL}
	if p.Image != "" {
		e.Image = &image{ID: p.Image, Type: "Image"}
	}
	return e
}

func (c Course) achievement(language string) achievement {
	a := achievement{
		ID: c.ID, Type: []string{"Achievement"}, Name: c.Title, Description: cmp.Or(c.Description, c.Title),
		Criteria: criteria{Narrative: c.narrative()}, Kind: "CertificateOfCompletion", HumanCode: c.Code, InLanguage: language,
	}
	if c.Level != "" {
		a.Tag = []string{c.Level}
	}
	return a
}

// plain keeps the texts of a course from being read as Markdown, which the
// narrative is.
var plain = strings.NewReplacer(
	`\`, `\\`, "`", "\\`", "*", `\*`, "_", `\_`, "[", `\[`, "]", `\]`, "<", `\<`, ">", `\>`, "#", `\#`, "|", `\|`, "~", `\~`)

func (c Course) narrative() string {
	var b strings.Builder
	b.WriteString(plain.Replace(strings.TrimSpace(c.Criteria)))
	for i, outcome := range c.Outcomes {
		if i == 0 {
			b.WriteString("\n")
		}
		b.WriteString("\n- " + plain.Replace(strings.Join(strings.Fields(outcome), " ")))
	}
	return b.String()
}

func (s Status) entry() *statusEntry {
	index := strconv.Itoa(s.Index)
	return &statusEntry{
		ID: s.List + "#" + index, Type: "BitstringStatusListEntry", Purpose: revocation, Index: index, List: s.List,
	}
}

func check(f Facts, issuer Profile) error {
	if err := issuer.check(); err != nil {
		return err
	}
	for name, address := range map[string]string{"certificate": f.Address, "course": f.Course.ID, "status list": f.Status.List} {
		if !isAddress(address) {
			return fmt.Errorf("the %s's address is no address", name)
		}
	}
	for name, text := range map[string]string{
		"number": f.Number, "holder": f.Holder, "title": f.Course.Title, "criteria": f.Course.Criteria, "e-mail": cmp.Or(f.EmailHash, f.Reference),
	} {
		if strings.TrimSpace(text) == "" {
			return fmt.Errorf("%s missing", name)
		}
	}
	switch {
	case f.Awarded.IsZero() || f.Starts.IsZero() || f.Ends.Before(f.Starts) || f.Zone == nil:
		return errors.New("the dates do not hold together")
	case f.ValidUntil != nil && !whole(*f.ValidUntil).After(whole(f.Awarded)):
		return errors.New("it would end before it begins")
	case f.Status.Index < 0 || f.Status.Index >= MaxEntries:
		return fmt.Errorf("no list has an entry %d", f.Status.Index)
	}
	return nil
}

func (p Profile) check() error {
	switch {
	case !isAddress(p.ID), p.URL != "" && !isAddress(p.URL), p.Image != "" && !isAddress(p.Image):
		return errors.New("an address of the issuer is no address")
	case strings.TrimSpace(p.Name) == "":
		return errors.New("the issuer has no name")
	}
	return nil
}

func isAddress(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != ""
}

// whole leaves out what NumericDate, which a token's times are written in, would
// need a fraction for: both must be equal.
func whole(t time.Time) time.Time { return t.UTC().Truncate(time.Second) }

func instant(t time.Time) string { return whole(t).Format(time.RFC3339) }

// write fails rather than let the encoder put a replacement in the place of what
// is no letter.
func write(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, fmt.Errorf("write JSON: %w", err)
	}
	if bytes.ContainsRune(b.Bytes(), utf8.RuneError) || bytes.Contains(b.Bytes(), []byte(`\ufffd`)) {
		return nil, errors.New("write JSON: a text has bytes that are no letters")
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}
