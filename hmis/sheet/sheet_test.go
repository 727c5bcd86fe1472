package sheet_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"testing"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/hmis/sheet"
	"github.com/ohie-hmis/hmis-go/period"
	"github.com/stretchr/testify/require"
)

// catalog has two facilities, three data elements and the sexes.
func catalog(t testing.TB) *hmis.Catalog {
	c, err := hmis.NewCatalog(hmis.Metadata{
		OrgUnits: []hmis.OrgUnit{{ID: "ngelehun", Code: "OU_1", Name: "Ngelehun CHC"}, {ID: "bo", Code: "OU_2", Name: "Bo MCHP"},
			{ID: "twin1", Name: "Twin"}, {ID: "twin2", Name: "Twin"}},
		Categories:      []hmis.Category{{ID: "sex", Options: []hmis.UID{"f", "m"}}, {ID: "age", Options: []hmis.UID{"f", "m"}}},
		CategoryOptions: []hmis.CategoryOption{{ID: "f", Name: "Female"}, {ID: "m", Name: "Male"}},
		CategoryCombos:  []hmis.CategoryCombo{{ID: "bysex", Categories: []hmis.UID{"sex"}}, {ID: "other", Categories: []hmis.UID{"age"}}},
		OptionCombos: []hmis.OptionCombo{
			{ID: "female", Name: "Female", CategoryCombo: "bysex", Options: []hmis.UID{"f"}}, {ID: "male", Name: "Male", CategoryCombo: "bysex", Options: []hmis.UID{"m"}},
			{ID: "other1", Name: "Female", CategoryCombo: "other", Options: []hmis.UID{"f"}},
		},
		DataElements: []hmis.DataElement{
			{ID: "anc", Code: "DE_1", Name: "ANC 1st visit", ValueType: hmis.IntegerZeroOrPositive},
			{ID: "mal", Code: "DE_2", Name: "Malaria", ValueType: hmis.Number, CategoryCombo: "bysex"},
			{ID: "note", Name: "Remark", ValueType: hmis.Text}, {ID: "open", Name: "Open", ValueType: hmis.Boolean},
		},
	})
	require.NoError(t, err)
	return c
}

// lines reads a table and returns a line for each value, each rejected cell and
// the error at the end.
func lines(f sheet.Format, text string) []string {
	var got []string
	f.Reject = func(v hmis.DataValue, err error) { got = append(got, "- "+err.Error()) }
	got = append(got, collect(f.Read(strings.NewReader(text)))...)
	return got
}

func collect(values iter.Seq2[hmis.DataValue, error]) []string {
	var got []string
	for v, err := range values {
		if err != nil {
			return append(got, "error: "+err.Error())
		}
		got = append(got, strings.TrimSpace(fmt.Sprintf("%s %s%s%s %s = %s %s", v.OrgUnit, v.DataElement, dotted(v.OptionCombo), dotted(v.AttributeCombo), v.Period, v.Value, v.Comment)))
	}
	return got
}

func dotted(id hmis.UID) string {
	if id == "" {
		return ""
	}
	return "." + string(id)
}

