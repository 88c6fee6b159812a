package handlers_test

import (
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"github.com/varde-platform/varde/ent/certificatefile"
	"github.com/varde-platform/varde/internal/config"
	"github.com/varde-platform/varde/internal/testkit"
)

// The seal's own tests have an authority that answers; this is about who is asked.
func TestTheAuthorityOfTimeStampsThatIsSetIsAsked(t *testing.T) {
	s := testkit.SQLite(t)
	var asked atomic.Int64
	authority := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Content-Type") == "application/timestamp-query" {
			asked.Add(1)
		}
		http.Error(w, "closed", http.StatusServiceUnavailable)
	}))
	t.Cleanup(authority.Close)
	site := newSite(t, s, func(c *config.Settings) { c.TSAURL = authority.URL })
	number := site.issue(t, "R1", "Anna Bērziņa", false)
	_, holder := site.holderOf(t, number)
	token := site.token(t, holder)
	site.call(t, token, "GET", "/certificates/"+number+".pdf", "").want(t, 503, "unavailable")
	if asked.Load() != 1 {
		t.Errorf("it was asked %d times", asked.Load())
	}
	if s.DB.Ent.CertificateFile.Query().Where(certificatefile.Kind("pdf")).ExistX(t.Context()) {
		t.Error("a file without a time-stamp is kept")
	}
	// A badge bears none.
	site.call(t, token, "GET", "/certificates/"+number+".badge", "").want(t, 200, "")
}
