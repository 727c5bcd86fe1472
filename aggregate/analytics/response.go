package analytics

import (
	"context"

	"github.com/ohie-hmis/hmis-go/aggregate"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
)

// A Response is the answer to a request: columns, rows of text, and metadata.
// It belongs to the caller.
type Response struct {
	Headers []Header // the columns; empty if the request skips data
	Rows    [][]string
	Meta    *Meta // the metadata; nil if the request skips metadata

	// Title has the names of the filters' items in a table layout. It is ""
	// without filters.
	Title string
}

// A Header is one column of a [Response]. Find columns by Name.
type Header struct {
	Name      string `json:"name"`             // the name, such as "dx" or "value"
	Column    string `json:"column,omitempty"` // the title, such as "Data"
	ValueType string `json:"valueType"`
	Type      string `json:"type"` // the type of the cells in DHIS2's words
	Hidden    bool   `json:"hidden"`
	Meta      bool   `json:"meta"` // the cells are identifiers
}

func metaHeader(name, column string) Header {
	return Header{Name: name, Column: column, ValueType: "TEXT", Type: "java.lang.String", Meta: true}
}

func numberHeader(name, column string) Header {
	return Header{Name: name, Column: column, ValueType: "NUMBER", Type: "java.lang.Double"}
}

// partHeaders are the headers of the columns that includeNumDen adds.
var partHeaders = [5]Header{
	numberHeader("numerator", "Numerator"),
	numberHeader("denominator", "Denominator"),
	numberHeader("factor", "Factor"),
	numberHeader("multiplier", "Multiplier"),
	numberHeader("divisor", "Divisor"),
}

func (a *answer) headers() []Header {
	headers := make([]Header, 0, len(a.dimensions)+1+len(partHeaders))
	for _, d := range a.dimensions {
		headers = append(headers, metaHeader(d.id, a.names.dimension(d)))
	}
	headers = append(headers, numberHeader("value", "Value"))
	if a.numDen {
		headers = append(headers, partHeaders[:]...)
	}
	return headers
}

// rows returns a row of texts for each cell.
func (a *answer) rows(ctx context.Context) ([][]string, error) {
	width := len(a.dimensions) + 1
	if a.numDen {
		width += len(partHeaders)
	}
	var (
		sheet   = make([]string, 0, width*len(a.cells)) // one allocation for the cells of all rows
		rows    = make([][]string, len(a.cells))
		outputs = make(map[indicator.Item]output)
	)
	sole, _ := a.soleItem()
	for i, cell := range a.cells {
		if i%often == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		item := cell.Data
		if item.ID == "" {
			item = sole
		}
		out, ok := outputs[item]
		if !ok {
			out = a.output(item)
			outputs[item] = out
		}
		start := len(sheet)
		sheet = a.place(sheet, cell)
		sheet = append(sheet, valueText(cell.Value, out.value))
		if a.numDen {
			parts := out.partTexts(cell.Numerator, cell.Denominator, cell.Multiplier, cell.Divisor)
			sheet = append(sheet, parts[:]...)
		}
		rows[i] = sheet[start:len(sheet):len(sheet)]
	}
	return rows, nil
}

// often is the number of loop steps between two checks of the context.
const often = 1 << 12

// place appends the texts of a cell's items and period, in the order of the
// columns.
func (a *answer) place(row []string, cell aggregate.Cell) []string {
	split := 0
	for _, d := range a.dimensions {
		switch d.id {
		case dimData:
			row = append(row, a.labels.item(cell.Data))
		case dimPeriod:
			row = append(row, a.labels.period(cell.Period))
		case dimUnit:
			row = append(row, a.labels.object(hmis.KindOrgUnit, cell.OrgUnit))
		case dimCombo, dimAttr:
			row = append(row, a.labels.combo(d, cell.Split[split]))
			split++
		default:
			row = append(row, a.labels.object(d.items, cell.Split[split]))
			split++
		}
	}
	return row
}

// output returns the form in which numbers of a data item are written. Only
// whole numbers of indicators are written with a point. A request without dx
// has the zero item.
func (a *answer) output(item indicator.Item) output {
	out := output{item: item, value: asFits, decimals: 2}
	switch {
	case a.skipRounding:
		out.value, out.decimals = asDouble, 10
	case item.Kind == indicator.IndicatorItem:
		out.value = asDouble
		ind, _ := hmis.Find[hmis.Indicator](a.server.Catalog, item.ID)
		switch d := ind.Decimals; {
		case d == nil || *d < 0:
		case *d == 0:
			out.value, out.halfUp = asWhole, true
		default:
			out.decimals = *d
		}
	}
	return out
}
