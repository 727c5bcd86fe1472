package integrity

import (
	"context"
	"slices"
	"strings"

	"github.com/ohie-hmis/hmis-go/hmis"
)

func categoryChecks() []Check {
	const w, s = hmis.Warning, hmis.Severe
	category, option, combo, coc := hmis.KindCategory, hmis.KindCategoryOption, hmis.KindCategoryCombo, hmis.KindOptionCombo
	return in(sectionCategories,
		row("categories_no_options", w, category, "Categories without options.",
			"Add options, or delete the category.", catalogOne("categories_no_options")),
		row("category_options_no_categories", w, option, "Category options in no category.",
			"Add the option to a category, or delete it.", optionsNoCategories),
		row("categories_same_category_options", w, category, "Categories with the same options as another one.",
			"Keep one of them, and use it in all category combos.", sameOptions),
		row("categories_unique_category_combo", s, combo, "Category combos with the same categories as another one.",
			"Keep one of them; move data elements and data sets to it.", catalogAll("categories_unique_category_combo")),
		row("category_options_shared_within_category_combo", s, combo, "Category combos two of whose categories share an option.",
			"Give each category options of its own.", catalogOne("category_options_shared_within_category_combo")),
		row("cocs_wrong_cardinality", s, coc, "Option combos whose number of options is not that of the categories of their combo.",
			"Move their values to the right option combo, then delete them.", catalogOne("cocs_wrong_cardinality")),
		row("category_option_combos_disjoint", s, coc, "Option combos with an option that is in none of the categories of their combo.",
			"Move their values to the right option combo, then delete them.", catalogOne("category_option_combos_disjoint")),
		row("category_option_combos_have_duplicates", w, coc, "Option combos of one category combo with the same options.",
			"Merge their values, and keep one.", catalogAll("category_option_combos_have_duplicates")),
		row("category_option_combos_missing", s, combo, "Category combos that have fewer option combos than their options allow.",
			"Let the server generate the option combos.", combosMissing),
		row("catoptioncombos_no_catcombo", w, coc, "Option combos of no category combo.",
			"Delete them if no value uses them.", catalogOne("catoptioncombos_no_catcombo")),
		row("invalid_category_combos", w, combo, "Category combos without options in any category, or without option combos.",
			"Complete the category combo, or delete it.", invalidCombos),
		row("category_combos_unused", w, combo, "Category combos that no data element and no data set uses.",
			"Delete them, unless they are meant for later.", combosUnused),
		row("categories_one_default_category", s, category, "More than one category called default.",
			"Keep the one that the default combo uses.", catalogAll("categories_one_default_category")),
		row("categories_one_default_category_option", s, option, "More than one category option called default.",
			"Keep the one that the default category uses.", catalogAll("categories_one_default_category_option")),
		row("categories_one_default_category_combo", s, combo, "More than one category combo called default.",
			"Keep the one that data elements use.", catalogAll("categories_one_default_category_combo")),
		row("categories_one_default_category_option_combo", s, coc, "More than one category option combo called default.",
			"Move all values to one of them.", catalogAll("categories_one_default_category_option_combo")),
		row("category_option_combos_no_names", s, coc, "Option combos without a name.",
			"Let the server name them.", combosNoNames),
		row("category_options_excess_groupset_membership", s, option, "Category options in two groups of one group set.",
			"Leave them in one group.", catalogOne("category_options_excess_groupset_membership")),
		row("category_option_group_sets_incomplete", s, hmis.KindCategoryOptionGroupSet, "Group sets that lack some options of a category whose other options they have.",
			"Add the missing options to one of the groups.", groupSetsIncomplete),
	)
}

func optionsNoCategories(_ context.Context, s *Subject) (list hmis.Issues, _ error) {
	used := map[hmis.UID]bool{}
	for _, c := range s.Metadata.Categories {
		for _, id := range c.Options {
			used[id] = true
		}
	}
	for _, o := range s.Metadata.CategoryOptions {
		if !used[o.ID] {
			list = append(list, issue(hmis.KindCategoryOption, o.ID, "", "in no category"))
		}
	}
	return list, nil
}

// set returns a key for a set of ids. The key does not depend on the order of
// the ids.
func set(ids []hmis.UID) string {
	sorted := slices.Compact(slices.Sorted(slices.Values(ids)))
	var b strings.Builder
	for _, id := range sorted {
		b.WriteString(string(id))
		b.WriteByte(0)
	}
	return b.String()
}

