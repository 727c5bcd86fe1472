package indicator_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/stretchr/testify/require"
)

// catalog returns metadata with an element by sex and age: F and M, below 15
// (young) or not.
func catalog(t testing.TB) *hmis.Catalog {
	t.Helper()
	c, err := hmis.NewCatalog(hmis.Metadata{
		DataElements: []hmis.DataElement{
			{ID: "malariacase", Name: "Malaria cases", CategoryCombo: "sexageCombo"},
			{ID: "malariadead", Name: "Malaria deaths", CategoryCombo: "sexageCombo"},
			{ID: "population0", Name: "Population"},
			{ID: "lastvisited", Name: "Last visit", ValueType: hmis.DateValue},
			{ID: "stockedout0", Name: "Stocked out", ValueType: hmis.Boolean},
			{ID: "remarkstext", Name: "Remarks", ValueType: hmis.LongText},
		},
		Categories: []hmis.Category{
			{ID: "sexCategory", Name: "Sex", Options: []hmis.UID{"sexFemale00", "sexMale0000"}},
			{ID: "ageCategory", Name: "Age", Options: []hmis.UID{"ageYoung000", "ageOld00000"}},
		},
		CategoryOptions: []hmis.CategoryOption{
			{ID: "sexFemale00", Name: "Female"}, {ID: "sexMale0000", Name: "Male"},
			{ID: "ageYoung000", Name: "<15y"}, {ID: "ageOld00000", Name: "15y+"},
		},
		CategoryCombos: []hmis.CategoryCombo{
			{ID: "sexageCombo", Name: "Sex and age", Categories: []hmis.UID{"sexCategory", "ageCategory"}},
		},
		OptionCombos: []hmis.OptionCombo{
			{ID: "combo0000FY", Name: "Female, <15y", CategoryCombo: "sexageCombo", Options: []hmis.UID{"sexFemale00", "ageYoung000"}},
			{ID: "combo0000FO", Name: "Female, 15y+", CategoryCombo: "sexageCombo", Options: []hmis.UID{"sexFemale00", "ageOld00000"}},
			{ID: "combo0000MY", Name: "Male, <15y", CategoryCombo: "sexageCombo", Options: []hmis.UID{"sexMale0000", "ageYoung000"}},
			{ID: "combo0000MO", Name: "Male, 15y+", CategoryCombo: "sexageCombo", Options: []hmis.UID{"sexMale0000", "ageOld00000"}},
		},
		Groups: []hmis.Group{
			{Kind: hmis.KindDataElementGroup, ID: "malariaGrp0", Name: "Malaria", Members: []hmis.UID{"malariacase", "malariadead"}},
			{Kind: hmis.KindDataElementGroup, ID: "emptyGrp000", Name: "Empty"},
			{Kind: hmis.KindCategoryOptionGroup, ID: "womenGroup0", Name: "Women", Members: []hmis.UID{"sexFemale00"}},
			{Kind: hmis.KindCategoryOptionGroup, ID: "childGroup0", Name: "Children", Members: []hmis.UID{"ageYoung000"}},
			{Kind: hmis.KindCategoryOptionGroup, ID: "nobodyGroup", Name: "Nobody"},
			{Kind: hmis.KindOrgUnitGroup, ID: "clinicGroup", Name: "Clinics"},
		},
		DataSets:       []hmis.DataSet{{ID: "malariaSet0", Name: "Malaria report"}},
		OrgUnits:       []hmis.OrgUnit{{ID: "ImspTQPwCqd", Name: "Sierra Leone"}},
		Constants:      []hmis.Constant{{ID: "bCqvfPR02Im", Name: "Pi"}},
		Indicators:     []hmis.Indicator{{ID: "Uvn6LCg7dVU", Name: "ANC 1 coverage"}},
		IndicatorTypes: []hmis.IndicatorType{{ID: "perThousand", Name: "Per 1,000", Factor: 1000}},
	})
	require.NoError(t, err)
	return c
}

