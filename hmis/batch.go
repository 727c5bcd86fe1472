package hmis

import (
	"iter"
	"time"

	"github.com/ohie-hmis/hmis-go/hmis/internal/scan"
	"github.com/ohie-hmis/hmis-go/internal/numbering"
	"github.com/ohie-hmis/hmis-go/period"
)

// A Batch is many data values in columns, for readers and loaders in a hurry:
// no string is made for a value that is a plain number. Column i of each list
// belongs to value i. A Batch belongs to its receiver and shares nothing; it is
// for one goroutine. The zero Batch is empty and ready to use.
type Batch struct {
	IDs     []UID           // each id once; the columns hold positions in IDs
	Periods []period.Period // each period once; the column Period holds positions in it
	Names   []string        // each StoredBy once; the column StoredBy holds positions in it

	DataElement, OptionCombo, AttributeCombo, OrgUnit, Period []uint32

	Coef  []int64 // the number is Coef × 10^-Scale
	Scale []int8  // digits after the point as written; -1 if the text is in Rest, or empty

	// What servers write beside most values. A list is nil if no value of the
	// batch has such a thing. Times are nanoseconds since 1970 in UTC, 0 for
	// none.
	StoredBy         []uint32
	Created, Updated []int64

	// Rest holds what is more than that, by position: texts that are no plain
	// number, comments, marks, times that do not fit. Its Key is zero, and so
	// is everything that a column holds.
	Rest map[int]DataValue

	// The places of ids, periods and names in their lists, for Append.
	idAt     map[UID]uint32
	periodAt map[period.Period]uint32
	nameAt   map[string]uint32
}

// Len returns the number of values.
func (b *Batch) Len() int { return len(b.Coef) }

// Append adds a value. Times are kept to the nanosecond, as moments in UTC.
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

// indexLists lets Append go on where a reader, or a user's literal, ended.
func (b *Batch) indexLists() {
	b.idAt = numbering.Index(b.IDs)
	b.periodAt = numbering.Index(b.Periods)
	b.nameAt = numbering.Index(b.Names)
}

// id numbers an id. Files repeat the previous row's, so that is compared first.
func (b *Batch) id(column []uint32, id UID) uint32 {
	if n := len(column); n > 0 && b.IDs[column[n-1]] == id {
		return column[n-1]
	}
	return numbering.In(&b.IDs, b.idAt, id)
}

// grown returns column with n values, filled up with none.
func grown[T any](column []T, n int, none T) []T {
	for len(column) < n {
		column = append(column, none)
	}
	return column
}

// appendTime adds a time to its column, or sets rest and returns true if the
// column cannot hold it.
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
