package dhis2

import (
	"cmp"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/hmis/dhis2/internal/jsontext"
)

// A link is a membership as stated by the member, such as the list of groups in
// a data element. The group states it too, in its list of elements.
type link struct {
	from   hmis.Ref
	field  string
	kind   hmis.Kind // the kind of object that it refers to
	to     []hmis.UID
	combos []hmis.UID // the combo of the element in each data set of a list
	offset int64
}

// inverse reads the side of a membership that does not own it, such as the
// groups in a data element. That side is not written.
func inverse(name string, k hmis.Kind) field {
	return readOnly(name, func(d *packageReader, raw []byte) error {
		var ids []hmis.UID
		if err := d.refs(raw, k, &ids); err != nil {
			return err
		}
		if len(ids) > 0 {
			d.links = append(d.links, link{from: d.object, field: name, kind: k, to: ids, offset: d.offset})
		}
		return nil
	})
}

// inverseElements reads the data sets of a data element.
func (d *packageReader) inverseElements(raw []byte) error {
	n := count(raw)
	l := link{
		from: d.object, field: "dataSetElements", kind: hmis.KindDataSet, offset: d.offset,
		to: make([]hmis.UID, n), combos: make([]hmis.UID, n),
	}
	k := 0
	err := d.entries(raw, func(m jsontext.Member) error {
		l.to[k], l.combos[k] = "", ""
		err := jsontext.Members(m.Raw, func(m jsontext.Member) error {
			switch m.Name {
			case "dataSet":
				return d.ref(m.Raw, hmis.KindDataSet, &l.to[k])
			case "categoryCombo":
				return d.ref(m.Raw, hmis.KindCategoryCombo, &l.combos[k])
			}
			return nil
		})
		if err == nil {
			k++
		}
		return err
	})
	if l.to, l.combos = l.to[:k], l.combos[:k]; k > 0 {
		d.links = append(d.links, l)
	}
	return err
}

// unite completes memberships. If both sides state different ones, all of them
// count.
func (d *packageReader) unite() {
	if len(d.links) == 0 {
		return
	}
	u := uniter{d: d, targets: map[hmis.Ref]any{}, sets: map[*[]hmis.UID]map[hmis.UID]bool{}, forms: map[*hmis.DataSet]map[hmis.UID]int{}}
	for _, o := range objectKinds {
		o.targets(d, u.targets)
	}
	for _, g := range d.groups {
		u.targets[hmis.Ref{Kind: g.Kind, ID: g.ID}] = g
	}
	for _, g := range d.groupSets {
		u.targets[hmis.Ref{Kind: g.Kind, ID: g.ID}] = g
	}
	for _, l := range d.links {
		u.link(l)
	}
}

type uniter struct {
	d       *packageReader
	targets map[hmis.Ref]any
	sets    map[*[]hmis.UID]map[hmis.UID]bool
	forms   map[*hmis.DataSet]map[hmis.UID]int // the index of each element in a form
}

func (u *uniter) link(l link) {
	u.d.offset = l.offset
	var missing []int // indexes in l.to
	for i, id := range l.to {
		switch t := u.targets[hmis.Ref{Kind: l.kind, ID: id}].(type) {
		case nil:
			missing = append(missing, i)
		case *hmis.Group:
			u.add(&t.Members, l, id)
		case *hmis.GroupSet:
			u.add(&t.Groups, l, id)
		case *hmis.Category:
			u.add(&t.Options, l, id)
		case *hmis.CategoryCombo:
			u.add(&t.Categories, l, id)
		case *hmis.OptionCombo:
			if l.from.Kind == hmis.KindCategoryCombo {
				u.own(&t.CategoryCombo, l, id)
			} else {
				u.add(&t.Options, l, id)
			}
		case *hmis.DataSet:
			switch l.from.Kind {
			case hmis.KindOrgUnit:
				u.add(&t.OrgUnits, l, id)
			case hmis.KindIndicator:
				u.add(&t.Indicators, l, id)
			default:
				e := hmis.DataSetElement{DataElement: l.from.ID}
				if l.combos != nil {
					e.CategoryCombo = l.combos[i]
				}
				u.addElement(t, e)
			}
		case *hmis.OrgUnit:
			u.own(&t.Parent, l, id)
		}
	}
	if len(missing) > 0 {
		// The other side is not in the file, so the statement of this side is
		// kept.
		u.d.object = l.from
		u.d.property(l.field, appendList(nil, missing, l.appendEntry))
	}
}

