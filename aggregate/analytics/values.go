package analytics

import (
	"context"
	"iter"
	"net/url"

	"github.com/ohie-hmis/hmis-go/aggregate"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
)

// comment is what DHIS2 says of values that it has computed.
const comment = "[aggregated]"

// Values answers a request with data values, as analytics/dataValueSet does: the
// same numbers as those of [Server.Answer], with operands split into data
// element and option combos, and numbers of whole-number types cut to whole
// numbers. The request must have dx, pe and ou as dimensions: E7117, E7118 and
// E7119 say which is missing. Texts that are no number are values too.
//
// With the parameter duplicatesOnly there are only values whose key occurs more
// than once (analytics specification, section 17). An error is the only pair.
func (s Server) Values(ctx context.Context, params url.Values) iter.Seq2[hmis.DataValue, error] {
	return func(yield func(hmis.DataValue, error) bool) {
		values, err := s.values(ctx, params)
		if err != nil {
			yield(hmis.DataValue{}, err)
			return
		}
		stream(values)(yield)
	}
}

func stream(values []hmis.DataValue) iter.Seq2[hmis.DataValue, error] {
	return func(yield func(hmis.DataValue, error) bool) {
		for _, v := range values {
			if !yield(v, nil) {
				return
			}
		}
	}
}

func (s Server) values(ctx context.Context, params url.Values) ([]hmis.DataValue, error) {
	r, err := s.request(params)
	if err != nil {
		return nil, err
	}
	for _, need := range []struct{ id, code string }{{dimData, codeNoData}, {dimPeriod, codeNoPeriods}, {dimUnit, codeNoUnits}} {
		if indexOf(r.dimensions, need.id) < 0 {
			return nil, wrong(need.code, paramDim, "want %s as a dimension", need.id)
		}
	}
	a, err := s.compute(ctx, r)
	if err != nil {
		return nil, err
	}
	values := make([]hmis.DataValue, 0, len(a.cells))
	times := make(map[hmis.Key]int)
	for _, cell := range a.cells {
		v := a.dataValue(cell)
		times[v.Key]++
		values = append(values, v)
	}
	if !r.duplicatesOnly {
		return values, nil
	}
	repeated := values[:0]
	for _, v := range values {
		if times[v.Key] > 1 {
			repeated = append(repeated, v)
		}
	}
	return repeated, nil
}

// dataValue writes a cell as a data value.
func (a *answer) dataValue(cell aggregate.Cell) hmis.DataValue {
	v := hmis.DataValue{Comment: comment}
	v.OrgUnit = hmis.UID(a.labels.object(hmis.KindOrgUnit, cell.OrgUnit))
	v.Period = cell.Period
	item := cell.Data
	combo, attr := item.Combo, item.Attr
	split := 0
	for _, d := range a.dimensions {
		switch d.id {
		case dimData, dimPeriod, dimUnit:
			continue
		case dimCombo:
			combo = cell.Split[split]
		case dimAttr:
			attr = cell.Split[split]
		}
		split++
	}
	if combo != "" {
		v.CategoryOptionCombo = hmis.UID(a.labels.object(hmis.KindCategoryOptionCombo, combo))
	}
	if attr != "" {
		v.AttributeOptionCombo = hmis.UID(a.labels.object(hmis.KindCategoryOptionCombo, attr))
	}
	whole := false
	catalog := a.server.Catalog
	switch item.Kind {
	case indicator.DataElementItem:
		element, _ := hmis.Find[hmis.DataElement](catalog, item.ID)
		whole = element.ValueType.IsInteger()
	case indicator.IndicatorItem:
		ind, _ := hmis.Find[hmis.Indicator](catalog, item.ID)
		whole = ind.Decimals != nil && *ind.Decimals == 0
		v.CategoryOptionCombo, v.AttributeOptionCombo = hmis.UID(ind.ExportOptionCombo), hmis.UID(ind.ExportAttrCombo)
	}
	item.Combo, item.Attr = "", ""
	v.DataElement = hmis.UID(a.labels.item(item))
	v.Value = a.valueIn(cell, whole)
	return v
}

// valueIn writes the number of a data value.
func (a *answer) valueIn(cell aggregate.Cell, whole bool) string {
	if d, ok := cell.Value.Decimal(); ok && whole {
		return decimalWriting(d.Truncate(0), asWhole)
	}
	return valueText(cell.Value, a.output(cell.Data).value)
}
