package crosswalk_test

import (
	"cmp"
	"fmt"
	"maps"
	"math/big"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/hmis/crosswalk"
	"github.com/ohie-hmis/hmis-go/hmis/terminology"
	"github.com/ohie-hmis/hmis-go/period"
	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
)

// randomMap makes a map of up to eight entries over a few names, so that sources
// and targets meet.
func randomMap(r *rand.Rand) crosswalk.Map {
	types := [][2]period.Type{
		{}, {period.Monthly, period.Quarterly}, {period.Monthly, period.FinancialOct}, {period.Monthly, period.Monthly},
		{period.Weekly, period.Monthly}, {period.Daily, period.Yearly}, {period.Quarterly, 0},
	}
	m := crosswalk.Map{RequireAll: r.IntN(3) == 0, AllowInexact: r.IntN(2) == 0, SameOrgUnits: r.IntN(3) == 0}
	pair := types[r.IntN(len(types))]
	m.From, m.To = pair[0], pair[1]
	for i := range r.IntN(8) {
		e := crosswalk.Entry{
			ID: fmt.Sprint("E", i), Relation: terminology.Relations()[r.IntN(5)], Integer: r.IntN(3) == 0,
			Over: []hmis.Aggregation{"", hmis.Sum, hmis.Last, hmis.Average}[r.IntN(4)],
		}
		if e.Relation != crosswalk.Unrelated && r.IntN(8) > 0 {
			e.To = operand(hmis.UID(fmt.Sprint("T", r.IntN(3))), []hmis.UID{"", "x"}[r.IntN(2)])
		}
		for range 1 + r.IntN(3) {
			s := crosswalk.Source{Operand: operand(hmis.UID(fmt.Sprint("S", r.IntN(4))), []hmis.UID{"", "a", "b"}[r.IntN(3)])}
			if r.IntN(2) == 0 {
				w := decimal.New(r.Int64N(20)-5, -int32(r.IntN(3)))
				s.Weight = &w
			}
			e.From = append(e.From, s)
		}
		m.Entries = append(m.Entries, e)
	}
	for u := range r.IntN(5) {
		m.OrgUnits = append(m.OrgUnits, crosswalk.Pair{Source: hmis.UID(fmt.Sprint("u", u)), Target: hmis.UID(fmt.Sprint("v", r.IntN(3)))})
	}
	return m
}

func randomValues(r *rand.Rand, m crosswalk.Map) []hmis.DataValue {
	texts := []string{"1", "2", "-3", "0.5", "007", "x", "", "9223372036854775807", "0.000000000000000001", " 4 "}
	seen := map[hmis.Key]bool{}
	var list []hmis.DataValue
	for range r.IntN(200) {
		typ := m.From
		if typ == 0 || r.IntN(30) == 0 {
			typ = []period.Type{period.Monthly, period.Quarterly}[r.IntN(2)]
		}
		v := hmis.DataValue{
			Key: hmis.Key{
				DataElement: hmis.UID(fmt.Sprint("S", r.IntN(5))), OptionCombo: []hmis.UID{"", "a", "b", "c"}[r.IntN(4)],
				OrgUnit: hmis.UID(fmt.Sprint("u", r.IntN(6))), Period: typ.On(period.DateOf(2023, 9, 1) + period.Date(r.IntN(500))),
			},
			Value: texts[r.IntN(len(texts))], Deleted: r.IntN(20) == 0,
		}
		if !seen[v.Key] {
			seen[v.Key] = true
			list = append(list, v)
		}
	}
	return list
}

