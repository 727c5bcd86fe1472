package mcsd_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/orgunit"
	"github.com/ohie-hmis/hmis-go/orgunit/mcsd"
	"github.com/stretchr/testify/require"
)

// What is no bundle, or a broken one, is one error with its place
// (RULES.md#bundles).
func TestReadBundleErrors(t *testing.T) {
	entry := func(s string) string { return `{"resourceType":"Bundle","entry":[` + s + `]}` }
	tests := []struct{ in, want string }{
		{"", `mcsd: offset 0: "": want a FHIR Bundle in JSON`},
		{"<html><body>502 Bad Gateway", "mcsd: offset 0: XML or HTML: want a FHIR Bundle in JSON"},
		{"\xff\xfe{", "mcsd: offset 0: the text is UTF-16 or UTF-32: want UTF-8"},
		{"[]", `mcsd: offset 0: "[]": want a FHIR Bundle in JSON`},
		{`{"resourceType":"Location","id":"a"}`, `mcsd: offset 0: resourceType: "Location": want a Bundle`},
		{`{"a":1}`, "mcsd: offset 0: resourceType: want a FHIR Bundle"},
		{`{"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"security","diagnostics":"no token"}]}`,
			"mcsd: offset 0: an OperationOutcome: error security: no token"},
		{`{"resourceType":"Bundle"`, `mcsd: offset 24: the JSON ends too early: want '}'`},
		{`{"resourceType":"Bundle"}x`, `mcsd: offset 25: "x": want nothing after the Bundle`},
		{`{"resourceType":"Bundle","type":"searchset","type":"history"}`, "mcsd: offset 51: Bundle.type: the member is there twice"},
		{`{"resourceType":"Bundle","total":-1}`, "mcsd: offset 33: Bundle.total: want a whole number from 0"},
		{`{"resourceType":"Bundle","entry":{}}`, "mcsd: offset 33: Bundle.entry: want an array"},
		{entry(`{"resource":{"resourceType":"Location","id":"a","name":7}}`), `mcsd: offset 89: Bundle.entry[0].resource.name: want text, got a number`},
		{entry(`{"resource":{"resourceType":"Location","id":"a","name":"x"`), `mcsd: offset 92: Bundle.entry[0].resource.name: "]": want a comma or '}'`},
		{entry(`{"resource":{"resourceType":"Location","id":"a b"}}`), `mcsd: offset 85: Bundle.entry[0]: id "a b": want 1 to 64 letters, digits, dashes and dots`},
		{entry(`{"resource":{"id":"a"}}`), `mcsd: offset 46: Bundle.entry[0].resource: want a resource with a resourceType`},
		{entry(`{"fullUrl":"x"}`), `mcsd: offset 49: Bundle.entry[0]: an entry without a resource: want one, or a request with the method DELETE`},
		{entry(`{"request":{"method":"DELETE","url":"x"}}`), `mcsd: offset 75: Bundle.entry[0]: request "x": want what is deleted, such as Location/1`},
		{entry(`{"resource":{"resourceType":"Location","id":"a","name":"` + "\xff" + `"}}`), `mcsd: offset 90: Bundle.entry[0].resource.name: want UTF-8`},
		{entry(`{"resource":{"resourceType":"Location","id":"a","id":"b"}}`), `mcsd: offset 82: Bundle.entry[0].resource.id: member "id" is there twice`},
		{entry(`{"resource":{"resourceType":"Location","id":"a","position":{"longitude":"3"}}}`),
			`mcsd: offset 106: Bundle.entry[0].resource.position.longitude: want a number, got text`},
		{entry(`{"resource":{"resourceType":"Location","id":"a","x":` + strings.Repeat("[", 100_000)), `mcsd: offset 148: Bundle.entry[0].resource.x: want at most 64 levels of nesting`},
		{entry(`{"resource":{"resourceType":"Location","id":"a","partOf":` + strings.Repeat(`{"reference":`, 100_000)),
			`mcsd: offset 104: Bundle.entry[0].resource.partOf.reference: want text, got an object`},
		{entry(`{"resource":{"resourceType":"Location","id":"a","name":"\ud800"}}`), `mcsd: offset 90: Bundle.entry[0].resource.name: want a whole character, got half of a pair`},
	}
	for _, tt := range tests {
		_, err := mcsd.ReadBundle(strings.NewReader(tt.in))
		if err == nil || err.Error() != tt.want {
			t.Errorf("%.100q: %v, want %s", tt.in, err, tt.want)
		}
		if _, ok := errors.AsType[*mcsd.ReadError](err); !ok {
			t.Errorf("%.100q: a %T", tt.in, err)
		}
	}
}

