package adx

import (
	"context"
	"errors"
	"iter"
	"unsafe"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/hmis/entry"
)

// A served imports a message by the rules of a DHIS2 server
// (RULES.md#the-dialect-of-dhis2). There are three kinds of faults. One that
// prevents decoding, such as an unknown code, refuses the whole message. One
// that does not fit a data set, such as a period of another type, refuses all
// values of the data set. A value that does not fit its data element is left
// out alone.
//
// So the whole message is read before anything is stored.
type served struct {
	translator
	sets  []*servedSet
	index map[hmis.UID]*servedSet
}

// A servedSet holds the groups of one data set.
type servedSet struct {
	id     hmis.UID // the id of the data set; "" if the message does not name one
	groups []servedGroup
}

// A servedGroup is a group whose codes are known.
type servedGroup struct {
	group  Group // the group without its values
	key    hmis.Key
	values []hmis.DataValue
	places []servedPlace
}

// A servedPlace is the place of a value in the message.
type servedPlace struct {
	code         string // the code of the data element
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

// undecodable records a decoding fault, if it comes first in the message.
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

// decode translates the codes of a group to ids.
func (s *served) decode(g *Group) error {
	key, set, bad := s.servedKey(g)
	if bad != nil {
		s.refuse(hmis.DataValue{Key: key}, bad)
		s.run.report.Rejected += int64(len(g.Values)) - 1
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

// pass sends the values of a data set through the gate and yields those that
// may be stored. The result is false if yield returned false.
func (s *served) pass(set *servedSet, yield func(hmis.DataValue, error) bool) bool {
	gate := s.run.gate()
	gate.DataSet, gate.Form, gate.SkipZeros = set.id, nil, false
	if gate.Policy != entry.GroupedAtomic {
		gate.Policy = entry.Grouped
	}
	p := servedPass{served: s, set: set}
	gate.Reject, gate.Warn = p.reject, nil
	for v, err := range gate.Values(p.values, nil) {
		if i, ok := errors.AsType[*hmis.Issue](err); ok { // no data set fits the values
			p.rejectAll(i)
			return true
		}
		if err != nil {
			yield(v, err)
			return false
		}
		p.advance()
		s.run.forms.mapped(v.Key)
		p.next++
		if !yield(v, nil) {
			return false
		}
	}
	p.advance()
	return true
}

// A servedPass is the state of one data set in the gate.
type servedPass struct {
	*served
	set      *servedSet
	at       int  // index of the current group
	next     int  // index of the next value in that group
	rejected bool // some value of the group was rejected
}

// values returns the values of all groups.
func (p *servedPass) values(yield func(hmis.DataValue, error) bool) {
	for i := range p.set.groups {
		for j, v := range p.set.groups[i].values {
			err := p.stopped(j)
			if !yield(v, err) || err != nil {
				return
			}
		}
	}
}

// advance moves to the next group that has more values. A group whose values
// have all passed is complete.
func (p *servedPass) advance() {
	for p.at < len(p.set.groups) && p.next == len(p.set.groups[p.at].values) {
		g := &p.set.groups[p.at]
		if p.group, p.value = &g.group, -1; !p.rejected {
			p.completion(&g.group, g.key, p.set.id)
		}
		p.at, p.next, p.rejected = p.at+1, 0, false
	}
}

// reject is called for each value that the gate rejects, in order.
func (p *servedPass) reject(v hmis.DataValue, err error) {
	issue, ok := errors.AsType[*hmis.Issue](err)
	if !ok {
		return
	}
	p.advance()
	p.rejected = true
	g := &p.set.groups[p.at]
	f := &Finding{Rule: issue.Code, Severity: hmis.Severe, Attr: issue.Field, Err: issue.Err}
	place := &g.places[p.next]
	f.Path, f.Line, f.Column = place.path, place.line, place.column
	f.Got = gotBy(issue.Field, &g.group, place.code)
	p.next++
	if issue.Severity < hmis.Critical {
		p.run.report.Ignored++
	} else {
		p.run.report.Rejected++
	}
	if issue.Field != "" { // without a Field, the value is rejected because of another value
		p.run.note(f)
	}
	p.drop(v, f)
}

// drop calls the functions that the caller has set.
func (p *servedPass) drop(v hmis.DataValue, f *Finding) {
	if reject := p.run.Mapper.Reject; reject != nil {
		reject(v, f)
	}
	if gate := p.run.Gate; gate != nil && gate.Reject != nil {
		gate.Reject(v, f)
	}
}

// rejectAll rejects all values of a data set.
func (p *servedPass) rejectAll(i *hmis.Issue) {
	f := &Finding{Rule: i.Code, Severity: hmis.Severe, Attr: i.Field, Err: i.Err}
	row := 0
	for at := range p.set.groups {
		g := &p.set.groups[at]
		p.run.report.Rejected += int64(len(g.values))
		for j := range g.values {
			if len(i.Rows) > 0 && row == i.Rows[0] {
				f.Got, f.Path, f.Line, f.Column = g.places[j].code, g.places[j].path, g.places[j].line, g.places[j].column
			}
			row++
			p.drop(g.values[j], f)
		}
	}
	p.run.note(f)
}
