package hmis

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Check lists everything doubtful in the metadata: references to missing
// objects; codes and unique names that repeat; types that are unknown or
// missing; option combos that do not match their category combo; combos whose
// categories overlap; several objects called default; indicators without an
// expression or that need themselves; data elements, options and indicators in
// several groups of one set; parts of forms that are not in the form; org units
// whose dates or path contradict; attribute values without an attribute. Each
// *[Issue] names the object and its field.
//
// If DHIS2 has an integrity check for the problem, Code is the name of that
// check (RULES.md#checks-of-metadata). Partial exports often refer to missing
// objects, so there is only one issue for all such references in one field.
// Expressions are not parsed; package indicator checks them.
func (c *Catalog) Check() Issues {
	k := &checker{
		c: c, completeCombos: map[UID]bool{}, optionsInCombos: map[optionInCombo]bool{},
		categorySets: map[UID]map[UID]bool{}, optionSets: map[UID]map[UID]bool{},
	}
	k.texts()
	k.dataElements()
	k.categories()
	k.defaults()
	k.optionCombos()
	k.dataSets()
	k.indicators()
	k.orgUnits()
	k.groups()
	k.others()
	k.legends()
	k.attributes()
	return k.issues
}

// A checker collects issues.
type checker struct {
	c      *Catalog
	issues Issues

	// These answer questions that repeat for many option combos; see inCombo.
	completeCombos  map[UID]bool
	optionsInCombos map[optionInCombo]bool
	categoriesOf    map[UID][]UID
	categorySets    map[UID]map[UID]bool // the categories of each combo
	optionSets      map[UID]map[UID]bool // the categories of each option
}

// also adds other objects to the last issue.
func (k *checker) also(refs ...Ref) { k.issues[len(k.issues)-1].Refs = refs }

func (k *checker) add(s Severity, code string, object Ref, field, format string, args ...any) {
	k.issues = append(k.issues, &Issue{
		Code: code, Severity: s, Object: object, Field: field, Offset: -1, Err: fmt.Errorf(format, args...),
	})
}

// ref checks that the object with an id exists. No id, "", is fine.
func (k *checker) ref(object Ref, field string, kind Kind, id UID) {
	if id != "" {
		k.refs(object, field, kind, id)
	}
}

// refs checks that all objects with the given ids exist.
func (k *checker) refs(object Ref, field string, kind Kind, ids ...UID) {
	var missing []UID
	for _, id := range ids {
		if !k.known(kind, id) {
			missing = append(missing, id)
		}
	}
	switch n := len(missing); {
	case n == 0:
	case n == 1:
		k.add(Warning, "reference_unknown", object, field, "no object %q", missing[0])
	default:
		k.add(Warning, "reference_unknown", object, field, "no object %q and %d more of %d", missing[0], n-1, len(ids))
	}
}

// known reports whether an object is in the metadata. Default objects always
// are, since an export may leave them out.
func (k *checker) known(kind Kind, id UID) bool {
	switch {
	case kind == KindCategoryCombo && id == k.c.defaultCombo,
		kind == KindOptionCombo && id == k.c.defaultOptionCombo:
		return true
	}
	return k.c.Has(Ref{kind, id})
}

// repeated returns each id that occurs more than once.
func repeated(ids []UID) []UID {
	seen := make(map[UID]bool, len(ids))
	var twice []UID
	for _, id := range ids {
		if seen[id] {
			twice = append(twice, id)
		}
		seen[id] = true
	}
	return twice
}

// texts reports codes that repeat, and names that repeat although they must be
// unique (RULES.md#identifiers).
func (k *checker) texts() {
	type key struct {
		kind Kind
		text string
	}
	codes, names := map[key]UID{}, map[key]UID{}
	for h := range k.c.heads() {
		if h.kind == KindOption || h.kind == KindSection {
			continue // names of these kinds may repeat, or must be unique only within their owner
		}
		if first, ok := codes[key{h.kind, h.code}]; ok && h.code != "" {
			k.add(Severe, "codes_repeated", Ref{h.kind, h.id}, "code", "%q is the code of %s too", h.code, first)
			k.also(Ref{h.kind, first})
		} else {
			codes[key{h.kind, h.code}] = h.id
		}
		if !uniqueName(h.kind) || h.name == "" {
			continue
		}
		if first, ok := names[key{h.kind, h.name}]; ok {
			k.add(Warning, "names_repeated", Ref{h.kind, h.id}, "name", "%q is the name of %s too", h.name, first)
		} else {
			names[key{h.kind, h.name}] = h.id
		}
	}
}

