package analytics_test

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/ohie-hmis/hmis-go/aggregate"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/period"
	"github.com/stretchr/testify/require"
)

// parse parses a query string in which semicolons are not escaped.
func parse(t testing.TB, query string) url.Values {
	t.Helper()
	params, err := url.ParseQuery(strings.NewReplacer(";", "%3B", " ", "%20").Replace(query))
	require.NoError(t, err, query)
	return params
}

// inWords returns a query on one line.
func inWords(q aggregate.Query) string {
	var b strings.Builder
	part := func(name string, text any) {
		if s := strings.Trim(fmt.Sprint(text), "[]"); s != "" && s != "0" && s != "false" {
			fmt.Fprintf(&b, "%s: %s; ", name, s)
		}
	}
	axes := func(list []aggregate.Axis) (words []string) {
		for _, a := range list {
			word := string(a.ID)
			for i, item := range a.Items {
				word += []string{" in ", " or "}[min(i, 1)] + string(item)
			}
			words = append(words, word)
		}
		return words
	}
	part("dx", q.Data)
	part("pe", q.Periods)
	part("ou", q.OrgUnits)
	part("by", strings.Join(axes(q.Split), " and "))
	part("only dx", q.Filter.Data)
	part("only pe", q.Filter.Periods)
	part("only ou", q.Filter.OrgUnits)
	part("only", strings.Join(axes(q.Filter.Axes), " and "))
	if q.Filter.To != 0 {
		part("days", fmt.Sprint(q.Filter.From, " to ", q.Filter.To))
	}
	part("as", q.Aggregation)
	for _, c := range q.Criteria {
		part("keep", c.Op+" "+c.Number.String())
	}
	for _, c := range q.ValueCriteria {
		part("count", c.Op+" "+c.Number.String())
	}
	part("unrounded", q.SkipRounding)
	return strings.TrimSuffix(b.String(), "; ")
}

