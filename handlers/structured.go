package handlers

import (
	"time"

	"github.com/varde-platform/varde/internal/catalogue"
	"github.com/varde-platform/varde/internal/training"
)

// What a page says of a course and its dates in the words of schema.org, for
// search engines. It says nothing that people do not see on the same page.

// StructuredCourse is a schema.org Course.
type StructuredCourse struct {
	Context     string               `json:"@context"`
	Type        string               `json:"@type"`
	URL         string               `json:"url"`
	Name        string               `json:"name"`
	Description string               `json:"description,omitempty"`
	Code        string               `json:"courseCode,omitempty"`
	Provider    *structuredNamed     `json:"provider,omitempty"`
	Instances   []StructuredInstance `json:"hasCourseInstance,omitempty"`
}

// StructuredInstance is a schema.org CourseInstance.
type StructuredInstance struct {
	Type     string            `json:"@type"`
	URL      string            `json:"url"`
	Name     string            `json:"name"`
	Starts   string            `json:"startDate"`
	Ends     string            `json:"endDate"`
	Status   string            `json:"eventStatus,omitempty"`
	Mode     string            `json:"courseMode,omitempty"`
	Language string            `json:"inLanguage,omitempty"`
	Location *structuredPlace  `json:"location,omitempty"`
	Offers   *structuredOffers `json:"offers,omitempty"`
}

type structuredNamed struct {
	Type string `json:"@type"`
	Name string `json:"name"`
}

type structuredPlace struct {
	Type    string            `json:"@type"`
	Name    string            `json:"name"`
	Address structuredAddress `json:"address"`
}

type structuredAddress struct {
	Type     string `json:"@type"`
	Street   string `json:"streetAddress,omitempty"`
	Locality string `json:"addressLocality,omitempty"`
	Country  string `json:"addressCountry,omitempty"`
}

// structuredOffers says that there are seats and until when one can enrol. No
// price is given: costs are told in words.
type structuredOffers struct {
	Type         string `json:"@type"`
	Availability string `json:"availability"`
	Ends         string `json:"availabilityEnds"`
	URL          string `json:"url"`
}

// courseModes are what schema.org calls the forms of delivery.
var courseModes = map[string]string{"online": "Online", "residential": "Onsite", "exercise": "Onsite", "blended": "Blended"}

// structuredCourse describes a course with the runs that its page shows; seats
// are the pools of each run as they are shown, and may lack some.
func (b *Base) structuredCourse(course *catalogue.Course, runs []catalogue.Run, seats map[int][]training.Pool, now time.Time) StructuredCourse {
	title, _ := course.Text(catalogue.KindTitle, b.Lang())
	summary, _ := course.Text(catalogue.KindSummary, b.Lang())
	said := StructuredCourse{Context: "https://schema.org", Type: "Course", Name: title.Text, Description: summary.Text,
		URL: b.BaseURL + b.Href("/courses/", course.Slug), Code: course.Code}
	if course.Provider != "" {
		said.Provider = &structuredNamed{"Organization", course.Provider}
	}
	for i := range runs {
		said.Instances = append(said.Instances, b.structuredInstance(title.Text, course, &runs[i], seats[runs[i].ID], now))
	}
	return said
}

// structuredRows is structuredCourse of the runs in a list.
func (b *Base) structuredRows(course *catalogue.Course, rows []RunRow, now time.Time) StructuredCourse {
	runs, seats := make([]catalogue.Run, len(rows)), map[int][]training.Pool{}
	for i, row := range rows {
		runs[i] = *row.run
		seats[row.run.ID] = row.pools
	}
	return b.structuredCourse(course, runs, seats, now)
}

func (b *Base) structuredInstance(title string, course *catalogue.Course, r *catalogue.Run, pools []training.Pool, now time.Time) StructuredInstance {
	dates := b.DateRange(r.Starts, r.Ends)
	said := StructuredInstance{Type: "CourseInstance", URL: b.BaseURL + b.Href("/runs/", r.Code),
		Name:   b.T("run.title", "course", title, "dates", dates),
		Starts: r.Starts.String(), Ends: r.Ends.String(), Language: r.Language, Mode: courseModes[course.DeliveryForm]}
	if where := b.where(r.Place, r.Country); where != "" {
		said.Location = &structuredPlace{"Place", where, structuredAddress{"PostalAddress", r.Address, r.Place, r.Country}}
	}
	switch r.Status(now) {
	case catalogue.StatusCancelled:
		said.Status = "https://schema.org/EventCancelled"
	case catalogue.StatusOpen:
		said.Offers = &structuredOffers{Type: "Offer", Availability: availability(pools, b.serviceCountry()), Ends: b.DateTime(training.ToldDeadline(r.Closes, r.TimeZone)), URL: said.URL}
	}
	return said
}

// serviceCountry is the confirmed country of who reads; empty: not known.
func (b *Base) serviceCountry() string {
	if b.Viewer == nil {
		return ""
	}
	return b.Viewer.Actor().Country
}

// availability says whether the page's readers can take a seat now, or at least
// the people of some countries can.
func availability(pools []training.Pool, country string) string {
	switch {
	case takeable(training.UsablePools(country, pools)) > 0:
		return "https://schema.org/InStock"
	case takeable(pools) > 0:
		return "https://schema.org/LimitedAvailability"
	}
	return "https://schema.org/SoldOut"
}