// (RULES.md#layout) (RULES.md#names) (RULES.md#cells-without-a-value)
func TestRead(t *testing.T) {
	byName := hmis.Schemes{Any: hmis.ByName}
	place, what := sheet.Column{"Facility", sheet.OrgUnit}, sheet.Column{"Indicator", sheet.DataElement}
	tests := []struct {
		name   string
		format sheet.Format
		text   string
		want   []string
	}{
		{"months across the top", sheet.Format{Schemes: byName, Columns: []sheet.Column{place, what}, Across: []sheet.Field{sheet.Period}},
			"Facility,Indicator,Jan 2024,fév. 2024\nNgelehun CHC,ANC 1st visit,12, 13 \n Bo MCHP ,ANC 1st visit,,0\n,,,\n",
			[]string{"ngelehun anc 202401 = 12", "ngelehun anc 202402 = 13", "bo anc 202402 = 0"}},
		{"two lines of headings", sheet.Format{Schemes: byName, Skip: 1, Columns: []sheet.Column{place, what}, Across: []sheet.Field{sheet.Year, sheet.Month}, Ignore: []string{"Total"}},
			"Report of the district,,,,\n\nFacility,Indicator,2023,2024,,Total\n,,12,Janeiro,2,\nBo MCHP,ANC 1st visit,1,2,3,6\n",
			[]string{"bo anc 202312 = 1", "bo anc 202401 = 2", "bo anc 202402 = 3"}},
		{"elements and sexes across", sheet.Format{Schemes: byName, Columns: []sheet.Column{place, {"Month", sheet.Period}}, Across: []sheet.Field{sheet.DataElement, sheet.OptionCombo}},
			"Facility,Month,Malaria,,ANC 1st visit\n,,Female,Male,\nBo MCHP,2024-01,1,2,3\n",
			[]string{"bo mal.female 202401 = 1", "bo mal.male 202401 = 2", "bo anc 202401 = 3"}},
		{"sexes across, elements in rows", sheet.Format{Schemes: byName, Columns: []sheet.Column{what}, Across: []sheet.Field{sheet.OptionCombo}, Shared: hmis.Key{OrgUnit: "bo", Period: period.MustParse("2024Q1")}},
			"Indicator,Female,Male\nMalaria,1,2\nANC 1st visit,3,\n",
			[]string{"- sheet: line 3, column B: OptionCombo \"Female\": no option combo of \"ANC 1st visit\" is called so",
				"bo mal.female 2024Q1 = 1", "bo mal.male 2024Q1 = 2"}},
		{"facilities across", sheet.Format{Schemes: byName, Columns: []sheet.Column{{"", sheet.DataElement}}, Across: []sheet.Field{sheet.OrgUnit}, Shared: hmis.Key{Period: period.MustParse("202401")}, Comma: ';'},
			";Ngelehun CHC;Bo MCHP\nANC 1st visit;5;6\n", []string{"ngelehun anc 202401 = 5", "bo anc 202401 = 6"}},
		{"years across, months in rows", sheet.Format{Schemes: byName, Columns: []sheet.Column{{"Mois", sheet.Month}}, Across: []sheet.Field{sheet.Year}, Shared: hmis.Key{OrgUnit: "bo", DataElement: "anc"}},
			"Mois,2023,2024\naoût,1,2\nTotal,1,2\n", []string{"- sheet: line 3, column A: Month \"Total\": want a month: 1 to 12, or its name", "bo anc 202308 = 1", "bo anc 202408 = 2"}},
		{"a row for each value", sheet.Format{Schemes: hmis.Schemes{Any: hmis.ByCode}, Columns: []sheet.Column{{"ou", sheet.OrgUnit}, {"de", sheet.DataElement}, {"pe", sheet.Period}, {"val", sheet.Value}, {"why", sheet.Comment}}},
			"de,ou,pe,val,why\nDE_1,OU_2,202401,7,\nDE_1,OU_2,202402,,closed\nDE_1,OU_2,202403,,\n", []string{"bo anc 202401 = 7", "bo anc 202402 =  closed"}},
		{"cells filled down, rows skipped", sheet.Format{Schemes: byName, Columns: []sheet.Column{place, what}, Across: []sheet.Field{sheet.Period}, FillDown: true, IgnoreRows: []string{"Total"}, Missing: []string{"-", "n/a"}},
			"Facility,Indicator,202401\nBo MCHP,ANC 1st visit,1\n,Open,TRUE\n,Remark,-\nTotal,,9\nNgelehun CHC,ANC 1st visit,n/a\n",
			[]string{"bo anc 202401 = 1", "bo open 202401 = true"}},
		{"texts and booleans", sheet.Format{Schemes: byName, Columns: []sheet.Column{what}, Across: []sheet.Field{sheet.Period}, Shared: hmis.Key{OrgUnit: "bo"}},
			"Indicator,202401\nRemark,1.000 beds\nOpen,yes\nANC 1st visit,ten\n",
			[]string{`- sheet: line 3, column B: Value "yes": want true or false`, `- sheet: line 4, column B: Value "ten": want a number`, "bo note 202401 = 1.000 beds"}},
		{"an ambiguous name", sheet.Format{Schemes: byName, Columns: []sheet.Column{place}, Across: []sheet.Field{sheet.Period}, Shared: hmis.Key{DataElement: "anc"}},
			"Facility,202401\nTwin,1\nNowhere,2\n", []string{
				`- sheet: line 2, column A: OrgUnit "Twin": name "Twin" is ambiguous: 2 objects have it, such as twin1 and twin2`,
				`- sheet: line 3, column A: OrgUnit "Nowhere": no object with the name "Nowhere"`}},
		{"a wrong width", sheet.Format{Schemes: byName, Columns: []sheet.Column{place}, Across: []sheet.Field{sheet.Period}, Shared: hmis.Key{DataElement: "anc"}},
			"Facility,202401\nBo MCHP\nBo MCHP,1,2\nBo MCHP,1,\n", []string{
				"- sheet: line 2: 1 cells: want 2, as in the headings",
				`- sheet: line 3, column C: "2": no heading above it`,
				"bo anc 202401 = 1"}},
		{"a column without a heading", sheet.Format{Schemes: byName, Columns: []sheet.Column{place}, Across: []sheet.Field{sheet.Period}, Shared: hmis.Key{DataElement: "anc"}},
			"Facility,202401,\nBo MCHP,1,\nBo MCHP,1,9\n", []string{`- sheet: line 3, column C: "9": no heading above it`, "bo anc 202401 = 1"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.format.Catalog = catalog(t)
			require.Equal(t, tt.want, lines(tt.format, tt.text))
		})
	}
}

