package handlers_test

import (
	"testing"

	"github.com/varde-platform/varde/internal/testkit"
)

func TestZZStaff(t *testing.T) {
	s := testkit.SQLite(t)
	f := newStaff(t, s)
	f.enrol(t, "R1", f.anna)
	for _, p := range []string{"/en/admin/people", "/en/admin", "/en/admin/courses", "/en/admin/import", "/en/admin/courses/ships/runs/new", "/en/admin/outbox", "/en/teach", "/en/teach/R1", "/en/agency", "/en/agency/lv-a"} {
		a := f.as(t, f.admin).get(t, p)
		if a.status != 200 {
			t.Log(p, a.status)
		}
	}
	t.Log(f.log.String())
}
