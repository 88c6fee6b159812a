package handlers

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/varde-platform/varde/internal/training"
)

func TestACalendarFileHoldsTheWholeDaysOfTheCourse(t *testing.T) {
	entry := calendarEntry{
		UID: "7K2M@varde.example", Lang: "lv", Summary: "Ugunsgrēki uz kuģiem; 1, 2", Description: "Pirmā rinda\nOtrā",
		Location: `Rīga, "Doks" C:\`, URL: "https://varde.example/lv/me/enrolments/7K2M", Status: "CONFIRMED",
		First: training.Date{Year: 2027, Month: time.December, Day: 30}, Last: training.Date{Year: 2027, Month: time.December, Day: 31},
		Changed: time.Date(2027, time.March, 1, 10, 0, 5, 6000, time.FixedZone("", 2*60*60)),
	}
	want := strings.Join([]string{
		"BEGIN:VCALENDAR",
		"VERSION:2.0",
		"PRODID:-//Varde//Course catalogue and enrolment//EN",
		"CALSCALE:GREGORIAN",
		"BEGIN:VEVENT",
		"UID:7K2M@varde.example",
		"DTSTAMP:20270301T080005Z",
		"DTSTART;VALUE=DATE:20271230",
		"DTEND;VALUE=DATE:20280101",
		`SUMMARY;LANGUAGE=lv:Ugunsgrēki uz kuģiem\; 1\, 2`,
		`DESCRIPTION;LANGUAGE=lv:Pirmā rinda\nOtrā`,
		`LOCATION;LANGUAGE=lv:Rīga\, "Doks" C:\\`,
		"URL:https://varde.example/lv/me/enrolments/7K2M",
		"STATUS:CONFIRMED",
		"END:VEVENT",
		"END:VCALENDAR",
		"",
	}, "\r\n")
	if diff := cmp.Diff(want, entry.file()); diff != "" {
		t.Errorf("the file (-want +got):\n%s", diff)
	}
}

func TestCalendarLinesAreShortAndKeepEveryLetter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		line := strings.Map(func(r rune) rune {
			if r == '\r' || r == '\n' {
				return -1
			}
			return r
		}, rapid.String().Draw(t, "line"))
		folded := foldCalendarLine(line)
		if got := strings.TrimSuffix(strings.ReplaceAll(folded, "\r\n ", ""), "\r\n"); got != line {
			t.Fatalf("unfolded %q, want %q", got, line)
		}
		for part := range strings.SplitSeq(strings.TrimSuffix(folded, "\r\n"), "\r\n") {
			if len(part) > 75 || !utf8.ValidString(part) {
				t.Fatalf("a part of %d octets: %q", len(part), part)
			}
		}
	})
}

func TestNoTextBreaksOutOfItsCalendarLine(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.String().Draw(t, "text")
		if escaped := escapeCalendarText(text); strings.ContainsAny(escaped, "\r\n\x00") {
			t.Fatalf("%q became %q", text, escaped)
		}
	})
}

func TestACalendarShowsAnEndedEnrolmentAsCancelled(t *testing.T) {
	for status, want := range map[training.Status]string{
		training.Confirmed: "CONFIRMED", training.Completed: "CONFIRMED", training.Pending: "TENTATIVE",
		training.Waiting: "TENTATIVE", training.Cancelled: "CANCELLED", training.Declined: "CANCELLED",
	} {
		if got := calendarStatus(status); got != want {
			t.Errorf("%s is %s, want %s", status, got, want)
		}
	}
}
