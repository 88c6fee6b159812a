package live

import "sync"

// View is all that the seats shown depend on besides the seats.
type View struct {
	Lang    string
	Country string // of the reader, confirmed, whose quota is shown apart; empty: none
	Visitor bool   // not signed in: of no country yet
}

// Picture is the seats of a run at one moment as readers see them. It is safe for
// concurrent use.
type Picture struct {
	seats Seats
	mu    sync.Mutex
	shown map[View]shown
}

type shown struct {
	text []byte
	err  error
}

// Show gives the text for one kind of reader, which is made when the first of
// them asks, and then is the same for all. Nobody may change it.
func (p *Picture) Show(v View) ([]byte, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	s, ok := p.shown[v]
	if !ok {
		s.text, s.err = p.seats.Show(v)
		if p.shown == nil {
			p.shown = map[View]shown{}
		}
		p.shown[v] = s
	}
	return s.text, s.err
}

// Listener is somebody who looks at a run.
type Listener struct {
	hub      *Hub
	run      *watched
	pictures chan *Picture
}

// Listen begins to listen to a run; its latest picture comes first. Whoever calls
// it has to Close the listener. Faults: ErrFull, ErrEnded.
func (h *Hub) Listen(runID int, code string) (*Listener, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.running {
		return nil, ErrEnded
	}
	if h.count >= MaxListeners {
		return nil, ErrFull
	}
	r := h.runs[runID]
	if r == nil {
		r = &watched{id: runID, code: code, listeners: map[*Listener]bool{}, changed: make(chan struct{}, 1)}
		h.runs[runID] = r
		signal(h.news)
	}
	l := &Listener{hub: h, run: r, pictures: make(chan *Picture, 1)}
	r.listeners[l] = true
	h.count++
	if r.last != nil {
		l.offer(r.last)
		signal(r.changed) // it may be older than the page that the reader has
	}
	return l, nil
}

// Pictures are how the seats stand: the latest first, then each that differs.
// Who is slow misses some in between. The channel closes when the server stops.
func (l *Listener) Pictures() <-chan *Picture { return l.pictures }

// Close ends the listening; a second call does nothing.
func (l *Listener) Close() {
	l.hub.mu.Lock()
	defer l.hub.mu.Unlock()
	l.hub.drop(l)
}

// drop takes a listener out, and its run with the last. The hub is locked.
func (h *Hub) drop(l *Listener) {
	r := l.run
	if !r.listeners[l] {
		return
	}
	delete(r.listeners, l)
	h.count--
	close(l.pictures)
	if len(r.listeners) > 0 {
		return
	}
	delete(h.runs, r.id)
	if r.stop != nil {
		r.stop()
	}
}

// offer puts a picture in the place of one that was not taken yet. The hub is
// locked, so that nobody else fills the place.
func (l *Listener) offer(p *Picture) {
	select {
	case <-l.pictures:
	default:
	}
	l.pictures <- p
}
