package adx

import (
	"context"
	"errors"
	"iter"
	"slices"
	"unsafe"

	"github.com/ohie-hmis/hmis-go/adx/internal/keys"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/period"
)

// served imports a message by the rules of a DHIS2 server
// (RULES.md#the-dialect-of-dhis2). There are three kinds of faults. What cannot
// be decoded, such as an unknown code, refuses the whole message. What does not
// fit a data set, such as a period of another type, refuses all values of that
// data set. A value that does not fit its data element is left out alone. So
// the whole message is read before anything is stored.
type served struct {
	translator
	sets  []*servedSet
	index map[hmis.UID]*servedSet
}

// A servedSet holds the groups of one data set.
type servedSet struct {
	id     hmis.UID // "" if the message does not say
	groups []servedGroup
}

// A servedGroup is a group whose codes are known.
type servedGroup struct {
	group  Group // without values
	key    hmis.Key
	values []hmis.DataValue
	places []servedPlace
}

// A servedPlace is the place of a value in the message.
type servedPlace struct {
	code         string // of the data element
	path         string
	line, column int
}

// served returns the values that may be stored. It reads all groups first.
func (run *importRun) served(ctx context.Context, m *Mapper, groups iter.Seq2[Group, error]) iter.Seq2[hmis.DataValue, error] {
	return func(yield func(hmis.DataValue, error) bool) {
		t, err := newTranslator(ctx, *m, run)
		if err != nil {
			yield(hmis.DataValue{}, err)
			return
		}
		s := served{translator: *t, index: map[hmis.UID]*servedSet{}}
		if err := s.read(groups); err != nil {
			yield(hmis.DataValue{}, err)
			return
		}
		for _, set := range s.sets {
			if !s.pass(set, yield) {
				return
			}
		}
	}
}

// undecodable remembers the fault of decoding with the first place in the
// message.
func (run *importRun) undecodable(f *Finding) {
	if !run.report.served || f.Severity < hmis.Severe {
		return
	}
	if was := run.fault; was != nil && (was.Line < f.Line || was.Line == f.Line && was.Column <= f.Column) {
		return
	}
	first := *f
	first.Rule = run.Mapper.code(f)
	run.fault = &first
}

// read decodes all groups. It returns the first fault of decoding.
func (s *served) read(groups iter.Seq2[Group, error]) error {
	for g, err := range groups {
		if err != nil {
			return err
		}
		s.begin(&g)
		if err := s.decode(&g); err != nil {
			return err
		}
	}
	if s.run.fault != nil {
		return s.run.fault
	}
	return nil
}

// decode decodes a group.
func (s *served) decode(g *Group) error {
	key, set, bad := s.servedKey(g)
	if bad != nil {
		s.refuse(hmis.DataValue{Key: key}, bad)
		s.run.report.Refused += int64(len(g.Values)) - 1
		return nil
	}
	of := s.index[set]
	if of == nil {
		of = &servedSet{id: set}
		s.index[set] = of
		s.sets = append(s.sets, of)
	}
	out := servedGroup{key: key, group: *g}
	out.group.Values = nil
	for i := range g.Values {
		if err := s.stopped(i); err != nil {
			return err
		}
		s.value = i
		v := &g.Values[i]
		dv, f := s.servedValue(v, key, set)
		if f != nil {
			s.refuse(dv, f)
			continue
		}
		place := servedPlace{v.DataElement, g.Path(i), v.Line, v.Column}
		out.values = append(out.values, dv)
		out.places = append(out.places, place)
		s.run.hold(int64(unsafe.Sizeof(dv)) + int64(unsafe.Sizeof(place)) + int64(len(dv.Value)+len(dv.Comment)+len(place.path)))
	}
	of.groups = append(of.groups, out)
	return s.run.full
}

// refuse reports that a value cannot be decoded.
func (s *served) refuse(v hmis.DataValue, f *Finding) {
	s.run.undecodable(f)
	s.Reject(v, f)
}

