package crosswalk_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"maps"
	"math"
	"slices"
	"testing"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/hmis/crosswalk"
	"github.com/ohie-hmis/hmis-go/internal/tally"
	"github.com/ohie-hmis/hmis-go/internal/testfile"
	"github.com/ohie-hmis/hmis-go/period"
	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
)

// object is what a vector answers.
type object = map[string]any

// A vector is one question with its answer, or the code with which it fails.
type vector struct {
	ID, Op  string
	In, Out json.RawMessage
	Error   string
}

// ops are the operations of this package. The others of the file are answered by
// TestVectorsQuality of aggregate/quality, which fails for one it does not know.
var ops = map[string]func(t *testing.T, in json.RawMessage) (any, error){
	"mapping_validate": mappingValidate,
	"mapping_apply":    mappingApply,
	"concordance":      concordance,
}

// RULES.md
func TestVectorsQuality(t *testing.T) {
	for _, file := range testfile.Vectors(t, "quality*") {
		var all struct{ Cases []vector }
		testfile.JSON(t, file, &all)
		count := tally.Of(t, file)
		for _, v := range all.Cases {
			if do := ops[v.Op]; do != nil {
				diff := v.differs(t, do)
				count.Check(diff == "", "%s: %s", v.ID, diff)
			}
		}
		count.Done()
	}
}

// differs answers a vector and returns how the answer differs, or "".
func (v vector) differs(t *testing.T, do func(*testing.T, json.RawMessage) (any, error)) string {
	got, err := do(t, v.In)
	if v.Error != "" {
		if !hasCode(err, v.Error) {
			return fmt.Sprintf("got the error %v, want the code %s", err, v.Error)
		}
		return ""
	}
	if err != nil {
		return fmt.Sprintf("got the error %v", err)
	}
	text, err := json.Marshal(got)
	require.NoError(t, err)
	var is, want any
	require.NoError(t, json.Unmarshal(text, &is))
	require.NoError(t, json.Unmarshal(v.Out, &want))
	return differ("out", want, is)
}

func hasCode(err error, code string) bool {
	if list, ok := errors.AsType[hmis.Issues](err); ok {
		return slices.ContainsFunc(list, func(i *hmis.Issue) bool { return i.Code == code })
	}
	issue, ok := errors.AsType[*hmis.Issue](err)
	return ok && issue.Code == code
}

