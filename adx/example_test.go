package adx_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"strings"
	"time"

	"github.com/ohie-hmis/hmis-go/adx"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/hmis/entry"
	"github.com/ohie-hmis/hmis-go/period"
)

func ExampleReader() {
	const january2026 = `<adx xmlns="urn:ihe:qrph:adx:2015" exported="2026-02-05T08:15:00Z">
  <group dataSet="EPI" orgUnit="HF-101" period="2026-01-01/P1M">
    <dataValue dataElement="BCG" value="14"/>
    <dataValue dataElement="PENTA3" SEX="F" value="7"/>
    <dataValue dataElement="PENTA3" SEX="M" value="9"/>
  </group>
</adx>`
	r := adx.NewReader(strings.NewReader(january2026))
	for group, err := range r.Groups() {
		if err != nil {
			log.Fatal(err)
		}
		for _, v := range group.Values {
			sex, _ := v.Attr("SEX")
			fmt.Println(group.OrgUnit, group.Period, v.DataElement, sex, v.Value)
		}
	}
	// Output:
	// HF-101 2026-01-01/P1M BCG  14
	// HF-101 2026-01-01/P1M PENTA3 F 7
	// HF-101 2026-01-01/P1M PENTA3 M 9
}

// This validator continues after errors and lists all of them.
func ExampleReader_reject() {
	const january2026 = `<adx xmlns="urn:ihe:qrph:adx:2015" exported="2026-02-05T08:15:00Z">
  <group dataSet="EPI" orgUnit="HF-101" period="2026-01-01/P1M">
    <dataValue dataElement="BCG" value="14"/>
    <dataValue dataElement="PENTA3" SEX="F" value="7"/>
    <dataValue dataElement="PENTA3" SEX="M" value="9"/>
  </group>
</adx>`
	r := adx.NewReader(strings.NewReader(strings.NewReplacer(
		`value="14"`, `value="1,204"`, `dataElement="PENTA3" SEX="M"`, `SEX="M"`,
	).Replace(january2026)))
	r.Reject = func(f adx.Finding) { fmt.Println(f.Error()) }
	for group, err := range r.Groups() {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(len(group.Values), "good value,", len(group.Rejected), "left out")
	}
	// Output:
	// adx: 3:34: group[1]/dataValue[1]: ADX-042: value "1,204": want a decimal such as -3.50
	// adx: 5:5: group[1]/dataValue[3]: ADX-040: dataElement: it is missing
	// 1 good value, 2 left out
}

func ExampleWriter() {
	w := adx.NewWriter(os.Stdout)
	w.Header.Exported = time.Date(2026, 2, 5, 8, 15, 0, 0, time.UTC) // without this it is the present time
	w.Indent = "  "
	err := w.Write(adx.Group{
		DataSet: "EPI", OrgUnit: "HF-101", Period: adx.TimeRangeOf(period.MustParse("202601")),
		Values: []adx.Value{
			{DataElement: "BCG", Value: "14"},
			{DataElement: "PENTA3", Value: "7", Attrs: []adx.Attr{{Name: "SEX", Value: "F"}}},
		},
	})
	if err != nil {
		log.Fatal(err)
	}
	if err := w.Close(); err != nil {
		log.Fatal(err)
	}
	// Output:
	// <?xml version="1.0" encoding="UTF-8"?>
	// <adx xmlns="urn:ihe:qrph:adx:2015" exported="2026-02-05T08:15:00Z">
	//   <group dataSet="EPI" orgUnit="HF-101" period="2026-01-01/P1M">
	//     <dataValue dataElement="BCG" value="14"/>
	//     <dataValue dataElement="PENTA3" SEX="F" value="7"/>
	//   </group>
	// </adx>
}