// TestCompileWritesOutGroups checks what replaces an item that stands for
// several (RULES.md#groups-of-items).
func TestCompileWritesOutGroups(t *testing.T) {
	tests := []struct{ in, want string }{
		{"#{malariacase.co:sexFemale00}", "#{malariacase.combo0000FY} + #{malariacase.combo0000FO}"},
		{"2 * #{unknownelem.co:ageYoung000}", "2 * (#{unknownelem.combo0000FY} + #{unknownelem.combo0000MY})"},
		{"#{deGroup:malariaGrp0}", "#{malariacase} + #{malariadead}"},
		{"#{deGroup:malariaGrp0.combo0000FY}", "#{malariacase.combo0000FY} + #{malariadead.combo0000FY}"},
		{"#{deGroup:malariaGrp0}.periodOffset(-1)", "(#{malariacase} + #{malariadead}).periodOffset(-1)"},
		{"#{malariacase.coGroup:womenGroup0}", "#{malariacase.combo0000FY} + #{malariacase.combo0000FO}"},
		{"#{malariacase.coGroup:womenGroup0&childGroup0}", "#{malariacase.combo0000FY}"},
		{"#{malariacase.coGroup:womenGroup0&nobodyGroup}", "#{malariacase.coGroup:womenGroup0&nobodyGroup}"},
		{"#{malariacase.coGroup:nobodyGroup&childGroup0}", "#{malariacase.combo0000FY} + #{malariacase.combo0000MY}"}, // the unknown group is ignored
		{"#{deGroup:malariaGrp0.coGroup:womenGroup0&childGroup0} / 2", "(#{malariacase.combo0000FY} + #{malariadead.combo0000FY}) / 2"},
		{"#{population0.coGroup:womenGroup0}", "#{population0.coGroup:womenGroup0}"},
		{"10 - #{malariacase.womenGroup0} * 3", "#{malariacase.combo0000FY} + #{malariacase.combo0000FO}"}, // the text around the item is lost
		{"#{malariacase.womenGroup0} + #{population0}", "#{malariacase.womenGroup0} + #{population0}"},     // two items, so nothing is replaced
		{"if(isNull(#{malariacase.co:sexFemale00}), -1, 0)", "if(isNull(#{malariacase.combo0000FY} + #{malariacase.combo0000FO}), -1, 0)"},
		{"subExpression(#{deGroup:malariaGrp0})", "subExpression(#{malariacase} + #{malariadead})"},
		{"#{malariacase} - 1", "#{malariacase} - 1"},
	}
	c := catalog(t)
	for _, tt := range tests {
		f, err := indicator.Compile(c, hmis.Indicator{Numerator: tt.in, Denominator: "1"})
		if err != nil || f.Numerator.String() != tt.want {
			t.Errorf("%s: %v, %v; want %s", tt.in, f, err, tt.want)
		}
	}
}

func TestCompileErrors(t *testing.T) {
	tests := []struct{ num, den, want string }{
		{"1 +", "1", "indicator: Uvn6LCg7dVU: numerator: 1:4: unexpected end, want a value"},
		{"1", "sum(#{malariacase})", "indicator: Uvn6LCg7dVU: denominator: 1:1: sum() has no place in an indicator"},
		{"2 + #{deGroup:emptyGrp000}", "1", "indicator: Uvn6LCg7dVU: numerator: 1:5: no data element is in the group emptyGrp000"},
		{"#{malariacase.co:noSuchOptio}", "1", "indicator: Uvn6LCg7dVU: numerator: 1:1: no option combo has the option noSuchOptio"},
	}
	c := catalog(t)
	for _, tt := range tests {
		_, err := indicator.Compile(c, hmis.Indicator{ID: "Uvn6LCg7dVU", Numerator: tt.num, Denominator: tt.den})
		if err == nil || err.Error() != tt.want {
			t.Errorf("%s / %s: %v, want %s", tt.num, tt.den, err, tt.want)
		}
	}
	_, err := indicator.Compile(c, hmis.Indicator{Numerator: "1 +"})
	_, ok := errors.AsType[*indicator.SyntaxError](err)
	require.True(t, ok)
}

