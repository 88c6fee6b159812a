package handlers

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/varde-platform/varde/internal/certificate"
	"github.com/varde-platform/varde/internal/training"
)

// Notes keeps short notes for some minutes, for all servers. What cannot be kept
// or read is not there.
type Notes interface {
	Put(ctx context.Context, key, note string)
	Get(ctx context.Context, key string) (note string, found bool)
}

// archiveProgress is how far a download is.
type archiveProgress struct {
	Done   int  `json:"done"`
	Total  int  `json:"total"`
	Broken bool `json:"broken"` // it has ended before its end
}

// progressToken is what a page calls its own download by.
var progressToken = regexp.MustCompile(`^[0-9a-f]{32}$`)

// progressKey is where the progress of a download is kept: only who downloads
// reads it.
func progressKey(actor training.Actor, slug, token string) string {
	return "archive:" + strconv.Itoa(actor.PersonID) + ":" + slug + ":" + token
}

// archiveProgress tells a page how far its download is; nothing where that is not
// known.
func (h *Handlers) archiveProgress(c *fiber.Ctx) error {
	slug, token := c.Params("slug"), c.Params("token")
	if err := mayManageAnAgency(actorOf(c)); err != nil {
		return err
	}
	if err := h.certificates.Manages(c.UserContext(), actorOf(c), slug); err != nil {
		return err
	}
	if !progressToken.MatchString(token) {
		return training.NotFound()
	}
	note, found := h.notes.Get(c.UserContext(), progressKey(actorOf(c), slug, token))
	if !found {
		return c.SendStatus(fiber.StatusNoContent)
	}
	c.Set(fiber.HeaderContentType, fiber.MIMEApplicationJSON)
	return c.SendString(note)
}

// noteProgress gives what notes how far a download is: nothing, where the page did
// not ask for it.
func (h *Handlers) noteProgress(c *fiber.Ctx, slug string, total int) func(done int, broken bool) {
	token := c.Query("progress")
	if !progressToken.MatchString(token) {
		return func(int, bool) {}
	}
	// The request's own time may be over when its download breaks.
	ctx, key := context.WithoutCancel(c.UserContext()), progressKey(actorOf(c), slug, token)
	return func(done int, broken bool) {
		note, err := json.Marshal(archiveProgress{Done: done, Total: total, Broken: broken})
		if err == nil {
			h.notes.Put(ctx, key, string(note))
		}
	}
}

// agencyArchive packs all that are found, or those that were chosen.
func (h *Handlers) agencyArchive(c *fiber.Ctx) error {
	if c.Query("chosen") != "" && !c.Context().QueryArgs().Has("number") {
		return h.showAgency(c, &training.Fault{Kind: training.KindInvalid,
			Fields: []training.FieldFault{{Field: "certificates", Key: "invalid.choose_certificates"}}})
	}
	return h.sendArchive(c)
}

// sendArchive streams the agency's certificates as one file, so that its length
// does not matter: those of the filter, or of them those whose numbers are
// given. A failure on the way breaks the connection, so that nobody takes half
// of the certificates for all of them.
func (h *Handlers) sendArchive(c *fiber.Ctx) error {
	slug := c.Params("slug")
	filter, err := certificateFilter(c)
	if err := h.toManagers(c, err); err != nil {
		return err
	}
	for _, number := range c.Context().QueryArgs().PeekMulti("number") {
		filter.Numbers = append(filter.Numbers, string(number))
	}
	archive, err := h.certificates.Archive(c.UserContext(), actorOf(c), slug, filter)
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderContentType, "application/zip")
	c.Set(fiber.HeaderContentDisposition, attachment("varde-"+slug+"-certificates.zip"))
	c.Request().Header.Del(fiber.HeaderAcceptEncoding) // what is in it is packed already
	out, in := io.Pipe()
	conn, note := c.Context().Conn(), h.noteProgress(c, slug, archive.Count)
	go h.pack(c.UserContext(), archive, in, slug, func(done int, broken bool) {
		// The server's bound is for the whole answer; here it is for each part.
		_ = conn.SetWriteDeadline(time.Now().Add(writePatience)) // a connection that has gone says so by itself
		note(done, broken)
	})
	c.Context().SetBodyStream(out, -1)
	return nil
}

func (h *Handlers) pack(ctx context.Context, archive *certificate.Archive, in *io.PipeWriter, slug string, note func(done int, broken bool)) {
	packed := 0
	note(0, false)
	err := withoutPanic(func() error {
		return archive.Write(ctx, in, func(done int) {
			packed = done
			note(done, false)
		})
	})
	if err != nil {
		note(packed, true)
		if !errors.Is(err, io.ErrClosedPipe) {
			h.log.Error("certificates of an agency", "agency", slug, "packed", packed, "error", err)
		}
	}
	in.CloseWithError(err)
}

// withoutPanic turns a panic into an error: outside of a request nothing else
// would keep it from ending the server.
func withoutPanic(do func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v", r)
		}
	}()
	return do()
}
