package optioncombo

import (
	"fmt"
	"iter"
	"regexp"
	"slices"
	"strings"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/internal/onevalue"
)

// A Merge replaces option combos by another one, wherever data and metadata
// name them. If several of them have a value for the same element, unit and
// period, the one updated last is kept, whichever combo it is of
// (RULES.md#values).
type Merge struct {
	Combos []hmis.UID // these may be unknown, such as the default of an old database
	Into   hmis.UID

	// Discard drops the data of Combos and keeps that of Into. Add has no
	// effect then.
	Discard bool

	// Add, if not nil, reports whether the numbers of a data element are added
	// up. They are not added if one of the values is not a number.
	Add func(element hmis.UID) bool

	// Warn, if not nil, is called for each expression in which two items become
	// the same one, since it may now count a value twice.
	Warn func(hmis.Issue)
}

// Duplicates returns a merge for each set of option combos that have the same
// category combo and the same options. Into is the well-known default if it is
// among them, or else the first in md.
func Duplicates(md hmis.Metadata) []Merge {
	at := make(map[string]int)
	var merges []Merge
	for _, c := range md.OptionCombos {
		key := identity(c)
		n, again := at[key]
		if !again {
			at[key] = len(merges)
			merges = append(merges, Merge{Into: c.ID})
			continue
		}
		m := &merges[n]
		if c.ID == wellKnownDefault {
			c.ID, m.Into = m.Into, c.ID
		}
		m.Combos = append(m.Combos, c.ID)
	}
	return slices.DeleteFunc(merges, func(m Merge) bool { return len(m.Combos) == 0 })
}

// wellKnownDefault is the default option combo of every new DHIS2 database.
const wellKnownDefault hmis.UID = "HllvX50cXC0"

// identity returns what makes an option combo the same as another one.
func identity(c hmis.OptionCombo) string {
	options := slices.Clone(c.Options)
	slices.Sort(options)
	var b strings.Builder
	b.WriteString(string(c.CategoryCombo))
	for _, o := range slices.Compact(options) {
		b.WriteString("\x00" + string(o))
	}
	return b.String()
}

// Metadata returns md after the merge: without the combos, and with Into in
// their place in forms, predictors, indicators and all expressions. md itself
// does not change.
//
// The error, [hmis.Issues], lists why the merge is not possible: Into is not in
// md, it is one of Combos, or one of Combos has other options and is not called
// default.
func (m Merge) Metadata(md hmis.Metadata) (hmis.Metadata, error) {
	if err := m.check(md); err != nil {
		return hmis.Metadata{}, err
	}
	gone := make(map[hmis.UID]bool)
	for _, id := range m.Combos {
		gone[id] = true
	}
	object := func(r hmis.Ref) bool { return r.Kind == hmis.KindOptionCombo && gone[r.ID] }
	md.OptionCombos = without(md.OptionCombos, func(c hmis.OptionCombo) bool { return gone[c.ID] })
	md.AttributeValues = without(md.AttributeValues, func(v hmis.AttributeValue) bool { return object(v.Object) })
	md.Translations = without(md.Translations, func(t hmis.Translation) bool { return object(t.Object) })
	md.Properties = without(md.Properties, func(p hmis.Property) bool { return object(p.Object) })

	md.DataSets = slices.Clone(md.DataSets)
	for i := range md.DataSets {
		s := &md.DataSets[i]
		s.Compulsory = m.operands(gone, s.Compulsory)
		s.Sections = slices.Clone(s.Sections)
		for k := range s.Sections {
			s.Sections[k].Greyed = m.operands(gone, s.Sections[k].Greyed)
		}
	}
	m.expressions(&md, gone)
	return md, nil
}

// check returns why the merge is not possible.
func (m Merge) check(md hmis.Metadata) error {
	byID := make(map[hmis.UID]hmis.OptionCombo)
	for _, c := range md.OptionCombos {
		byID[c.ID] = c
	}
	var issues hmis.Issues
	refuse := func(id hmis.UID, format string, args ...any) {
		issues = append(issues, &hmis.Issue{
			Severity: hmis.Critical, Object: hmis.Ref{Kind: hmis.KindOptionCombo, ID: id}, Offset: -1, Err: fmt.Errorf(format, args...),
		})
	}
	into, ok := byID[m.Into]
	if !ok {
		refuse(m.Into, "the target is no option combo of the metadata")
	}
	if len(m.Combos) == 0 {
		refuse(m.Into, "want option combos to merge, got none")
	}
	for _, id := range m.Combos {
		switch c, known := byID[id]; {
		case id == m.Into:
			refuse(id, "is to be merged into itself")
		case ok && known && identity(c) != identity(into) && !(isDefault(c) && isDefault(into)):
			refuse(id, "has other options than %s", m.Into)
		}
	}
	return issues.Err()
}

