package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/varde-platform/varde/ent"
	"github.com/varde-platform/varde/ent/person"
	"github.com/varde-platform/varde/ent/run"
	"github.com/varde-platform/varde/internal/app"
	"github.com/varde-platform/varde/internal/catalogue"
	data "github.com/varde-platform/varde/internal/catalogue/data"
	"github.com/varde-platform/varde/internal/certificate"
	"github.com/varde-platform/varde/internal/certificate/number"
	"github.com/varde-platform/varde/internal/config"
	"github.com/varde-platform/varde/internal/people"
	"github.com/varde-platform/varde/internal/training"
)

const (
	// archiveFolder makes this program fill a database in the folder it names, and
	// write an agency's archive from it.
	archiveFolder = "VARDE_BENCH_ARCHIVE"
	// archived is how many certificates are in the archive.
	archived = 10_000
)

// archive measures, in a process of its own, the archive of an agency with many
// certificates: how long it takes while each is drawn, given its badge, sealed and
// kept, how long when all are kept, and how much memory that takes at most.
func archive(ctx context.Context) (string, error) {
	folder, err := os.MkdirTemp("", "varde-bench")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(folder)
	program, err := os.Executable()
	if err != nil {
		return "", fmt.Errorf("find this program: %w", err)
	}
	cmd := exec.CommandContext(ctx, program)
	cmd.Env = append(os.Environ(), archiveFolder+"="+folder)
	var complaint strings.Builder
	cmd.Stderr = &complaint
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("write an archive: %w: %s", err, complaint.String())
	}
	return string(out), nil
}

// wroteArchive is the other process; false if the environment does not ask for it.
func wroteArchive() bool {
	folder, ok := os.LookupEnv(archiveFolder)
	if !ok {
		return false
	}
	slog.SetDefault(slog.New(slog.NewTextHandler(io.Discard, nil)))
	if err := writeArchives(context.Background(), folder); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
	return true
}

func writeArchives(ctx context.Context, folder string) error {
	env := map[string]string{"VARDE_DATABASE_URL": "sqlite:" + filepath.Join(folder, "varde.db"), "VARDE_SECRET_FILE": filepath.Join(folder, "secret"),
		"VARDE_SIGNING_KEY_FILE": filepath.Join(folder, "key"), "VARDE_SIGNING_CHAIN_FILE": filepath.Join(folder, "chain"),
		"VARDE_SIGNING_PASSPHRASE_FILE": filepath.Join(folder, "pass")}
	settings, err := config.Read(func(name string) string { return env[name] })
	if err != nil {
		return err
	}
	a, err := app.Open(ctx, settings, slog.New(slog.NewTextHandler(io.Discard, nil)))
	if err != nil {
		return err
	}
	actor, err := giveCertificates(ctx, a)
	if err != nil {
		return errors.Join(err, a.Close())
	}
	if err := forgetPeak(); err != nil {
		return errors.Join(err, a.Close())
	}
	first, err := writeOne(ctx, a, actor)
	if err != nil {
		return errors.Join(err, a.Close())
	}
	again, err := writeOne(ctx, a, actor)
	if err != nil {
		return errors.Join(err, a.Close())
	}
	peak, err := peakMemory()
	if err != nil {
		return errors.Join(err, a.Close())
	}
	fmt.Printf("**Archive:** %d certificates as one ZIP, SQLite: drawn, badged, sealed and kept in %.0f s (%.0f a second on all cores), the kept ones again in %.1f s; the process took %d MB at most.\n",
		archived, first.Seconds(), archived/first.Seconds(), again.Seconds(), peak>>20)
	return errors.Join(err, a.Close())
}

func writeOne(ctx context.Context, a *app.App, actor training.Actor) (time.Duration, error) {
	began := time.Now()
	packed, err := a.Certificates.Archive(ctx, actor, "lv-bench", certificate.Filter{})
	if err != nil {
		return 0, err
	}
	last := 0
	err = packed.Write(ctx, io.Discard, func(n int) { last = n })
	if err == nil && last != archived {
		err = fmt.Errorf("the archive has %d certificates, not %d", last, archived)
	}
	return time.Since(began), err
}