// plainly translates as the rules read, with maps and fractions.
func plainly(m crosswalk.Map, values []hmis.DataValue) (made map[hmis.Key]string, partial map[hmis.Key]bool, fates map[string]int) {
	type at struct {
		entry int
		unit  hmis.UID
		per   period.Period
	}
	to := m.To
	if to == 0 {
		to = m.From
	}
	sums, target := map[at]map[period.Period]*big.Rat{}, map[period.Period]period.Period{}
	fates = map[string]int{}
	units := map[hmis.UID]hmis.UID{}
	for _, p := range m.OrgUnits {
		units[p.Source] = p.Target
	}
	for _, v := range values {
		n, numeric := new(big.Rat).SetString(strings.TrimSpace(v.Value))
		switch {
		case v.Deleted:
			fates["deleted"]++
			continue
		case !numeric:
			fates["text"]++
			continue
		}
		uses := map[int]*decimal.Decimal{}
		met, refused := false, false
		for i, e := range m.Entries {
			var hit *crosswalk.Source
			for j := range e.From {
				s := &e.From[j]
				if s.DataElement != v.DataElement || s.OptionCombo != "" && s.OptionCombo != v.OptionCombo {
					continue
				}
				if hit == nil || hit.OptionCombo == "" && s.OptionCombo != "" {
					hit = s
				}
			}
			if hit == nil || e.To.DataElement == "" && e.Relation != crosswalk.Unrelated {
				continue
			}
			met = true
			one := decimal.New(1, 0)
			switch {
			case e.Relation == crosswalk.Unrelated:
			case e.Relation == crosswalk.Related && !m.AllowInexact, e.Relation == crosswalk.Broader && hit.Weight == nil:
				refused = true
			case hit.Weight != nil:
				uses[i] = hit.Weight
			default:
				uses[i] = &one
			}
		}
		unit, known := units[v.OrgUnit]
		if !known && m.SameOrgUnits {
			unit, known = v.OrgUnit, true
		}
		switch {
		case !met:
			fates["data"]++
			continue
		case len(uses) == 0 && refused:
			fates["refused"]++
			continue
		case len(uses) == 0:
			fates["excluded"]++
			continue
		case !known:
			fates["unit"]++
			continue
		case m.From != 0 && v.Period.Type() != m.From:
			fates["type"]++
			continue
		}
		fates["mapped"]++
		per := v.Period
		if m.From != to {
			per = to.On(v.Period.First())
		}
		target[v.Period] = per
		for i, w := range uses {
			key := at{i, unit, per}
			if sums[key] == nil {
				sums[key] = map[period.Period]*big.Rat{}
			}
			if sums[key][v.Period] == nil {
				sums[key][v.Period] = new(big.Rat)
			}
			sums[key][v.Period].Add(sums[key][v.Period], new(big.Rat).Mul(n, w.Rat()))
		}
	}
	totals, integer := map[hmis.Key]*big.Rat{}, map[hmis.Key]bool{}
	partial, mean := map[hmis.Key]bool{}, map[hmis.Key]bool{}
	keys := slices.SortedFunc(maps.Keys(sums), func(a, b at) int { return cmp.Compare(a.entry, b.entry) })
	for _, k := range keys {
		e := m.Entries[k.entry]
		parts := []period.Period{k.per}
		if m.From != to {
			parts = nil
			for d := k.per.First() - 7; d <= k.per.Last(); d++ {
				p := m.From.On(d)
				if to.On(p.First()) == k.per && !slices.Contains(parts, p) {
					parts = append(parts, p)
				}
			}
		}
		there := slices.SortedFunc(maps.Keys(sums[k]), period.Period.Compare)
		whole := len(there) == len(parts)
		total := new(big.Rat)
		switch e.Over {
		case hmis.Last:
			whole = there[len(there)-1] == parts[len(parts)-1]
			total.Set(sums[k][there[len(there)-1]])
		default:
			for _, p := range there {
				total.Add(total, sums[k][p])
			}
			if e.Over == hmis.Average {
				total.Quo(total, big.NewRat(int64(len(there)), 1))
			}
		}
		if !whole && m.RequireAll {
			continue
		}
		key := hmis.Key{DataElement: e.To.DataElement, OptionCombo: e.To.OptionCombo, OrgUnit: k.unit, Period: k.per}
		if totals[key] == nil {
			totals[key], integer[key] = new(big.Rat), e.Integer
		}
		totals[key].Add(totals[key], total)
		mean[key] = mean[key] || e.Over == hmis.Average && len(there) > 1
		if !whole {
			partial[key] = true
		}
	}
	made = map[hmis.Key]string{}
	for key, total := range totals {
		digits := int32(40)
		if mean[key] {
			digits = 16
		}
		if integer[key] {
			digits = 0
		}
		made[key] = decimal.NewFromBigRat(total, digits).String()
	}
	return made, partial, fates
}

// RULES.md#translating
// RULES.md#losses
// RULES.md#periods
func TestValuesAgainstPlainly(t *testing.T) {
	for seed := range uint64(600) {
		r := rand.New(rand.NewPCG(seed, 14))
		m := randomMap(r)
		values := randomValues(r, m)
		made, partial, fates := plainly(m, values)

		for range 2 { // the order of the stream does not matter
			var rest crosswalk.Rest
			got, gotPartial := map[hmis.Key]string{}, map[hmis.Key]bool{}
			var before hmis.Key
			for v, err := range m.Values(listed(values), &rest) {
				require.NoError(t, err, seed)
				require.NotContains(t, got, v.Key, seed)
				got[v.Key] = v.Value
				require.Negative(t, compareKeys(before, v.Key), seed)
				before = v.Key
			}
			for _, key := range rest.Partial {
				gotPartial[key] = true
			}
			counts := map[string]int{}
			count := func(name string, n int) {
				if n > 0 {
					counts[name] = n
				}
			}
			count("mapped", rest.Mapped)
			count("excluded", rest.Excluded)
			count("deleted", rest.Deleted)
			lost := map[crosswalk.Reason]int{}
			for _, l := range rest.Losses {
				lost[l.Reason] += l.Count
			}
			count("data", lost[crosswalk.UnmappedData])
			count("unit", lost[crosswalk.UnmappedOrgUnit])
			count("text", lost[crosswalk.NonNumeric])
			count("type", lost[crosswalk.OtherPeriodType])
			known := counts["data"] + counts["unit"] + counts["text"] + counts["type"]
			count("refused", rest.Unmapped-known)
			if diff := gocmp.Diff(made, got) + gocmp.Diff(partial, gotPartial) + gocmp.Diff(fates, counts); diff != "" {
				t.Fatalf("seed %d, %+v: (-want +got)\n%s", seed, m, diff)
			}
			require.Equal(t, rest.Read, rest.Mapped+rest.Excluded+rest.Unmapped)
			r.Shuffle(len(values), func(i, j int) { values[i], values[j] = values[j], values[i] })
		}
	}
}

func compareKeys(a, b hmis.Key) int {
	return cmp.Or(
		cmp.Compare(a.DataElement, b.DataElement), cmp.Compare(a.OptionCombo, b.OptionCombo), cmp.Compare(a.OrgUnit, b.OrgUnit),
		a.Period.Compare(b.Period),
	)
}

func listed(values []hmis.DataValue) func(func(hmis.DataValue, error) bool) {
	return func(yield func(hmis.DataValue, error) bool) {
		for _, v := range values {
			if !yield(v, nil) {
				return
			}
		}
	}
}
