package aggregatetest

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/period"
	"github.com/shopspring/decimal"
)

// defaultCombo is the option combo with the name "default".
const defaultCombo hmis.UID = "HllvX50cXC0"

var nameForm = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9]{0,10}$`)

// ID returns the id of the object with this name in a text: the name, followed
// by zeros up to 11 characters. The name "default" is that of the default
// option combo.
func ID(name string) hmis.UID {
	switch name {
	case "default":
		return defaultCombo
	case "co", "ao", "*", "":
		return hmis.UID(name)
	}
	return hmis.UID(name + strings.Repeat("0", max(11-len(name), 0)))
}

func ids(names []string) []hmis.UID {
	var list []hmis.UID
	for _, n := range names {
		list = append(list, ID(n))
	}
	return list
}

// declare makes a name known. It returns an error if the word is no name, or is
// already known.
func (r *reader) declare(l line, name string) error {
	if !nameForm.MatchString(name) {
		return at(r.file, l, "%q is no name: want up to 11 letters and digits", name)
	}
	if had, ok := r.names[ID(name)]; ok {
		return at(r.file, l, "%q is already the name of something, %q", name, had)
	}
	r.names[ID(name)] = name
	return nil
}

// check returns an error if a name was not declared.
func (r *reader) check(l line, names ...string) error {
	for _, n := range names {
		if _, ok := r.names[ID(n)]; !ok {
			return at(r.file, l, "nothing is named %q", n)
		}
	}
	return nil
}

var (
	words    = regexp.MustCompile(`[A-Za-z][A-Za-z0-9_]*`)
	braces   = regexp.MustCompile(`\{[^{}]*\}`)
	longName = regexp.MustCompile(`[A-Za-z][A-Za-z0-9]{10}`)
)

// expression returns s with ids in place of the names within braces.
func (r *reader) expression(s string) string {
	return braces.ReplaceAllStringFunc(s, func(item string) string {
		return words.ReplaceAllStringFunc(item, func(name string) string {
			if _, ok := r.names[ID(name)]; ok {
				return string(ID(name))
			}
			return name
		})
	})
}

var kindsOfGroups = map[string][2]hmis.Kind{
	"units":    {hmis.KindOrgUnitGroup, hmis.KindOrgUnitGroupSet},
	"elements": {hmis.KindDataElementGroup, hmis.KindDataElementGroupSet},
	"options":  {hmis.KindCategoryOptionGroup, hmis.KindCategoryOptionGroupSet},
}

// describe parses a block about metadata. ok is false if b is another block.
func (r *reader) describe(b block) (ok bool, err error) {
	words := fields(b.text)
	row := map[string]func(line) error{
		"categories": r.category, "options": r.option, "combos": r.combo, "elements": r.element,
		"sets": r.dataSet, "constants": r.constant, "indicators": r.indicator,
	}[words[0]]
	switch {
	case words[0] == "levels":
		for i, name := range words[1:] {
			r.Metadata.OrgUnitLevels = append(r.Metadata.OrgUnitLevels, hmis.OrgUnitLevel{ID: ID(name), Name: name, Level: i + 1})
		}
		return true, nil
	case words[0] == "units" && len(words) == 1:
		return true, r.units(b)
	case len(words) == 3 && words[1] == "of" && kindsOfGroups[words[2]] != [2]hmis.Kind{}:
		kinds := kindsOfGroups[words[2]]
		switch words[0] {
		case "groups":
			row = func(l line) error { return r.group(l, kinds[0]) }
		case "groupsets":
			row = func(l line) error { return r.groupSet(l, kinds[1]) }
		}
	}
	if row == nil {
		return false, nil
	}
	if words[0] == "indicators" { // an indicator may refer to later ones
		for _, l := range b.rows {
			if err := r.declare(l, fields(l.text)[0]); err != nil {
				return true, err
			}
		}
	}
	for _, l := range b.rows {
		if err := row(l); err != nil {
			return true, err
		}
	}
	return true, nil
}

func (r *reader) units(b block) error {
	var path []hmis.UID
	for _, l := range b.rows {
		e := entryOf(l, "opened", "closed")
		if l.depth > len(path)+1 {
			return at(r.file, l, "indented too far")
		}
		if err := r.declare(l, e.name); err != nil {
			return err
		}
		unit := hmis.OrgUnit{ID: ID(e.name), Name: e.name}
		path = path[:l.depth-1]
		if len(path) > 0 {
			unit.Parent = path[len(path)-1]
		}
		path = append(path, unit.ID)
		var err1, err2 error
		unit.Opened, err1 = r.date(e, "opened")
		unit.Closed, err2 = r.date(e, "closed")
		if err1 != nil || err2 != nil {
			return at(r.file, l, "%v%v", err1, err2)
		}
		r.Metadata.OrgUnits = append(r.Metadata.OrgUnits, unit)
	}
	return nil
}

func (r *reader) date(e entry, key string) (period.Date, error) {
	if !e.has(key) {
		return 0, nil
	}
	return period.ParseDate(e.one(key))
}

func (r *reader) category(l line) error {
	e := entryOf(l, "attribute")
	if err := r.declare(l, e.name); err != nil {
		return err
	}
	for _, name := range e.words {
		if _, ok := r.names[ID(name)]; ok {
			continue // an option in two categories
		}
		if err := r.declare(l, name); err != nil {
			return err
		}
		r.Metadata.CategoryOptions = append(r.Metadata.CategoryOptions, hmis.CategoryOption{ID: ID(name), Name: name})
	}
	r.Metadata.Categories = append(r.Metadata.Categories, hmis.Category{ID: ID(e.name), Name: e.name, Options: ids(e.words), Attribute: e.has("attribute")})
	return nil
}

func (r *reader) option(l line) error {
	e := entryOf(l, "from", "to", "at")
	i := slices.IndexFunc(r.Metadata.CategoryOptions, func(o hmis.CategoryOption) bool { return o.ID == ID(e.name) })
	if i < 0 {
		return at(r.file, l, "no category has an option %q", e.name)
	}
	if err := r.check(l, e.parts["at"]...); err != nil {
		return err
	}
	o := &r.Metadata.CategoryOptions[i]
	var err1, err2 error
	o.First, err1 = r.date(e, "from")
	o.Last, err2 = r.date(e, "to")
	if err1 != nil || err2 != nil {
		return at(r.file, l, "%v%v", err1, err2)
	}
	o.OrgUnits = ids(e.parts["at"])
	return nil
}

// combo adds a category combo, with an option combo for each combination of
// options.
func (r *reader) combo(l line) error {
	e := entryOf(l, "skiptotal")
	if err := r.declare(l, e.name); err != nil {
		return err
	}
	type choice struct {
		name    string
		options []hmis.UID
	}
	choices := []choice{{}}
	for _, name := range e.words {
		i := slices.IndexFunc(r.Metadata.Categories, func(c hmis.Category) bool { return c.ID == ID(name) })
		if i < 0 {
			return at(r.file, l, "no category %q", name)
		}
		var next []choice
		for _, c := range choices {
			for _, o := range r.Metadata.Categories[i].Options {
				next = append(next, choice{c.name + r.names[o], append(slices.Clip(c.options), o)})
			}
		}
		choices = next
	}
	r.Metadata.CategoryCombos = append(r.Metadata.CategoryCombos, hmis.CategoryCombo{
		ID: ID(e.name), Name: e.name, Categories: ids(e.words), SkipTotal: e.has("skiptotal"),
	})
	for _, c := range choices {
		if len(e.words) > 1 { // a single option has the same name as its combo
			if err := r.declare(l, c.name); err != nil {
				return err
			}
		}
		r.Metadata.OptionCombos = append(r.Metadata.OptionCombos, hmis.OptionCombo{
			ID: ID(c.name), Name: c.name, CategoryCombo: ID(e.name), Options: c.options,
		})
	}
	return nil
}

func (r *reader) group(l line, kind hmis.Kind) error {
	e := entryOf(l)
	if err := r.check(l, e.words...); err != nil {
		return err
	}
	r.Metadata.Groups = append(r.Metadata.Groups, hmis.Group{Kind: kind, ID: ID(e.name), Name: e.name, Members: ids(e.words)})
	return r.declare(l, e.name)
}

func (r *reader) groupSet(l line, kind hmis.Kind) error {
	e := entryOf(l, "below", "attribute")
	if err := r.check(l, e.words...); err != nil {
		return err
	}
	r.Metadata.GroupSets = append(r.Metadata.GroupSets, hmis.GroupSet{
		Kind: kind, ID: ID(e.name), Name: e.name, Groups: ids(e.words), Below: e.has("below"), Attribute: e.has("attribute"),
	})
	return r.declare(l, e.name)
}

func (r *reader) element(l line) error {
	e := entryOf(l, "combo", "levels", "zeros", "tracker")
	if len(e.words) != 2 {
		return at(r.file, l, "want a name, a value type and an aggregation")
	}
	typ := hmis.ValueType(strings.ToUpper(e.words[0]))
	if !slices.Contains(hmis.ValueTypes(), typ) {
		return at(r.file, l, "%q: want a value type such as INTEGER", typ)
	}
	d := hmis.DataElement{
		ID: ID(e.name), Name: e.name, ValueType: typ, Aggregation: hmis.Aggregation(e.words[1]),
		ZeroIsData: e.has("zeros"), Tracker: e.has("tracker"),
	}
	if e.has("combo") {
		d.CategoryCombo = ID(e.one("combo"))
		if err := r.check(l, e.one("combo")); err != nil {
			return err
		}
	}
	for _, n := range e.parts["levels"] {
		level, err := strconv.Atoi(n)
		if err != nil {
			return at(r.file, l, "%q is no level", n)
		}
		d.Levels = append(d.Levels, level)
	}
	r.Metadata.DataElements = append(r.Metadata.DataElements, d)
	return r.declare(l, e.name)
}

func (r *reader) dataSet(l line) error {
	e := entryOf(l, "elements", "at", "timely", "combo", "after")
	if len(e.words) != 1 {
		return at(r.file, l, "want a name and a period type")
	}
	typ, err := period.ParseType(e.words[0])
	if err != nil {
		return at(r.file, l, "%w", err)
	}
	if err := r.check(l, slices.Concat(e.parts["elements"], e.parts["at"], e.parts["combo"])...); err != nil {
		return err
	}
	s := hmis.DataSet{ID: ID(e.name), Name: e.name, PeriodType: typ, OrgUnits: ids(e.parts["at"])}
	if e.has("combo") {
		s.CategoryCombo = ID(e.one("combo"))
	}
	for _, d := range e.parts["elements"] {
		s.Elements = append(s.Elements, hmis.DataSetElement{DataElement: ID(d)})
	}
	if e.has("timely") {
		if s.TimelyDays, err = strconv.ParseFloat(e.one("timely"), 64); err != nil {
			return at(r.file, l, "%q are no days", e.one("timely"))
		}
	}
	if e.has("after") {
		if s.OpenAfterEnd, err = strconv.Atoi(e.one("after")); err != nil {
			return at(r.file, l, "%q is no number of periods", e.one("after"))
		}
	}
	r.Metadata.DataSets = append(r.Metadata.DataSets, s)
	return r.declare(l, e.name)
}

func (r *reader) constant(l line) error {
	e := entryOf(l)
	d, err := decimal.NewFromString(strings.Join(e.words, " "))
	if err != nil {
		return at(r.file, l, "%q is no number", e.words)
	}
	r.Metadata.Constants = append(r.Metadata.Constants, hmis.Constant{ID: ID(e.name), Name: e.name, Value: d})
	return r.declare(l, e.name)
}

var indicatorForm = regexp.MustCompile(`^(\S+)\s+(.*?)(?:\s+per\s+(.*?))?(?:\s+times (\d+))?(\s+annualized)?(?:\s+decimals (\d+))?$`)

func (r *reader) indicator(l line) error {
	m := indicatorForm.FindStringSubmatch(l.text)
	if m == nil {
		return at(r.file, l, "want NAME NUMERATOR [per DENOMINATOR] [times N] [annualized] [decimals N]")
	}
	ind := hmis.Indicator{ID: ID(m[1]), Name: m[1], Numerator: r.expression(m[2]), Denominator: "1", Annualized: m[5] != ""}
	if m[3] != "" {
		ind.Denominator = r.expression(m[3])
	}
	if m[4] != "" {
		factor, err := strconv.Atoi(m[4])
		if err != nil {
			return at(r.file, l, "%q is no factor", m[4])
		}
		ind.Type = hmis.UID(fmt.Sprintf("Times%06d", factor))
		if !slices.ContainsFunc(r.Metadata.IndicatorTypes, func(t hmis.IndicatorType) bool { return t.ID == ind.Type }) {
			r.Metadata.IndicatorTypes = append(r.Metadata.IndicatorTypes, hmis.IndicatorType{ID: ind.Type, Factor: factor})
		}
	}
	if m[6] != "" {
		n, err := strconv.Atoi(m[6])
		if err != nil {
			return at(r.file, l, "%q are no decimals", m[6])
		}
		ind.Decimals = &n
	}
	r.Metadata.Indicators = append(r.Metadata.Indicators, ind)
	return nil
}
