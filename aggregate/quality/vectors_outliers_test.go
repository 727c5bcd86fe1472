package quality_test

import (
	"bufio"
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/ohie-hmis/hmis-go/aggregate"
	"github.com/ohie-hmis/hmis-go/aggregate/quality"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/hmis/dhis2"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/ohie-hmis/hmis-go/orgunit"
	"github.com/ohie-hmis/hmis-go/period"
	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
)

// object is what a vector asks or answers.
type object = map[string]any

// An op answers one operation of the vectors. Country is the synthetic country
// of the recorded answers, or nil where the question brings its own.
type op func(t *testing.T, in json.RawMessage, country *world) (any, error)

// outlierOps are the operations on outliers, bounds and marks.
var outlierOps = map[string]op{
	"outliers":           detect(false),
	"outliers_analytics": detect(true),
	"minmax_generate":    generateBounds,
	"followup":           followUps,
}

// A world is what an operation is about.
type world struct {
	catalog *hmis.Catalog
	tree    *orgunit.Tree
	cube    *aggregate.Cube
	bounds  []quality.Bound
}

type (
	vectorUnit  struct{ ID, Parent, Name, Opening, Closed string }
	vectorValue struct {
		De, Ou, Pe, Coc, Aoc, Value string
		Deleted, FollowUp           bool
	}
	vectorBound struct {
		De, Ou, Coc string
		Min, Max    float64
		Generated   bool
	}
)

// vectorID makes an id of a vector into one of the library: the default combo is
// "".
func vectorID(id string) hmis.UID {
	if id == "default" {
		return ""
	}
	return hmis.UID(id)
}

// newWorld builds what a vector describes: units, elements, values.
func newWorld(t *testing.T, units []vectorUnit, elements []hmis.DataElement, values []vectorValue) *world {
	t.Helper()
	md := hmis.Metadata{DataElements: elements}
	md.CategoryCombos = []hmis.CategoryCombo{{ID: "defaultCombo", Name: "default"}}
	md.CategoryOptionCombos = []hmis.CategoryOptionCombo{{ID: "default", Name: "default", CategoryCombo: "defaultCombo"}}
	md.OrgUnits = orgUnits(t, units)
	known := map[hmis.UID]bool{}
	for _, e := range elements {
		known[e.ID] = true
	}
	for _, v := range values {
		if !known[hmis.UID(v.De)] {
			known[hmis.UID(v.De)] = true
			md.DataElements = append(md.DataElements, hmis.DataElement{ID: hmis.UID(v.De)})
		}
	}
	w := &world{}
	var err error
	w.catalog, err = hmis.NewCatalog(md)
	require.NoError(t, err)
	w.tree, err = orgunit.NewTree(md.OrgUnits)
	require.NoError(t, err)
	w.cube, err = aggregate.Loader{Catalog: w.catalog, Tree: w.tree, KeepUncounted: true}.Load(t.Context(), dataValues(values))
	require.NoError(t, err)
	return w
}

func orgUnits(t *testing.T, units []vectorUnit) []hmis.OrgUnit {
	t.Helper()
	var list []hmis.OrgUnit
	for _, u := range units {
		unit := hmis.OrgUnit{ID: hmis.UID(u.ID), Name: u.Name, Parent: hmis.UID(u.Parent)}
		if u.Opening != "" {
			unit.Opened = day(t, u.Opening)
		}
		if u.Closed != "" {
			unit.Closed = day(t, u.Closed)
		}
		list = append(list, unit)
	}
	return list
}

func day(t *testing.T, text string) period.Date {
	t.Helper()
	d, err := period.ParseDate(text[:10])
	require.NoError(t, err)
	return d
}

func dataValues(values []vectorValue) func(func(hmis.DataValue, error) bool) {
	return func(yield func(hmis.DataValue, error) bool) {
		for _, v := range values {
			value := hmis.DataValue{Value: v.Value, Deleted: v.Deleted, FollowUp: v.FollowUp}
			value.DataElement, value.OrgUnit = hmis.UID(v.De), hmis.UID(v.Ou)
			value.CategoryOptionCombo, value.AttributeOptionCombo = vectorID(v.Coc), vectorID(v.Aoc)
			value.Period = vectorPeriod(v.Pe)
			if !yield(value, nil) {
				return
			}
		}
	}
}

