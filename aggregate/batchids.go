package aggregate

import (
	"github.com/ohie-hmis/hmis-go/hmis"
)

// batchIDs looks up the ids of a batch in a staging, each when a row first
// needs it. The lists have the number of each id + 1, 0 if it is not looked up
// yet and -1 if it is unknown.
type batchIDs struct {
	staging *staging
	batch   *hmis.Batch

	elements, units, combos, periods []int32
}

func newBatchIDs(s *staging, b *hmis.Batch) batchIDs {
	room := make([]int32, 3*len(b.IDs)+len(b.Periods))
	n := len(b.IDs)
	return batchIDs{s, b, room[:n], room[n : 2*n], room[2*n : 3*n], room[3*n:]}
}

// element returns the number of the data element of a row, or -1.
func (r *batchIDs) element(row int) int32 {
	at := r.batch.DataElement[row]
	if r.elements[at] == 0 {
		r.elements[at] = plusOne(r.staging.element(r.batch.IDs[at]))
	}
	return max(r.elements[at]-1, -1)
}

// unit returns the position of the org unit of a row, or -1.
func (r *batchIDs) unit(row int) int32 {
	at := r.batch.OrgUnit[row]
	if r.units[at] == 0 {
		pos, _, ok := r.staging.loader.Tree.Span(r.batch.IDs[at])
		r.units[at] = plusOne(pos, ok)
	}
	return max(r.units[at]-1, -1)
}

// period returns the number of the period of a row, or -1 if it has none.
func (r *batchIDs) period(row int) int32 {
	at := r.batch.Period[row]
	if r.periods[at] == 0 {
		r.periods[at] = plusOne(r.staging.period(r.batch.Periods[at]))
	}
	return max(r.periods[at]-1, -1)
}

// combo returns the number of an option combo by its index in the batch.
func (r *batchIDs) combo(at uint32) int32 {
	if r.combos[at] == 0 {
		r.combos[at] = int32(r.staging.numbers.combo(r.batch.IDs[at])) + 1
	}
	return r.combos[at] - 1
}

func plusOne(n int, ok bool) int32 {
	if !ok {
		return -1
	}
	return int32(n) + 1
}
