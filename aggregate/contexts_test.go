package aggregate_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"sync"
	"testing"
	"time"

	"github.com/ohie-hmis/hmis-go/aggregate"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/ohie-hmis/hmis-go/orgunit"
	"github.com/ohie-hmis/hmis-go/period"
	"github.com/stretchr/testify/require"
)

// A watched is a context that notes when it is looked at, and ends at one of these
// looks.
type watched struct {
	context.Context
	mu    sync.Mutex
	done  chan struct{}
	ended bool
	ends  int // the look at which it ends, -1 for never
	looks int
	last  time.Duration
	gap   time.Duration // the longest computing between two looks
}

func newWatched(ends int) *watched {
	return &watched{Context: context.Background(), done: make(chan struct{}), ends: ends, last: cpuTime()}
}

func (w *watched) Done() <-chan struct{} { return w.done }

func (w *watched) Err() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	now := cpuTime()
	w.gap, w.last = max(w.gap, now-w.last), now
	if w.looks++; w.ends >= 0 && w.looks > w.ends && !w.ended {
		w.ended = true
		close(w.done)
	}
	if w.ended {
		return context.Canceled
	}
	return nil
}

// A land has 10,000 clinics in 20 districts and values of all for 12 months: of a
// number, and of a text for one month.
type land struct {
	loader aggregate.Loader
	values []hmis.DataValue
	cube   *aggregate.Cube
	query  aggregate.Query
}

func newLand(t testing.TB) land {
	t.Helper()
	md := hmis.Metadata{
		OrgUnits: []hmis.OrgUnit{{ID: "country0000"}},
		DataElements: []hmis.DataElement{
			{ID: "number00000"}, {ID: "note0000000", ValueType: hmis.Text, Aggregation: hmis.NoAggregation},
		},
		Indicators: []hmis.Indicator{
			{ID: "formula0000", Numerator: "#{number00000} / (#{number00000} + 1) ^ 2", Denominator: "3"},
			{ID: "unit0000000", Numerator: "subExpression(if(#{number00000} > 5, #{number00000} / 3, 0))", Denominator: "1"},
			{ID: "toDate00000", Numerator: "#{number00000}.yearToDate()", Denominator: "1"},
		},
		DataSets: []hmis.DataSet{{ID: "form0000000", PeriodType: period.Monthly}},
	}
	var l land
	l.query.Periods = period.MustParse("2024").Split(period.Monthly)
	for d := range 20 {
		md.OrgUnits = append(md.OrgUnits, hmis.OrgUnit{ID: hmis.UID(fmt.Sprintf("district%03d", d)), Parent: "country0000"})
	}
	for i := range 10_000 {
		id := hmis.UID(fmt.Sprintf("clinic%05d", i))
		md.OrgUnits = append(md.OrgUnits, hmis.OrgUnit{ID: id, Parent: hmis.UID(fmt.Sprintf("district%03d", i%20))})
		md.DataSets[0].OrgUnits = append(md.DataSets[0].OrgUnits, id)
		for m, p := range l.query.Periods {
			l.values = append(l.values, hmis.DataValue{Value: fmt.Sprint((i + m) % 100), Key: hmis.Key{DataElement: "number00000", OrgUnit: id, Period: p}})
		}
		l.values = append(l.values, hmis.DataValue{Value: "a note", Key: hmis.Key{DataElement: "note0000000", OrgUnit: id, Period: l.query.Periods[0]}})
	}
	catalog, err := hmis.NewCatalog(md)
	require.NoError(t, err)
	tree, err := orgunit.NewTree(md.OrgUnits)
	require.NoError(t, err)
	l.loader = aggregate.Loader{Catalog: catalog, Tree: tree, Completions: l.completions}
	l.cube, err = l.loader.Load(context.Background(), stream(l.values))
	require.NoError(t, err)
	l.query.Workers = 1
	for u := range tree.All() {
		l.query.OrgUnits = append(l.query.OrgUnits, u)
	}
	return l
}

