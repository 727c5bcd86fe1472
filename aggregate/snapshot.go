package aggregate

import (
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"iter"
	"maps"
	"runtime"
	"slices"
	"strings"

	"github.com/ohie-hmis/hmis-go/aggregate/internal/column"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/internal/numbering"
	"github.com/ohie-hmis/hmis-go/period"
	"github.com/shopspring/decimal"
)

// With returns a Cube that also has these values and completions; either may be
// nil. They win over those of c; deleted values and withdrawn completions go.
// The new Cube shares what did not change with c, which stays as it is: the cost
// is that of the segments touched, a segment being one data element, period and
// pair of option combos.
//
// The error is the first of a stream, of ctx, or that of a value that cannot be
// used, as in [Loader.Load] without Reject.
func (c *Cube) With(ctx context.Context, values iter.Seq2[hmis.DataValue, error], completions iter.Seq2[hmis.Completion, error]) (*Cube, error) {
	return Loader{Completions: completions, KeepUncounted: c.aside != nil}.Onto(ctx, c, values)
}

// Onto adds values to c as [Cube.With] does, with the options of l: Reject is
// called for values that cannot be used, Warn for doubtful ones. The Catalog and
// the Tree are those of c.
func (l Loader) Onto(ctx context.Context, c *Cube, values iter.Seq2[hmis.DataValue, error]) (*Cube, error) {
	l.Catalog, l.Tree = c.catalog, c.tree
	return l.loadOnto(ctx, c, batches(ctx, values))
}

// A snapshot is: magic, version, length and checksum of the directory, the
// directory, and the columns one after the other. The directory has lists of
// ids, the reports, and for each column its length and checksum. Numbers are
// little-endian or varints.
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
		columns[i] = s.column(s.elements[i]).Append(nil, s.encoding)
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

// A snapshot is a cube with its lists in the order of a file: ids sorted, and
// only those that are used.
type snapshot struct {
	*Cube
	elements []hmis.UID
	combos   []hmis.UID
	periods  []period.Period
	units    []hmis.UID
	encoding column.Encoding
}

