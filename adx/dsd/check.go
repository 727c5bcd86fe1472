package dsd

import (
	"errors"
	"iter"
	"slices"
	"strings"

	"github.com/ohie-hmis/hmis-go/adx"
	"github.com/ohie-hmis/hmis-go/adx/internal/decimal"
	"github.com/ohie-hmis/hmis-go/adx/internal/quota"
	"github.com/ohie-hmis/hmis-go/adx/internal/token"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/internal/quote"
)

// A Checker compares messages with a definition. Use [Checker.Message] for a
// whole message, [Checker.Groups] for groups that are read or written, and
// [Checker.Keep] in an [adx.Import].
type Checker struct {
	Definition *Definition

	// DataSet is the text that the attribute dataSet of each message must have.
	// If empty, it is the id of the definition, with or without a leading DSD_
	// (ADX-116).
	DataSet string

	// Edition is the year of the profile, 2015 or 2017; 0 means 2017. Groups of
	// the older edition may have no data set.
	Edition int

	// Tolerant reports a missing outer dimension, or a value that repeats
	// unchanged, as a warning instead of an error. Message also reads with a
	// tolerant [adx.Reader].
	Tolerant bool

	// Text, if not nil, reports whether the values of a data element are texts.
	// If nil, the definition decides. A definition from a file has no texts.
	Text func(dataElement string) bool

	// Keys is the number of values that are remembered to find repeats. If
	// there are more, only the values of one group are compared. 0 means
	// 1,000,000, which need some 100 MB, and a negative number means none.
	Keys int

	// Limit is the largest number of findings that are returned. If there are
	// more, a last finding with rule ADX-165 has the number of the rest. 0
	// means 1,000, and a negative number means all.
	Limit int

	// Limits are the limits of the [adx.Reader] that Message uses.
	// Limits.Findings is ignored.
	Limits adx.Limits
}

// CheckGroups compares groups with the definition. It is [Checker.Groups] of a
// Checker with only this definition.
func (d *Definition) CheckGroups(groups iter.Seq2[adx.Group, error]) iter.Seq2[adx.Finding, error] {
	return Checker{Definition: d}.Groups(groups)
}

// Groups compares groups with the definition and returns the findings, in
// order. It checks ADX-025, ADX-027, ADX-029 to ADX-033, ADX-043 to ADX-046,
// ADX-049, ADX-050, ADX-052, ADX-053, ADX-060 and ADX-116 (RULES.md#groups,
// RULES.md#values). For groups that no Reader has read it also checks ADX-020,
// ADX-021, ADX-026 and ADX-040 to ADX-042. An [adx.Reader] checks the other
// rules. Both look for repeated keys, because only a definition says which
// attributes belong to a key. Line and column are those of the tag of a group
// or value. If the last pair has an error, it is that of groups. Memory is
// bounded by Keys.
func (c Checker) Groups(groups iter.Seq2[adx.Group, error]) iter.Seq2[adx.Finding, error] {
	return func(yield func(adx.Finding, error) bool) {
		if c.Definition == nil {
			yield(adx.Finding{}, errNoDefinition)
			return
		}
		newCheck(c, yield).groups(groups)
	}
}

var errNoDefinition = errors.New("adx: the checker has no definition")

// A check is the state of one pass over a message.
type check struct {
	Checker
	*Definition
	in    *adx.Reader // the Reader that the groups come from, or nil
	yield func(adx.Finding, error) bool
	more  bool // the caller wants more findings
	log   quota.Quota

	compared int        // how many codes have been compared to suggest corrections
	met      int        // how many groups have been checked
	current  *adx.Group // the group being checked
	valueAt  int        // the index in the current group of the value being checked; -1 for the group itself
	at       place
	aliased  bool // ADX-116 has been reported
	byName   map[string]int
	outer    []string // the code of each outer dimension of the group; "" if missing
	inner    []string // the code of each inner dimension of the value; "" if missing
	has      []bool
	seen     repeats

	marks bool  // mark must append to bad
	bad   []int // indexes of the group's values with an error; -1 if the group itself has one
}

func newCheck(c Checker, yield func(adx.Finding, error) bool) *check {
	d := c.Definition
	k := &check{
		Checker: c, Definition: d, yield: yield, more: true,
		log: quota.New(c.Limit), byName: make(map[string]int, len(d.dims)),
		outer: make([]string, len(d.dims)), inner: make([]string, len(d.dims)), has: make([]bool, len(d.dims)),
		seen: newRepeats(c.Keys),
	}
	for i := range d.dims {
		k.byName[d.dims[i].name] = i
	}
	return k
}

// report yields a finding. Beyond the limit it only counts it.
func (k *check) report(f adx.Finding) {
	k.mark(f.Severity)
	if !k.log.Pass() || !k.more {
		return
	}
	f.Line, f.Column, f.Path = k.at.line, k.at.column, k.current.Path(k.valueAt)
	if k.in != nil {
		if line, column := k.in.Place(k.valueAt, f.Attr); line > 0 {
			f.Line, f.Column = line, column
		}
	}
	k.more = k.yield(f, nil)
}

