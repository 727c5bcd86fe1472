package aggregate_test

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"testing"

	"github.com/ohie-hmis/hmis-go/aggregate"
	"github.com/ohie-hmis/hmis-go/aggregate/internal/oracle"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/ohie-hmis/hmis-go/orgunit"
	"github.com/ohie-hmis/hmis-go/period"
	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
)

// rounds is how many worlds a property is tried on; many more with HMIS_LONG=1.
func rounds(n int) uint64 {
	if os.Getenv("HMIS_LONG") != "" {
		n *= 50
	}
	return uint64(n)
}

// someQuery asks for data elements and operands in some of the ways there are.
func (w *world) someQuery(rng *rand.Rand) aggregate.Query {
	var q aggregate.Query
	for range 1 + rng.IntN(3) {
		item := indicator.Item{ID: pick(rng, w.md.DataElements).ID}
		if chance(rng, 20) {
			item.OptionCombo = pick(rng, combosOfWorlds[1:])
		}
		if chance(rng, 10) {
			item.AttributeCombo = pick(rng, []hmis.UID{"pa", "pb"})
		}
		if !slices.Contains(q.Data, item) {
			q.Data = append(q.Data, item)
		}
	}
	if chance(rng, 50) {
		q.Aggregation = pick(rng, ownAggregations)
	}
	switch {
	case chance(rng, 70):
		q.OrgUnits = w.units(rng)
	case chance(rng, 70):
		q.Filter.OrgUnits = w.units(rng)
	}
	if chance(rng, 20) && len(q.OrgUnits) > 0 {
		q.Filter.OrgUnits = nil
	}
	w.someTime(rng, &q)
	axes := []aggregate.Axis{
		{ID: "sex", Items: []hmis.UID{"male"}}, {ID: "sex"}, {ID: "age"}, {ID: "project"}, {ID: "people"}, {ID: "people", Items: []hmis.UID{"men", "kids"}},
		{ID: "type"}, {ID: "type", Items: []hmis.UID{"hospital"}}, {ID: "area"}, {ID: "parity"},
		{ID: "co"}, {ID: "ao"}, {ID: "ao", Items: []hmis.UID{"pb"}},
	}
	rng.Shuffle(len(axes), func(i, j int) { axes[i], axes[j] = axes[j], axes[i] })
	used := map[hmis.UID]bool{}
	for _, a := range axes[:rng.IntN(4)] {
		operands := slices.ContainsFunc(q.Data, func(item indicator.Item) bool { return item.OptionCombo != "" || item.AttributeCombo != "" })
		switch {
		case used[a.ID] || a.ID == "co" && operands:
			continue
		case chance(rng, 50) && len(q.Split) < 2:
			q.Split = append(q.Split, a)
		case a.ID != "co":
			q.Filter.Axes = append(q.Filter.Axes, a)
		}
		used[a.ID] = true
	}
	q.ZeroIsData = chance(rng, 20)
	q.ValidOnly = chance(rng, 20)
	q.SkipRounding = chance(rng, 20)
	if chance(rng, 10) {
		q.ValueCriteria = []aggregate.Criterion{{Op: pick(rng, []string{"GT", "GE", "LT", "LE", "EQ"}), Number: decimal.New(int64(rng.IntN(40)), 0)}}
	}
	if chance(rng, 10) {
		q.Criteria = []aggregate.Criterion{{Op: pick(rng, []string{"GT", "LE"}), Number: decimal.New(int64(rng.IntN(400)), -1)}}
	}
	return q
}

