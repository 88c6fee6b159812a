package handlers

import (
	"cmp"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/varde-platform/varde/internal/catalogue"
	"github.com/varde-platform/varde/internal/certificate"
	"github.com/varde-platform/varde/internal/enrolment"
	"github.com/varde-platform/varde/internal/training"
)

type apiCourse struct {
	ID          string       `json:"id"`
	Slug        string       `json:"slug"`
	Code        *string      `json:"code"`
	Title       string       `json:"title"`
	TitleLang   string       `json:"title_lang"`
	Summary     string       `json:"summary"`
	SummaryLang string       `json:"summary_lang"`
	Topics      []string     `json:"topics"`
	Professions []string     `json:"professions"`
	Runs        []apiRunLine `json:"runs"`
}

type apiRunLine struct {
	Code     string `json:"code"`
	Starts   string `json:"starts"`
	Ends     string `json:"ends"`
	TimeZone string `json:"time_zone"`
	Place    string `json:"place"`
	Country  string `json:"country"`
	Language string `json:"language"`
	Status   string `json:"status"`
}

// apiPerPage is how many courses a page of the API has.
const apiPerPage = 30

func (h *Handlers) apiCourses(c *fiber.Ctx) error {
	q := catalogueQuery(c)
	q.Lang = cmp.Or(training.CanonicalLanguage(c.Query("lang")), negotiate(c))
	if !training.SpeaksLanguage(q.Lang) {
		return training.InvalidField("lang", "invalid.language", training.Args{"value": c.Query("lang")})
	}
	q.PerPage = apiPerPage
	found, err := h.catalogue.Find(c.UserContext(), q)
	if err != nil {
		return err
	}
	items := make([]apiCourse, len(found.Courses))
	for i, course := range found.Courses {
		items[i] = apiCourseOf(course, q.Lang, h.options.Clock())
	}
	return c.JSON(fiber.Map{"items": items, "total": found.Total, "page": found.Page, "pages": found.Pages})
}

// catalogueQuery reads what the catalogue is asked for from the address. A
// group may be given several times.
func catalogueQuery(c *fiber.Ctx) catalogue.Query {
	several := func(name string) []string {
		var values []string
		for _, v := range c.Context().QueryArgs().PeekMulti(name) {
			if len(v) > 0 {
				values = append(values, string(v))
			}
		}
		return values
	}
	free := c.Query("free")
	return catalogue.Query{Text: c.Query("q"), Topic: several("topic"), Profession: several("profession"),
		Country: upper(several("country")), Language: several("language"), Free: free == "1" || free == "true",
		Page: c.QueryInt("page", 1)}
}

func upper(list []string) []string {
	for i := range list {
		list[i] = strings.ToUpper(list[i])
	}
	return list
}

func apiCourseOf(course *catalogue.Course, lang string, now time.Time) apiCourse {
	title, _ := course.Text(catalogue.KindTitle, lang)
	summary, _ := course.Text(catalogue.KindSummary, lang)
	a := apiCourse{ID: course.ImportID, Slug: course.Slug, Title: title.Text, TitleLang: title.Lang,
		Summary: summary.Text, SummaryLang: summary.Lang, Topics: nonNil(course.Topics),
		Professions: nonNil(course.Professions), Runs: []apiRunLine{}}
	if course.Code != "" {
		a.Code = &course.Code
	}
	for _, r := range catalogue.ComingRuns(course, now) {
		a.Runs = append(a.Runs, apiRunLine{Code: r.Code, Starts: r.Starts.String(), Ends: r.Ends.String(),
			TimeZone: r.TimeZone, Place: r.Place, Country: r.Country, Language: r.Language, Status: r.Status(now)})
	}
	return a
}