// vectorPeriod reads a period. A financial year of the vectors is named by the
// first letters of its month.
func vectorPeriod(text string) period.Period {
	return period.MustParse(text)
}

func bounds(list []vectorBound) []quality.Bound {
	var all []quality.Bound
	for _, b := range list {
		all = append(all, quality.Bound{
			DataElement: hmis.UID(b.De), OrgUnit: hmis.UID(b.Ou), OptionCombo: vectorID(b.Coc), Generated: b.Generated,
			Low: decimal.NewFromFloat(b.Min), High: decimal.NewFromFloat(b.Max),
		})
	}
	return all
}

// detect asks for outliers as a client does: the question becomes the parameters
// of a request.
func detect(analytics bool) op {
	return func(t *testing.T, in json.RawMessage, w *world) (any, error) {
		var q struct {
			Hierarchy        []vectorUnit
			Values           []vectorValue
			MinMax           []vectorBound
			MaxLimit         int
			AggregationTypes map[string]hmis.Aggregation
			KeepZeros        bool
			SkipRounding     bool
			ZeroIsData       bool
		}
		require.NoError(t, json.Unmarshal(in, &q))
		if w == nil {
			w = outlierWorld(t, in, q.Hierarchy, q.Values, q.AggregationTypes, q.KeepZeros)
			w.bounds = bounds(q.MinMax)
		}
		reader := quality.Reader{Catalog: w.catalog, Tree: w.tree, Limit: q.MaxLimit}
		read, digits := reader.Outliers, -1
		if analytics {
			if read, digits = reader.AnalyticsOutliers, 2; q.SkipRounding {
				digits = 10
			}
		}
		m, s, err := read(outlierParams(t, in))
		if err != nil {
			return nil, err
		}
		m.Bounds, m.ZeroIsData = w.bounds, q.KeepZeros
		found, err := quality.Outliers(t.Context(), w.cube, m, s)
		if err != nil {
			return nil, err
		}
		rows := []any{}
		for _, o := range found {
			if digits >= 0 {
				o = o.Round(digits)
			}
			rows = append(rows, outlierRow(m, o, analytics))
		}
		return object{"count": len(rows), "rows": rows}, nil
	}
}

// outlierWorld makes data elements of those that a question names.
func outlierWorld(t *testing.T, in json.RawMessage, units []vectorUnit, values []vectorValue, types map[string]hmis.Aggregation, keep bool) *world {
	t.Helper()
	var q struct{ DataElements []string }
	require.NoError(t, json.Unmarshal(in, &q))
	var elements []hmis.DataElement
	for _, id := range q.DataElements {
		elements = append(elements, hmis.DataElement{ID: hmis.UID(id), Aggregation: types[id], ZeroIsData: keep})
	}
	return newWorld(t, units, elements, values)
}

// outlierParams writes the members of a question as parameters.
func outlierParams(t *testing.T, in json.RawMessage) url.Values {
	t.Helper()
	var q object
	decode := json.NewDecoder(bytes.NewReader(in))
	decode.UseNumber()
	require.NoError(t, decode.Decode(&q))
	params := url.Values{}
	for from, to := range map[string]string{
		"dataElements": "dx", "dataSets": "ds", "orgUnits": "ou", "startDate": "startDate", "endDate": "endDate", "pe": "pe",
		"algorithm": "algorithm", "threshold": "threshold", "dataStartDate": "dataStartDate", "dataEndDate": "dataEndDate",
		"orderBy": "orderBy", "sortOrder": "sortOrder", "maxResults": "maxResults",
	} {
		switch v := q[from].(type) {
		case nil:
		case []any:
			for _, item := range v {
				params.Add(to, item.(string))
			}
		default:
			params.Set(to, fmt.Sprint(v))
		}
	}
	return params
}

func keyOf(v hmis.DataValue) object {
	name := func(combo hmis.UID) hmis.UID {
		if combo == "" {
			return "default"
		}
		return combo
	}
	return object{"de": v.DataElement, "ou": v.OrgUnit, "pe": v.Period.String(), "coc": name(v.CategoryOptionCombo), "aoc": name(v.AttributeOptionCombo)}
}

