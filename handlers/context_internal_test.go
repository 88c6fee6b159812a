package handlers

import "testing"

func TestAReturnAddressNeverLeadsAway(t *testing.T) {
	for _, away := range []string{"https://evil.example", "//evil.example", "/\t/evil.example", "/\\evil.example", "/a\r\nb", "evil", "", "javascript:x"} {
		if got := safeNext(away, "/home"); got != "/home" {
			t.Errorf("%q leads to %q", away, got)
		}
	}
	for _, inside := range []string{"/me", "/runs/UMI-1?x=ā"} {
		if got := safeNext(inside, "/home"); got != inside {
			t.Errorf("%q leads to %q", inside, got)
		}
	}
}
