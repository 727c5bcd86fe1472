package column_test

import (
	"cmp"
	"encoding/binary"
	"errors"
	"math"
	"math/rand/v2"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/ohie-hmis/hmis-go/aggregate/internal/column"
	"github.com/shopspring/decimal"
)

func order(a, b column.Key) int {
	return cmp.Or(cmp.Compare(a.Period, b.Period), cmp.Compare(a.OptionCombo, b.OptionCombo), cmp.Compare(a.AttributeCombo, b.AttributeCombo))
}

// A place is where a value lies.
type place struct {
	column.Key
	pos uint32
}

// write is one value of a random stream, as a builder and as a map take it.
func write(rng *rand.Rand, units int, b *column.Builder, want map[place]string) {
	at := place{column.Key{Period: rng.Uint32N(4), OptionCombo: rng.Uint32N(2), AttributeCombo: rng.Uint32N(2)}, rng.Uint32N(uint32(units))}
	segment := b.Segment(at.Key)
	switch rng.IntN(10) {
	case 0:
		b.AddOther(segment, at.pos, column.Other{Deleted: true})
		delete(want, at)
	case 1:
		b.AddOther(segment, at.pos, column.Other{Text: "a text"})
		want[at] = "a text"
	default:
		coef, scale := rng.Int64N(column.MaxCoef)>>rng.IntN(59), rng.IntN(column.MaxScale+1)>>rng.IntN(4)
		if rng.IntN(2) == 0 {
			coef = -coef
		}
		b.Add(segment, at.pos, coef, scale)
		want[at] = decimal.New(coef, -int32(scale)).String()
	}
}

// contents reads a column back value by value, and checks its own promises.
func contents(t *testing.T, c *column.Column) map[place]string {
	t.Helper()
	got := map[place]string{}
	var buf column.Buffer
	for i := range c.Segments {
		s := &c.Segments[i]
		if i > 0 && order(c.Segments[i-1].Key, s.Key) >= 0 {
			t.Fatalf("segment %d is out of order", i)
		}
		c.Decode(s, 1, &buf)
		for j, pos := range buf.Pos {
			if j > 0 && buf.Pos[j-1] >= pos {
				t.Fatalf("position %d of segment %d is out of order", j, i)
			}
			if buf.Val[j] == 0 && !s.Zeros {
				t.Fatalf("segment %d has a zero and does not say so", i)
			}
			if max(buf.Val[j], -buf.Val[j])>>s.Bits != 0 {
				t.Fatalf("value %d of segment %d has more than %d bits", j, i, s.Bits)
			}
			got[place{s.Key, pos}] = decimal.New(buf.Val[j], -int32(s.Scale)).String()
		}
		for _, o := range c.OddsOf(i) {
			if _, twice := got[place{s.Key, o.Pos}]; twice {
				t.Fatalf("position %d of segment %d has two values", o.Pos, i)
			}
			got[place{s.Key, o.Pos}] = o.Text
		}
	}
	if c.Len() != len(got) {
		t.Fatalf("Len() = %d; want %d", c.Len(), len(got))
	}
	together(t, c)
	return got
}

// walked reads a column back in steps of some positions, and checks that
// nothing is out of order and that counts agree.
func walked(t *testing.T, c *column.Column, units, step int) map[place]string {
	t.Helper()
	got := map[place]string{}
	var buf column.Buffer
	for i := range c.Segments {
		s, cursor, last := &c.Segments[i], c.Cursor(i), -1
		add := func(pos uint32, text string) {
			if int(pos) <= last {
				t.Fatalf("position %d of segment %d comes after %d", pos, i, last)
			}
			last = int(pos)
			got[place{s.Key, pos}] = text
		}
		for first := 0; first < units; first += step {
			counts, has := make([]uint32, units), column.MakeBits(units)
			n, before := cursor.Count(uint32(first+step), counts, has), len(got)
			for some := range cursor.Before(uint32(first+step), &buf) {
				for k, pos := range some.Pos {
					add(pos, decimal.New(some.Val[k], -int32(s.Scale)).String())
				}
				if some.Odd >= 0 {
					add(c.Odds[some.Odd].Pos, c.Odds[some.Odd].Text)
				}
			}
			if last >= first+step {
				t.Fatalf("position %d of segment %d is not before %d", last, i, first+step)
			}
			read := 0
			for pos := range has.Between(first, first+step) {
				read += int(counts[pos])
			}
			if n != len(got)-before || n != read {
				t.Fatalf("segment %d has %d values before %d, counted as %d at %d positions", i, len(got)-before, first+step, n, read)
			}
		}
	}
	return got
}