func newSnapshot(c *Cube) *snapshot {
	s := &snapshot{Cube: c}
	usedCombo, usedPeriod := make([]bool, len(c.combos)), make([]bool, len(c.periods))
	usedUnit := make([]bool, c.tree.Len())
	var buf column.Buffer
	for i, id := range c.elements {
		col := c.columns[i]
		if col.Len() == 0 {
			continue
		}
		s.elements = append(s.elements, id)
		for j := range col.Segments {
			k := &col.Segments[j]
			usedCombo[k.OptionCombo], usedCombo[k.AttributeCombo], usedPeriod[k.Period] = true, true, true
			col.Decode(k, 1, &buf)
			for _, pos := range buf.Pos {
				usedUnit[pos] = true
			}
		}
		for j := range col.Odds {
			usedUnit[col.Odds[j].Pos] = true
		}
	}
	for _, list := range c.reports {
		for _, r := range list {
			usedCombo[r.attr], usedPeriod[r.period], usedUnit[r.pos] = true, true, true
		}
	}
	slices.Sort(s.elements)
	s.combos, s.encoding.Combos = renumbered(c.combos, usedCombo, func(a, b hmis.UID) int { return cmp.Compare(a, b) })
	s.periods, s.encoding.Periods = renumbered(c.periods, usedPeriod, comparePeriods)
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

// renumbered returns what is used of a list in order, and the new number of each.
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

func (s *snapshot) directory(columns [][]byte) []byte {
	var b []byte
	b = appendIDs(b, s.units)
	b = appendIDs(b, s.combos)
	b = binary.AppendUvarint(b, uint64(len(s.periods)))
	for _, p := range s.periods {
		b = appendText(b, p.Calendar().Name())
		b = appendText(b, p.String())
	}
	b = binary.AppendUvarint(b, uint64(len(s.years)))
	for _, year := range slices.Sorted(maps.Keys(s.years)) {
		b = binary.AppendVarint(b, int64(year))
	}
	var sets []hmis.UID
	for _, id := range slices.Sorted(maps.Keys(s.reports)) {
		if len(s.reports[id]) > 0 {
			sets = append(sets, id)
		}
	}
	b = appendIDs(b, sets)
	for _, id := range sets {
		list := slices.Clone(s.reports[id])
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

// Open reads a snapshot that [Cube.WriteTo] wrote. It holds ids, so Catalog and
// Tree may have changed since; ids that they no longer know are an error that
// lists them, since their values would be lost. Checksums are verified; a file
// that is damaged, cut short or of another version is refused. r is not needed
// afterwards. Completions and Reject of l are not used.
func (l Loader) Open(r io.ReaderAt) (*Cube, error) {
	if err := l.check(); err != nil {
		return nil, err
	}
	c, err := l.open(r)
	if err != nil {
		return nil, fmt.Errorf("aggregate: snapshot: %w", err)
	}
	return c, nil
}

// readPart reads n bytes from an offset on, or as many as there are. It makes room
// for what it has read, not for what a damaged file says will come.
func readPart(r io.ReaderAt, from int64, n int64) ([]byte, error) {
	const step = 1 << 20
	b := make([]byte, 0, min(n, step))
	for int64(len(b)) < n {
		if len(b) == cap(b) {
			b = append(make([]byte, 0, min(n, 2*int64(cap(b)))), b...)
		}
		m, err := r.ReadAt(b[len(b):cap(b)], from+int64(len(b)))
		b = b[:len(b)+m]
		if len(b) == cap(b) {
			continue
		}
		if err == nil || errors.Is(err, io.EOF) {
			break
		}
		return b, err
	}
	return b, nil
}

func (l Loader) open(r io.ReaderAt) (*Cube, error) {
	head, err := readPart(r, 0, int64(snapshotHead))
	if err != nil {
		return nil, err
	}
	if len(head) < snapshotHead || string(head[:len(snapshotMagic)]) != snapshotMagic {
		return nil, errors.New("this is no snapshot of a cube")
	}
	head = head[len(snapshotMagic):]
	if v := binary.LittleEndian.Uint32(head); v != snapshotVersion {
		return nil, fmt.Errorf("version %d is not supported; want %d", v, snapshotVersion)
	}
	const most = 1 << 40
	size := binary.LittleEndian.Uint64(head[4:])
	dir, err := readPart(r, int64(snapshotHead), int64(min(size, most)))
	if err != nil {
		return nil, err
	}
	if uint64(len(dir)) < size {
		return nil, fmt.Errorf("cut short: %d of %d bytes of the directory", len(dir), size)
	}
	if crc32.Checksum(dir, castagnoli) != binary.LittleEndian.Uint32(head[12:]) {
		return nil, errors.New("damaged: the checksum of the directory is wrong")
	}
	d := &directory{loader: l, b: dir, cube: l.empty()}
	if err := d.read(); err != nil {
		return nil, err
	}
	return d.cube, d.columns(r, int64(snapshotHead)+int64(size))
}

// A directory is read step by step; after the first trouble nothing is read.
type directory struct {
	loader Loader
	cube   *Cube
	b      []byte
	err    error

	unknown  []string // what the catalog and the tree of today do not have
	units    []uint32
	elements []hmis.UID
	sizes    []int64
	sums     []uint32
}

func (d *directory) read() error {
	units, combos := d.ids(), d.ids()
	for _, id := range units {
		pos, _, ok := d.loader.Tree.Span(id)
		if !ok {
			d.unknown = append(d.unknown, "org unit "+string(id))
		}
		d.units = append(d.units, uint32(pos))
	}
	d.cube.combos = combos
	for range d.count(2) {
		d.cube.periods = append(d.cube.periods, d.period())
	}
	for range d.count(1) {
		d.cube.years[int(d.varint())] = true
	}
	sets := d.ids()
	for _, id := range sets {
		if _, ok := hmis.Find[hmis.DataSet](d.loader.Catalog, id); !ok {
			d.unknown = append(d.unknown, "data set "+string(id))
		}
		n := d.count(4)
		list := make([]report, 0, min(n, fewAtFirst))
		for range n {
			r := report{
				period: uint32(d.below(len(d.cube.periods))),
				attr:   uint32(d.below(len(combos))),
			}
			if unit := d.below(len(d.units)); d.err == nil {
				r.pos = d.units[unit]
			}
			r.at = d.varint()
			list = append(list, r)
		}
		slices.SortFunc(list, compareReports)
		d.cube.reports[id] = list
	}
	d.elements = d.ids()
	for _, id := range d.elements {
		if _, ok := hmis.Find[hmis.DataElement](d.loader.Catalog, id); !ok {
			d.unknown = append(d.unknown, "data element "+string(id))
		}
		d.sizes = append(d.sizes, int64(d.uvarint()&(1<<48-1)))
		sum := d.bytes(4)
		if d.err == nil {
			d.sums = append(d.sums, binary.LittleEndian.Uint32(sum))
		}
	}
	if len(d.unknown) > 0 {
		d.fail("unknown: %s", strings.Join(d.unknown, ", "))
	}
	if d.err == nil && len(d.b) > 0 {
		d.fail("damaged: %d bytes too many in the directory", len(d.b))
	}
	return d.err
}

// columns reads the columns, which begin at an offset, side by side.
func (d *directory) columns(r io.ReaderAt, from int64) error {
	starts := make([]int64, len(d.sizes))
	for i, size := range d.sizes {
		starts[i] = from
		from += size
	}
	c := d.cube
	decoding := column.Decoding{
		Periods: len(c.periods), Combos: len(c.combos), Units: d.units, Tree: c.tree.Len(),
		Wide: len(d.units) > 1<<16, Order: c.order(),
	}
	c.columns = make([]*column.Column, len(starts))
	errs := make([]error, len(starts))
	parallel(runtime.GOMAXPROCS(0), len(starts), func(i int) {
		part, err := readPart(r, starts[i], d.sizes[i])
		switch {
		case err != nil:
			errs[i] = err
			return
		case int64(len(part)) < d.sizes[i]:
			errs[i] = fmt.Errorf("cut short: %d of %d bytes of data element %q", len(part), d.sizes[i], d.elements[i])
			return
		case crc32.Checksum(part, castagnoli) != d.sums[i]:
			errs[i] = fmt.Errorf("damaged: the checksum of data element %q is wrong", d.elements[i])
			return
		}
		e, _ := hmis.Find[hmis.DataElement](c.catalog, d.elements[i])
		mine := decoding
		mine.Number = func(text string) (decimal.Decimal, bool) {
			if e.ValueType.IsBoolean() {
				return e.ValueType.Number(text)
			}
			return hmis.Number.Number(text)
		}
		if c.columns[i], errs[i] = mine.Decode(part); errs[i] != nil {
			errs[i] = fmt.Errorf("data element %q: %w", d.elements[i], errs[i])
		}
	})
	for i, id := range d.elements {
		if errs[i] != nil {
			return errs[i]
		}
		if _, twice := c.at[id]; twice {
			return fmt.Errorf("damaged: data element %q comes twice", id)
		}
		c.elements = append(c.elements, id)
		c.at[id] = i
	}
	const some = 1 << 10 // of what does not belong there
	rest, err := readPart(r, from, some)
	if err == nil && len(rest) > 0 {
		err = fmt.Errorf("damaged: %d bytes too many at the end", len(rest))
	}
	return err
}

func (d *directory) fail(format string, args ...any) {
	if d.err == nil {
		d.err = fmt.Errorf(format, args...)
		d.b = nil
	}
}

func (d *directory) bytes(n int) []byte {
	if n > len(d.b) {
		d.fail("damaged: the directory ends too early")
		return nil
	}
	v := d.b[:n]
	d.b = d.b[n:]
	return v
}

func (d *directory) uvarint() uint64 {
	v, n := binary.Uvarint(d.b)
	if n <= 0 {
		d.fail("damaged: the directory ends too early")
		return 0
	}
	d.b = d.b[n:]
	return v
}

func (d *directory) varint() int64 {
	v, n := binary.Varint(d.b)
	if n <= 0 {
		d.fail("damaged: the directory ends too early")
		return 0
	}
	d.b = d.b[n:]
	return v
}

// fewAtFirst is for how many things a list has room before they are read.
const fewAtFirst = 1 << 12

// count reads how many things follow that take at least size bytes each.
func (d *directory) count(size int) int {
	n := d.uvarint()
	if n > uint64(len(d.b)/size) {
		d.fail("damaged: a list of %d things in %d bytes", n, len(d.b))
		return 0
	}
	return int(n)
}

func (d *directory) below(n int) int {
	v := d.uvarint()
	if v >= uint64(n) {
		d.fail("damaged: number %d of a list of %d", v, n)
		return 0
	}
	return int(v)
}

func (d *directory) text() string { return string(d.bytes(d.count(1))) }

func (d *directory) ids() []hmis.UID {
	n := d.count(1)
	ids := make([]hmis.UID, 0, min(n, fewAtFirst))
	for range n {
		ids = append(ids, hmis.UID(d.text()))
	}
	return ids
}

func (d *directory) period() period.Period {
	name, id := d.text(), d.text()
	if d.err != nil {
		return period.Period{}
	}
	calendar, ok := period.CalendarByName(name)
	if !ok {
		d.fail("unknown calendar %q", name)
		return period.Period{}
	}
	p, err := calendar.Parse(id)
	if err != nil {
		d.fail("damaged: %w", err)
	}
	return p
}
