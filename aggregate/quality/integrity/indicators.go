package integrity

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
)

func indicatorChecks() []Check {
	const w, s = hmis.Warning, hmis.Severe
	kind := hmis.KindIndicator
	return in(sectionIndicators,
		row("indicators_with_invalid_numerator", w, kind, "Indicators whose numerator cannot be read.",
			"Correct the expression.", invalidSide("numerator")),
		row("indicators_with_invalid_denominator", w, kind, "Indicators whose denominator cannot be read.",
			"Correct the expression.", invalidSide("denominator")),
		row("indicators_unknown_reference", s, kind, "Indicators that refer to data elements or option combos that do not exist.",
			"Correct the expression: such a reference is never there.", indicatorsUnknown),
		row("indicators_exact_duplicates", w, kind, "Indicators with the numerator and denominator of another one, blanks apart.",
			"Keep one of them.", sameFormulas(withoutBlanks)),
		row("indicators_with_identical_formulas", w, kind, "Indicators with exactly the numerator and denominator of another one.",
			"Keep one of them.", sameFormulas(func(text string) string { return text })),
		row("indicators_duplicated_terms", w, kind, "Indicators whose expressions have the characters of those of another one, in any order.",
			"See whether they mean the same, and keep one.", sameFormulas(func(text string) string {
				b := []byte(withoutBlanks(text))
				slices.Sort(b)
				return string(b)
			})),
		row("indicators_not_grouped", w, kind, "Indicators in no group.",
			"Add them to a group, so that they can be found.", notGrouped(kind, hmis.KindIndicatorGroup)),
		row("indicators_violating_exclusive_group_sets", w, kind, "Indicators in two groups of one group set.",
			"Leave them in one group.", catalogOne("indicators_violating_exclusive_group_sets")),
		row("indicator_no_analysis", w, kind, "Indicators that no analysis uses.",
			"Use them, or delete them.", noAnalysis(kind)),
		row("indicator_types_duplicated", w, hmis.KindIndicatorType, "Indicator types with the factor of another one.",
			"Keep one of them.", typesDuplicated),
	)
}

func withoutBlanks(text string) string { return strings.Join(strings.Fields(text), "") }

func sides(i *hmis.Indicator) map[string]string {
	return map[string]string{"numerator": i.Numerator, "denominator": i.Denominator}
}

// invalidSide returns a check that lists indicators with an empty or invalid
// side.
func invalidSide(field string) find {
	return func(ctx context.Context, s *Subject) (list hmis.Issues, _ error) {
		for k := range s.Metadata.Indicators {
			if ctx.Err() != nil {
				return nil, ctx.Err()
			}
			i := &s.Metadata.Indicators[k]
			text := sides(i)[field]
			if strings.TrimSpace(text) == "" {
				list = append(list, issue(hmis.KindIndicator, i.ID, field, "no expression"))
			} else if _, err := indicator.Parse(text); err != nil {
				list = append(list, issue(hmis.KindIndicator, i.ID, field, "%w", err))
			}
		}
		return list, nil
	}
}

// unknown returns an issue if a valid expression refers to a data element or
// option combo that is not in the catalog.
func (s *Subject) unknown(use indicator.Use, object hmis.Ref, field, text string) *hmis.Issue {
	e, err := use.Parse(text)
	if err != nil {
		return nil
	}
	for _, found := range e.Check(s.catalog) {
		for _, ref := range found.Refs {
			if ref.Kind == hmis.KindDataElement || ref.Kind == hmis.KindOptionCombo {
				one := issue(object.Kind, object.ID, field, "%w", found.Err)
				one.Refs = []hmis.Ref{ref}
				return one
			}
		}
	}
	return nil
}

func indicatorsUnknown(ctx context.Context, s *Subject) (list hmis.Issues, _ error) {
	if s.catalogErr != nil {
		return nil, s.catalogErr
	}
	for k := range s.Metadata.Indicators {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		i := &s.Metadata.Indicators[k]
		for _, field := range []string{"numerator", "denominator"} {
			if one := s.unknown(indicator.InIndicator, hmis.Ref{Kind: hmis.KindIndicator, ID: i.ID}, field, sides(i)[field]); one != nil {
				list = append(list, one)
			}
		}
	}
	return list, nil
}

// sameFormulas returns a check that lists indicators with the same formula. Two
// formulas are the same if both sides are equal after a call of change.
func sameFormulas(change func(string) string) find {
	return func(_ context.Context, s *Subject) (hmis.Issues, error) {
		return sharing(hmis.KindIndicator, s.Metadata.Indicators, func(i *hmis.Indicator) (hmis.UID, string) {
			return i.ID, change(i.Numerator) + "\x00" + change(i.Denominator)
		}, "same formula as %s"), nil
	}
}

func typesDuplicated(_ context.Context, s *Subject) (hmis.Issues, error) {
	return sharing(hmis.KindIndicatorType, s.Metadata.IndicatorTypes, func(t *hmis.IndicatorType) (hmis.UID, string) {
		return t.ID, strconv.Itoa(t.Factor)
	}, "same factor as %s"), nil
}
