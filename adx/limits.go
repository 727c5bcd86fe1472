package adx

import "math"

// Limits are the largest sizes that a [Reader] accepts. Beyond them reading
// stops with ADX-160 to ADX-164. In each field 0 means the default shown here,
// and a negative number means no limit.
type Limits struct {
	Text   int   // bytes in an attribute or text: 65,536; 64 times as many in a whole start tag
	Attrs  int   // attributes of an element: 256
	Digits int   // digits of a value: 1,000
	Depth  int   // nested elements: 64
	Group  int   // values in a group: 1,000,000
	Memory int64 // bytes that a group takes in memory: 256 MiB
	Values int64 // values in all: none
	Bytes  int64 // bytes in all: none

	// Findings is how many findings are reported, 1,000; the rest are counted,
	// and a last finding says how many there were (ADX-165).
	Findings int

	// Keys is how many values a message may have where [Reader.Unique] is set:
	// 1,048,576, whose keys take about 64 MiB.
	Keys int
}

// tagTexts is how many texts of the greatest length fit in a start tag.
const tagTexts = 64

// filled returns l with the defaults in place of 0, and the largest numbers in
// place of negative ones.
func (l Limits) filled() Limits {
	return Limits{
		Text:     limit(l.Text, 1<<16),
		Attrs:    limit(l.Attrs, 256),
		Digits:   limit(l.Digits, 1000),
		Depth:    limit(l.Depth, 64),
		Group:    limit(l.Group, 1_000_000),
		Memory:   limit(l.Memory, 256<<20),
		Values:   limit(l.Values, -1),
		Bytes:    limit(l.Bytes, -1),
		Findings: limit(l.Findings, 1000),
		Keys:     limit(l.Keys, 1<<20),
	}
}

// limit returns n, or def if n is 0, or a number without practical bounds if that
// is negative.
func limit[T int | int64](n, def T) T {
	if n == 0 {
		n = def
	}
	if n < 0 {
		n = math.MaxInt / 2 // so that one more does not overflow
	}
	return n
}