// sharing returns an issue for each object that has the same key as another.
func sharing[T any](kind hmis.Kind, list []T, key func(*T) (id hmis.UID, key string), text string) (found hmis.Issues) {
	by := map[string][]hmis.UID{}
	for i := range list {
		if id, k := key(&list[i]); k != "" {
			by[k] = append(by[k], id)
		}
	}
	for _, ids := range by {
		if len(ids) < 2 {
			continue
		}
		for i, id := range ids {
			other := ids[(i+1)%len(ids)]
			one := issue(kind, id, "", text, other)
			one.Refs = []hmis.Ref{{Kind: kind, ID: other}}
			found = append(found, one)
		}
	}
	return found
}

func sameOptions(_ context.Context, s *Subject) (hmis.Issues, error) {
	return sharing(hmis.KindCategory, s.Metadata.Categories, func(c *hmis.Category) (hmis.UID, string) {
		return c.ID, set(c.Options)
	}, "same options as %s"), nil
}

// combosMissing lists category combos with missing option combos. It compares
// the number of option combos, each set of options once, with the product of
// the numbers of options.
func combosMissing(_ context.Context, s *Subject) (list hmis.Issues, _ error) {
	const many = 1 << 40
	options := map[hmis.UID]int{}
	for _, c := range s.Metadata.Categories {
		options[c.ID] = len(slices.Compact(slices.Sorted(slices.Values(c.Options))))
	}
	have := map[hmis.UID]map[string]bool{}
	for _, o := range s.Metadata.OptionCombos {
		if have[o.CategoryCombo] == nil {
			have[o.CategoryCombo] = map[string]bool{}
		}
		have[o.CategoryCombo][set(o.Options)] = true
	}
	for _, c := range s.Metadata.CategoryCombos {
		want := 1 // a combo without categories has a single option combo, which has no options
		for _, id := range c.Categories {
			want = min(want*options[id], many)
		}
		if n := len(have[c.ID]); n < want {
			list = append(list, issue(hmis.KindCategoryCombo, c.ID, "categoryOptionCombos", "%d option combos of %d", n, want))
		}
	}
	return list, nil
}

func invalidCombos(_ context.Context, s *Subject) (list hmis.Issues, _ error) {
	filled, has := map[hmis.UID]bool{}, map[hmis.UID]bool{}
	for _, c := range s.Metadata.Categories {
		filled[c.ID] = len(c.Options) > 0
	}
	for _, o := range s.Metadata.OptionCombos {
		has[o.CategoryCombo] = true
	}
	for _, c := range s.Metadata.CategoryCombos {
		switch {
		case !slices.ContainsFunc(c.Categories, func(id hmis.UID) bool { return filled[id] }):
			list = append(list, issue(hmis.KindCategoryCombo, c.ID, "categories", "no category with options"))
		case !has[c.ID]:
			list = append(list, issue(hmis.KindCategoryCombo, c.ID, "categoryOptionCombos", "no option combo"))
		}
	}
	return list, nil
}

func combosUnused(_ context.Context, s *Subject) (list hmis.Issues, _ error) {
	used := map[hmis.UID]bool{}
	for _, e := range s.Metadata.DataElements {
		used[e.CategoryCombo] = true
	}
	for _, d := range s.Metadata.DataSets {
		used[d.CategoryCombo] = true
		for _, e := range d.Elements {
			used[e.CategoryCombo] = true
		}
	}
	for _, c := range s.Metadata.CategoryCombos {
		if !used[c.ID] && !(used[""] && c.Name == "default") {
			list = append(list, issue(hmis.KindCategoryCombo, c.ID, "", "used by no data element and no data set"))
		}
	}
	return list, nil
}

func combosNoNames(_ context.Context, s *Subject) (list hmis.Issues, _ error) {
	for _, o := range s.Metadata.OptionCombos {
		if strings.TrimSpace(o.Name) == "" {
			list = append(list, issue(hmis.KindOptionCombo, o.ID, "name", "none"))
		}
	}
	return list, nil
}

func groupSetsIncomplete(ctx context.Context, s *Subject) (list hmis.Issues, _ error) {
	members := map[hmis.UID][]hmis.UID{}
	for _, g := range s.Metadata.Groups {
		members[g.ID] = g.Members
	}
	for _, gs := range s.Metadata.GroupSets {
		if gs.Kind != hmis.KindCategoryOptionGroupSet {
			continue
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		has := map[hmis.UID]bool{}
		for _, g := range gs.Groups {
			for _, id := range members[g] {
				has[id] = true
			}
		}
		for _, c := range s.Metadata.Categories {
			lacks := slices.DeleteFunc(slices.Clone(c.Options), func(id hmis.UID) bool { return has[id] })
			if n := len(lacks); n > 0 && n < len(c.Options) {
				list = append(list, issue(gs.Kind, gs.ID, "", "lacks %d options of the category %s, the first %s", n, c.ID, lacks[0]))
			}
		}
	}
	return list, nil
}
