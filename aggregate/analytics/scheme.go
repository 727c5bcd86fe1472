package analytics

import (
	"cmp"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/ohie-hmis/hmis-go/period"
)

// An outputSchemes says which property represents an object in the rows of a
// response: the more specific ones win over any.
type outputSchemes struct {
	any     hmis.Scheme // of every item
	data    hmis.Scheme // of data elements and indicators
	element hmis.Scheme // of data elements
	unit    hmis.Scheme // of org units
}

// of returns the scheme of a kind of object.
func (o outputSchemes) of(kind hmis.Kind) hmis.Scheme {
	switch kind {
	case hmis.KindDataElement:
		return cmp.Or(o.element, o.data, o.any)
	case hmis.KindIndicator:
		return cmp.Or(o.data, o.any)
	case hmis.KindOrgUnit:
		return cmp.Or(o.unit, o.any)
	}
	return o.any
}

// labels holds the texts of objects in the rows of a response. An
// object that has no such text keeps its id. Without metadata in it, a server
// writes ids whatever the scheme, and so does this.
type labels struct {
	catalog *hmis.Catalog
	schemes outputSchemes
	plain   bool // all ids

	objects map[hmis.Ref]string
	items   map[indicator.Item]string
	periods map[period.Period]string
}

func newLabels(c *hmis.Catalog, r *request) *labels {
	return &labels{
		catalog: c,
		schemes: r.output,
		plain:   r.skipMeta || r.output == outputSchemes{},
		objects: make(map[hmis.Ref]string),
		items:   make(map[indicator.Item]string),
		periods: make(map[period.Period]string),
	}
}

// textOr returns the text of an object in a scheme, its id if it has none.
func (l *labels) textOr(kind hmis.Kind, id hmis.UID, scheme hmis.Scheme) string {
	if text, err := l.catalog.Text(hmis.Ref{Kind: kind, ID: id}, scheme); err == nil {
		return text
	}
	return string(id)
}

// object returns the text of an object.
func (l *labels) object(kind hmis.Kind, id hmis.UID) string {
	if l.plain {
		return string(id)
	}
	ref := hmis.Ref{Kind: kind, ID: id}
	text, ok := l.objects[ref]
	if !ok {
		text = l.textOr(kind, id, l.schemes.of(kind))
		l.objects[ref] = text
	}
	return text
}

// item returns the text of a data item. The parts of an operand are replaced
// one by one, by the scheme of every item; those of reporting rates stay as
// they are.
func (l *labels) item(i indicator.Item) string {
	text, ok := l.items[i]
	if ok {
		return text
	}
	switch {
	case l.plain || i.Kind == indicator.ReportingRateItem:
		text = dataKey(i)
	case isOperand(i):
		text = joinData(i, l.textOr(hmis.KindDataElement, i.ID, l.schemes.any),
			l.textOr(hmis.KindOptionCombo, i.OptionCombo, l.schemes.any),
			l.textOr(hmis.KindOptionCombo, i.AttributeCombo, l.schemes.any))
	default:
		text = l.object(kindOf(i.Kind), i.ID)
	}
	l.items[i] = text
	return text
}

// period returns the text of a period: its name where names are asked for.
func (l *labels) period(p period.Period) string {
	text, ok := l.periods[p]
	if !ok && !p.IsZero() {
		if text = p.String(); !l.plain && l.schemes.any == hmis.ByName {
			text = p.Name()
		}
		l.periods[p] = text
	}
	return text
}

// combo returns the text of an option combo in the column of its dimension.
// Only those that the request names are items of it, and only items are
// replaced.
func (l *labels) combo(d dimension, id hmis.UID) string {
	if len(d.ids) == 0 {
		return string(id)
	}
	return l.object(hmis.KindOptionCombo, id)
}
