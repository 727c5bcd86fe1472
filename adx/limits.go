package adx

import "math"

// Limits are the largest sizes that a [Reader] accepts. Beyond them reading
// stops with ADX-160 to ADX-164. In each field 0 means the default shown here,
// and a negative number means no limit.
type Limits struct {
	Text   int   // bytes in an attribute or text, 65,536; a whole start tag may have 64 times as many
	Attrs  int   // attributes of an element, 256
	Digits int   // digits of a value, 1,000
	Depth  int   // nested elements, 64
	Group  int   // values in a group, 1,000,000
	Memory int64 // memory of a group in bytes, 256 MiB
	Values int64 // values in the message, unlimited
	Bytes  int64 // bytes in the message, unlimited

	// Findings is the number of findings that are reported, 1,000. A last
	// finding has the number of all (ADX-165).
	Findings int

	// Keys is the number of values in a message if [Reader.Unique] is set:
	// 1,048,576. Their keys take about 64 MiB.
	Keys int
}

// tagTexts is the number of texts of the largest length that fit in one start
// tag.
const tagTexts = 64

// filled returns l with defaults for 0, and with the largest numbers for
// negative ones.
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

// limit returns n. If n is 0 it returns def, and if n is negative it returns a
// number too large to be reached.
func limit[T int | int64](n, def T) T {
	if n == 0 {
		n = def
	}
	if n < 0 {
		n = math.MaxInt / 2 // a sum with this number does not overflow
	}
	return n
}