func nonNil[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

type apiSeats struct {
	Size    int  `json:"size"`
	Taken   int  `json:"taken"`
	Held    *int `json:"held"` // null while Redis is away
	Free    int  `json:"free"`
	Waiting int  `json:"waiting"`
}

type apiPool struct {
	Country    *string `json:"country"` // null: the open pool
	Size       int     `json:"size"`
	Taken      int     `json:"taken"`
	Held       *int    `json:"held"`
	Free       int     `json:"free"`
	ReleasesAt *string `json:"releases_at"`
}

type apiRunWhole struct {
	Code          string              `json:"code"`
	Course        string              `json:"course"`
	Starts        string              `json:"starts"`
	Ends          string              `json:"ends"`
	TimeZone      string              `json:"time_zone"`
	Place         string              `json:"place"`
	Address       *string             `json:"address"` // null: not said
	Country       string              `json:"country"`
	Language      string              `json:"language"`
	Status        string              `json:"status"`
	Size          int                 `json:"size"`
	Quotas        []apiQuota          `json:"quotas"`
	Opens         *string             `json:"opens"`
	Closes        string              `json:"closes"`
	WithdrawUntil *string             `json:"withdraw_until"`
	Approval      bool                `json:"approval"`
	HalfDays      []training.HalfDay  `json:"half_days"`
	Threshold     int                 `json:"threshold"`
	Conditions    training.Conditions `json:"conditions"`
	FilledBy      string              `json:"filled_by"`
	Discreet      bool                `json:"discreet"`
	Seats         apiSeats            `json:"seats"`
	Pools         []apiPool           `json:"pools"`
	Certificates  *apiProgress        `json:"certificates,omitempty"`
}

type apiQuota struct {
	Country    string  `json:"country"`
	Size       int     `json:"size"`
	ReleasesAt *string `json:"releases_at"`
}

type apiProgress struct {
	Due     int       `json:"due"`
	Issued  int       `json:"issued"`
	Stopped []apiStop `json:"stopped"`
}

type apiStop struct {
	Enrolment string `json:"enrolment"`
	Reason    string `json:"reason"`
}

func (h *Handlers) apiRun(c *fiber.Ctx) error { return h.sendRun(c, fiber.StatusOK, c.Params("code")) }

func (h *Handlers) sendRun(c *fiber.Ctx, status int, code string) error {
	r, course, err := h.catalogue.RunByCode(c.UserContext(), code)
	if err != nil {
		return err
	}
	seats, err := h.enrolment.Seats(c.UserContext(), training.Actor{}, code)
	if err != nil {
		return err
	}
	whole := apiRunOf(r, course, seats, h.options.Clock())
	if !r.ClosedAt.IsZero() {
		progress, err := h.certificates.Progress(c.UserContext(), r.ID)
		if err != nil {
			return err
		}
		whole.Certificates = apiProgressOf(progress)
	}
	return c.Status(status).JSON(whole)
}

func apiProgressOf(p certificate.IssueResult) *apiProgress {
	a := &apiProgress{Due: p.Due, Issued: p.Issued, Stopped: make([]apiStop, len(p.Stopped))}
	for i, s := range p.Stopped {
		a.Stopped[i] = apiStop{Enrolment: s.Enrolment, Reason: s.Reason}
	}
	return a
}

func apiRunOf(r *catalogue.Run, course *catalogue.Course, seats enrolment.Seats, now time.Time) apiRunWhole {
	whole := apiRunWhole{Code: r.Code, Course: course.Slug, Starts: r.Starts.String(), Ends: r.Ends.String(),
		TimeZone: r.TimeZone, Place: r.Place, Address: optional(r.Address), Country: r.Country, Language: r.Language, Status: r.Status(now),
		Size: r.Size, Quotas: []apiQuota{}, Opens: instant(r.Opens, r.Location()), Closes: *instant(r.Closes, r.Location()),
		WithdrawUntil: instant(r.WithdrawUntil, r.Location()), Approval: r.Approval, HalfDays: nonNil(r.HalfDays), Threshold: r.Threshold, Conditions: r.Conditions,
		FilledBy: r.FilledBy, Discreet: r.Discreet,
		Seats: apiSeats{Size: seats.Size, Taken: seats.Taken, Free: seats.Free, Waiting: seats.Waiting,
			Held: known(seats.Held, seats.HeldKnown)}}
	for _, p := range seats.Pools {
		pool := apiPool{Size: p.Size, Taken: p.Taken, Free: p.Free(), Held: known(p.Held, seats.HeldKnown),
			ReleasesAt: instant(p.ReleasesAt, r.Location())}
		if !p.Open() {
			pool.Country = &p.Country
			whole.Quotas = append(whole.Quotas, apiQuota{p.Country, p.Size, pool.ReleasesAt})
		}
		whole.Pools = append(whole.Pools, pool)
	}
	return whole
}

func known(n int, is bool) *int {
	if !is {
		return nil
	}
	return &n
}

// instant writes RFC 3339 with the offset of the zone; nil for none.
func instant(t time.Time, zone *time.Location) *string {
	if t.IsZero() {
		return nil
	}
	s := t.In(zone).Format(time.RFC3339)
	return &s
}

func (h *Handlers) apiCreateRun(c *fiber.Ctx) error {
	actor := actorOf(c)
	if err := training.Can(actor, training.ActAdminister, training.Subject{}); err != nil {
		return err
	}
	var n catalogue.NewRun
	if err := readJSON(c, &n); err != nil {
		return err
	}
	r, err := h.catalogue.CreateRun(c.UserContext(), actor, c.Params("slug"), n)
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderLocation, "/api/v1/runs/"+r.Code)
	return h.sendRun(c, fiber.StatusCreated, r.Code)
}

