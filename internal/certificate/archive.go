package certificate

import (
	"archive/zip"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
	"sync"
	"time"

	"github.com/varde-platform/varde/ent"
	"github.com/varde-platform/varde/ent/certificate"
	"github.com/varde-platform/varde/internal/certificate/number"
	"github.com/varde-platform/varde/internal/store"
	"github.com/varde-platform/varde/internal/training"
)

// Archive is the files of an agency's certificates as one ZIP archive, ready to
// be written: certificates.csv and certificates.json list them all, and each that
// stands is there as a PDF in its holder's language. One that was revoked or
// replaced is told of, and not handed on.
type Archive struct {
	Count   int // certificates in the lists
	service *Service
	ids     []int
	latest  time.Time
	now     time.Time  // by which lists and files go
	settled []standing // of the certificates so far, in the order of ids
}

// standing is how a certificate stood when its line was first written. The whole
// archive keeps to it: what a list names as a file is a file in it, even where it
// was revoked meanwhile.
type standing struct{ state, replacedBy string }

// settle is the standing of the i-th certificate.
func (a *Archive) settle(i int, row listRow) standing {
	if i == len(a.settled) {
		a.settled = append(a.settled, standing{stateOf(row.Certificate, a.now), row.ReplacedBy})
	}
	return a.settled[i]
}

// Archive prepares the archive of an agency. Whoever may not have it is told so
// here.
func (s *Service) Archive(ctx context.Context, actor training.Actor, slug string, f Filter) (*Archive, error) {
	id, err := s.managed(ctx, actor, slug)
	if err != nil {
		return nil, err
	}
	ids, err := s.chosen(ctx, f, certificate.AgencyID(id))
	if err != nil {
		return nil, err
	}
	a := &Archive{Count: len(ids), service: s, ids: ids}
	// The lists are as old as the latest certificate, so that the bytes repeat.
	a.latest = time.Date(1980, time.January, 1, 0, 0, 0, 0, time.UTC)
	if len(ids) > 0 {
		row, err := s.db.Ent.Certificate.Get(ctx, ids[0])
		if err != nil {
			return nil, fmt.Errorf("read the latest certificate: %w", err)
		}
		a.latest = store.Instant(row.IssuedAt)
	}
	return a, nil
}

// Write writes the archive piece by piece, so that its length does not matter,
// and calls done with the number of certificates that are in it by then. It only
// fails where reading, drawing or writing does.
func (a *Archive) Write(ctx context.Context, w io.Writer, done func(int)) error {
	var err error
	if a.now, err = a.service.db.Now(ctx); err != nil {
		return err
	}
	a.settled = make([]standing, 0, len(a.ids))
	archive := zip.NewWriter(w)
	// The lists come first: whoever's connection breaks sees what is missing.
	for _, list := range []struct {
		name  string
		write func(context.Context, io.Writer) error
	}{{"certificates.csv", a.writeTable}, {"certificates.json", a.writeJSON}} {
		entry, err := archive.CreateHeader(&zip.FileHeader{Name: list.name, Method: zip.Deflate, Modified: a.latest})
		if err != nil {
			return fmt.Errorf("write the archive: %w", err)
		}
		if err := list.write(ctx, entry); err != nil {
			return fmt.Errorf("write %s: %w", list.name, err)
		}
	}
	ready := 0
	err = a.service.inParts(ctx, a.ids, func(rows []listRow) error {
		if err := a.writeFiles(ctx, archive, rows, a.settled[ready:]); err != nil {
			return err
		}
		ready += len(rows)
		done(ready)
		return nil
	})
	if err != nil {
		return err
	}
	if err := archive.Close(); err != nil {
		return fmt.Errorf("write the archive: %w", err)
	}
	return nil
}

// writeFiles makes the files of a part, whose standings come first in settled,
// side by side and writes them in order.
func (a *Archive) writeFiles(ctx context.Context, archive *zip.Writer, rows []listRow, settled []standing) error {
	files, faults := make([]File, len(rows)), make([]error, len(rows))
	room := make(chan struct{}, runtime.GOMAXPROCS(0))
	var wg sync.WaitGroup
	for i, row := range rows {
		if !stands(settled[i].state) {
			continue
		}
		room <- struct{}{}
		wg.Go(func() {
			defer func() { <-room }()
			files[i], faults[i] = a.service.fileOrFault(ctx, row.Certificate, row.Language)
		})
	}
	wg.Wait()
	for i, file := range files {
		if faults[i] != nil {
			return faults[i]
		}
		if file.Name == "" {
			continue
		}
		// A PDF is packed already.
		entry, err := archive.CreateHeader(&zip.FileHeader{Name: file.Name, Method: zip.Store, Modified: store.Instant(rows[i].IssuedAt)})
		if err != nil {
			return fmt.Errorf("write the archive: %w", err)
		}
		if _, err := entry.Write(file.Bytes); err != nil {
			return fmt.Errorf("write the archive: %w", err)
		}
	}
	return nil
}

