package aggregate

// RowByRow returns q to be answered value by value, the slow way that every
// other way must agree with.
func RowByRow(q Query) Query {
	q.rowByRow = true
	return q
}

// Compacted is q computed as if it asked for very many org units.
func Compacted(q Query) Query {
	q.compacts = true
	return q
}

// Staged is l building values in whenever there are so many.
func Staged(l Loader, values int) Loader {
	l.stage = values
	return l
}

// BlockValues is how many values Cube.Series holds at a time.
var BlockValues = &blockValues