func (h *Handlers) apiCertificate(c *fiber.Ctx) error {
	p, err := h.certificates.Verify(c.UserContext(), c.Params("number"))
	if err != nil {
		return err
	}
	return c.JSON(certificateJSON(p, negotiate(c)))
}

func certificateJSON(p certificate.Public, lang string) fiber.Map {
	title, _ := p.Titles.In(lang)
	when := func(t *time.Time) *string {
		if t == nil {
			return nil
		}
		return instant(*t, time.UTC)
	}
	return fiber.Map{"number": p.Number, "state": p.State, "holder": optional(p.Holder), "course": title,
		"starts": p.Starts.String(), "ends": p.Ends.String(), "issuer": p.Issuer, "issued_at": instant(p.IssuedAt, time.UTC),
		"expires_at": when(p.ExpiresAt), "revoked_at": when(p.RevokedAt), "reason": optional(p.Reason),
		"replaced_by": optional(p.ReplacedBy)}
}

type apiListed struct {
	Number    string  `json:"number"`
	Holder    string  `json:"holder,omitempty"`
	Course    string  `json:"course"`
	Run       string  `json:"run"`
	IssuedAt  string  `json:"issued_at"`
	State     string  `json:"state"`
	ExpiresAt *string `json:"expires_at"`
}

func apiListedOf(list []certificate.Listed, titled func(training.Titles) catalogue.Text, holders bool) []apiListed {
	items := make([]apiListed, len(list))
	for i, l := range list {
		items[i] = apiListed{Number: l.Number, Course: titled(l.Titles).Text, Run: l.RunCode, State: l.State, IssuedAt: *instant(l.IssuedAt, time.UTC)}
		if holders {
			items[i].Holder = l.Holder
		}
		if l.ExpiresAt != nil {
			items[i].ExpiresAt = instant(*l.ExpiresAt, time.UTC)
		}
	}
	return items
}

func (h *Handlers) apiMyCertificates(c *fiber.Ctx) error {
	list, err := h.certificates.Mine(c.UserContext(), actorOf(c))
	if err != nil {
		return err
	}
	return c.JSON(fiber.Map{"items": apiListedOf(list, h.titledFor(c.UserContext(), negotiate(c)), false)})
}

func (h *Handlers) apiAgencyCertificates(c *fiber.Ctx) error {
	f, err := certificateFilter(c)
	if err := h.toManagers(c, err); err != nil {
		return err
	}
	list, err := h.certificates.OfAgency(c.UserContext(), actorOf(c), c.Params("slug"), f)
	if err != nil {
		return err
	}
	return c.JSON(fiber.Map{"items": apiListedOf(list, h.titledFor(c.UserContext(), negotiate(c)), true), "total": len(list)})
}

func (h *Handlers) apiAgencyArchive(c *fiber.Ctx) error { return h.sendArchive(c) }

func (h *Handlers) apiCertificateFile(c *fiber.Ctx) error { return h.certificateFile(c) }
