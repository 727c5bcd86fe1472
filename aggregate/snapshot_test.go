package aggregate_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	"iter"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/ohie-hmis/hmis-go/aggregate"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/ohie-hmis/hmis-go/orgunit"
	"github.com/ohie-hmis/hmis-go/period"
	"github.com/stretchr/testify/require"
)

func stream[T any](list []T) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for _, v := range list {
			if !yield(v, nil) {
				return
			}
		}
	}
}

func snapshotOf(t testing.TB, c *aggregate.Cube) []byte {
	t.Helper()
	var b bytes.Buffer
	n, err := c.WriteTo(&b)
	require.NoError(t, err)
	require.Equal(t, int64(b.Len()), n)
	return b.Bytes()
}

// A cube that grew by corrections is the cube of all values at once, and both
// are what a snapshot of them gives back: values, answers and bytes.
func TestWithIsLoadIsOpen(t *testing.T) {
	v := newVillage(t)
	ctx := context.Background()
	for seed := range uint64(60) {
		rng := rand.New(rand.NewPCG(seed, 1))
		first, done := v.values(rng, 60), v.completions(rng, 10)
		l := v.loader()
		l.Completions = stream(done)
		grown, err := l.Load(ctx, stream(first))
		require.NoError(t, err)
		all, allDone := first, done
		for range 70 { // often enough for a column to be written afresh
			before, size := snapshotOf(t, grown), grown.Len()
			more, moreDone := v.values(rng, rng.IntN(6)), v.completions(rng, rng.IntN(3))
			next, err := grown.With(ctx, stream(more), stream(moreDone))
			require.NoError(t, err)
			if grown.Len() != size || !bytes.Equal(before, snapshotOf(t, grown)) {
				t.Fatalf("seed %d: With changed the cube that it began with", seed)
			}
			grown, all, allDone = next, append(all, more...), append(allDone, moreDone...)
		}
		l.Completions = stream(allDone)
		whole, err := l.Load(ctx, stream(all))
		require.NoError(t, err)
		if diff := cmp.Diff(everything(whole), everything(grown)); diff != "" {
			t.Fatalf("seed %d: With: %s", seed, diff)
		}
		snapshot := snapshotOf(t, whole)
		if !bytes.Equal(snapshot, snapshotOf(t, grown)) {
			t.Fatalf("seed %d: equal cubes have different snapshots", seed)
		}
		opened, err := v.loader().Open(bytes.NewReader(snapshot))
		require.NoError(t, err)
		if diff := cmp.Diff(everything(whole), everything(opened)); diff != "" {
			t.Fatalf("seed %d: Open: %s", seed, diff)
		}
		if !bytes.Equal(snapshot, snapshotOf(t, opened)) {
			t.Fatalf("seed %d: a snapshot changes when it is read and written", seed)
		}
	}
}

// everything is the values of a cube, and some answers, as texts.
func everything(c *aggregate.Cube) []string {
	var list []string
	for v, err := range c.Values(context.Background(), aggregate.Filter{}) {
		list = append(list, fmt.Sprintf("%v %q %v %v", v.Key, v.Value, v.FollowUp, err))
	}
	for _, a := range []hmis.Aggregation{hmis.Sum, hmis.Last, hmis.Count, hmis.Max} {
		for cell, err := range c.Cells(context.Background(), aggregate.Query{
			Data: []indicator.Item{
				{ID: element(0)}, {ID: element(1)}, {ID: element(2)}, {ID: element(3)}, {ID: "dataset0000", Rate: indicator.ActualReports},
			},
			OrgUnits: []hmis.UID{"country0000", "district001"}, Periods: []period.Period{period.MustParse("202402"), period.MustParse("2024")},
			Aggregation: a,
		}) {
			list = append(list, fmt.Sprintf("%s %v %v", a, cell, err))
		}
	}
	return list
}

// A snapshot holds ids: the tree of today may have another order, and the
// catalog more elements.
func TestOpenInAnotherTree(t *testing.T) {
	v := newVillage(t)
	cube, err := v.loader().Load(context.Background(), stream(v.values(rand.New(rand.NewPCG(3, 3)), 300)))
	require.NoError(t, err)
	other := newVillage(t)
	slices.Reverse(other.md.OrgUnits[1:])
	other.tree, err = orgunit.NewTree(append(other.md.OrgUnits, hmis.OrgUnit{ID: "newdistrict", Parent: "country0000"}))
	require.NoError(t, err)
	opened, err := other.loader().Open(bytes.NewReader(snapshotOf(t, cube)))
	require.NoError(t, err)
	if diff := cmp.Diff(everything(cube), everything(opened)); diff != "" {
		t.Error(diff)
	}
}

