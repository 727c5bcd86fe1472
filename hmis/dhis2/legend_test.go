package dhis2_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/hmis/dhis2"
	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
)

func TestReadLegendSets(t *testing.T) {
	const text = `{"indicators":[{"id":"ind","legendSets":[{"id":"set"}]}],"legendSets":[
		{"id":"set","name":"Coverage","symbolizer":"color","legends":[
			{"id":"l1","name":"Low","startValue":0.0,"endValue":79.5,"color":"#FF0000","access":{}},
			{"name":"High","startValue":79.5,"endValue":100}]},
		{"id":"old","legends":[{"startValue":1,"endValue":2,"created":"2020-01-01T00:00:00.000"}]}]}`
	md, err := dhis2.ReadMetadata(strings.NewReader(text))
	require.NoError(t, err)
	require.Equal(t, []hmis.UID{"set"}, md.Indicators[0].LegendSets)
	require.Len(t, md.LegendSets, 2)
	c, err := hmis.NewCatalog(md)
	require.NoError(t, err)
	set, _ := hmis.Find[hmis.LegendSet](c, "set")
	high, ok := set.Find(decimal.RequireFromString("79.5"))
	require.True(t, ok)
	require.Equal(t, "High", high.Name)
	require.Equal(t, "#FF0000", set.Legends[0].Color)

	var b bytes.Buffer
	require.NoError(t, dhis2.WriteMetadata(&b, md))
	require.Contains(t, b.String(), `"symbolizer":"color"`)
	require.Contains(t, b.String(), `"created":"2020-01-01T00:00:00.000"`, "what a legend says beyond its fields")
	again, err := dhis2.ReadMetadata(&b)
	require.NoError(t, err)
	require.Equal(t, md.LegendSets[1].Legends[0].End.String(), again.LegendSets[1].Legends[0].End.String())
	require.Equal(t, md.Properties, again.Properties)

	for _, tt := range []struct{ legend, want string }{
		{`{"startValue":1}`, `legendSet set: legends: entry 0: want a startValue and an endValue`},
		{`{"startValue":"low","endValue":2}`, `entry 0: startValue: want a number of reasonable size`},
		{`[1]`, `entry 0`},
	} {
		_, err := dhis2.ReadMetadata(strings.NewReader(`{"legendSets":[{"id":"set","legends":[` + tt.legend + `]}]}`))
		require.ErrorContains(t, err, tt.want)
	}
}