func (w *world) someTime(rng *rand.Rand, q *aggregate.Query) {
	asked := slices.Concat(periodsOfWorlds, []string{"2025", "2023Oct", "2024Feb", "2024W10", "202406", "20240107"})
	switch {
	case chance(rng, 75):
		for range 1 + rng.IntN(5) {
			p := period.MustParse(pick(rng, asked))
			if chance(rng, 50) {
				p = period.MustParse(pick(rng, usual))
			}
			if !slices.Contains(q.Periods, p) {
				q.Periods = append(q.Periods, p)
			}
		}
	case chance(rng, 60): // of one type: of several, averages are undefined (18, A5)
		p := period.MustParse(pick(rng, asked))
		q.Filter.Periods = []period.Period{p}
		if chance(rng, 60) {
			q.Filter.Periods = append(q.Filter.Periods, p.Add(1+rng.IntN(3)))
		}
	default:
		q.Filter.From = period.DateOf(2023, 10, 1) + period.Date(rng.IntN(150))
		q.Filter.To = q.Filter.From + period.Date(rng.IntN(250))
	}
}

// places are all cells that a query asks for.
func (w *world) places(q aggregate.Query) []oracle.Place {
	units, periods, splits := q.OrgUnits, q.Periods, [][]hmis.UID{nil}
	if len(units) == 0 {
		units = []hmis.UID{""}
	}
	if len(periods) == 0 {
		periods = []period.Period{{}}
	}
	for _, a := range q.Split {
		items := a.Items
		if len(items) == 0 {
			items = w.itemsOf(a.ID)
		}
		var next [][]hmis.UID
		for _, s := range splits {
			for _, item := range items {
				next = append(next, append(slices.Clip(s), item))
			}
		}
		splits = next
	}
	var list []oracle.Place
	for _, item := range q.Data {
		for _, u := range units {
			for _, p := range periods {
				for _, s := range splits {
					list = append(list, oracle.Place{Item: item, Unit: u, Period: p, Split: s})
				}
			}
		}
	}
	return list
}

func (w *world) itemsOf(axis hmis.UID) []hmis.UID {
	if axis == aggregate.OptionCombos || axis == aggregate.AttributeCombos {
		return []hmis.UID{w.catalog.DefaultOptionCombo(), "m", "f", "my", "mo", "fy", "fo", "strange", "pa", "pb"}
	}
	if cat, ok := hmis.Find[hmis.Category](w.catalog, axis); ok {
		return cat.Options
	}
	set, _ := hmis.Find[hmis.GroupSet](w.catalog, axis)
	return set.Groups
}

// TestOracle compares every cell of random queries on random worlds with the
// oracle, in the fast ways and in the slow one.
func TestOracle(t *testing.T) {
	cells, full := 0, 0
	for seed := range rounds(150) {
		w := newWorld(t, seed)
		cube := w.cube(t)
		rng := rand.New(rand.NewPCG(seed, 2))
		for n := range 12 {
			q := w.someQuery(rng)
			o := oracle.New(w.country(), q)
			for i, way := range []aggregate.Query{q, aggregate.RowByRow(q)} {
				table, err := cube.Query(t.Context(), way)
				require.NoError(t, err, "world %d, query %d", seed, n)
				shown := 0
				for _, at := range w.places(q) {
					e, _ := hmis.Find[hmis.DataElement](w.catalog, at.Item.ID)
					want, ok := o.Answer(e, at)
					got := table.At(at.Item, at.Unit, at.Period, at.Split...)
					if cells++; ok {
						full++
						shown++
					}
					if !sameValue(got, want) {
						t.Errorf("world %d, query %d, %s: %s of %+v\nat %s: got %s, want %s\n%s",
							seed, n, []string{"fast", "row by row"}[i], cmp.Or(q.Aggregation, e.Aggregation), e, at, got, want, describe(q))
						break
					}
				}
				if table.Len() != shown && !t.Failed() {
					t.Errorf("world %d, query %d: %d cells, want %d\n%s", seed, n, table.Len(), shown, describe(q))
				}
			}
			if t.Failed() {
				return
			}
		}
	}
	t.Logf("%d cells compared, %d of them with a value", cells, full)
	require.Greater(t, full, 5000)
}

func describe(q aggregate.Query) string {
	return fmt.Sprintf("%+v", q)
}

func sameValue(got indicator.Value, want *oracle.Number) bool {
	switch {
	case want == nil:
		return got.IsMissing()
	case want.Value == nil:
		s, ok := got.Text()
		return ok && slices.Contains(want.Texts, s)
	}
	d, ok := got.Decimal()
	return ok && d.Rat().Cmp(want.Value) == 0
}