func outlierRow(m quality.Method, o quality.Outlier, analytics bool) object {
	row := keyOf(o.Value)
	row["value"], row["absDev"], row["lowerBound"], row["upperBound"] = o.Number, o.Distance, o.Low, o.High
	if !analytics {
		row["followup"] = o.Value.FollowUp
	}
	switch m.Score {
	case quality.InvalidNumber:
		row["value"], row["rawValue"] = nil, o.Value.Value
		delete(row, "absDev")
		delete(row, "lowerBound")
		delete(row, "upperBound")
	case quality.ZScore:
		row["mean"], row["stdDev"], row["zScore"] = o.Middle, o.Deviation, o.Score
	case quality.ModifiedZ:
		row["median"], row["stdDev"], row["zScore"] = o.Middle, o.Deviation, o.Score
	}
	return row
}

func generateBounds(t *testing.T, in json.RawMessage, w *world) (any, error) {
	var q struct {
		Factor             float64
		DataElements       []struct{ ID, ValueType string }
		DataSets           []hmis.UID
		Hierarchy          []vectorUnit
		OrgUnit            hmis.UID
		IncludeDescendants *bool
		Values             []vectorValue
		Existing           []vectorBound
		KeepManual         bool
	}
	require.NoError(t, json.Unmarshal(in, &q))
	recorded := w != nil
	s := quality.Scope{OrgUnits: []hmis.UID{q.OrgUnit}}
	if w == nil {
		var elements []hmis.DataElement
		for _, e := range q.DataElements {
			elements = append(elements, hmis.DataElement{ID: hmis.UID(e.ID), ValueType: hmis.ValueType(e.ValueType)})
			s.Data = append(s.Data, indicator.Item{ID: hmis.UID(e.ID)})
		}
		w = newWorld(t, q.Hierarchy, elements, q.Values)
	}
	for _, id := range q.DataSets {
		set, ok := hmis.Find[hmis.DataSet](w.catalog, id)
		require.True(t, ok)
		for _, e := range set.Elements {
			s.Data = append(s.Data, indicator.Item{ID: e.DataElement})
		}
	}
	rule := quality.BoundRule{Factor: q.Factor, KeepManual: q.KeepManual, UnitsOnly: q.IncludeDescendants != nil && !*q.IncludeDescendants}
	made, err := rule.Generate(t.Context(), w.cube, s, bounds(q.Existing))
	rows := []any{}
	for _, b := range made {
		coc := b.OptionCombo
		if coc == "" {
			coc = "default"
		}
		if recorded {
			rows = append(rows, []any{b.DataElement, b.OrgUnit, coc, b.Low, b.High})
			continue
		}
		rows = append(rows, object{"de": b.DataElement, "ou": b.OrgUnit, "coc": coc, "min": b.Low, "max": b.High, "generated": b.Generated})
	}
	return object{"minMax": rows}, err
}

func followUps(t *testing.T, in json.RawMessage, w *world) (any, error) {
	var q struct {
		DataSets, DataElements, OrgUnits, Combos []string
		StartDate, EndDate, Pe                   string
		MaxResults                               *int
	}
	require.NoError(t, json.Unmarshal(in, &q))
	params := url.Values{"ds": q.DataSets, "de": q.DataElements, "ou": q.OrgUnits, "coc": q.Combos}
	for name, text := range map[string]string{"startDate": q.StartDate, "endDate": q.EndDate, "pe": q.Pe} {
		if text != "" {
			params.Set(name, text)
		}
	}
	if q.MaxResults != nil {
		params.Set("maxResults", strconv.Itoa(*q.MaxResults))
	}
	list, s, err := quality.Reader{Catalog: w.catalog, Tree: w.tree}.FollowUps(params)
	if err != nil {
		return nil, err
	}
	list.Bounds = w.bounds
	marked, err := list.Values(t.Context(), w.cube, s)
	rows := []any{}
	for _, f := range marked {
		row := keyOf(f.Value)
		row["value"] = f.Value.Value
		if f.Bound != nil {
			row["min"], row["max"] = f.Bound.Low, f.Bound.High
		}
		rows = append(rows, row)
	}
	return object{"count": len(rows), "rows": rows}, err
}

// A vector is one question with its answer, or the code with which it fails.
type vector struct {
	ID, Op    string
	In, Out   json.RawMessage
	Error     string
	Tolerance tolerance `json:"-"`
}

