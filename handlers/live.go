package handlers

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/varde-platform/varde/internal/catalogue"
	"github.com/varde-platform/varde/internal/enrolment"
	"github.com/varde-platform/varde/internal/live"
	"github.com/varde-platform/varde/internal/training"
)

// LiveSeats is where a run's page hears of its seats, and how they stood when it
// was made.
type LiveSeats struct {
	Stream, Ask string // addresses: told of each change, and asked now and then
	Standing
	Undecided bool // the reader's next step depends on whether there is a seat
}

// Standing is how seats stand for the readers of one country, in short.
type Standing struct {
	Takeable bool   // one of them can take a seat; for visitors: somebody can
	Say      string // what is read aloud: how many seats are free
}

// SeatsNow is the part of a run's page that changes while it is read.
type SeatsNow struct {
	Page *Base
	Item RunSeats
	Standing
}

const (
	// heartbeat finds out who has left, and keeps what stands between from taking
	// a silent connection for a dead one.
	heartbeat = 15 * time.Second
	// streamLife stays below the server's WriteTimeout, which counts from the first
	// byte: browsers come back by themselves.
	streamLife = 4 * time.Minute
	// comeBack and the same again at random is after how long they do, so that
	// those of a server that stops do not all come to the next one at once.
	comeBack = 2 * time.Second
	// askAgain is what somebody is told for whom there is no room.
	askAgain = "60"
)

// streamEnd is how the address of every stream ends.
const streamEnd = "/live"

// isStream keeps streams from the middleware that compresses: each would need a
// compressor of its own, of many times a stream's size, as long as it lasts.
func isStream(c *fiber.Ctx) bool { return strings.HasSuffix(c.Path(), streamEnd) }

// liveFrom says where a page hears of the seats of a run; nil: they do not change,
// for one cannot enrol.
func (b *Base) liveFrom(r *catalogue.Run, p RunSeats, seats enrolment.Seats, v live.View, now time.Time) *LiveSeats {
	if r.Status(now) != catalogue.StatusOpen {
		return nil
	}
	from := LiveSeats{Stream: b.Href("/runs/", r.Code, streamEnd), Ask: b.Href("/runs/", r.Code, "/seats"),
		Standing: p.standing(seats, v)}
	from.Undecided = seats.Mine == nil && seats.Enrolled == "" && (b.Viewer == nil || b.Viewer.Role != training.RoleAdmin)
	return &from
}

func (p *RunSeats) standing(seats enrolment.Seats, v live.View) Standing {
	usable := seats.Pools
	if !v.Visitor {
		usable = training.UsablePools(v.Country, seats.Pools)
	}
	return Standing{Takeable: takeable(usable) > 0, Say: p.Picture.Sentences[0]}
}

// viewOf is what the seats shown to a reader depend on.
func viewOf(c *fiber.Ctx) live.View {
	return live.View{Lang: langOf(c), Country: actorOf(c).Country, Visitor: viewerOf(c) == nil}
}

// liveSeats tells of the seats of a run as they change, with the piece of the page
// that shows them. To say only that something changed, and have each browser ask,
// would cost a request for each reader and change: 2,000 readers in a rush ask
// 6,000 times a second. The piece is made once for each language and country, and
// sending it costs one write; at 2 kB that is 13 MB a second at the very worst.
func (h *Handlers) liveSeats(c *fiber.Ctx) error {
	r, _, err := h.catalogue.RunByCode(c.UserContext(), c.Params("code"))
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderCacheControl, "no-store")
	if r.Status(h.options.Clock()) != catalogue.StatusOpen {
		return c.SendStatus(fiber.StatusNoContent) // which tells a browser not to come back
	}
	c.Set(fiber.HeaderContentType, "text/event-stream")
	if c.Method() == fiber.MethodHead {
		return nil
	}
	listener, err := h.hub.Listen(r.ID, r.Code)
	if errors.Is(err, live.ErrFull) || errors.Is(err, live.ErrEnded) {
		// No page and no line in the log: in a rush there may be thousands.
		c.Set(fiber.HeaderRetryAfter, askAgain)
		return c.SendStatus(fiber.StatusServiceUnavailable)
	}
	if err != nil {
		return err
	}
	c.Set("X-Accel-Buffering", "no") // nginx, and others after it, else keep it back
	view := viewOf(c)
	c.Context().SetBodyStreamWriter(func(w *bufio.Writer) {
		defer listener.Close()
		stream(w, listener.Pictures(), view)
	})
	return nil
}

