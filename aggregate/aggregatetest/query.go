package aggregatetest

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/ohie-hmis/hmis-go/aggregate"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/ohie-hmis/hmis-go/period"
	"github.com/shopspring/decimal"
)

// A question is a query in a script.
type question struct {
	aggregate.Query
	explain bool
	plan    bool
	parts   bool // numerators and denominators are shown too
}

var sections = regexp.MustCompile(`\s(by|over|where|with)\s`)

// question parses a query. ok is false if the line does not begin like one.
func (r *reader) question(b block) (q question, ok bool, err error) {
	text, explain := strings.CutPrefix(b.text, "explain ")
	q.explain = explain
	text, q.plan = strings.CutPrefix(text, "plan ")
	verb, rest, _ := strings.Cut(text, " ")
	q.Aggregation = hmis.Aggregation(strings.ToUpper(verb))
	switch {
	case verb == "show":
		q.Aggregation = ""
	case verb != strings.ToLower(verb) || !slices.Contains(hmis.Aggregations(), q.Aggregation):
		return q, false, nil
	}
	rest = " " + rest + " "
	cuts := sections.FindAllStringSubmatchIndex(rest, -1)
	end := func(i int) int {
		if i < len(cuts) {
			return cuts[i][0] + 1
		}
		return len(rest)
	}
	if q.Data, err = r.items(rest[:end(0)]); err != nil {
		return q, true, at(r.file, b.line, "%w", err)
	}
	for i, c := range cuts {
		body := rest[c[1]:end(i+1)]
		switch rest[c[2]:c[3]] {
		case "by":
			err = r.by(&q, body)
		case "over":
			q.Periods, err = periods(body)
		case "where":
			err = r.where(&q.Filter, body)
		case "with":
			err = q.with(body)
		}
		if err != nil {
			return q, true, at(r.file, b.line, "%w", err)
		}
	}
	return q, true, nil
}

// items parses data items: BCG, Malaria.Male, Malaria.*.A, EPI.REPORTING_RATE.
// A name that was not declared is used as an id.
func (r *reader) items(s string) ([]indicator.Item, error) {
	var items []indicator.Item
	for _, text := range list(s) {
		parts := strings.Split(text, ".")
		item := indicator.Item{ID: ID(parts[0])}
		switch {
		case len(parts) == 1:
		case slices.ContainsFunc(r.Metadata.DataSets, func(d hmis.DataSet) bool { return d.ID == item.ID }):
			item.Rate = indicator.Rate(parts[1])
		default:
			if parts[1] != "*" {
				item.OptionCombo = ID(parts[1])
			}
			if len(parts) > 2 {
				item.AttributeCombo = ID(parts[2])
			}
		}
		items = append(items, item)
	}
	return items, nil
}

func (r *reader) by(q *question, s string) error {
	for _, text := range list(s) {
		if level, ok := r.level(text); ok {
			tree, err := r.Tree()
			if err != nil {
				return err
			}
			q.OrgUnits = append(q.OrgUnits, tree.AtLevel(level)...)
			continue
		}
		if r.isUnit(text) {
			q.OrgUnits = append(q.OrgUnits, ID(text))
			continue
		}
		a, err := axis(text)
		if err != nil {
			return err
		}
		q.Split = append(q.Split, a)
	}
	return nil
}

func (r *reader) isUnit(name string) bool {
	return slices.ContainsFunc(r.Metadata.OrgUnits, func(u hmis.OrgUnit) bool { return u.ID == ID(name) })
}

// level parses "level 2", or the name of a level. ok is false for other texts.
func (r *reader) level(s string) (n int, ok bool) {
	if n, ok := strings.CutPrefix(s, "level "); ok {
		level, err := strconv.Atoi(strings.TrimSpace(n))
		return level, err == nil
	}
	for _, l := range r.Metadata.OrgUnitLevels {
		if l.Name == s {
			return l.Level, true
		}
	}
	return 0, false
}

var axisForm = regexp.MustCompile(`^([A-Za-z0-9]+)(?:\(([^()]*)\))?$`)

// axis parses Sex or Sex(Male Female).
func axis(s string) (aggregate.Axis, error) {
	m := axisForm.FindStringSubmatch(s)
	if m == nil {
		return aggregate.Axis{}, fmt.Errorf("%q is no axis", s)
	}
	return aggregate.Axis{ID: ID(m[1]), Items: ids(fields(m[2]))}, nil
}

