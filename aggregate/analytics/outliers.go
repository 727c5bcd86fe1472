package analytics

import (
	"context"
	"io"
	"math"
	"net/url"
	"strconv"
	"strings"

	"github.com/ohie-hmis/hmis-go/aggregate/quality"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/ohie-hmis/hmis-go/internal/quote"
)

// OutlierTable is the answer of analytics/outlierDetection: a row for each
// outlier, with names and ids. Figures are rounded to two decimals, or to ten
// if the request skips rounding.
type OutlierTable struct {
	Response // the headers and rows; Meta is nil
	About    OutlierMeta
}

// OutlierMeta has the parameters of the request for an [OutlierTable].
type OutlierMeta struct {
	Count      int     `json:"count"`
	Threshold  float64 `json:"threshold"`
	Algorithm  string  `json:"algorithm"`
	OrderBy    string  `json:"orderBy"` // the order by absolute deviation is always ABS_DEV here, whatever word the request used
	MaxResults int     `json:"maxResults"`
}

// Outliers answers a request of analytics/outlierDetection, as ServeHTTP does
// over HTTP: see [quality.Reader.AnalyticsOutliers] for its parameters. The
// statistics also count deleted values if the cube keeps them; see
// [aggregate.Loader]. The error is an *[hmis.Issue] with DHIS2's code, such as
// "E2204".
func (s Server) Outliers(ctx context.Context, params url.Values) (*OutlierTable, error) {
	held := s.hold()
	defer held.release()
	return s.outliers(ctx, params, held)
}

func (s Server) outliers(ctx context.Context, params url.Values, h *hold) (*OutlierTable, error) {
	if err := s.ready(); err != nil {
		return nil, err
	}
	reader := quality.Reader{Catalog: s.Catalog, Tree: s.Tree, Limit: s.Limits.filled().Rows}
	method, scope, err := reader.AnalyticsOutliers(params)
	if err != nil {
		return nil, err
	}
	if scope.OrgUnits, err = s.outlierUnits(scope.OrgUnits); err != nil {
		return nil, err
	}
	digits := 2
	if text := params.Get("skipRounding"); text != "" {
		skip, err := strconv.ParseBool(text)
		if err != nil {
			return nil, refuse("skipRounding", "%s: want true or false", quote.Text(text))
		}
		if skip {
			digits = 10
		}
	}
	cube, err := s.cube()
	if err != nil {
		return nil, err
	}
	var found []quality.Outlier
	if len(scope.OrgUnits) > 0 || s.Within == nil {
		method.ZeroIsData, method.Workers = s.ZeroIsData, s.Workers
		if found, err = quality.Outliers(ctx, cube, method, scope); err != nil {
			return nil, err
		}
	}
	const rowBytes = 1 << 10 // memory in bytes of an outlier and of the texts of its row
	if err := h.reserve(int64(len(found)) * rowBytes); err != nil {
		return nil, err
	}
	t := &OutlierTable{About: OutlierMeta{
		Count: len(found), Threshold: method.Threshold, Algorithm: "Z_SCORE",
		OrderBy: orderName(method), MaxResults: method.Max,
	}}
	if method.Threshold == 0 {
		t.About.Threshold = 3
	}
	if method.Max == 0 {
		t.About.MaxResults = 500
	}
	if method.Score == quality.ModifiedZ {
		t.About.Algorithm = "MODIFIED_Z_SCORE"
	}
	t.Headers = outlierHeaders(method.Score)
	t.Rows = make([][]string, len(found))
	for i, o := range found {
		t.Rows[i] = s.outlierRow(o.Round(digits), method.Score)
	}
	return t, nil
}

// outlierUnits returns the org units to search: those in the request, or all
// that may be seen. The error names a unit that may not be seen.
func (s Server) outlierUnits(named []hmis.UID) ([]hmis.UID, error) {
	if s.Within == nil {
		return named, nil
	}
	for _, id := range named {
		if !s.mayShow(id) {
			within := make([]string, len(s.Within))
			for i, id := range s.Within {
				within[i] = string(id)
			}
			return nil, wrong(codeForbidden, "ou", strings.Join(within, ", "), string(id))
		}
	}
	if len(named) == 0 {
		return s.Within, nil
	}
	return named, nil
}