func TestReadErrors(t *testing.T) {
	months := sheet.Format{Columns: []sheet.Column{{"ou", sheet.OrgUnit}}, Across: []sheet.Field{sheet.Period}, Shared: hmis.Key{DataElement: "a"}}
	tests := []struct{ name, text, want string }{
		{"nothing", "", "error: sheet: line 1: unexpected EOF: want 1 lines of headings"},
		{"blank lines alone", "\n,,\n", "error: sheet: line 3: unexpected EOF: want 1 lines of headings"},
		{"no such column", "x,202401\n", `error: sheet: line 1: no column "ou"`},
		{"a column twice", "ou,ou,202401\n", `error: sheet: line 1, column B: "ou": column A has this heading too`},
		{"a month twice", "ou,202401,Jan 2024\n", `error: sheet: line 1, column C: Period "Jan 2024": column B says the same`},
		{"no period", "ou,202401,Total\n", `error: sheet: line 1, column C: Period "Total": want a period such as 202401, 2024-01, 01/2024, Jan 2024 or Q1 2024`},
		{"no values", "ou\n", `error: sheet: line 1: no column with values`},
		{"another sign between cells", "ou;202401\nx;1\n", `error: sheet: line 1, column A: "ou;202401": one column: is ';' between cells? Comma is ','`},
		{"quote", "ou,202401\n\"x,1\n", `error: sheet: line 2: extraneous or missing " in quoted-field`},
		{"UTF-16", "\xff\xfeo\x00", `error: sheet: line 1: the text is UTF-16 or UTF-32: want UTF-8`},
		{"Latin-1", "ou,202401\nS\xe9gou,1\n", `error: sheet: line 2, column A: "S\xe9gou": want UTF-8`},
		{"a page of a website", "<!DOCTYPE html>\n<html>\n", `error: sheet: line 1: no column "ou"`},
		{"a row too long", "ou,202401\n" + strings.Repeat("x", 5<<20), "error: sheet: line 2: want at most 4 MiB in one row"},
		{"too many columns", "ou" + strings.Repeat(",202401", 20000), "error: sheet: line 1: 20001 columns: want at most 16384"},
		{"a cell", "ou,202401\nx,1\ny,1e3\nz,3\n", `x a 202401 = 1|error: sheet: line 3, column B: Value "1e3": want a number`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			require.Equal(t, tt.want, strings.Join(collect(months.Read(strings.NewReader(tt.text))), "|"))
		})
	}
	for v, err := range months.Read(strings.NewReader("ou,202401\nx,bad\n")) {
		var bad *sheet.CellError
		require.ErrorAs(t, err, &bad)
		require.Equal(t, hmis.DataValue{}, v)
		require.Equal(t, [2]int{2, 2}, [2]int{bad.Line, bad.Column})
	}
	for _, err := range months.Read(&failing{"ou,202401\nx,1\n"}) {
		if err != nil {
			require.ErrorIs(t, err, errBroken)
		}
	}
}