// TestNothing checks that zero values and nil work like empty ones, or return
// an error.
func TestNothing(t *testing.T) {
	f, err := indicator.Compile(nil, hmis.Indicator{ID: "Uvn6LCg7dVU", Numerator: "1", Denominator: "1"})
	require.EqualError(t, err, "indicator: Compile needs a Catalog")
	require.Nil(t, f)

	one := indicator.MustParse("1")
	for _, f := range []indicator.Formula{{}, {Numerator: one}, {Denominator: one}, {Numerator: one, Denominator: &indicator.Expr{}}} {
		r, err := f.Eval(indicator.Env{})
		require.NoError(t, err)
		require.Equal(t, indicator.Result{Multiplier: 1, Divisor: 1}, r)
		rs := []indicator.Result{{Raw: 7}, {Raw: 7}}
		require.NoError(t, f.EvalColumns(indicator.ColumnEnv{}, rs))
		require.Equal(t, []indicator.Result{r, r}, rs)
		var c indicator.Column
		require.NoError(t, f.EvalColumn(indicator.ColumnEnv{}, 2, &c))
		require.Equal(t, []bool{true, true}, c.Missing)
	}
	for _, r := range []indicator.Rule{{}, {Left: one}, {Left: one, Right: indicator.MustParse("2")}} {
		c, err := r.Eval(indicator.Env{})
		require.NoError(t, err)
		require.False(t, c.Violated)
	}
	require.Equal(t, hmis.Number, indicator.Types(nil)(indicator.Item{Kind: indicator.DataElementItem, ID: "malariacase"}))
	require.Equal(t, `indicator: 1:1: no dataElement "malariacase"`, indicator.MustParse("#{malariacase}").Check(nil)[0].Error())
	require.Empty(t, new(indicator.Expr).Check(nil))
}

// TestUnreadableSides checks that a side which cannot be parsed counts as 0, as
// in DHIS2, for callers that ignore the error.
func TestUnreadableSides(t *testing.T) {
	tests := []struct{ num, den, want string }{
		{"1 +", "2", "0"}, {"sum(1)", "2", "0"}, {"2", "1 +", "missing"}, {"1 +", "()", "missing"}, {"#{deGroup:emptyGrp000}", "1", "0"},
	}
	c := catalog(t)
	for _, tt := range tests {
		f, err := indicator.Compile(c, hmis.Indicator{ID: "Uvn6LCg7dVU", Numerator: tt.num, Denominator: tt.den})
		require.Error(t, err)
		r, err := f.Eval(indicator.Env{})
		if err != nil || show(r.Value) != tt.want {
			t.Errorf("%s / %s: %v, %v; want %s", tt.num, tt.den, show(r.Value), err, tt.want)
		}
	}
	r, err := indicator.CompileRule(hmis.ValidationRule{ID: "r", Operator: "less_than", Left: hmis.Expression{Text: "N{Uvn6LCg7dVU}"}, Right: hmis.Expression{Text: "-1"}})
	require.EqualError(t, err, "indicator: validation rule r: left side: 1:1: indicator has no place in a validation rule")
	v, err := r.Eval(indicator.Env{})
	require.NoError(t, err)
	require.True(t, v.Violated)
	require.Equal(t, "0", v.Left.String())
}

func TestCompileFactor(t *testing.T) {
	c := catalog(t)
	f, err := indicator.Compile(c, hmis.Indicator{Type: "perThousand", Numerator: "1", Denominator: "3"})
	require.NoError(t, err)
	r, err := f.Eval(indicator.Env{})
	require.NoError(t, err)
	require.Equal(t, "333.33", r.Value.String())
	require.Equal(t, 1000, r.Multiplier)
	f, err = indicator.Compile(c, hmis.Indicator{Type: "unknownType", Numerator: "1", Denominator: "3"})
	require.NoError(t, err)
	require.Nil(t, f.Factor)
}

// TestGroupsAreLimited checks that a short text cannot stand for a huge
// expression.
func TestGroupsAreLimited(t *testing.T) {
	var md hmis.Metadata
	group := hmis.Group{Kind: hmis.KindDataElementGroup, ID: "hugeGroup00"}
	for range 3000 {
		group.Members = append(group.Members, "aaaaaaaaaaa")
	}
	md.Groups = []hmis.Group{group}
	c, err := hmis.NewCatalog(md)
	require.NoError(t, err)
	_, err = indicator.Compile(c, hmis.Indicator{Numerator: strings.Repeat("#{deGroup:hugeGroup00} + ", 100) + "1", Denominator: "1"})
	require.ErrorContains(t, err, "groups stand for more than 65536 items")
}

