package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/varde-platform/varde/internal/certificate/page"
)

const (
	// drawSeconds is set for the process that draws certificates on one core, to
	// for how long.
	drawSeconds = "VARDE_BENCH_CERTIFICATES"

	reportLabScript = "internal/bench/reportlab/certificate.py"
	fontFolder      = "internal/certificate/page/fonts/"
)

// certificates measures pages drawn on one core against ReportLab drawing the
// same page, each in a process of its own that reads the fonts once. Every page
// has a number of its own, and so a code of its own.
func certificates(ctx context.Context, p plan) ([]row, error) {
	r, err := compareRates(ctx, p.rounds,
		func() (float64, error) { return drawElsewhere(ctx, p.length) },
		func() (float64, error) { return reportLab(ctx, p.length) })
	r.what, r.against, r.wanted = "certificates drawn on one core, unsigned", "ReportLab, the same page", 5
	return []row{r}, err
}

// drawElsewhere runs this program again with one core for all it does, garbage
// collection too.
func drawElsewhere(ctx context.Context, length time.Duration) (float64, error) {
	program, err := os.Executable()
	if err != nil {
		return 0, fmt.Errorf("find this program: %w", err)
	}
	cmd := exec.CommandContext(ctx, program)
	cmd.Env = append(os.Environ(), drawSeconds+"="+strconv.FormatFloat(length.Seconds(), 'f', -1, 64))
	return rateSaid(cmd)
}

func reportLab(ctx context.Context, length time.Duration) (float64, error) {
	order, err := json.Marshal(map[string]any{
		"seconds": length.Seconds(),
		"fonts":   map[string]string{"serif": fontFolder + "NotoSerif-common.ttf", "sans": fontFolder + "NotoSans-common.ttf"},
		"texts":   reportLabTexts(benchCertificate(0)),
	})
	if err != nil {
		return 0, fmt.Errorf("order for ReportLab: %w", err)
	}
	// Debian's Python has Debian's ReportLab; another one first in the path has not.
	cmd := exec.CommandContext(ctx, "/usr/bin/python3", reportLabScript)
	cmd.Stdin = bytes.NewReader(order)
	return rateSaid(cmd)
}

// rateSaid runs a program whose output is one figure.
func rateSaid(cmd *exec.Cmd) (float64, error) {
	var complaint strings.Builder
	cmd.Stderr = &complaint
	out, err := cmd.Output()
	if err != nil {
		return 0, fmt.Errorf("%s: %w: %s", cmd.Path, err, complaint.String())
	}
	return strconv.ParseFloat(strings.TrimSpace(string(out)), 64)
}

// drewCertificates draws for as long as the environment says and prints how many
// a second; false if it says nothing.
func drewCertificates() bool {
	wanted, ok := os.LookupEnv(drawSeconds)
	if !ok {
		return false
	}
	seconds, err := strconv.ParseFloat(wanted, 64)
	if err == nil {
		runtime.GOMAXPROCS(1)
		var drawn float64
		if drawn, err = drawFor(time.Duration(seconds * float64(time.Second))); err == nil {
			fmt.Println(drawn)
			return true
		}
	}
	fmt.Fprintln(os.Stderr, "bench:", err)
	os.Exit(1)
	return true
}

func drawFor(length time.Duration) (float64, error) {
	if _, err := page.Render(benchCertificate(0)); err != nil {
		return 0, err
	}
	drawn, began := 0, time.Now()
	for time.Since(began) < length {
		drawn++
		if _, err := page.Render(benchCertificate(drawn % 10000)); err != nil {
			return 0, err
		}
	}
	return float64(drawn) / time.Since(began).Seconds(), nil
}

func benchCertificate(i int) page.Facts {
	number := fmt.Sprintf("7K3M-9QXA-WB5T-%04d", i)
	return page.Facts{
		Lang: "lv", Number: number, VerifyURL: "https://varde.example/verify/" + number,
		IssuedAt: time.Date(2027, 6, 12, 9, 30, 0, 0, time.UTC), Holder: "Jānis Bērziņš-Ķēniņš",
		Issuer: "Council of the Baltic Sea States · State Fire and Rescue Service",
		Primary: page.Text{
			Heading: "Apliecība par kursa apguvi", Awarded: "Šī apliecība piešķirta", Completed: "par sekmīgi apgūtu kursu",
			Course: "Ugunsgrēku dzēšana uz pasažieru kuģiem", CourseLang: "lv",
			Facts: []page.Fact{
				{Label: "Norises laiks", Value: "2027. gada 12.–16. maijs"}, {Label: "Norises vieta", Value: "Rīga, Latvija"},
				{Label: "Apmeklējums", Value: "9 no 10 pusdienām"}, {Label: "Mācību valoda", Value: "angļu"},
				{Label: "Kursa kods", Value: "SHIP-07"}, {Label: "Iestāde", Value: "Rīgas glābšanas dienests"}, {Label: "Valsts", Value: "Latvija"},
			},
			Signed: "Izsniedza Ugunsdrošības koledža 2027. gada 12. jūnijā", VerifyHint: "Pārbaudiet dokumenta autentiskumu šajā adresē",
		},
		Secondary: page.Text{
			Heading: "Certificate of completion", Awarded: "This certificate is awarded to", Completed: "who has completed the course",
			Course: "Firefighting on board passenger ships", CourseLang: "en",
			Facts: []page.Fact{
				{Label: "Dates", Value: "12–16 May 2027"}, {Label: "Venue", Value: "Rīga, Latvia"},
				{Label: "Attendance", Value: "9 of 10 half days"}, {Label: "Course language", Value: "English"},
				{Label: "Course code", Value: "SHIP-07"}, {Label: "Agency", Value: "Rīga Rescue Service"}, {Label: "Country", Value: "Latvia"},
			},
			Signed: "Issued by the Fire Safety College on 12 June 2027", VerifyHint: "Check this certificate at",
		},
	}
}

// reportLabTexts are the same texts by the names that the script knows.
func reportLabTexts(f page.Facts) map[string]any {
	language := func(t page.Text) map[string]any {
		var facts [][2]string
		for _, fact := range t.Facts {
			facts = append(facts, [2]string{fact.Label, fact.Value})
		}
		return map[string]any{
			"heading": t.Heading, "awarded": t.Awarded, "completed": t.Completed, "course": t.Course,
			"facts": facts, "signed": t.Signed, "hint": t.VerifyHint,
		}
	}
	return map[string]any{
		"holder": f.Holder, "issuer": f.Issuer, "first": language(f.Primary), "second": language(f.Secondary),
	}
}
