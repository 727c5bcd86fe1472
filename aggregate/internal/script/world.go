package script

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/orgunit"
	"github.com/ohie-hmis/hmis-go/period"
	"github.com/shopspring/decimal"
)

// A world is what a script has said so far.
type world struct {
	file  string
	names map[hmis.UID]string
	md    hmis.Metadata

	loads     [][]hmis.DataValue // one list for each block
	completed []hmis.Completion

	ways  []Way
	ready *ready // the metadata as an index and the values as cubes; nil after a change
}

const defaultCombo hmis.UID = "HllvX50cXC0"

var nameForm = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9]{0,10}$`)

// id returns the id that a name stands for: the name filled up to the length
// that expressions want.
func id(name string) hmis.UID {
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
		list = append(list, id(n))
	}
	return list
}

// declare makes a name known.
func (w *world) declare(l line, name string) error {
	if !nameForm.MatchString(name) {
		return at(w.file, l, "%q is no name: want up to 11 letters and digits", name)
	}
	if had, ok := w.names[id(name)]; ok {
		return at(w.file, l, "%q is already the name of something, %q", name, had)
	}
	w.names[id(name)] = name
	return nil
}

// check refuses names that were not declared.
func (w *world) check(l line, names ...string) error {
	for _, n := range names {
		if _, ok := w.names[id(n)]; !ok {
			return at(w.file, l, "nothing is named %q", n)
		}
	}
	return nil
}

var (
	words    = regexp.MustCompile(`[A-Za-z][A-Za-z0-9_]*`)
	braces   = regexp.MustCompile(`\{[^{}]*\}`)
	longName = regexp.MustCompile(`[A-Za-z][A-Za-z0-9]{10}`)
)

// expression puts ids in place of the names within braces.
func (w *world) expression(s string) string {
	return braces.ReplaceAllStringFunc(s, func(item string) string {
		return words.ReplaceAllStringFunc(item, func(name string) string {
			if _, ok := w.names[id(name)]; ok {
				return string(id(name))
			}
			return name
		})
	})
}

// named puts names in place of ids.
func (w *world) named(s string) string {
	return longName.ReplaceAllStringFunc(s, func(uid string) string {
		if name, ok := w.names[hmis.UID(uid)]; ok {
			return name
		}
		return uid
	})
}

var kindsOfGroups = map[string][2]hmis.Kind{
	"units":    {hmis.KindOrgUnitGroup, hmis.KindOrgUnitGroupSet},
	"elements": {hmis.KindDataElementGroup, hmis.KindDataElementGroupSet},
	"options":  {hmis.KindCategoryOptionGroup, hmis.KindCategoryOptionGroupSet},
}

// describe reads a block about metadata. It is false if b is none.
func (w *world) describe(b block) (bool, error) {
	words := fields(b.text)
	row := map[string]func(line) error{
		"categories": w.category, "options": w.option, "combos": w.combo, "elements": w.element,
		"sets": w.dataSet, "constants": w.constant, "indicators": w.indicator,
	}[words[0]]
	switch {
	case words[0] == "levels":
		for i, name := range words[1:] {
			w.md.OrgUnitLevels = append(w.md.OrgUnitLevels, hmis.OrgUnitLevel{ID: id(name), Name: name, Level: i + 1})
		}
		return true, nil
	case words[0] == "units" && len(words) == 1:
		return true, w.units(b)
	case len(words) == 3 && words[1] == "of" && kindsOfGroups[words[2]] != [2]hmis.Kind{}:
		kinds := kindsOfGroups[words[2]]
		switch words[0] {
		case "groups":
			row = func(l line) error { return w.group(l, kinds[0]) }
		case "groupsets":
			row = func(l line) error { return w.groupSet(l, kinds[1]) }
		}
	}
	if row == nil {
		return false, nil
	}
	if words[0] == "indicators" { // which may refer to later ones
		for _, l := range b.rows {
			if err := w.declare(l, fields(l.text)[0]); err != nil {
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

func (w *world) units(b block) error {
	var path []hmis.UID
	for _, l := range b.rows {
		e := entryOf(l, "opened", "closed")
		if l.depth > len(path)+1 {
			return at(w.file, l, "indented too far")
		}
		if err := w.declare(l, e.name); err != nil {
			return err
		}
		unit := hmis.OrgUnit{ID: id(e.name), Name: e.name}
		path = path[:l.depth-1]
		if len(path) > 0 {
			unit.Parent = path[len(path)-1]
		}
		path = append(path, unit.ID)
		var err1, err2 error
		unit.Opened, err1 = w.date(e, "opened")
		unit.Closed, err2 = w.date(e, "closed")
		if err1 != nil || err2 != nil {
			return at(w.file, l, "%v%v", err1, err2)
		}
		w.md.OrgUnits = append(w.md.OrgUnits, unit)
	}
	return nil
}

func (w *world) date(e entry, key string) (period.Date, error) {
	if !e.has(key) {
		return 0, nil
	}
	return period.ParseDate(e.one(key))
}

func (w *world) category(l line) error {
	e := entryOf(l, "attribute")
	if err := w.declare(l, e.name); err != nil {
		return err
	}
	for _, name := range e.words {
		if _, ok := w.names[id(name)]; ok {
			continue // an option of two categories
		}
		if err := w.declare(l, name); err != nil {
			return err
		}
		w.md.CategoryOptions = append(w.md.CategoryOptions, hmis.CategoryOption{ID: id(name), Name: name})
	}
	w.md.Categories = append(w.md.Categories, hmis.Category{ID: id(e.name), Name: e.name, Options: ids(e.words), Attribute: e.has("attribute")})
	return nil
}

func (w *world) option(l line) error {
	e := entryOf(l, "from", "to", "at")
	i := slices.IndexFunc(w.md.CategoryOptions, func(o hmis.CategoryOption) bool { return o.ID == id(e.name) })
	if i < 0 {
		return at(w.file, l, "no category has an option %q", e.name)
	}
	if err := w.check(l, e.parts["at"]...); err != nil {
		return err
	}
	o := &w.md.CategoryOptions[i]
	var err1, err2 error
	o.First, err1 = w.date(e, "from")
	o.Last, err2 = w.date(e, "to")
	if err1 != nil || err2 != nil {
		return at(w.file, l, "%v%v", err1, err2)
	}
	o.OrgUnits = ids(e.parts["at"])
	return nil
}

// combo makes an option combo for each choice of one option of each category.
func (w *world) combo(l line) error {
	e := entryOf(l, "skiptotal")
	if err := w.declare(l, e.name); err != nil {
		return err
	}
	type choice struct {
		name    string
		options []hmis.UID
	}
	choices := []choice{{}}
	for _, name := range e.words {
		i := slices.IndexFunc(w.md.Categories, func(c hmis.Category) bool { return c.ID == id(name) })
		if i < 0 {
			return at(w.file, l, "no category %q", name)
		}
		var next []choice
		for _, c := range choices {
			for _, o := range w.md.Categories[i].Options {
				next = append(next, choice{c.name + w.names[o], append(slices.Clip(c.options), o)})
			}
		}
		choices = next
	}
	w.md.CategoryCombos = append(w.md.CategoryCombos, hmis.CategoryCombo{
		ID: id(e.name), Name: e.name, Categories: ids(e.words), SkipTotal: e.has("skiptotal"),
	})
	for _, c := range choices {
		if len(e.words) > 1 { // a single option lends its name to its combo
			if err := w.declare(l, c.name); err != nil {
				return err
			}
		}
		w.md.CategoryOptionCombos = append(w.md.CategoryOptionCombos, hmis.CategoryOptionCombo{
			ID: id(c.name), Name: c.name, CategoryCombo: id(e.name), Options: c.options,
		})
	}
	return nil
}

func (w *world) group(l line, kind hmis.Kind) error {
	e := entryOf(l)
	if err := w.check(l, e.words...); err != nil {
		return err
	}
	w.md.Groups = append(w.md.Groups, hmis.Group{Kind: kind, ID: id(e.name), Name: e.name, Members: ids(e.words)})
	return w.declare(l, e.name)
}

func (w *world) groupSet(l line, kind hmis.Kind) error {
	e := entryOf(l, "below", "attribute")
	if err := w.check(l, e.words...); err != nil {
		return err
	}
	w.md.GroupSets = append(w.md.GroupSets, hmis.GroupSet{
		Kind: kind, ID: id(e.name), Name: e.name, Groups: ids(e.words), Below: e.has("below"), Attribute: e.has("attribute"),
	})
	return w.declare(l, e.name)
}

func (w *world) element(l line) error {
	e := entryOf(l, "combo", "levels", "zeros", "tracker")
	if len(e.words) != 2 {
		return at(w.file, l, "want a name, a value type and an aggregation")
	}
	typ := hmis.ValueType(strings.ToUpper(e.words[0]))
	if !slices.Contains(hmis.ValueTypes(), typ) {
		return at(w.file, l, "%q: want a value type such as INTEGER", typ)
	}
	d := hmis.DataElement{
		ID: id(e.name), Name: e.name, ValueType: typ, Aggregation: hmis.Aggregation(e.words[1]),
		ZeroIsData: e.has("zeros"), Tracker: e.has("tracker"),
	}
	if e.has("combo") {
		d.CategoryCombo = id(e.one("combo"))
		if err := w.check(l, e.one("combo")); err != nil {
			return err
		}
	}
	for _, n := range e.parts["levels"] {
		level, err := strconv.Atoi(n)
		if err != nil {
			return at(w.file, l, "%q is no level", n)
		}
		d.Levels = append(d.Levels, level)
	}
	w.md.DataElements = append(w.md.DataElements, d)
	return w.declare(l, e.name)
}

func (w *world) dataSet(l line) error {
	e := entryOf(l, "elements", "at", "timely", "combo", "after")
	if len(e.words) != 1 {
		return at(w.file, l, "want a name and a period type")
	}
	typ, err := period.ParseType(e.words[0])
	if err != nil {
		return at(w.file, l, "%w", err)
	}
	if err := w.check(l, slices.Concat(e.parts["elements"], e.parts["at"], e.parts["combo"])...); err != nil {
		return err
	}
	s := hmis.DataSet{ID: id(e.name), Name: e.name, PeriodType: typ, OrgUnits: ids(e.parts["at"])}
	if e.has("combo") {
		s.CategoryCombo = id(e.one("combo"))
	}
	for _, d := range e.parts["elements"] {
		s.Elements = append(s.Elements, hmis.DataSetElement{DataElement: id(d)})
	}
	if e.has("timely") {
		if s.TimelyDays, err = strconv.ParseFloat(e.one("timely"), 64); err != nil {
			return at(w.file, l, "%q are no days", e.one("timely"))
		}
	}
	if e.has("after") {
		if s.OpenAfterEnd, err = strconv.Atoi(e.one("after")); err != nil {
			return at(w.file, l, "%q is no number of periods", e.one("after"))
		}
	}
	w.md.DataSets = append(w.md.DataSets, s)
	return w.declare(l, e.name)
}

func (w *world) constant(l line) error {
	e := entryOf(l)
	d, err := decimal.NewFromString(strings.Join(e.words, " "))
	if err != nil {
		return at(w.file, l, "%q is no number", e.words)
	}
	w.md.Constants = append(w.md.Constants, hmis.Constant{ID: id(e.name), Name: e.name, Value: d})
	return w.declare(l, e.name)
}

var indicatorForm = regexp.MustCompile(`^(\S+)\s+(.*?)(?:\s+per\s+(.*?))?(?:\s+times (\d+))?(\s+annualized)?(?:\s+decimals (\d+))?$`)

func (w *world) indicator(l line) error {
	m := indicatorForm.FindStringSubmatch(l.text)
	if m == nil {
		return at(w.file, l, "want NAME NUMERATOR [per DENOMINATOR] [times N] [annualized] [decimals N]")
	}
	ind := hmis.Indicator{ID: id(m[1]), Name: m[1], Numerator: w.expression(m[2]), Denominator: "1", Annualized: m[5] != ""}
	if m[3] != "" {
		ind.Denominator = w.expression(m[3])
	}
	if m[4] != "" {
		factor, err := strconv.Atoi(m[4])
		if err != nil {
			return at(w.file, l, "%q is no factor", m[4])
		}
		ind.Type = hmis.UID(fmt.Sprintf("Times%06d", factor))
		if !slices.ContainsFunc(w.md.IndicatorTypes, func(t hmis.IndicatorType) bool { return t.ID == ind.Type }) {
			w.md.IndicatorTypes = append(w.md.IndicatorTypes, hmis.IndicatorType{ID: ind.Type, Factor: factor})
		}
	}
	if m[6] != "" {
		n, err := strconv.Atoi(m[6])
		if err != nil {
			return at(w.file, l, "%q are no decimals", m[6])
		}
		ind.Decimals = &n
	}
	w.md.Indicators = append(w.md.Indicators, ind)
	return nil
}

// index makes the catalog and the tree.
func (w *world) index() (*hmis.Catalog, *orgunit.Tree, error) {
	c, err := hmis.NewCatalog(w.md)
	if err != nil {
		return nil, nil, err
	}
	tree, err := orgunit.NewTree(w.md.OrgUnits, w.md.Groups...)
	return c, tree, err
}
