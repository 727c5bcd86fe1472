package api

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strings"
)

// smallest is the length from which an answer is worth compressing.
const smallest = 1024

// A reply holds an answer until it is whole, so that it can have an ETag and a
// fault can take its place.
type reply struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func newReply() *reply { return &reply{header: http.Header{}, status: http.StatusOK} }

func (p *reply) Header() http.Header         { return p.header }
func (p *reply) WriteHeader(status int)      { p.status = status }
func (p *reply) Write(b []byte) (int, error) { return p.body.Write(b) }

// send sends the answer, or only says that the client has it already
// (RULES.md#transport).
func (p *reply) send(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	for name, values := range p.header {
		h[name] = values
	}
	if h.Get("Content-Encoding") != "" { // a handler behind this one has done it
		w.WriteHeader(p.status)
		w.Write(p.body.Bytes())
		return
	}
	h.Add("Vary", "Accept-Encoding")
	h.Set("X-Content-Type-Options", "nosniff")
	if p.status == http.StatusOK && r.Method != http.MethodPost {
		sum := sha256.Sum256(p.body.Bytes())
		// The tag is weak, since it is that of the compressed answer too.
		tag := `W/"` + hex.EncodeToString(sum[:16]) + `"`
		h.Set("ETag", tag)
		h.Set("Cache-Control", "private, no-cache")
		if has(r.Header.Get("If-None-Match"), tag) {
			h.Del("Content-Type")
			w.WriteHeader(http.StatusNotModified)
			return
		}
	}
	if p.body.Len() < smallest || !acceptsGzip(r.Header.Get("Accept-Encoding")) {
		w.WriteHeader(p.status)
		w.Write(p.body.Bytes()) // an error means that the client has gone
		return
	}
	h.Set("Content-Encoding", "gzip")
	w.WriteHeader(p.status)
	z, _ := gzip.NewWriterLevel(w, gzip.BestSpeed) // the level is valid
	z.Write(p.body.Bytes())
	z.Close()
}

// has reports whether a list of ETags has one, or is "*". Strong and weak tags
// are equal here.
func has(list, tag string) bool {
	for one := range strings.SplitSeq(list, ",") {
		one = strings.TrimSpace(one)
		if one == "*" || strings.TrimPrefix(one, "W/") == strings.TrimPrefix(tag, "W/") {
			return true
		}
	}
	return false
}

// acceptsGzip reports whether a client says that it understands gzip.
func acceptsGzip(list string) bool {
	for one := range strings.SplitSeq(list, ",") {
		name, quality, _ := strings.Cut(strings.TrimSpace(one), ";")
		if name == "gzip" {
			q := strings.TrimPrefix(strings.TrimSpace(quality), "q=")
			return q == "" || strings.Trim(q, "0.") != ""
		}
	}
	return false
}

// allowOrigin lets the pages of an origin read answers. done means that the
// request only asked whether they may (RULES.md#transport).
func (s *Server) allowOrigin(w http.ResponseWriter, r *http.Request) (done bool) {
	origin := r.Header.Get("Origin")
	if origin == "" || s.AllowOrigin == nil {
		return false
	}
	h := w.Header()
	h.Add("Vary", "Origin")
	if !s.AllowOrigin(origin) {
		return false
	}
	h.Set("Access-Control-Allow-Origin", origin)
	h.Set("Access-Control-Allow-Credentials", "true")
	h.Set("Access-Control-Expose-Headers", "ETag")
	if r.Method != http.MethodOptions {
		return false
	}
	methods := "GET, HEAD, OPTIONS"
	if s.Store != nil {
		methods += ", POST"
	}
	h.Set("Access-Control-Allow-Methods", methods)
	h.Set("Access-Control-Allow-Headers", "Authorization, Content-Type, Accept, If-None-Match, X-Requested-With")
	h.Set("Access-Control-Max-Age", "3600")
	w.WriteHeader(http.StatusNoContent)
	return true
}
