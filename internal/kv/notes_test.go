package kv

import (
	"testing"
	"time"
)

func TestANoteIsSharedAndEndsByItself(t *testing.T) {
	conn, err := Open("")
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	one, other := NewNotes(conn), NewNotes(conn)
	if note, found := one.Get(t.Context(), "a"); found {
		t.Errorf("there is a note that nobody kept: %q", note)
	}
	one.Put(t.Context(), "a", "first")
	one.Put(t.Context(), "a", "second")
	if note, found := other.Get(t.Context(), "a"); !found || note != "second" {
		t.Errorf("the note is %q, %v", note, found)
	}
	if note, found := other.Get(t.Context(), "b"); found {
		t.Errorf("under another key there is %q", note)
	}
	if life := conn.TTL(t.Context(), notePrefix+"a").Val(); life <= noteLife-time.Minute || life > noteLife {
		t.Errorf("the note lives for %v", life)
	}
}

func TestWithoutRedisThereAreNoNotes(t *testing.T) {
	conn, err := Open("redis://127.0.0.1:1/0")
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	notes, began := NewNotes(conn), time.Now()
	notes.Put(t.Context(), "a", "x")
	if note, found := notes.Get(t.Context(), "a"); found {
		t.Errorf("there is %q", note)
	}
	if took := time.Since(began); took > 2*noteWait+time.Second {
		t.Errorf("it took %v to say so", took)
	}
}
