package analytics_test

import (
	"testing"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/period"
	"github.com/stretchr/testify/require"
)

// metadata returns the metadata of a suite. Each indicator has a type of its
// own with its factor, since suites have no types.
func (c testCase) metadata(t testing.TB, indicators []suiteIndicator) hmis.Metadata {
	m := c.Metadata
	var md hmis.Metadata
	validAt := make(map[hmis.UID][]hmis.UID) // the org units of each category option
	for _, u := range m.OrganisationUnits {
		md.OrgUnits = append(md.OrgUnits, hmis.OrgUnit{
			ID: hmis.UID(u.ID), Name: u.Name, Parent: hmis.UID(u.Parent), Opened: day(t, u.OpeningDate), Closed: day(t, u.ClosedDate),
		})
		for _, o := range u.CategoryOptions {
			validAt[o] = append(validAt[o], hmis.UID(u.ID))
		}
	}
	for _, o := range m.CategoryOptions {
		md.CategoryOptions = append(md.CategoryOptions, hmis.CategoryOption{
			ID: hmis.UID(o.ID), First: day(t, o.StartDate), Last: day(t, o.EndDate), OrgUnits: validAt[hmis.UID(o.ID)],
		})
	}
	for _, o := range m.Categories {
		md.Categories = append(md.Categories, hmis.Category{ID: o.ID, Options: o.CategoryOptions, Attribute: o.DataDimensionType == "ATTRIBUTE"})
	}
	for _, o := range m.CategoryCombos {
		md.CategoryCombos = append(md.CategoryCombos, hmis.CategoryCombo{ID: o.ID, Categories: o.Categories, SkipTotal: o.SkipTotal})
	}
	for _, o := range m.CategoryOptionCombos {
		md.OptionCombos = append(md.OptionCombos, hmis.OptionCombo{
			ID: o.ID, Name: o.Name, CategoryCombo: o.CategoryCombo, Options: o.CategoryOptions,
		})
	}
	for _, e := range m.DataElements {
		md.DataElements = append(md.DataElements, hmis.DataElement{
			ID: e.ID, ValueType: hmis.ValueType(e.ValueType), Aggregation: hmis.Aggregation(e.AggregationType),
			CategoryCombo: e.CategoryCombo, Levels: e.AggregationLevels, Tracker: e.DomainType == "TRACKER", ZeroIsData: e.ZeroIsSignificant,
		})
	}
	for _, r := range m.ValidationRules { // see the package comment on violations
		md.DataElements = append(md.DataElements, hmis.DataElement{ID: r.ID, ValueType: hmis.TrueOnly, Aggregation: hmis.Count})
	}
	for _, s := range m.DataSets {
		typ, err := period.ParseType(s.PeriodType)
		require.NoError(t, err)
		set := hmis.DataSet{
			ID: s.ID, PeriodType: typ, TimelyDays: s.TimelyDays, OrgUnits: s.OrganisationUnits,
			CategoryCombo: s.CategoryCombo, OpenAfterEnd: s.OpenPeriodsAfterCoEndDate,
		}
		for _, e := range s.DataElements {
			set.Elements = append(set.Elements, hmis.DataSetElement{DataElement: e})
		}
		md.DataSets = append(md.DataSets, set)
	}
	for _, i := range indicators {
		typ := "type of " + i.ID
		md.IndicatorTypes = append(md.IndicatorTypes, hmis.IndicatorType{ID: typ, Factor: i.Factor})
		md.Indicators = append(md.Indicators, hmis.Indicator{
			ID: i.ID, Type: typ, Numerator: i.Numerator, Denominator: i.Denominator, Annualized: i.Annualized, Decimals: i.Decimals,
		})
	}
	for _, k := range m.Constants {
		md.Constants = append(md.Constants, hmis.Constant{ID: k.ID, Value: k.Value})
	}
	md.Groups, md.GroupSets = m.groups()
	return md
}

// groups returns the groups and group sets of all kinds.
func (m metadata) groups() (groups []hmis.Group, sets []hmis.GroupSet) {
	for _, g := range m.OrganisationUnitGroups {
		groups = append(groups, hmis.Group{Kind: hmis.KindOrgUnitGroup, ID: g.ID, Members: g.OrganisationUnits})
	}
	for _, g := range m.CategoryOptionGroups {
		groups = append(groups, hmis.Group{Kind: hmis.KindCategoryOptionGroup, ID: g.ID, Members: g.CategoryOptions})
	}
	for _, g := range m.DataElementGroups {
		groups = append(groups, hmis.Group{Kind: hmis.KindDataElementGroup, ID: g.ID, Members: g.DataElements})
	}
	for _, g := range m.IndicatorGroups {
		groups = append(groups, hmis.Group{Kind: hmis.KindIndicatorGroup, ID: g.ID, Members: g.Indicators})
	}
	for _, s := range m.OrganisationUnitGroupSets {
		sets = append(sets, hmis.GroupSet{
			Kind: hmis.KindOrgUnitGroupSet, ID: s.ID, Groups: s.OrganisationUnitGroups, Below: s.IncludeSubhierarchyInAnalytics,
		})
	}
	for _, s := range m.CategoryOptionGroupSets {
		sets = append(sets, hmis.GroupSet{
			Kind: hmis.KindCategoryOptionGroupSet, ID: s.ID, Groups: s.CategoryOptionGroups, Attribute: s.DataDimensionType == "ATTRIBUTE",
		})
	}
	for _, s := range m.DataElementGroupSets {
		sets = append(sets, hmis.GroupSet{Kind: hmis.KindDataElementGroupSet, ID: s.ID, Groups: s.DataElementGroups})
	}
	return groups, sets
}

func day(t testing.TB, text string) period.Date {
	if text == "" {
		return 0
	}
	d, err := period.ParseDate(text[:len("2024-01-31")])
	require.NoError(t, err)
	return d
}
