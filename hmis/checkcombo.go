package hmis

import (
	"regexp"
	"slices"
	"strings"
)

// expected reports forms for which no report is expected, so that they have no
// reporting rate. In such a form, no org unit has all options of any attribute
// option combo.
func (k *checker) expected(r Ref, s DataSet) {
	combos := k.c.OptionCombos(s.CategoryCombo)
	if len(s.OrgUnits) == 0 || len(combos) == 0 || k.c.comboOr(s.CategoryCombo) == k.c.defaultCombo {
		return
	}
	ofForm := make(map[UID]bool, len(s.OrgUnits))
	for _, unit := range s.OrgUnits {
		ofForm[unit] = true
	}
	has := map[UID]map[UID]bool{} // the units of the form that have each option
	units := func(option UID) map[UID]bool {
		list, ok := has[option]
		if !ok {
			list = map[UID]bool{}
			o, _ := Find[CategoryOption](k.c, option)
			for _, unit := range o.OrgUnits {
				if ofForm[unit] {
					list[unit] = true
				}
			}
			has[option] = list
		}
		return list
	}
	for _, id := range combos {
		combo, _ := Find[OptionCombo](k.c, id)
		if len(combo.Options) == 0 {
			continue
		}
		fewest := slices.MinFunc(combo.Options, func(a, b UID) int { return len(units(a)) - len(units(b)) })
		for unit := range units(fewest) {
			if !slices.ContainsFunc(combo.Options, func(option UID) bool { return !units(option)[unit] }) {
				return
			}
		}
	}
	k.add(Warning, "data_set_expects_no_report", r, "categoryCombo",
		"no org unit of the data set has all category options of any option combo of %s", s.CategoryCombo)
}

// categories checks categories and category combos.
func (k *checker) categories() {
	for c := range All[Category](k.c) {
		r := Ref{KindCategory, c.ID}
		k.refs(r, "categoryOptions", KindCategoryOption, c.Options...)
		if len(c.Options) == 0 {
			k.add(Warning, "categories_no_options", r, "categoryOptions", "none")
		}
		for _, id := range repeated(c.Options) {
			k.add(Warning, "members_repeated", r, "categoryOptions", "%s is there more than once", id)
		}
	}
	for o := range All[CategoryOption](k.c) {
		r := Ref{KindCategoryOption, o.ID}
		k.refs(r, "organisationUnits", KindOrgUnit, o.OrgUnits...)
		if o.First != 0 && o.Last != 0 && o.First > o.Last {
			k.add(Severe, "category_option_dates", r, "endDate", "%s comes before the start date %s", o.Last, o.First)
		}
	}
	sameCategories := map[string]UID{}
	for c := range All[CategoryCombo](k.c) {
		r := Ref{KindCategoryCombo, c.ID}
		k.refs(r, "categories", KindCategory, c.Categories...)
		if len(c.Categories) > 0 {
			key := string(comboKey(nil, "", c.Categories))
			if first, ok := sameCategories[key]; ok {
				k.add(Severe, "categories_unique_category_combo", r, "categories", "%s has the same categories", first)
				k.also(Ref{KindCategoryCombo, first})
			} else {
				sameCategories[key] = c.ID
			}
		}
		owner := map[UID]UID{}
		for _, id := range c.Categories {
			category, _ := Find[Category](k.c, id)
			if c.Attribute != category.Attribute && category.ID != "" && c.ID != k.c.defaultCombo {
				k.add(Warning, "category_combo_types", r, "categories", "%s is not of the same data dimension type", id)
			}
			for _, option := range category.Options {
				if first, ok := owner[option]; ok && first != id {
					k.add(Severe, "category_options_shared_within_category_combo", r, "categories", "%s and %s share the option %s", first, id, option)
				}
				owner[option] = id
			}
		}
	}
}

// defaults reports category combos named default after the first. Only the
// first means no disaggregation, so values of the others lose theirs.
func (k *checker) defaults() {
	oneDefault[Category](k, "categories_one_default_category")
	oneDefault[CategoryOption](k, "categories_one_default_category_option")
	oneDefault[CategoryCombo](k, "categories_one_default_category_combo")
	oneDefault[OptionCombo](k, "categories_one_default_category_option_combo")
}

func oneDefault[T Noun](k *checker, code string) {
	var first UID
	for o := range All[T](k.c) {
		switch h := o.head(); {
		case h.name != defaultName:
		case first == "":
			first = h.id
		default:
			k.add(Severe, code, Ref{h.kind, h.id}, "name", "%s is called default too", first)
			k.also(Ref{h.kind, first})
		}
	}
}

// optionCombos compares option combos with their category combos
// (RULES.md#option-combos).
func (k *checker) optionCombos() {
	sameOptions := map[string]UID{}
	for o := range All[OptionCombo](k.c) {
		r := Ref{KindOptionCombo, o.ID}
		k.refs(r, "categoryOptions", KindCategoryOption, o.Options...)
		if o.CategoryCombo == "" {
			if o.ID != k.c.defaultOptionCombo {
				k.add(Warning, "catoptioncombos_no_catcombo", r, "categoryCombo", "none")
			}
			continue
		}
		k.ref(r, "categoryCombo", KindCategoryCombo, o.CategoryCombo)
		key := string(comboKey(nil, o.CategoryCombo, o.Options))
		if first, ok := sameOptions[key]; ok {
			k.add(Warning, "category_option_combos_have_duplicates", r, "categoryOptions", "%s has the same options", first)
			k.also(Ref{KindOptionCombo, first})
		} else {
			sameOptions[key] = o.ID
		}
		if combo, ok := Find[CategoryCombo](k.c, o.CategoryCombo); ok {
			k.matches(r, o, combo)
		}
	}
}