// stream writes until the reader leaves, the server stops, or its time is over.
func stream(w *bufio.Writer, pictures <-chan *live.Picture, view live.View) {
	fmt.Fprintf(w, "retry: %d\n\n", (comeBack + rand.N(comeBack)).Milliseconds())
	beat := time.NewTicker(heartbeat)
	defer beat.Stop()
	end := time.After(streamLife - rand.N(streamLife/8))
	for w.Flush() == nil {
		select {
		case picture, open := <-pictures:
			if !open {
				return
			}
			text, err := picture.Show(view)
			if err != nil { // said in the log where it was made
				return
			}
			writeEvent(w, text)
		case <-beat.C:
			_, _ = w.WriteString(":\n\n") // Flush tells what becomes of it
		case <-end:
			return
		}
	}
}

// writeEvent writes a message of a stream, each of whose lines is marked.
func writeEvent(w *bufio.Writer, text []byte) {
	for line := range bytes.Lines(text) {
		_, _ = w.WriteString("data: ")
		_, _ = w.Write(line)
	}
	_, _ = w.WriteString("\n\n")
}

// seatsNow gives the same piece to browsers that ask for it.
func (h *Handlers) seatsNow(c *fiber.Ctx) error {
	r, _, err := h.catalogue.RunByCode(c.UserContext(), c.Params("code"))
	if err != nil {
		return err
	}
	if r.Status(h.options.Clock()) != catalogue.StatusOpen {
		return c.SendStatus(fiber.StatusNoContent)
	}
	seats, err := h.lookAtSeats(c.UserContext(), r.Code)
	if err != nil {
		return err
	}
	text, err := seats.Show(viewOf(c))
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderContentType, fiber.MIMETextHTMLCharsetUTF8)
	return c.Send(text)
}

// lookAtSeats finds out how the seats of a run stand, for nobody in particular.
func (h *Handlers) lookAtSeats(ctx context.Context, code string) (live.Seats, error) {
	r, _, err := h.catalogue.RunByCode(ctx, code)
	if err != nil {
		return live.Seats{}, err
	}
	seats, err := h.enrolment.Seats(ctx, training.Actor{}, r.Code)
	if err != nil {
		return live.Seats{}, err
	}
	return live.Seats{Mark: fmt.Sprint(seats.SeatFigures, seats.Pools), Show: func(v live.View) ([]byte, error) {
		text, err := h.showSeats(r, seats, v)
		if err != nil {
			h.log.Error("piece of a page", "run", r.Code, "error", err)
		}
		return text, err
	}}, nil
}

func (h *Handlers) showSeats(r *catalogue.Run, seats enrolment.Seats, v live.View) ([]byte, error) {
	b := Base{Speaker: h.bundle.For(v.Lang), static: h.static}
	now := SeatsNow{Page: &b, Item: b.figures(r, seats, v.Country)}
	now.Standing = now.Item.standing(seats, v)
	var out bytes.Buffer
	if err := h.pages["run"].ExecuteTemplate(&out, "seatsnow", now); err != nil {
		return nil, fmt.Errorf("fill the seats of run %s: %w", r.Code, err)
	}
	return out.Bytes(), nil
}

// figures are the seats of a run as all readers of one country see them.
func (b *Base) figures(r *catalogue.Run, seats enrolment.Seats, country string) RunSeats {
	count := countSeats(seats.Pools, country)
	p := RunSeats{Coming: true, Picture: b.SeatPicture(seats.Pools, country, seats.Waiting),
		Taken: count.Taken > 0, Free: count.Free > 0, Held: seats.Held > 0}
	p.Kept = p.Picture.KeptFrom != ""
	p.quotas(b, r, seats.Pools, country)
	return p
}
