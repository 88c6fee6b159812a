package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"time"

	"github.com/varde-platform/varde/internal/app"
	"github.com/varde-platform/varde/internal/catalogue"
	data "github.com/varde-platform/varde/internal/catalogue/data"
	"github.com/varde-platform/varde/internal/config"
	"github.com/varde-platform/varde/internal/people"
	"github.com/varde-platform/varde/internal/training"
)

// onlyRun is the run of a catalogue that is measured by its number of courses.
const onlyRun = "ONLY"

// serveCourses serves a catalogue of so many courses, the shipped ones over and
// over, with one run of the first.
func serveCourses(ctx context.Context, n int) (*site, error) {
	folder, err := os.MkdirTemp("", "varde-bench")
	if err != nil {
		return nil, err
	}
	s, err := serve(ctx, folder, func(settings config.Settings, quiet *slog.Logger) error {
		return fillCourses(ctx, settings, quiet, n)
	})
	if err != nil {
		return nil, err
	}
	stop := s.stop
	s.stop = func() { stop(); os.RemoveAll(folder) }
	return s, nil
}

// atOnce is how many courses are imported together: a file has an end.
const atOnce = 10_000

// importCourses imports n courses.
func importCourses(ctx context.Context, a *app.App, n int) error {
	for from := 0; from < n; from += atOnce {
		list, err := manyCourses(from, min(from+atOnce, n))
		if err != nil {
			return err
		}
		if _, err := a.Catalogue.ImportTrusted(ctx, bytes.NewReader(list)); err != nil {
			return err
		}
	}
	return nil
}

// manyCourses writes a catalogue of courses, from one number to before another.
func manyCourses(from, to int) ([]byte, error) {
	var shipped []map[string]any
	if err := json.Unmarshal(data.Courses, &shipped); err != nil {
		return nil, fmt.Errorf("read the shipped courses: %w", err)
	}
	var list []map[string]any
	for i := from; i < to; i++ {
		course := maps.Clone(shipped[i%len(shipped)])
		if again := i / len(shipped); again > 0 {
			course["id"] = fmt.Sprintf("%v-%d", course["id"], again)
			course["title"] = fmt.Sprintf("%v %d", course["title"], again)
		}
		list = append(list, course)
	}
	return json.Marshal(list)
}

func fillCourses(ctx context.Context, settings config.Settings, quiet *slog.Logger, n int) error {
	if _, err := config.Secret(settings.SecretFile, true); err != nil {
		return err
	}
	a, err := app.Open(ctx, settings, quiet)
	if err != nil {
		return err
	}
	defer a.Close()
	if err := importCourses(ctx, a, n); err != nil {
		return err
	}
	if err := a.People.AddUsers(ctx, []people.NewUser{{Email: "admin@bench.example", Name: "Admin", Role: training.RoleAdmin}}); err != nil {
		return err
	}
	tokens, err := a.People.IssueTokens(ctx, []string{"admin@bench.example"}, 1)
	if err != nil {
		return err
	}
	account, err := a.People.ByToken(ctx, tokens[0])
	if err != nil {
		return err
	}
	found, err := a.Catalogue.Find(ctx, catalogue.Query{PerPage: 1, Lang: "en"})
	if err != nil {
		return err
	}
	day := training.DateOf(time.Now()).AddDays(60)
	_, err = a.Catalogue.CreateRun(ctx, account.Actor(), found.Courses[0].Slug, catalogue.NewRun{Code: onlyRun, Starts: day.String(),
		Ends: day.AddDays(4).String(), TimeZone: "Europe/Riga", Place: "Riga", Country: "LV", Language: "en", Size: 24})
	return err
}