// RULES.md#requests, RULES.md#data-items, RULES.md#periods-of-a-request,
// RULES.md#org-units-of-a-request, RULES.md#other-dimensions
func TestQuery(t *testing.T) {
	const rest = "&dimension=pe:2024&dimension=ou:Country0001"
	tests := []struct{ request, want string }{
		// These requests have data items.
		{"dimension=dx:Tested00001;PositRate01;Tested00001" + rest, "dx: #{Tested00001} N{PositRate01}; pe: 2024; ou: Country0001"},
		{"dimension=dx:Malaria0001.REPORTING_RATE;Malaria0001.EXPECTED_REPORTS;Malaria0001.SPEED" + rest,
			"dx: R{Malaria0001.REPORTING_RATE} R{Malaria0001.EXPECTED_REPORTS}; pe: 2024; ou: Country0001"},
		{"dimension=dx:DE_GROUP-GroupMalar1;IN_GROUP-GroupIndic1;DE_GROUP-nothing" + rest, "dx: #{Tested00001} #{Positive001} N{PositRate01}; pe: 2024; ou: Country0001"},
		{"dimension=dx:Tested00001&dimension=pe:2024&dimension=ou:Country0001;nowhere&colour=red&agregationType=MIN&measureCriteria=EQ:x", "dx: #{Tested00001}; pe: 2024; ou: Country0001"},
		{"dimension=dx:Tested00001;unknownItem;" + rest, "dx: #{Tested00001}; pe: 2024; ou: Country0001"},
		{"dimension=dx:Tested00001.CocFemale01;Tested00001.*.HllvX50cXC0;Tested00001.CocMale0001.HllvX50cXC0" + rest,
			"dx: #{Tested00001.CocFemale01} #{Tested00001.*.HllvX50cXC0} #{Tested00001.CocMale0001.HllvX50cXC0}; pe: 2024; ou: Country0001"},
		{"dimension=dx:Tested00001.*;Tested00001.*.*;Tested00001.CocFemale01.*" + rest, "dx: #{Tested00001} #{Tested00001.CocFemale01}; pe: 2024; ou: Country0001"},
		// The server answers all combinations of operands of one kind.
		{"dimension=dx:Tested00001.CocFemale01;Positive001.CocMale0001" + rest,
			"dx: #{Tested00001.CocFemale01} #{Positive001.CocMale0001} #{Tested00001.CocMale0001} #{Positive001.CocFemale01}; pe: 2024; ou: Country0001"},
		// These requests have periods.
		{"dimension=dx:Tested00001&filter=ou:Country0001&dimension=pe:202401;2024Q1;202401;LAST_3_MONTHS;2024W5",
			"dx: #{Tested00001}; pe: 202401 2024Q1 202402 202403 2024W5; only ou: Country0001"},
		{"dimension=dx:Tested00001&filter=ou:Country0001&dimension=pe:LAST_MONTH;THIS_FINANCIAL_YEAR&relativePeriodDate=2023-03-31",
			"dx: #{Tested00001}; pe: 202302 2022Oct; only ou: Country0001"},
		{"dimension=dx:Tested00001&startDate=2024-01-15&endDate=20240331", "dx: #{Tested00001}; days: 2024-01-15 to 2024-03-31"},
		{"dimension=dx:Tested00001&filter=pe:2024&startDate=2024-01-15", "dx: #{Tested00001}; only pe: 2024"},
		{"dimension=dx:Tested00001&startDate=2024-01&endDate=2024-03-31T23:59:59.000", "dx: #{Tested00001}; days: 2024-01-01 to 2024-03-31"},
		// These requests have org units.
		{"dimension=dx:Tested00001&filter=pe:2024&dimension=ou:LEVEL-2", "dx: #{Tested00001}; ou: DistrictEa1 DistrictWe1; only pe: 2024"},
		{"dimension=dx:Tested00001&filter=pe:2024&dimension=ou:LEVEL-LevelDistr1;DistrictWe1", "dx: #{Tested00001}; ou: DistrictWe1; only pe: 2024"},
		{"dimension=dx:Tested00001&filter=pe:2024&dimension=ou:OU_GROUP-GroupPubli1;LEVEL-1", "dx: #{Tested00001}; ou: Country0001 ClinicAxxx1 ClinicCxxx1; only pe: 2024"},
		{"dimension=dx:Tested00001&filter=pe:2024&dimension=ou:USER_ORGUNIT;USER_ORGUNIT_CHILDREN", "dx: #{Tested00001}; ou: DistrictEa1 ClinicAxxx1 ClinicBxxx1; only pe: 2024"},
		{"dimension=dx:Tested00001&filter=pe:2024&dimension=ou:USER_ORGUNIT_GRANDCHILDREN&userOrgUnit=Country0001",
			"dx: #{Tested00001}; ou: ClinicAxxx1 ClinicBxxx1 ClinicCxxx1 ClinicDxxx1; only pe: 2024"},
		{"dimension=dx:Tested00001&filter=pe:2024&dimension=ou:DS-Malaria0001", "dx: #{Tested00001}; ou: ClinicAxxx1 ClinicBxxx1 ClinicCxxx1; only pe: 2024"},
		// These requests have other dimensions. The columns co and ao come
		// first.
		{"dimension=SetOwner001&dimension=co&dimension=dx:Tested00001&filter=pe:2024", "dx: #{Tested00001}; by: co and SetOwner001 in GroupPubli1 or GroupPriva1; only pe: 2024"},
		{"dimension=dx:Tested00001&filter=pe:2024&dimension=ao:&dimension=CatSex00001:OptMale0001;nobody",
			"dx: #{Tested00001}; by: ao and CatSex00001 in OptMale0001; only pe: 2024"},
		{"dimension=dx:Tested00001&filter=pe:2024&filter=SetOwner001:GroupPriva1;ALL_ITEMS", "dx: #{Tested00001}; only pe: 2024; only: SetOwner001 in GroupPubli1 or GroupPriva1"},
		// Filters on the same dimension are united.
		{"dimension=dx:Tested00001&filter=pe:2024&filter=pe:2023&filter=ou:ClinicAxxx1&filter=ou:LEVEL-2;DistrictEa1",
			"dx: #{Tested00001}; only pe: 2024 2023; only ou: ClinicAxxx1 DistrictEa1"},
		{"dimension=pe:2024&filter=dx:Tested00001.CocFemale01;Positive001.CocMale0001", "pe: 2024; only dx: #{Tested00001.CocFemale01} #{Positive001.CocMale0001}"},
		// These requests have identifier schemes.
		{"inputIdScheme=code&dimension=dx:MAL.01;POS;MAL.01.F;MAL.REPORTING_RATE;DE_GROUP-MALARIA&dimension=ou:E;LEVEL-3&filter=OWN:PUB&filter=pe:2024",
			"dx: #{Tested00001} N{PositRate01} #{Tested00001.CocFemale01} R{Malaria0001.REPORTING_RATE} #{Positive001}; ou: ClinicAxxx1 ClinicBxxx1; only pe: 2024; only: SetOwner001 in GroupPubli1"},
		{"inputIdScheme=code&dimension=dx:MAL.01&filter=pe:2024&dimension=ou:OU_GROUP-PUB;DS-MAL", "dx: #{Tested00001}; ou: ClinicAxxx1 ClinicCxxx1; only pe: 2024"},
		{"inputIdScheme=code&dimension=dx:MAL.01&filter=pe:2024&dimension=ou:OU_GROUP-GroupPriva1;USER_ORGUNIT", "dx: #{Tested00001}; ou: ClinicBxxx1; only pe: 2024"},
		{"inputIdScheme=NAME&dimension=dx:Malaria tests;Positivity&filter=pe:2024&dimension=ou:West, by the sea;OU_GROUP-Public", "dx: #{Tested00001} N{PositRate01}; ou: ClinicCxxx1; only pe: 2024"},
		{"inputIdScheme=ATTRIBUTE:AttrMflCode&dimension=dx:B 7&filter=pe:2024&dimension=ou:10001;10002", "dx: #{Tested00001}; ou: ClinicAxxx1; only pe: 2024"},
		// These requests have other parameters.
		{"dimension=dx:Tested00001&dimension=pe:&startDate=2024-01-01&endDate=2024-01-31", "dx: #{Tested00001}; days: 2024-01-01 to 2024-01-31"},
		{"dimension=dx:Tested00001&filter=pe:2024&aggregationType=average&skipRounding=true&measureCriteria=GE:10;LT:50.5;GE:20;EQ:many&preAggregationMeasureCriteria=GT:1e3",
			"dx: #{Tested00001}; only pe: 2024; as: AVERAGE; keep: GE 20; keep: LT 50.5; count: GT 1000; unrounded: true"},
		{"dimension=dx:Tested00001&dimension=&filter=&filter=pe:2024&paging=false&_=1714", "dx: #{Tested00001}; only pe: 2024"},
	}
	s := newServer(t)
	for _, tt := range tests {
		q, err := s.Query(parse(t, tt.request))
		if err != nil || inWords(q) != tt.want {
			t.Errorf("%s\n\tgot  %s, %v\n\twant %s", tt.request, inWords(q), err, tt.want)
		}
	}
}