// summary reports the number of findings beyond the limit (ADX-165).
func (k *check) summary() bool {
	if rest := k.log.Rest(); k.more && rest != nil {
		k.more = k.yield(adx.Finding{Rule: "ADX-165", Severity: hmis.Info, Err: rest}, nil)
	}
	return k.more
}

// maxCompared limits how many codes are compared to suggest the one that was
// meant. Without a limit, a bad message could cause much work.
const maxCompared = 2_000_000

// meant returns the words of an error about a code that is not in list. They
// include the code that was probably meant.
func (k *check) meant(got string, list *codelist) string {
	if k.compared += len(list.codes); k.compared <= maxCompared {
		ids := func(yield func(string) bool) {
			for i := range list.codes {
				if !yield(list.codes[i].id) {
					return
				}
			}
		}
		if n := near(got, ids); n != "" {
			return "a code of " + token.Name(list.id) + ", such as " + quote.Text(n)
		}
	}
	return "a code of " + token.Name(list.id)
}

// groups checks all groups of a message.
func (k *check) groups(groups iter.Seq2[adx.Group, error]) {
	for g, err := range groups {
		if err != nil {
			if k.summary() {
				k.yield(adx.Finding{}, err)
			}
			return
		}
		if !k.more || !k.group(&g) {
			return
		}
	}
	k.summary()
}

// group checks a group. The result is false if yield returned false.
func (k *check) group(g *adx.Group) bool {
	if k.met++; g.Number == 0 {
		g.Number = k.met
	}
	k.current, k.valueAt = g, -1
	k.at = place{g.Line, g.Column}
	k.dataSet(g.DataSet)
	switch d := k.Definition; {
	case g.Period.IsZero():
		k.report(adx.Finding{
			Rule: "ADX-021", Severity: severe, Attr: "period",
			Err: errors.New("missing"),
		})
	case d.timeType == "TimeRange" && g.Period.IsInstant():
		k.report(adx.Finding{
			Rule: "ADX-025", Severity: severe, Attr: "period", Got: g.Period.String(),
			Want: "a start and a duration",
		})
	case d.timeType == "DateTime" && !g.Period.IsInstant():
		k.report(adx.Finding{
			Rule: "ADX-025", Severity: severe, Attr: "period", Got: g.Period.String(),
			Want: "a moment",
		})
	}
	unit := token.Collapse(g.OrgUnit)
	if unit == "" {
		k.report(adx.Finding{
			Rule: "ADX-020", Severity: severe, Attr: "orgUnit",
			Err: errors.New("missing"),
		})
	} else if k.unit != nil && !k.unit[unit] {
		k.report(adx.Finding{
			Rule: "ADX-030", Severity: severe, Attr: "orgUnit", Got: g.OrgUnit,
			Want: k.meant(unit, k.units),
		})
	}
	k.attributes(g.Attrs, true, groupExtensions)
	for i := range k.dims {
		if !k.dims[i].outer || k.has[i] {
			continue
		}
		severity := severe
		if k.Tolerant {
			severity = warning
		}
		k.report(adx.Finding{
			Rule: "ADX-032", Severity: severity, Attr: k.dims[i].name,
			Err: errors.New("the outer dimension is missing"),
		})
	}
	combo, _ := g.Attr("attributeOptionCombo")
	if !k.seen.group(g, unit, k.outer, combo) {
		k.report(adx.Finding{
			Rule: "ADX-029", Severity: warning,
			Err: errors.New("an earlier group has the same data set, org unit, period and outer dimensions"),
		})
	}
	for i := range g.Values {
		if !k.more {
			return false
		}
		k.valueAt = i
		k.value(&g.Values[i])
	}
	return k.more
}

// dataSet checks the attribute dataSet of a group (ADX-026, ADX-027 and
// ADX-116).
func (k *check) dataSet(got string) {
	want := k.DataSet
	if want == "" {
		want = k.main.id
	}
	got = token.Collapse(got)
	short, prefixed := strings.CutPrefix(want, "DSD_")
	switch {
	case got == want:
	case got == "":
		if k.Edition != 2015 {
			k.report(adx.Finding{
				Rule: "ADX-026", Severity: severe, Attr: "dataSet",
				Err: errors.New("missing"),
			})
		}
	case k.DataSet == "" && prefixed && got == short:
		if !k.aliased {
			k.report(adx.Finding{
				Rule: "ADX-116", Severity: warning, Attr: "dataSet", Got: got,
				Err: errors.New("the definition has the id " + quote.Text(want)),
			})
		}
		k.aliased = true
	default:
		k.report(adx.Finding{
			Rule: "ADX-027", Severity: severe, Attr: "dataSet", Got: got, Want: quote.Text(want),
		})
	}
}

