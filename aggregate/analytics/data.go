package analytics

import (
	"slices"
	"strings"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
)

// maxData limits the number of data items that a request can have after
// operands are combined.
const maxData = 100_000

// maxDots limits how many dots of a data item are tried as separators. A limit
// is needed because codes may contain dots.
const maxDots = 8

var rates = []indicator.Rate{
	indicator.ReportingRate, indicator.ReportingRateOnTime,
	indicator.ActualReports, indicator.ActualReportsOnTime, indicator.ExpectedReports,
}

// data parses the items of dx: data elements, operands, indicators, reporting
// rates and groups. Repeated items are kept.
func (p *parser) data(d *dimension, param string, items []string) error {
	for i, text := range items {
		if i%few == 0 && p.ctx.Err() != nil {
			return p.ctx.Err()
		}
		group, kind, member := p.dataGroup(text)
		if group != "" {
			id, err := p.lookup(param, kind, group)
			if err != nil {
				return err
			}
			g, _ := hmis.Find[hmis.Group](p.server.Catalog, id)
			if err := p.counted(param, text, len(g.Members)); err != nil {
				return err
			}
			for _, id := range g.Members {
				if p.server.Catalog.Has(hmis.Ref{Kind: kindOf(member), ID: id}) {
					d.data = append(d.data, indicator.Item{Kind: member, ID: id})
				}
			}
			if id != "" {
				d.keywords = append(d.keywords, keyword{string(id), p.brief(kind, id)})
			}
			continue
		}
		item, ok, err := p.dataItem(param, text)
		if err != nil {
			return err
		}
		if ok {
			d.data = append(d.data, item)
		}
	}
	if len(d.data) == 0 {
		return because(wrong(codeNoItems, param, dimData), gotItems(items))
	}
	return nil
}

// dataGroup returns the group in an item, its kind, and the kind of its
// members. group is "" if the item is no group.
func (p *parser) dataGroup(text string) (group string, kind hmis.Kind, member indicator.ItemKind) {
	if group, ok := strings.CutPrefix(text, "DE_GROUP-"); ok {
		return group, hmis.KindDataElementGroup, indicator.DataElementItem
	}
	if group, ok := strings.CutPrefix(text, "IN_GROUP-"); ok {
		return group, hmis.KindIndicatorGroup, indicator.IndicatorItem
	}
	return "", "", 0
}

// kindOf returns the kind of object that an item of kind k refers to.
func kindOf(k indicator.ItemKind) hmis.Kind {
	switch k {
	case indicator.IndicatorItem:
		return hmis.KindIndicator
	case indicator.ReportingRateItem:
		return hmis.KindDataSet
	}
	return hmis.KindDataElement
}

// dataItem parses one item. The second result is false if there is no such
// object. A text with dots is first tried as a whole, since a code may have
// dots.
func (p *parser) dataItem(param, text string) (indicator.Item, bool, error) {
	for _, kind := range []indicator.ItemKind{indicator.DataElementItem, indicator.IndicatorItem} {
		id, err := p.lookup(param, kindOf(kind), text)
		if err != nil || id != "" {
			return indicator.Item{Kind: kind, ID: id}, err == nil, err
		}
	}
	dots := make([]int, 0, maxDots)
	for i := range len(text) {
		if text[i] == '.' && len(dots) < maxDots {
			dots = append(dots, i)
		}
	}
	for i, dot := range dots {
		if item, ok, err := p.dataPair(param, text[:dot], text[dot+1:]); ok || err != nil {
			return item, ok, err
		}
		for _, second := range dots[i+1:] {
			item, ok, err := p.operand(param, text[:dot], text[dot+1:second], text[second+1:])
			if ok || err != nil {
				return item, ok, err
			}
		}
	}
	return indicator.Item{}, false, nil
}

