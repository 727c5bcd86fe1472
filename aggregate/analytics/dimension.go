package analytics

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/ohie-hmis/hmis-go/internal/quote"
	"github.com/ohie-hmis/hmis-go/period"
)

// How many dimensions and filters a request may have, and how many items these
// together, each counted once in its list.
const (
	maxDims  = 500
	maxItems = 100_000
)

// The dimensions that every request may have; all others are named by the id of
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
	groupPrefix = "OU_GROUP-"
	setPrefix   = "DS-"
)

// A dimension is a dimension or filter of a request with its items found. Which
// of the lists it fills depends on its id.
type dimension struct {
	id      string
	kind    hmis.Kind // of the object behind the id; "" for dx, pe, ou, co and ao
	items   hmis.Kind // of the items; "" for dx and pe, which have their own lists
	data    []indicator.Item
	periods []period.Period
	ids     []hmis.UID // org units, or items of any other dimension

	keywords []keyword
}

// A keyword is a word of the request that stood for items, with its name for
// people.
type keyword struct {
	text string
	ref  hmis.Ref // of the object that has the name; zero if the name is given
	name string
}

// A parser reads dimensions and filters.
type parser struct {
	server  Server
	options options
	count   int // items so far
}

// sets are the objects that can be dimensions, with what their items are.
var sets = []struct{ kind, items hmis.Kind }{
	{hmis.KindCategory, hmis.KindCategoryOption},
	{hmis.KindCategoryOptionGroupSet, hmis.KindCategoryOptionGroup},
	{hmis.KindDataElementGroupSet, hmis.KindDataElementGroup},
	{hmis.KindOrgUnitGroupSet, hmis.KindOrgUnitGroup},
}

// dimension reads a dimension or filter such as "pe:2024Q1;2024Q2" (analytics
// specification, sections 3.2 to 3.5). Items that lead nowhere are left out; it
// is an error if none is left.
func (p *parser) dimension(param, text string) (dimension, error) {
	id, list, _ := strings.Cut(text, ":")
	items := distinct(splitItems(list))
	if p.count += len(items); p.count > maxItems {
		return dimension{}, wrong("", param, "%s: want at most %d items in all dimensions and filters", quote.Text(id), maxItems)
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
		d.items = hmis.KindCategoryOptionCombo
		err = p.members(&d, param, items)
	default:
		err = p.set(&d, param, items)
	}
	return d, err
}

// periods reads identifiers and keywords. Each counts once, however often it is
// named.
func (p *parser) periods(d *dimension, param string, items []string) error {
	seen := make(map[period.Period]bool)
	add := func(list ...period.Period) {
		for _, one := range list {
			if !seen[one] {
				seen[one] = true
				d.periods = append(d.periods, one)
			}
		}
	}
	calendar := p.options.clock.Calendar
	if calendar == nil {
		calendar = period.Gregorian
	}
	for _, item := range items {
		if relative, err := period.ParseRelative(item); err == nil {
			add(relative.On(p.options.clock)...)
			d.keywords = append(d.keywords, keyword{text: item, name: relative.Label()})
			continue
		}
		one, err := calendar.Parse(item)
		if err != nil {
			return wrong(codeBadPeriod, param, "pe: %s: want a period such as 202401 or a keyword such as LAST_12_MONTHS", quote.Text(item))
		}
		add(one)
	}
	return nil
}

// units reads org units and selectors of org units.
func (p *parser) units(d *dimension, param string, items []string) error {
	d.items = hmis.KindOrgUnit
	tree, catalog := p.server.Tree, p.server.Catalog
	ids := make([]string, 0, len(items))
	for _, item := range items {
		id, err := p.unitItem(param, item)
		if err != nil {
			return err
		}
		if word, ok := p.unitKeyword(id); ok {
			d.keywords = append(d.keywords, word...)
		}
		ids = append(ids, id)
	}
	selector, err := tree.ParseSelector(strings.Join(ids, ";"), catalog, p.options.user...)
	if err != nil {
		return wrong(codeNoUnit, param, "ou: %w", err)
	}
	if d.ids = tree.Select(selector); len(d.ids) == 0 {
		return wrong(codeNoUnit, param, "ou: want at least one known org unit, got %s", quote.Text(strings.Join(items, ";")))
	}
	return nil
}