// pass checks the values of a data set and yields those that may be stored. The
// result is false if yield returned false.
func (s *served) pass(set *servedSet, yield func(hmis.DataValue, error) bool) bool {
	if bad := s.misfits(set); len(bad) > 0 {
		for i, f := range bad {
			if i > 0 { // the values are counted once
				s.run.note(f)
				continue
			}
			n := 0
			for _, g := range set.groups {
				n += len(g.values)
			}
			s.run.report.Refused += int64(n) - 1
			s.Reject(hmis.DataValue{}, f)
		}
		return true
	}
	for i := range set.groups {
		g := &set.groups[i]
		s.group = &g.group
		complete := true
		for j := range g.values {
			v := &g.values[j]
			if err := s.stopped(j); err != nil {
				yield(hmis.DataValue{}, err)
				return false
			}
			if f := s.ill(v); f != nil {
				complete = false
				f.Path, f.Line, f.Column = g.places[j].path, g.places[j].line, g.places[j].column
				s.run.report.Ignored++
				s.run.note(f)
				continue
			}
			s.run.forms.mapped(v.Key)
			if !yield(*v, nil) {
				return false
			}
		}
		if complete {
			s.value = -1
			s.completion(&g.group, g.key, set.id)
		}
	}
	return true
}

// ill checks a value against its data element. It returns nil if the value
// fits.
func (s *served) ill(v *hmis.DataValue) *Finding {
	if v.Deleted {
		return nil
	}
	if v.Value == "" {
		return &Finding{
			Rule: "E8120", Severity: hmis.Severe, Attr: "value",
			Err: errors.New("a value is required"),
		}
	}
	element, _ := hmis.Find[hmis.DataElement](s.Catalog, v.DataElement)
	text, err := element.ValueType.Check(v.Value)
	if err != nil {
		if issue, ok := errors.AsType[*hmis.Issue](err); ok && issue.Err != nil {
			err = issue.Err
		}
		return &Finding{Rule: "E8122", Severity: hmis.Severe, Attr: "value", Got: v.Value, Err: err}
	}
	if set, ok := hmis.Find[hmis.OptionSet](s.Catalog, element.OptionSet); ok {
		if err := set.Check(text); err != nil {
			return &Finding{
				Rule: "E8123", Severity: hmis.Severe, Attr: "value", Got: v.Value,
				Err: err,
			}
		}
	}
	v.Value = text
	return nil
}

// misfits checks all values against their data set. It returns the findings of
// the first check that fails.
func (s *served) misfits(set *servedSet) []*Finding {
	of, known := hmis.Find[hmis.DataSet](s.Catalog, set.id)
	checks := []func(*servedGroup, int) *Finding{s.repeated(set)}
	if known {
		elements := map[hmis.UID]bool{}
		for _, e := range of.Elements {
			elements[e.DataElement] = true
		}
		units := map[hmis.UID]bool{}
		for _, id := range of.OrgUnits {
			units[id] = true
		}
		checks = []func(*servedGroup, int) *Finding{
			func(g *servedGroup, i int) *Finding {
				if elements[g.values[i].DataElement] {
					return nil
				}
				return &Finding{
					Rule: "E8020", Attr: "dataElement", Got: g.places[i].code,
					Want: "a data element of the data set",
				}
			},
			func(g *servedGroup, i int) *Finding {
				if i > 0 || len(units) == 0 || units[g.key.OrgUnit] {
					return nil
				}
				return &Finding{
					Rule: "E8022", Attr: "orgUnit", Got: g.group.OrgUnit,
					Want: "an org unit that reports the data set",
				}
			},
			func(g *servedGroup, i int) *Finding {
				if i > 0 || g.key.Period.Type() == of.PeriodType {
					return nil
				}
				return &Finding{
					Rule: "E8021", Attr: "period", Got: g.group.Period.String(),
					Want: "a period of type " + of.PeriodType.String(),
				}
			},
			func(g *servedGroup, i int) *Finding {
				if i > 0 || s.fits(g.key.AttributeOptionCombo, of.CategoryCombo) {
					return nil
				}
				return &Finding{Rule: "E8023", Want: "an option of each category of the data set"}
			},
			func(g *servedGroup, i int) *Finding {
				v := &g.values[i]
				if s.fits(v.CategoryOptionCombo, s.Catalog.Combo(v.DataElement, set.id)) {
					return nil
				}
				return &Finding{
					Rule: "E8024", Attr: "dataElement", Got: g.places[i].code,
					Want: "an option combo of the data element",
				}
			},
			s.repeated(set),
		}
	}
	var bad []*Finding
	for _, check := range checks {
		for gi := range set.groups {
			g := &set.groups[gi]
			for i := range g.values {
				f := check(g, i)
				if f == nil {
					continue
				}
				f.Severity, f.Path, f.Line, f.Column = hmis.Severe, g.places[i].path, g.places[i].line, g.places[i].column
				if bad = append(bad, f); len(bad) >= maxCauses {
					return bad
				}
			}
		}
		if len(bad) > 0 {
			return bad
		}
	}
	return nil
}