// fileOrFault makes a panic an error: outside of its caller's goroutine nothing
// else would keep it from ending the server.
func (s *Service) fileOrFault(ctx context.Context, row *ent.Certificate, lang string) (file File, err error) {
	defer func() {
		if cause := recover(); cause != nil {
			file, err = File{}, fmt.Errorf("make the file of certificate %s: panic: %v\n%s", number.Mask(row.Number), cause, debug.Stack())
		}
	}()
	return s.file(ctx, row, lang)
}

// stands reports whether what a certificate says is for handing on.
func stands(state string) bool {
	return state == training.CertificateValid || state == training.CertificateExpired
}

// line is a certificate in the lists of an archive.
type line struct {
	Number     string     `json:"number"`
	Holder     string     `json:"holder"`
	Course     string     `json:"course"` // in the holder's language, as on the file beside it
	CourseCode string     `json:"course_code"`
	Run        string     `json:"run"`
	Starts     string     `json:"starts"`
	Ends       string     `json:"ends"`
	IssuedAt   time.Time  `json:"issued_at"`
	State      string     `json:"state"`
	ExpiresAt  *time.Time `json:"expires_at"`
	ReplacedBy string     `json:"replaced_by,omitempty"`
	File       string     `json:"file,omitempty"` // its name in the archive; empty: it does not stand
}

func lineOf(row listRow, now standing) line {
	title, _ := row.facts.Titles.In(row.Language)
	l := line{Number: row.Number, Holder: row.Holder, Course: title, CourseCode: row.facts.CourseCode, Run: row.facts.Run,
		Starts: row.facts.Starts, Ends: row.facts.Ends, IssuedAt: store.Instant(row.IssuedAt), State: now.state,
		ExpiresAt: instant(row.ExpiresAt), ReplacedBy: now.replacedBy}
	if stands(l.State) {
		l.File = fileName(row.Certificate, row.facts)
	}
	return l
}

func (a *Archive) eachLine(ctx context.Context, visit func(line) error) error {
	at := 0
	return a.service.inParts(ctx, a.ids, func(rows []listRow) error {
		for _, row := range rows {
			if err := visit(lineOf(row, a.settle(at, row))); err != nil {
				return err
			}
			at++
		}
		return nil
	})
}

// writeTable writes UTF-8 with a byte order mark, without which spreadsheet
// programs guess the letters wrong.
func (a *Archive) writeTable(ctx context.Context, w io.Writer) error {
	if _, err := io.WriteString(w, "\ufeff"); err != nil {
		return err
	}
	out := csv.NewWriter(w)
	out.UseCRLF = true
	if err := out.Write([]string{"number", "holder", "course", "course_code", "run", "starts", "ends", "issued_at", "state", "expires_at",
		"replaced_by", "file"}); err != nil {
		return err
	}
	err := a.eachLine(ctx, func(l line) error {
		expires := ""
		if l.ExpiresAt != nil {
			expires = l.ExpiresAt.Format(time.RFC3339)
		}
		row := []string{l.Number, l.Holder, l.Course, l.CourseCode, l.Run, l.Starts, l.Ends, l.IssuedAt.Format(time.RFC3339), l.State,
			expires, l.ReplacedBy, l.File}
		for i := range row {
			row[i] = training.CSVCell(row[i])
		}
		return out.Write(row)
	})
	out.Flush()
	if err != nil {
		return err
	}
	return out.Error()
}

// writeJSON writes the same lines as one array.
func (a *Archive) writeJSON(ctx context.Context, w io.Writer) error {
	before := "["
	err := a.eachLine(ctx, func(l line) error {
		text, err := json.Marshal(l)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(w, "%s\n%s", before, text)
		before = ","
		return err
	})
	if err != nil {
		return err
	}
	if before == "[" {
		_, err = io.WriteString(w, "[]\n")
	} else {
		_, err = io.WriteString(w, "\n]\n")
	}
	return err
}