// differ compares what is wanted with what there is. Members that are not wanted
// do not matter.
func differ(where string, want, is any) string {
	switch want := want.(type) {
	case object:
		got, ok := is.(object)
		if !ok {
			return fmt.Sprintf("%s: got %v, want an object", where, is)
		}
		for _, k := range slices.Sorted(maps.Keys(want)) {
			if d := differ(where+"."+k, want[k], got[k]); d != "" {
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
			if d := differ(fmt.Sprintf("%s[%d]", where, i), want[i], got[i]); d != "" {
				return d
			}
		}
		return ""
	case float64:
		if got, ok := is.(float64); ok && math.Abs(want-got) <= 1e-9*max(1, math.Abs(want)) {
			return ""
		}
	default:
		if want == is {
			return ""
		}
	}
	return fmt.Sprintf("%s: got %v, want %v", where, is, want)
}

// A wireMap is a map as the vectors write it.
type wireMap struct {
	ID                                 string
	SourcePeriodType, TargetPeriodType period.Type
	MissingPeriods                     string
	DataItems                          []struct {
		ID           string
		Relationship crosswalk.Relation
		From         []wireOperand
		To           *wireOperand
		Method       string
		Integer      bool
		SumOfParts   bool
	}
	OrgUnits []crosswalk.Pair
}

type wireOperand struct {
	DE, COC hmis.UID
	Weight  *decimal.Decimal
}

// read returns the map. Default is the option combo that the vectors name where
// DHIS2 has an id.
func (w wireMap) read(t *testing.T) crosswalk.Map {
	methods := map[string]hmis.Aggregation{"": "", "sum": hmis.Sum, "last": hmis.Last, "average": hmis.Average}
	m := crosswalk.Map{
		ID: w.ID, From: w.SourcePeriodType, To: w.TargetPeriodType, RequireAll: w.MissingPeriods == "require_all",
		OrgUnits: w.OrgUnits, DefaultCombo: "default",
	}
	for _, item := range w.DataItems {
		over, ok := methods[item.Method]
		require.True(t, ok, item.Method)
		e := crosswalk.Entry{ID: item.ID, Relation: item.Relationship, Over: over, Integer: item.Integer, Whole: item.SumOfParts}
		for _, from := range item.From {
			s := crosswalk.Source{Operand: hmis.Operand{DataElement: from.DE, OptionCombo: from.COC}, Weight: from.Weight}
			if from.COC == "*" {
				s.OptionCombo = ""
			}
			e.From = append(e.From, s)
		}
		if item.To != nil {
			e.To = hmis.Operand{DataElement: item.To.DE, OptionCombo: item.To.COC}
			if e.To.OptionCombo == "" {
				e.To.OptionCombo = "default"
			}
		}
		m.Entries = append(m.Entries, e)
	}
	return m
}

// RULES.md#checks
func mappingValidate(t *testing.T, text json.RawMessage) (any, error) {
	var in struct{ Mapping wireMap }
	require.NoError(t, json.Unmarshal(text, &in))
	issues := []object{}
	for _, i := range in.Mapping.read(t).Check() {
		row := object{"code": i.Code}
		switch i.Object.Kind {
		case crosswalk.KindEntry:
			row["entry"] = i.Object.ID
		case crosswalk.KindOperand:
			row["source"], row["target"] = i.Object.ID, i.Object.ID
		case hmis.KindOrgUnit:
			row["source"], row["target"] = i.Object.ID, i.Object.ID
		}
		var refs []string
		for _, r := range i.Refs {
			refs = append(refs, string(r.ID))
		}
		row["entries"], row["sources"] = refs, refs
		if weights, ok := errors.AsType[*crosswalk.WeightsError](i); ok {
			row["sum"] = json.Number(weights.Sum.String())
		}
		issues = append(issues, row)
	}
	return object{"issues": issues}, nil
}

type wireValue struct {
	DE, OU, COC, AOC hmis.UID
	PE               period.Period
	Value            string
	Deleted          bool
}

func streamOf(values []wireValue) iter.Seq2[hmis.DataValue, error] {
	return func(yield func(hmis.DataValue, error) bool) {
		for _, v := range values {
			if !yield(hmis.DataValue{
				Key: hmis.Key{
					DataElement: v.DE, OptionCombo: v.COC, AttributeCombo: v.AOC, OrgUnit: v.OU, Period: v.PE,
				},
				Value: v.Value, Deleted: v.Deleted,
			}, nil) {
				return
			}
		}
	}
}

// RULES.md#translating
// RULES.md#losses
// RULES.md#periods
// RULES.md#numbers
func mappingApply(t *testing.T, text json.RawMessage) (any, error) {
	var in struct {
		Mapping      wireMap
		Values       []wireValue
		AllowInexact bool
	}
	require.NoError(t, json.Unmarshal(text, &in))
	m := in.Mapping.read(t)
	m.AllowInexact = in.AllowInexact
	var rest crosswalk.Rest
	var made []hmis.DataValue
	for v, err := range m.Values(streamOf(in.Values), &rest) {
		if err != nil {
			return nil, err
		}
		made = append(made, v)
	}
	values := []object{}
	for _, v := range made {
		values = append(values, object{
			"de": v.DataElement, "coc": v.OptionCombo, "ou": v.OrgUnit, "pe": v.Period,
			"value": json.Number(v.Value), "partial": slices.Contains(rest.Partial, v.Key),
		})
	}
	return object{"values": values, "issues": rows(rest.Losses), "stats": stats(rest)}, nil
}

func rows(losses []crosswalk.Loss) []object {
	list := []object{}
	for _, l := range losses {
		row := object{"code": l.Reason.Code(), "de": l.Operand.DataElement, "coc": l.Operand.OptionCombo, "ou": l.OrgUnit, "pe": l.Period, "entry": l.Entry, "count": l.Count}
		row["total"] = json.Number(l.Total.String())
		row["missing"] = l.Missing
		list = append(list, row)
	}
	return list
}

func stats(rest crosswalk.Rest) object {
	share := func(part, whole decimal.Decimal) any {
		if whole.IsZero() {
			return nil
		}
		return 100 * part.InexactFloat64() / whole.InexactFloat64()
	}
	count := func(n int) decimal.Decimal { return decimal.New(int64(n), 0) }
	return object{
		"sourceValues": rest.Read, "mapped": rest.Mapped, "excluded": rest.Excluded, "unmapped": rest.Unmapped,
		"mappedPct": share(count(rest.Mapped), count(rest.Read)), "volumeMappedPct": share(rest.MappedVolume, rest.Volume),
	}
}

// RULES.md#concordance
func concordance(t *testing.T, text json.RawMessage) (any, error) {
	var in struct {
		Sites []struct {
			Site  hmis.UID
			Group string
			A, B  *decimal.Decimal
		}
		Weighting string
		Top       int
	}
	require.NoError(t, json.Unmarshal(text, &in))
	require.Contains(t, []string{"", "total", "b"}, in.Weighting)
	var given []crosswalk.Site
	for _, s := range in.Sites {
		given = append(given, crosswalk.Site{ID: s.Site, Group: s.Group, A: s.A, B: s.B})
	}
	c, err := crosswalk.Comparison{WeightB: in.Weighting == "b", Top: in.Top}.Of(given)
	if err != nil {
		return nil, err
	}
	sites, groups := []object{}, []object{}
	for _, s := range c.Sites {
		sites = append(sites, object{
			"site": s.ID, "reportedBy": s.ReportedBy(), "concordance": s.Concordance, "discordance": s.Discordance, "weight": s.Weight,
			"weightedConcordance": s.Weighted, "absDiff": float(s.Difference), "loss": s.Loss,
		})
	}
	for _, g := range c.Groups {
		groups = append(groups, object{"group": g.Group, "sites": g.Both, "concordance": g.Concordance, "discordance": g.Discordance})
	}
	worst := append([]hmis.UID{}, c.MostDiscordant...)
	return object{
		"sites": sites, "groups": groups, "mostDiscordant": worst,
		"summary": object{
			"both": c.Both, "aOnly": c.OnlyA, "bOnly": c.OnlyB, "neither": c.Neither,
			"aTotal": float(&c.TotalA), "bTotal": float(&c.TotalB), "aTotalBoth": float(&c.TotalBothA), "bTotalBoth": float(&c.TotalBothB),
			"pctOfBReportedByA": c.SharedOfB, "pctOfAReportedByB": c.SharedOfA, "concordance": c.Concordance, "discordance": c.Discordance,
			"absDiff": float(c.Difference), "meanAbsDiff": c.MeanDifference,
		},
	}, nil
}

func float(d *decimal.Decimal) *float64 {
	if d == nil {
		return nil
	}
	f := d.InexactFloat64()
	return &f
}
