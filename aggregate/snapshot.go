package aggregate

import (
	"cmp"
	"encoding/binary"
	"hash/crc32"
	"io"
	"maps"
	"runtime"
	"slices"

	"github.com/ohie-hmis/hmis-go/aggregate/internal/column"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/internal/numbering"
	"github.com/ohie-hmis/hmis-go/period"
)

// A snapshot file has a magic text, a version, the length and the checksum of
// the directory, the directory, and the columns one after the other. The
// directory has lists of ids, the reports, and the length and checksum of each
// column. Numbers are little-endian or varints.
const (
	snapshotMagic   = "HMISCUBE"
	snapshotVersion = 1
	snapshotHead    = len(snapshotMagic) + 4 + 8 + 4
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// WriteTo writes a snapshot of the values and completions, the same bytes for
// the same values however they were loaded. [Loader.Open] reads it.
func (c *Cube) WriteTo(w io.Writer) (int64, error) {
	s := newSnapshot(c)
	columns := make([][]byte, len(s.elements))
	parallel(runtime.GOMAXPROCS(0), len(columns), func(i int) {
		columns[i] = c.columns.of(s.elements[i]).Append(nil, s.encoding)
	})
	dir := s.directory(columns)
	head := append([]byte(snapshotMagic), 0, 0, 0, 0)
	binary.LittleEndian.PutUint32(head[len(snapshotMagic):], snapshotVersion)
	head = binary.LittleEndian.AppendUint64(head, uint64(len(dir)))
	head = binary.LittleEndian.AppendUint32(head, crc32.Checksum(dir, castagnoli))
	var total int64
	for _, part := range append([][]byte{head, dir}, columns...) {
		n, err := w.Write(part)
		total += int64(n)
		if err != nil {
			return total, err
		}
	}
	return total, nil
}

// A snapshot is a cube with its lists as a file has them: sorted, and without
// what no value or report uses.
type snapshot struct {
	cube     *Cube
	elements []hmis.UID
	combos   []hmis.UID
	periods  []period.Period
	units    []hmis.UID
	encoding column.Encoding
}

func newSnapshot(c *Cube) *snapshot {
	s := &snapshot{cube: c}
	usedCombo, usedPeriod := make([]bool, len(c.combos.ids)), make([]bool, len(c.periods.list))
	usedUnit := make([]bool, c.tree.Len())
	var buf column.Buffer
	for i, id := range c.columns.ids {
		col := c.columns.list[i]
		if col.Len() == 0 {
			continue
		}
		s.elements = append(s.elements, id)
		for j := range col.Segments {
			k := &col.Segments[j]
			usedCombo[k.OptionCombo], usedCombo[k.AttributeCombo], usedPeriod[k.Period] = true, true, true
			for some := range col.Values(j, &buf) {
				for _, pos := range some.Pos {
					usedUnit[pos] = true
				}
				if some.Odd >= 0 {
					usedUnit[col.Odds[some.Odd].Pos] = true
				}
			}
		}
	}
	for _, list := range c.reports {
		for _, r := range list {
			usedCombo[r.attr], usedPeriod[r.period], usedUnit[r.pos] = true, true, true
		}
	}
	slices.Sort(s.elements)
	s.combos, s.encoding.Combos = renumbered(c.combos.ids, usedCombo, cmp.Compare[hmis.UID])
	s.periods, s.encoding.Periods = renumbered(c.periods.list, usedPeriod, comparePeriods)
	s.encoding.Units = make([]uint32, c.tree.Len())
	for pos, used := range usedUnit {
		if used {
			s.encoding.Units[pos] = uint32(len(s.units))
			s.units = append(s.units, c.tree.At(pos))
		}
	}
	s.encoding.Wide = len(s.units) > 1<<16
	return s
}

func comparePeriods(a, b period.Period) int {
	return cmp.Or(a.Compare(b), cmp.Compare(a.Type(), b.Type()), cmp.Compare(a.Calendar().Name(), b.Calendar().Name()))
}

// renumbered returns the items of a list that are used, in order, and the new
// number of each item.
func renumbered[T comparable](list []T, used []bool, compare func(a, b T) int) (kept []T, number []uint32) {
	for i, v := range list {
		if used[i] {
			kept = append(kept, v)
		}
	}
	slices.SortFunc(kept, compare)
	at := numbering.Index(kept)
	number = make([]uint32, len(list))
	for i, v := range list {
		number[i] = at[v]
	}
	return kept, number
}

// directory returns the bytes of the directory for encoded columns.
func (s *snapshot) directory(columns [][]byte) []byte {
	var b []byte
	b = appendIDs(b, s.units)
	b = appendIDs(b, s.combos)
	b = binary.AppendUvarint(b, uint64(len(s.periods)))
	for _, p := range s.periods {
		b = appendText(b, p.Calendar().Name())
		b = appendText(b, p.String())
	}
	b = binary.AppendUvarint(b, uint64(len(s.cube.periods.years)))
	for _, year := range slices.Sorted(maps.Keys(s.cube.periods.years)) {
		b = binary.AppendVarint(b, int64(year))
	}
	var sets []hmis.UID
	for _, id := range slices.Sorted(maps.Keys(s.cube.reports)) {
		if len(s.cube.reports[id]) > 0 {
			sets = append(sets, id)
		}
	}
	b = appendIDs(b, sets)
	for _, id := range sets {
		list := slices.Clone(s.cube.reports[id])
		for i := range list {
			r := &list[i]
			r.period, r.attr, r.pos = s.encoding.Periods[r.period], s.encoding.Combos[r.attr], s.encoding.Units[r.pos]
		}
		slices.SortFunc(list, compareReports)
		b = binary.AppendUvarint(b, uint64(len(list)))
		for _, r := range list {
			b = binary.AppendUvarint(b, uint64(r.period))
			b = binary.AppendUvarint(b, uint64(r.attr))
			b = binary.AppendUvarint(b, uint64(r.pos))
			b = binary.AppendVarint(b, r.at)
		}
	}
	b = appendIDs(b, s.elements)
	for _, col := range columns {
		b = binary.AppendUvarint(b, uint64(len(col)))
		b = binary.LittleEndian.AppendUint32(b, crc32.Checksum(col, castagnoli))
	}
	return b
}

func appendIDs(b []byte, ids []hmis.UID) []byte {
	b = binary.AppendUvarint(b, uint64(len(ids)))
	for _, id := range ids {
		b = appendText(b, string(id))
	}
	return b
}

func appendText(b []byte, s string) []byte {
	b = binary.AppendUvarint(b, uint64(len(s)))
	return append(b, s...)
}