// TestLookingForMembersIsLimited checks that the search for members of groups
// ends, even if it finds none.
func TestLookingForMembersIsLimited(t *testing.T) {
	category := hmis.Category{ID: "manyCategor"}
	combo := hmis.CategoryCombo{ID: "manyCombo00", Categories: []hmis.UID{category.ID}}
	var md hmis.Metadata
	for i := range 2500 {
		option := hmis.UID(fmt.Sprintf("option%05d", i))
		category.Options = append(category.Options, option)
		md.CategoryOptions = append(md.CategoryOptions, hmis.CategoryOption{ID: option})
		md.OptionCombos = append(md.OptionCombos, hmis.OptionCombo{
			ID: hmis.UID(fmt.Sprintf("combo0%05d", i)), CategoryCombo: combo.ID, Options: []hmis.UID{option},
		})
	}
	var text strings.Builder
	for i := range 1200 {
		id := hmis.UID(fmt.Sprintf("elemen%05d", i))
		md.DataElements = append(md.DataElements, hmis.DataElement{ID: id, CategoryCombo: combo.ID})
		fmt.Fprintf(&text, "#{%s.coGroup:emptyOption} + ", id)
	}
	md.Categories, md.CategoryCombos = []hmis.Category{category}, []hmis.CategoryCombo{combo}
	md.Groups = []hmis.Group{{Kind: hmis.KindCategoryOptionGroup, ID: "emptyOption", Members: []hmis.UID{"otherOption"}}}
	c, err := hmis.NewCatalog(md)
	require.NoError(t, err)
	_, err = indicator.Compile(c, hmis.Indicator{ID: "Uvn6LCg7dVU", Numerator: text.String() + "1", Denominator: "1"})
	require.EqualError(t, err, "indicator: Uvn6LCg7dVU: numerator: 1:36964: groups with more than 5000000 options and option combos to look at")
	// An element that repeats is searched once.
	_, err = indicator.Compile(c, hmis.Indicator{Numerator: strings.Repeat("#{elemen00000.coGroup:emptyOption} + ", 2500) + "1", Denominator: "1"})
	require.NoError(t, err)
}

func TestDescribeWithoutCatalog(t *testing.T) {
	e := indicator.MustParse("#{malariacase.combo0000FY} / R{malariaSet0.REPORTING_RATE} + N{Uvn6LCg7dVU} * C{bCqvfPR02Im} / OUG{clinicGroup} - #{deGroup:malariaGrp0.co:sexMale0000}")
	require.Equal(t, "malariacase combo0000FY / malariaSet0 - Reporting rate + Uvn6LCg7dVU * bCqvfPR02Im / clinicGroup - malariaGrp0 sexMale0000", e.Describe(nil))
}

// TestItemName checks the name of an item, also for items of any kind.
func TestItemName(t *testing.T) {
	tests := []struct {
		item             indicator.Item
		kind             indicator.ItemKind
		named, unlabeled string // with a catalog and without one
	}{
		{indicator.Item{ID: "malariacase"}, indicator.DataElementItem, "Malaria cases", "malariacase"},
		{indicator.Item{ID: "malariacase", OptionCombo: "combo0000FY", Offset: -1}, indicator.DataElementItem, "Malaria cases (Female, <15y)", "malariacase.combo0000FY"},
		{indicator.Item{ID: "Uvn6LCg7dVU"}, indicator.IndicatorItem, "ANC 1 coverage", "Uvn6LCg7dVU"},
		{indicator.Item{ID: "malariaSet0", Rate: indicator.ActualReports}, indicator.ReportingRateItem, "Malaria report, actual reports", "malariaSet0, actual reports"},
		{indicator.Item{ID: "noSuchThing"}, indicator.AnyItem, "noSuchThing", "noSuchThing"},
		{indicator.Item{Kind: indicator.IndicatorItem, ID: "malariacase"}, indicator.IndicatorItem, "malariacase", "malariacase"},
		{indicator.Item{Kind: indicator.SubExpressionItem, ID: "#{malariacase} + 1"}, indicator.SubExpressionItem, "Malaria cases + 1", "malariacase + 1"},
		{indicator.Item{Kind: indicator.SubExpressionItem, ID: "1 +"}, indicator.SubExpressionItem, "1 +", "1 +"},
		{indicator.Item{Kind: indicator.DaysItem}, indicator.DaysItem, "days", "days"},
		{indicator.Item{}, indicator.AnyItem, "", ""},
	}
	c := catalog(t)
	for _, tt := range tests {
		if kind, name, bare := tt.item.KindIn(c), tt.item.Name(c), tt.item.Name(nil); kind != tt.kind || name != tt.named || bare != tt.unlabeled {
			t.Errorf("%v: %v %q %q, want %v %q %q", tt.item, kind, name, bare, tt.kind, tt.named, tt.unlabeled)
		}
	}
}