// appendEntry appends one entry of the list, as the member has it.
func (l link) appendEntry(b []byte, i int) []byte {
	if l.combos == nil {
		return appendRef(b, l.to[i])
	}
	return appendSetElement(b, l.to[i], hmis.DataSetElement{DataElement: l.from.ID, CategoryCombo: l.combos[i]})
}

func (u *uniter) add(list *[]hmis.UID, l link, target hmis.UID) {
	set := u.sets[list]
	if set == nil {
		set = make(map[hmis.UID]bool, len(*list))
		for _, id := range *list {
			set[id] = true
		}
		u.sets[list] = set
	}
	if set[l.from.ID] {
		return
	}
	if len(*list) > 0 {
		u.d.warn(hmis.Warning, "membership_one_sided", l.from, l.field, "%s %s does not list it; both are taken", l.kind, target)
	}
	set[l.from.ID] = true
	*list = append(*list, l.from.ID)
}

// addElement adds an element that is not in a form, or the combo that it lacks
// there.
func (u *uniter) addElement(s *hmis.DataSet, e hmis.DataSetElement) {
	at := u.forms[s]
	if at == nil {
		at = placesOf(s.Elements)
		u.forms[s] = at
	}
	s.Elements = addElement(s.Elements, at, e)
}

// own sets *to, a reference to an owner that only the other side states.
func (u *uniter) own(to *hmis.UID, l link, target hmis.UID) {
	if *to == "" {
		*to = l.from.ID
	} else if *to != l.from.ID {
		u.d.warn(hmis.Warning, "membership_one_sided", l.from, l.field, "%s %s belongs to %s", l.kind, target, *to)
	}
}

// finish connects the objects that have been read.
func (d *packageReader) finish() error {
	if err := d.resolveCodes(); err != nil {
		return err
	}
	for _, f := range d.after {
		f()
	}
	d.unite()
	d.placeOptions()
	d.placeSections()
	d.forget()
	for _, u := range *read[hmis.OrgUnit](d, hmis.KindOrgUnit) {
		if u.Parent == "" && u.Path != "" {
			above := strings.TrimSuffix(strings.TrimSuffix(u.Path, string(u.ID)), "/")
			u.Parent = hmis.UID(above[strings.LastIndexByte(above, '/')+1:])
		}
		d.checkLevel(u)
	}
	return nil
}

// A statedLevel is the level of an org unit that the file states.
type statedLevel struct {
	level  int
	offset int64 // the place of the unit in the file
}

// unitLevel reads the level of an org unit. It follows from the path, so it is
// only compared.
func unitLevel(name string, u *hmis.OrgUnit) field {
	return readOnly(name, func(d *packageReader, raw []byte) error {
		level, err := wholeNumber(raw)
		if err != nil {
			return errKeep{err}
		}
		if level != 0 {
			d.unitLevels[u] = statedLevel{level, d.offset}
		}
		return nil
	})
}

// checkLevel warns about a level that does not agree with the path
// (RULES.md#org-units-in-files).
func (d *packageReader) checkLevel(u *hmis.OrgUnit) {
	stated, ok := d.unitLevels[u]
	if n := strings.Count(u.Path, "/"); ok && n > 0 && n != stated.level {
		d.offset = stated.offset
		d.warn(hmis.Severe, "orgunits_level_mismatch", hmis.Ref{Kind: hmis.KindOrgUnit, ID: u.ID}, "level", "%d: the path has %d ids", stated.level, n)
	}
}

