package crosswalk_test

import (
	"fmt"
	"testing"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/hmis/crosswalk"
	"github.com/ohie-hmis/hmis-go/period"
	"github.com/stretchr/testify/require"
)

// BenchmarkValues translates a million values: 1,000 facilities, 12 months, and
// 84 pairs of data element and option combo.
func BenchmarkValues(b *testing.B) {
	const facilities, elements, combos = 1000, 21, 4
	var values []hmis.DataValue
	months := period.MustParse("2024").Split(period.Monthly)
	renamed, summed, none := crosswalk.Map{}, crosswalk.Map{}, crosswalk.Map{}
	renamed.From, summed.From, summed.To = period.Monthly, period.Monthly, period.Quarterly
	for u := range facilities {
		source := hmis.UID(fmt.Sprintf("Facility%03d", u))
		renamed.OrgUnits = append(renamed.OrgUnits, crosswalk.Pair{Source: source, Target: hmis.UID(fmt.Sprintf("S%d", u))})
	}
	summed.OrgUnits = renamed.OrgUnits
	for e := range elements {
		element := hmis.UID(fmt.Sprintf("DataElem%03d", e))
		whole := crosswalk.Entry{ID: fmt.Sprint(e), Relation: crosswalk.Narrower, To: operand(hmis.UID(fmt.Sprint("X", e)), "")}
		for c := range combos {
			combo := hmis.UID(fmt.Sprintf("OptCombo%03d", c))
			s := crosswalk.Source{Operand: operand(element, combo)}
			whole.From = append(whole.From, s)
			renamed.Entries = append(renamed.Entries, crosswalk.Entry{
				ID: fmt.Sprint(e, "/", c), Relation: crosswalk.Equivalent, From: []crosswalk.Source{s}, To: operand(whole.To.DataElement, combo),
			})
		}
		summed.Entries = append(summed.Entries, whole)
		for u := range facilities { // a file is in order of data element, org unit and period
			for _, p := range months {
				for c := range combos {
					values = append(values, hmis.DataValue{Key: hmis.Key{
						DataElement: element, OptionCombo: hmis.UID(fmt.Sprintf("OptCombo%03d", c)),
						OrgUnit: renamed.OrgUnits[u].Source, Period: p,
					}, Value: fmt.Sprint(u % 97)})
				}
			}
		}
	}
	stream := func(yield func(hmis.DataValue, error) bool) {
		for i := range values {
			if !yield(values[i], nil) {
				return
			}
		}
	}
	for _, bb := range []struct {
		name string
		m    crosswalk.Map
		want int
	}{{"renamed", renamed, len(values)}, {"summed", summed, len(values) / 12}, {"unmapped", none, 0}} {
		b.Run(bb.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				var rest crosswalk.Rest
				n := 0
				for _, err := range bb.m.Values(stream, &rest) {
					if err != nil {
						b.Fatal(err)
					}
					n++
				}
				require.Equal(b, bb.want, n)
			}
			b.ReportMetric(float64(len(values))*float64(b.N)/b.Elapsed().Seconds(), "values/s")
		})
	}
}