// answers returns an answer as it is written, in both forms.
func answers(t *testing.T, c *aggregate.Cube, q aggregate.Query) string {
	t.Helper()
	table, err := c.Query(t.Context(), q)
	require.NoError(t, err)
	var b bytes.Buffer
	require.NoError(t, table.WriteCSV(&b))
	j, err := json.Marshal(table)
	require.NoError(t, err)
	b.Write(j)
	return b.String()
}

// One worker and eight, and values that come in any order, in batches or one by
// one, give the same bytes. What happens elsewhere changes nothing here.
func TestSameBytes(t *testing.T) {
	for seed := range rounds(40) {
		w := newWorld(t, seed)
		w.values = lastOfEach(w.values)
		cube := w.cube(t)
		rng := rand.New(rand.NewPCG(seed, 3))

		shuffled := slices.Clone(w.values)
		rng.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		other, err := w.loader().Load(t.Context(), stream(shuffled))
		require.NoError(t, err)

		staged, err := aggregate.Staged(w.loader(), 1+rng.IntN(30)).Load(t.Context(), stream(shuffled))
		require.NoError(t, err)
		require.Equal(t, snapshotOf(t, cube), snapshotOf(t, staged), "built step by step, world %d", seed)

		size := 1 + rng.IntN(20)
		batched, err := w.loader().LoadBatches(t.Context(), func(yield func(*hmis.Batch, error) bool) {
			for chunk := range slices.Chunk(w.values, size) {
				b := &hmis.Batch{}
				for _, v := range chunk {
					b.Append(v)
				}
				if !yield(b, nil) {
					return
				}
			}
		})
		require.NoError(t, err)

		for range 8 {
			q := w.someQuery(rng)
			q.Workers = 1
			want := answers(t, cube, q)
			q.Workers = 8
			require.Equal(t, want, answers(t, cube, q), "8 workers, world %d: %s", seed, describe(q))
			require.Equal(t, want, answers(t, cube, aggregate.Compacted(q)), "compacted, world %d: %s", seed, describe(q))
			require.Equal(t, want, answers(t, other, q), "another order, world %d: %s", seed, describe(q))
			require.Equal(t, want, answers(t, staged, q), "built step by step, world %d: %s", seed, describe(q))
			require.Equal(t, want, answers(t, batched, q), "batches of %d, world %d: %s", size, seed, describe(q))
		}
	}
}

// lastOfEach leaves one value for each key, so that their order means nothing.
func lastOfEach(values []hmis.DataValue) []hmis.DataValue {
	var list []hmis.DataValue
	seen := map[hmis.Key]bool{}
	for _, v := range slices.Backward(values) {
		if !seen[v.Key] {
			seen[v.Key] = true
			list = append(list, v)
		}
	}
	slices.Reverse(list)
	return list
}

// A facility that is added elsewhere, with values, changes nothing here.
func TestElsewhere(t *testing.T) {
	for seed := range rounds(40) {
		w := newWorld(t, seed)
		rng := rand.New(rand.NewPCG(seed, 4))
		here := w.md.OrgUnits[1].ID // the first region
		q := w.someQuery(rng)
		q.OrgUnits = slices.Collect(w.tree.Subtree(here))
		q.Filter.OrgUnits = nil
		q.Split, q.Filter.Axes = slices.DeleteFunc(q.Split, isCombos), slices.DeleteFunc(q.Filter.Axes, isCombos)
		if a := q.Aggregation; a == hmis.LastLastOrgUnit || a == hmis.FirstFirstOrgUnit {
			q.Aggregation = hmis.Sum
		}
		want := answers(t, w.cube(t), q)

		bigger := w
		bigger.md.OrgUnits = append(slices.Clone(w.md.OrgUnits), hmis.OrgUnit{ID: "aaa", Parent: "country"}, hmis.OrgUnit{ID: "new", Parent: "aaa"})
		slices.SortStableFunc(bigger.md.OrgUnits, func(a, b hmis.OrgUnit) int { // first among its siblings
			return len(a.ID) - len(b.ID)
		})
		bigger.reindex(t)
		for _, v := range w.values {
			v.OrgUnit = "new"
			bigger.values = append(bigger.values[:len(bigger.values):len(bigger.values)], v)
		}
		require.Equal(t, want, answers(t, bigger.cube(t), q), "world %d: %s", seed, describe(q))
	}
}