func (l land) completions(yield func(hmis.Completion, error) bool) {
	for _, v := range l.values {
		if v.DataElement == "number00000" && !yield(hmis.Completion{DataSet: "form0000000", OrgUnit: v.OrgUnit, Period: v.Period, At: v.Period.Last().Time(time.UTC)}, nil) {
			return
		}
	}
}

// of is the query for one data item.
func (l land) of(item indicator.Item, aggregation hmis.Aggregation) aggregate.Query {
	q := l.query
	q.Data, q.Aggregation = []indicator.Item{item}, aggregation
	return q
}

// TestContexts does everything that can take long, in a country that is large
// enough. Each looks at its context at least every 50 milliseconds, and returns
// its error when it ends, whenever that is.
func TestContexts(t *testing.T) {
	l := newLand(t)
	drain := func(seq iter.Seq2[aggregate.Cell, error]) error {
		for _, err := range seq {
			if err != nil {
				return err
			}
		}
		return nil
	}
	query := func(item indicator.Item, aggregation hmis.Aggregation) func(context.Context) error {
		return func(ctx context.Context) error {
			_, err := l.cube.Query(ctx, l.of(item, aggregation))
			return err
		}
	}
	element, whole := indicator.Item{ID: "number00000"}, l.of(indicator.Item{ID: "number00000"}, "")
	whole.OrgUnits, whole.Periods = []hmis.UID{"country0000"}, []period.Period{period.MustParse("2024")}
	cell := aggregate.Cell{Data: element, OrgUnit: "country0000", Period: whole.Periods[0]}
	units := whole
	units.Data = []indicator.Item{{ID: "unit0000000"}}
	unitCell := cell
	unitCell.Data = units.Data[0]
	tests := []struct {
		name string
		do   func(context.Context) error
	}{
		{"Query of a sum", query(element, "")},
		{"Query of a deviation", query(element, hmis.StdDev)},
		{"Query of the greatest", query(element, hmis.Max)},
		{"Query of the least of units", query(element, hmis.MinSumOrgUnit)},
		{"Query of last values", query(element, hmis.Last)},
		{"Query of the last value of all", query(element, hmis.LastLastOrgUnit)},
		{"Query of texts", query(indicator.Item{ID: "note0000000"}, "")},
		{"Query of a formula", query(indicator.Item{ID: "formula0000"}, "")},
		{"Query of a year to date", query(indicator.Item{ID: "toDate00000"}, "")},
		{"Query of a subExpression", query(indicator.Item{ID: "unit0000000"}, "")},
		{"Query of a rate", query(indicator.Item{ID: "form0000000", Rate: indicator.ReportingRate}, "")},
		{"Query of a filter", func(ctx context.Context) error {
			q := l.of(element, "")
			q.Data, q.Filter.Data = nil, q.Data
			_, err := l.cube.Query(ctx, q)
			return err
		}},
		{"Cells", func(ctx context.Context) error { return drain(l.cube.Cells(ctx, l.of(element, ""))) }},
		{"Blocks", func(ctx context.Context) error {
			for _, err := range l.cube.Blocks(ctx, l.of(indicator.Item{ID: "formula0000"}, "")) {
				if err != nil {
					return err
				}
			}
			return nil
		}},
		{"Rows", func(ctx context.Context) error {
			for _, err := range l.cube.Rows(ctx, l.of(element, "")) {
				if err != nil {
					return err
				}
			}
			return nil
		}},
		{"Values", func(ctx context.Context) error {
			for _, err := range l.cube.Values(ctx, aggregate.Filter{}) {
				if err != nil {
					return err
				}
			}
			return nil
		}},
		{"Series", func(ctx context.Context) error {
			for _, err := range l.cube.Series(ctx, aggregate.Filter{}) {
				if err != nil {
					return err
				}
			}
			return nil
		}},
		{"Explain of values", func(ctx context.Context) error {
			_, err := l.cube.Explain(ctx, whole, cell)
			return err
		}},
		{"Explain of a subExpression", func(ctx context.Context) error {
			_, err := l.cube.Explain(ctx, units, unitCell)
			return err
		}},
		{"Load", func(ctx context.Context) error {
			_, err := l.loader.Load(ctx, stream(l.values))
			return err
		}},
		{"With", func(ctx context.Context) error {
			_, err := l.cube.With(ctx, stream(l.values), l.completions)
			return err
		}},
	}
	for _, tt := range tests {
		const most, tries = slowdown * 50 * time.Millisecond, 5 // collecting garbage is computing too
		gap, looks := time.Hour, 0
		for range tries {
			ctx := newWatched(-1)
			require.NoError(t, tt.do(ctx), tt.name)
			_ = ctx.Err() // the end is a look as well
			if gap, looks = min(gap, ctx.gap), ctx.looks; gap < most {
				break
			}
		}
		t.Logf("%s: %d looks, at most %v apart", tt.name, looks, gap.Round(time.Millisecond/10))
		if gap >= most {
			t.Errorf("%s: does not look at its context for %v", tt.name, gap)
		}
		for _, ends := range []int{0, 1, 2, looks / 2} {
			if ends < 0 || ends >= looks-1 {
				continue
			}
			if err := tt.do(newWatched(ends)); err != context.Canceled { //nolint:errorlint // the very error
				t.Errorf("%s: a context that ends at look %d of %d gives %v", tt.name, ends, looks, err)
			}
		}
	}
}

