package adx

import "github.com/ohie-hmis/hmis-go/adx/internal/keys"

// An interner keeps the codes of a message, so that equal ones share one
// string. When it is full it forgets all of them, so that hostile input cannot
// fill the memory.
type interner struct {
	keys.Hasher
	table []code // a hash table with open addressing; its length is a power of two
	n     int
	names []code
	made  int64 // bytes of new strings since the counter was reset

	period struct { // the parsed period of the last group
		of  TimeRange
		key keys.Key
	}
}

type code struct {
	text string
	key  keys.Key
}

const (
	maxCodes   = 1 << 14
	maxCodeLen = 64
	maxNames   = 32
)

func (c *interner) init() {
	c.Hasher = keys.NewHasher()
	c.table = make([]code, 256)
}

// group returns the key of a group whose dimensions have the key attrs (RULES.md#keys).
func (c *interner) group(g *Group, attrs keys.Key) keys.Key {
	if c.period.of != g.Period || g.Period.IsZero() {
		start, end := g.Period.Span()
		k := keys.Key{uint64(start.Unix()), uint64(end.Unix())}
		c.period.of, c.period.key = g.Period, k.And(keys.Key{uint64(start.Nanosecond()), uint64(end.Nanosecond())})
	}
	return c.Text(g.DataSet).And(c.Text(g.OrgUnit)).And(c.period.key).With(attrs)
}

// name returns the key for the name of an attribute. A list is enough because
// there are few names.
func (c *interner) name(name string) keys.Key {
	for i := range c.names {
		if c.names[i].text == name {
			return c.names[i].key
		}
	}
	k := c.Text(name)
	if len(c.names) < maxNames {
		c.names = append(c.names, code{name, k})
	}
	return k
}

// intern returns text as a string, with its key.
func (c *interner) intern(text []byte) (string, keys.Key) {
	hash := c.Bytes(text)
	mask := uint64(len(c.table) - 1)
	i := hash & mask
	for ; c.table[i].key != (keys.Key{}); i = (i + 1) & mask {
		if e := &c.table[i]; e.key[0] == hash && e.text == string(text) {
			return e.text, e.key
		}
	}
	e := code{text: string(text)}
	c.made += int64(len(text))
	e.key = c.Text(e.text)
	if len(text) > maxCodeLen || e.key == (keys.Key{}) {
		return e.text, e.key
	}
	c.table[i] = e
	if c.n++; c.n*2 > len(c.table) {
		c.grow()
	}
	return e.text, e.key
}

// grow doubles the table. At its largest size it empties the table instead.
func (c *interner) grow() {
	old := c.table
	if c.n >= maxCodes {
		clear(c.table)
		c.n = 0
		return
	}
	c.table = make([]code, 2*len(old))
	mask := uint64(len(c.table) - 1)
	for _, e := range old {
		if e.key == (keys.Key{}) {
			continue
		}
		i := e.key[0] & mask
		for c.table[i].key != (keys.Key{}) {
			i = (i + 1) & mask
		}
		c.table[i] = e
	}
}