// This example rewrites the codes of facilities. Everything else stays as it
// is.
func ExampleWriter_rewrite() {
	const january2026 = `<adx xmlns="urn:ihe:qrph:adx:2015" exported="2026-02-05T08:15:00Z">
  <group dataSet="EPI" orgUnit="HF-101" period="2026-01-01/P1M">
    <dataValue dataElement="BCG" value="14"/>
    <dataValue dataElement="PENTA3" SEX="F" value="7"/>
    <dataValue dataElement="PENTA3" SEX="M" value="9"/>
  </group>
</adx>`
	national := map[string]string{"HF-101": "SL/0215"}
	r := adx.NewReader(strings.NewReader(january2026))
	w := adx.NewWriter(os.Stdout)
	for group, err := range r.Groups() {
		if err != nil {
			log.Fatal(err)
		}
		code, ok := national[group.OrgUnit]
		if !ok {
			log.Fatalf("facility %q is not in the registry", group.OrgUnit)
		}
		w.Header, group.OrgUnit = r.Header(), code
		if err := w.Write(group); err != nil {
			log.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		log.Fatal(err)
	}
	// Output:
	// <?xml version="1.0" encoding="UTF-8"?>
	// <adx xmlns="urn:ihe:qrph:adx:2015" exported="2026-02-05T08:15:00Z"><group dataSet="EPI" orgUnit="SL/0215" period="2026-01-01/P1M"><dataValue dataElement="BCG" value="14"/><dataValue dataElement="PENTA3" SEX="F" value="7"/><dataValue dataElement="PENTA3" SEX="M" value="9"/></group></adx>
}

func ExampleMapper_Values() {
	const january2026 = `<adx xmlns="urn:ihe:qrph:adx:2015" exported="2026-02-05T08:15:00Z">
  <group dataSet="EPI" orgUnit="HF-101" period="2026-01-01/P1M">
    <dataValue dataElement="BCG" value="14"/>
    <dataValue dataElement="PENTA3" SEX="F" value="7"/>
    <dataValue dataElement="PENTA3" SEX="M" value="9"/>
  </group>
</adx>`
	catalog, err := hmis.NewCatalog(hmis.Metadata{
		DataElements: []hmis.DataElement{
			{ID: "s46m5MS0hxu", Code: "BCG"},
			{ID: "fClA2Erf6IO", Code: "PENTA3", CategoryCombo: "dPmavA0qloX"},
		},
		Categories:      []hmis.Category{{ID: "KQ89u54MmPL", Code: "SEX", Options: []hmis.UID{"apsOixVZlf1", "jRbMi0aBjYn"}}},
		CategoryOptions: []hmis.CategoryOption{{ID: "apsOixVZlf1", Code: "F"}, {ID: "jRbMi0aBjYn", Code: "M"}},
		CategoryCombos:  []hmis.CategoryCombo{{ID: "dPmavA0qloX", Categories: []hmis.UID{"KQ89u54MmPL"}}},
		OptionCombos: []hmis.OptionCombo{
			{ID: "ZZguiHRnAFB", CategoryCombo: "dPmavA0qloX", Options: []hmis.UID{"apsOixVZlf1"}},
			{ID: "OdiHJayrsKo", CategoryCombo: "dPmavA0qloX", Options: []hmis.UID{"jRbMi0aBjYn"}},
		},
		DataSets: []hmis.DataSet{{
			ID: "BfMAe6Itzgt", Code: "EPI", PeriodType: period.Monthly,
			Elements: []hmis.DataSetElement{{DataElement: "s46m5MS0hxu"}, {DataElement: "fClA2Erf6IO"}},
		}},
		OrgUnits: []hmis.OrgUnit{{ID: "DiszpKrYNg8", Code: "HF-101"}},
	})
	if err != nil {
		log.Fatal(err)
	}
	m := adx.Mapper{Catalog: catalog}
	for v, err := range m.Values(adx.NewReader(strings.NewReader(january2026)).Groups()) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%s %q %s %s %s\n", v.DataElement, v.OptionCombo, v.OrgUnit, v.Period, v.Value)
	}
	// Output:
	// s46m5MS0hxu "" DiszpKrYNg8 202601 14
	// fClA2Erf6IO "ZZguiHRnAFB" DiszpKrYNg8 202601 7
	// fClA2Erf6IO "OdiHJayrsKo" DiszpKrYNg8 202601 9
}

func ExampleMapper_Groups() {
	catalog, err := hmis.NewCatalog(hmis.Metadata{
		DataElements: []hmis.DataElement{
			{ID: "s46m5MS0hxu", Code: "BCG"},
			{ID: "fClA2Erf6IO", Code: "PENTA3", CategoryCombo: "dPmavA0qloX"},
		},
		Categories:      []hmis.Category{{ID: "KQ89u54MmPL", Code: "SEX", Options: []hmis.UID{"apsOixVZlf1", "jRbMi0aBjYn"}}},
		CategoryOptions: []hmis.CategoryOption{{ID: "apsOixVZlf1", Code: "F"}, {ID: "jRbMi0aBjYn", Code: "M"}},
		CategoryCombos:  []hmis.CategoryCombo{{ID: "dPmavA0qloX", Categories: []hmis.UID{"KQ89u54MmPL"}}},
		OptionCombos: []hmis.OptionCombo{
			{ID: "ZZguiHRnAFB", CategoryCombo: "dPmavA0qloX", Options: []hmis.UID{"apsOixVZlf1"}},
			{ID: "OdiHJayrsKo", CategoryCombo: "dPmavA0qloX", Options: []hmis.UID{"jRbMi0aBjYn"}},
		},
		DataSets: []hmis.DataSet{{
			ID: "BfMAe6Itzgt", Code: "EPI", PeriodType: period.Monthly,
			Elements: []hmis.DataSetElement{{DataElement: "s46m5MS0hxu"}, {DataElement: "fClA2Erf6IO"}},
		}},
		OrgUnits: []hmis.OrgUnit{{ID: "DiszpKrYNg8", Code: "HF-101"}},
	})
	if err != nil {
		log.Fatal(err)
	}
	values := func(yield func(hmis.DataValue, error) bool) {
		key := hmis.Key{DataElement: "fClA2Erf6IO", OptionCombo: "ZZguiHRnAFB", OrgUnit: "DiszpKrYNg8", Period: period.MustParse("202601")}
		yield(hmis.DataValue{Key: key, Value: "7"}, nil)
	}
	m := adx.Mapper{Catalog: catalog}
	for g, err := range m.Groups(values) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(g.DataSet, g.OrgUnit, g.Period, g.Values[0].DataElement, g.Values[0].Attrs, g.Values[0].Value)
	}
	// Output:
	// EPI HF-101 2026-01-01/P1M PENTA3 [{ SEX F}] 7
}

