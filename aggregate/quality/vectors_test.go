package quality_test

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"maps"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/internal/tally"
	"github.com/ohie-hmis/hmis-go/internal/testfile"
	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
)

// object is what a vector asks or answers.
type object = map[string]any

// An op answers one operation of the vectors. Country is the synthetic country
// of the recorded answers, or nil where the question brings its own.
type op func(t *testing.T, in json.RawMessage, country *world) (any, error)

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
		for _, k := range slices.Sorted(maps.Keys(want)) {
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

// elsewhere are the operations that TestVectorsQuality of hmis/crosswalk answers.
var elsewhere = []string{"mapping_validate", "mapping_apply", "concordance"}

// An answerer returns how the answer to a vector differs from the one wanted, or
// "".
type answerer func(*testing.T, vector) string

// answererOf returns what answers an operation, or nil. Country is that of the
// recorded answers, or nil.
func answererOf(name string, country *world) answerer {
	rules := ruleOps
	if country != nil {
		rules = serverRuleOps
	}
	if do := rules[name]; do != nil {
		return func(t *testing.T, v vector) string { return do(t, v) }
	}
	for _, list := range []map[string]op{outlierOps, reviewOps, integrityOps} {
		if do := list[name]; do != nil {
			return func(t *testing.T, v vector) string { return v.differs(t, do, country) }
		}
	}
	return nil
}

// RULES.md
func TestVectorsQuality(t *testing.T) {
	for _, file := range testfile.Vectors(t, "quality*") {
		var all struct{ Cases []vector }
		testfile.JSON(t, file, &all)
		runVectors(t, file, slices.Values(all.Cases), nil)
	}
}

// RULES.md
func TestVectorsServer(t *testing.T) {
	for _, of := range []string{"validation", "form", "predictions", "outliers", "followup", "minmax"} {
		for _, file := range testfile.Vectors(t, "server/quality-"+of+"*") {
			runVectors(t, file, testfile.Lines[vector](t, file), synthetic(t))
		}
	}
}

// runVectors asks each vector of a file. An operation that nothing here or
// elsewhere answers is a failure.
func runVectors(t *testing.T, file string, list iter.Seq[vector], country *world) {
	t.Helper()
	count := tally.Of(t, file)
	defer count.Done()
	for v := range list {
		if slices.Contains(elsewhere, v.Op) {
			continue
		}
		do := answererOf(v.Op, country)
		if do == nil {
			count.Fail("%s: unknown operation %s", v.ID, v.Op)
			continue
		}
		v.Tolerance = tolerance{near: 1e-9}
		if country != nil && v.Op == "outliers_analytics" {
			// Figures that lie on a half are rounded either way.
			if v.Tolerance.step = 0.01; bytes.Contains(v.In, []byte(`"skipRounding": true`)) {
				v.Tolerance.step = 1e-10
			}
		}
		diff := do(t, v)
		count.Check(diff == "", "%s: %s", v.ID, diff)
	}
}