func isCombos(a aggregate.Axis) bool {
	return a.ID == aggregate.OptionCombos || a.ID == aggregate.AttributeCombos
}

func (w *world) reindex(t testing.TB) {
	t.Helper()
	var err error
	w.catalog, err = hmis.NewCatalog(w.md)
	require.NoError(t, err)
	w.tree, err = orgunit.NewTree(w.md.OrgUnits, w.md.Groups...)
	require.NoError(t, err)
}

// A total is the sum of its disjoint parts, in place, time, option combos and
// groups, and equals a plain sum over the values.
func TestParts(t *testing.T) {
	for seed := range rounds(40) {
		w := newWorld(t, seed)
		for i := range w.md.DataElements {
			w.md.DataElements[i].Levels = nil
		}
		w.reindex(t)
		cube := w.cube(t)
		item := indicator.Item{ID: "e0"}
		year := period.MustParse("2024")
		sum := func(q aggregate.Query) decimal.Decimal {
			t.Helper()
			q.Data, q.Aggregation, q.SkipRounding = []indicator.Item{item}, hmis.Sum, true
			total := decimal.Zero
			for cell, err := range cube.Cells(t.Context(), q) {
				require.NoError(t, err)
				d, ok := cell.Value.Decimal()
				require.True(t, ok)
				total = total.Add(d)
			}
			return total
		}
		months := []period.Period{year}
		total := sum(aggregate.Query{Periods: months})

		plain := decimal.Zero
		for _, v := range lastOfEach(withDefaults(&w)) {
			if q, ok := oracle.In(v.Period, period.Yearly); ok && q == year && v.DataElement == "e0" && !v.Deleted {
				d, err := decimal.NewFromString(v.Value)
				require.NoError(t, err)
				plain = plain.Add(d)
			}
		}
		same := func(name string, got decimal.Decimal) {
			t.Helper()
			require.True(t, got.Equal(total), "world %d: %s: %s, want %s", seed, name, got, total)
		}
		same("a plain sum", plain.Round(10))
		var every []hmis.UID
		for unit := range w.tree.All() {
			every = append(every, unit)
		}
		// Units overlap: what a unit has beside its children is its own.
		var own decimal.Decimal
		for _, unit := range every {
			own = own.Add(sum(aggregate.Query{Periods: months, OrgUnits: []hmis.UID{unit}}))
			if children := w.tree.Children(unit); len(children) > 0 {
				own = own.Sub(sum(aggregate.Query{Periods: months, OrgUnits: children}))
			}
		}
		same("org units", own)
		same("roots", sum(aggregate.Query{Periods: months, OrgUnits: w.tree.AtLevel(1)}))
		same("all units as a filter", sum(aggregate.Query{Periods: months, Filter: aggregate.Filter{OrgUnits: every}}))
		same("option combos", sum(aggregate.Query{Periods: months, Split: []aggregate.Axis{{ID: "co"}}}))
		same("both combos", sum(aggregate.Query{Periods: months, Split: []aggregate.Axis{{ID: "co"}, {ID: "ao"}}}))
		same("the year as a filter", sum(aggregate.Query{OrgUnits: w.tree.AtLevel(1), Filter: aggregate.Filter{Periods: months}}))
	}
}

// withDefaults returns the values of a world with the default option combo
// written out.
func withDefaults(w *world) []hmis.DataValue {
	list := slices.Clone(w.values)
	for i := range list {
		v := &list[i]
		v.OptionCombo = cmp.Or(v.OptionCombo, w.catalog.DefaultOptionCombo())
		v.AttributeCombo = cmp.Or(v.AttributeCombo, w.catalog.DefaultOptionCombo())
	}
	return list
}
