package integrity

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/period"
)

func elementChecks() []Check {
	const w, s = hmis.Warning, hmis.Severe
	element, set := hmis.KindDataElement, hmis.KindDataSet
	slow := func(c Check) Check {
		c.Slow = true
		return c
	}
	elements := in(sectionDataElements,
		row("data_elements_without_datasets", w, element, "Data elements in no data set.",
			"Add them to a data set, or delete them.", elementsIn(func(s *Subject, e *hmis.DataElement, in map[hmis.UID][]hmis.DataSet) string {
				return textIf(len(in[e.ID]) == 0, "in no data set")
			})),
		row("data_elements_aggregate_no_groups", w, element, "Data elements in no group.",
			"Add them to a group, so that they can be found.", notGrouped(element, hmis.KindDataElementGroup)),
		row("data_elements_aggregate_with_different_period_types", s, element, "Data elements in data sets of different period types.",
			"Use one data element for each period type: their values cannot be told apart.",
			elementsIn(func(s *Subject, e *hmis.DataElement, in map[hmis.UID][]hmis.DataSet) string {
				var types []period.Type
				for _, d := range in[e.ID] {
					if !slices.Contains(types, d.PeriodType) {
						types = append(types, d.PeriodType)
					}
				}
				return textIf(len(types) > 1, "in data sets of several period types")
			})),
		row("data_elements_violating_exclusive_group_sets", s, element, "Data elements in two groups of one group set.",
			"Leave them in one group: analysis counts them in one only.", catalogOne("data_elements_violating_exclusive_group_sets")),
		row("data_elements_can_aggregate_with_none_operator", w, element, "Data elements of numbers or yes/no that are never aggregated.",
			"Choose an aggregation, such as SUM.", elementsIn(func(_ *Subject, e *hmis.DataElement, _ map[hmis.UID][]hmis.DataSet) string {
				return textIf((e.ValueType.IsNumeric() || e.ValueType.IsBoolean()) && e.Aggregation == hmis.NoAggregation, "its numbers are never aggregated")
			})),
		row("data_elements_cannot_aggregate_operator_not_none", w, element, "Data elements of text, dates or files with an aggregation.",
			"Set the aggregation to NONE.", elementsIn(func(_ *Subject, e *hmis.DataElement, _ map[hmis.UID][]hmis.DataSet) string {
				return textIf(!e.ValueType.IsNumeric() && !e.ValueType.IsBoolean() && e.Aggregation != hmis.NoAggregation,
					"values of its type cannot be aggregated")
			})),
		slow(row("data_elements_aggregate_no_data", w, element, "Data elements without any value.",
			"Delete them if they are not needed.", elementsNoData)),
		slow(row("data_elements_aggregate_abandoned", w, element, "Data elements without values and without changes for a long time.",
			"Delete them if they are not needed.", notHeld("dates of change"))),
		row("data_elements_aggregate_no_analysis", w, element, "Data elements that no analysis uses.",
			"Use them, or stop collecting them.", noAnalysis(element)),
	)
	sets := in(sectionDataSets,
		row("data_elements_in_data_set_not_in_form", w, set, "Data sets whose sections or custom form leave out some of their data elements.",
			"Add the data elements to the form, or take them out of the data set.", elementsNotInForm),
		row("datasets_empty", w, set, "Data sets without data elements.",
			"Add data elements, or delete the data set.", dataSets(func(d *hmis.DataSet) string { return textIf(len(d.Elements) == 0, "no data elements") })),
		row("datasets_not_assigned_to_org_units", w, set, "Data sets that no org unit reports.",
			"Assign org units, or delete the data set.", dataSets(func(d *hmis.DataSet) string { return textIf(len(d.OrgUnits) == 0, "no org units") })),
		row("datasets_same_name", w, set, "Data sets with the name or short name of another one.",
			"Give each a name of its own.", setsSameName),
		row("datasets_custom_data_entry_forms_empty", w, set, "Data sets whose custom form is empty.",
			"Design the form, or choose another type of form.", formsEmpty),
	)
	return append(elements, sets...)
}

// textIf returns text if holds is true, and "" if it is false.
func textIf(holds bool, text string) string {
	if holds {
		return text
	}
	return ""
}

// elementsIn returns a check that calls say for each aggregate data element
// with the data sets of each element. It lists the elements for which say
// returns a text.
func elementsIn(say func(*Subject, *hmis.DataElement, map[hmis.UID][]hmis.DataSet) string) find {
	return func(_ context.Context, s *Subject) (list hmis.Issues, _ error) {
		in := map[hmis.UID][]hmis.DataSet{}
		for _, d := range s.Metadata.DataSets {
			for _, e := range d.Elements {
				in[e.DataElement] = append(in[e.DataElement], d)
			}
		}
		for i := range s.Metadata.DataElements {
			e := &s.Metadata.DataElements[i]
			if e.Tracker {
				continue
			}
			if text := say(s, e, in); text != "" {
				list = append(list, issue(hmis.KindDataElement, e.ID, "", "%s", text))
			}
		}
		return list, nil
	}
}