// unitItem puts the id of an object in the place of its code or name, if it has
// that in the scheme of the request. Groups and data sets may also be named by
// id, which the specification of selectors knows alone (org units specification,
// section 5).
func (p *parser) unitItem(param, item string) (string, error) {
	if p.options.input == hmis.ByID || p.options.input == hmis.ByUID {
		return item, nil
	}
	for _, word := range []struct {
		prefix string
		kind   hmis.Kind
	}{{groupPrefix, hmis.KindOrgUnitGroup}, {setPrefix, hmis.KindDataSet}} {
		if name, ok := strings.CutPrefix(item, word.prefix); ok {
			id, err := p.lookup(param, word.kind, name)
			if issue, ok := errors.AsType[*hmis.Issue](err); ok {
				issue.Code = codeNoUnit
			}
			if id == "" || err != nil {
				return item, err
			}
			return word.prefix + string(id), nil
		}
	}
	if _, ok := p.unitKeyword(item); ok {
		return item, nil
	}
	id, err := p.lookup(param, hmis.KindOrgUnit, item)
	return string(id), err
}

// unitKeyword says how a selector is called that stands for several org units.
func (p *parser) unitKeyword(item string) ([]keyword, bool) {
	switch item {
	case "USER_ORGUNIT":
		return []keyword{{text: item, name: "User organisation unit"}}, true
	case "USER_ORGUNIT_CHILDREN":
		return []keyword{{text: item, name: "User organisation unit children"}}, true
	case "USER_ORGUNIT_GRANDCHILDREN":
		return []keyword{{text: item, name: "User organisation unit grandchildren"}}, true
	}
	if level, ok := strings.CutPrefix(item, "LEVEL-"); ok {
		for l := range hmis.All[hmis.OrgUnitLevel](p.server.Catalog) {
			if string(l.ID) == level || strconv.Itoa(l.Level) == level {
				return []keyword{{text: item, name: l.Name}}, true
			}
		}
		return []keyword{{text: item, name: "Level " + level}}, true
	}
	if group, ok := strings.CutPrefix(item, groupPrefix); ok {
		return []keyword{{text: group, ref: hmis.Ref{Kind: hmis.KindOrgUnitGroup, ID: hmis.UID(group)}}}, true
	}
	if set, ok := strings.CutPrefix(item, setPrefix); ok {
		return []keyword{{text: set, ref: hmis.Ref{Kind: hmis.KindDataSet, ID: hmis.UID(set)}}}, true
	}
	return nil, strings.HasPrefix(item, "PR-")
}

// set reads a dimension that is a category or a group set.
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
			return wrong(codeUnknown, param, "%s is not a data dimension", quote.Text(d.id))
		}
		d.id, d.kind, d.items = string(id), set.kind, set.items
		if len(items) == 0 || slices.Contains(items, allItems) {
			d.ids = members
			return nil
		}
		return p.members(d, param, items)
	}
	return wrong(codeUnknown, param, "%s: want dx, pe, ou, co, ao or the id of a category or group set", quote.Text(d.id))
}

// membersOf returns all items of a category or group set. It is false if that
// may not be a dimension.
func (p *parser) membersOf(kind hmis.Kind, id hmis.UID) ([]hmis.UID, bool) {
	if kind == hmis.KindCategory {
		c, _ := hmis.Find[hmis.Category](p.server.Catalog, id)
		return c.Options, !c.NoDimension
	}
	s, _ := hmis.Find[hmis.GroupSet](p.server.Catalog, id)
	return s.Groups, !s.NoDimension
}

// members reads the items of a dimension that are objects of one kind.
func (p *parser) members(d *dimension, param string, items []string) error {
	for _, item := range items {
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
		return wrong(codeNoItems, param, "%s: want at least one known item, got %s", d.id, quote.Text(strings.Join(items, ";")))
	}
	return nil
}

// lookup finds an object in the scheme of the request. It is "" if there is
// none; the error says that there are several.
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
		return "", wrong(code, param, "%w", errors.Unwrap(err))
	}
	if err != nil {
		return "", nil
	}
	return id, nil
}