// together checks what a column says of all its segments.
func together(t *testing.T, c *column.Column) {
	t.Helper()
	scale, count, end := 0, 0, 0
	for i := range c.Segments {
		scale, count = max(scale, int(c.Segments[i].Scale)), count+c.Segments[i].Len()
	}
	if c.Scale != scale || c.Count != count {
		t.Fatalf("Scale, Count = %d, %d; want %d, %d", c.Scale, c.Count, scale, count)
	}
	var buf column.Buffer
	sum := 0.0
	for i := range c.Runs() {
		run := c.Run(i)
		if run.First != end || run.End <= run.First || run.First > 0 && c.Segments[run.First-1].Period == c.Segments[run.First].Period {
			t.Fatalf("run %d is %v after %d", i, run, end)
		}
		end = run.End
		for n := run.First; n < run.End; n++ {
			s := &c.Segments[n]
			if s.Period != c.Segments[run.First].Period {
				t.Fatalf("run %d has two periods", i)
			}
			c.Decode(s, 1, &buf)
			for _, v := range buf.Val {
				sum += math.Abs(float64(v)) * math.Pow10(c.Scale-int(s.Scale))
			}
		}
	}
	if end != len(c.Segments) || sum > c.Below {
		t.Fatalf("runs end at %d of %d; the sum of magnitudes is %g, Below %g", end, len(c.Segments), sum, c.Below)
	}
}

// What is joined has the values of its segments, one after the other.
func TestJoin(t *testing.T) {
	joined := 0
	for seed := range uint64(40) {
		rng := rand.New(rand.NewPCG(seed, 3))
		units := []int{40, 1<<16 + 10}[seed%2]
		var b column.Builder
		var c *column.Column
		for range 1 + rng.IntN(3) {
			for range rng.IntN(300) {
				b.Add(b.Segment(column.Key{Period: rng.Uint32N(6), OptionCombo: rng.Uint32N(3)}), rng.Uint32N(uint32(units)), int64(rng.IntN(40)>>rng.IntN(6)), rng.IntN(9)/8)
			}
			c = b.Build(units, c, order)
		}
		less := 1 + rng.IntN(30)
		for n := 0; n < len(c.Segments); {
			s, next := c.Join(n, len(c.Segments), less)
			if next <= n {
				t.Fatalf("seed %d: joined nothing at %d", seed, n)
			}
			var got, one, want column.Buffer
			zeros := false
			for i := n; i < next; i++ {
				if i > n && c.Segments[i].Len() >= less {
					t.Errorf("seed %d: segment %d is too long to be joined", seed, i)
				}
				c.Decode(&c.Segments[i], 1, &one)
				want.Pos, want.Val = append(want.Pos, one.Pos...), append(want.Val, one.Val...)
				zeros = zeros || c.Segments[i].Zeros
				if s.Bits < c.Segments[i].Bits || s.Scale != c.Segments[i].Scale {
					t.Errorf("seed %d: segment %d does not fit what it is joined to", seed, i)
				}
			}
			c.Decode(&s, 1, &got)
			if diff := gocmp.Diff(want, got); diff != "" || s.Zeros != zeros {
				t.Fatalf("seed %d: segments %d to %d: Zeros %t; want %t; %s", seed, n, next, s.Zeros, zeros, diff)
			}
			joined += next - n - 1
			n = next
		}
	}
	if joined == 0 {
		t.Error("nothing was joined")
	}
}

