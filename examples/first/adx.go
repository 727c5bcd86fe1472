package main

import (
	"cmp"
	"io"
	"iter"
	"time"

	"github.com/ohie-hmis/hmis-go/adx"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/period"
)

// report is the id of the data set in the message, and reportCode its code for
// the receiver.
const (
	report     hmis.UID = "INDICATORS"
	reportCode string   = "INDICATORS"
)

// writeADX writes the answer as a message with codes. Computed values become
// data values again: the indicators are the data elements of a data set that
// both sides have agreed on.
func writeADX(w io.Writer, a answer) error {
	catalog, err := a.reportCatalog()
	if err != nil {
		return err
	}
	out := adx.NewWriter(w)
	out.Header.Exported = time.Now()
	out.Indent = "  "
	mapper := adx.Mapper{Catalog: catalog, DataSet: report}
	for group, err := range mapper.Groups(a.byReport()) {
		if err != nil {
			return err
		}
		if err := out.Write(group); err != nil {
			return err
		}
	}
	return out.Close()
}

// reportCatalog returns a catalog with the objects in the message: the org
// units, the items and the data set. An object without a code gets its id as
// code.
func (a answer) reportCatalog() (*hmis.Catalog, error) {
	md := hmis.Metadata{DataSets: []hmis.DataSet{{ID: report, Code: reportCode, Name: "Indicators"}}}
	for unit := range hmis.All[hmis.OrgUnit](a.catalog) {
		unit.Code = cmp.Or(unit.Code, string(unit.ID))
		md.OrgUnits = append(md.OrgUnits, unit)
	}
	for _, item := range a.query.Data {
		element, ok := hmis.Find[hmis.DataElement](a.catalog, item.ID)
		if ind, isIndicator := hmis.Find[hmis.Indicator](a.catalog, item.ID); isIndicator && !ok {
			element = hmis.DataElement{ID: ind.ID, Code: ind.Code, Name: ind.Name, ShortName: ind.ShortName}
		}
		element.Code = cmp.Or(element.Code, string(element.ID))
		md.DataElements = append(md.DataElements, element)
	}
	return hmis.NewCatalog(md)
}

// byReport yields the values of the table, sorted by org unit and period. Those
// of one org unit and period form one group of the message.
func (a answer) byReport() iter.Seq2[hmis.DataValue, error] {
	type place struct {
		unit   hmis.UID
		period period.Period
	}
	return func(yield func(hmis.DataValue, error) bool) {
		values := make(map[place][]hmis.DataValue)
		for v, err := range a.table.Values() {
			if err != nil {
				yield(v, err)
				return
			}
			at := place{v.OrgUnit, v.Period}
			values[at] = append(values[at], v)
		}
		for _, unit := range a.query.OrgUnits {
			for _, p := range a.query.Periods {
				for _, v := range values[place{unit, p}] {
					if !yield(v, nil) {
						return
					}
				}
			}
		}
	}
}
