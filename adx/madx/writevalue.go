package madx

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/ohie-hmis/hmis-go/adx"
	"github.com/ohie-hmis/hmis-go/internal/quote"
)

// A draft is a report to which groups are still being added.
type draft struct {
	report   wireReport
	elements []*element // the data elements in the order of their first value
	byCode   map[string]*element
}

type element struct {
	code        Coding
	population  Coding
	plain       json.Number // the value without dimensions; "" if there is none
	stratifiers []wireStratified
	sum         decimal.Decimal
	whole       bool // all values of the element are whole numbers that are not negative
	keys        map[string]bool
}

func newDraft() *draft { return &draft{byCode: map[string]*element{}} }

// finish returns the completed report.
func (d *draft) finish() wireReport {
	for _, e := range d.elements {
		g := wireReportGroup{Code: concept(e.code), Stratifiers: e.stratifiers}
		count := wireCount{Code: concept(e.population)}
		if total := e.sum.String(); e.whole && isCount(total) {
			count.Count = json.Number(total)
		} else {
			count.Absent = &wireAbsent{[]wireExtension{{dataAbsentReason, "not-applicable"}}}
		}
		g.Population = []wireCount{count}
		if e.plain != "" {
			g.Score = &wireScore{e.plain}
		}
		d.report.Groups = append(d.report.Groups, g)
	}
	return d.report
}

// value adds value n of a group to the report.
func (w *writer) value(g *adx.Group, n int) error {
	v := &g.Values[n]
	fail := func(rule, attr, got, format string, args ...any) error {
		return w.fail(g, n, v, rule, attr, got, format, args...)
	}
	if a, bad := unwritable(append([]adx.Attr{{Name: "dataElement", Value: v.DataElement}}, v.Attrs...)...); bad {
		return fail("MADX-002", a.Name, a.Value, "a text of FHIR cannot hold it")
	}
	of := w.find(v.DataElement)
	if w.isText(v) {
		return fail("", "dataElement", v.DataElement, "its value is a text, which has no place in a report")
	}
	if combo, ok := v.Attr("categoryOptionCombo"); ok {
		return fail("", "categoryOptionCombo", combo, "a report has dimensions: want the combo spelt out")
	}
	code, population := Coding{Code: v.DataElement}, measurePopulation
	if len(w.Measure.Groups) > 0 {
		if of == nil {
			return fail("MADX-007", "dataElement", v.DataElement, "not a group of the Measure")
		}
		code = Coding{System: of.Code.System, Code: of.Code.Code}
		if len(of.Population) > 0 {
			population = of.Population[0]
		}
	}
	if v.DataElement == "" {
		return fail("MADX-006", "dataElement", "", "missing")
	}
	if v.Annotation != nil {
		if err := w.warn(g, n, v, "annotation", *v.Annotation, "a remark has no place in a report and is left out"); err != nil {
			return err
		}
	}
	number, ok := jsonNumber(v.Value)
	if !ok {
		return fail("ADX-042", "value", v.Value, "want a decimal")
	}
	exact, err := decimal.NewFromString(number)
	if err != nil {
		return fail("ADX-042", "value", v.Value, "want a decimal")
	}
	whole := exact.IsInteger() && !exact.IsNegative()
	if w.Counts && (!whole || !isCount(exact.String())) {
		return fail("MADX-008", "value", v.Value, "want a count from 0 to 2147483647")
	}
	st, components, err := w.components(g, n, of, code.Code)
	if err != nil || st == nil {
		return err
	}

	e := w.draft.byCode[code.System+" "+code.Code]
	fresh := e == nil
	if fresh {
		e = &element{code: code, population: population, whole: true, keys: map[string]bool{}}
	}
	key := componentKey(components)
	switch {
	case e.keys[key]:
		return fail("MADX-014", "dataElement", v.DataElement, "an earlier value of the report has the same dimensions")
	case !fresh && (len(components) == 0) != (e.plain != ""):
		return fail("MADX-013", "dataElement", v.DataElement, "values with and without dimensions cannot stand in one group of a report")
	}
	if fresh {
		w.draft.byCode[code.System+" "+code.Code] = e
		w.draft.elements = append(w.draft.elements, e)
	}
	e.keys[key] = true
	e.whole = e.whole && whole
	e.sum = e.sum.Add(exact)
	if len(components) == 0 {
		e.plain = json.Number(number)
		return nil
	}
	i := slices.IndexFunc(e.stratifiers, func(s wireStratified) bool { return s.ID == st.ID })
	if i < 0 {
		i = len(e.stratifiers)
		e.stratifiers = append(e.stratifiers, wireStratified{ID: st.ID})
	}
	e.stratifiers[i].Strata = append(e.stratifiers[i].Strata, wireStratum{components, wireScore{json.Number(number)}})
	return nil
}

