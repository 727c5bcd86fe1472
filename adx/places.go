package adx

// Mostly a tag is on one line, and no value of its group was left out. Then a group
// or value says itself where it is; a Reader remembers the places of the others, of
// one group at a time.
type places struct {
	group  []attrPlace
	values map[int]valuePlace // by the index of the value in its group
}

type valuePlace struct {
	number int
	attrs  []attrPlace
}

type attrPlace struct {
	name         string
	line, column int
}

// note remembers the place of value i of its group, unless it says itself where it
// is. A value that was left out gives its index to the next one.
func (p *places) note(i, number int, attrs []attrPlace) {
	if number == i+1 && attrs == nil {
		if len(p.values) > 0 {
			delete(p.values, i)
		}
		return
	}
	if p.values == nil {
		p.values = map[int]valuePlace{}
	}
	p.values[i] = valuePlace{number, attrs}
}

// Place says where in the message value i of the group that was handed out last is,
// or the group itself if i is negative. Number counts from 1, with those that were
// left out, as the paths of findings do. Line and column are those of one of its
// attributes; they are 0 if there is no such attribute, or if the tag has one line,
// which is then that of the value or group.
func (r *Reader) Place(i int, attr string) (number, line, column int) {
	number, attrs := r.groups, r.places.group
	if i >= 0 {
		number, attrs = i+1, nil
		if p, ok := r.places.values[i]; ok {
			number, attrs = p.number, p.attrs
		}
	}
	for _, a := range attrs {
		if a.name == attr {
			return number, a.line, a.column
		}
	}
	return number, 0, 0
}

// attrPlaces returns where the attributes of the start tag just read are, or nil if
// all are on its first line.
func (r *Reader) attrPlaces() []attrPlace {
	n := len(r.xml.Attrs)
	if n == 0 {
		return nil
	}
	if line, _ := r.at(n - 1); line == r.xml.Pos().Line {
		return nil
	}
	list := make([]attrPlace, 0, n)
	for i := range n {
		if a := &r.xml.Attrs[i]; a.Space == "" {
			line, column := r.at(i)
			list = append(list, attrPlace{a.Name(), line, column})
		}
	}
	return list
}
