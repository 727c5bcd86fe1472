package analytics_test

import (
	"context"
	"io"
	"testing"

	"github.com/stretchr/testify/require"
)

// BenchmarkQuery parses the parameters of a usual dashboard request.
func BenchmarkQuery(b *testing.B) {
	s := newServer(b)
	params := parse(b, "dimension=dx:Tested00001;Positive001;PositRate01;Malaria0001.REPORTING_RATE&dimension=pe:LAST_12_MONTHS&dimension=ou:LEVEL-3;USER_ORGUNIT&filter=SetOwner001")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.Query(params); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "requests/s")
}

// BenchmarkAnswer answers a request from parameters to JSON, with 11 data
// elements, 12 months and all chiefdoms of the demonstration country.
func BenchmarkAnswer(b *testing.B) {
	s := sierraLeone(b, realData(b))
	params := parse(b, "dimension=dx:s46m5MS0hxu;UOlfIjgN8X6;YtbsuPPo010;x3Do5e7g4Qo;pikOziyCXbM;O05mAByOgAv;vI2csg55S9C;fClA2Erf6IO;I78gJm4KBo7;n6aMJNLdvep;l6byfWFUGaP"+
		"&dimension=pe:LAST_12_MONTHS&relativePeriodDate=2026-01-15&dimension=ou:LEVEL-3")
	r, err := s.Answer(context.Background(), params)
	require.NoError(b, err)
	require.NotEmpty(b, r.Rows)
	rows := len(r.Rows)
	b.ReportAllocs()
	for b.Loop() {
		r, err := s.Answer(context.Background(), params)
		if err != nil {
			b.Fatal(err)
		}
		if err := r.WriteJSON(io.Discard); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(rows*b.N)/b.Elapsed().Seconds(), "rows/s")
}