// periods parses identifiers and ranges of them.
func periods(s string) ([]period.Period, error) {
	var all []period.Period
	for _, text := range list(s) {
		first, last, isRange := strings.Cut(text, "..")
		p, err := period.Parse(first)
		if err != nil {
			return nil, err
		}
		if !isRange {
			all = append(all, p)
			continue
		}
		q, err := period.Parse(last)
		if err != nil {
			return nil, err
		}
		all = append(all, period.Range(p, q)...)
	}
	return all, nil
}

func (r *reader) where(f *aggregate.Filter, s string) (err error) {
	for _, text := range strings.Split(s, " and ") {
		text = strings.TrimSpace(text)
		key, rest, _ := strings.Cut(text, " ")
		switch key {
		case "data":
			f.Data, err = r.items(rest)
		case "units":
			f.OrgUnits = ids(list(rest))
		case "periods":
			f.Periods, err = periods(rest)
		case "days":
			first, last, _ := strings.Cut(rest, " to ")
			if f.From, err = period.ParseDate(first); err == nil && last != "" {
				f.To, err = period.ParseDate(strings.TrimSpace(last))
			}
		default:
			var a aggregate.Axis
			a, err = axis(text)
			f.Axes = append(f.Axes, a)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (q *question) with(s string) error {
	for _, text := range list(s) {
		switch f := fields(text); {
		case text == "unrounded":
			q.SkipRounding = true
		case text == "zeros":
			q.ZeroIsData = true
		case text == "valid":
			q.ValidOnly = true
		case text == "artefacts":
			q.ServerArtefacts = true
		case text == "parts":
			q.parts = true
		case len(f) == 3 && (f[0] == "measure" || f[0] == "values"):
			n, err := decimal.NewFromString(f[2])
			if err != nil {
				return fmt.Errorf("%q is no number", f[2])
			}
			c := aggregate.Criterion{Op: f[1], Number: n}
			if f[0] == "measure" {
				q.Criteria = append(q.Criteria, c)
			} else {
				q.ValueCriteria = append(q.ValueCriteria, c)
			}
		default:
			return fmt.Errorf("unknown setting %q", text)
		}
	}
	return nil
}

// A word is one of the names of a cell. It may be left out if the query has
// only one of its kind.
type word struct {
	text   string
	needed bool
}

// name returns the names of a cell of q.
func (r *reader) name(q *question, c aggregate.Cell) []word {
	var name []word
	if len(q.Data) > 0 {
		name = append(name, word{r.Named(itemText(c.Data)), len(q.Data) > 1})
	}
	if len(q.OrgUnits) > 0 {
		name = append(name, word{r.Named(string(c.OrgUnit)), len(q.OrgUnits) > 1})
	}
	for i, item := range c.Split {
		name = append(name, word{r.Named(string(item)), len(q.Split[i].Items) != 1})
	}
	if len(q.Periods) > 0 { // last, since it may be the heading of a column
		name = append(name, word{c.Period.String(), len(q.Periods) > 1})
	}
	return name
}

// isNamed reports whether words are the names of a cell, where some may be left
// out.
func isNamed(words []string, name []word) bool {
	for _, n := range name {
		if len(words) > 0 && words[0] == n.text {
			words = words[1:]
		} else if n.needed {
			return false
		}
	}
	return len(words) == 0
}

// nameText returns the required parts of the name of a cell, for messages.
func nameText(name []word) string {
	var list []string
	for _, n := range name {
		if n.needed {
			list = append(list, n.text)
		}
	}
	if len(list) == 0 {
		return "the cell"
	}
	return strings.Join(list, " ")
}

func itemText(item indicator.Item) string {
	item.Kind = indicator.AnyItem
	return item.String()
}

// shown returns the text that a script has after the names of a cell.
func (r *reader) shown(q *question, c aggregate.Cell) string {
	s := c.Value.String()
	if s == "" || strings.ContainsAny(s, " \t") {
		s = strconv.Quote(s)
	}
	if !q.parts {
		return s
	}
	s += " " + c.Numerator.String() + " " + c.Denominator.String()
	if c.Multiplier != 0 || c.Divisor != 0 {
		s += fmt.Sprintf(" %d %d", c.Multiplier, c.Divisor)
	}
	return s
}
