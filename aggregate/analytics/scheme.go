package analytics

import (
	"cmp"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/ohie-hmis/hmis-go/period"
)

// An outputSchemes defines which property identifies an object in the rows of a
// response. A specific scheme overrides any.
type outputSchemes struct {
	any     hmis.Scheme // the scheme for all kinds of items
	data    hmis.Scheme // the scheme for data elements and indicators
	element hmis.Scheme // the scheme for data elements
	unit    hmis.Scheme // the scheme for org units
}

// of returns the scheme for a kind of object.
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

// A labels has the texts of objects in the rows of a response. An object
// without a text keeps its id. As on a server, a response without metadata has
// ids whatever the scheme.
type labels struct {
	catalog *hmis.Catalog
	schemes outputSchemes
	plain   bool // all objects are shown by id

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

// textOr returns the text of an object in a scheme. If there is none, it
// returns the id.
func (l *labels) textOr(kind hmis.Kind, id hmis.UID, scheme hmis.Scheme) string {
	if text, err := l.catalog.Text(hmis.Ref{Kind: kind, ID: id}, scheme); err == nil {
		return text
	}
	return string(id)
}

// object returns the text of an object in the rows.
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

// item returns the text of a data item in the rows. The parts of an operand are
// replaced one by one, with the scheme any. Those of reporting rates stay as
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

// period returns the text of a period. It is the name if the scheme is names.
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
// Only option combos that the request names are replaced.
func (l *labels) combo(d dimension, id hmis.UID) string {
	if len(d.ids) == 0 {
		return string(id)
	}
	return l.object(hmis.KindOptionCombo, id)
}