// giveCertificates writes certificates of one run as issuing would, and gives who
// may fetch them.
func giveCertificates(ctx context.Context, a *app.App) (training.Actor, error) {
	if _, err := a.Catalogue.ImportTrusted(ctx, bytes.NewReader(data.Courses)); err != nil {
		return training.Actor{}, err
	}
	users := []people.NewUser{{Email: "admin@bench.example", Name: "Admin", Role: training.RoleAdmin}}
	for i := range archived {
		users = append(users, people.NewUser{Email: fmt.Sprintf("p%d@bench.example", i), Name: fmt.Sprintf("Jānis Bērziņš-Ķēniņš %d", i),
			Role: training.RoleTrainee, Country: "LV", Agency: "lv-bench", Locale: "lv"})
	}
	for part := range slices.Chunk(users, 4000) {
		if err := a.People.AddUsers(ctx, part); err != nil {
			return training.Actor{}, err
		}
	}
	admin, err := a.DB.Ent.Person.Query().Where(person.Email("admin@bench.example")).Only(ctx)
	if err != nil {
		return training.Actor{}, err
	}
	actor := training.Actor{PersonID: admin.ID, Role: training.RoleAdmin}
	found, err := a.Catalogue.Find(ctx, catalogue.Query{PerPage: 1, Lang: "en"})
	if err != nil {
		return training.Actor{}, err
	}
	day := training.DateOf(time.Now()).AddDays(60)
	if _, err := a.Catalogue.CreateRun(ctx, actor, found.Courses[0].Slug, catalogue.NewRun{Code: "DONE", Starts: day.String(),
		Ends: day.AddDays(4).String(), TimeZone: "Europe/Riga", Place: "Riga", Country: "LV", Language: "en", Size: 24}); err != nil {
		return training.Actor{}, err
	}
	return actor, giveRows(ctx, a)
}

func giveRows(ctx context.Context, a *app.App) error {
	r, err := a.DB.Ent.Run.Query().Where(run.Code("DONE")).WithPools().WithCourse().Only(ctx)
	if err != nil {
		return err
	}
	trainees, err := a.DB.Ent.Person.Query().Where(person.RoleEQ(training.RoleTrainee)).All(ctx)
	if err != nil {
		return err
	}
	now, err := a.DB.Now(ctx)
	if err != nil {
		return err
	}
	for part := range slices.Chunk(trainees, 500) {
		var enrolments []*ent.EnrolmentCreate
		for _, p := range part {
			enrolments = append(enrolments, a.DB.Ent.Enrolment.Create().SetRef(fmt.Sprintf("BENCH%07d", p.ID)).SetRunID(r.ID).SetPersonID(p.ID).
				SetPoolID(r.Edges.Pools[0].ID).SetStatus(training.Completed).SetCountry("LV").SetNillableAgencyID(p.AgencyID).SetCreatedAt(now).SetUpdatedAt(now))
		}
		rows, err := a.DB.Ent.Enrolment.CreateBulk(enrolments...).Save(ctx)
		if err != nil {
			return fmt.Errorf("write enrolments: %w", err)
		}
		var certificates []*ent.CertificateCreate
		for i, p := range part {
			issued, err := number.New(rand.Reader)
			if err != nil {
				return err
			}
			facts, err := factsOf(r, a.Settings.BaseURL+"/verify/"+issued)
			if err != nil {
				return err
			}
			certificates = append(certificates, a.DB.Ent.Certificate.Create().SetNumber(issued).SetEnrolmentID(rows[i].ID).SetRunID(r.ID).SetPersonID(p.ID).
				SetNillableAgencyID(p.AgencyID).SetHolder(p.Name).SetLanguage(p.Locale).SetFacts(facts).SetIssuedAt(now))
		}
		if err := a.DB.Ent.Certificate.CreateBulk(certificates...).Exec(ctx); err != nil {
			return fmt.Errorf("write certificates: %w", err)
		}
	}
	return nil
}

func factsOf(r *ent.Run, address string) (map[string]any, error) {
	text, err := json.Marshal(certificate.Facts{Layout: "2", Issuer: "Varde", VerifyURL: address, CourseCode: r.Edges.Course.Code, Run: r.Code,
		Titles: training.Titles{Text: map[string]string{"lv": "Ugunsgrēku dzēšana uz pasažieru kuģiem", "en": "Firefighting on board passenger ships"}},
		Starts: r.Starts, Ends: r.Ends, TimeZone: r.TimeZone, Place: r.Place, Country: r.Country, Language: r.Language, Days: 5, Minutes: 1800,
		Attendance: training.Attendance{Present: 10, Total: 10}, Threshold: r.Threshold, Agency: "Bench", AgencyState: "LV"})
	if err != nil {
		return nil, err
	}
	var facts map[string]any
	return facts, json.Unmarshal(text, &facts)
}

// forgetPeak lets the kernel measure the most memory anew; garbage of the filling
// is given back first.
func forgetPeak() error {
	debug.FreeOSMemory()
	return os.WriteFile("/proc/self/clear_refs", []byte("5"), 0)
}

// peakMemory is the most memory that this process has had, in bytes.
func peakMemory() (int64, error) {
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0, err
	}
	for line := range strings.SplitSeq(string(text), "\n") {
		if size, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kb, err := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(size), "kB")), 10, 64)
			return kb << 10, err
		}
	}
	return 0, errors.New("the kernel does not tell how much memory was used")
}
