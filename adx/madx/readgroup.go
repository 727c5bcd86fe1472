package madx

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/ohie-hmis/hmis-go/adx"
	"github.com/ohie-hmis/hmis-go/internal/quote"
)

// groups checks the groups of a report and returns those of a message: one for
// each combination of outer dimensions, in the order of the report.
func (c *reportCheck) groups(head adx.Group) []adx.Group {
	var out []adx.Group
	byOuter := map[string]int{}
	add := func(outer []adx.Attr, v adx.Value) {
		key := attrKey(outer)
		i, ok := byOuter[key]
		if !ok {
			i = len(out)
			byOuter[key] = i
			g := head
			g.Attrs = outer
			out = append(out, g)
		}
		out[i].Values = append(out[i].Values, v)
	}
	seen := map[string]bool{}
	for i := range c.res.groups {
		if c.err != nil {
			return nil
		}
		g := &c.res.groups[i]
		path := ".group[" + strconv.Itoa(i) + "]"
		code, of, ok := c.groupCode(g, path)
		if !ok {
			continue
		}
		if seen[code.System+" "+code.Code] {
			c.fail(g.at, adx.Finding{
				Rule: "MADX-018", Path: path + ".code", Got: code.Code,
				Err: errors.New("an earlier group has the same code"),
			})
			continue
		}
		seen[code.System+" "+code.Code] = true
		count, ok := c.population(g, path)
		if !ok {
			continue
		}
		c.score(g.score, g.at, path+".measureScore")
		n := 0
		for j := range g.stratifiers {
			n += len(g.stratifiers[j].strata)
		}
		if n == 0 {
			c.plain(g, code, of, count, path, add)
			continue
		}
		keys := map[string]bool{}
		for j := range g.stratifiers {
			c.stratifier(g, j, code, of, count, fmt.Sprintf("%s.stratifier[%d]", path, j), keys, add)
		}
	}
	return out
}

// groupCode checks MADX-006 and MADX-007. It returns the code of a group, and
// the group of the Measure if there is one.
func (c *reportCheck) groupCode(g *group, path string) (Coding, *Group, bool) {
	i := slices.IndexFunc(g.code, func(code Coding) bool { return code.Code != "" })
	if i < 0 {
		c.fail(g.at, adx.Finding{
			Rule: "MADX-006", Path: path + ".code",
			Err: errors.New("missing: want a coding with a code"),
		})
		return Coding{}, nil, false
	}
	if len(c.Measure.Groups) == 0 {
		return g.code[i], nil, true
	}
	for k := range c.Measure.Groups {
		for _, code := range g.code {
			if code.Code != "" && code.same(c.Measure.Groups[k].Code) {
				return c.Measure.Groups[k].Code, &c.Measure.Groups[k], true
			}
		}
	}
	c.fail(g.at, adx.Finding{
		Rule: "MADX-007", Path: path + ".code", Got: g.code[i].Code,
		Err: errors.New("not a group of the Measure"),
	})
	return Coding{}, nil, false
}

// population checks MADX-008 and returns the population whose count is the
// value.
func (c *reportCheck) population(g *group, path string) (*population, bool) {
	if len(g.populations) == 0 {
		c.fail(g.at, adx.Finding{
			Rule: "MADX-008", Path: path + ".population",
			Err: errors.New("missing: want one with code and count"),
		})
		return nil, false
	}
	ok := true
	best, rank := 0, -1
	for i := range g.populations {
		p := &g.populations[i]
		path := fmt.Sprintf("%s.population[%d]", path, i)
		if !slices.ContainsFunc(p.code, func(code Coding) bool { return code.Code != "" }) {
			c.fail(g.at, adx.Finding{
				Rule: "MADX-008", Path: path + ".code",
				Err: errors.New("missing"),
			})
			ok = false
		}
		if p.count == "" && !p.absent {
			c.fail(g.at, adx.Finding{
				Rule: "MADX-008", Path: path + ".count",
				Err: errors.New("missing, and so is the reason"),
			})
			ok = false
		}
		r := 0
		for _, code := range p.code {
			r = max(r, slices.Index([]string{"", "initial-population", measurePopulation.Code}, code.Code))
		}
		if r > rank {
			best, rank = i, r
		}
	}
	if ok && len(g.populations) > 1 && rank == 0 && g.score.value == "" && len(g.stratifiers) == 0 {
		c.fail(g.at, adx.Finding{
			Rule: "MADX-008", Path: path + ".population",
			Err: fmt.Errorf("%d populations, and none is the measure-population", len(g.populations)),
		})
		ok = false
	}
	return &g.populations[best], ok
}

