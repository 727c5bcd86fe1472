package aggregate

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"runtime"
	"slices"
	"strings"

	"github.com/ohie-hmis/hmis-go/aggregate/internal/column"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/period"
	"github.com/shopspring/decimal"
)

// Open reads a snapshot that [Cube.WriteTo] wrote. Catalog and Tree may have
// changed since, as a snapshot holds ids. If they no longer know some ids, the
// error lists these, since their values would be lost. A file that is damaged,
// cut short or of another version is an error; checksums are verified. The Cube
// does not need r any more. Of l only Catalog and Tree are used.
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

// readPart reads n bytes from an offset on, or fewer at the end of the file.
// Its buffer grows with the bytes read, so that a damaged n does not allocate
// much.
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
	d := &directory{loader: l, byteReader: byteReader{b: dir}, years: map[int]bool{}, reports: map[hmis.UID][]report{}}
	if err := d.read(); err != nil {
		return nil, err
	}
	held, err := d.columns(r, int64(snapshotHead)+int64(size))
	if err != nil {
		return nil, err
	}
	c := newCube(l.Catalog, l.Tree, held, d.periods, d.combos, d.years)
	c.reports = d.reports
	return c, nil
}

// A directory is the part of a snapshot before its columns.
type directory struct {
	loader Loader
	byteReader

	unknown []string // ids that neither the catalog nor the tree of the Loader knows
	units   []uint32 // positions of org units, numbered as in columns
	combos  []hmis.UID
	periods []period.Period
	years   map[int]bool
	reports map[hmis.UID][]report

	// The data element, number of bytes and checksum of each column.
	elements []hmis.UID
	sizes    []int64
	sums     []uint32
}

func (d *directory) read() error {
	for _, id := range d.ids() {
		pos, _, ok := d.loader.Tree.Span(id)
		if !ok {
			d.unknown = append(d.unknown, "org unit "+string(id))
		}
		d.units = append(d.units, uint32(pos))
	}
	d.combos = d.ids()
	for range d.count(2) {
		d.periods = append(d.periods, d.period())
	}
	for range d.count(1) {
		d.years[int(d.varint())] = true
	}
	d.readReports()
	d.readElements()
	if len(d.unknown) > 0 {
		d.fail("unknown: %s", strings.Join(d.unknown, ", "))
	}
	if d.err == nil && len(d.b) > 0 {
		d.fail("damaged: %d bytes too many in the directory", len(d.b))
	}
	return d.err
}

// readReports reads the completions of each data set.
func (d *directory) readReports() {
	for _, id := range d.ids() {
		if _, ok := hmis.Find[hmis.DataSet](d.loader.Catalog, id); !ok {
			d.unknown = append(d.unknown, "data set "+string(id))
		}
		n := d.count(4)
		list := make([]report, 0, min(n, fewAtFirst))
		for range n {
			r := report{
				period: uint32(d.below(len(d.periods))),
				attr:   uint32(d.below(len(d.combos))),
			}
			if unit := d.below(len(d.units)); d.err == nil {
				r.pos = d.units[unit]
			}
			r.at = d.varint()
			list = append(list, r)
		}
		slices.SortFunc(list, compareReports)
		d.reports[id] = list
	}
}

// readElements reads the data element, size and checksum of each column.
func (d *directory) readElements() {
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
}

// columns reads the columns, which begin at an offset, side by side.
func (d *directory) columns(r io.ReaderAt, from int64) (columns, error) {
	starts := make([]int64, len(d.sizes))
	for i, size := range d.sizes {
		starts[i] = from
		from += size
	}
	decoding := column.Decoding{
		Periods: len(d.periods), Combos: len(d.combos), Units: d.units, Tree: d.loader.Tree.Len(),
		Wide: len(d.units) > 1<<16, Order: segmentOrder(d.periods, d.combos),
	}
	list := make([]*column.Column, len(starts))
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
		e, _ := hmis.Find[hmis.DataElement](d.loader.Catalog, d.elements[i])
		mine := decoding
		mine.Number = func(text string) (decimal.Decimal, bool) {
			if e.ValueType.IsBoolean() {
				return e.ValueType.Number(text)
			}
			return hmis.Number.Number(text)
		}
		if list[i], errs[i] = mine.Decode(part); errs[i] != nil {
			errs[i] = fmt.Errorf("data element %q: %w", d.elements[i], errs[i])
		}
	})
	held := columns{at: map[hmis.UID]int{}}
	for i, id := range d.elements {
		if errs[i] != nil {
			return columns{}, errs[i]
		}
		if _, twice := held.at[id]; twice {
			return columns{}, fmt.Errorf("damaged: data element %q comes twice", id)
		}
		held.put(id, list[i])
	}
	const some = 1 << 10 // enough to notice bytes after the last column
	rest, err := readPart(r, from, some)
	if err == nil && len(rest) > 0 {
		err = fmt.Errorf("damaged: %d bytes too many at the end", len(rest))
	}
	return held, err
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