func TestOpenRefuses(t *testing.T) {
	v := newVillage(t)
	cube, err := v.loader().Load(context.Background(), stream(v.values(rand.New(rand.NewPCG(5, 5)), 200)))
	require.NoError(t, err)
	good := snapshotOf(t, cube)
	without := func(change func(md *hmis.Metadata)) aggregate.Loader {
		less := newVillage(t)
		change(&less.md)
		less.catalog, err = hmis.NewCatalog(less.md)
		require.NoError(t, err)
		less.tree, err = orgunit.NewTree(less.md.OrgUnits)
		require.NoError(t, err)
		return less.loader()
	}
	tests := []struct {
		name   string
		loader aggregate.Loader
		data   []byte
		want   string
	}{
		{"empty", v.loader(), nil, "aggregate: snapshot: this is no snapshot of a cube"},
		{"something else", v.loader(), []byte(strings.Repeat("{}", 50)), "aggregate: snapshot: this is no snapshot of a cube"},
		{"another version", v.loader(), patched(good, 8, 2), "aggregate: snapshot: version 2 is not supported; want 1"},
		{"cut in the directory", v.loader(), good[:60], fmt.Sprintf("aggregate: snapshot: cut short: 36 of %d bytes of the directory", binary.LittleEndian.Uint64(good[12:]))},
		{"cut at the end", v.loader(), good[:len(good)-1], ""},
		{"too long", v.loader(), append(slices.Clone(good), 0), "aggregate: snapshot: damaged: 1 bytes too many at the end"},
		{"damaged directory", v.loader(), patched(good, 40, 0xff), "aggregate: snapshot: damaged: the checksum of the directory is wrong"},
		{"damaged column", v.loader(), patched(good, len(good)-3, 0x77), `aggregate: snapshot: damaged: the checksum of data element "element0003" is wrong`},
		{"no such units", without(func(md *hmis.Metadata) { md.OrgUnits = md.OrgUnits[:17] }), good, "aggregate: snapshot: unknown: org unit facility203, org unit facility204"},
		{"no such element", without(func(md *hmis.Metadata) { md.DataElements = md.DataElements[1:] }), good, "aggregate: snapshot: unknown: data element element0000"},
	}
	for _, tt := range tests {
		c, err := tt.loader.Open(bytes.NewReader(tt.data))
		if err == nil || c != nil || tt.want != "" && err.Error() != tt.want {
			t.Errorf("%s: Open gives %v, %v; want %q", tt.name, c, err, tt.want)
		}
	}
	for n := range len(good) { // cut anywhere
		if _, err := v.loader().Open(bytes.NewReader(good[:n])); err == nil {
			t.Fatalf("Open takes the first %d of %d bytes", n, len(good))
		}
	}
	if _, err := v.loader().Open(failing{}); err == nil || err.Error() != "aggregate: snapshot: the disk is gone" {
		t.Errorf("Open of a broken file gives %v", err)
	}
}

func patched(b []byte, at int, v byte) []byte {
	b = slices.Clone(b)
	b[at] = v
	return b
}

type failing struct{}

func (failing) ReadAt([]byte, int64) (int, error) { return 0, fmt.Errorf("the disk is gone") }

// A reader without a length, such as a file, is read to its end.
func TestOpenFile(t *testing.T) {
	v := newVillage(t)
	cube, err := v.loader().Load(context.Background(), stream(v.values(rand.New(rand.NewPCG(4, 4)), 50)))
	require.NoError(t, err)
	data := snapshotOf(t, cube)
	opened, err := v.loader().Open(struct{ io.ReaderAt }{bytes.NewReader(data)})
	require.NoError(t, err)
	require.Equal(t, cube.Len(), opened.Len())
}

// Queries go on while the next cube is made of the one they ask.
func TestQueriesWhileWith(t *testing.T) {
	v := newVillage(t)
	ctx := context.Background()
	rng := rand.New(rand.NewPCG(6, 6))
	cube, err := v.loader().Load(ctx, stream(v.values(rng, 300)))
	require.NoError(t, err)
	want, blocks := everything(cube), blocksOf(t, cube, v)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 10 {
				if diff := cmp.Diff(want, everything(cube)); diff != "" {
					t.Error(diff)
				}
				if diff := cmp.Diff(blocks, blocksOf(t, cube, v)); diff != "" {
					t.Error(diff)
				}
			}
		})
	}
	next := cube
	for range 10 {
		next, err = next.With(ctx, stream(v.values(rng, 20)), nil)
		require.NoError(t, err)
	}
	wg.Wait()
}