func uniqueName(k Kind) bool {
	switch k {
	case KindDataElement, KindDataSet, KindIndicator:
		return true
	}
	return strings.HasSuffix(string(k), "Group") || strings.HasSuffix(string(k), "GroupSet")
}

func (k *checker) dataElements() {
	for e := range All[DataElement](k.c) {
		r := Ref{KindDataElement, e.ID}
		if e.ValueType == "" {
			k.add(Warning, "value_type_missing", r, "valueType", "none; taken as %s", Number)
		} else if _, ok := rules(e.ValueType); !ok {
			k.add(Severe, "value_type_unknown", r, "valueType", "%q: want a known value type", string(e.ValueType))
		}
		if e.Aggregation == "" {
			k.add(Warning, "aggregation_missing", r, "aggregationType", "none; taken as %s", Sum)
		} else if !e.Aggregation.known() {
			k.add(Severe, "aggregation_unknown", r, "aggregationType", "%q: want a known aggregation", string(e.Aggregation))
		}
		for _, level := range e.Levels {
			if level < 1 {
				k.add(Severe, "level_invalid", r, "aggregationLevels", "%d: want a level from 1", level)
			}
		}
		k.ref(r, "categoryCombo", KindCategoryCombo, e.CategoryCombo)
		k.ref(r, "optionSet", KindOptionSet, e.OptionSet)
		k.ref(r, "commentOptionSet", KindOptionSet, e.CommentOptionSet)
		k.refs(r, "legendSets", KindLegendSet, e.LegendSets...)
		if e.ValueType == MultiText && e.OptionSet == "" {
			k.add(Severe, "data_element_lacks_option_set", r, "optionSet", "none; %s needs one", MultiText)
		}
	}
}

func (k *checker) dataSets() {
	for s := range All[DataSet](k.c) {
		r := Ref{KindDataSet, s.ID}
		k.refs(r, "legendSets", KindLegendSet, s.LegendSets...)
		if s.PeriodType == 0 {
			k.add(Severe, "period_type_missing", r, "periodType", "none")
		}
		elements := make([]UID, len(s.Elements))
		member := make(map[UID]bool, len(s.Elements))
		for i, e := range s.Elements {
			elements[i] = e.DataElement
			member[e.DataElement] = true
			k.ref(r, "dataSetElements", KindCategoryCombo, e.CategoryCombo)
		}
		k.refs(r, "dataSetElements", KindDataElement, elements...)
		for _, id := range repeated(elements) {
			k.add(Warning, "members_repeated", r, "dataSetElements", "%s is there more than once", id)
		}
		k.ref(r, "categoryCombo", KindCategoryCombo, s.CategoryCombo)
		k.refs(r, "organisationUnits", KindOrgUnit, s.OrgUnits...)
		k.expected(r, s)
		k.refs(r, "indicators", KindIndicator, s.Indicators...)
		k.operands(r, "compulsoryDataElementOperands", s.Compulsory, member)
		for _, section := range s.Sections {
			r := Ref{KindSection, section.ID}
			k.refs(r, "dataElements", KindDataElement, section.DataElements...)
			k.refs(r, "indicators", KindIndicator, section.Indicators...)
			for _, e := range section.DataElements {
				if !member[e] {
					k.add(Warning, "section_element_not_in_data_set", r, "dataElements", "%s is not in data set %s", e, s.ID)
				}
			}
			k.operands(r, "greyedFields", section.Greyed, member)
		}
		for _, p := range s.InputPeriods {
			if !p.Opened.IsZero() && !p.Closed.IsZero() && p.Closed.Before(p.Opened) {
				k.add(Severe, "input_period_dates", r, "dataInputPeriods", "%s closes before it opens", p.Period)
			}
		}
	}
}

// operands checks a list of operands: cells of a form.
func (k *checker) operands(r Ref, field string, operands []Operand, member map[UID]bool) {
	for _, o := range operands {
		k.ref(r, field, KindDataElement, o.DataElement)
		k.ref(r, field, KindOptionCombo, o.OptionCombo)
		if !member[o.DataElement] {
			k.add(Warning, "operand_not_in_data_set", r, field, "%s is not in the data set", o.DataElement)
		}
	}
}

