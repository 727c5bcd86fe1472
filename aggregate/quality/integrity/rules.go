package integrity

import (
	"context"
	"strings"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
)

func ruleChecks() []Check {
	const w, s = hmis.Warning, hmis.Severe
	kind, set := hmis.KindValidationRule, hmis.KindOptionSet
	rules := in(sectionRules,
		row("validation_rules_without_groups", w, kind, "Validation rules in no group.",
			"Add them to a group, so that they are run.", notGrouped(kind, hmis.KindValidationRuleGroup)),
		row("validation_rules_missing_value_strategy_null", s, kind, "Validation rules with a side that does not say what missing values mean.",
			"Choose a strategy for both sides.", eachSide(func(_ *Subject, _ hmis.Ref, side hmis.Expression, field string) *hmis.Issue {
				if side.Missing != "" {
					return nil
				}
				return issue(kind, "", field, "no missing value strategy")
			})),
		row("validation_rules_unknown_reference", s, kind, "Validation rules that refer to data elements or option combos that do not exist.",
			"Correct the expression: such a reference is never there.", unknownInRules),
		row("validation_rules_with_invalid_left_side_expression", w, kind, "Validation rules whose left side cannot be read.",
			"Correct the expression.", invalidRuleSide("leftSide")),
		row("validation_rules_with_invalid_right_side_expression", w, kind, "Validation rules whose right side cannot be read.",
			"Correct the expression.", invalidRuleSide("rightSide")),
	)
	options := in(sectionOptions,
		row("options_sets_empty", w, set, "Option sets without options.",
			"Add options, or delete the option set.", optionSets(func(s *Subject, o *hmis.OptionSet, _ map[hmis.UID]bool) string {
				return textIf(len(o.Options) == 0, "no options")
			})),
		row("options_sets_unused", w, set, "Option sets that no data element uses.",
			"Delete them if nothing else uses them.", optionSets(func(s *Subject, o *hmis.OptionSet, used map[hmis.UID]bool) string {
				return textIf(!used[o.ID], "used by no data element")
			})),
		row("option_groups_empty", w, "", "Option groups without options.",
			"Add options, or delete the group.", notHeld("option groups")),
		row("option_sets_wrong_sort_order", hmis.Info, set, "Option sets whose options are not numbered from 1 on.",
			"Save the option set again.", notHeld("sort orders of options")),
	)
	return append(rules, options...)
}

// eachSide returns a check that calls say for each side of each rule. It lists
// the rules for which say returns an issue.
func eachSide(say func(s *Subject, rule hmis.Ref, side hmis.Expression, field string) *hmis.Issue) find {
	return func(ctx context.Context, s *Subject) (list hmis.Issues, _ error) {
		for _, r := range s.Metadata.ValidationRules {
			if ctx.Err() != nil {
				return nil, ctx.Err()
			}
			ref := hmis.Ref{Kind: hmis.KindValidationRule, ID: r.ID}
			for i, side := range []hmis.Expression{r.Left, r.Right} {
				if one := say(s, ref, side, []string{"leftSide", "rightSide"}[i]); one != nil {
					one.Object = ref
					list = append(list, one)
				}
			}
		}
		return list, nil
	}
}

func unknownInRules(ctx context.Context, s *Subject) (hmis.Issues, error) {
	if s.catalogErr != nil {
		return nil, s.catalogErr
	}
	return eachSide(func(s *Subject, rule hmis.Ref, side hmis.Expression, field string) *hmis.Issue {
		return s.unknown(indicator.InRule, rule, field, side.Text)
	})(ctx, s)
}

func invalidRuleSide(which string) find {
	return eachSide(func(_ *Subject, rule hmis.Ref, side hmis.Expression, field string) *hmis.Issue {
		if field != which {
			return nil
		}
		if strings.TrimSpace(side.Text) == "" {
			return issue(rule.Kind, rule.ID, field, "no expression")
		}
		if _, err := indicator.InRule.Parse(side.Text); err != nil {
			return issue(rule.Kind, rule.ID, field, "%w", err)
		}
		return nil
	})
}

