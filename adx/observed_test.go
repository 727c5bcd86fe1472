package adx_test

import (
	"strings"
	"testing"

	"github.com/ohie-hmis/hmis-go/adx"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/stretchr/testify/require"
)

// Tolerant reading of the edition of 2015 takes periods of observation, with a
// warning (RULES.md#time-ranges).
func TestPeriodsOfObservation(t *testing.T) {
	tests := []struct{ text, want string }{
		{"2015", "2015-01-01/P1Y"}, {"2015-03", "2015-03-01/P1M"}, {"2015-03-09", "2015-03-09/P1D"},
		{"2015-A1", "2015-01-01/P1Y"}, {"2015-S2", "2015-07-01/P6M"}, {"2015-T1", "2015-01-01/P4M"}, {"2015-T3", "2015-09-01/P4M"},
		{"2015-Q2", "2015-04-01/P3M"}, {"2015-M03", "2015-03-01/P1M"}, {"2015-M12", "2015-12-01/P1M"},
		{"2015-W01", "2014-12-29/P7D"}, {"2015-W53", "2015-12-28/P7D"}, {"2015-D001", "2015-01-01/P1D"}, {"2015-D320", "2015-11-16/P1D"}, {"2016-D366", "2016-12-31/P1D"},
		{"2015-A2", ""}, {"2015-S3", ""}, {"2015-T4", ""}, {"2015-T0", ""}, {"2015-Q5", ""}, {"2015-Q0", ""}, {"2015-M13", ""}, {"2015-M3", ""}, {"2015-W54", ""}, {"2016-W53", ""},
		{"2015-D366", ""}, {"2015-D000", ""}, {"2015-D1", ""}, {"2015-13", ""}, {"2015-02-30", ""}, {"2015-3", ""}, {"2015-", ""}, {"2015-X1", ""}, {"2015-q1", ""},
		{"0000", ""}, {"201503", ""}, {"2015Q1", ""}, {"+015", ""}, {"2015-Q+1", ""}, {"2015-Q1 ", ""}, {"12015-Q1", ""}, {"2015-01-01/2015-02-01", ""},
	}
	read := func(edition int, tolerant bool, period, more string) (string, []adx.Finding) {
		r := adx.NewReader(strings.NewReader(`<adx xmlns="urn:ihe:qrph:adx:2015" exported="2026-02-05T08:15:00Z"><group dataSet="D" orgUnit="O" period="` +
			period + `"` + more + `><dataValue dataElement="E" value="1"/></group></adx>`))
		var found []adx.Finding
		note := func(f adx.Finding) { found = append(found, f) }
		r.Edition, r.Tolerant, r.Warn, r.Reject = edition, tolerant, note, note
		for g, err := range r.Groups() {
			require.NoError(t, err)
			return g.Period.String(), found
		}
		return "", found
	}
	for _, tt := range tests {
		got, found := read(2015, true, tt.text, "")
		require.Equal(t, tt.want, got, tt.text)
		require.Equal(t, "ADX-022", found[0].Rule)
		require.Equal(t, tt.want != "", found[0].Severity == hmis.Warning, tt.text)
		for _, strict := range []struct {
			edition  int
			tolerant bool
			more     string
		}{{2017, true, ""}, {2015, false, ""}, {2015, true, ` ReportingYearStartDay="--07-01"`}} {
			got, _ := read(strict.edition, strict.tolerant, tt.text, strict.more)
			require.Empty(t, got, "%s: %+v", tt.text, strict)
		}
	}
}
