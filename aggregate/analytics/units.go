package analytics

import (
	"cmp"
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/orgunit"
)

// units parses org units and selectors of org units. If there are levels or
// groups, they select units, and all other items only restrict the area.
func (p *parser) units(d *dimension, param string, items []string) error {
	d.items = hmis.KindOrgUnit
	var all orgunit.Selector
	var words []keyword
	for i, item := range items {
		if i%few == 0 && p.ctx.Err() != nil {
			return p.ctx.Err()
		}
		id, err := p.unitItem(param, item)
		if err != nil {
			return err
		}
		one, err := p.server.Tree.ParseSelector(id, p.server.Catalog, p.options.user...)
		if err != nil {
			return because(wrong(codeNoUnit, param), err)
		}
		if one.Units, err = p.visible(param, item, hmis.UID(id), one.Units); err != nil {
			return err
		}
		if strings.HasPrefix(id, userPrefix) {
			p.sortByName(one.Units)
		}
		all.Units = append(all.Units, one.Units...)
		all.Levels = append(all.Levels, one.Levels...)
		all.Groups = append(all.Groups, one.Groups...)
		if word, ok := p.unitKeyword(id, one); ok {
			words = append(words, word)
		}
	}
	d.ids = p.choose(all)
	if len(d.ids) == 0 {
		return because(wrong(codeNoUnit, param), gotItems(items))
	}
	d.keywords = words
	if len(all.Levels)+len(all.Groups) > 0 && slices.ContainsFunc(words, func(k keyword) bool { return k.item.UID != "" }) {
		for _, id := range all.Units {
			d.keywords = append(d.keywords, keyword{string(id), p.brief(hmis.KindOrgUnit, id)})
		}
	}
	return nil
}

// visible returns those ids that the restriction of the server allows. named is
// the unit that an item names, if there is one. If named may not be seen, the
// error contains the text of the item and not the id, which a client must not
// learn.
func (p *parser) visible(param, item string, named hmis.UID, ids []hmis.UID) ([]hmis.UID, error) {
	if p.server.Within == nil {
		return ids, nil
	}
	var kept []hmis.UID
	for _, id := range ids {
		switch {
		case p.server.mayShow(id):
			kept = append(kept, id)
		case id == named:
			within := make([]string, len(p.server.Within))
			for i, id := range p.server.Within {
				within[i] = string(id)
			}
			return nil, wrong(codeForbidden, param, strings.Join(within, ", "), item)
		}
	}
	return kept, nil
}

// mayShow reports whether the restriction allows an org unit to be shown.
func (s Server) mayShow(id hmis.UID) bool {
	return s.Within == nil || slices.ContainsFunc(s.Within, func(in hmis.UID) bool { return s.Tree.Contains(in, id) })
}

// choose returns the units that a selector selects: first those of its levels,
// by name, then those of its groups.
func (p *parser) choose(all orgunit.Selector) []hmis.UID {
	tree := p.server.Tree
	if len(all.Levels)+len(all.Groups) == 0 {
		return tree.Select(all)
	}
	var ids []hmis.UID
	for _, part := range []orgunit.Selector{{Units: all.Units, Levels: all.Levels}, {Units: all.Units, Groups: all.Groups}} {
		if len(part.Levels)+len(part.Groups) > 0 {
			chosen := slices.DeleteFunc(tree.Select(part), func(id hmis.UID) bool { return !p.server.mayShow(id) })
			p.sortByName(chosen)
			ids = append(ids, chosen...)
		}
	}
	return distinct(ids)
}

// sortByName sorts units by name, ignoring letter case.
func (p *parser) sortByName(ids []hmis.UID) {
	type named struct {
		name string
		id   hmis.UID
	}
	list := make([]named, len(ids))
	for i, id := range ids {
		list[i] = named{strings.ToLower(p.server.Catalog.Name(hmis.Ref{Kind: hmis.KindOrgUnit, ID: id})), id}
	}
	slices.SortStableFunc(list, func(a, b named) int { return cmp.Compare(a.name, b.name) })
	for i, one := range list {
		ids[i] = one.id
	}
}

// unitItem returns an item with the id of its object in place of a code or
// name. Selectors of [orgunit.Tree] only know ids. Groups and data sets can be
// given by id in any scheme.
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
	for _, prefix := range []string{userPrefix, levelPrefix, programPrefix} {
		if strings.HasPrefix(item, prefix) {
			return item, nil
		}
	}
	id, err := p.lookup(param, hmis.KindOrgUnit, item)
	return string(id), err
}

// unitKeyword returns the entry for a selector in the metadata. ok is false if
// a selector has no entry.
func (p *parser) unitKeyword(item string, selected orgunit.Selector) (word keyword, ok bool) {
	if strings.HasPrefix(item, userPrefix) {
		ids := make([]string, len(selected.Units))
		for i, id := range selected.Units {
			ids[i] = string(id)
		}
		return keyword{item, MetaItem{OrgUnits: ids}}, true
	}
	if level, ok := strings.CutPrefix(item, levelPrefix); ok {
		for l := range hmis.All[hmis.OrgUnitLevel](p.server.Catalog) {
			if string(l.ID) == level || strconv.Itoa(l.Level) == level {
				return keyword{string(l.ID), MetaItem{UID: string(l.ID), Name: l.Name}}, true
			}
		}
	}
	for _, group := range selected.Groups {
		return keyword{string(group), p.brief(hmis.KindOrgUnitGroup, group)}, true
	}
	return keyword{}, false
}

// brief returns the id, code and name of an object that is not an item of the
// request.
func (p *parser) brief(kind hmis.Kind, id hmis.UID) MetaItem {
	ref := hmis.Ref{Kind: kind, ID: id}
	item := MetaItem{UID: string(id), Name: namer{p.server.Catalog, p.options.shortNames}.object(kind, id)}
	item.Code, _ = p.server.Catalog.Text(ref, hmis.ByCode) // the code is "" if there is none
	return item
}