func optionSets(say func(*Subject, *hmis.OptionSet, map[hmis.UID]bool) string) find {
	return func(_ context.Context, s *Subject) (list hmis.Issues, _ error) {
		used := map[hmis.UID]bool{}
		for _, e := range s.Metadata.DataElements {
			used[e.OptionSet], used[e.CommentOptionSet] = true, true
		}
		for i := range s.Metadata.OptionSets {
			o := &s.Metadata.OptionSets[i]
			if text := say(s, o, used); text != "" {
				list = append(list, issue(hmis.KindOptionSet, o.ID, "", "%s", text))
			}
		}
		return list, nil
	}
}

func groupChecks() []Check {
	var checks []Check
	for _, g := range []struct {
		name string
		kind hmis.Kind
		what string
	}{
		{"data_element_groups_scarce", hmis.KindDataElementGroup, "Data element groups"},
		{"data_element_group_sets_scarce", hmis.KindDataElementGroupSet, "Data element group sets"},
		{"indicator_groups_scarce", hmis.KindIndicatorGroup, "Indicator groups"},
		{"indicator_group_sets_scarce", hmis.KindIndicatorGroupSet, "Indicator group sets"},
		{"organisation_unit_groups_scarce", hmis.KindOrgUnitGroup, "Org unit groups"},
		{"organisation_unit_group_sets_scarce", hmis.KindOrgUnitGroupSet, "Org unit group sets"},
		{"category_option_groups_scarce", hmis.KindCategoryOptionGroup, "Category option groups"},
		{"category_option_group_sets_scarce", hmis.KindCategoryOptionGroupSet, "Category option group sets"},
		{"validation_rule_groups_scarce", hmis.KindValidationRuleGroup, "Validation rule groups"},
	} {
		checks = append(checks, row(g.name, hmis.Warning, g.kind, g.what+" with fewer than two members.",
			"Add members, or delete it.", scarce(g.kind)))
	}
	return in(sectionGroups, checks...)
}

// scarce returns a check that lists groups and group sets with fewer than two
// members.
func scarce(kind hmis.Kind) find {
	return func(_ context.Context, s *Subject) (list hmis.Issues, _ error) {
		add := func(id hmis.UID, n int) {
			if n < 2 {
				list = append(list, issue(kind, id, "", "%d members", n))
			}
		}
		for _, g := range s.Metadata.Groups {
			if g.Kind == kind {
				add(g.ID, len(g.Members))
			}
		}
		for _, g := range s.Metadata.GroupSets {
			if g.Kind == kind {
				add(g.ID, len(g.Groups))
			}
		}
		return list, nil
	}
}

// referenceChecks returns the checks of the catalog for which DHIS2 has no
// name.
func referenceChecks() []Check {
	const w, s = hmis.Warning, hmis.Severe
	table := []struct {
		code     string
		severity hmis.Severity
		what, do string
	}{
		{"reference_unknown", w, "References to objects that are not in the metadata.", "Add the object, or remove the reference."},
		{"codes_repeated", s, "Objects with the code of another one of their kind.", "Give each a code of its own."},
		{"names_repeated", s, "Objects with the name of another one, where names are unique.", "Give each a name of its own."},
		{"members_repeated", w, "Lists that name an object twice.", "Remove one of them."},
		{"value_type_unknown", s, "Data elements and attributes of an unknown value type.", "Choose a known one."},
		{"aggregation_unknown", s, "Data elements with an unknown aggregation.", "Choose a known one."},
		{"period_type_missing", s, "Data sets, rules and predictors without a period type.", "Choose one: nothing can be expected without it."},
		{"indicators_cyclic", s, "Indicators that need themselves.", "Break the circle."},
		{"attribute_values_repeated", s, "Objects with the value of another one for a unique attribute.", "Give each a value of its own."},
	}
	var checks []Check
	for _, t := range table {
		checks = append(checks, row(t.code, t.severity, "", t.what, t.do, catalogOne(t.code)))
	}
	return in(sectionReferences, checks...)
}