// fits reports whether an option combo belongs to a category combo. "" is the
// default one.
func (s *served) fits(optionCombo, combo hmis.UID) bool {
	none := s.Catalog.Combo("", "")
	if combo == "" {
		combo = none
	}
	if optionCombo == "" {
		list, err := s.text.categories(combo)
		return combo == none || err == nil && len(list) == 0
	}
	found, ok := hmis.Find[hmis.CategoryOptionCombo](s.Catalog, optionCombo)
	return ok && found.CategoryCombo == combo
}

// repeated returns the check that no two values have the same key.
func (s *served) repeated(set *servedSet) func(*servedGroup, int) *Finding {
	return func(g *servedGroup, i int) *Finding {
		if s.run.repeats.add(&g.values[i]) == keys.New {
			return nil
		}
		return &Finding{
			Rule: "E8128", Attr: "dataElement", Got: g.places[i].code,
			Err: errors.New("another value of the data set has the same key"),
		}
	}
}

// servedKey decodes what the values of a group have in common, in the order of
// a server.
func (s *served) servedKey(g *Group) (k hmis.Key, set hmis.UID, bad *Finding) {
	if set = s.DataSet; g.DataSet != "" {
		if set, bad = s.reference("ADX-027", "dataSet", g.DataSet, hmis.KindDataSet, g.Line, g.Column); bad != nil {
			return k, set, bad
		}
	}
	if k.Period, bad = s.containing(g); bad != nil {
		return k, set, bad
	}
	candidates, combo := attrCandidates(g.Attrs, outer.combo)
	switch {
	case combo != nil:
		k.AttributeOptionCombo, bad = s.whole(outer.code, combo, g.Line, g.Column)
	case set == "" && len(candidates) > 0:
		bad = s.fail(g.Line, g.Column, Finding{
			Rule: "E8101", Attr: "dataSet",
			Want: "the data set that " + candidates[0].Name + " belongs to",
		})
	case set != "":
		of, _ := hmis.Find[hmis.DataSet](s.Catalog, set)
		// Options that fit no combination count as none at all.
		k.AttributeOptionCombo, _ = s.explodedCombo(of.CategoryCombo, candidates, outer, g.Line, g.Column)
	}
	if bad != nil {
		return k, set, bad
	}
	k.OrgUnit, bad = s.reference("ADX-030", "orgUnit", g.OrgUnit, hmis.KindOrgUnit, g.Line, g.Column)
	return k, set, bad
}

// containing returns the period of a group. If it is not a calendar period, the
// result is the one of its type that contains its start, with a warning.
func (s *served) containing(g *Group) (period.Period, *Finding) {
	p, err := g.Period.Period(s.Calendar)
	if err == nil {
		return p, nil
	}
	calendar := s.Calendar
	if calendar == nil {
		calendar = period.Gregorian
	}
	snapped, snapErr := calendar.SnapISO(g.Period.String())
	if snapErr != nil {
		bad := err.(*Finding)
		return p, s.fail(g.Line, g.Column, Finding{
			Rule: bad.Rule, Attr: bad.Attr, Got: bad.Got, Want: bad.Want,
		})
	}
	s.warn(g.Line, g.Column, Finding{
		Rule: "ADX-026a", Attr: "period", Got: g.Period.String(),
		Err: errors.New("it counts as " + snapped.String()),
	})
	return snapped, nil
}

