package workload

import (
	"iter"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/ohie-hmis/hmis-go/hmis"
)

// A Row is one value: indices into the lists of a World, and a number that is
// Coef × 10^-Digits.
type Row struct {
	Element, Combo, Attr, Unit, Month uint16
	Digits                            uint8
	Coef                              int32
}

// Thousandths returns 1,000 times the number of r, which is a whole number.
func (r Row) Thousandths() int32 {
	v := r.Coef
	for d := r.Digits; d < 3; d++ {
		v *= 10
	}
	return v
}

// Counts reports whether analytics count r. A 0 does not count unless the
// element is averaged; 0.0 always counts (aggregate/RULES.md#zeros).
func (w *World) Counts(r Row) bool {
	if r.Coef != 0 || r.Digits != 0 {
		return true
	}
	a := w.Elements[r.Element].Aggregation
	return a == hmis.Average || a == hmis.AverageSumOrgUnit
}

// Rows returns the rows in the order of arrival: by month, facility and form.
// They are generated while they are read, the same each time. After Keep they
// come from memory.
func (w *World) Rows() iter.Seq[Row] {
	if w.kept != nil {
		return slices.Values(w.kept)
	}
	return w.report
}

// Keep generates all rows, keeps them in memory and returns their number. Each
// takes 16 bytes.
func (w *World) Keep() int {
	w.kept = slices.Collect(w.report)
	return len(w.kept)
}

// Len returns the number of rows kept.
func (w *World) Len() int { return len(w.kept) }

func (w *World) report(yield func(Row) bool) {
	rng := rand.New(rand.NewPCG(3, 3))
	combos := make([][]int, Elements)
	for e := range combos {
		combos[e] = w.CombosOf(e)
	}
	at := make([][]int, Units) // forms of each unit
	for n := range w.sets {
		for _, unit := range w.sets[n].facilities {
			at[unit] = append(at[unit], n)
		}
	}
	for month := range Months {
		for unit := Units - Facilities; unit < Units; unit++ {
			for _, n := range at[unit] {
				if rng.Float64() > 0.85 {
					continue
				}
				s := &w.sets[n]
				attr := s.attrs[rng.IntN(len(s.attrs))]
				for _, e := range s.elements {
					mean := 2 * math.Pow(100, float64(e%29)/28)
					for _, combo := range combos[e] {
						if rng.Float64() > 0.8 {
							continue
						}
						r := Row{Element: uint16(e), Combo: uint16(combo), Attr: uint16(attr), Unit: uint16(unit), Month: uint16(month)}
						v := rng.ExpFloat64() * mean
						if e%12 == 5 {
							r.Digits = uint8(rng.IntN(4))
							v *= math.Pow10(int(r.Digits))
						}
						r.Coef = int32(v)
						if !yield(r) {
							return
						}
					}
				}
			}
		}
	}
}

// Batches returns rows as batches of up to size values.
func (w *World) Batches(rows iter.Seq[Row], size int) iter.Seq2[*hmis.Batch, error] {
	return func(yield func(*hmis.Batch, error) bool) {
		buffer := make([]Row, 0, size)
		for r := range rows {
			if buffer = append(buffer, r); len(buffer) == size {
				if !yield(w.batch(buffer), nil) {
					return
				}
				buffer = buffer[:0]
			}
		}
		if len(buffer) > 0 {
			yield(w.batch(buffer), nil)
		}
	}
}

func (w *World) batch(rows []Row) *hmis.Batch {
	b := &hmis.Batch{Periods: w.Periods, IDs: w.ids}
	combos, units := len(w.Elements), len(w.Elements)+len(w.Combos)
	n := len(rows)
	columns := make([]uint32, 5*n)
	b.DataElement, b.OptionCombo, b.AttributeCombo = columns[:n], columns[n:2*n], columns[2*n:3*n]
	b.OrgUnit, b.Period = columns[3*n:4*n], columns[4*n:]
	b.Coef, b.Scale = make([]int64, n), make([]int8, n)
	for i, r := range rows {
		b.DataElement[i] = uint32(r.Element)
		b.OptionCombo[i], b.AttributeCombo[i] = uint32(combos)+uint32(r.Combo), uint32(combos)+uint32(r.Attr)
		b.OrgUnit[i], b.Period[i] = uint32(units)+uint32(r.Unit), uint32(r.Month)
		b.Coef[i], b.Scale[i] = int64(r.Coef), int8(r.Digits)
	}
	return b
}