// attributes checks the attributes of a group or value (ADX-031, ADX-033,
// ADX-044, ADX-050 and ADX-060). It sets k.has, and k.outer or k.inner.
func (k *check) attributes(attrs []adx.Attr, outer bool, usual []string) {
	clear(k.has)
	values := k.inner
	if outer {
		values = k.outer
	}
	clear(values)
	for _, a := range attrs {
		if a.Space != "" {
			continue // an attribute with a namespace is never a dimension
		}
		i, declared := k.byName[a.Name]
		switch {
		case !declared:
			k.unknown(a, outer, usual)
			continue
		case k.dims[i].outer && !outer:
			k.report(adx.Finding{
				Rule: "ADX-033", Severity: severe, Attr: a.Name, Got: a.Value,
				Want: "it on the group",
			})
			continue
		case !k.dims[i].outer && outer:
			k.report(adx.Finding{
				Rule: "ADX-033", Severity: severe, Attr: a.Name, Got: a.Value,
				Want: "it on the value",
			})
			continue
		}
		k.has[i] = true
		values[i] = token.Collapse(a.Value)
		dim := &k.dims[i]
		if dim.list == nil {
			continue
		}
		switch bad, listed := dim.codes[values[i]]; {
		case !listed && outer:
			k.report(adx.Finding{
				Rule: "ADX-031", Severity: severe, Attr: a.Name, Got: a.Value,
				Want: k.meant(values[i], dim.list),
			})
		case !listed:
			k.report(adx.Finding{
				Rule: "ADX-044", Severity: severe, Attr: a.Name, Got: a.Value,
				Want: k.meant(values[i], dim.list),
			})
		case bad:
			k.report(adx.Finding{
				Rule: "ADX-060", Severity: warning, Attr: a.Name, Got: a.Value,
				Want: "an age band, as P1Y--P5Y",
			})
		}
	}
}

// unknown reports an attribute that is no dimension (ADX-050). Usual extensions
// and the default category of DHIS2 are not reported (RULES.md#dimensions).
func (k *check) unknown(a adx.Attr, outer bool, usual []string) {
	if slices.Contains(usual, a.Name) || a.Name == "default" && a.Value == "default" {
		return
	}
	var names []string
	for i := range k.dims {
		names = append(names, k.dims[i].name)
	}
	if !outer {
		names = append(names, "dataElement", "value")
	}
	k.report(adx.Finding{
		Rule: "ADX-050", Severity: warning, Attr: a.Name, Got: a.Value,
		Want: near(a.Name, slices.Values(names)),
		Err:  errors.New("not an attribute of the definition"),
	})
}

// value checks one value of the current group.
func (k *check) value(v *adx.Value) {
	if v.Line > 0 {
		k.at = place{v.Line, v.Column}
	}
	k.attributes(v.Attrs, false, valueExtensions)
	element := token.Collapse(v.DataElement)
	rule := k.element[element]
	switch {
	case element == "":
		k.report(adx.Finding{
			Rule: "ADX-040", Severity: severe, Attr: "dataElement",
			Err: errors.New("missing"),
		})
	case rule == nil && k.elements != nil:
		k.report(adx.Finding{
			Rule: "ADX-043", Severity: severe, Attr: "dataElement", Got: v.DataElement,
			Want: k.meant(element, k.elements),
		})
	case rule != nil && k.ragged:
		for i, needed := range rule.needs {
			switch {
			case needed && !k.has[i]:
				k.report(adx.Finding{
					Rule: "ADX-045", Severity: severe, Attr: k.dims[i].name,
					Err: errors.New("data element " + quote.Text(element) + " has this dimension, and it is missing"),
				})
			case !needed && k.has[i]:
				k.report(adx.Finding{
					Rule: "ADX-046", Severity: severe, Attr: k.dims[i].name, Got: k.inner[i],
					Err: errors.New("data element " + quote.Text(element) + " does not have this dimension"),
				})
			}
		}
	}
	switch {
	case v.Value == "":
		k.report(adx.Finding{
			Rule: "ADX-041", Severity: severe, Attr: "value",
			Err: errors.New("missing"),
		})
	case !isDecimal(v.Value):
		k.report(adx.Finding{
			Rule: "ADX-042", Severity: severe, Attr: "value", Got: v.Value, Want: "a decimal",
		})
	}
	if k.isText(element) {
		if v.Annotation == nil {
			k.report(adx.Finding{
				Rule: "ADX-053", Severity: severe, Want: "an annotation",
				Err: errors.New("data element " + quote.Text(element) + " is a text, and there is none"),
			})
		}
		if !decimal.IsZero(token.Collapse(v.Value)) {
			k.report(adx.Finding{
				Rule: "ADX-052", Severity: warning, Attr: "value", Got: v.Value, Want: "0",
				Err: errors.New("data element " + quote.Text(element) + " is a text"),
			})
		}
	}
	combo, _ := v.Attr("categoryOptionCombo")
	if first, same := k.seen.value(element, k.inner, combo, v); !first {
		severity := severe
		if same && k.Tolerant {
			severity = warning
		}
		k.report(adx.Finding{
			Rule: "ADX-049", Severity: severity, Attr: "dataElement", Got: v.DataElement,
			Err: errors.New("an earlier value has the same key"),
		})
	}
}

func (k *check) isText(element string) bool {
	if k.Text != nil {
		return k.Text(element)
	}
	return k.texts[element]
}

// isDecimal reports whether s is a decimal. White space around it is allowed.
func isDecimal(s string) bool {
	_, ok := decimal.Digits(token.Collapse(s))
	return ok
}
