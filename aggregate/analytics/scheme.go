package analytics

import (
	"cmp"

	"github.com/ohie-hmis/hmis-go/aggregate"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
)

// An outputSchemes says which property stands for an object in a response: the
// more specific ones win over any (analytics specification, section 15).
type outputSchemes struct {
	any     hmis.Scheme // of everything
	data    hmis.Scheme // of data items
	element hmis.Scheme // of data elements
	unit    hmis.Scheme // of org units
}

// of returns the scheme of a kind of object.
func (o outputSchemes) of(kind hmis.Kind) hmis.Scheme {
	switch kind {
	case hmis.KindDataElement:
		return cmp.Or(o.element, o.data, o.any)
	case hmis.KindIndicator, hmis.KindDataSet:
		return cmp.Or(o.data, o.any)
	case hmis.KindOrgUnit:
		return cmp.Or(o.unit, o.any)
	}
	return o.any
}

// parameter returns the name of the parameter that gave the scheme of a kind.
func (o outputSchemes) parameter(kind hmis.Kind) string {
	switch {
	case kind == hmis.KindDataElement && o.element != "":
		return "outputDataElementIdScheme"
	case (kind == hmis.KindDataElement || kind == hmis.KindIndicator || kind == hmis.KindDataSet) && o.data != "":
		return "outputDataItemIdScheme"
	case kind == hmis.KindOrgUnit && o.unit != "":
		return "outputOrgUnitIdScheme"
	}
	return "outputIdScheme"
}

// labels holds the texts that stand for objects in a response. Without metadata
// in it, the server writes ids whatever the scheme, and so does this.
type labels struct {
	catalog *hmis.Catalog
	schemes outputSchemes
	plain   bool        // all ids
	axes    []hmis.Kind // of the items of Query.Split

	objects map[hmis.Ref]string
	items   map[indicator.Item]string
}

func newLabels(c *hmis.Catalog, r *request) *labels {
	l := &labels{
		catalog: c,
		schemes: r.output,
		plain:   r.skipMeta || r.output == outputSchemes{},
		objects: make(map[hmis.Ref]string),
		items:   make(map[indicator.Item]string),
	}
	for _, d := range r.dimensions {
		if d.id != dimData && d.id != dimPeriod && d.id != dimUnit {
			l.axes = append(l.axes, d.items)
		}
	}
	return l
}

// fill finds the texts for all cells. It is an error if an object has no such
// text: an id among codes could not be told from a code.
func (l *labels) fill(cells []aggregate.Cell) error {
	for _, cell := range cells {
		if cell.Data.ID != "" && l.items[cell.Data] == "" {
			text, err := l.findItem(cell.Data)
			if err != nil {
				return err
			}
			l.items[cell.Data] = text
		}
		if l.plain {
			continue
		}
		if cell.OrgUnit != "" {
			if err := l.add(hmis.KindOrgUnit, cell.OrgUnit); err != nil {
				return err
			}
		}
		for i, id := range cell.Split {
			if err := l.add(l.axes[i], id); err != nil {
				return err
			}
		}
	}
	return nil
}

// add finds the text of an object and keeps it.
func (l *labels) add(kind hmis.Kind, id hmis.UID) error {
	ref := hmis.Ref{Kind: kind, ID: id}
	if _, ok := l.objects[ref]; ok {
		return nil
	}
	text, err := l.find(kind, id)
	if err == nil {
		l.objects[ref] = text
	}
	return err
}

// find returns the text of an object.
func (l *labels) find(kind hmis.Kind, id hmis.UID) (string, error) {
	text, err := l.catalog.Text(hmis.Ref{Kind: kind, ID: id}, l.schemes.of(kind))
	if err != nil {
		return "", wrong("", l.schemes.parameter(kind), "%w", err)
	}
	return text, nil
}

// findItem returns the text of a data item, whose parts may have different
// schemes.
func (l *labels) findItem(i indicator.Item) (string, error) {
	if l.plain {
		return dataKey(i), nil
	}
	id, err := l.find(kindOf(i.Kind), i.ID)
	if err != nil {
		return "", err
	}
	parts := [2]string{}
	for at, combo := range []hmis.UID{i.Combo, i.Attr} {
		if combo != "" {
			if parts[at], err = l.find(hmis.KindCategoryOptionCombo, combo); err != nil {
				return "", err
			}
		}
	}
	return joinData(i, id, parts[0], parts[1]), nil
}

// object returns the text of an object of the metadata, its id if it has none.
func (l *labels) object(kind hmis.Kind, id hmis.UID) string {
	if l.plain {
		return string(id)
	}
	if text, ok := l.objects[hmis.Ref{Kind: kind, ID: id}]; ok {
		return text
	}
	if text, err := l.find(kind, id); err == nil {
		return text
	}
	return string(id)
}

// item returns the text of a data item, its ids if it has none.
func (l *labels) item(i indicator.Item) string {
	if text, ok := l.items[i]; ok {
		return text
	}
	if text, err := l.findItem(i); err == nil {
		return text
	}
	return dataKey(i)
}