// A bundle that is cut off anywhere is an error, never a small country.
func TestReadBundleTruncated(t *testing.T) {
	text := bytes.TrimSpace(newWorld().bundle(t))
	for n := range len(text) {
		if _, err := mcsd.ReadBundle(bytes.NewReader(text[:n])); err == nil {
			t.Fatalf("no error for %q", text[:n])
		}
	}
	// Whatever pieces it comes in, it is the same.
	whole, err := mcsd.Format{}.Read(bytes.NewReader(text))
	require.NoError(t, err)
	small, err := mcsd.Format{}.Read(oneByte{bytes.NewReader(text)})
	require.NoError(t, err)
	require.Equal(t, whole, small)
}

// oneByte reads byte by byte.
type oneByte struct{ r io.Reader }

func (o oneByte) Read(p []byte) (int, error) { return o.r.Read(p[:min(1, len(p))]) }

// Each kind of broken tree is one finding with its resource, however large.
func TestBrokenTrees(t *testing.T) {
	chain := func(n int, last string) string {
		var b strings.Builder
		b.WriteString(`{"resourceType":"Bundle","entry":[`)
		for i := range n {
			if i > 0 {
				b.WriteByte(',')
			}
			up := fmt.Sprint(i + 1)
			if i == n-1 {
				up = last
			}
			fmt.Fprintf(&b, `{"resource":{"resourceType":"Location","id":"%d","name":"n","status":"active","type":[{"coding":[{"system":%q,"code":"jurisdiction"}]}],`+
				`"managingOrganization":{"reference":"Organization/%d"},"partOf":{"reference":"Location/%s"}}}`, i, mcsd.TypeSystem, i, up)
		}
		return b.String() + "]}"
	}
	codes := func(text string) []string {
		_, found := read(t, mcsd.Format{}, []byte(text))
		return found
	}
	require.Equal(t, []string{"MCSD-H1 Location/0 partOf"}, codes(chain(20_000, "0")))
	require.Equal(t, []string{"MCSD-H2 Location/19999 partOf"}, codes(chain(20_000, "ghost")))
	require.Equal(t, []string{"MCSD-H2 Location/0 partOf"}, codes(chain(1, "ghost")))

	md, _ := read(t, mcsd.Format{}, []byte(chain(20_000, "ghost")))
	tree, err := orgunit.NewTree(md.OrgUnits)
	require.NoError(t, err)
	require.Equal(t, 20_000, tree.Level(mcsd.UIDOf("0")))
	require.Equal(t, mcsd.UIDOf("ghost"), md.OrgUnits[0].Parent)
	again, _ := read(t, mcsd.Format{}, write(t, mcsd.Format{}, md))
	require.Equal(t, md, again)
}

// A facility in two places, and an id that two resources claim, are rejected
// (RULES.md#ids).
func TestRejected(t *testing.T) {
	w := newWorld()
	twice := w.bundle(t)
	end := bytes.LastIndexByte(twice, ']')
	for end > 0 && !bytes.HasPrefix(twice[end:], []byte(`],"resourceType":"Bundle"`)) {
		end = bytes.LastIndexByte(twice[:end], ']')
	}
	require.Positive(t, end)
	more := `,{"resource":{"resourceType":"Location","id":"f","name":"Unit f","partOf":{"reference":"Location/c"}}}`
	text := string(twice[:end]) + more + string(twice[end:])

	_, err := mcsd.Format{}.Read(strings.NewReader(text))
	require.EqualError(t, err, "hmis: MCSD-D1: Location f: id: the id is there twice, with different content and no telling which is newer")
	var rejected []string
	md, err := mcsd.Format{Reject: func(r hmis.Ref, err error) { rejected = append(rejected, r.String()) }}.Read(strings.NewReader(text))
	require.NoError(t, err)
	require.Equal(t, []string{"Location f"}, rejected)
	require.Len(t, md.OrgUnits, 4)

	// The same resource again, as on a second page, says nothing new.
	b, err := mcsd.ReadBundle(bytes.NewReader(twice))
	require.NoError(t, err)
	md, err = mcsd.Format{}.Metadata(t.Context(), b, b)
	require.NoError(t, err)
	require.Len(t, md.OrgUnits, 4)

	// An id of the form of a UID is kept; it may be that which another id has
	// been given.
	made := string(mcsd.UIDOf("f"))
	w.add(made, "facility", "d")
	_, err = mcsd.Format{}.Read(bytes.NewReader(w.bundle(t)))
	require.ErrorContains(t, err, "MCSD-U1")
}

