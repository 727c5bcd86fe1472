package analytics

import (
	"cmp"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/ohie-hmis/hmis-go/period"
)

// A Meta says what the identifiers of a [Response] mean.
type Meta struct {
	// Items are the items of all dimensions and filters, the dimensions
	// themselves, the option combos of the data elements, and the keywords of
	// the request, by the text that stands for them.
	Items map[string]MetaItem `json:"items"`
	// Dimensions are the items of each dimension and filter in the order of the
	// request; "co" is always among them.
	Dimensions map[string][]string `json:"dimensions"`

	// Hierarchy has the ids above each org unit of the rows, "root/../parent",
	// and NameHierarchy the names, "/Root/../Unit". They are nil unless asked for.
	Hierarchy     map[string]string `json:"ouHierarchy,omitzero"`
	NameHierarchy map[string]string `json:"ouNameHierarchy,omitzero"`
}

// A MetaItem says what one identifier means. All but the name is there only if
// the request asks for details.
type MetaItem struct {
	UID                  string `json:"uid,omitempty"`
	Code                 string `json:"code,omitempty"`
	Name                 string `json:"name"`
	DimensionType        string `json:"dimensionType,omitempty"`
	DimensionItemType    string `json:"dimensionItemType,omitempty"`
	ValueType            string `json:"valueType,omitempty"`
	AggregationType      string `json:"aggregationType,omitempty"`
	TotalAggregationType string `json:"totalAggregationType,omitempty"`
	StartDate            string `json:"startDate,omitempty"`
	EndDate              string `json:"endDate,omitempty"`
}

// meta describes all that the request names (analytics specification, section
// 15).
func (a *answer) meta() *Meta {
	m := &Meta{Items: make(map[string]MetaItem), Dimensions: make(map[string][]string)}
	for _, list := range [][]dimension{a.dimensions, a.filters} {
		for _, d := range list {
			m.Items[d.id] = a.shown(a.dimensionItem(d))
			m.Dimensions[d.id] = a.describe(m, d)
		}
	}
	a.combos(m)
	if a.hierarchy {
		m.Hierarchy = make(map[string]string)
	}
	if a.nameHierarchy {
		m.NameHierarchy = make(map[string]string)
	}
	if a.hierarchy || a.nameHierarchy {
		a.lineage(m)
	}
	return m
}

// describe adds the items of a dimension and returns their texts.
func (a *answer) describe(m *Meta, d dimension) []string {
	texts := make([]string, 0, len(d.data)+len(d.periods)+len(d.ids))
	for _, item := range d.data {
		text := a.labels.item(item)
		texts = append(texts, text)
		m.Items[text] = a.shown(a.dataItem(item))
	}
	for _, p := range d.periods {
		text := p.String()
		texts = append(texts, text)
		m.Items[text] = a.shown(a.periodItem(p))
	}
	for _, id := range d.ids {
		text := a.labels.object(d.items, id)
		texts = append(texts, text)
		m.Items[text] = a.shown(a.objectItem(d.items, id))
	}
	for _, k := range d.keywords {
		if k.ref.ID != "" {
			m.Items[k.text] = a.shown(a.objectItem(k.ref.Kind, k.ref.ID))
		} else {
			m.Items[k.text] = MetaItem{Name: k.name}
		}
	}
	return texts
}

// combos adds the option combos of every data element that the request names,
// by itself or as part of an operand.
func (a *answer) combos(m *Meta) {
	texts := []string{}
	seen := make(map[hmis.UID]bool)
	for _, list := range [][]dimension{a.dimensions, a.filters} {
		for _, d := range list {
			for _, item := range d.data {
				if item.Kind != indicator.DataElementItem || seen[item.ID] {
					continue
				}
				seen[item.ID] = true
				catalog := a.server.Catalog
				for _, combo := range catalog.OptionCombos(catalog.Combo(item.ID, "")) {
					if seen[combo] {
						continue
					}
					seen[combo] = true
					text := a.labels.object(hmis.KindCategoryOptionCombo, combo)
					texts = append(texts, text)
					m.Items[text] = a.shown(a.objectItem(hmis.KindCategoryOptionCombo, combo))
				}
			}
		}
	}
	// A request that lists option combos means those.
	if len(m.Dimensions[dimCombo]) == 0 {
		m.Dimensions[dimCombo] = texts
	}
}

