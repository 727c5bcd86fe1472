package adx_test

import (
	"bytes"
	"io"
	"os"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"github.com/ohie-hmis/hmis-go/adx"
	"github.com/ohie-hmis/hmis-go/hmis"
)

// FuzzReader reads any text. Nothing may panic, and each value must be returned
// or have a finding. Reading byte by byte must give the same. What a Writer
// makes of the groups must read back.
func FuzzReader(f *testing.F) {
	for _, pattern := range []string{"*.xml", "bad/*.xml"} {
		for _, name := range sampleNames(pattern) {
			if doc, err := os.ReadFile(name); err == nil && len(doc) < 1500 {
				f.Add(doc, true)
			}
		}
	}
	f.Add([]byte(in(value)), false)
	f.Add([]byte(in(strings.Repeat(`<dataValue dataElement="A" SEX="F" value="1"/><dataValue value='2' dataElement=" B" x:c="" xmlns:x="urn:x"><annotation> &lt;</annotation></dataValue>`, 2))), true)
	f.Add([]byte(strings.Replace(in(value), ` xmlns="urn:ihe:qrph:adx:2015"`, "", 1)), true)
	f.Fuzz(func(t *testing.T, doc []byte, tolerant bool) {
		type result struct {
			Groups   []adx.Group
			Findings []string
			Counts   [3]int64
			Header   adx.Header
		}
		read := func(source io.Reader) (out result) {
			r := adx.NewReader(source)
			r.Tolerant, r.Unqualified = tolerant, tolerant
			r.Limits = adx.Limits{Text: 1000, Attrs: 20, Digits: 50, Depth: 10, Group: 100, Bytes: 100_000}
			note := func(f adx.Finding) {
				f.Got = "" // the quoted text may depend on the size of the reads
				out.Findings = append(out.Findings, f.Rule+" "+f.Path)
			}
			refused := 0
			r.Warn = note
			r.Reject = func(f adx.Finding) { refused++; note(f) }
			for g, err := range r.Groups() {
				if err != nil {
					bad, ok := err.(*adx.Finding)
					if !ok || bad.Severity != hmis.Critical || bad.Line == 0 || strings.ContainsAny(bad.Error(), "\n\x1b") {
						t.Errorf("%q: %v", doc, err)
					}
					note(*bad)
					refused++
					continue
				}
				out.Groups = append(out.Groups, g)
			}
			groups, values, rejected := r.Counts()
			out.Counts, out.Header = [3]int64{int64(groups), values, rejected}, r.Header()
			handed := 0
			for _, g := range out.Groups {
				handed += len(g.Values)
			}
			if int64(handed)+rejected > values || int64(handed) < values && len(out.Findings) == 0 {
				t.Errorf("%q: %d values met, %d handed out, %d left out, but %v", doc, values, handed, rejected, out.Findings)
			}
			return out
		}
		got := read(bytes.NewReader(doc))
		if diff := cmp.Diff(got, read(iotest.OneByteReader(bytes.NewReader(doc)))); diff != "" {
			t.Errorf("%q reads differently byte by byte:\n%s", doc, diff)
		}
		roundTripFuzz(t, got.Header, got.Groups)
	})
}

// roundTripFuzz writes the groups that can be written and reads them back.
func roundTripFuzz(t *testing.T, header adx.Header, groups []adx.Group) {
	var b bytes.Buffer
	w := adx.NewWriter(&b)
	w.Header, w.Undated = header, header.Exported.IsZero()
	var kept []adx.Group
	for _, g := range groups {
		trial := adx.NewWriter(io.Discard)
		trial.Header, trial.Undated = w.Header, w.Undated
		for _, before := range kept {
			if err := trial.Write(before); err != nil {
				t.Fatal(err)
			}
		}
		if trial.Write(g) != nil {
			continue
		}
		if err := w.Write(g); err != nil {
			t.Fatal(err)
		}
		g.Rejected = nil
		kept = append(kept, g)
	}
	if len(kept) == 0 {
		return
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	r := adx.NewReader(&b)
	r.Tolerant = true
	r.Reject = func(f adx.Finding) {
		// Groups may have the same key, and an undated message may have an
		// attribute that looks like exported.
		if f.Rule != "ADX-049" && f.Rule != "ADX-056" {
			t.Errorf("what was written has %v", f.Error())
		}
	}
	var back []adx.Group
	for g, err := range r.Groups() {
		if err != nil {
			t.Fatal(err)
		}
		back = append(back, g)
	}
	if _, _, rejected := r.Counts(); rejected > 0 {
		return
	}
	if diff := cmp.Diff(sorted(kept), sorted(back), ignorePlace); diff != "" {
		t.Error(diff)
	}
}