func isDefault(c hmis.OptionCombo) bool { return strings.EqualFold(c.Name, "default") }

func without[T any](list []T, gone func(T) bool) []T {
	return slices.DeleteFunc(slices.Clone(list), gone)
}

// operands returns a list with the merged combos replaced, and each operand
// once.
func (m Merge) operands(gone map[hmis.UID]bool, list []hmis.Operand) []hmis.Operand {
	var out []hmis.Operand
	for _, o := range list {
		if gone[o.OptionCombo] {
			o.OptionCombo = m.Into
		}
		if !slices.Contains(out, o) {
			out = append(out, o)
		}
	}
	return out
}

// expressions replaces the combos in indicators, validation rules and
// predictors.
func (m Merge) expressions(md *hmis.Metadata, gone map[hmis.UID]bool) {
	id := func(text string) string {
		if gone[hmis.UID(text)] {
			return string(m.Into)
		}
		return text
	}
	md.Indicators = slices.Clone(md.Indicators)
	for i := range md.Indicators {
		n := &md.Indicators[i]
		r := hmis.Ref{Kind: hmis.KindIndicator, ID: n.ID}
		n.Numerator = m.expression(gone, r, "numerator", n.Numerator)
		n.Denominator = m.expression(gone, r, "denominator", n.Denominator)
		n.ExportOptionCombo, n.ExportAttributeCombo = id(n.ExportOptionCombo), id(n.ExportAttributeCombo)
	}
	md.ValidationRules = slices.Clone(md.ValidationRules)
	for i := range md.ValidationRules {
		n := &md.ValidationRules[i]
		r := hmis.Ref{Kind: hmis.KindValidationRule, ID: n.ID}
		n.Left.Text = m.expression(gone, r, "leftSide", n.Left.Text)
		n.Right.Text = m.expression(gone, r, "rightSide", n.Right.Text)
	}
	md.Predictors = slices.Clone(md.Predictors)
	for i := range md.Predictors {
		n := &md.Predictors[i]
		r := hmis.Ref{Kind: hmis.KindPredictor, ID: n.ID}
		n.OutputOptionCombo = hmis.UID(id(string(n.OutputOptionCombo)))
		n.Generator.Text = m.expression(gone, r, "generator", n.Generator.Text)
		n.SkipTest.Text = m.expression(gone, r, "sampleSkipTest", n.SkipTest.Text)
	}
}

var (
	item = regexp.MustCompile(`#\{[^{}]*\}`)             // such as #{fbfJHSPpUQD.pq2XI5kz2BY}
	word = regexp.MustCompile(`[A-Za-z][A-Za-z0-9]{10}`) // an id of the DHIS2 form
)

// expression replaces the combos in one expression: every part of an item but
// its first, the data element.
func (m Merge) expression(gone map[hmis.UID]bool, r hmis.Ref, field, text string) string {
	before, after := make(map[string]bool), make(map[string]bool)
	out := item.ReplaceAllStringFunc(text, func(old string) string {
		element, combos, ok := strings.Cut(old, ".")
		now := old
		if ok {
			now = element + "." + word.ReplaceAllStringFunc(combos, func(id string) string {
				if gone[hmis.UID(id)] {
					return string(m.Into)
				}
				return id
			})
		}
		before[old], after[now] = true, true
		return now
	})
	if len(after) < len(before) && m.Warn != nil {
		m.Warn(hmis.Issue{
			Severity: hmis.Warning, Object: r, Field: field, Offset: -1,
			Err: fmt.Errorf("two items become one, which may count twice: %s", out),
		})
	}
	return out
}

// Values returns the data values that change: first the removed ones, marked
// Deleted, then the new ones, each in the order of the input. Values that stay
// the same are left out. Both the option combo and the attribute option combo
// of a value are replaced. Pass the result to Cube.With of package aggregate.
//
// Values reads the whole input before it yields the first value, and holds the
// values of the combos in memory. Of values that were updated at the same time,
// the one created last counts, then that of Into, then the one of the first in
// Combos.
func (m Merge) Values(values iter.Seq2[hmis.DataValue, error]) iter.Seq2[hmis.DataValue, error] {
	rank := map[hmis.UID]int{m.Into: 0}
	for i, id := range m.Combos {
		rank[id] = i + 1
	}
	return onevalue.Rule{
		Key: func(k hmis.Key) (hmis.Key, bool) {
			_, one := rank[k.OptionCombo]
			_, other := rank[k.AttributeCombo]
			if one {
				k.OptionCombo = m.Into
			}
			if other {
				k.AttributeCombo = m.Into
			}
			return k, one || other
		},
		Rank:    func(k hmis.Key) int { return rank[k.OptionCombo] + rank[k.AttributeCombo] },
		Newest:  true,
		Discard: m.Discard,
		Add:     m.Add,
	}.Values(values)
}
