package analytics

import (
	"cmp"
	"encoding/json"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/ohie-hmis/hmis-go/period"
)

// A MetaItem explains one identifier. Most fields are set only if the request
// wants details.
type MetaItem struct {
	UID                  string          `json:"uid,omitempty"`
	Code                 string          `json:"code,omitempty"`
	Name                 string          `json:"name,omitempty"`
	Description          string          `json:"description,omitempty"`
	LegendSet            string          `json:"legendSet,omitempty"`
	DimensionType        string          `json:"dimensionType,omitempty"`
	DimensionItemType    string          `json:"dimensionItemType,omitempty"`
	ValueType            string          `json:"valueType,omitempty"`
	AggregationType      string          `json:"aggregationType,omitempty"`
	TotalAggregationType string          `json:"totalAggregationType,omitempty"`
	IndicatorType        *IndicatorType  `json:"indicatorType,omitempty"`
	StartDate            string          `json:"startDate,omitempty"`
	EndDate              string          `json:"endDate,omitempty"`
	Style                json.RawMessage `json:"style,omitempty"` // colour and icon, as stored in the metadata

	OrgUnits []string `json:"organisationUnits,omitzero"` // the units that USER_ORGUNIT and similar keywords stand for
}

// An IndicatorType is the unit of an indicator in a [MetaItem].
type IndicatorType struct {
	Name        string `json:"name"`
	DisplayName string `json:"displayName"`
	Factor      int    `json:"factor"`
	Number      bool   `json:"number"`
}

// dimensionTypes has DHIS2's words for the types of dimensions, by id or by
// kind.
var dimensionTypes = map[string]string{
	dimData:   "DATA_X",
	dimPeriod: "PERIOD",
	dimUnit:   "ORGANISATION_UNIT",
	dimCombo:  "CATEGORY_OPTION_COMBO",
	dimAttr:   "ATTRIBUTE_OPTION_COMBO",

	string(hmis.KindCategory):               "CATEGORY",
	string(hmis.KindCategoryOptionGroupSet): "CATEGORY_OPTION_GROUP_SET",
	string(hmis.KindDataElementGroupSet):    "DATA_ELEMENT_GROUP_SET",
	string(hmis.KindOrgUnitGroupSet):        "ORGANISATION_UNIT_GROUP_SET",
}

// itemTypes has the fixed fields for items of each kind.
var itemTypes = map[hmis.Kind]MetaItem{
	hmis.KindOrgUnit:             {DimensionItemType: "ORGANISATION_UNIT", ValueType: string(hmis.Text), TotalAggregationType: totalSum},
	hmis.KindOrgUnitGroup:        {DimensionItemType: "ORGANISATION_UNIT_GROUP", ValueType: string(hmis.Number), TotalAggregationType: totalSum},
	hmis.KindDataElementGroup:    {DimensionItemType: "DATA_ELEMENT_GROUP", ValueType: string(hmis.Number), TotalAggregationType: totalSum},
	hmis.KindCategoryOptionGroup: {DimensionItemType: "CATEGORY_OPTION_GROUP", ValueType: string(hmis.Number), TotalAggregationType: totalSum},
	hmis.KindCategoryOption:      {DimensionItemType: "CATEGORY_OPTION", ValueType: string(hmis.Number)},
	hmis.KindOptionCombo:         {ValueType: string(hmis.Number), TotalAggregationType: totalSum},
}

const totalSum = string(hmis.Sum)

func (a *answer) dimensionItem(d dimension) MetaItem {
	item := MetaItem{UID: d.id, Name: a.names.dimension(d), DimensionType: dimensionTypes[d.id]}
	if d.kind != "" {
		item.DimensionType = dimensionTypes[string(d.kind)]
	}
	return item
}

func (a *answer) objectItem(kind hmis.Kind, id hmis.UID) MetaItem {
	item := itemTypes[kind]
	a.identify(&item, hmis.Ref{Kind: kind, ID: id})
	if kind == hmis.KindDataElementGroup {
		group, _ := hmis.Find[hmis.Group](a.server.Catalog, id)
		if len(group.Members) > 0 {
			first, _ := hmis.Find[hmis.DataElement](a.server.Catalog, group.Members[0])
			item.AggregationType = string(cmp.Or(first.Aggregation, hmis.Sum))
		}
	}
	return item
}

