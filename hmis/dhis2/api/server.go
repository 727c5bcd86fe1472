package api

import (
	"context"
	"iter"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/hmis/dhis2/api/internal/objects"
	"github.com/ohie-hmis/hmis-go/hmis/entry"
	"github.com/ohie-hmis/hmis-go/orgunit"
)

// A Server answers requests for metadata and values. Set its fields before the first
// request and do not change them afterwards. It is safe for concurrent use.
type Server struct {
	Catalog *hmis.Catalog
	Tree    *orgunit.Tree // the org units of Catalog

	// Values returns the data values that dataValueSets selects from, and
	// Completions the completions of forms; each is called for every request.
	// Without them these addresses do not exist.
	Values      func(context.Context) iter.Seq2[hmis.DataValue, error]
	Completions func(context.Context) iter.Seq2[hmis.Completion, error]

	// Store keeps the values and completions that are posted to these addresses,
	// by users with the authority F_DATAVALUE_ADD or ALL. Without a Store
	// nothing can be posted, and without Authenticate nobody may.
	Store entry.Store

	// Gate returns the gate for what a user posts. Its Catalog and Tree are
	// those of the server if it has none. nil is the policy entry.Grouped at
	// the present time.
	Gate func(User) entry.Gate

	// Analytics answers what is below /api/analytics, such as an
	// analytics.Server. nil means that there is no such address.
	Analytics http.Handler

	// Authenticate says who sends a request; ok is false if nobody may. nil lets
	// everyone see all metadata.
	Authenticate func(r *http.Request) (user User, ok bool)

	// AllowOrigin reports whether web pages of an origin, such as
	// "https://example.org", may read answers. nil allows none but the server's.
	AllowOrigin func(origin string) bool

	// ServerArtefacts answers as DHIS2 does where that is a mistake, such as a
	// page without the units that have no parent (RULES.md#server-artefacts).
	ServerArtefacts bool

	once  sync.Once
	store *objects.Store
	err   error // why there is no store
	mux   map[string]route
}

// A route answers the requests below one name, such as "system". path has the
// steps of the address from that name on.
type route func(w http.ResponseWriter, r *http.Request, path []string) error

var prefix = regexp.MustCompile(`^/?api(/\d+)?/`)

// newest is the newest version of the API.
const newest = 44

// knownVersion reports whether an address has no version or one that exists.
func knownVersion(path string) bool {
	version := strings.TrimPrefix(prefix.FindStringSubmatch(path + "/")[1], "/")
	n, err := strconv.Atoi(version)
	return version == "" || err == nil && n <= newest
}

// ServeHTTP answers a request whose address begins with /api/.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.once.Do(func() {
		s.store, s.err = objects.New(s.Catalog, objects.Options{Now: time.Now(), ServerArtefacts: s.ServerArtefacts})
		s.mux = s.routes()
	})
	if s.allowOrigin(w, r) {
		return
	}
	p := newReply()
	known, err := s.authenticated(p, r)
	if err == nil {
		err = s.err
	}
	if err == nil {
		err = s.answer(p, known)
	}
	if err != nil {
		p.body.Reset()
		writeError(p, err)
	}
	p.send(w, r)
}

func (s *Server) answer(w http.ResponseWriter, r *http.Request) error {
	if !prefix.MatchString(r.URL.Path) {
		return notFound(strings.TrimPrefix(r.URL.Path, "/"))
	}
	rest := r.URL.Path[len(prefix.FindString(r.URL.Path)):]
	path := strings.Split(strings.TrimSuffix(rest, "/"), "/")
	last := &path[len(path)-1]
	*last = strings.TrimSuffix(*last, ".json")
	if len(path) == 1 && strings.HasPrefix(path[0], "dataValueSets.") {
		path[0] = "dataValueSets"
	}
	name, csv := strings.CutSuffix(path[0], ".csv")
	if base, _, _ := strings.Cut(path[0], "."); base == "analytics" && s.Analytics != nil && knownVersion(r.URL.Path) {
		s.Analytics.ServeHTTP(w, withoutVersion(r))
		return nil
	}
	if route := s.mux[path[0]]; route != nil && knownVersion(r.URL.Path) {
		return route(w, r, path)
	}
	if csv && len(path) == 1 && s.store.Lists(name) {
		return s.serveObjects(w, r, []string{name}, true)
	}
	return s.serveObjects(w, r, path, false)
}

// withoutVersion returns a request with the version cut out of its address.
func withoutVersion(r *http.Request) *http.Request {
	out := r.Clone(r.Context())
	out.URL.Path = "/api/" + r.URL.Path[len(prefix.FindString(r.URL.Path)):]
	return out
}

// serveObjects answers with a listing or an object of the catalog.
func (s *Server) serveObjects(w http.ResponseWriter, r *http.Request, path []string, csv bool) error {
	if !s.store.Has(path[0]) || !knownVersion(r.URL.Path) {
		return notFound(strings.TrimPrefix(r.URL.Path, "/"))
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		return &fault{Status: http.StatusMethodNotAllowed, Message: "Request method '" + r.Method + "' is not supported"}
	}
	body, err := s.store.Answer(objects.Request{Path: path, URL: r.URL, Base: base(r), CSV: csv, Context: r.Context()})
	if err != nil {
		return err
	}
	contentType := "application/json;charset=UTF-8"
	if csv {
		contentType = "text/csv;charset=UTF-8"
	}
	w.Header().Set("Content-Type", contentType)
	_, err = w.Write(body)
	return err
}

// base returns the address of the API as the client wrote it, without a slash
// at the end.
func base(r *http.Request) string {
	scheme := "http"
	if r.TLS != nil {
		scheme = "https"
	}
	return scheme + "://" + r.Host + strings.TrimSuffix(prefix.FindString(r.URL.Path), "/")
}
