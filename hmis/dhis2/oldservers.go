package dhis2

import (
	"strings"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/hmis/dhis2/internal/jsontext"
)

// An oldElement has the members by which servers before 2.16 state the value
// type and the aggregation of a data element.
type oldElement struct {
	typ, number, text, aggregation string
}

// oldType reads one part of the value type of old servers, such as whether it
// is a number, and which sort of number. It is not written.
func oldType(name string, e *hmis.DataElement) field {
	return oldName(name, e, func(o *oldElement) *string {
		switch name {
		case "numberType":
			return &o.number
		case "textType":
			return &o.text
		}
		return &o.typ
	})
}

// oldAggregation reads the aggregation of old servers. It is not written.
func oldAggregation(name string, e *hmis.DataElement) field {
	return oldName(name, e, func(o *oldElement) *string { return &o.aggregation })
}

func oldName(name string, e *hmis.DataElement, part func(*oldElement) *string) field {
	return readOnly(name, func(d *packageReader, raw []byte) error {
		s, err := jsontext.Scalar(raw)
		if err != nil || len(s) == 0 {
			return err
		}
		o := d.oldElements[e]
		if o == nil {
			o = new(oldElement)
			d.oldElements[e] = o
			object, offset := d.object, d.offset
			d.after = append(d.after, func() {
				d.object, d.offset = object, offset
				d.modernise(e, *o)
			})
		}
		*part(o) = string(s)
		return nil
	})
}

// modernise sets the value type and the aggregation of a data element from an
// old server. An old member stays a property if it has no modern equivalent, or
// contradicts a modern member.
func (d *packageReader) modernise(e *hmis.DataElement, o oldElement) {
	keep := func(name, value string) {
		if value != "" {
			d.property(name, appendJSON(nil, value))
		}
	}
	if o.typ+o.number+o.text != "" {
		typ := o.valueType()
		if typ != "" && e.ValueType == "" {
			e.ValueType = typ
		}
		if typ == "" || e.ValueType != typ {
			d.warn(hmis.Warning, "value_unreadable", d.object, "type", "%s, number type %s, text type %s: no value type of today, or not %s", quoted(o.typ), quoted(o.number), quoted(o.text), e.ValueType)
			keep("type", o.typ)
			keep("numberType", o.number)
			keep("textType", o.text)
		}
	}
	if o.aggregation != "" {
		aggregation := oldAggregations[strings.ToLower(o.aggregation)]
		if aggregation != "" && e.Aggregation == "" {
			e.Aggregation = aggregation
		}
		if aggregation == "" || e.Aggregation != aggregation {
			d.warn(hmis.Warning, "value_unreadable", d.object, "aggregationOperator", "%s: no aggregation of today, or not %s", quoted(o.aggregation), e.Aggregation)
			keep("aggregationOperator", o.aggregation)
		}
	}
}

// valueType returns the modern value type, or "" if there is none.
func (o oldElement) valueType() hmis.ValueType {
	switch strings.ToLower(o.typ) {
	case "int":
		switch strings.ToLower(o.number) {
		case "number":
			return hmis.Number
		case "", "int":
			return hmis.Integer
		case "posint", "positivenumber":
			return hmis.IntegerPositive
		case "negint", "negativenumber":
			return hmis.IntegerNegative
		case "zeropositiveint", "zeroorpositiveint", "positivenumberorzero":
			return hmis.IntegerZeroOrPositive
		case "unitinterval":
			return hmis.UnitInterval
		case "percentage":
			return hmis.Percentage
		}
	case "string":
		switch strings.ToLower(o.text) {
		case "", "text":
			return hmis.Text
		case "longtext":
			return hmis.LongText
		}
	case "bool":
		return hmis.Boolean
	case "trueonly":
		return hmis.TrueOnly
	case "date":
		return hmis.DateValue
	case "datetime":
		return hmis.DateTime
	case "username":
		return hmis.Username
	}
	return ""
}

// oldAggregations has the modern aggregations by their old names.
var oldAggregations = map[string]hmis.Aggregation{
	"sum": hmis.Sum, "average": hmis.Average, "avg": hmis.Average,
	"avg_sum_org_unit": hmis.AverageSumOrgUnit, "average_sum_org_unit": hmis.AverageSumOrgUnit,
	"count": hmis.Count, "stddev": hmis.StdDev, "variance": hmis.Variance, "min": hmis.Min, "max": hmis.Max,
	"last": hmis.Last, "first": hmis.First,
	"none": hmis.NoAggregation, "custom": hmis.CustomAggregation, "default": hmis.DefaultAggregation,
}
