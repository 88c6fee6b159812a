package handlers

import (
	"cmp"
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/varde-platform/varde/internal/enrolment"
	"github.com/varde-platform/varde/internal/training"
)

// calendarEntry is one stretch of whole days for a calendar program.
type calendarEntry struct {
	UID         string // the same each time the file is fetched, so that it updates the entry
	Lang        string // of the texts
	SummaryLang string // of the summary, where that is another
	Summary     string
	Description string
	Location    string
	URL         string
	Status      string // TENTATIVE, CONFIRMED or CANCELLED
	First, Last training.Date
	Changed     time.Time
}

// calendarStatus is an enrolment's status as calendars know it.
func calendarStatus(s training.Status) string {
	switch {
	case !s.Living():
		return "CANCELLED"
	case s.OnRoster():
		return "CONFIRMED"
	}
	return "TENTATIVE"
}

// whereOf is where the run of an enrolment is held, with its street if the
// catalogue, which may be away or have changed, knows it.
func (h *Handlers) whereOf(ctx context.Context, b *Base, e enrolment.Enrolment) string {
	if r, _, err := h.catalogue.RunByCode(ctx, e.Run); err == nil {
		return b.whereExactly(r)
	}
	return b.where(e.Place, e.Country)
}

// calendarHead begins each file.
var calendarHead = []string{"BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Varde//Course catalogue and enrolment//EN", "CALSCALE:GREGORIAN"}

// file writes the entry alone as RFC 5545 has it.
func (e calendarEntry) file() string { return calendarFile(nil, []calendarEntry{e}) }

// calendarFeed writes a calendar that programs fetch again (RFC 7986). It has no
// method: nobody is invited.
func calendarFeed(name, lang, source string, entries []calendarEntry) string {
	return calendarFile([]string{
		calendarText("NAME", lang, name), calendarText("X-WR-CALNAME", lang, name), // the older name of the same
		"REFRESH-INTERVAL;VALUE=DURATION:" + refreshEvery, "X-PUBLISHED-TTL:" + refreshEvery,
		"SOURCE;VALUE=URI:" + source,
	}, entries)
}

func calendarFile(properties []string, entries []calendarEntry) string {
	var file strings.Builder
	add := func(lines ...string) {
		for _, line := range lines {
			file.WriteString(foldCalendarLine(line))
		}
	}
	add(calendarHead...)
	add(properties...)
	for _, e := range entries {
		add(e.lines()...)
	}
	add("END:VCALENDAR")
	return file.String()
}

func calendarText(name, lang, value string) string {
	return name + ";LANGUAGE=" + lang + ":" + escapeCalendarText(value)
}

func (e calendarEntry) lines() []string {
	const utcStamp = "20060102T150405Z"
	return []string{
		"BEGIN:VEVENT",
		"UID:" + escapeCalendarText(e.UID),
		"DTSTAMP:" + e.Changed.UTC().Format(utcStamp),
		"DTSTART;VALUE=DATE:" + calendarDay(e.First),
		"DTEND;VALUE=DATE:" + calendarDay(e.Last.AddDays(1)), // the first day after
		calendarText("SUMMARY", cmp.Or(e.SummaryLang, e.Lang), e.Summary),
		calendarText("DESCRIPTION", e.Lang, e.Description),
		calendarText("LOCATION", e.Lang, e.Location),
		"URL:" + e.URL,
		"STATUS:" + e.Status,
		"END:VEVENT",
	}
}

func calendarDay(d training.Date) string { return strings.ReplaceAll(d.String(), "-", "") }

// escapeCalendarText also drops what may not stand in a calendar file at all.
func escapeCalendarText(s string) string {
	s = strings.NewReplacer("\r\n", "\n", `\`, `\\`, ";", `\;`, ",", `\,`).Replace(s)
	s = strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' && r != '\t' || r == 0x7F {
			return -1
		}
		return r
	}, s)
	return strings.ReplaceAll(s, "\n", `\n`)
}

// foldCalendarLine ends a line and breaks it so that no part is longer than 75
// octets, between letters.
func foldCalendarLine(line string) string {
	const longest = 75
	var out strings.Builder
	room := longest
	for _, r := range line {
		if n := utf8.RuneLen(r); n > room {
			out.WriteString("\r\n ")
			room = longest - 1
		}
		n, _ := out.WriteRune(r)
		room -= n
	}
	out.WriteString("\r\n")
	return out.String()
}
