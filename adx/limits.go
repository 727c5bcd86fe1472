package adx

// Limits are the largest sizes that a [Reader] accepts. In each field 0 means the
// default that is shown, and a negative number no limit.
type Limits struct {
	Text     int   // bytes in an attribute or text: 65,536; 64 times as many in a whole start tag
	Attrs    int   // attributes of an element: 256
	Digits   int   // digits of a value: 1,000
	Depth    int   // nested elements: 64
	Group    int   // values in a group: 1,000,000
	Values   int64 // values in all: none
	Bytes    int64 // bytes in all: none
	Findings int   // findings told of: 1,000; the rest are only counted
}

// or returns limit, or the default def if it is 0, or the largest number if it
// is negative.
func or[T int | int64](limit, def T) T {
	switch {
	case limit == 0:
		return def
	case limit < 0:
		return T(^uint(0) >> 1)
	}
	return limit
}