func TestQueryOfServer(t *testing.T) {
	s := newServer(t)
	s.ZeroIsData, s.ValidOnly, s.Workers = true, true, 3
	params := parse(t, "dimension=dx:Tested00001.CocFemale01;Positive001.CocMale0001&filter=pe:2024")
	q, err := s.Query(params)
	require.NoError(t, err)
	require.Len(t, q.Data, 4)
	require.True(t, q.ZeroIsData && q.ValidOnly && !q.ServerArtefacts && q.Workers == 3)

	s.ServerArtefacts = true
	q, err = s.Query(params)
	require.NoError(t, err)
	require.Len(t, q.Data, 4, "the operands are everyday behaviour")
	require.True(t, q.ServerArtefacts)
}

func TestQueryInCalendar(t *testing.T) {
	ethiopian, ok := period.CalendarByName("ethiopian")
	require.True(t, ok)
	s := newServer(t)
	s.Clock = func() period.Clock { return period.Clock{Today: period.DateOf(2024, 4, 15), Calendar: ethiopian} }
	q, err := s.Query(parse(t, "dimension=dx:Tested00001&dimension=pe:201601;THIS_MONTH"))
	require.NoError(t, err)
	require.Equal(t, "dx: #{Tested00001}; pe: 201601 201608", inWords(q))
	require.Equal(t, "2023-09-12", q.Periods[0].First().String())
}

