package optioncombo_test

import (
	"fmt"
	"log"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/hmis/optioncombo"
)

// A database has two defaults, and an indicator names the old one.
func ExampleMerge_Metadata() {
	md := hmis.Metadata{
		OptionCombos: []hmis.OptionCombo{{ID: "bRowv6yZOF2", Name: "default"}, {ID: "HllvX50cXC0", Name: "default"}},
		Indicators:   []hmis.Indicator{{Numerator: "#{fbfJHSPpUQD.bRowv6yZOF2}", Denominator: "1"}},
	}
	for _, merge := range optioncombo.Duplicates(md) {
		var err error
		if md, err = merge.Metadata(md); err != nil {
			log.Fatal(err)
		}
		fmt.Println(merge.Combos, "into", merge.Into)
	}
	fmt.Println(len(md.OptionCombos), md.Indicators[0].Numerator)
	// Output:
	// [bRowv6yZOF2] into HllvX50cXC0
	// 1 #{fbfJHSPpUQD.HllvX50cXC0}
}
