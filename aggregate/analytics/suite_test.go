package analytics_test

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"net/url"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/ohie-hmis/hmis-go/aggregate"
	"github.com/ohie-hmis/hmis-go/aggregate/analytics"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/orgunit"
	"github.com/ohie-hmis/hmis-go/period"
	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
)

// A suite is a file in the format hmis-analytics-suite/1: one case, or a list
// of cases.
type suite struct {
	Format string
	testCase
	Cases []testCase
}

type testCase struct {
	Settings      settings
	Metadata      metadata
	DataValues    []dataValue
	Registrations []registration `json:"completeDataSetRegistrations"`
	Violations    []violation    `json:"validationResults"`
	Queries       []query
}

type settings struct {
	Zeros *bool `json:"includeZeroValuesInAnalytics"`
}

type query struct {
	ID, Note, Optional string
	Settings           settings
	IndicatorOverrides overrides
	Request            map[string]any
	Expect             struct {
		Error   string
		Headers []string
		Rows    [][]string
	}
}

// An overrides has indicators with fields to replace: a list, a single one, or
// a map by id.
type overrides []json.RawMessage

func (o *overrides) UnmarshalJSON(data []byte) error {
	var list []json.RawMessage
	if json.Unmarshal(data, &list) == nil {
		*o = list
		return nil
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(data, &fields); err != nil {
		return err
	}
	if _, one := fields["id"]; one {
		*o = overrides{data}
		return nil
	}
	for id, raw := range fields {
		named := map[string]json.RawMessage{}
		if err := json.Unmarshal(raw, &named); err != nil {
			return err
		}
		named["id"] = json.RawMessage(strconv.Quote(id))
		raw, err := json.Marshal(named)
		if err != nil {
			return err
		}
		*o = append(*o, raw)
	}
	return nil
}

type metadata struct {
	OrganisationUnits []struct {
		ID, Name, Parent, OpeningDate, ClosedDate string
		CategoryOptions                           []hmis.UID
	}
	OrganisationUnitGroups []struct {
		ID                hmis.UID
		OrganisationUnits []hmis.UID
	}
	OrganisationUnitGroupSets []struct {
		ID                             hmis.UID
		OrganisationUnitGroups         []hmis.UID
		IncludeSubhierarchyInAnalytics bool
	}
	CategoryOptions []struct{ ID, StartDate, EndDate string }
	Categories      []struct {
		ID                hmis.UID
		DataDimensionType string
		CategoryOptions   []hmis.UID
	}
	CategoryCombos []struct {
		ID         hmis.UID
		Categories []hmis.UID
		SkipTotal  bool
	}
	CategoryOptionCombos []struct {
		ID, CategoryCombo hmis.UID
		Name              string
		CategoryOptions   []hmis.UID
	}
	CategoryOptionGroups []struct {
		ID              hmis.UID
		CategoryOptions []hmis.UID
	}
	CategoryOptionGroupSets []struct {
		ID                   hmis.UID
		DataDimensionType    string
		CategoryOptionGroups []hmis.UID
	}
	DataElements []struct {
		ID, CategoryCombo          hmis.UID
		ValueType, AggregationType string
		DomainType                 string
		ZeroIsSignificant          bool
		AggregationLevels          []int
	}
	DataElementGroups []struct {
		ID           hmis.UID
		DataElements []hmis.UID
	}
	DataElementGroupSets []struct {
		ID                hmis.UID
		DataElementGroups []hmis.UID
	}
	IndicatorGroups []struct {
		ID         hmis.UID
		Indicators []hmis.UID
	}
	DataSets []struct {
		ID, CategoryCombo         hmis.UID
		PeriodType                string
		TimelyDays                float64
		OpenPeriodsAfterCoEndDate int
		OrganisationUnits         []hmis.UID
		DataElements              []hmis.UID
	}
	Indicators      []suiteIndicator
	ValidationRules []struct{ ID hmis.UID }
	Constants       []struct {
		ID    hmis.UID
		Value decimal.Decimal
	}
}

type suiteIndicator struct {
	ID                     hmis.UID
	Numerator, Denominator string
	Factor                 int
	Annualized             bool
	Decimals               *int
}

type dataValue struct {
	DataElement, OrgUnit hmis.UID
	OptionCombo          hmis.UID `json:"categoryOptionCombo"`
	AttributeCombo       hmis.UID `json:"attributeOptionCombo"`
	Period, Value        string
	Deleted              bool
}

type violation struct {
	ValidationRule, OrgUnit hmis.UID
	AttributeCombo          hmis.UID `json:"attributeOptionCombo"`
	Period                  string
}

type registration struct {
	DataSet, OrgUnit hmis.UID
	AttributeCombo   hmis.UID `json:"attributeOptionCombo"`
	Period, Date     string
	Completed        *bool // nil means true
}

// cases returns the cases of a suite.
func (s suite) cases() []testCase {
	if len(s.Cases) > 0 {
		return s.Cases
	}
	return []testCase{s.testCase}
}

// indicators returns the indicators of a case, with fields replaced by those in
// overrides.
func (c testCase) indicators(t testing.TB, overrides []json.RawMessage) []suiteIndicator {
	list := append([]suiteIndicator(nil), c.Metadata.Indicators...)
	for _, raw := range overrides {
		var head struct{ ID hmis.UID }
		require.NoError(t, json.Unmarshal(raw, &head))
		for i := range list {
			if list[i].ID == head.ID {
				if list[i].Decimals != nil { // otherwise Unmarshal would change the case
					list[i].Decimals = new(*list[i].Decimals)
				}
				require.NoError(t, json.Unmarshal(raw, &list[i]))
			}
		}
	}
	return list
}

// server returns a server with the data of the case, in the settings of a
// query.
func (c testCase) server(t testing.TB, q query) analytics.Server {
	t.Helper()
	md := c.metadata(t, c.indicators(t, q.IndicatorOverrides))
	catalog, err := hmis.NewCatalog(md)
	require.NoError(t, err)
	tree, err := orgunit.NewTree(md.OrgUnits, md.Groups...)
	require.NoError(t, err)
	loader := aggregate.Loader{
		Catalog:     catalog,
		Tree:        tree,
		Completions: c.completions(t),
		// Suites contain texts that are no numbers, to check that they are left
		// out.
		Reject:           func(hmis.DataValue, error) {},
		RejectCompletion: func(hmis.Completion, error) {},
	}
	cube, err := loader.Load(context.Background(), c.values(t))
	require.NoError(t, err)
	zeros := false
	for _, set := range []settings{c.Settings, q.Settings} {
		if set.Zeros != nil {
			zeros = *set.Zeros
		}
	}
	return analytics.Server{
		Cube: func() *aggregate.Cube { return cube }, Catalog: catalog, Tree: tree,
		ZeroIsData: zeros, ServerArtefacts: true,
	}
}

// values returns the values of a case, deleted ones first. A suite lists the
// rows of a table, in which a deleted row may come after its replacement. In a
// stream it would then delete the replacement.
func (c testCase) values(t testing.TB) iter.Seq2[hmis.DataValue, error] {
	rows := slices.Clone(c.DataValues)
	slices.SortStableFunc(rows, func(a, b dataValue) int {
		switch {
		case a.Deleted == b.Deleted:
			return 0
		case a.Deleted:
			return -1
		}
		return 1
	})
	return func(yield func(hmis.DataValue, error) bool) {
		for _, v := range rows {
			p, err := period.Parse(v.Period)
			require.NoError(t, err)
			value := hmis.DataValue{Value: v.Value, Deleted: v.Deleted, Key: hmis.Key{
				DataElement: v.DataElement, OrgUnit: v.OrgUnit, Period: p,
				OptionCombo: v.OptionCombo, AttributeCombo: v.AttributeCombo,
			}}
			if !yield(value, nil) {
				return
			}
		}
		for _, v := range c.Violations {
			p, err := period.Parse(v.Period)
			require.NoError(t, err)
			value := hmis.DataValue{Value: "true", Key: hmis.Key{
				DataElement: v.ValidationRule, OrgUnit: v.OrgUnit, Period: p, AttributeCombo: v.AttributeCombo,
			}}
			if !yield(value, nil) {
				return
			}
		}
	}
}

func (c testCase) completions(t testing.TB) iter.Seq2[hmis.Completion, error] {
	return func(yield func(hmis.Completion, error) bool) {
		for _, r := range c.Registrations {
			p, err := period.Parse(r.Period)
			require.NoError(t, err)
			var at time.Time
			for _, layout := range []string{"2006-01-02T15:04:05", "2006-01-02T15:04:05Z0700", "2006-01-02T15:04", "2006-01-02 15:04:05", "2006-01-02"} {
				if at, err = time.Parse(layout, r.Date); err == nil {
					break
				}
			}
			if r.Date != "" {
				require.NoError(t, err)
			}
			done := hmis.Completion{
				DataSet: r.DataSet, OrgUnit: r.OrgUnit, AttributeCombo: r.AttributeCombo,
				Period: p, At: at, Withdrawn: r.Completed != nil && !*r.Completed,
			}
			if !yield(done, nil) {
				return
			}
		}
	}
}

// params returns the request of a query as the parameters of a client.
func (q query) params() url.Values {
	params := url.Values{}
	for name, value := range q.Request {
		switch v := value.(type) {
		case []any:
			for _, one := range v {
				params.Add(name, fmt.Sprint(one))
			}
		case nil:
		default:
			params.Set(name, fmt.Sprint(v))
		}
	}
	return params
}