// Columns built at once and in steps hold the same, and write the same bytes.
func TestBuild(t *testing.T) {
	for seed := range uint64(60) {
		rng := rand.New(rand.NewPCG(seed, 7))
		units := []int{3, 40, 1<<16 + 10}[rng.IntN(3)]
		var all, step column.Builder
		var grown *column.Column
		want := map[place]string{}
		again := rand.New(rand.NewPCG(seed, 8))
		once := rand.New(rand.NewPCG(seed, 8))
		ignored := map[place]string{}
		for range rng.IntN(70) {
			for range 1 + again.IntN(20) {
				write(again, units, &step, want)
			}
			for range 1 + once.IntN(20) {
				write(once, units, &all, ignored)
			}
			grown = step.Build(units, grown, order)
		}
		whole := all.Build(units, nil, order)
		if grown == nil {
			continue
		}
		if diff := gocmp.Diff(want, contents(t, grown)); diff != "" {
			t.Fatalf("seed %d: grown in steps: %s", seed, diff)
		}
		if diff := gocmp.Diff(want, walked(t, whole, units, 1+units/(1+rng.IntN(5)))); diff != "" {
			t.Fatalf("seed %d, walked (-want +got):\n%s", seed, diff)
		}
		if diff := gocmp.Diff(want, contents(t, whole)); diff != "" {
			t.Fatalf("seed %d: built at once: %s", seed, diff)
		}
		bytes := encoded(whole, units)
		if diff := gocmp.Diff(bytes, encoded(grown, units)); diff != "" {
			t.Fatalf("seed %d: equal columns are written differently", seed)
		}
		read, err := decoding(units).Decode(bytes)
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		if diff := gocmp.Diff(want, contents(t, read)); diff != "" {
			t.Fatalf("seed %d: read back: %s", seed, diff)
		}
	}
}

func identity(n int) []uint32 {
	list := make([]uint32, n)
	for i := range list {
		list[i] = uint32(i)
	}
	return list
}

func encoded(c *column.Column, units int) []byte {
	return c.Append(nil, column.Encoding{Periods: identity(4), Combos: identity(2), Units: identity(units), Wide: units > 1<<16})
}

func decoding(units int) column.Decoding {
	return column.Decoding{
		Periods: 4, Combos: 2, Units: identity(units), Tree: units, Wide: units > 1<<16, Order: order,
		Number: func(text string) (decimal.Decimal, bool) {
			d, err := decimal.NewFromString(text)
			return d, err == nil
		},
	}
}

// Scatter and AddSpans are a plain loop over the values.
func TestScatter(t *testing.T) {
	const units = 50
	for seed := range uint64(100) {
		rng := rand.New(rand.NewPCG(seed, 9))
		var b column.Builder
		for range 200 {
			b.Add(b.Segment(column.Key{Period: rng.Uint32N(3)}), rng.Uint32N(units), rng.Int64N(1<<rng.IntN(30))-5, rng.IntN(2))
		}
		c := b.Build(units, nil, order)
		spans := []column.Span{{First: 5, End: 9, Place: 2}, {First: 9, End: 30, Place: 1}, {First: 40, End: 41, Place: 3}}
		place := make([]uint32, units)
		for _, s := range spans {
			for pos := s.First; pos < s.End; pos++ {
				place[pos] = s.Place
			}
		}
		var buf column.Buffer
		for i := range c.Segments {
			s := &c.Segments[i]
			skip := rng.IntN(2) == 0
			sums, counts := make([]int64, 4), make([]int64, 4)
			c.Decode(s, 3, &buf)
			for j, pos := range buf.Pos {
				if p := place[pos]; p != 0 && (buf.Val[j] != 0 || !skip) {
					sums[p] += buf.Val[j]
					counts[p] += 7
				}
			}
			scattered, spanned := make([]int64, 4), make([]int64, 4)
			c.Scatter(s, place, 3, 7, scattered, skip)
			c.AddSpans(s, spans, 3, 7, spanned, skip)
			for p := 1; p < 4; p++ {
				if sum, count := column.Unpack(scattered[p]); sum != sums[p] || count != counts[p] {
					t.Errorf("seed %d: Scatter gives %d of %d at place %d; want %d of %d", seed, sum, count, p, sums[p], counts[p])
				}
				if sum, count := column.Unpack(spanned[p]); sum != sums[p] || count != counts[p] {
					t.Errorf("seed %d: AddSpans gives %d of %d at place %d; want %d of %d", seed, sum, count, p, sums[p], counts[p])
				}
			}
		}
	}
}

