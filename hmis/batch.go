package hmis

import (
	"iter"
	"time"

	"github.com/ohie-hmis/hmis-go/hmis/internal/scan"
	"github.com/ohie-hmis/hmis-go/internal/numbering"
	"github.com/ohie-hmis/hmis-go/period"
)

// A Batch holds many data values in columns. It is the fast form for readers
// and loaders, since plain numbers need no string. Value i has entry i of each
// column. A Batch shares nothing with other batches and is for one goroutine.
// The zero Batch is empty and ready to use.
type Batch struct {
	IDs     []UID           // the different ids; the columns hold positions in this list
	Periods []period.Period // the different periods; the column Period holds positions in this list
	Names   []string        // the different values of StoredBy, whose column holds positions in this list

	DataElement, OptionCombo, AttributeCombo, OrgUnit, Period []uint32

	Coef  []int64 // the number is Coef × 10^-Scale
	Scale []int8  // digits after the point as written; -1 if the text is in Rest, or empty

	// These are fields that servers write with most values. A column is nil if
	// no value of the batch has the field. Times are nanoseconds since 1970 in
	// UTC; 0 means none.
	StoredBy         []uint32
	Created, Updated []int64

	// Rest holds the fields that fit no column, by the value's position: texts
	// that are no plain numbers, comments, marks, and times out of range. All
	// other fields of these DataValues are zero, including the Key.
	Rest map[int]DataValue

	// These map each id, period and name to its position. Append uses them.
	idAt     map[UID]uint32
	periodAt map[period.Period]uint32
	nameAt   map[string]uint32
}

// Len returns the number of values.
func (b *Batch) Len() int { return len(b.Coef) }

// Append adds a value. Times keep their nanoseconds and are converted to UTC.
func (b *Batch) Append(v DataValue) {
	if b.idAt == nil {
		b.indexLists()
	}
	i := b.Len()
	b.DataElement = append(b.DataElement, b.id(b.DataElement, v.DataElement))
	b.OptionCombo = append(b.OptionCombo, b.id(b.OptionCombo, v.OptionCombo))
	b.AttributeCombo = append(b.AttributeCombo, b.id(b.AttributeCombo, v.AttributeCombo))
	b.OrgUnit = append(b.OrgUnit, b.id(b.OrgUnit, v.OrgUnit))
	b.Period = append(b.Period, numbering.In(&b.Periods, b.periodAt, v.Period))

	coef, scale, ok := scan.Plain(v.Value)
	rest := DataValue{Comment: v.Comment, FollowUp: v.FollowUp, Deleted: v.Deleted}
	more := v.Comment != "" || v.FollowUp || v.Deleted
	if !ok {
		coef, scale, more = 0, -1, true
		rest.Value = v.Value
	}
	b.Coef, b.Scale = append(b.Coef, coef), append(b.Scale, scale)

	if v.StoredBy != "" || b.StoredBy != nil {
		b.StoredBy = grown(b.StoredBy, i, numbering.In(&b.Names, b.nameAt, ""))
		b.StoredBy = append(b.StoredBy, numbering.In(&b.Names, b.nameAt, v.StoredBy))
	}
	more = appendTime(&b.Created, i, v.Created, &rest.Created) || more
	more = appendTime(&b.Updated, i, v.Updated, &rest.Updated) || more
	if more {
		if b.Rest == nil {
			b.Rest = map[int]DataValue{}
		}
		b.Rest[i] = rest
	}
}

// indexLists indexes the lists of a batch that a reader or a literal has
// filled, so that Append can continue.
func (b *Batch) indexLists() {
	b.idAt = numbering.Index(b.IDs)
	b.periodAt = numbering.Index(b.Periods)
	b.nameAt = numbering.Index(b.Names)
}

// id returns the position of an id in IDs, which it appends if it is new. Files
// often repeat the id of the previous row, so that one is compared first.
func (b *Batch) id(column []uint32, id UID) uint32 {
	if n := len(column); n > 0 && b.IDs[column[n-1]] == id {
		return column[n-1]
	}
	return numbering.In(&b.IDs, b.idAt, id)
}

// grown returns column with n entries. New ones are set to none.
func grown[T any](column []T, n int, none T) []T {
	for len(column) < n {
		column = append(column, none)
	}
	return column
}

// appendTime appends a time to its column. If the column cannot hold it,
// appendTime sets rest and returns true.
func appendTime(column *[]int64, n int, t time.Time, rest *time.Time) bool {
	ns := int64(0)
	fits := true
	if !t.IsZero() {
		if ns = t.UnixNano(); ns == 0 || !time.Unix(0, ns).Equal(t) {
			ns, fits = 0, false
			*rest = t.UTC()
		}
	}
	if ns != 0 || *column != nil {
		*column = append(grown(*column, n, 0), ns)
	}
	return !fits
}

// Values returns the values one by one, in order.
func (b *Batch) Values() iter.Seq[DataValue] {
	return func(yield func(DataValue) bool) {
		for i := range b.Len() {
			if !yield(b.At(i)) {
				return
			}
		}
	}
}

// At returns value i, counted from 0.
func (b *Batch) At(i int) DataValue {
	v := b.Rest[i]
	v.Key = Key{
		DataElement:    b.IDs[b.DataElement[i]],
		OptionCombo:    b.IDs[b.OptionCombo[i]],
		AttributeCombo: b.IDs[b.AttributeCombo[i]],
		OrgUnit:        b.IDs[b.OrgUnit[i]],
		Period:         b.Periods[b.Period[i]],
	}
	if b.Scale[i] >= 0 {
		var room [24]byte
		v.Value = string(scan.AppendPlain(room[:0], b.Coef[i], b.Scale[i]))
	}
	if b.StoredBy != nil {
		v.StoredBy = b.Names[b.StoredBy[i]]
	}
	if b.Created != nil && b.Created[i] != 0 {
		v.Created = time.Unix(0, b.Created[i]).UTC()
	}
	if b.Updated != nil && b.Updated[i] != 0 {
		v.Updated = time.Unix(0, b.Updated[i]).UTC()
	}
	return v
}
