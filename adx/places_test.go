package adx_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ohie-hmis/hmis-go/adx"
)

// Place returns where attributes are, in tags of several lines and beside
// values that were left out.
func TestReaderPlace(t *testing.T) {
	r := adx.NewReader(strings.NewReader(`<adx xmlns="urn:ihe:qrph:adx:2015" exported="2026-02-05T08:15:00Z">
<group dataSet="S" orgUnit="U" period="?"><dataValue dataElement="A" value="1"/></group>
<group
  dataSet="S" orgUnit="U"
  period="2026-01-01/P1M">
<dataValue dataElement="A" value="1"/>
<dataValue dataElement="A" SEX="F" value="x"/>
<dataValue dataElement="B"
  SEX="F" value="y"/>
<dataValue dataElement="A" SEX="F" value="2"/>
<dataValue dataElement="B" SEX="F"
  value="3"/>
</group>
<group dataSet="S" orgUnit="V" period="2026-01-01/P1M"><dataValue dataElement="A" value="1"/><dataValue dataElement="A" SEX="F" value="2"/></group>
</adx>`))
	r.Reject = func(adx.Finding) {}
	type place struct{ line, column int }
	at := func(i int, attr string) place {
		line, column := r.Place(i, attr)
		return place{line, column}
	}
	n := 0
	for _, err := range r.Groups() {
		require.NoError(t, err)
		if n++; n == 2 {
			require.Equal(t, []place{{}, {}, {}}, []place{at(-1, "period"), at(0, "value"), at(1, "value")})
			continue
		}
		require.Equal(t, []place{{4, 3}, {5, 3}, {}}, []place{at(-1, "dataSet"), at(-1, "period"), at(-1, "FUNDS")})
		require.Equal(t, []place{{}, {}, {11, 28}, {12, 3}, {}},
			[]place{at(0, "value"), at(1, "value"), at(2, "SEX"), at(2, "value"), at(8, "value")})
	}
	require.Equal(t, 2, n)
}
