package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"github.com/varde-platform/varde/internal/training"
)

// call gives the browser one command of its protocol.
func call[P, R any](w *window, command cdp.Command[P, R], params P) {
	w.t.Helper()
	w.patiently(command.Method, func(ctx context.Context) error {
		_, err := chromedp.Call(ctx, command, params)
		return err
	})
}

// shows sets how wide the window is and whether its reader wants it dark.
// Nothing may move: a colour on its way from one scheme to the other is neither.
func (w *window) shows(l look) {
	w.t.Helper()
	w.wide(l.width, l.width < 600)
	call(w, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
		{Name: "prefers-color-scheme", Value: l.scheme}, {Name: "prefers-reduced-motion", Value: "reduce"}}})
}

func (w *window) wide(width int, phone bool) {
	w.t.Helper()
	call(w, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: int64(width), Height: 900, DeviceScaleFactor: 1, Mobile: phone})
}

// comesAs signs the window in as somebody, or out, with nothing left of before.
func (w *window) comesAs(t *testing.T, world *world, who, server, from string) {
	t.Helper()
	call(w, network.ClearBrowserCookies, cdp.Empty{})
	call(w, network.SetExtraHTTPHeaders, network.SetExtraHTTPHeadersParams{Headers: network.Headers{"X-Forwarded-For": from}})
	if who == visitor {
		return
	}
	actor, known := world.people[who]
	a := world.app
	if own, has := world.own[server]; has {
		actor, known = own[who]
		a = world.apps[server]
	}
	if !known {
		t.Fatalf("nobody is called %s", who)
	}
	token, _, err := a.People.StartSession(t.Context(), actor.PersonID)
	if err != nil {
		t.Fatal(err)
	}
	call(w, network.SetCookie, network.SetCookieParams{Name: "varde_session", Value: token, URL: world.servers[server]})
}

// fill puts the values of the world into an address.
func (w *world) fill(t *testing.T, path string) string {
	t.Helper()
	for name, value := range w.values {
		path = strings.ReplaceAll(path, "{"+name+"}", value)
	}
	return path
}

// goes opens a page, and gives the status of the answer.
func (w *window) goes(address string) int {
	w.t.Helper()
	var status int64
	w.patiently("open "+address, func(ctx context.Context) error {
		answer, err := chromedp.Run(ctx, chromedp.NavigateResponse(address))
		if err == nil {
			status = answer.Status
		}
		return err
	})
	return int(status)
}

// sends fills a form and sends it, and gives the status of the answer.
func (w *window) sends(t *testing.T, world *world, f *form, lang string) int {
	t.Helper()
	fields, err := json.Marshal(f.fields)
	if err != nil {
		t.Fatal(err)
	}
	if f.file != "" {
		file := filepath.Join(t.TempDir(), "courses.json")
		if err := os.WriteFile(file, []byte(f.file), 0o600); err != nil {
			t.Fatal(err)
		}
		w.do("choose a file", chromedp.SetUploadFiles(chromedp.CSS(f.selector+" input[type=file]"), []string{file}))
	}
	action := ""
	if f.action != "" {
		action = "/" + lang + world.fill(t, f.action)
	}
	script := fmt.Sprintf(`{
		const named = document.querySelector(%q), form = named.closest("form"), fields = %s;
		for (const name in fields ?? {}) form.elements[name].value = fields[name];
		if (%q) form.action = %q;
		form.requestSubmit(named === form ? undefined : named);
	}`, f.selector, world.fill(t, string(fields)), action, action)
	var status int64
	w.patiently("send "+f.selector, func(ctx context.Context) error {
		answer, err := chromedp.RunResponse(ctx, chromedp.Evaluate[chromedp.Void](script))
		if err == nil {
			status = answer.Status
		}
		return err
	})
	return int(status)
}

// arrives brings the window to the place of a visit, in its first look.
func (w *window) arrives(t *testing.T, world *world, v visit, from string) (heard *recorder) {
	t.Helper()
	if v.ready != nil {
		v.ready(t, world)
	}
	if v.from != "" {
		from = v.from
	}
	w.comesAs(t, world, v.who, v.server, from)
	w.shows(v.looks[0])
	heard = w.heard
	heard.forget()
	base := world.servers[v.server]
	if v.notice != "" {
		call(w, network.SetCookie, network.SetCookieParams{Name: "varde_notice", Value: v.notice, URL: base})
	}
	path := world.fill(t, v.path)
	if strings.ContainsAny(path, "{}") {
		t.Fatalf("what is %s?", path)
	}
	status := w.goes(base + "/" + v.lang + path)
	want := 200
	if v.send != nil {
		if status != want {
			t.Fatalf("the page of the form answers %d", status)
		}
		status = w.sends(t, world, v.send, v.lang)
	}
	if v.status != 0 {
		want = v.status
	}
	if status != want {
		t.Errorf("answers %d, want %d", status, want)
	}
	if v.then != "" {
		w.do("let happen", chromedp.Evaluate[chromedp.Void](v.then))
	}
	return heard
}

// settles waits until the page has done what it does at its beginning.
func (w *window) settles() {
	w.t.Helper()
	if !ask[bool](w, "settled()") {
		w.t.Fatal("the page does not come to rest")
	}
}

// doubleLetters is what a reader's own setting of 200 % does to the page.
var doubleLetters = chromedp.Evaluate[chromedp.Void](`document.documentElement.style.fontSize = "200%"`)

// visitRoles are the visitor and all roles.
func visitRoles() []string {
	roles := []string{visitor}
	for _, role := range training.Roles {
		roles = append(roles, string(role))
	}
	return roles
}
