package analytics

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/ohie-hmis/hmis-go/internal/quote"
	"github.com/ohie-hmis/hmis-go/period"
)

// maxDims limits how many dimensions and filters a request may have.
const maxDims = 500

// Every request can have these dimensions. All other dimensions have the id of
// their object.
const (
	dimData     = "dx"
	dimPeriod   = "pe"
	dimUnit     = "ou"
	dimCombo    = "co"
	dimAttr     = "ao"
	allItems    = "ALL_ITEMS"
	anyCombo    = "*"
	paramDim    = "dimension"
	paramFilter = "filter"
	paramFrom   = "startDate"
	paramTo     = "endDate"

	userPrefix    = "USER_ORGUNIT"
	levelPrefix   = "LEVEL-"
	groupPrefix   = "OU_GROUP-"
	setPrefix     = "DS-"
	programPrefix = "PR-"
)

// A dimension is a dimension or filter of a request, with the objects of its
// items. The id determines which of its lists has the items.
type dimension struct {
	id      string
	kind    hmis.Kind // the kind of object that id identifies; "" for dx, pe, ou, co and ao
	items   hmis.Kind // the kind of the items; "" for dx and pe, whose items are in other lists
	data    []indicator.Item
	periods []period.Period
	ids     []hmis.UID // org units, or the items of any other dimension

	keywords []keyword
}

// A keyword is a word in the request that stands for items, such as LAST_MONTH
// or a group. The metadata of the answer explains it.
type keyword struct {
	key  string
	item MetaItem
}

// few is the number of items that are parsed between two checks of the context.
// A single item may need many look-ups.
const few = 1 << 7

// A parser parses dimensions and filters.
type parser struct {
	ctx     context.Context
	server  Server
	options options
	count   int // number of items parsed so far
}

// counted counts n more items of a dimension. It returns an error if there are
// too many.
func (p *parser) counted(param, id string, n int) error {
	most := p.server.Limits.filled().Items
	if p.count += n; p.count > most {
		return refuse(param, "%s: want at most %d items in all dimensions and filters", quote.Text(id), most)
	}
	return nil
}

// sets has the kinds of objects that can be dimensions, with the kinds of their
// items.
var sets = []struct{ kind, items hmis.Kind }{
	{hmis.KindCategory, hmis.KindCategoryOption},
	{hmis.KindCategoryOptionGroupSet, hmis.KindCategoryOptionGroup},
	{hmis.KindDataElementGroupSet, hmis.KindDataElementGroup},
	{hmis.KindOrgUnitGroupSet, hmis.KindOrgUnitGroup},
}

// dimension parses a dimension or filter such as "pe:2024Q1;2024Q2". Unknown
// items are left out. A dimension without any known item is an error.
func (p *parser) dimension(param, text string) (dimension, error) {
	id, list, _ := strings.Cut(text, ":")
	items := splitItems(list)
	if err := p.counted(param, id, len(items)); err != nil {
		return dimension{}, err
	}
	if id != dimData { // repeated items have a meaning only in dx
		items = distinct(items)
	}
	d := dimension{id: id}
	var err error
	switch id {
	case dimData:
		err = p.data(&d, param, items)
	case dimPeriod:
		err = p.periods(&d, param, items)
	case dimUnit:
		err = p.units(&d, param, items)
	case dimCombo, dimAttr:
		d.items = hmis.KindOptionCombo
		err = p.members(&d, param, items)
	default:
		err = p.set(&d, param, items)
	}
	return d, err
}

// set parses a dimension that is a category or a group set.
func (p *parser) set(d *dimension, param string, items []string) error {
	for _, set := range sets {
		id, err := p.lookup(param, set.kind, d.id)
		if err != nil {
			return err
		}
		if id == "" {
			continue
		}
		members, ok := p.membersOf(set.kind, id)
		if !ok {
			return wrong(codeUnknown, param, d.id)
		}
		d.id, d.kind, d.items = string(id), set.kind, set.items
		if len(items) == 0 || slices.Contains(items, allItems) {
			d.ids = members
			return nil
		}
		return p.members(d, param, items)
	}
	return wrong(codeUnknown, param, d.id)
}

// membersOf returns all items of a category or group set. The second result is
// false if the category or set may not be a dimension.
func (p *parser) membersOf(kind hmis.Kind, id hmis.UID) ([]hmis.UID, bool) {
	if kind == hmis.KindCategory {
		c, _ := hmis.Find[hmis.Category](p.server.Catalog, id)
		return c.Options, !c.NoDimension
	}
	s, _ := hmis.Find[hmis.GroupSet](p.server.Catalog, id)
	return s.Groups, !s.NoDimension
}

// members parses the items of a dimension whose items are objects of one kind.
func (p *parser) members(d *dimension, param string, items []string) error {
	for i, item := range items {
		if i%few == 0 && p.ctx.Err() != nil {
			return p.ctx.Err()
		}
		id, err := p.lookup(param, d.items, item)
		if err != nil {
			return err
		}
		if id != "" {
			d.ids = append(d.ids, id)
		}
	}
	d.ids = distinct(d.ids)
	if len(items) > 0 && len(d.ids) == 0 {
		return because(wrong(codeNoItems, param, d.id), gotItems(items))
	}
	return nil
}

// lookup returns the object that a text refers to in the scheme of the request.
// The id is "" if there is no such object. The error means that there are
// several.
func (p *parser) lookup(param string, kind hmis.Kind, text string) (hmis.UID, error) {
	id, err := p.server.Catalog.Lookup(kind, p.options.input, text)
	if errors.Is(err, hmis.ErrAmbiguous) {
		code := codeNoItems
		switch kind {
		case hmis.KindOrgUnit:
			code = codeNoUnit
		case hmis.KindCategory, hmis.KindCategoryOptionGroupSet, hmis.KindDataElementGroupSet, hmis.KindOrgUnitGroupSet:
			code = codeUnknown
		}
		if kind == hmis.KindOrgUnit && p.server.Within != nil {
			return "", wrong(code, param) // the message must not name objects outside the restriction
		}
		return "", &hmis.Issue{Code: code, Severity: hmis.Severe, Field: param, Offset: -1, Err: errors.Unwrap(err)}
	}
	if err != nil {
		return "", nil
	}
	return id, nil
}