// attrCandidates returns the attributes that may be options of categories, and
// the attribute with the code of an option combo.
func attrCandidates(attrs []Attr, combo string) (list []Attr, whole *Attr) {
	for i := range attrs {
		switch a := &attrs[i]; {
		case a.Space != "":
		case a.Name == combo:
			whole = a
		case combo == inner.combo && (a.Name == "comment" || a.Name == "followup"):
		default:
			list = append(list, *a)
		}
	}
	return list, whole
}

// explodedCombo returns the option combo of a category combo that has these
// options. Attributes that are not categories are skipped with a warning.
func (s *served) explodedCombo(combo hmis.UID, candidates []Attr, l level, line, column int) (hmis.UID, *Finding) {
	categories, err := s.text.categories(combo)
	if err != nil {
		return "", s.fail(line, column, Finding{Rule: l.code, Err: err})
	}
	var room [8]hmis.UID
	options := room[:0]
	for i := range categories {
		c := &categories[i]
		j := slices.IndexFunc(candidates, func(a Attr) bool { return a.Name == c.name })
		if j < 0 {
			return "", s.fail(line, column, Finding{Rule: l.missing, Attr: c.name, Err: errMissing})
		}
		option, ok := c.options[candidates[j].Value]
		if !ok {
			s.text.report(hmis.KindCategoryOption, candidates[j].Value)
			return "", s.fail(line, column, Finding{
				Rule: l.code, Attr: c.name, Got: candidates[j].Value,
				Want: "an option of the category",
			})
		}
		options = append(options, option)
	}
	plain, none := false, s.text.none() // plain: the default option is there
	for i := range candidates {
		a := &candidates[i]
		switch {
		case *a == none:
			plain = true
		case isExtension(a.Name), slices.ContainsFunc(categories, func(c category) bool { return c.name == a.Name }):
		default:
			s.warn(line, column, Finding{
				Rule: "ADX-050", Attr: a.Name, Got: a.Value,
				Err: errors.New("it is passed over: it is no category here"),
			})
		}
	}
	switch {
	case len(categories) == 0 && !plain && l == inner:
		return "", s.fail(line, column, Finding{
			Rule: l.missing, Attr: defaultName,
			Want: `default="default" where there is no disaggregation`,
		})
	case len(categories) == 0:
		return "", nil
	}
	id, ok := s.Catalog.OptionCombo(combo, options...)
	if !ok {
		return "", s.fail(line, column, Finding{
			Rule: l.code, Want: "an option combo of these options",
		})
	}
	return id, nil
}

// servedValue decodes a value. Fields that cannot be decoded keep their text.
func (s *served) servedValue(v *Value, k hmis.Key, set hmis.UID) (hmis.DataValue, *Finding) {
	out := hmis.DataValue{Key: k, Value: v.Value}
	element, f := s.reference("ADX-043", "dataElement", v.DataElement, hmis.KindDataElement, v.Line, v.Column)
	out.DataElement = element
	if f != nil {
		return out, f
	}
	candidates, combo := attrCandidates(v.Attrs, inner.combo)
	switch {
	case combo != nil:
		out.CategoryOptionCombo, f = s.whole(inner.code, combo, v.Line, v.Column)
	case set == "" && len(candidates) > 0:
		f = s.fail(v.Line, v.Column, Finding{
			Rule: "E8101", Attr: "dataSet",
			Want: "the data set that " + candidates[0].Name + " belongs to",
		})
	default:
		out.CategoryOptionCombo, f = s.explodedCombo(s.Catalog.Combo(element, set), candidates, inner, v.Line, v.Column)
	}
	if f == nil {
		f = s.extensions(v, &out)
	}
	if f == nil && v.Annotation != nil {
		out.Value = *v.Annotation
	}
	return out, f
}
