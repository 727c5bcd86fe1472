package analytics

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"iter"
	"net/url"
	"slices"

	"github.com/ohie-hmis/hmis-go/aggregate"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
)

// comment is the comment that DHIS2 writes on computed values.
const comment = "[aggregated]"

// Values answers a request with data values, as analytics/dataValueSet does.
// The numbers are those of [Server.Answer]. Operands are split into data
// element and option combos, and values of whole-number types lose their
// fraction. Indicators and reporting rates have their id as data element. The
// request must have the dimensions dx, pe and ou, or the error is E7117, E7118
// or E7119. Texts that are no numbers are values too.
//
// With the parameter duplicatesOnly the stream has only values whose key occurs
// more than once. An error is the only pair of the stream.
func (s Server) Values(ctx context.Context, params url.Values) iter.Seq2[hmis.DataValue, error] {
	return func(yield func(hmis.DataValue, error) bool) {
		h := s.hold()
		defer h.release()
		a, values, err := s.values(ctx, params, h)
		if err != nil {
			yield(hmis.DataValue{}, err)
			return
		}
		for _, v := range values {
			if !yield(a.dataValue(v), nil) {
				return
			}
		}
	}
}

// A valueRow is one data value as texts in the output schemes.
type valueRow struct {
	DataElement    string `json:"dataElement"`
	Period         string `json:"period"`
	OrgUnit        string `json:"orgUnit"`
	OptionCombo    string `json:"categoryOptionCombo,omitempty"`
	AttributeCombo string `json:"attributeOptionCombo,omitempty"`
	Value          string `json:"value"`
	Created        string `json:"created"`
	LastUpdated    string `json:"lastUpdated"`
	Comment        string `json:"comment"`
	FollowUp       bool   `json:"followup"`

	cell aggregate.Cell
}

// valueBytes estimates the memory of a valueRow and of the entry that counts
// its key.
const valueBytes = 700

// key returns the texts that identify the data value v.
func (v valueRow) key() [5]string {
	return [5]string{v.DataElement, v.Period, v.OrgUnit, v.OptionCombo, v.AttributeCombo}
}

func (s Server) values(ctx context.Context, params url.Values, h *hold) (*answer, []valueRow, error) {
	r, err := s.request(ctx, params)
	if issue, ok := errors.AsType[*hmis.Issue](err); ok && issue.Code == codeRateDays {
		// A server finds these errors only when it computes them.
		return nil, nil, because(wrong(codeNoTime, issue.Field), errors.Unwrap(issue.Err))
	}
	if err != nil {
		return nil, nil, err
	}
	if at := indexOf(r.dimensions, dimData); at >= 0 { // leave out the operands that only a server adds
		r.query.Data = distinct(r.dimensions[at].data)
	}
	a, err := s.compute(ctx, r, h)
	if err != nil {
		return nil, nil, err
	}
	if err := r.checkValues(); err != nil { // a server fails here, with an error that has no code
		return nil, nil, err
	}
	values := make([]valueRow, 0, len(a.cells))
	times := make(map[[5]string]int)
	if err := h.reserve(valueBytes * int64(len(a.cells))); err != nil {
		return nil, nil, err
	}
	for i, cell := range a.cells {
		if i%often == 0 && ctx.Err() != nil {
			return nil, nil, ctx.Err()
		}
		v := a.valueRow(cell)
		times[v.key()]++
		values = append(values, v)
	}
	if r.duplicatesOnly {
		values = slices.DeleteFunc(values, func(v valueRow) bool { return times[v.key()] < 2 })
	}
	return a, values, nil
}

// valueRow returns a cell as a row of texts.
func (a *answer) valueRow(cell aggregate.Cell) valueRow {
	today := a.server.clock().Today.String()
	v := valueRow{
		OrgUnit: a.labels.object(hmis.KindOrgUnit, cell.OrgUnit),
		Period:  a.labels.period(cell.Period),
		Created: today, LastUpdated: today, Comment: comment, cell: cell,
	}
	part := func(combo hmis.UID) string {
		if combo == "" {
			return ""
		}
		return a.labels.object(hmis.KindOptionCombo, combo)
	}
	v.OptionCombo, v.AttributeCombo = part(cell.Data.OptionCombo), part(cell.Data.AttributeCombo)
	split := 0
	for _, d := range a.dimensions {
		switch d.id {
		case dimData, dimPeriod, dimUnit:
			continue
		case dimCombo:
			v.OptionCombo = a.labels.combo(d, cell.Split[split])
		case dimAttr:
			v.AttributeCombo = a.labels.combo(d, cell.Split[split])
		}
		split++
	}
	element := cell.Data
	element.OptionCombo, element.AttributeCombo = "", ""
	v.DataElement = a.labels.item(element)
	v.Value = a.valueIn(cell)
	return v
}

// valueIn returns the text of a cell as a data value. It is a whole number if
// the value type is one of whole numbers.
func (a *answer) valueIn(cell aggregate.Cell) string {
	whole := false
	switch cell.Data.Kind {
	case indicator.DataElementItem:
		element, _ := hmis.Find[hmis.DataElement](a.server.Catalog, cell.Data.ID)
		whole = element.ValueType.IsInteger()
	case indicator.IndicatorItem:
		ind, _ := hmis.Find[hmis.Indicator](a.server.Catalog, cell.Data.ID)
		whole = ind.Decimals != nil && *ind.Decimals == 0
	}
	if d, ok := cell.Value.Decimal(); ok && whole {
		return d.Truncate(0).String()
	}
	return exchangeText(cell.Value, a.output(cell.Data).value)
}

// dataValue returns v as an hmis.DataValue.
func (a *answer) dataValue(v valueRow) hmis.DataValue {
	value := hmis.DataValue{Value: v.Value, Comment: comment}
	value.DataElement = hmis.UID(v.DataElement)
	value.Period = v.cell.Period
	value.OrgUnit = hmis.UID(v.OrgUnit)
	value.OptionCombo = hmis.UID(v.OptionCombo)
	value.AttributeCombo = hmis.UID(v.AttributeCombo)
	return value
}

// writeValues writes data values in the JSON of analytics. It differs from that
// of data exchange: it has all members, and dates are days.
func writeValues(w io.Writer, values []valueRow) error {
	if _, err := io.WriteString(w, `{"dataValues":[`); err != nil {
		return err
	}
	for i, v := range values {
		b, err := json.Marshal(v)
		if err != nil {
			return err
		}
		if i > 0 {
			b = append([]byte{','}, b...)
		}
		if _, err := w.Write(b); err != nil {
			return err
		}
	}
	_, err := io.WriteString(w, "]}")
	return err
}

// valueColumns are the titles of data values in CSV.
var valueColumns = []string{
	"data_element", "period", "organisation_unit", "category_option_combo", "attribute_option_combo",
	"value", "stored_by", "created", "last_updated", "comment", "follow_up",
}

// writeValuesCSV writes data values as CSV for programs, with all texts
// unchanged.
func writeValuesCSV(w io.Writer, values []valueRow) error {
	out := csv.NewWriter(w)
	if err := out.Write(valueColumns); err != nil {
		return err
	}
	for _, v := range values {
		err := out.Write([]string{
			v.DataElement, v.Period, v.OrgUnit, v.OptionCombo, v.AttributeCombo,
			v.Value, "", "", "", v.Comment, "false",
		})
		if err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}