// orderName returns the word that an answer uses for the order of the outliers.
func orderName(m quality.Method) string {
	score, middle, deviation := "Z_SCORE", "MEAN", "STD_DEV"
	if m.Score == quality.ModifiedZ {
		score, middle, deviation = "MODIFIED_Z_SCORE", "MEDIAN", "MEDIAN_ABS_DEV"
	}
	return map[quality.Order]string{
		quality.ByDistance: "ABS_DEV", quality.ByScore: score, quality.ByNumber: "VALUE", quality.ByMiddle: middle,
		quality.ByDeviation: deviation, quality.ByLow: "LOWER_BOUND", quality.ByHigh: "UPPER_BOUND",
	}[m.Order]
}

func outlierHeaders(score quality.Score) []Header {
	headers := []Header{}
	for _, h := range [][2]string{
		{"dx", "Data"}, {"dxname", "Data name"}, {"pe", "Period"}, {"pename", "Period name"},
		{"ou", "Organisation unit"}, {"ouname", "Organisation unit name"}, {"ounamehierarchy", "Organisation unit name hierarchy"},
		{"coc", "Category option combo"}, {"cocname", "Category option combo name"},
		{"aoc", "Attribute option combo"}, {"aocname", "Attribute option combo name"},
	} {
		one := metaHeader(h[0], h[1])
		one.Meta = false
		headers = append(headers, one)
	}
	figures := [][2]string{
		{"value", "Value"}, {"mean", "Mean"}, {"stddev", "Standard deviation"},
		{"absdev", "Absolute deviation"}, {"zscore", "zScore"},
	}
	if score == quality.ModifiedZ {
		figures = [][2]string{
			{"value", "Value"}, {"median", "Median"}, {"medianabsdeviation", "Median absolute deviation"},
			{"absdev", "Absolute deviation"}, {"modifiedzscore", "Modified zScore"},
		}
	}
	for _, h := range append(figures, [2]string{"lowerbound", "Min value"}, [2]string{"upperbound", "Max value"}) {
		headers = append(headers, numberHeader(h[0], h[1]))
	}
	return headers
}

func (s Server) outlierRow(o quality.Outlier, score quality.Score) []string {
	v := o.Value
	name := func(k hmis.Kind, id hmis.UID) string { return s.Catalog.Name(hmis.Ref{Kind: k, ID: id}) }
	combo := func(id hmis.UID) (hmis.UID, string) {
		if id == "" {
			id = s.Catalog.DefaultOptionCombo()
		}
		return id, name(hmis.KindOptionCombo, id)
	}
	coc, cocName := combo(v.OptionCombo)
	aoc, aocName := combo(v.AttributeCombo)
	roots := s.User
	if s.Within != nil {
		roots = s.Within
	}
	hierarchy := strings.Trim(s.Tree.NamePath(v.OrgUnit, roots...), "/")
	number := func(f float64) string {
		if math.IsNaN(f) {
			return "NaN"
		}
		return valueText(indicator.Float(f), asDouble)
	}
	return []string{
		string(v.DataElement), name(hmis.KindDataElement, v.DataElement), v.Period.String(), v.Period.Name(),
		string(v.OrgUnit), name(hmis.KindOrgUnit, v.OrgUnit), strings.ReplaceAll(hierarchy, "/", " / "),
		string(coc), cocName, string(aoc), aocName,
		number(o.Number), number(o.Middle), number(o.Deviation), number(o.Distance), number(o.Score),
		number(o.Low), number(o.High),
	}
}

// MarshalJSON implements [encoding/json.Marshaler] with the text of WriteJSON.
func (t *OutlierTable) MarshalJSON() ([]byte, error) {
	var b strings.Builder
	err := t.WriteJSON(&b)
	return []byte(b.String()), err
}

// WriteJSON writes the table in the form of DHIS2: headers, rows of texts, and
// the parameters of the request in metaData.
func (t *OutlierTable) WriteJSON(w io.Writer) error { return t.writeJSON(w, t.About) }
