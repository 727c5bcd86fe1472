package adx

import (
	"context"
	"iter"
	"unsafe"

	"github.com/ohie-hmis/hmis-go/hmis"
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
			s.run.report.Rejected += int64(n) - 1
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