func TestDescribe(t *testing.T) {
	tests := []struct {
		use      indicator.Use
		in, want string
	}{
		{0, "#{malariacase} / #{population0} * 100", "Malaria cases / Population * 100"},
		{0, "#{malariacase.combo0000FY}", "Malaria cases Female, <15y"},
		{0, "#{malariacase.*.combo0000FY}", "Malaria cases * Female, <15y"},
		{0, "#{deGroup:malariaGrp0.co:sexMale0000}", "Malaria Male"},
		{0, "#{malariacase.coGroup:womenGroup0&childGroup0}.periodOffset(-1)", "Malaria cases Women Children.periodOffset(-1)"},
		{0, "#{noSuchThing} + [days]", "noSuchThing + [Number of days]"},
		{0, "R{malariaSet0.REPORTING_RATE_ON_TIME} / 100", "Malaria report - Reporting rate on time / 100"},
		{0, "N{Uvn6LCg7dVU} * C{bCqvfPR02Im} / OUG{clinicGroup}", "ANC 1 coverage * Pi / Clinics"},
		{0, "I{abcdefghij1} + D{abcdefghij1.abcdefghij2}", "I{abcdefghij1} + D{abcdefghij1.abcdefghij2}"},
		{0, "subExpression(if(#{malariacase} > 5, 1, 0))", "subExpression(if(Malaria cases > 5, 1, 0))"},
		{indicator.InRule, "if(orgUnit.group(clinicGroup) or orgUnit.ancestor(ImspTQPwCqd), 1, 'x' == 'y')", "if(orgUnit.group(Clinics) or orgUnit.ancestor(Sierra Leone), 1, 'x' == 'y')"},
		{indicator.InPredictor, "count(distinct #{malariacase})", "count(distinct Malaria cases)"},
		{0, " 1. /* ids\n*/ + #{/**/malariacase} ", " 1. /* ids\n*/ + Malaria cases "}, // the rest stays as written
	}
	c := catalog(t)
	for _, tt := range tests {
		e, err := tt.use.Parse(tt.in)
		require.NoError(t, err)
		if got := e.Describe(c); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.in, got, tt.want)
		}
	}
}

// TestDescribeGroups checks the description of an item that stands for several:
// the sum that replaces it.
func TestDescribeGroups(t *testing.T) {
	tests := []struct{ in, want string }{
		{"2 * #{malariacase.co:sexMale0000} + 1", "2 * (Malaria cases Male, <15y+Malaria cases Male, 15y+) + 1"},
		{"#{malariacase.coGroup:womenGroup0&childGroup0} / 2", "(Malaria cases Female, <15y) / 2"}, // a sum of one member
		{"#{deGroup:malariaGrp0.co:sexMale0000}", "((Malaria cases Male, <15y+Malaria deaths Male, <15y)+(Malaria cases Male, 15y++Malaria deaths Male, 15y+))"},
		{"10 - #{malariacase.womenGroup0} * 3", "(Malaria cases Female, <15y+Malaria cases Female, 15y+)"}, // the text around the item is lost
		{" #{malariacase.womenGroup0} ", " (Malaria cases Female, <15y+Malaria cases Female, 15y+) "},
	}
	c := catalog(t)
	for _, tt := range tests {
		f, err := indicator.Compile(c, hmis.Indicator{Numerator: tt.in, Denominator: "1"})
		require.NoError(t, err)
		if got := f.Numerator.Describe(c); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.in, got, tt.want)
		}
	}
}