// identify sets the fields that every object may have.
func (a *answer) identify(item *MetaItem, ref hmis.Ref) {
	catalog := a.server.Catalog
	item.UID = string(ref.ID)
	item.Name = a.names.object(ref.Kind, ref.ID)
	item.Code, _ = catalog.Text(ref, hmis.ByCode) // the code is "" if there is none
	if !a.details && !a.layout.wanted() {
		return // the request does not want the other fields
	}
	if raw, ok := catalog.Property(ref, "description"); ok {
		_ = json.Unmarshal([]byte(raw), &item.Description) // the description stays "" if it is not a text
	}
}

// decorate sets the fields that only data elements and indicators may have.
func (a *answer) decorate(item *MetaItem, ref hmis.Ref, legendSets []hmis.UID) {
	if !a.details {
		return
	}
	if raw, ok := a.server.Catalog.Property(ref, "style"); ok && json.Valid([]byte(raw)) && raw != "{}" {
		item.Style = json.RawMessage(raw)
	}
	if len(legendSets) > 0 {
		item.LegendSet = string(legendSets[0])
	}
}

func (a *answer) dataItem(i indicator.Item) MetaItem {
	ref := hmis.Ref{Kind: kindOf(i.Kind), ID: i.ID}
	item := MetaItem{ValueType: string(hmis.Number), TotalAggregationType: totalSum}
	switch {
	case isOperand(i):
		item.DimensionItemType = "DATA_ELEMENT_OPERAND"
		a.sumUp(&item, i.ID)
		// The id of an operand includes its option combo unless that is a
		// wildcard or the default. It never includes an attribute option combo.
		item.UID = string(i.ID)
		if i.OptionCombo != "" && i.OptionCombo != a.server.Catalog.DefaultOptionCombo() {
			item.UID += "." + string(i.OptionCombo)
		}
	case i.Kind == indicator.IndicatorItem:
		item.DimensionItemType = "INDICATOR"
		a.identify(&item, ref)
		ind, _ := hmis.Find[hmis.Indicator](a.server.Catalog, i.ID)
		a.decorate(&item, ref, ind.LegendSets)
		if ind.Denominator != "1" {
			item.TotalAggregationType = string(hmis.Average)
		}
		if t, ok := hmis.Find[hmis.IndicatorType](a.server.Catalog, ind.Type); ok {
			item.IndicatorType = &IndicatorType{t.Name, t.Name, t.Factor, t.Number}
		}
	case i.Kind == indicator.ReportingRateItem:
		item.DimensionItemType = "REPORTING_RATE"
		item.UID = string(i.ID)
		item.TotalAggregationType = string(hmis.Average)
	default:
		item.DimensionItemType = "DATA_ELEMENT"
		a.identify(&item, ref)
		element, _ := hmis.Find[hmis.DataElement](a.server.Catalog, i.ID)
		a.decorate(&item, ref, element.LegendSets)
		a.sumUp(&item, i.ID)
	}
	item.Name = a.names.data(i)
	return item
}

// sumUp sets the value type and the aggregation type of a data element.
func (a *answer) sumUp(item *MetaItem, id hmis.UID) {
	element, _ := hmis.Find[hmis.DataElement](a.server.Catalog, id)
	item.ValueType = simple(element.ValueType)
	item.AggregationType = string(cmp.Or(element.Aggregation, hmis.Sum))
	if element.Aggregation == hmis.NoAggregation {
		item.TotalAggregationType = string(hmis.NoAggregation)
	}
}

// simple returns the word that clients use for a value type, such as NUMBER or
// TEXT.
func simple(t hmis.ValueType) string {
	switch t = cmp.Or(t, hmis.Number); {
	case t.IsNumeric():
		return string(hmis.Number)
	case t.IsBoolean():
		return string(hmis.Boolean)
	}
	switch t {
	case hmis.DateValue, hmis.DateTime, hmis.Age:
		return string(hmis.DateValue)
	case hmis.FileResource, hmis.Image:
		return string(hmis.FileResource)
	case hmis.Coordinate, hmis.GeoJSON:
		return string(hmis.Coordinate)
	case hmis.MultiText:
		return string(hmis.MultiText)
	}
	return string(hmis.Text)
}

func (a *answer) periodItem(p period.Period) MetaItem {
	return MetaItem{
		UID:                  p.String(),
		Code:                 p.String(),
		Name:                 a.names.period(p),
		DimensionItemType:    "PERIOD",
		ValueType:            string(hmis.Text),
		TotalAggregationType: totalSum,
		StartDate:            p.First().String() + "T00:00:00.000",
		EndDate:              p.Last().String() + "T00:00:00.000",
	}
}
