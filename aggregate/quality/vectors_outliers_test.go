package quality_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"strconv"
	"sync"
	"testing"

	"github.com/ohie-hmis/hmis-go/aggregate"
	"github.com/ohie-hmis/hmis-go/aggregate/quality"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/hmis/dhis2"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/ohie-hmis/hmis-go/internal/testfile"
	"github.com/ohie-hmis/hmis-go/orgunit"
	"github.com/ohie-hmis/hmis-go/period"
	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
)

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
	md.OptionCombos = []hmis.OptionCombo{{ID: "default", Name: "default", CategoryCombo: "defaultCombo"}}
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
			value.OptionCombo, value.AttributeCombo = vectorID(v.Coc), vectorID(v.Aoc)
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
		recorded := w != nil
		if !recorded {
			w = outlierWorld(t, in, q.Hierarchy, q.Values, q.AggregationTypes, q.KeepZeros)
			w.bounds = bounds(q.MinMax)
		}
		reader := quality.Reader{Catalog: w.catalog, Tree: w.tree, Limit: q.MaxLimit, OrderNames: !recorded}
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
	return object{"de": v.DataElement, "ou": v.OrgUnit, "pe": v.Period.String(), "coc": name(v.OptionCombo), "aoc": name(v.AttributeCombo)}
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

var syntheticOnce = struct {
	sync.Once
	*world
}{}

// synthetic returns the made-up country of the recorded answers.
func synthetic(t *testing.T) *world {
	t.Helper()
	syntheticOnce.Do(func() {
		input := func(name string) io.Reader {
			return bytes.NewReader(testfile.Read(t, testfile.Input(t, "server/synthetic-"+name)))
		}
		md, err := dhis2.ReadMetadata(input("metadata.json"))
		require.NoError(t, err)
		w := &world{}
		w.catalog, err = hmis.NewCatalog(md)
		require.NoError(t, err)
		w.tree, err = orgunit.NewTree(md.OrgUnits, md.Groups...)
		require.NoError(t, err)
		loader := aggregate.Loader{
			Catalog: w.catalog, Tree: w.tree, KeepUncounted: true,
			Completions: dhis2.ReadCompletions(input("completions.json")),
		}
		w.cube, err = loader.Load(context.Background(), dhis2.Format{CSV: true}.Read(input("dataValues.csv"), nil))
		require.NoError(t, err)
		w.bounds, err = quality.Reader{Catalog: w.catalog, Tree: w.tree}.Bounds(input("minmax.json"), nil)
		require.NoError(t, err)
		syntheticOnce.world = w
	})
	return syntheticOnce.world
}
