package hmis

import "slices"

// indexCombos finds the default combos and indexes three things: category
// combos that data sets override, data sets by element, and option combos by
// category combo.
func (c *Catalog) indexCombos() {
	c.defaultCombo, c.defaultOptionCombo = c.findDefaults()

	c.combosInSets, c.setsOf = map[setElement]UID{}, map[UID][]UID{}
	for set := range All[DataSet](c) {
		for _, e := range set.Elements {
			if e.CategoryCombo != "" {
				c.combosInSets[setElement{set.ID, e.DataElement}] = e.CategoryCombo
			}
			if sets := c.setsOf[e.DataElement]; len(sets) == 0 || sets[len(sets)-1] != set.ID {
				c.setsOf[e.DataElement] = append(sets, set.ID)
			}
		}
	}
	c.combosOf = map[UID][]UID{}
	for o := range All[OptionCombo](c) {
		c.combosOf[c.comboOr(o.CategoryCombo)] = append(c.combosOf[c.comboOr(o.CategoryCombo)], o.ID)
	}
	if len(c.combosOf[c.defaultCombo]) == 0 {
		c.combosOf[c.defaultCombo] = []UID{c.defaultOptionCombo}
	}
}

// findDefaults finds the default objects by their name. If there are none, it
// uses the ids of most servers, since exports may leave the default objects out
// (RULES.md#default-combos).
func (c *Catalog) findDefaults() (combo, optionCombo UID) {
	for one := range All[CategoryCombo](c) {
		if one.Name == defaultName {
			combo = one.ID
			break
		}
	}
	for o := range All[OptionCombo](c) {
		if o.Name != defaultName && (combo == "" || o.CategoryCombo != combo) {
			continue
		}
		// An option combo named default in another category combo is a mistake
		// and does not count.
		if combo != "" && o.CategoryCombo != "" && o.CategoryCombo != combo {
			continue
		}
		optionCombo = o.ID
		if combo == "" {
			combo = o.CategoryCombo
		}
		break
	}
	if combo == "" {
		combo = wellKnownCombo
	}
	if optionCombo == "" {
		optionCombo = wellKnownOptionCombo
	}
	return combo, optionCombo
}

func (c *Catalog) comboOr(combo UID) UID {
	if combo == "" {
		return c.defaultCombo
	}
	return combo
}

// DefaultOptionCombo returns the option combo that means no disaggregation: the
// one named "default". A reference that is "" means the same. If the metadata
// has no such option combo, it is HllvX50cXC0, as on most servers
// (RULES.md#default-combos).
func (c *Catalog) DefaultOptionCombo() UID { return c.defaultOptionCombo }

// CategoryCombo returns the category combo of a data element in a data set:
// that of the data set's element, else that of the data element, else the
// default. dataSet may be "". CategoryCombo("", "") is the default category
// combo (RULES.md#default-combos).
func (c *Catalog) CategoryCombo(element, dataSet UID) UID {
	if dataSet != "" {
		if combo, ok := c.combosInSets[setElement{dataSet, element}]; ok {
			return combo
		}
	}
	if e, ok := Find[DataElement](c, element); ok {
		return c.comboOr(e.CategoryCombo)
	}
	return c.defaultCombo
}

// DataSets returns the data sets that an element belongs to, in the order of
// the metadata. The list is shared and must not be changed.
func (c *Catalog) DataSets(element UID) []UID { return c.setsOf[element] }

// OptionCombos returns the option combos of a category combo in the order of
// the metadata. "" means the default combo, whose option combo is always there.
// The list is shared and must not be changed.
func (c *Catalog) OptionCombos(combo UID) []UID { return c.combosOf[c.comboOr(combo)] }

// OptionCombo finds the option combo of a category combo that has exactly these
// options, in any order. Of several with the same options, which is an error in
// the metadata, it is the first. It allocates nothing for usual combos.
func (c *Catalog) OptionCombo(combo UID, options ...UID) (UID, bool) {
	var buf [128]byte
	id, ok := c.bySet()[string(comboKey(buf[:0], c.comboOr(combo), options))]
	return id, ok
}

func (c *Catalog) indexBySet() map[string]UID {
	m := make(map[string]UID, len(nounsOf[OptionCombo](c).list))
	var buf []byte
	for o := range All[OptionCombo](c) {
		buf = comboKey(buf[:0], c.comboOr(o.CategoryCombo), o.Options)
		if _, repeats := m[string(buf)]; !repeats {
			m[string(buf)] = o.ID
		}
	}
	return m
}

// comboKey appends the key of an option combo to b: its category combo and its
// options, sorted (RULES.md#option-combos).
func comboKey(b []byte, combo UID, options []UID) []byte {
	var room [8]UID
	sorted := append(room[:0], options...)
	slices.Sort(sorted)
	sorted = slices.Compact(sorted)
	b = append(b, combo...)
	for _, o := range sorted {
		b = append(append(b, 0), o...)
	}
	return b
}

// Option returns the option that an option combo has in a category. ok is false
// if it has none. If it has several, which is an error in the metadata, the
// first in the category's order is returned.
func (c *Catalog) Option(optionCombo, category UID) (option UID, ok bool) {
	combo, ok := Find[OptionCombo](c, optionCombo)
	of, known := Find[Category](c, category)
	if !ok || !known {
		return "", false
	}
	options := combo.Options
	has := func(o UID) bool { return slices.Contains(options, o) }
	if len(options) > 32 {
		set := setOf(options)
		has = func(o UID) bool { return set[o] }
	}
	for _, o := range of.Options {
		if has(o) {
			return o, true
		}
	}
	return "", false
}