func dataSets(say func(*hmis.DataSet) string) find {
	return func(_ context.Context, s *Subject) (list hmis.Issues, _ error) {
		for i := range s.Metadata.DataSets {
			d := &s.Metadata.DataSets[i]
			if text := say(d); text != "" {
				list = append(list, issue(hmis.KindDataSet, d.ID, "", "%s", text))
			}
		}
		return list, nil
	}
}

func elementsNoData(ctx context.Context, s *Subject) (hmis.Issues, error) {
	if s.HasData == nil {
		return nil, errors.New("integrity: no values to look for")
	}
	return elementsIn(func(s *Subject, e *hmis.DataElement, _ map[hmis.UID][]hmis.DataSet) string {
		return textIf(!s.HasData(e.ID), "no value")
	})(ctx, s)
}

// noAnalysis returns a check that lists the objects which no analysis uses.
func noAnalysis(kind hmis.Kind) find {
	return func(_ context.Context, s *Subject) (list hmis.Issues, _ error) {
		if s.InAnalysis == nil {
			return nil, errNotHeld("charts, maps and tables")
		}
		for _, id := range s.ids(kind) {
			if ref := (hmis.Ref{Kind: kind, ID: id}); !s.InAnalysis(ref) {
				list = append(list, issue(kind, id, "", "used in no analysis"))
			}
		}
		return list, nil
	}
}

// ids returns the objects of a kind that can be grouped or used in analysis.
func (s *Subject) ids(kind hmis.Kind) (list []hmis.UID) {
	switch kind {
	case hmis.KindDataElement:
		for _, e := range s.Metadata.DataElements {
			if !e.Tracker {
				list = append(list, e.ID)
			}
		}
	case hmis.KindIndicator:
		for _, i := range s.Metadata.Indicators {
			list = append(list, i.ID)
		}
	case hmis.KindOrgUnit:
		for _, u := range s.Metadata.OrgUnits {
			list = append(list, u.ID)
		}
	case hmis.KindValidationRule:
		for _, r := range s.Metadata.ValidationRules {
			list = append(list, r.ID)
		}
	}
	return list
}

// notGrouped returns a check that lists the objects which are in no group of a
// kind.
func notGrouped(kind, group hmis.Kind) find {
	return func(_ context.Context, s *Subject) (list hmis.Issues, _ error) {
		member := map[hmis.UID]bool{}
		for _, g := range s.Metadata.Groups {
			if g.Kind == group {
				for _, id := range g.Members {
					member[id] = true
				}
			}
		}
		for _, id := range s.ids(kind) {
			if !member[id] {
				list = append(list, issue(kind, id, "", "in no group"))
			}
		}
		return list, nil
	}
}

// forms returns the texts of custom forms by data set.
func (s *Subject) forms() map[hmis.UID]string {
	texts := map[hmis.UID]string{}
	for _, p := range s.Metadata.Properties {
		if p.Object.Kind != hmis.KindDataSet || p.Name != "dataEntryForm" {
			continue
		}
		var form struct{ HTMLCode *string }
		if json.Unmarshal([]byte(p.Value), &form) == nil && form.HTMLCode != nil {
			texts[p.Object.ID] = *form.HTMLCode
		}
	}
	return texts
}

func formsEmpty(_ context.Context, s *Subject) (list hmis.Issues, _ error) {
	for id, text := range s.forms() {
		if strings.TrimSpace(text) == "" {
			list = append(list, issue(hmis.KindDataSet, id, "dataEntryForm", "empty"))
		}
	}
	return list, nil
}

func elementsNotInForm(ctx context.Context, s *Subject) (list hmis.Issues, _ error) {
	forms := s.forms()
	for _, d := range s.Metadata.DataSets {
		shown := map[hmis.UID]bool{}
		for _, section := range d.Sections {
			for _, id := range section.DataElements {
				shown[id] = true
			}
		}
		form, custom := forms[d.ID]
		if len(d.Sections) == 0 && !custom {
			continue
		}
		var lacks []hmis.UID
		for _, e := range d.Elements {
			if ctx.Err() != nil { // a form can be long, so the context is checked before each
				return nil, ctx.Err()
			}
			if !shown[e.DataElement] && !(custom && strings.Contains(form, string(e.DataElement))) {
				lacks = append(lacks, e.DataElement)
			}
		}
		if len(lacks) > 0 {
			one := issue(hmis.KindDataSet, d.ID, "sections", "%d data elements are not in the form, the first %s", len(lacks), lacks[0])
			for _, id := range lacks {
				one.Refs = append(one.Refs, hmis.Ref{Kind: hmis.KindDataElement, ID: id})
			}
			list = append(list, one)
		}
	}
	return list, nil
}

func setsSameName(_ context.Context, s *Subject) (hmis.Issues, error) {
	names := sharing(hmis.KindDataSet, s.Metadata.DataSets, func(d *hmis.DataSet) (hmis.UID, string) { return d.ID, d.Name }, "same name as %s")
	short := sharing(hmis.KindDataSet, s.Metadata.DataSets, func(d *hmis.DataSet) (hmis.UID, string) { return d.ID, d.ShortName }, "same short name as %s")
	return append(names, short...), nil
}