var errBroken = errors.New("broken")

// failing reads a text and then fails.
type failing struct{ text string }

func (f *failing) Read(p []byte) (int, error) {
	if f.text == "" {
		return 0, errBroken
	}
	n := copy(p, f.text)
	f.text = f.text[n:]
	return n, nil
}

func TestFormatErrors(t *testing.T) {
	ou, de := sheet.Column{"ou", sheet.OrgUnit}, sheet.Column{"de", sheet.DataElement}
	across := []sheet.Field{sheet.Period}
	tests := []struct {
		format sheet.Format
		want   string
	}{
		{sheet.Format{}, "sheet: want a column with the Value, or Across"},
		{sheet.Format{Across: across}, "sheet: no DataElement: want it in Columns, Across or Shared"},
		{sheet.Format{Across: across, Columns: []sheet.Column{ou, de, {"v", sheet.Value}}}, "sheet: Value is in Columns, but Across says that all other columns hold values"},
		{sheet.Format{Across: across, Columns: []sheet.Column{ou, de, {"v", sheet.Comment}}}, "sheet: Comment is in Columns, where a row has many values"},
		{sheet.Format{Across: []sheet.Field{sheet.Value}}, "sheet: Across: Value: want a field that headings can hold"},
		{sheet.Format{Across: []sheet.Field{sheet.Year}, Columns: []sheet.Column{ou, de}}, "sheet: want Year and Month together"},
		{sheet.Format{Across: across, Columns: []sheet.Column{ou, de, {"ou2", sheet.OrgUnit}}}, "sheet: OrgUnit is given 2 times"},
		{sheet.Format{Across: across, Columns: []sheet.Column{ou, de}, Shared: hmis.Key{OrgUnit: "x"}}, "sheet: OrgUnit is given 2 times"},
		{sheet.Format{Across: []sheet.Field{99}, Columns: []sheet.Column{ou, de}}, "sheet: Field(99): want one of the fields"},
		{sheet.Format{Across: across, Columns: []sheet.Column{ou, de}, Skip: -1}, "sheet: Skip -1: want 0 or more"},
		{sheet.Format{Across: across, Columns: []sheet.Column{ou, de}, Schemes: hmis.Schemes{Any: hmis.ByName}}, "sheet: want a Catalog, or Find, to look up codes and names"},
		{sheet.Format{Across: across, Columns: []sheet.Column{ou, de}, Numbers: sheet.Numbers{Decimal: ';'}}, "sheet: Numbers.Decimal ';': want '.' or ','"},
		{sheet.Format{Across: across, Columns: []sheet.Column{ou, de}, Numbers: sheet.Numbers{Group: '_'}}, `sheet: Numbers.Group '_': want ',', '.', ' ' or '\''`},
		{sheet.Format{Across: across, Columns: []sheet.Column{ou, de}, Numbers: sheet.Numbers{Group: '.'}}, `sheet: Numbers: '.' is both the decimal point and between thousands`},
		{sheet.Format{Across: across, Columns: []sheet.Column{ou, de}, Comma: '"'}, `sheet: Comma '"': want a sign such as ',' or ';'`},
	}
	for _, tt := range tests {
		for _, err := range tt.format.Read(strings.NewReader("")) {
			require.EqualError(t, err, tt.want)
		}
		require.EqualError(t, tt.format.Write(new(bytes.Buffer), func(func(hmis.DataValue, error) bool) {}), tt.want)
	}
}

func TestReadCompressed(t *testing.T) {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	z.Write([]byte("ou,202401\nx,1\n"))
	require.NoError(t, z.Close())
	f := sheet.Format{Columns: []sheet.Column{{"ou", sheet.OrgUnit}}, Across: []sheet.Field{sheet.Period}, Shared: hmis.Key{DataElement: "a"}}
	require.Equal(t, []string{"x a 202401 = 1"}, collect(f.Read(&b)))
}