// The error of a wrong request has the code of DHIS2 and the name of the
// parameter.
//
// RULES.md#parameter-values
func TestWrongRequests(t *testing.T) {
	tests := []struct{ request, want string }{
		{"dimension=dx:nobody;nothing&dimension=pe:2024", "hmis: E7124: dimension: Dimension is present in query without any valid dimension options: `dx` (got \"nobody;nothing\")"},
		{"dimension=dx&dimension=pe:2024", "hmis: E7124: dimension: Dimension is present in query without any valid dimension options: `dx` (got \"\")"},
		{"dimension=pe:2024&filter=dx:Tested00001.CocOther001", "hmis: E7124: filter: Dimension is present in query without any valid dimension options: `dx` (got \"Tested00001.CocOther001\")"},
		{"dimension=dx:Tested00001&dimension=pe:2024&dimension=CatSex00001:nobody", "hmis: E7124: dimension: Dimension is present in query without any valid dimension options: `CatSex00001` (got \"nobody\")"},
		{"dimension=dx:Tested00001&dimension=x" + strings.Repeat("\u00e9", 100), "hmis: E7125: dimension: Dimension identifier does not reference any dimension: `x" + strings.Repeat("\u00e9", 99) + "...`"},
		{"dimension=dx:Tested00001&dimension=sex&dimension=pe:2024", "hmis: E7125: dimension: Dimension identifier does not reference any dimension: `sex`"},
		{"dimension=dx:Tested00001&filter=CatHidden01&dimension=pe:2024", "hmis: E7125: filter: Dimension identifier does not reference any dimension: `CatHidden01`"},
		{"dimension=dx:Tested00001&dimension=pe:2024;2024Q5", "hmis: E7611: dimension: Period not valid: `2024Q5`"},
		{"dimension=dx:Tested00001&filter=pe:20240101_20240131", "hmis: E7611: filter: Period not valid: `20240101_20240131`"},
		{"dimension=dx:Tested00001&dimension=pe:2024&dimension=ou:nowhere", "hmis: E7143: dimension: Organisation unit or organisation unit level is not valid (got \"nowhere\")"},
		{"dimension=dx:Tested00001&dimension=pe:2024&filter=ou:LEVEL-7", "hmis: E7143: filter: Organisation unit or organisation unit level is not valid (got \"LEVEL-7\")"},
		{"dimension=dx:Tested00001&dimension=pe:2024&dimension=ou:", "hmis: E7143: dimension: Organisation unit or organisation unit level is not valid (got \"\")"},
		{"dimension=dx:Tested00001&dimension=pe:2024&dimension=ou:USER_ORGUNIT&userOrgUnit=nobody", "hmis: E7143: dimension: Organisation unit or organisation unit level is not valid (got \"USER_ORGUNIT\")"},
		{"dimension=dx:Tested00001&dimension=pe:2024&filter=ou:LEVEL-0", "hmis: E7143: filter: Organisation unit or organisation unit level is not valid (orgunit: \"LEVEL-0\": want LEVEL- and a number from 1 or the id of a level)"},
		{"dimension=dx:Tested00001&dimension=pe:2024&filter=ou:LEVEL-two", "hmis: E7143: filter: Organisation unit or organisation unit level is not valid (orgunit: \"LEVEL-two\": want LEVEL- and a number from 1 or the id of a level)"},
		{"dimension=dx:Tested00001&dimension=pe:2024&dimension=ou:SAME&inputIdScheme=CODE&dimension=dx:MAL.01", "hmis: E7124: dimension: Dimension is present in query without any valid dimension options: `dx` (got \"Tested00001\")"},
		{"dimension=dx:MAL.01&dimension=pe:2024&dimension=ou:SAME&inputIdScheme=CODE", `hmis: E7143: dimension: code "SAME" is ambiguous: 2 objects have it, such as ClinicCxxx1 and ClinicDxxx1`},
		{"dimension=dx:Tested00001&dimension=pe:2024&dimension=pe:2023", "hmis: E7111: dimension: Dimensions cannot be specified more than once: `[pe]`"},

		// DHIS2 has no code for these errors.
		{"dimension=dx:Tested00001&dimension=pe:2024&skipRounding=perhaps", "hmis: skipRounding: Value 'perhaps' is not valid for parameter skipRounding. It should be of type boolean"},
		{"dimension=dx:Tested00001&dimension=pe:2024&order=UP", "hmis: order: Value 'UP' is not valid for parameter order. Valid values are: [ASC, DESC]"},
		{"dimension=dx:Tested00001&dimension=pe:2024&order=ASC&order=DESC", "hmis: order: want one value, got \"ASC\" and \"DESC\""},
		{"dimension=dx:Tested00001&dimension=pe:2024&displayProperty=CODE", "hmis: displayProperty: Value 'CODE' is not valid for parameter displayProperty. Valid values are: [NAME, SHORTNAME]"},
		{"dimension=dx:Tested00001&dimension=pe:2024&outputIdScheme=FOO", "hmis: outputIdScheme: Value 'FOO' is not valid for parameter outputIdScheme."},
		{"dimension=dx:Tested00001&dimension=pe:2024&inputIdScheme=ATTRIBUTE:short", "hmis: inputIdScheme: Value 'ATTRIBUTE:short' is not valid for parameter inputIdScheme."},
		{"dimension=dx:Tested00001&startDate=2024-02-30&endDate=2024-03-01", "hmis: startDate: Value '2024-02-30' is not valid for parameter startDate. Invalid format: \"2024-02-30\""},
		{"dimension=dx:Tested00001&startDate=2024-02-01&endDate=2024-03-01T25:00", "hmis: endDate: Value '2024-03-01T25:00' is not valid for parameter endDate. Invalid format: \"2024-03-01T25:00\""},
		{"dimension=dx:Tested00001&dimension=pe:LAST_MONTH&relativePeriodDate=today", "hmis: relativePeriodDate: Value 'today' is not valid for parameter relativePeriodDate. Invalid format: \"today\""},
		{"dimension=dx:Tested00001&dimension=pe:2024&measureCriteria=NE:4", "hmis: measureCriteria: Invalid measure filter operator: `NE`"},
	}
	s := newServer(t)
	for _, tt := range tests {
		_, err := s.Query(parse(t, tt.request))
		if err == nil || err.Error() != tt.want {
			t.Errorf("%s\n\tgot  %v\n\twant %s", tt.request, err, tt.want)
		}
		if _, ok := errors.AsType[*hmis.Issue](err); !ok {
			t.Errorf("%s: the error is a %T", tt.request, err)
		}
	}
}

