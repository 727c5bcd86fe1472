package aggregate_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ohie-hmis/hmis-go/aggregate"
	"github.com/ohie-hmis/hmis-go/aggregate/aggregatetest"
	"github.com/ohie-hmis/hmis-go/hmis"
)

const namesWorld = `
units
	Bo
		Ngelehun
		Baw
categories
	Sex  Male Female
combos
	BySex  Sex
elements
	BCG    number  SUM  combo BySex
	Birth  number  SUM
	Never  number  SUM
indicators
	Cover  #{BCG} per #{Birth} times 100
load
	BCG.Male    Ngelehun  202401  32
	BCG.Female  Ngelehun  202402  5
	BCG.Male    Baw       202401  1.25
	Birth       Ngelehun  202401  40
`

// namesAnswer asks the small world. The catalog has names that differ from ids.
func namesAnswer(t *testing.T, query string) (*aggregate.Cube, aggregate.Query, *aggregate.Table, *hmis.Catalog) {
	t.Helper()
	w := aggregatetest.New(t, namesWorld)
	cube, q := w.Cube(t), w.Query(t, query)
	table, err := cube.Query(t.Context(), q)
	require.NoError(t, err)
	ref := func(k hmis.Kind, name string) hmis.Ref { return hmis.Ref{Kind: k, ID: aggregatetest.ID(name)} }
	md := w.Metadata
	md.Translations = []hmis.Translation{
		{Object: ref(hmis.KindOrgUnit, "Ngelehun"), Locale: "en", Property: "NAME", Value: "Ngelehun, CHC"},
		{Object: ref(hmis.KindDataElement, "BCG"), Locale: "en", Property: "NAME", Value: "BCG doses"},
		{Object: ref(hmis.KindDataElement, "Never"), Locale: "en", Property: "NAME", Value: "=Never()"},
		{Object: ref(hmis.KindCategoryOption, "Male"), Locale: "en", Property: "NAME", Value: "Boys"},
		{Object: ref(hmis.KindCategory, "Sex"), Locale: "en", Property: "NAME", Value: "By sex"},
	}
	catalog, err := hmis.NewCatalog(md)
	require.NoError(t, err)
	return cube, q, table, catalog.In("en")
}

// Text has a block for each data item, a line for each unit and split, and says
// which items have no value.
func TestTableText(t *testing.T) {
	_, _, table, names := namesAnswer(t, "show BCG, Never by Ngelehun, Baw, Sex over 202401, 202402")
	want := `BCG doses
                 By sex  202401  202402
  Ngelehun, CHC  Boys     32.00       –
  Ngelehun, CHC  Female       –    5.00
  Baw            Boys      1.25       –
  Baw            Female       –       –

–  nothing reported, or a denominator of zero
No data at all for:
  =Never()
`
	require.Equal(t, want, table.WithNames(names).String())
	require.Contains(t, table.String(), "BCG00000000\n")
	require.Contains(t, table.String(), "Ngelehun000  Male0000000   32.00")
}

// What a query does not keep apart is not in its text.
func TestTableTextOfOneCell(t *testing.T) {
	_, _, table, names := namesAnswer(t, "show BCG where units Bo and periods 202401")
	require.Equal(t, "BCG doses\n       \n  33.25\n\n", table.WithNames(names).String())
}

// CSV has the names beside the ids; what a spreadsheet would execute is made safe.
func TestTableNamesInCSV(t *testing.T) {
	_, _, table, names := namesAnswer(t, "show BCG by Ngelehun, Sex(Male) over 202401")
	var b bytes.Buffer
	require.NoError(t, table.WithNames(names).WriteCSV(&b))
	require.Equal(t, `dx,dx_name,ou,ou_name,pe,pe_name,Sex00000000,Sex00000000_name,value
BCG00000000,BCG doses,Ngelehun000,"Ngelehun, CHC",202401,January 2024,Male0000000,Boys,32
`, b.String())
	b.Reset()
	require.NoError(t, table.WriteCSV(&b))
	require.Equal(t, "dx,ou,pe,Sex00000000,value\nBCG00000000,Ngelehun000,202401,Male0000000,32\n", b.String())
}

// JSON keeps ids in its rows and has the names in metaData, as answers of DHIS2.
func TestTableNamesInJSON(t *testing.T) {
	_, _, table, names := namesAnswer(t, "show BCG by Ngelehun, Sex(Male) over 202401")
	plain, err := json.Marshal(table)
	require.NoError(t, err)
	named, err := json.Marshal(table.WithNames(names))
	require.NoError(t, err)
	require.JSONEq(t, `{
		"headers": ["dx","ou","pe","Sex00000000","value"],
		"rows": [["BCG00000000","Ngelehun000","202401","Male0000000","32"]],
		"metaData": {"items": {
			"BCG00000000": {"name": "BCG doses"}, "Ngelehun000": {"name": "Ngelehun, CHC"},
			"202401": {"name": "January 2024"},
			"Sex00000000": {"name": "By sex"}, "Male0000000": {"name": "Boys"}
		}}
	}`, string(named))
	require.True(t, strings.HasPrefix(string(named), strings.TrimSuffix(string(plain), "}")))
}

// An explanation names its cells and values, and lists the names in JSON.
func TestExplanationNames(t *testing.T) {
	cube, q, table, names := namesAnswer(t, "show Cover by Ngelehun over 202401")
	for cell := range table.Cells() {
		e, err := cube.Explain(t.Context(), q, cell)
		require.NoError(t, err)
		require.Equal(t, `Cover, Ngelehun, CHC, January 2024 = 80: ((BCG doses) × 100) / (Birth × 1)
  BCG doses, Ngelehun, CHC, January 2024 = 32: sum over org units and time
    BCG doses (Male), Ngelehun, CHC, January 2024: 32
  Birth, Ngelehun, CHC, January 2024 = 40: sum over org units and time
    Birth, Ngelehun, CHC, January 2024: 40
`, e.WithNames(names).String())
		var out struct {
			Names map[string]string `json:"names"`
			Parts []map[string]any
		}
		text, err := json.Marshal(e.WithNames(names))
		require.NoError(t, err)
		require.NoError(t, json.Unmarshal(text, &out))
		require.Equal(t, "Ngelehun, CHC", out.Names["Ngelehun000"])
		require.Equal(t, "January 2024", out.Names["202401"])
		require.NotContains(t, out.Parts[0], "names")
		text, err = json.Marshal(e)
		require.NoError(t, err)
		require.NotContains(t, string(text), `"names"`)
	}
}