func TestFind(t *testing.T) {
	f := sheet.Format{Columns: []sheet.Column{{"ou", sheet.OrgUnit}}, Across: []sheet.Field{sheet.OptionCombo}, Shared: hmis.Key{DataElement: "a", Period: period.MustParse("2024")},
		Find: func(k hmis.Kind, name string, element hmis.UID) (hmis.UID, error) {
			if name == "?" {
				return "", errors.New("who is this?")
			}
			return hmis.UID(fmt.Sprint(k, "/", name, "/", element)), nil
		}}
	require.Equal(t, []string{`- sheet: line 3, column A: OrgUnit "?": who is this?`, "organisationUnit/x/ a.categoryOptionCombo/Male/a 2024 = 1"}, lines(f, "ou,Male\nx,1\n?,2\n"))
}

// What is written is read back.
func TestWrite(t *testing.T) {
	jan, feb := period.MustParse("202401"), period.MustParse("202402")
	values := []hmis.DataValue{
		{Key: hmis.Key{DataElement: "mal", OptionCombo: "male", OrgUnit: "bo", Period: feb}, Value: "1234.50"},
		{Key: hmis.Key{DataElement: "mal", OptionCombo: "female", OrgUnit: "bo", Period: jan}, Value: "0"},
		{Key: hmis.Key{DataElement: "mal", OptionCombo: "male", OrgUnit: "ngelehun", Period: jan}, Value: "-3"},
		{Key: hmis.Key{DataElement: "note", OrgUnit: "ngelehun", Period: jan}, Value: "a, \"b\"\nc"},
	}
	formats := []sheet.Format{
		{Columns: []sheet.Column{{"Facility", sheet.OrgUnit}, {"Element", sheet.DataElement}, {"Combo", sheet.OptionCombo}}, Across: []sheet.Field{sheet.Period}},
		{Columns: []sheet.Column{{"Facility", sheet.OrgUnit}, {"Element", sheet.DataElement}, {"Combo", sheet.OptionCombo}}, Across: []sheet.Field{sheet.Year, sheet.Month}, Numbers: sheet.Numbers{Decimal: ','}, Comma: ';'},
		{Columns: []sheet.Column{{"Facility", sheet.OrgUnit}, {"Month", sheet.Period}}, Across: []sheet.Field{sheet.DataElement, sheet.OptionCombo}},
		{Columns: []sheet.Column{{"f", sheet.OrgUnit}, {"e", sheet.DataElement}, {"c", sheet.OptionCombo}, {"p", sheet.Period}, {"v", sheet.Value}, {"n", sheet.Comment}}},
	}
	for _, f := range formats {
		f.Catalog, f.Schemes = catalog(t), hmis.Schemes{Any: hmis.ByName}
		var b bytes.Buffer
		require.NoError(t, f.Write(&b, each(values)))
		text := b.String()
		got := collect(f.Read(&b))
		slices.Sort(got)
		want := collect(each(values))
		slices.Sort(want)
		require.Equal(t, want, got, text)
	}
	f := formats[0]
	f.Catalog = catalog(t)
	for _, tt := range []struct {
		value hmis.DataValue
		want  string
	}{
		{hmis.DataValue{Key: values[0].Key, Value: "x"}, `sheet: mal in bo of 202402: "x": want a number`},
		{hmis.DataValue{Key: values[0].Key, Value: "1", Deleted: true}, `sheet: mal in bo of 202402: a deleted value has no place in a table`},
		{hmis.DataValue{Key: hmis.Key{DataElement: "anc", AttributeCombo: "male", OrgUnit: "bo", Period: jan}, Value: "1"},
			`sheet: anc in bo of 202401: AttributeCombo "male" is in no column, and Shared has ""`},
		{hmis.DataValue{Key: hmis.Key{DataElement: "note", OrgUnit: "bo", Period: jan}}, `sheet: note in bo of 202401: "" means that there is no value`},
	} {
		require.EqualError(t, f.Write(new(bytes.Buffer), each([]hmis.DataValue{tt.value})), tt.want)
	}
	require.EqualError(t, f.Write(new(bytes.Buffer), each([]hmis.DataValue{values[0], values[0]})), "sheet: mal in bo of 202402: two values for one cell")
}

func each(values []hmis.DataValue) iter.Seq2[hmis.DataValue, error] {
	return func(yield func(hmis.DataValue, error) bool) {
		for _, v := range values {
			if !yield(v, nil) {
				return
			}
		}
	}
}