// resolveCodes replaces codes in references by ids.
func (d *packageReader) resolveCodes() error {
	if len(d.byCode) == 0 {
		return nil
	}
	// The catalog is only needed for codes, so ids may still repeat.
	merged, _ := hmis.Merge(d.flatten())
	catalog, err := hmis.NewCatalog(merged)
	if err != nil {
		return err
	}
	for _, r := range d.byCode {
		id, err := catalog.Lookup(r.kind, hmis.ByCode, r.code)
		if err != nil {
			placed := &ReadError{Offset: r.offset, Row: -1, Field: r.object.String(), Err: fmt.Errorf("reference by code: %w", err)}
			if err := d.refuse(r.object, placed); err != nil {
				return err
			}
			id = hmis.UID(r.code)
		}
		*r.to = id
	}
	return nil
}

// optionRefs reads the options of an option set, which are references or whole
// options.
func (d *packageReader) optionRefs(raw []byte, set hmis.UID) error {
	return d.entries(raw, func(m jsontext.Member) error {
		var o hmis.Option
		err := jsontext.Members(m.Raw, func(m jsontext.Member) error {
			var to *string
			switch m.Name {
			case "id":
				to = (*string)(&o.ID)
			case "code":
				to = &o.Code
			case "name":
				to = &o.Name
			default:
				return nil
			}
			s, err := jsontext.Scalar(m.Raw)
			*to = string(s)
			return err
		})
		if err == nil && o == (hmis.Option{}) {
			err = want(m.Raw, "an option with an id or a code")
		}
		if err == nil {
			d.optionLists[set] = append(d.optionLists[set], o)
		}
		return err
	})
}

// placeOptions puts options into their sets, first in the order of the set's
// own list, and then by sort order.
func (d *packageReader) placeOptions() {
	choices, optionSets := read[optionRead](d, hmis.KindOption), read[hmis.OptionSet](d, hmis.KindOptionSet)
	sets := map[hmis.UID]*hmis.OptionSet{}
	for _, s := range *optionSets {
		sets[s.ID] = s
	}
	byID := map[hmis.UID]*optionRead{}
	for _, o := range *choices {
		if first := byID[o.ID]; first != nil {
			d.repeated(hmis.KindOption, o.ID, *first == *o)
			continue
		}
		byID[o.ID] = o
	}
	placed := map[hmis.UID]bool{}
	for _, s := range *optionSets {
		s.Options = nil
		for _, o := range d.optionLists[s.ID] {
			if whole := byID[o.ID]; whole != nil && o.ID != "" {
				o = whole.Option
			}
			if o.ID == "" || !placed[o.ID] {
				s.Options = append(s.Options, o)
			}
			placed[o.ID] = true
		}
	}
	rest := slices.Clone(*choices)
	slices.SortStableFunc(rest, func(a, b *optionRead) int { return cmp.Compare(a.order, b.order) })
	for _, o := range rest {
		if placed[o.ID] {
			continue
		}
		placed[o.ID] = true
		if o.set == "" {
			d.leaveOut(hmis.Ref{Kind: hmis.KindOption, ID: o.ID}, "option_without_set", "optionSet")
			continue
		}
		s := sets[o.set]
		if s == nil {
			s = &hmis.OptionSet{ID: o.set}
			sets[o.set] = s
			*optionSets = append(*optionSets, s)
		}
		s.Options = append(s.Options, o.Option)
	}
}