// A long input stops soon after its context ends.
func TestContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	endless := io.MultiReader(strings.NewReader(`{"resourceType":"Bundle","entry":[`), &repeater{text: []byte(`{"resource":{"resourceType":"Endpoint","id":"e"}},`)})
	done := make(chan error, 1)
	go func() {
		_, err := mcsd.ReadBundle(mcsd.WithContext(ctx, endless))
		done <- err
	}()
	time.Sleep(10 * time.Millisecond)
	cancel()
	require.ErrorIs(t, <-done, context.Canceled)
}

// A repeater repeats a text without end.
type repeater struct {
	text []byte
	at   int
}

func (r *repeater) Read(p []byte) (n int, err error) {
	for n < len(p) {
		m := copy(p[n:], r.text[r.at:])
		n += m
		r.at = (r.at + m) % len(r.text)
	}
	return n, nil
}

// Resources and bundles have limits, which bound bytes.
func TestLimits(t *testing.T) {
	defer mcsd.SetLimits(1<<20, 4<<20)()
	entries := func(entry string, n int) io.Reader {
		return io.MultiReader(strings.NewReader(`{"resourceType":"Bundle","entry":[`),
			io.LimitReader(&repeater{text: []byte(entry)}, int64(n*len(entry))), strings.NewReader(`{}]}`))
	}
	_, err := mcsd.ReadBundle(io.MultiReader(strings.NewReader(`{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Location","id":"a","description":"`),
		&repeater{text: []byte("x")}))
	require.EqualError(t, err, "mcsd: offset 34: Bundle.entry[0]: want at most 1 MiB")

	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	_, err = mcsd.ReadBundle(entries(`{"resource":{"resourceType":"Location","id":"a","alias":["`+strings.Repeat("x", 1000)+`"]}},`, 100_000))
	require.ErrorContains(t, err, "want at most 4 MiB of resources")
	runtime.ReadMemStats(&after)
	require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(32<<20))
}

// A list in a resource that is too long to compare its entries is an error, and
// writing a long one takes no more than reading it.
func TestLongLists(t *testing.T) {
	resource := func(members string) string {
		return `{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Location","id":"a","name":"x","status":"active",` + members + `}}]}`
	}
	list := func(entry string, n int) string { return "[" + strings.Repeat(entry+",", n-1) + entry + "]" }
	for path, members := range map[string]string{
		"type[0].coding": `"type":[{"coding":` + list(`{"code":"x"}`, 100_000) + `}]`,
		"type":           `"type":` + list(`{"coding":[{"code":"x"}]}`, 100_000),
		"identifier":     `"identifier":` + list(`{"value":"x"}`, 100_000),
		"alias":          `"alias":` + list(`"x"`, 100_000),
		"extension":      `"extension":` + list(`{"url":"x"}`, 100_000),
	} {
		_, err := mcsd.ReadBundle(strings.NewReader(resource(members)))
		require.ErrorContains(t, err, "Bundle.entry[0].resource."+path)
		require.ErrorContains(t, err, "want at most 1000 entries")
	}
	md, _ := read(t, mcsd.Format{}, []byte(resource(`"telecom":`+list(`{"system":"fax","value":"1"}`, 100_000))))
	again, _ := read(t, mcsd.Format{}, write(t, mcsd.Format{}, md))
	sameMetadata(t, "telecom", md, again)
}