// Errors of the engine have their codes too, and the parameter in place of the
// field of the query. The first error is returned.
func TestRefusedRequests(t *testing.T) {
	tests := []struct{ request, want string }{
		{"filter=dx:Tested00001&filter=pe:2024", "E7101: dimension: At least one dimension must be specified"},
		{"", "E7101: dimension: At least one dimension must be specified"},
		{"dimension=pe:2024&dimension=ou:Country0001", "E7102: dimension: At least one data dimension item or data element group set dimension item must be specified"},
		{"dimension=dx:Tested00001&dimension=pe:2024&filter=pe:2024", "E7103: filter: Dimensions cannot be specified as dimension and filter simultaneously: `[pe]`"},
		{"dimension=dx:Tested00001&filter=dx:Tested00001&filter=pe:2024", "E7103: filter: Dimensions cannot be specified as dimension and filter simultaneously: `[dx]`"},
		{"dimension=dx:Tested00001&filter=pe:2024&dimension=ou:LEVEL-2&filter=ou:Country0001", "E7103: filter: Dimensions cannot be specified as dimension and filter simultaneously: `[ou]`"},
		{"dimension=dx:Tested00001&filter=pe:2024&dimension=SetOwner001&filter=SetOwner001:GroupPubli1", "E7103: filter: Dimensions cannot be specified as dimension and filter simultaneously: `[SetOwner001]`"},
		{"dimension=dx:Tested00001", "E7104: dimension: At least one period as dimension or filter, or start and dates, must be specified"},
		{"dimension=dx:Tested00001&dimension=pe:", "E7104: dimension: At least one period as dimension or filter, or start and dates, must be specified"},
		{"dimension=dx:Tested00001&startDate=2024-01-31", "E7104: endDate: At least one period as dimension or filter, or start and dates, must be specified"},
		{"dimension=dx:Tested00001&endDate=2024-01-31", "E7104: startDate: At least one period as dimension or filter, or start and dates, must be specified"},
		{"dimension=dx:Tested00001&filter=pe:2024&startDate=2024-01-01&endDate=2024-01-31", "E7105: startDate: Periods and start and end dates cannot be specified simultaneously"},
		{"dimension=dx:Tested00001&filter=pe:2024&startDate=1970-01-01&endDate=2024-01-31", "E7105: startDate: Periods and start and end dates cannot be specified simultaneously"},
		{"dimension=dx:Tested00001&startDate=2024-02-01&endDate=2024-01-31", "E7106: startDate: Start date cannot be after end date"},
		{"dimension=dx:Malaria0001.REPORTING_RATE&startDate=2024-01-01&endDate=2024-01-31",
			"E7107: startDate: Start and end dates cannot be specified for reporting rates (days together with the reporting rate R{Malaria0001.REPORTING_RATE})"},
		{"dimension=pe:2024&filter=dx:PositRate01;Tested00001", "E7108: filter: Only a single indicator can be specified as filter (indicator N{PositRate01} in a filter with other data)"},
		{"dimension=pe:2024&filter=dx:Malaria0001.REPORTING_RATE;Tested00001",
			"E7109: filter: Only a single reporting rate can be specified as filter (reporting rate R{Malaria0001.REPORTING_RATE} in a filter with other data)"},
		{"dimension=dx:Tested00001&dimension=pe:2024&filter=co:CocMale0001", "E7110: filter: Category option combos cannot be specified as filter"},
		{"dimension=dx:Tested00001&dimension=CatSex00001&dimension=pe:2024&dimension=CatSex00001:OptMale0001",
			"E7111: dimension: Dimensions cannot be specified more than once: `[CatSex00001]`"},
		{"dimension=dx:Malaria0001.REPORTING_RATE&dimension=ao&dimension=pe:2024",
			"E7112: dimension: Reporting rates can only be specified together with dimensions of type: `[DATA_X, PERIOD, ORGANISATION_UNIT, ORGANISATION_UNIT_GROUP_SET, CATEGORY, CATEGORY_OPTION_GROUP_SET]` (reporting rate R{Malaria0001.REPORTING_RATE} together with \"ao\")"},
		{"dimension=dx:Malaria0001.REPORTING_RATE&filter=ao:CocMale0001&dimension=pe:2024",
			"E7112: filter: Reporting rates can only be specified together with dimensions of type: `[DATA_X, PERIOD, ORGANISATION_UNIT, ORGANISATION_UNIT_GROUP_SET, CATEGORY, CATEGORY_OPTION_GROUP_SET]` (reporting rate R{Malaria0001.REPORTING_RATE} together with \"ao\")"},
		{"filter=dx:Malaria0001.REPORTING_RATE&dimension=ao&dimension=pe:2024",
			"E7112: dimension: Reporting rates can only be specified together with dimensions of type: `[DATA_X, PERIOD, ORGANISATION_UNIT, ORGANISATION_UNIT_GROUP_SET, CATEGORY, CATEGORY_OPTION_GROUP_SET]` (reporting rate R{Malaria0001.REPORTING_RATE} together with \"ao\")"},
		{"dimension=dx:PositRate01&dimension=co&dimension=pe:2024", "E7113: dimension: Assigned categories cannot be specified when data elements are not specified"},
		{"dimension=dx:Tested00001;PositRate01&dimension=co&dimension=pe:2024",
			"E7114: dimension: Assigned categories can only be specified together with data elements (category option combos together with N{PositRate01}, which is no data element)"},
		{"dimension=dx:Tested00001;Tested00001.CocMale0001&dimension=co&dimension=pe:2024",
			"E7114: dimension: Assigned categories can only be specified together with data elements (category option combos together with #{Tested00001.CocMale0001}, which is no data element)"},
		{"dimension=dx:Custom00001&dimension=pe:2024",
			"E7115: dimension: Data elements must be of a value and aggregation type that allow aggregation: `[Custom00001]` (data element \"Custom00001\" cannot be aggregated: value type NUMBER, aggregation CUSTOM)"},
		{"dimension=dx:Custom00001.HllvX50cXC0&dimension=pe:2024&aggregationType=SUM",
			"E7115: dimension: Data elements must be of a value and aggregation type that allow aggregation: `[Custom00001]` (data element \"Custom00001\" cannot be aggregated: value type NUMBER, aggregation CUSTOM)"},
		{"dimension=dx:ByAgeOnly01&dimension=pe:2024",
			"E7134: dimension: Cannot retrieve total value for data elements with skip total category combination (a total of data element \"ByAgeOnly01\" means nothing: its category combo \"ComboSkip01\" must be told apart)"},
		{"dimension=pe:2024&filter=dx:ByAgeOnly01",
			"E7134: filter: Cannot retrieve total value for data elements with skip total category combination (a total of data element \"ByAgeOnly01\" means nothing: its category combo \"ComboSkip01\" must be told apart)"},
		{"dimension=dx:LastMonth01&filter=pe:202402", "E7152: filter: Periods as filter not supported with Indicator with period offset (indicator \"LastMonth01\" has a period offset, which needs periods told apart)"},

		// Parameters that cannot be parsed are reported first, then each check
		// in order.
		{"dimension=dx:Tested00001&dimension=pe:2024Q9&filter=pe:2024&filter=co",
			"E7611: dimension: Period not valid: `2024Q9`"},
		{"dimension=dx:Tested00001&dimension=dx:Positive001", "E7104: dimension: At least one period as dimension or filter, or start and dates, must be specified"},
		{"dimension=dx:Tested00001&dimension=pe:2024&dimension=pe:2023&filter=co", "E7110: filter: Category option combos cannot be specified as filter"},
		{"dimension=dx:Custom00001&dimension=pe:2024&dimension=pe:2023&dimension=co", "E7111: dimension: Dimensions cannot be specified more than once: `[pe]`"},
	}
	s := newServer(t)
	for _, tt := range tests {
		_, err := s.Query(parse(t, tt.request))
		if _, ok := errors.AsType[*hmis.Issue](err); !ok || err.Error() != "hmis: "+tt.want {
			t.Errorf("%s\n\tgot  %v\n\twant hmis: %s", tt.request, err, tt.want)
		}
	}
	// Data that is kept apart, or not totalled, is not refused.
	for _, request := range []string{
		"dimension=dx:ByAgeOnly01&dimension=pe:2024&filter=CatSex00001",
		"dimension=dx:ByAgeOnly01.CocAgeMale1&dimension=pe:2024",
		"dimension=dx:LastMonth01&dimension=pe:202402",
		"dimension=pe:2024&filter=dx:Custom00001",
		"dimension=dx:Tested00001&startDate=1970-01-01&endDate=2024-01-31",
	} {
		_, err := s.Query(parse(t, request))
		require.NoError(t, err, request)
	}
}

// Hostile requests are refused and not answered slowly.
func TestLimits(t *testing.T) {
	s := newServer(t)
	var many strings.Builder
	for i := range 110_000 {
		fmt.Fprintf(&many, "%d;", i)
	}
	tests := []struct {
		name   string
		params url.Values
		want   string
	}{
		{"bytes", url.Values{"dimension": {"dx:" + strings.Repeat("x", 1<<20)}}, "hmis: parameters: want at most 1048576 bytes, got 1048588"},
		{"items", url.Values{"dimension": {"dx:Tested00001;" + many.String()}}, `hmis: dimension: "dx": want at most 100000 items in all dimensions and filters`},
		{"dimensions", url.Values{"dimension": {"dx:Tested00001"}, "filter": slices.Repeat([]string{"ou:LEVEL-3"}, 500)},
			"hmis: dimension: want at most 500 dimensions and filters, got 501"},
	}
	for _, tt := range tests {
		if _, err := s.Query(tt.params); err == nil || err.Error() != tt.want {
			t.Errorf("%s: got %v, want %s", tt.name, err, tt.want)
		}
	}
}