// lineage adds what is above the org units of the rows, down from the units of
// the user.
func (a *answer) lineage(m *Meta) {
	seen := make(map[hmis.UID]bool)
	for _, cell := range a.cells {
		if cell.OrgUnit == "" || seen[cell.OrgUnit] {
			continue
		}
		seen[cell.OrgUnit] = true
		text := a.labels.object(hmis.KindOrgUnit, cell.OrgUnit)
		if a.hierarchy {
			m.Hierarchy[text] = a.server.Tree.ParentGraph(cell.OrgUnit, a.user...)
		}
		if a.nameHierarchy {
			m.NameHierarchy[text] = a.server.Tree.NamePath(cell.OrgUnit, a.user...)
		}
	}
}

// itemTypes are what DHIS2 calls items of a kind.
var itemTypes = map[hmis.Kind]string{
	hmis.KindDataElement:         "DATA_ELEMENT",
	hmis.KindIndicator:           "INDICATOR",
	hmis.KindDataSet:             "REPORTING_RATE",
	hmis.KindOrgUnit:             "ORGANISATION_UNIT",
	hmis.KindCategoryOption:      "CATEGORY_OPTION",
	hmis.KindCategoryOptionGroup: "CATEGORY_OPTION_GROUP",
	hmis.KindCategoryOptionCombo: "CATEGORY_OPTION_COMBO",
	hmis.KindDataElementGroup:    "DATA_ELEMENT_GROUP",
	hmis.KindOrgUnitGroup:        "ORGANISATION_UNIT_GROUP",
}

// dimensionTypes are what DHIS2 calls dimensions, by id or by kind.
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

// shown returns as much of an item as the request asks for.
func (a *answer) shown(item MetaItem) MetaItem {
	if a.details {
		return item
	}
	return MetaItem{Name: item.Name}
}

func (a *answer) dimensionItem(d dimension) MetaItem {
	item := MetaItem{UID: d.id, Name: a.names.dimension(d), DimensionType: dimensionTypes[d.id]}
	if d.kind != "" {
		item.DimensionType = dimensionTypes[string(d.kind)]
		item.Code, _ = a.server.Catalog.Text(hmis.Ref{Kind: d.kind, ID: hmis.UID(d.id)}, hmis.ByCode)
	}
	return item
}

func (a *answer) objectItem(kind hmis.Kind, id hmis.UID) MetaItem {
	item := MetaItem{UID: string(id), Name: a.names.object(kind, id), DimensionItemType: itemTypes[kind]}
	item.Code, _ = a.server.Catalog.Text(hmis.Ref{Kind: kind, ID: id}, hmis.ByCode) // "" if it has none
	return item
}

func (a *answer) dataItem(i indicator.Item) MetaItem {
	item := MetaItem{
		UID:               dataKey(i),
		Name:              a.names.data(i),
		DimensionItemType: itemTypes[kindOf(i.Kind)],
		ValueType:         string(hmis.Number),
	}
	switch i.Kind {
	case indicator.DataElementItem:
		element, _ := hmis.Find[hmis.DataElement](a.server.Catalog, i.ID)
		item.Code = element.Code
		item.ValueType = cmp.Or(string(element.ValueType), string(hmis.Number))
		item.AggregationType = cmp.Or(string(element.Aggregation), string(hmis.Sum))
		item.TotalAggregationType = item.AggregationType
		if isOperand(i) {
			item.Code, item.DimensionItemType = "", "DATA_ELEMENT_OPERAND"
		}
	case indicator.IndicatorItem:
		ind, _ := hmis.Find[hmis.Indicator](a.server.Catalog, i.ID)
		item.Code = ind.Code
	}
	return item
}

func (a *answer) periodItem(p period.Period) MetaItem {
	return MetaItem{
		UID:               p.String(),
		Code:              p.String(),
		Name:              a.names.period(p),
		DimensionItemType: "PERIOD",
		StartDate:         p.First().String() + "T00:00:00.000",
		EndDate:           p.Last().String() + "T00:00:00.000",
	}
}