// A tolerance is how far numbers may be apart: relative or absolute to their
// size, and for rounded figures by a unit in the last place.
type tolerance struct{ near, step float64 }

// differs answers a vector and returns how the answer differs, or "".
func (v vector) differs(t *testing.T, do op, country *world) string {
	got, err := do(t, v.In, country)
	if v.Error != "" {
		issue, ok := errors.AsType[*hmis.Issue](err)
		if !ok || issue.Code != v.Error {
			return fmt.Sprintf("got the error %v, want the code %s", err, v.Error)
		}
		return ""
	}
	if err != nil {
		return fmt.Sprintf("got the error %v", err)
	}
	text, err := json.Marshal(withoutNaN(got))
	require.NoError(t, err)
	var is, want any
	require.NoError(t, json.Unmarshal(text, &is))
	require.NoError(t, json.Unmarshal(v.Out, &want))
	if by := v.orderedBy(t); by != "" {
		inOneOrder(want, by)
		inOneOrder(is, by)
	}
	return v.Tolerance.differs("out", want, is)
}

// orderedBy returns the member that the rows of a recorded answer go by, or "".
func (v vector) orderedBy(t *testing.T) string {
	var q struct {
		Algorithm, OrderBy string
		SkipRounding       bool
	}
	require.NoError(t, json.Unmarshal(v.In, &q))
	switch {
	case v.Op == "outliers" && q.Algorithm == "INVALID_NUMERIC", !strings.HasPrefix(v.Op, "outliers"):
		return ""
	case q.Algorithm == "MIN_MAX":
		return "absDev"
	}
	names := map[string]string{
		"zscore": "zScore", "z_score": "zScore", "modifiedzscore": "zScore", "modified_z_score": "zScore", "value": "value", "mean": "mean",
		"median": "median", "stddev": "stdDev", "std_dev": "stdDev", "medianabsdeviation": "stdDev", "median_abs_dev": "stdDev",
		"lowerbound": "lowerBound", "lower_bound": "lowerBound", "upperbound": "upperBound", "upper_bound": "upperBound",
	}
	return cmp.Or(names[strings.ToLower(q.OrderBy)], "absDev")
}

// inOneOrder puts rows whose figures agree, which a server has in any order, into
// the order of their keys.
func inOneOrder(answer any, by string) {
	rows, _ := answer.(object)["rows"].([]any)
	figure := func(i int) float64 {
		f, _ := rows[i].(object)[by].(float64)
		return f
	}
	for i := 0; i < len(rows); {
		j := i + 1
		for j < len(rows) && math.Abs(figure(j)-figure(i)) <= 1e-9*max(1, math.Abs(figure(i))) {
			j++
		}
		slices.SortFunc(rows[i:j], func(a, b any) int {
			for _, k := range []string{"de", "ou", "pe", "coc", "aoc"} {
				if n := strings.Compare(a.(object)[k].(string), b.(object)[k].(string)); n != 0 {
					return n
				}
			}
			return 0
		})
		i = j
	}
}

// withoutNaN puts null where an answer has no number.
func withoutNaN(v any) any {
	switch v := v.(type) {
	case object:
		for k := range v {
			v[k] = withoutNaN(v[k])
		}
	case []any:
		for i := range v {
			v[i] = withoutNaN(v[i])
		}
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil
		}
	case decimal.Decimal:
		return json.Number(v.String())
	}
	return v
}

// differs compares what is wanted with what there is. Members that are not wanted
// do not matter.
func (tol tolerance) differs(where string, want, is any) string {
	switch want := want.(type) {
	case map[string]any:
		got, ok := is.(map[string]any)
		if !ok {
			return fmt.Sprintf("%s: got %v, want an object", where, is)
		}
		for _, k := range slices.Sorted(keys(want)) {
			if d := tol.differs(where+"."+k, want[k], got[k]); d != "" {
				return d
			}
		}
		return ""
	case []any:
		got, ok := is.([]any)
		if !ok || len(got) != len(want) {
			return fmt.Sprintf("%s: got %d items, want %d: got %.300v want %.300v", where, len(got), len(want), is, want)
		}
		for i := range want {
			if d := tol.differs(fmt.Sprintf("%s[%d]", where, i), want[i], got[i]); d != "" {
				return d
			}
		}
		return ""
	case float64:
		got, ok := is.(float64)
		if ok && math.Abs(want-got) <= max(tol.near, tol.near*math.Abs(want), tol.step*1.000001) {
			return ""
		}
	default:
		if want == is {
			return ""
		}
	}
	return fmt.Sprintf("%s: got %v, want %v", where, is, want)
}

