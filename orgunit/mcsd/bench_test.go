package mcsd_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"testing"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/orgunit/mcsd"
	"github.com/ohie-hmis/hmis-go/period"
	"github.com/stretchr/testify/require"
)

// facilities returns a country of 100 regions of 10 districts each, which share
// n facilities, with codes, points, types and phone numbers.
func facilities(n int) hmis.Metadata {
	md := hmis.Metadata{
		Groups: []hmis.Group{
			{Kind: hmis.KindOrgUnitGroup, ID: "groupHospit", Name: "Hospital"},
			{Kind: hmis.KindOrgUnitGroup, ID: "groupClinic", Name: "Clinic"},
		},
		GroupSets: []hmis.GroupSet{{Kind: hmis.KindOrgUnitGroupSet, ID: "setFaciType", Name: "Type", Groups: []hmis.UID{"groupHospit", "groupClinic"}}},
	}
	unit := func(level string, i int, up hmis.UID) hmis.UID {
		id := hmis.UID(fmt.Sprintf("%s%07d", level, i))
		md.OrgUnits = append(md.OrgUnits, hmis.OrgUnit{
			ID: id, Code: "MFL-" + string(id), Name: fmt.Sprintf("Health unit %d of level %s", i, level), Parent: up,
			Opened: period.DateOf(2000, 1, 1+i%365),
		})
		return id
	}
	root := unit("coun", 0, "")
	var districts []hmis.UID
	for r := range 100 {
		region := unit("regi", r, root)
		for d := range 10 {
			districts = append(districts, unit("dist", 10*r+d, region))
		}
	}
	for i := range n {
		id := unit("faci", i, districts[i%len(districts)])
		u := &md.OrgUnits[len(md.OrgUnits)-1]
		u.Geometry = fmt.Sprintf(`{"type":"Point","coordinates":[%d.%04d,%d.%04d]}`, 30+i%5, i%10000, 1+i%3, i%9999)
		md.Groups[i%2].Members = append(md.Groups[i%2].Members, id)
		md.Properties = append(md.Properties, hmis.Property{
			Object: hmis.Ref{Kind: hmis.KindOrgUnit, ID: id}, Name: "phoneNumber", Value: fmt.Sprintf(`"+231 77 %06d"`, i),
		})
	}
	return md
}

func BenchmarkRead100kFacilities(b *testing.B) {
	var text bytes.Buffer
	require.NoError(b, mcsd.Format{Base: "https://fhir.moh.example.org"}.Write(&text, facilities(100_000)))
	b.ReportAllocs()
	b.SetBytes(int64(text.Len()))
	var kept hmis.Metadata
	for b.Loop() {
		var err error
		if kept, err = (mcsd.Format{Base: "https://fhir.moh.example.org"}).Read(bytes.NewReader(text.Bytes())); err != nil {
			b.Fatal(err)
		}
	}
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	b.ReportMetric(float64(m.HeapAlloc-uint64(text.Cap()))/float64(len(kept.OrgUnits)), "kept-B/unit")
	runtime.KeepAlive(kept)
}

func BenchmarkWrite100kFacilities(b *testing.B) {
	md := facilities(100_000)
	b.ReportAllocs()
	for b.Loop() {
		if err := (mcsd.Format{Base: "https://fhir.moh.example.org"}).Write(io.Discard, md); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkSearch100k searches among 100,000 facilities, each time for a page of
// 100.
func BenchmarkSearch100k(b *testing.B) {
	d := directory(b, facilities(100_000))
	for _, target := range []string{
		"Location?identifier=MFL-faci0050000", "Location?name:contains=unit%2099&type=facility", "Location?partof:below=regi0000050&_include=Location:organization",
		"Location?near=1.5%7C30.5%7C20%7Ckm", "Location/_history?_since=2026-01-10",
	} {
		b.Run(target, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if w := ask(d, "", target, ""); w.Code != http.StatusOK {
					b.Fatal(w.Body)
				}
			}
		})
	}
}

// BenchmarkApply100k brings a change of 100 facilities into a country of 100,000.
func BenchmarkApply100k(b *testing.B) {
	md := facilities(100_000)
	f := mcsd.Format{Base: base}
	some := md
	some.OrgUnits = append(md.OrgUnits[:1:1], md.OrgUnits[len(md.OrgUnits)-100:]...)
	var text bytes.Buffer
	require.NoError(b, f.Write(&text, some))
	bundle, err := mcsd.ReadBundle(&text)
	require.NoError(b, err)
	f.Warn = func(hmis.Issue) {}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := f.Apply(b.Context(), md, bundle); err != nil {
			b.Fatal(err)
		}
	}
}