func (k *checker) orgUnits() {
	for u := range All[OrgUnit](k.c) {
		r := Ref{KindOrgUnit, u.ID}
		if u.Parent != "" && !k.known(KindOrgUnit, u.Parent) {
			k.add(Critical, "orgunits_parent_missing", r, "parent", "no object %q", u.Parent)
		}
		if u.Opened != 0 && u.Closed != 0 && u.Opened > u.Closed {
			k.add(Severe, "orgunits_openingdate_gt_closeddate", r, "closedDate", "%s comes before the opening date %s", u.Closed, u.Opened)
		}
		if err := pathFault(u); err != nil {
			k.issues = append(k.issues, &Issue{Code: "orgunits_path", Severity: Severe, Object: r, Field: "path", Offset: -1, Err: err})
		}
	}
	levels := map[int]UID{}
	for l := range All[OrgUnitLevel](k.c) {
		r := Ref{KindOrgUnitLevel, l.ID}
		if l.Level < 1 {
			k.add(Severe, "level_invalid", r, "level", "%d: want a level from 1", l.Level)
		}
		if first, ok := levels[l.Level]; ok {
			k.add(Severe, "levels_repeated", r, "level", "%d is the level of %s too", l.Level, first)
		}
		levels[l.Level] = l.ID
	}
}

// pathFault returns an error if the path of a unit contradicts its id or
// parent.
func pathFault(u OrgUnit) error {
	if u.Path == "" {
		return nil
	}
	above, ok := strings.CutSuffix(u.Path, "/"+string(u.ID))
	if !ok || above != "" && above[0] != '/' {
		return fmt.Errorf("%q: want ids after slashes, the last %q", u.Path, u.ID)
	}
	if parent := UID(above[strings.LastIndexByte(above, '/')+1:]); u.Parent != "" && parent != u.Parent {
		return fmt.Errorf("%q: the parent is %q", u.Path, u.Parent)
	}
	return nil
}

func (k *checker) groups() {
	for g := range All[Group](k.c) {
		r := Ref{g.Kind, g.ID}
		if kind, ok := g.Kind.member(); ok {
			k.refs(r, plural(kind), kind, g.Members...)
		} else {
			k.add(Severe, "kind_unknown", r, "kind", "%q: want a kind of group", string(g.Kind))
		}
		for _, id := range repeated(g.Members) {
			k.add(Warning, "members_repeated", r, "members", "%s is there more than once", id)
		}
	}
	for s := range All[GroupSet](k.c) {
		r := Ref{s.Kind, s.ID}
		if kind, ok := s.Kind.member(); ok && strings.HasSuffix(string(s.Kind), "GroupSet") {
			k.refs(r, plural(kind), kind, s.Groups...)
		} else {
			k.add(Severe, "kind_unknown", r, "kind", "%q: want a kind of group set", string(s.Kind))
		}
		for _, id := range repeated(s.Groups) {
			k.add(Warning, "members_repeated", r, "groups", "%s is there more than once", id)
		}
		k.exclusive(s)
	}
}

// exclusive reports objects that are in several groups of a set. In analytics
// they count in only one of them. Package orgunit checks org units.
func (k *checker) exclusive(s GroupSet) {
	code, severity := "", Severe
	switch s.Kind {
	case KindDataElementGroupSet:
		code = "data_elements_violating_exclusive_group_sets"
	case KindCategoryOptionGroupSet:
		code = "category_options_excess_groupset_membership"
	case KindIndicatorGroupSet:
		code, severity = "indicators_violating_exclusive_group_sets", Warning
	default:
		return
	}
	first := map[UID]UID{}
	groups := slices.Clone(s.Groups)
	slices.Sort(groups)
	for _, group := range slices.Compact(groups) {
		g, _ := Find[Group](k.c, group)
		kind, _ := g.Kind.member()
		for _, member := range g.Members {
			switch had, ok := first[member]; {
			case !ok:
				first[member] = group
			case had != group:
				k.add(severity, code, Ref{kind, member}, "", "in the groups %s and %s of the group set %s; it counts in %s", had, group, s.ID, had)
			}
		}
	}
}