func keys(m map[string]any) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

func vectorDir() string {
	if dir := os.Getenv("HMIS_VECTORS"); dir != "" {
		return dir
	}
	return filepath.Join("testdata", "vectors")
}

// open reads a file, also one that is compressed.
func open(t *testing.T, file string) []byte {
	t.Helper()
	f, err := os.Open(file)
	require.NoError(t, err)
	defer f.Close()
	var r io.Reader = f
	if strings.HasSuffix(file, ".gz") {
		r, err = gzip.NewReader(f)
		require.NoError(t, err)
	}
	text, err := io.ReadAll(r)
	require.NoError(t, err)
	return text
}

func TestVectorsQuality(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(vectorDir(), "quality*.json*"))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		var all struct{ Cases []vector }
		require.NoError(t, json.Unmarshal(open(t, file), &all))
		runVectors(t, file, all.Cases, nil)
	}
}

func TestVectorsServer(t *testing.T) {
	for _, pattern := range []string{"quality-outliers*", "quality-followup*", "quality-minmax*"} {
		files, err := filepath.Glob(filepath.Join(vectorDir(), "server", pattern+".jsonl*"))
		require.NoError(t, err)
		require.NotEmpty(t, files, pattern)
		for _, file := range files {
			var list []vector
			lines := bufio.NewScanner(bytes.NewReader(open(t, file)))
			lines.Buffer(nil, 1<<26)
			for lines.Scan() {
				var v vector
				require.NoError(t, json.Unmarshal(lines.Bytes(), &v))
				list = append(list, v)
			}
			require.NoError(t, lines.Err())
			runVectors(t, file, list, synthetic(t))
		}
	}
}

func runVectors(t *testing.T, file string, list []vector, country *world) {
	passed, failed := 0, 0
	for _, v := range list {
		do, ok := outlierOps[v.Op]
		if !ok {
			do, ok = reviewOps[v.Op]
		}
		if !ok {
			continue
		}
		v.Tolerance = tolerance{near: 1e-9}
		if country != nil && v.Op == "outliers_analytics" {
			// Figures that lie on a half are rounded either way.
			if v.Tolerance.step = 0.01; bytes.Contains(v.In, []byte(`"skipRounding": true`)) {
				v.Tolerance.step = 1e-10
			}
		}
		if d := v.differs(t, do, country); d != "" {
			if failed++; failed <= 20 {
				t.Errorf("%s: %s: %s", filepath.Base(file), v.ID, d)
			}
			continue
		}
		passed++
	}
	t.Logf("%s: %d passed, %d failed", filepath.Base(file), passed, failed)
}

var syntheticOnce = struct {
	sync.Once
	*world
}{}

// synthetic returns the made-up country of the recorded answers.
func synthetic(t *testing.T) *world {
	t.Helper()
	syntheticOnce.Do(func() {
		dir := filepath.Join(vectorDir(), "server")
		md, err := dhis2.ReadMetadata(bytes.NewReader(open(t, filepath.Join(dir, "synthetic-metadata.json.gz"))))
		require.NoError(t, err)
		w := &world{}
		w.catalog, err = hmis.NewCatalog(md)
		require.NoError(t, err)
		w.tree, err = orgunit.NewTree(md.OrgUnits, md.Groups...)
		require.NoError(t, err)
		loader := aggregate.Loader{Catalog: w.catalog, Tree: w.tree, KeepUncounted: true}
		w.cube, err = loader.Load(context.Background(),
			dhis2.Format{CSV: true}.Read(bytes.NewReader(open(t, filepath.Join(dir, "synthetic-dataValues.csv.gz"))), nil))
		require.NoError(t, err)
		w.bounds, err = quality.Reader{Catalog: w.catalog, Tree: w.tree}.Bounds(
			bytes.NewReader(open(t, filepath.Join(dir, "synthetic-minmax.json.gz"))), nil)
		require.NoError(t, err)
		syntheticOnce.world = w
	})
	return syntheticOnce.world
}
