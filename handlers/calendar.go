package handlers

import (
	"strings"
	"time"
	"unicode/utf8"

	"github.com/varde-platform/varde/internal/training"
)

// calendarEntry is one stretch of whole days for a calendar program.
type calendarEntry struct {
	UID         string // the same each time the file is fetched, so that it updates the entry
	Lang        string // of the texts
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

// file writes the entry as RFC 5545 has it.
func (e calendarEntry) file() string {
	const utcStamp = "20060102T150405Z"
	text := func(name, value string) string {
		return name + ";LANGUAGE=" + e.Lang + ":" + escapeCalendarText(value)
	}
	lines := []string{
		"BEGIN:VCALENDAR",
		"VERSION:2.0",
		"PRODID:-//Varde//Course catalogue and enrolment//EN",
		"CALSCALE:GREGORIAN",
		"BEGIN:VEVENT",
		"UID:" + escapeCalendarText(e.UID),
		"DTSTAMP:" + e.Changed.UTC().Format(utcStamp),
		"DTSTART;VALUE=DATE:" + calendarDay(e.First),
		"DTEND;VALUE=DATE:" + calendarDay(e.Last.AddDays(1)), // the first day after
		text("SUMMARY", e.Summary),
		text("DESCRIPTION", e.Description),
		text("LOCATION", e.Location),
		"URL:" + e.URL,
		"STATUS:" + e.Status,
		"END:VEVENT",
		"END:VCALENDAR",
	}
	var file strings.Builder
	for _, line := range lines {
		file.WriteString(foldCalendarLine(line))
	}
	return file.String()
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
