package quality_test

import (
	"cmp"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/ohie-hmis/hmis-go/aggregate/quality/integrity"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/stretchr/testify/require"
)

// vectorMetadata is metadata as the vectors write it.
type vectorMetadata struct {
	CategoryOptions []struct{ ID hmis.UID }
	Categories      []struct {
		ID      hmis.UID
		Options []hmis.UID
	}
	CategoryCombos []struct {
		ID         hmis.UID
		Categories []hmis.UID
	}
	CategoryOptionCombos []struct {
		ID, CategoryCombo hmis.UID
		Options           []hmis.UID
	}
	DataElements []struct {
		ID              hmis.UID
		ValueType       hmis.ValueType
		AggregationType hmis.Aggregation
		CategoryCombo   hmis.UID
		Domain          string
	}
	DataSets []struct {
		ID                     hmis.UID
		PeriodType             string
		CategoryCombo          hmis.UID
		DataElements, OrgUnits []hmis.UID
	}
	IndicatorTypes []struct {
		ID     hmis.UID
		Factor int
	}
	Indicators []struct {
		ID, Type               hmis.UID
		Numerator, Denominator string
	}
	OrgUnits []struct {
		ID, Parent               hmis.UID
		Name, ShortName          string
		Opening, Closed, Comment string
	}
	ValidationRules []struct {
		ID          hmis.UID
		Left, Right struct{ Expression, Missing string }
	}
	DataElementGroups, IndicatorGroups, OrgUnitGroups, ValidationRuleGroups []struct {
		ID      hmis.UID
		Members []hmis.UID
	}
	DataElementGroupSets, IndicatorGroupSets, OrgUnitGroupSets []struct {
		ID         hmis.UID
		Groups     []hmis.UID
		Compulsory bool
	}
}

// shortID is an id of the vectors, such as d_anc. Expressions take ids of eleven
// letters and digits only, so ids are written as such, in the same order.
var shortID = regexp.MustCompile(`\b[a-z]{1,3}_[a-z0-9]{1,8}\b`)

func longID(id string) string {
	long := strings.Replace(id, "_", "0", 1)
	return long + strings.Repeat("0", max(11-len(long), 0))
}

func metadataOf(t *testing.T, v *vectorMetadata) hmis.Metadata {
	t.Helper()
	var md hmis.Metadata
	for _, o := range v.CategoryOptions {
		md.CategoryOptions = append(md.CategoryOptions, hmis.CategoryOption{ID: o.ID})
	}
	for _, c := range v.Categories {
		md.Categories = append(md.Categories, hmis.Category{ID: c.ID, Options: c.Options})
	}
	for _, c := range v.CategoryCombos {
		md.CategoryCombos = append(md.CategoryCombos, hmis.CategoryCombo{ID: c.ID, Categories: c.Categories})
	}
	for _, c := range v.CategoryOptionCombos {
		md.OptionCombos = append(md.OptionCombos, hmis.OptionCombo{ID: c.ID, CategoryCombo: c.CategoryCombo, Options: c.Options})
	}
	for _, e := range v.DataElements {
		md.DataElements = append(md.DataElements, hmis.DataElement{
			ID: e.ID, ValueType: e.ValueType, Aggregation: e.AggregationType, CategoryCombo: e.CategoryCombo, Tracker: e.Domain == "TRACKER",
		})
	}
	for _, s := range v.DataSets {
		set := hmis.DataSet{ID: s.ID, CategoryCombo: s.CategoryCombo, OrgUnits: s.OrgUnits, PeriodType: periodType(t, s.PeriodType)}
		for _, e := range s.DataElements {
			set.Elements = append(set.Elements, hmis.DataSetElement{DataElement: e})
		}
		md.DataSets = append(md.DataSets, set)
	}
	for _, i := range v.IndicatorTypes {
		md.IndicatorTypes = append(md.IndicatorTypes, hmis.IndicatorType{ID: i.ID, Factor: i.Factor})
	}
	for _, i := range v.Indicators {
		md.Indicators = append(md.Indicators, hmis.Indicator{ID: i.ID, Type: i.Type, Numerator: i.Numerator, Denominator: i.Denominator})
	}
	for _, u := range v.OrgUnits {
		unit := hmis.OrgUnit{ID: u.ID, Parent: u.Parent, Name: u.Name, ShortName: u.ShortName}
		if u.Opening != "" {
			unit.Opened = day(t, u.Opening)
		}
		if u.Closed != "" {
			unit.Closed = day(t, u.Closed)
		}
		md.OrgUnits = append(md.OrgUnits, unit)
	}
	for _, r := range v.ValidationRules {
		md.ValidationRules = append(md.ValidationRules, hmis.ValidationRule{
			ID:    r.ID,
			Left:  hmis.Expression{Text: r.Left.Expression, Missing: hmis.Missing(r.Left.Missing)},
			Right: hmis.Expression{Text: r.Right.Expression, Missing: hmis.Missing(r.Right.Missing)},
		})
	}
	groups := func(kind hmis.Kind, list []struct {
		ID      hmis.UID
		Members []hmis.UID
	}) {
		for _, g := range list {
			md.Groups = append(md.Groups, hmis.Group{Kind: kind, ID: g.ID, Members: g.Members})
		}
	}
	groups(hmis.KindDataElementGroup, v.DataElementGroups)
	groups(hmis.KindIndicatorGroup, v.IndicatorGroups)
	groups(hmis.KindOrgUnitGroup, v.OrgUnitGroups)
	groups(hmis.KindValidationRuleGroup, v.ValidationRuleGroups)
	sets := func(kind hmis.Kind, list []struct {
		ID         hmis.UID
		Groups     []hmis.UID
		Compulsory bool
	}) {
		for _, g := range list {
			md.GroupSets = append(md.GroupSets, hmis.GroupSet{Kind: kind, ID: g.ID, Groups: g.Groups, Compulsory: g.Compulsory})
		}
	}
	sets(hmis.KindDataElementGroupSet, v.DataElementGroupSets)
	sets(hmis.KindIndicatorGroupSet, v.IndicatorGroupSets)
	sets(hmis.KindOrgUnitGroupSet, v.OrgUnitGroupSets)
	return md
}

// integrityOps are the operations on metadata.
var integrityOps = map[string]op{"integrity": checkIntegrity}

// RULES.md#integrity-checks
func checkIntegrity(t *testing.T, in json.RawMessage, _ *world) (any, error) {
	short := map[string]string{}
	in = shortID.ReplaceAllFunc(in, func(id []byte) []byte {
		long := longID(string(id))
		short[long] = string(id)
		return []byte(long)
	})
	var q struct {
		Checks   []string
		Metadata vectorMetadata
	}
	require.NoError(t, json.Unmarshal(in, &q))
	report, err := integrity.Standard().Run(t.Context(), integrity.Subject{Metadata: metadataOf(t, &q.Metadata)}, q.Checks...)
	if err != nil {
		return nil, err
	}
	issues, counts := []any{}, object{}
	for _, r := range report.Results {
		counts[r.Name] = r.Count
		ids := []string{}
		for _, i := range r.Issues {
			ids = append(ids, cmp.Or(short[string(i.Object.ID)], string(i.Object.ID)))
		}
		slices.Sort(ids)
		for _, id := range ids {
			issues = append(issues, object{"check": r.Name, "severity": strings.ToUpper(r.Severity.String()), "id": id})
		}
	}
	return object{"issues": issues, "counts": counts}, nil
}