// placeSections puts sections into their data sets, in the order of the data
// set's own list, and then by sort order.
func (d *packageReader) placeSections() {
	all, dataSets := read[sectionRead](d, hmis.KindSection), read[hmis.DataSet](d, hmis.KindDataSet)
	sets := map[hmis.UID]*hmis.DataSet{}
	for _, s := range *dataSets {
		sets[s.ID] = s
	}
	byID := map[hmis.UID]*sectionRead{}
	for _, s := range *all {
		if first := byID[s.ID]; first != nil {
			d.repeated(hmis.KindSection, s.ID, reflect.DeepEqual(first, s))
			continue
		}
		byID[s.ID] = s
	}
	placed := map[hmis.UID]bool{}
	for _, set := range *dataSets {
		set.Sections = nil
		for _, id := range d.sectionLists[set.ID] {
			if placed[id] {
				continue
			}
			placed[id] = true
			s := hmis.Section{ID: id}
			if whole := byID[id]; whole != nil {
				s = whole.Section
			}
			set.Sections = append(set.Sections, s)
		}
	}
	rest := slices.Clone(*all)
	slices.SortStableFunc(rest, func(a, b *sectionRead) int { return cmp.Compare(a.order, b.order) })
	for _, s := range rest {
		if placed[s.ID] {
			continue
		}
		placed[s.ID] = true
		if s.set == "" {
			d.leaveOut(hmis.Ref{Kind: hmis.KindSection, ID: s.ID}, "section_without_set", "dataSet")
			continue
		}
		set := sets[s.set]
		if set == nil {
			set = &hmis.DataSet{ID: s.set}
			sets[s.set] = set
			*dataSets = append(*dataSets, set)
		}
		set.Sections = append(set.Sections, s.Section)
	}
}

// leaveOut drops an object that belongs nowhere.
func (d *packageReader) leaveOut(r hmis.Ref, code, field string) {
	d.warn(hmis.Warning, code, r, field, "none; the %s is left out", r.Kind)
	d.leftOut[r] = true
}

// forget drops side entries about objects that were left out, such as their
// translations.
func (d *packageReader) forget() {
	if len(d.leftOut) == 0 {
		return
	}
	d.values = slices.DeleteFunc(d.values, func(v *hmis.AttributeValue) bool { return d.leftOut[v.Object] })
	d.translations = slices.DeleteFunc(d.translations, func(t hmis.Translation) bool { return d.leftOut[t.Object] })
	d.properties = slices.DeleteFunc(d.properties, func(p hmis.Property) bool { return d.leftOut[p.Object] })
}

// repeated reports a part of an object that repeats with other content. The
// first one is kept.
func (d *packageReader) repeated(k hmis.Kind, id hmis.UID, alike bool) {
	if !alike {
		d.conflicts = append(d.conflicts, &hmis.Issue{
			Code: "merge_conflict", Severity: hmis.Warning, Object: hmis.Ref{Kind: k, ID: id}, Offset: -1,
			Err: errors.New("it is there twice, with other content; the first is kept"),
		})
	}
}

// flatten returns the objects as plain lists.
func (d *packageReader) flatten() hmis.Metadata {
	md := hmis.Metadata{
		Groups: flat(d.groups), GroupSets: flat(d.groupSets),
		AttributeValues: flat(d.values), Translations: d.translations, Properties: d.properties,
	}
	for _, o := range objectKinds {
		o.flatten(d, &md)
	}
	return md
}

func flat[T any](list []*T) []T {
	if len(list) == 0 {
		return nil
	}
	out := make([]T, len(list))
	for i, v := range list {
		out[i] = *v
	}
	return out
}

// metadata returns the metadata that has been read. Objects that repeat are
// one.
func (d *packageReader) metadata() (hmis.Metadata, error) {
	md := d.flatten()
	if !d.repeats {
		return md, nil
	}
	md, conflicts := hmis.Merge(md)
	conflicts = append(d.conflicts, conflicts...)
	if d.reject == nil {
		return md, conflicts.Err()
	}
	for _, issue := range conflicts {
		d.reject(issue.Object, issue)
	}
	return md, nil
}