// score checks MADX-020, and that a number has no comparator.
func (c *reportCheck) score(q quantity, at place, path string) bool {
	if q.unit != "" && q.unit != "1" {
		c.warn(at, adx.Finding{
			Rule: "MADX-020", Path: path + ".unit", Got: q.unit,
			Err: errors.New("want none, or 1"),
		})
	}
	if q.comparator != "" {
		c.fail(at, adx.Finding{
			Rule: "MADX-002", Path: path + ".comparator", Got: q.comparator,
			Err: errors.New("want a number, not a bound"),
		})
		return false
	}
	return true
}

// plain adds the value of a group without strata: its score, or else its count.
func (c *reportCheck) plain(g *group, code Coding, of *Group, count *population, path string, add func([]adx.Attr, adx.Value)) {
	if of != nil && len(of.Stratifiers) > 0 {
		c.fail(g.at, adx.Finding{
			Rule: "MADX-013", Path: path + ".stratifier",
			Err: fmt.Errorf("missing: the Measure breaks %s down", quote.Text(code.Code)),
		})
		return
	}
	number := orElse(g.score.value, count.count)
	if number == "" || g.score.bad || g.score.comparator != "" {
		return // the score is missing with a reason, or its error was reported before
	}
	value, ok := c.decimal(number, g.at, path+".measureScore.value")
	if !ok {
		return
	}
	if count.count != "" && len(g.populations) == 1 {
		// With several populations, as in a proportion, the score need not
		// equal the count of the first one.
		n, err1 := decimal.NewFromString(value)
		counted, err2 := decimal.NewFromString(count.count)
		if err1 == nil && err2 == nil && !n.Equal(counted) {
			c.warn(g.at, adx.Finding{
				Rule: "MADX-016", Path: path + ".measureScore", Got: value,
				Err: fmt.Errorf("the population counts %s: the score is taken", count.count),
			})
		}
	}
	add(nil, adx.Value{DataElement: code.Code, Value: value, Line: g.at.line, Column: g.at.column})
}

// stratifier adds the values of one stratifier's strata. keys has the strata of
// the group so far.
func (c *reportCheck) stratifier(g *group, j int, code Coding, of *Group, count *population, path string, keys map[string]bool, add func([]adx.Attr, adx.Value)) {
	s := &g.stratifiers[j]
	sum, whole := decimal.Decimal{}, true
	var st *Stratifier
	if of != nil {
		if st = stratifierOf(of, s); st == nil {
			c.fail(s.at, adx.Finding{
				Rule: "MADX-011", Path: path, Got: s.id,
				Err: errors.New("not a stratifier of the Measure: its components are others"),
			})
			return
		}
	}
	for k := range s.strata {
		if c.err != nil {
			return
		}
		t := &s.strata[k]
		path := fmt.Sprintf("%s.stratum[%d]", path, k)
		outer, inner, ok := c.components(t, st, path)
		if t.score.value == "" {
			c.fail(t.at, adx.Finding{
				Rule: "MADX-009", Path: path + ".measureScore.value",
				Err: errors.New("missing"),
			})
			ok = false
		}
		ok = c.score(t.score, t.at, path+".measureScore") && ok
		if !ok {
			whole = false
			continue
		}
		key := attrKey(slices.Concat(outer, inner))
		if keys[key] {
			c.fail(t.at, adx.Finding{
				Rule: "MADX-014", Path: path + ".component",
				Err: errors.New("an earlier stratum has the same components"),
			})
			whole = false
			continue
		}
		keys[key] = true
		value, ok := c.decimal(t.score.value, t.at, path+".measureScore.value")
		if !ok {
			whole = false
			continue
		}
		n, err := decimal.NewFromString(value)
		whole = whole && err == nil && n.IsInteger() && !n.IsNegative()
		sum = sum.Add(n)
		add(outer, adx.Value{DataElement: code.Code, Value: value, Attrs: inner, Line: t.at.line, Column: t.at.column})
	}
	if whole && len(s.strata) > 0 && count.count != "" && sum.String() != count.count {
		c.warn(s.at, adx.Finding{
			Rule: "MADX-016", Path: path,
			Err: fmt.Errorf("the strata add up to %v, and the population counts %s", sum, count.count),
		})
	}
}

// stratifierOf returns the stratifier of a Measure that has the id of s, a
// stratifier of a report, or else its components.
func stratifierOf(g *Group, s *stratifier) *Stratifier {
	for i := range g.Stratifiers {
		if s.id != "" && g.Stratifiers[i].ID == s.id {
			return &g.Stratifiers[i]
		}
	}
	if len(g.Stratifiers) == 1 {
		return &g.Stratifiers[0]
	}
	for i := range g.Stratifiers {
		if len(s.strata) > 0 && slices.EqualFunc(sortedNames(g.Stratifiers[i].Components), s.names(), func(a, b string) bool { return a == b }) {
			return &g.Stratifiers[i]
		}
	}
	return nil
}