func FuzzDecode(f *testing.F) {
	rng := rand.New(rand.NewPCG(1, 1))
	var b column.Builder
	ignored := map[place]string{}
	for range 100 {
		write(rng, 40, &b, ignored)
	}
	f.Add(encoded(b.Build(40, nil, order), 40))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := decoding(40).Decode(data)
		if err != nil {
			return
		}
		contents(t, c)
		again, err := decoding(40).Decode(encoded(c, 40))
		if err != nil {
			t.Fatalf("what was written is refused: %v", err)
		}
		if diff := gocmp.Diff(contents(t, c), contents(t, again)); diff != "" {
			t.Error(diff)
		}
	})
}

// BenchmarkScatter adds 1,000 segments of 228 values to 120 districts.
func BenchmarkScatter(b *testing.B) {
	const units, perSegment, segments = 13_631, 228, 1000
	rng := rand.New(rand.NewPCG(1, 1))
	var builder column.Builder
	for period := range uint32(segments) {
		s := builder.Segment(column.Key{Period: period})
		for range perSegment {
			builder.Add(s, rng.Uint32N(units), rng.Int64N(100), 0)
		}
	}
	c := builder.Build(units, nil, order)
	place := make([]uint32, units)
	for pos := range place {
		place[pos] = uint32(pos*120/units) + 1
	}
	dst := make([]int64, 121)
	b.ReportAllocs()
	for b.Loop() {
		for i := range c.Segments {
			c.Scatter(&c.Segments[i], place, 1, 1, dst, true)
		}
	}
	b.ReportMetric(float64(c.Len())*float64(b.N)/b.Elapsed().Seconds(), "values/s")
}

// The loops that every query runs through must not allocate.
func TestScatterAllocatesNothing(t *testing.T) {
	var b column.Builder
	for pos := range uint32(100) {
		b.Add(b.Segment(column.Key{}), pos, int64(pos), 0)
	}
	c := b.Build(100, nil, order)
	place, dst := make([]uint32, 100), make([]int64, 2)
	spans := []column.Span{{First: 3, End: 60, Place: 1}}
	buf := column.Buffer{Pos: make([]uint32, 100), Val: make([]int64, 100)}
	if n := testing.AllocsPerRun(100, func() {
		c.Scatter(&c.Segments[0], place, 1, 1, dst, true)
		c.AddSpans(&c.Segments[0], spans, 1, 1, dst, true)
		c.Decode(&c.Segments[0], 1, &buf)
	}); n != 0 {
		t.Errorf("%v allocations; want none", n)
	}
}

// TestDecodeLargeValues decodes a segment of one value of eight bytes, with and
// without an odd value beside it: the largest that a column holds, on both
// sides of zero, and the next ones, which are refused.
func TestDecodeLargeValues(t *testing.T) {
	for _, withOdd := range []bool{false, true} {
		var b column.Builder
		segment := b.Segment(column.Key{})
		b.Add(segment, 3, column.MaxCoef, 0)
		if withOdd {
			b.AddOther(segment, 5, column.Other{Text: "a text"})
		}
		bytes := encoded(b.Build(40, nil, order), 40)
		at := len(bytes) - 8 // the value comes last
		for _, tt := range []struct {
			value int64
			fits  bool
		}{
			{column.MaxCoef, true}, {-column.MaxCoef, true}, {column.MaxCoef + 1, false}, {-column.MaxCoef - 1, false},
			{math.MaxInt64, false}, {math.MinInt64, false},
		} {
			binary.LittleEndian.PutUint64(bytes[at:], uint64(tt.value))
			c, err := decoding(40).Decode(bytes)
			if !tt.fits {
				if !errors.Is(err, column.ErrDamaged) {
					t.Errorf("value %d, odd %t: %v, want %v", tt.value, withOdd, err, column.ErrDamaged)
				}
				continue
			}
			if err != nil {
				t.Fatalf("value %d, odd %t: %v", tt.value, withOdd, err)
			}
			got := contents(t, c)[place{column.Key{}, 3}]
			if want := decimal.New(tt.value, 0).String(); got != want {
				t.Errorf("value %d, odd %t: read as %s", tt.value, withOdd, got)
			}
		}
	}
}