// blocksOf asks for everything at once; queries that run side by side must not
// get into each other's room.
func blocksOf(t *testing.T, c *aggregate.Cube, v village) []string {
	q := aggregate.Query{OrgUnits: slices.Collect(v.tree.All()), Periods: period.Range(period.MustParse("2023"), period.MustParse("2025")), Workers: 3}
	for _, e := range v.md.DataElements {
		if e.Aggregation != hmis.NoAggregation {
			q.Data = append(q.Data, indicator.Item{ID: e.ID})
		}
	}
	var list []string
	for block, err := range c.Blocks(t.Context(), q) {
		if err != nil {
			t.Error(err)
			break
		}
		for i := range len(block.OrgUnits) * len(block.Periods) {
			list = append(list, block.Column.At(i).String())
		}
	}
	return list
}

func FuzzOpen(f *testing.F) {
	v := newVillage(f)
	l := v.loader()
	l.Completions = stream(v.completions(rand.New(rand.NewPCG(1, 1)), 5))
	cube, err := l.Load(context.Background(), stream(v.values(rand.New(rand.NewPCG(1, 1)), 30)))
	require.NoError(f, err)
	f.Add(snapshotOf(f, cube))
	f.Fuzz(func(t *testing.T, data []byte) {
		data = mended(data)
		c, err := v.loader().Open(bytes.NewReader(data))
		if err != nil {
			return
		}
		again, err := v.loader().Open(bytes.NewReader(snapshotOf(t, c)))
		if err != nil {
			t.Fatalf("what was written is refused: %v", err)
		}
		if diff := cmp.Diff(everything(c), everything(again)); diff != "" {
			t.Error(diff)
		}
	})
}

// mended puts every checksum of a snapshot right that can be found: otherwise they
// would keep out whatever a fuzz target changes.
func mended(data []byte) []byte {
	const head = 24 // magic, version, length and checksum of the directory
	if len(data) < head {
		return data
	}
	size := binary.LittleEndian.Uint64(data[12:])
	if size > uint64(len(data)-head) {
		return data
	}
	data = slices.Clone(data)
	dir, columns := data[head:head+size], data[head+size:]
	mendColumns(dir, columns)
	binary.LittleEndian.PutUint32(data[20:], checksum(dir))
	return data
}

func checksum(b []byte) uint32 { return crc32.Checksum(b, crc32.MakeTable(crc32.Castagnoli)) }

// mendColumns finds the checksums of columns at the end of a directory, as far as
// it can be read.
func mendColumns(dir, columns []byte) {
	number := func() int {
		n, used := binary.Uvarint(dir)
		if used <= 0 {
			dir = nil
			return 0
		}
		dir = dir[used:]
		return int(n & (1<<40 - 1))
	}
	skip := func(n int) { dir = dir[min(max(n, 0), len(dir)):] }
	texts := func(each int) (n int) {
		n = number()
		for range n {
			for range each {
				skip(number())
			}
			if len(dir) == 0 {
				break
			}
		}
		return n
	}
	texts(1) // org units
	texts(1) // option combos
	texts(2) // periods with their calendars
	for range min(number(), len(dir)) {
		number() // a year
	}
	for range min(texts(1), len(dir)) { // data sets
		for range min(number(), len(dir)) {
			for range 4 { // period, combo, unit, time
				number()
			}
		}
	}
	for range min(texts(1), len(dir)) { // data elements
		size := number()
		if len(dir) < 4 || size > len(columns) {
			return
		}
		binary.LittleEndian.PutUint32(dir, checksum(columns[:size]))
		dir, columns = dir[4:], columns[size:]
	}
}

// TestMended breaks a byte of each column: with its checksums mended, the snapshot
// gets as far as the columns.
func TestMended(t *testing.T) {
	v := newVillage(t)
	l := v.loader()
	l.Completions = stream(v.completions(rand.New(rand.NewPCG(5, 5)), 9))
	cube, err := l.Load(context.Background(), stream(v.values(rand.New(rand.NewPCG(5, 5)), 200)))
	require.NoError(t, err)
	good := snapshotOf(t, cube)
	require.Equal(t, good, mended(good))
	broken := patched(good, len(good)-3, 0x77)
	_, err = v.loader().Open(bytes.NewReader(broken))
	require.ErrorContains(t, err, "checksum")
	if _, err = v.loader().Open(bytes.NewReader(mended(broken))); err != nil {
		require.NotContains(t, err.Error(), "checksum")
	}
}