// find returns the group of the Measure for a data element. It is nil if there
// is none.
func (w *writer) find(element string) *Group {
	for i := range w.Measure.Groups {
		if w.Measure.Groups[i].Code.Code == element {
			return &w.Measure.Groups[i]
		}
	}
	return nil
}

func (w *writer) isText(v *adx.Value) bool {
	if w.Text != nil {
		return w.Text(v.DataElement)
	}
	return v.Annotation != nil && *v.Annotation != "" && strings.Trim(v.Value, "+-0.") == ""
}

// components returns the dimensions of a value and its group, and the
// stratifier with these dimensions. Without dimensions the stratifier has no
// components. It is nil if the value is rejected.
func (w *writer) components(g *adx.Group, n int, of *Group, code string) (*Stratifier, []wireComponent, error) {
	v := &g.Values[n]
	var inner, outer []adx.Attr
	for _, a := range v.Attrs {
		if w.isDimension(a) {
			inner = append(inner, a)
		} else if err := w.warn(g, n, v, a.Name, a.Value, "it has no place in a report and is left out"); err != nil {
			return nil, nil, err
		}
	}
	for _, a := range g.Attrs {
		if w.isDimension(a) {
			outer = append(outer, a)
		}
	}
	byName := func(a, b adx.Attr) int { return strings.Compare(a.Name, b.Name) }
	slices.SortStableFunc(inner, byName)
	slices.SortStableFunc(outer, byName)
	attrs := slices.Concat(inner, outer)
	var names []string
	for _, a := range attrs {
		if slices.Contains(names, a.Name) {
			return nil, nil, w.fail(g, n, v, "MADX-013", a.Name, a.Value, "the dimension is there twice, on the group and on the value")
		}
		names = append(names, a.Name)
	}
	st := &Stratifier{ID: stratifierID(code, names)}
	for _, name := range names {
		st.Components = append(st.Components, Coding{Code: name})
	}
	if of != nil {
		var err error
		if st, err = w.stratifier(g, n, of, names); err != nil || st == nil {
			return nil, nil, err
		}
	}
	var list []wireComponent
	for _, want := range st.Components {
		a := attrs[slices.Index(names, want.Code)]
		value := Coding{Code: a.Value}
		if dim := w.Measure.dimension(a.Name); dim != nil && dim.Codes != nil {
			k := slices.IndexFunc(dim.Codes, func(c Coding) bool { return c.Code == a.Value })
			if k < 0 {
				return nil, nil, w.fail(g, n, v, "MADX-012", a.Name, a.Value, "not in the value set %s", quote.Text(dim.ValueSet))
			}
			value = dim.Codes[k]
		}
		want.Display, value.Display = "", ""
		list = append(list, wireComponent{concept(want), concept(value)})
	}
	return st, list, nil
}

// stratifier returns the stratifier of the Measure with the given dimensions.
// It is nil if there is none and the value is rejected.
func (w *writer) stratifier(g *adx.Group, n int, of *Group, names []string) (*Stratifier, error) {
	v := &g.Values[n]
	if len(of.Stratifiers) == 0 {
		of = &Group{Stratifiers: []Stratifier{{}}} // the value has no dimensions
	}
	sorted := slices.Sorted(slices.Values(names))
	for i := range of.Stratifiers {
		if slices.Equal(sorted, sortedNames(of.Stratifiers[i].Components)) {
			return &of.Stratifiers[i], nil
		}
	}
	want := of.Stratifiers[0].Components
	for _, c := range want {
		if !slices.Contains(names, c.Code) {
			return nil, w.fail(g, n, v, "MADX-013", c.Code, "", "missing: the Measure breaks %s down by it", quote.Text(v.DataElement))
		}
	}
	for _, name := range names {
		if !slices.ContainsFunc(want, func(c Coding) bool { return c.Code == name }) {
			return nil, w.fail(g, n, v, "MADX-011", name, "", "the Measure does not break %s down by it", quote.Text(v.DataElement))
		}
	}
	return nil, nil
}

func componentKey(list []wireComponent) string {
	attrs := make([]adx.Attr, len(list))
	for i, c := range list {
		attrs[i] = adx.Attr{Name: c.Code.Coding[0].Code, Value: c.Value.Coding[0].Code}
	}
	return attrKey(attrs)
}

// jsonNumber returns a decimal as a JSON number with all of its digits.
func jsonNumber(s string) (string, bool) {
	s = strings.Trim(s, " \t\r\n")
	sign := ""
	if rest, ok := strings.CutPrefix(s, "-"); ok {
		s, sign = rest, "-"
	} else {
		s = strings.TrimPrefix(s, "+")
	}
	whole, fraction, point := strings.Cut(s, ".")
	if whole == "" && fraction == "" || strings.Trim(whole+fraction, "0123456789") != "" {
		return "", false
	}
	whole = strings.TrimLeft(whole, "0")
	s = sign + orElse(whole, "0")
	if point && fraction != "" {
		s += "." + fraction
	}
	return s, true
}
