package handlers

import (
	"bufio"
	"bytes"
	"regexp"
	"testing"
	"testing/synctest"
	"time"

	"github.com/varde-platform/varde/internal/live"
)

// TestAQuietStreamGivesSignsOfLifeAndEndsInTime: the server would cut one that
// outlived its WriteTimeout in the middle of a message.
func TestAQuietStreamGivesSignsOfLifeAndEndsInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		var out bytes.Buffer
		stream(bufio.NewWriter(&out), make(chan *live.Picture), live.View{})
		if took := time.Since(began); took < 3*time.Minute || took > 4*time.Minute {
			t.Errorf("it lasted %s", took)
		}
		if !regexp.MustCompile(`^retry: [23]\d{3}\n\n(:\n\n){12,16}$`).Match(out.Bytes()) {
			t.Errorf("it wrote %q", &out)
		}
	})
}

func TestEveryLineOfAMessageIsMarked(t *testing.T) {
	var out bytes.Buffer
	w := bufio.NewWriter(&out)
	writeEvent(w, []byte("<p>\n\n one\n</p>"))
	w.Flush()
	if got, want := out.String(), "data: <p>\ndata: \ndata:  one\ndata: </p>\n\n"; got != want {
		t.Errorf("wrote %q, want %q", got, want)
	}
}
