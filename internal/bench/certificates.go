package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/varde-platform/varde/internal/certificate/page"
	"github.com/varde-platform/varde/internal/certificate/seal"
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
	const unsigned = "certificates drawn on one core, unsigned"
	drawn, err := againstReportLab(ctx, p, "", true)
	if err != nil {
		return nil, err
	}
	drawn.what, drawn.wanted = unsigned, 5
	// Most of ReportLab's time goes into the code that leads to the check: nobody is
	// to take that for the speed of its text.
	plain, err := againstReportLab(ctx, p.shorter(), "", false)
	if err != nil {
		return nil, err
	}
	plain.what = unsigned
	sealed, err := againstReportLab(ctx, p.shorter(), "sealed", true)
	sealed.what = "certificates drawn and sealed (RSA, 3072 bits) on one core"
	return []row{drawn, plain, sealed}, err
}

// againstReportLab measures our whole page, drawn so, against ReportLab's with or
// without its QR code.
func againstReportLab(ctx context.Context, p plan, how string, code bool) (row, error) {
	r, err := compareRates(ctx, p.rounds,
		func() (float64, error) { return drawElsewhere(ctx, p.length, how) },
		func() (float64, error) { return reportLab(ctx, p.length, code) })
	r.against = "ReportLab, the same page unsigned"
	if !code {
		r.against = "ReportLab, the page without its QR code"
	}
	return r, err
}

// drawElsewhere runs this program again with one core for all it does, garbage
// collection too.
func drawElsewhere(ctx context.Context, length time.Duration, how string) (float64, error) {
	program, err := os.Executable()
	if err != nil {
		return 0, fmt.Errorf("find this program: %w", err)
	}
	cmd := exec.CommandContext(ctx, program)
	cmd.Env = append(os.Environ(), drawSeconds+"="+strconv.FormatFloat(length.Seconds(), 'f', -1, 64)+" "+how)
	return rateSaid(cmd)
}

func reportLab(ctx context.Context, length time.Duration, code bool) (float64, error) {
	order, err := json.Marshal(map[string]any{
		"seconds": length.Seconds(), "code": code,
		"fonts": map[string]string{"serif": fontFolder + "NotoSerif-common.ttf", "sans": fontFolder + "NotoSans-common.ttf"},
		"texts": reportLabTexts(benchCertificate(0)),
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
	length, how, _ := strings.Cut(wanted, " ")
	seconds, err := strconv.ParseFloat(length, 64)
	if err == nil {
		runtime.GOMAXPROCS(1)
		var drawn float64
		if drawn, err = drawFor(time.Duration(seconds*float64(time.Second)), how == "sealed"); err == nil {
			fmt.Println(drawn)
			return true
		}
	}
	fmt.Fprintln(os.Stderr, "bench:", err)
	os.Exit(1)
	return true
}

func drawFor(length time.Duration, sealed bool) (float64, error) {
	issuer, err := benchIssuer(sealed)
	if err != nil {
		return 0, err
	}
	draw := func(i int) error {
		pdf, err := page.Render(benchCertificate(i))
		if err == nil && sealed {
			_, err = seal.Sign(context.Background(), pdf, issuer, seal.Options{At: time.Now(), Number: benchCertificate(i).Number, Name: "Bench"})
		}
		return err
	}
	if err := draw(0); err != nil {
		return 0, err
	}
	drawn, began := 0, time.Now()
	for time.Since(began) < length {
		drawn++
		if err := draw(drawn % 10000); err != nil {
			return 0, err
		}
	}
	return float64(drawn) / time.Since(began).Seconds(), nil
}

// benchIssuer makes a key to seal with; nil where nothing is sealed.
func benchIssuer(sealed bool) (*seal.Issuer, error) {
	if !sealed {
		return nil, nil
	}
	folder, err := os.MkdirTemp("", "varde-bench")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(folder)
	key, chain := filepath.Join(folder, "key"), filepath.Join(folder, "chain")
	if err := seal.Make(seal.New{KeyFile: key, ChainFile: chain, Name: "Bench", At: time.Now().Add(-time.Hour)}); err != nil {
		return nil, err
	}
	return seal.Load(key, chain, "")
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
