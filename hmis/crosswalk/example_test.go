package crosswalk_test

import (
	"fmt"
	"log"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/hmis/crosswalk"
	"github.com/ohie-hmis/hmis-go/period"
	"github.com/shopspring/decimal"
)

func ExampleMap_Values() {
	m := crosswalk.Map{
		ID: "art-2024", From: period.Monthly, To: period.Quarterly,
		Entries: []crosswalk.Entry{{
			ID: "TX_CURR", Relation: crosswalk.Equivalent, Whole: true, Over: hmis.Last, // people on treatment at the end
			From: []crosswalk.Source{{Operand: hmis.Operand{DataElement: "Men"}}, {Operand: hmis.Operand{DataElement: "Women"}}},
			To:   hmis.Operand{DataElement: "TX_CURR"},
		}},
		OrgUnits: []crosswalk.Pair{{Source: "Ngelehun", Target: "SL-0042"}},
	}
	values := func(yield func(hmis.DataValue, error) bool) {
		for _, row := range []struct {
			element hmis.UID
			month   string
			value   string
		}{{"Men", "202402", "101"}, {"Women", "202402", "141"}, {"Men", "202403", "102"}, {"Women", "202403", "142"}, {"Tests", "202403", "60"}} {
			key := hmis.Key{DataElement: row.element, OrgUnit: "Ngelehun", Period: period.MustParse(row.month)}
			if !yield(hmis.DataValue{Key: key, Value: row.value}, nil) {
				return
			}
		}
	}
	var rest crosswalk.Rest
	for v, err := range m.Values(values, &rest) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(v.DataElement, v.OrgUnit, v.Period, v.Value)
	}
	fmt.Println(rest.Mapped, "of", rest.Read, "values were carried over")
	for _, issue := range rest.Issues() {
		fmt.Println(issue)
	}
	// Output:
	// TX_CURR SL-0042 2024Q1 244
	// 4 of 5 values were carried over
	// hmis: UNMAPPED_DATA: dataElementOperand Tests.default: no entry for 1 value, 60 in all
}

func ExampleCompare() {
	ministry := map[hmis.UID]decimal.Decimal{"Bo": decimal.NewFromInt(100), "Kenema": decimal.NewFromInt(80), "Kono": {}}
	funder := map[hmis.UID]decimal.Decimal{"Bo": decimal.NewFromInt(100), "Kenema": decimal.NewFromInt(120), "Kono": decimal.NewFromInt(50)}
	c, err := crosswalk.Compare(ministry, funder, nil)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("concordance %.2f at %d sites, worst at %v\n", *c.Concordance, c.Both, c.MostDiscordant)
	// Output: concordance 0.80 at 3 sites, worst at [Kono Kenema]
}