// TestOpenOfCutNumber opens directories that end within a number, or have one of
// more than 64 bits.
func TestOpenOfCutNumber(t *testing.T) {
	long := slices.Concat(bytes.Repeat([]byte{0xff}, 10), []byte{1})
	for _, dir := range [][]byte{
		{0, 0, 0, 1, 0x80}, // no units, combos and periods, and one year, which goes on
		slices.Concat([]byte{0, 0, 0, 1}, long),
		slices.Concat([]byte{0, 0, 0}, long),
		{0, 0, 0, 0, 0x8a}, // the number of data sets goes on
		{0x80},             // that of units
	} {
		data := binary.LittleEndian.AppendUint32([]byte("HMISCUBE"), 1)
		data = binary.LittleEndian.AppendUint64(data, uint64(len(dir)))
		data = append(binary.LittleEndian.AppendUint32(data, checksum(dir)), dir...)
		_, err := newVillage(t).loader().Open(bytes.NewReader(data))
		require.EqualError(t, err, "aggregate: snapshot: damaged: the directory ends too early")
	}
}

// TestOpenManyUnits keeps more org units than 16 bits can number.
func TestOpenManyUnits(t *testing.T) {
	const units = 1<<16 + 5
	md := hmis.Metadata{OrgUnits: []hmis.OrgUnit{{ID: "country0000"}}, DataElements: []hmis.DataElement{{ID: "element0000"}}}
	var values []hmis.DataValue
	for i := range units {
		id := hmis.UID(fmt.Sprintf("facility%06d", i))
		md.OrgUnits = append(md.OrgUnits, hmis.OrgUnit{ID: id, Parent: "country0000"})
		values = append(values, hmis.DataValue{Value: fmt.Sprint(i%100 + 1), Key: hmis.Key{DataElement: "element0000", OrgUnit: id, Period: period.MustParse("202401")}})
	}
	catalog, err := hmis.NewCatalog(md)
	require.NoError(t, err)
	tree, err := orgunit.NewTree(md.OrgUnits)
	require.NoError(t, err)
	loader := aggregate.Loader{Catalog: catalog, Tree: tree}
	for _, n := range []int{1 << 16, units} { // the last that 16 bits number, and more
		cube, err := loader.Load(t.Context(), stream(values[:n]))
		require.NoError(t, err)
		opened, err := loader.Open(bytes.NewReader(snapshotOf(t, cube)))
		require.NoError(t, err)
		require.Equal(t, n, opened.Len())
		last := values[n-1]
		table, err := opened.Query(t.Context(), aggregate.Query{
			Data: []indicator.Item{{ID: "element0000"}}, OrgUnits: []hmis.UID{values[0].OrgUnit, last.OrgUnit}, Periods: []period.Period{last.Period},
		})
		require.NoError(t, err)
		require.Equal(t, "1", table.At(indicator.Item{ID: "element0000"}, values[0].OrgUnit, last.Period).String())
		require.Equal(t, last.Value, table.At(indicator.Item{ID: "element0000"}, last.OrgUnit, last.Period).String())
	}
}

// A liar says that it is longer than it is.
type liar struct{ *bytes.Reader }

func (liar) Size() int64 { return 1 << 45 }
func (liar) Len() int    { return 1 << 45 }

// TestOpenBelievesNoSize opens readers and files that claim to be longer than any
// memory.
func TestOpenBelievesNoSize(t *testing.T) {
	v := newVillage(t)
	cube, err := v.loader().Load(context.Background(), stream(v.values(rand.New(rand.NewPCG(4, 4)), 50)))
	require.NoError(t, err)
	good := snapshotOf(t, cube)
	opened, err := v.loader().Open(liar{bytes.NewReader(good)})
	require.NoError(t, err)
	require.Equal(t, cube.Len(), opened.Len())
	opened, err = v.loader().Open(io.NewSectionReader(bytes.NewReader(good), 0, 1<<45))
	require.NoError(t, err)
	require.Equal(t, cube.Len(), opened.Len())

	long := slices.Clone(good)
	binary.LittleEndian.PutUint64(long[12:], 1<<62)
	_, err = v.loader().Open(bytes.NewReader(long))
	require.EqualError(t, err, fmt.Sprintf("aggregate: snapshot: cut short: %d of %d bytes of the directory", len(good)-24, uint64(1<<62)))
}