// TestCheck checks faults for which the server refuses an expression that can
// be parsed (RULES.md#validity).
func TestCheck(t *testing.T) {
	tests := []struct {
		use  indicator.Use
		in   string
		want string
	}{
		{0, "#{malariacase} / #{population0}", ""},
		{0, "log(#{malariacase})", ""},
		{0, "log(#{malariacase} + 1) + 1", ""},
		{0, "1 / #{malariacase}", ""},
		{0, "log(#{malariacase}) + 1", "indicator: 1:1: an infinity in decimal arithmetic"},
		{0, "#{malariacase}^-1", "indicator: 1:1: zero to a negative power"},
		{0, "#{noSuchThing.noSuchCombo}", "indicator: 1:1: no dataElement \"noSuchThing\"\nindicator: 1:1: no categoryOptionCombo \"noSuchCombo\""},
		{0, "1 + C{noSuchConst}", "indicator: 1:5: no constant \"noSuchConst\""},
		{0, "subExpression(#{noSuchThing})", "indicator: 1:1: no dataElement \"noSuchThing\""},
		{0, "subExpression(1 / #{malariacase})", ""},
		{0, "subExpression(#{remarkstext} == 'x') + 1", ""},
		{0, "1 + subExpression(#{remarkstext} + 1)", `indicator: 1:5: text "" is no number`},
		{0, "subExpression(log(#{malariacase}) + 1)", "indicator: 1:1: an infinity in decimal arithmetic"},
		{0, "if(#{malariacase} > 1, 1, 'a')", `indicator: 1:27: text "a" is no number`},
		{0, "if(true, 1, 'a' + 1)", `indicator: 1:13: text "a" is no number`},
		{0, "firstNonNull(1, 'a' + 1)", `indicator: 1:17: text "a" is no number`},
		{0, "if(true or 0.5, 1, 2)", "indicator: 1:12: 0.5 is neither true nor false"},
		{0, "1 < 2", "indicator: 1:1: true is no number"},
		{indicator.InRule, "#{stockedout0} + 1", "indicator: 1:1: false is no number"},
		{indicator.InRule, "if(#{lastvisited} < '2024-01-01', 1, 0)", ""},
		{indicator.InRule, "if(#{remarkstext} == '', 1, 0)", ""},
		{indicator.InRule, "if(orgUnit.group(noSuchGroup, clinicGroup), 1, 0)", "indicator: 1:4: no organisationUnitGroup \"noSuchGroup\""},
		{indicator.InPredictor, "avg(log(#{malariacase}) + 1)", "indicator: 1:5: an infinity in decimal arithmetic"},
		{indicator.InPredictor, "#{remarkstext}", ""},
		{indicator.InSkipTest, "#{malariacase} > 1.5", ""},
		{indicator.InRule, "#{deGroup:malariaGrp0.co:sexMale0000}", "indicator: 1:1: deGroup: stands for no items here"},
		{0, "1 + I{abcdefghij1}", `indicator: 1:5: no program indicator "abcdefghij1": a catalog has no programs`},
		{0, "", ""},
	}
	c := catalog(t)
	for _, tt := range tests {
		e, err := tt.use.Parse(tt.in)
		require.NoError(t, err)
		got := ""
		if err := e.Check(c).Err(); err != nil {
			got = err.Error()
		}
		if d := cmp.Diff(tt.want, got); d != "" {
			t.Errorf("%s: %s", tt.in, d)
		}
	}
	issues := indicator.MustParse("1 + C{noSuchConst}").Check(c)
	require.Equal(t, int64(4), issues[0].Offset)
	bad, ok := errors.AsType[*indicator.EvalError](issues)
	require.True(t, ok)
	require.Equal(t, "1 + C{noSuchConst}\n    ^^^^^^^^^^^^^^", bad.Snippet())
}

func TestTypes(t *testing.T) {
	types := indicator.Types(catalog(t))
	require.Equal(t, hmis.LongText, types(indicator.Item{Kind: indicator.DataElementItem, ID: "remarkstext"}))
	require.Equal(t, hmis.Number, types(indicator.Item{Kind: indicator.IndicatorItem, ID: "Uvn6LCg7dVU"}))
}