// dataPair parses a data set with a metric, or a data element with an option
// combo.
func (p *parser) dataPair(param, first, second string) (indicator.Item, bool, error) {
	if !slices.Contains(rates, indicator.Rate(second)) {
		return p.operand(param, first, second, anyCombo)
	}
	set, err := p.lookup(param, hmis.KindDataSet, first)
	return indicator.Item{Kind: indicator.ReportingRateItem, ID: set, Rate: indicator.Rate(second)}, set != "" && err == nil, err
}

// operand parses a data element with an option combo and an attribute option
// combo. Each of these may be * for any.
func (p *parser) operand(param, element, combo, attr string) (indicator.Item, bool, error) {
	id, err := p.lookup(param, hmis.KindDataElement, element)
	if id == "" || err != nil {
		return indicator.Item{}, false, err
	}
	item := indicator.Item{Kind: indicator.DataElementItem, ID: id}
	if combo != anyCombo {
		if item.OptionCombo, err = p.lookup(param, hmis.KindOptionCombo, combo); item.OptionCombo == "" {
			return item, false, err
		}
	}
	if attr != anyCombo {
		if item.AttributeCombo, err = p.lookup(param, hmis.KindOptionCombo, attr); item.AttributeCombo == "" {
			return item, false, err
		}
	}
	return item, true, nil
}

// isOperand reports whether an item is a data element with an option combo.
func isOperand(i indicator.Item) bool {
	return i.Kind == indicator.DataElementItem && (i.OptionCombo != "" || i.AttributeCombo != "")
}

// surplus returns operands that a server answers although they are not in the
// request. A server combines all elements with all option combos, separately
// for each kind of operand.
func surplus(param string, items []indicator.Item) ([]indicator.Item, error) {
	type shape struct{ combo, attr bool }
	type lists struct{ elements, combos, attrs []hmis.UID }
	kinds := make(map[shape]*lists)
	var order []shape
	asked := make(map[indicator.Item]bool)
	for _, item := range items {
		if !isOperand(item) {
			continue
		}
		asked[item] = true
		s := shape{item.OptionCombo != "", item.AttributeCombo != ""}
		l := kinds[s]
		if l == nil {
			l = new(lists)
			kinds[s] = l
			order = append(order, s)
		}
		l.elements = append(l.elements, item.ID)
		l.combos = append(l.combos, item.OptionCombo)
		l.attrs = append(l.attrs, item.AttributeCombo)
	}
	var extra []indicator.Item
	for _, s := range order {
		l := kinds[s]
		l.elements, l.combos, l.attrs = distinct(l.elements), distinct(l.combos), distinct(l.attrs)
		if len(l.elements)*len(l.combos)*len(l.attrs) > maxData {
			return nil, wrong(codeTooMany, param, grouped(maxData))
		}
		for _, element := range l.elements {
			for _, combo := range l.combos {
				for _, attr := range l.attrs {
					item := indicator.Item{Kind: indicator.DataElementItem, ID: element, OptionCombo: combo, AttributeCombo: attr}
					if !asked[item] {
						extra = append(extra, item)
					}
				}
			}
		}
	}
	return extra, nil
}

// distinct returns each item once, in the order of first use.
func distinct[T comparable](items []T) []T {
	seen := make(map[T]bool, len(items))
	var kept []T
	for _, item := range items {
		if !seen[item] {
			seen[item] = true
			kept = append(kept, item)
		}
	}
	return kept
}

// dataKey returns the text of an item in a response: its ids joined by dots,
// with a star for any option combo.
func dataKey(i indicator.Item) string {
	return joinData(i, string(i.ID), string(i.OptionCombo), string(i.AttributeCombo))
}

// joinData returns the text of an item in the form of dataKey, with the given
// texts in place of its ids.
func joinData(i indicator.Item, id, combo, attr string) string {
	switch {
	case i.Rate != "":
		return id + "." + string(i.Rate)
	case i.AttributeCombo != "" && i.OptionCombo == "":
		return id + "." + anyCombo + "." + attr
	case i.AttributeCombo != "":
		return id + "." + combo + "." + attr
	case i.OptionCombo != "":
		return id + "." + combo
	}
	return id
}