// TestLoadOfSlowSource loads from sources that wait for something that never
// comes, and from one that trickles.
func TestLoadOfSlowSource(t *testing.T) {
	l := clinic(t)
	value := value("bcg nge 202401 32")
	never := make(chan struct{})
	t.Cleanup(func() { close(never) })
	waits := func(yield func(hmis.DataValue, error) bool) {
		if yield(value, nil) {
			<-never
		}
	}
	trickles := func(yield func(hmis.DataValue, error) bool) {
		for yield(value, nil) {
			time.Sleep(time.Millisecond)
		}
	}
	waitsForForms := func(yield func(hmis.Completion, error) bool) { <-never }
	done := l
	done.Completions = waitsForForms
	cube, err := l.Load(t.Context(), stream([]hmis.DataValue{value}))
	require.NoError(t, err)
	for name, load := range map[string]func(context.Context) error{
		"waits":           func(ctx context.Context) error { _, err := l.Load(ctx, waits); return err },
		"trickles":        func(ctx context.Context) error { _, err := l.Load(ctx, trickles); return err },
		"waits for forms": func(ctx context.Context) error { _, err := done.Load(ctx, nil); return err },
		"With waits":      func(ctx context.Context) error { _, err := cube.With(ctx, waits, nil); return err },
	} {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		if err := load(ctx); err != context.DeadlineExceeded { //nolint:errorlint // the very error
			t.Errorf("%s: %v", name, err)
		}
		cancel()
	}
}

// TestLoadLeavesItsSource loads from a source that notes how it ends: it has
// returned before Load does, and its panics are those of Load.
func TestLoadLeavesItsSource(t *testing.T) {
	l := clinic(t)
	ended := 0
	source := func(bad hmis.DataValue) iter.Seq2[hmis.DataValue, error] {
		return func(yield func(hmis.DataValue, error) bool) {
			defer func() { ended++ }()
			for _, v := range []hmis.DataValue{value("bcg nge 202401 32"), bad} {
				if !yield(v, nil) {
					return
				}
			}
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	_, err := l.Load(ctx, source(value("bcg nge 202402 5")))
	require.NoError(t, err)
	require.Equal(t, 1, ended)
	_, err = l.Load(ctx, source(value("bcg nowhere 202402 5")))
	require.Error(t, err)
	require.Equal(t, 2, ended)
	_, err = l.Load(ctx, func(yield func(hmis.DataValue, error) bool) { yield(hmis.DataValue{}, errors.New("the disk is gone")) })
	require.EqualError(t, err, "the disk is gone")
	require.PanicsWithValue(t, "out of paper", func() {
		_, _ = l.Load(ctx, func(func(hmis.DataValue, error) bool) { panic("out of paper") })
	})
}