func sortedNames(list []Coding) []string {
	var names []string
	for _, c := range list {
		names = append(names, c.Code)
	}
	slices.Sort(names)
	return names
}

// names returns the names of the components of the first stratum, sorted.
func (s *stratifier) names() []string {
	var list []Coding
	for _, c := range s.strata[0].components {
		list = append(list, firstCode(c.code))
	}
	return sortedNames(list)
}

func firstCode(list []Coding) Coding {
	for _, c := range list {
		if c.Code != "" {
			return c
		}
	}
	return Coding{}
}

// components checks MADX-010 to MADX-013. It returns the dimensions of a
// stratum in the order of the Measure.
func (c *reportCheck) components(t *stratum, st *Stratifier, path string) (outer, inner []adx.Attr, ok bool) {
	ok = true
	fail := func(rule string, at place, path, got, format string, args ...any) {
		c.fail(at, adx.Finding{Rule: rule, Path: path, Got: got, Err: fmt.Errorf(format, args...)})
		ok = false
	}
	if t.value {
		fail("MADX-010", t.at, path+".value", "", "want components in its place")
	}
	if len(t.components) == 0 {
		fail("MADX-010", t.at, path+".component", "", "missing")
	}
	type part struct{ name, value string }
	var parts []part
	for i := range t.components {
		p := &t.components[i]
		path := fmt.Sprintf("%s.component[%d]", path, i)
		name, value := firstCode(p.code), firstCode(p.value)
		if name.Code == "" || value.Code == "" {
			fail("MADX-010", p.at, path, "", "want a code and a value")
			continue
		}
		if st != nil {
			k := slices.IndexFunc(st.Components, func(want Coding) bool {
				return slices.ContainsFunc(p.code, func(code Coding) bool { return code.Code != "" && code.same(want) })
			})
			if k < 0 {
				fail("MADX-011", p.at, path+".code", name.Code, "not a component of the stratifier")
				continue
			}
			name = st.Components[k]
		}
		if slices.ContainsFunc(parts, func(o part) bool { return o.name == name.Code }) {
			fail("MADX-013", p.at, path, name.Code, "the component is there twice")
			continue
		}
		if dim := c.Measure.dimension(name.Code); dim != nil && dim.Codes != nil {
			k := slices.IndexFunc(dim.Codes, func(want Coding) bool {
				return slices.ContainsFunc(p.value, func(code Coding) bool { return code.Code != "" && code.same(want) })
			})
			if k < 0 {
				fail("MADX-012", p.at, path+".value", value.Code, "not in the value set %s", quote.Text(dim.ValueSet))
				continue
			}
			value = dim.Codes[k]
		}
		parts = append(parts, part{name.Code, value.Code})
	}
	if st != nil {
		for _, want := range st.Components {
			if ok && !slices.ContainsFunc(parts, func(p part) bool { return p.name == want.Code }) {
				fail("MADX-013", t.at, path+".component", "", "no component %s", quote.Text(want.Code))
			}
		}
		slices.SortStableFunc(parts, func(a, b part) int {
			index := func(name string) int {
				return slices.IndexFunc(st.Components, func(c Coding) bool { return c.Code == name })
			}
			return index(a.name) - index(b.name)
		})
	}
	for _, p := range parts {
		a := adx.Attr{Name: p.name, Value: p.value}
		if dim := c.Measure.dimension(p.name); dim != nil && dim.Outer {
			outer = append(outer, a)
		} else {
			inner = append(inner, a)
		}
	}
	return outer, inner, ok
}

// attrKey returns the same key for attributes in any order.
func attrKey(attrs []adx.Attr) string {
	parts := make([]string, len(attrs))
	for i, a := range attrs {
		parts[i] = strconv.Quote(a.Name) + strconv.Quote(a.Value)
	}
	slices.Sort(parts)
	return strings.Join(parts, "")
}

// decimal returns a JSON number in the form of ADX, which has no exponents.
func (c *reportCheck) decimal(number string, at place, path string) (string, bool) {
	i := strings.IndexAny(number, "eE")
	if i < 0 {
		return number, true
	}
	if exp, err := strconv.Atoi(number[i+1:]); err != nil || exp > 1000 || exp < -1000 {
		c.fail(at, adx.Finding{
			Rule: "MADX-002", Path: path, Got: number,
			Err: errors.New("want a number with an exponent up to 1000"),
		})
		return "", false
	}
	n, err := decimal.NewFromString(number)
	if err != nil {
		c.fail(at, adx.Finding{
			Rule: "MADX-002", Path: path, Got: number,
			Err: errors.New("want a number"),
		})
		return "", false
	}
	return n.String(), true
}