func ExampleImport_Run() {
	const january2026 = `<adx xmlns="urn:ihe:qrph:adx:2015" exported="2026-02-05T08:15:00Z">
  <group dataSet="EPI" orgUnit="HF-101" period="2026-01-01/P1M">
    <dataValue dataElement="BCG" value="14"/>
    <dataValue dataElement="PENTA3" SEX="F" value="7"/>
    <dataValue dataElement="PENTA3" SEX="M" value="9"/>
  </group>
</adx>`
	catalog, err := hmis.NewCatalog(hmis.Metadata{
		DataElements: []hmis.DataElement{
			{ID: "s46m5MS0hxu", Code: "BCG"},
			{ID: "fClA2Erf6IO", Code: "PENTA3", CategoryCombo: "dPmavA0qloX"},
		},
		Categories:      []hmis.Category{{ID: "KQ89u54MmPL", Code: "SEX", Options: []hmis.UID{"apsOixVZlf1", "jRbMi0aBjYn"}}},
		CategoryOptions: []hmis.CategoryOption{{ID: "apsOixVZlf1", Code: "F"}, {ID: "jRbMi0aBjYn", Code: "M"}},
		CategoryCombos:  []hmis.CategoryCombo{{ID: "dPmavA0qloX", Categories: []hmis.UID{"KQ89u54MmPL"}}},
		OptionCombos: []hmis.OptionCombo{
			{ID: "ZZguiHRnAFB", CategoryCombo: "dPmavA0qloX", Options: []hmis.UID{"apsOixVZlf1"}},
			{ID: "OdiHJayrsKo", CategoryCombo: "dPmavA0qloX", Options: []hmis.UID{"jRbMi0aBjYn"}},
		},
		DataSets: []hmis.DataSet{{
			ID: "BfMAe6Itzgt", Code: "EPI", PeriodType: period.Monthly,
			Elements: []hmis.DataSetElement{{DataElement: "s46m5MS0hxu"}, {DataElement: "fClA2Erf6IO"}},
		}},
		OrgUnits: []hmis.OrgUnit{{ID: "DiszpKrYNg8", Code: "HF-101"}},
	})
	if err != nil {
		log.Fatal(err)
	}
	im := adx.Import{
		Mapper: adx.Mapper{Catalog: catalog},
		Store:  &entry.Memory{}, // or a Store that uses a database
	}
	for _, message := range []string{january2026, strings.Replace(strings.Replace(january2026, "BCG", "BCG2", 1), `"7"`, `"8"`, 1)} {
		report, err := im.Run(context.Background(), adx.NewReader(strings.NewReader(message)))
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%s: %d read, %d new, %d changed, %d unchanged, %d refused\n",
			report.Status(), report.Read, report.Imported, report.Updated, report.Unchanged, report.Rejected)
		for _, c := range report.Causes {
			fmt.Printf("  %d × %s: %s, first in line %d\n", c.Count, c.Rule, c.Reason, c.Line)
		}
	}
	// Output:
	// SUCCESS: 3 read, 3 new, 0 changed, 0 unchanged, 0 refused
	// WARNING: 3 read, 0 new, 1 changed, 1 unchanged, 1 refused
	//   1 × ADX-043: dataElement "BCG2": want the code of a known dataElement, first in line 3
}

func ExampleParseTimeRange() {
	for _, text := range []string{"2026-01-01/P1M", "2026-01-15/P1M", "202601"} {
		r, err := adx.ParseTimeRange(text)
		if err != nil {
			fmt.Println(err)
			continue
		}
		first, last, _ := r.Days()
		p, err := r.Period(nil)
		if bad, ok := errors.AsType[*adx.Finding](err); ok {
			fmt.Println(first, "to", last, "is no calendar period:", bad.Rule)
			continue
		}
		fmt.Println(first, "to", last, "is", p)
	}
	// Output:
	// 2026-01-01 to 2026-01-31 is 202601
	// 2026-01-15 to 2026-02-14 is no calendar period: ADX-026a
	// adx: ADX-022: period "202601": want 2026-01-01/P1M in place of the DHIS2 period id
}

func ExampleTimeRangeOf() {
	fmt.Println(adx.TimeRangeOf(period.MustParse("2026Q1")))
	// Output: 2026-01-01/P3M
}