func (k *checker) others() {
	for v := range All[ValidationRule](k.c) {
		r := Ref{KindValidationRule, v.ID}
		for _, side := range [...]struct{ field, text string }{{"leftSide", v.Left.Text}, {"rightSide", v.Right.Text}} {
			if strings.TrimSpace(side.text) == "" {
				k.add(Severe, "expression_missing", r, side.field, "no expression")
			}
		}
		if v.Period == 0 {
			k.add(Severe, "period_type_missing", r, "periodType", "none")
		}
		if !slices.Contains(operators(), v.Operator) {
			k.add(Severe, "operator_unknown", r, "operator", "%q: want one of %s", v.Operator, strings.Join(operators(), ", "))
		}
	}
	for p := range All[Predictor](k.c) {
		r := Ref{KindPredictor, p.ID}
		k.ref(r, "output", KindDataElement, p.Output)
		k.ref(r, "outputCombo", KindOptionCombo, p.OutputOptionCombo)
		k.refs(r, "organisationUnitLevels", KindOrgUnitLevel, p.Levels...)
		if p.Output == "" {
			k.add(Severe, "output_missing", r, "output", "none")
		}
		if strings.TrimSpace(p.Generator.Text) == "" {
			k.add(Severe, "expression_missing", r, "generator", "no expression")
		}
		if p.Period == 0 {
			k.add(Severe, "period_type_missing", r, "periodType", "none")
		}
	}
	for s := range All[OptionSet](k.c) {
		codes := map[string]bool{}
		for _, o := range s.Options {
			if o.Code == "" {
				k.add(Severe, "option_code_missing", Ref{KindOptionSet, s.ID}, "options", "option %q has no code", o.Name)
			} else if codes[o.Code] {
				k.add(Severe, "codes_repeated", Ref{KindOptionSet, s.ID}, "options", "%q is the code of two options", o.Code)
			}
			codes[o.Code] = true
		}
	}
}

// legends checks the classes of legend sets (RULES.md#legends).
func (k *checker) legends() {
	for s := range All[LegendSet](k.c) {
		r := Ref{KindLegendSet, s.ID}
		list := slices.SortedStableFunc(slices.Values(s.Legends), func(a, b Legend) int { return a.Start.Cmp(b.Start) })
		for i, l := range list {
			if l.Start.GreaterThanOrEqual(l.End) {
				k.add(Severe, "legend_empty", r, "legends", "%q: no number from %s is below %s", l.Name, l.Start, l.End)
			} else if i > 0 && l.Start.LessThan(list[i-1].End) {
				k.add(Warning, "legends_overlap", r, "legends", "%q and %q overlap", list[i-1].Name, l.Name)
			}
		}
	}
}

// operators returns the operators that validation rules can have.
func operators() []string {
	return []string{
		"equal_to", "not_equal_to", "greater_than", "greater_than_or_equal_to", "less_than",
		"less_than_or_equal_to", "compulsory_pair", "exclusive_pair",
	}
}

// attributes checks the attribute values of objects.
func (k *checker) attributes() {
	type key struct {
		kind      Kind
		attribute UID
		value     string
	}
	holder := map[key]UID{}
	for _, v := range k.c.attributeValues {
		a, ok := Find[Attribute](k.c, v.Attribute)
		if !ok {
			k.add(Warning, "reference_unknown", v.Object, "attributeValues", "no object %q", v.Attribute)
			continue
		}
		if len(a.Kinds) > 0 && !slices.Contains(a.Kinds, v.Object.Kind) {
			k.add(Warning, "attribute_of_other_kind", v.Object, "attributeValues", "attribute %s is not meant for a %s", a.ID, v.Object.Kind)
		}
		if _, err := a.ValueType.Check(v.Value); err != nil {
			why := err
			if issue, ok := errors.AsType[*Issue](err); ok {
				why = issue.Err
			}
			k.add(Warning, "attribute_value", v.Object, "attributeValues", "attribute %s: %w", a.ID, why)
		}
		if !a.Unique || v.Value == "" {
			continue
		}
		at := key{v.Object.Kind, v.Attribute, v.Value}
		if first, ok := holder[at]; ok && first != v.Object.ID {
			k.add(Severe, "attribute_values_repeated", v.Object, "attributeValues", "%q of the unique attribute %s is the value of %s too", v.Value, a.ID, first)
		} else {
			holder[at] = v.Object.ID
		}
	}
}
