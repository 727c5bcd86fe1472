package mcsd_test

import (
	"bytes"
	"encoding/json"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/orgunit/mcsd"
)

// FuzzRead compares what is read with what encoding/json reads of the same text,
// and reads again what it writes.
func FuzzRead(f *testing.F) {
	f.Add(newWorld().bundle(f))
	samples, _ := filepath.Glob(filepath.Join("..", "..", "..", "shared", "samples", "fhir", "made-up-*.json"))
	for _, name := range samples {
		if text, err := os.ReadFile(name); err == nil {
			f.Add(text)
		}
	}
	f.Add([]byte(`{"resourceType":"Bundle","type":"history","entry":[{"request":{"method":"DELETE","url":"Location/a"}}]}`))
	f.Add([]byte(`{"entry":[{"resource":{"name":"a\u00e9\ud83d\ude00","position":{"longitude":1e2,"latitude":-0.5},"id":"a","resourceType":"Location"}}],"resourceType":"Bundle"}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		b, err := mcsd.ReadBundle(bytes.NewReader(text))
		if err != nil {
			return
		}
		if bytes.HasPrefix(text, []byte("PK")) || bytes.HasPrefix(text, []byte{0x1f, 0x8b}) {
			return
		}
		text = bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))
		var want struct {
			Entry []struct {
				Resource *struct {
					ResourceType string
					ID           string
					Name         string
					Alias        []string
				}
			}
		}
		if !json.Valid(text) {
			t.Fatalf("encoding/json refuses %q", text)
		}
		names, other := map[string]string{}, false
		if json.Unmarshal(text, &want) == nil {
			for _, e := range want.Entry {
				if e.Resource != nil && e.Resource.ResourceType == "Location" {
					names[e.Resource.ID] = e.Resource.Name
				}
			}
		} else {
			other = true // it matches names of members in any letter case
		}
		reading := mcsd.Format{Today: today, Wards: true, Warn: func(hmis.Issue) {}, Reject: func(hmis.Ref, error) {}}
		md, err := reading.Metadata(t.Context(), b)
		if err != nil {
			t.Fatalf("with Warn and Reject: %v", err)
		}
		ids := map[hmis.UID]string{}
		for _, v := range md.AttributeValues {
			if v.Attribute == mcsd.LocationID {
				ids[v.Object.ID] = v.Value
			}
		}
		simple := !other && !bytes.Contains(bytes.ToLower(text), []byte("urn:uuid:")) && b.Type != "history"
		for _, u := range md.OrgUnits {
			id, made := ids[u.ID]
			if !made {
				id = string(u.ID)
			}
			if name, ok := names[id]; simple && ok && len(names) == len(want.Entry) && name != u.Name {
				t.Errorf("Location %s is named %q, encoding/json says %q", id, u.Name, name)
			}
		}
		var out bytes.Buffer
		if err := reading.Write(&out, md); err != nil {
			t.Fatalf("writing: %v", err)
		}
		if !json.Valid(out.Bytes()) {
			t.Fatalf("no JSON: %s", out.Bytes())
		}
		again, err := reading.Read(&out)
		if err != nil {
			t.Fatalf("reading again: %v", err)
		}
		sameMetadata(t, "again", md, again)
	})
}

// FuzzSearch asks for anything: the answer is JSON, and its status says whether
// it is a bundle.
func FuzzSearch(f *testing.F) {
	for _, target := range []string{
		"Location?name:contains=a,b&identifier=urn:x%7Cy&_count=1", "Organization?partof:below=c&active=true", "_history?_since=2026-01-01T00:00:00.5%2B05:00",
		"Location?near=-1%7C30%7C5%7Ckm&_lastUpdated=ge2026", "Location/f/_history/1", "OrganizationAffiliation?_revinclude=Location:organization", "metadata",
		`Location?identifier=a\,b\%7Cc&_include:iterate=Location:partof&_after=d`, "Location/_history?_after=2026-01-10T12:00:00.000Z+Location/d",
	} {
		path, query, _ := strings.Cut(target, "?")
		f.Add(path, query)
	}
	d := directory(f, places(f))
	f.Fuzz(func(t *testing.T, path, query string) {
		r := httptest.NewRequest("GET", base+"/", nil)
		r.URL.Path, r.URL.RawQuery = "/"+path, query
		w := httptest.NewRecorder()
		d.ServeHTTP(w, r)
		if !json.Valid(w.Body.Bytes()) {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
		_, err := mcsd.ReadBundle(w.Body)
		resource := w.Code == 200 && (strings.Contains(path, "/") && !strings.Contains(path, "_") || strings.Contains(path, "metadata") || strings.Contains(path, "_history/"))
		if !resource && (err == nil) != (w.Code == 200) {
			t.Fatalf("%d, but reading it: %v", w.Code, err)
		}
	})
}