// matches checks that o has one option of each category of its combo. If a
// category is missing from the metadata, matches checks nothing.
func (k *checker) matches(r Ref, o OptionCombo, combo CategoryCombo) {
	if n := distinct(o.Options); n != len(combo.Categories) && n > 0 {
		k.add(Severe, "cocs_wrong_cardinality", r, "categoryOptions", "%d options for %d categories of %s", n, len(combo.Categories), combo.ID)
	}
	if !k.complete(combo) {
		return
	}
	for _, option := range o.Options {
		if !k.inCombo(combo, option) {
			k.add(Severe, "category_option_combos_disjoint", r, "categoryOptions", "%s is in no category of %s", option, combo.ID)
		}
	}
}

func distinct(ids []UID) int {
	ids = slices.Clone(ids)
	slices.Sort(ids)
	return len(slices.Compact(ids))
}

// complete reports whether all categories of a combo are in the metadata.
func (k *checker) complete(combo CategoryCombo) bool {
	whole, judged := k.completeCombos[combo.ID]
	if !judged {
		whole = !slices.ContainsFunc(combo.Categories, func(id UID) bool {
			return !k.c.Has(Ref{KindCategory, id})
		})
		k.completeCombos[combo.ID] = whole
	}
	return whole
}

// An optionInCombo asks whether an option is in a combo. Many option combos ask
// the same.
type optionInCombo struct{ combo, option UID }

// inCombo reports whether an option is in some category of a combo. It
// remembers the answer and searches the shorter of two lists: the option's
// categories or the combo's. Either may be as long as the metadata.
func (k *checker) inCombo(combo CategoryCombo, option UID) bool {
	key := optionInCombo{combo.ID, option}
	is, judged := k.optionsInCombos[key]
	if judged {
		return is
	}
	if k.categoriesOf == nil {
		k.indexCategories()
	}
	if list := k.categoriesOf[option]; len(list) < len(combo.Categories) {
		of, made := k.categorySets[combo.ID]
		if !made {
			of = setOf(combo.Categories)
			k.categorySets[combo.ID] = of
		}
		is = slices.ContainsFunc(list, func(id UID) bool { return of[id] })
	} else {
		of, made := k.optionSets[option]
		if !made {
			of = setOf(list)
			k.optionSets[option] = of
		}
		is = slices.ContainsFunc(combo.Categories, func(id UID) bool { return of[id] })
	}
	k.optionsInCombos[key] = is
	return is
}

// indexCategories maps each option to its categories.
func (k *checker) indexCategories() {
	k.categoriesOf = map[UID][]UID{}
	for c := range All[Category](k.c) {
		for _, option := range c.Options {
			k.categoriesOf[option] = append(k.categoriesOf[option], c.ID)
		}
	}
}

func setOf(ids []UID) map[UID]bool {
	set := make(map[UID]bool, len(ids))
	for _, id := range ids {
		set[id] = true
	}
	return set
}

// needs matches the indicators in an expression, such as N{Uvn6LCg7dVU}.
var needs = regexp.MustCompile(`N\{([A-Za-z][A-Za-z0-9]{10})\}`)

// indicators checks indicators, also that no indicator needs itself.
func (k *checker) indicators() {
	below := map[UID][]UID{}
	for i := range All[Indicator](k.c) {
		r := Ref{KindIndicator, i.ID}
		for _, part := range [...]struct{ field, text string }{{"numerator", i.Numerator}, {"denominator", i.Denominator}} {
			if strings.TrimSpace(part.text) == "" {
				k.add(Warning, "indicators_with_invalid_"+part.field, r, part.field, "no expression")
			}
			for _, m := range needs.FindAllStringSubmatch(part.text, -1) {
				below[i.ID] = append(below[i.ID], UID(m[1]))
			}
		}
		if i.Type == "" {
			k.add(Warning, "indicator_type_missing", r, "indicatorType", "none; its factor is taken as 1")
		}
		k.ref(r, "indicatorType", KindIndicatorType, i.Type)
		k.refs(r, "legendSets", KindLegendSet, i.LegendSets...)
		if i.Decimals != nil && (*i.Decimals < 0 || *i.Decimals > 5) {
			k.add(Warning, "indicator_decimals", r, "decimals", "%d: want 0 to 5", *i.Decimals)
		}
	}
	k.cycles(below)
}

// cycles reports each indicator that needs itself, directly or through others.
// It uses its own stack, since a chain can be as long as the metadata.
func (k *checker) cycles(below map[UID][]UID) {
	const open, done = 1, 2
	state := map[UID]int{}
	type step struct {
		id   UID
		next int
	}
	for i := range All[Indicator](k.c) {
		if state[i.ID] != 0 {
			continue
		}
		state[i.ID] = open
		stack := []step{{id: i.ID}}
		for len(stack) > 0 {
			top := &stack[len(stack)-1]
			if top.next == len(below[top.id]) {
				state[top.id] = done
				stack = stack[:len(stack)-1]
				continue
			}
			next := below[top.id][top.next]
			top.next++
			switch state[next] {
			case open:
				k.add(Severe, "indicators_cyclic", Ref{KindIndicator, top.id}, "", "needs %s, which needs it", next)
			case 0:
				state[next] = open
				stack = append(stack, step{id: next})
			}
		}
	}
}
