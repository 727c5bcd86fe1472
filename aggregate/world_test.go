package aggregate_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/ohie-hmis/hmis-go/aggregate"
	"github.com/ohie-hmis/hmis-go/aggregate/internal/oracle"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/orgunit"
	"github.com/ohie-hmis/hmis-go/period"
	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
)

// A world is a small country with everything that a query can ask for, and with
// values of every kind: long, negative, 0 in all spellings, texts, of all
// frequencies, reported again and deleted.
type world struct {
	md      hmis.Metadata
	catalog *hmis.Catalog
	tree    *orgunit.Tree
	values  []hmis.DataValue

	completed []hmis.Completion
}

// ownAggregations are those that a numeric element can have.
var ownAggregations = []hmis.Aggregation{
	hmis.Sum, hmis.Average, hmis.AverageSumOrgUnit, hmis.Last, hmis.LastAverageOrgUnit, hmis.LastLastOrgUnit,
	hmis.LastInPeriod, hmis.LastInPeriodAverageOrgUnit, hmis.First, hmis.FirstAverageOrgUnit, hmis.FirstFirstOrgUnit,
	hmis.Count, hmis.StdDev, hmis.Variance, hmis.Min, hmis.Max, hmis.MinSumOrgUnit, hmis.MaxSumOrgUnit,
}

// periodsOfWorlds have data; there are as many frequencies as there are rules
// about what belongs to what.
var periodsOfWorlds = []string{
	"20240131", "20240201", "2023W52", "2024W1", "2024W5", "2024W9", "2024WedW5", "2024SunW5", "2024BiW3", "2024BiW5",
	"202211", "202312", "202401", "202402", "202403", "202404", "202405", "202412", "202401B", "202403B",
	"2023Q4", "2024Q1", "2024Q2", "2024NovQ1", "2023S2", "2024S1", "2023AprilS2", "2024NovS1",
	"2013", "2022", "2023", "2024", "2023April", "2024April", "2023July", "2024Nov",
}

// usual is where most values lie, so that they meet.
var usual = []string{"202401", "202402", "202403", "202312", "2024Q1", "2023"}

func pick[T any](rng *rand.Rand, list []T) T { return list[rng.IntN(len(list))] }

func chance(rng *rand.Rand, percent int) bool { return rng.IntN(100) < percent }

// newWorld makes a world that depends on the seed alone.
func newWorld(t testing.TB, seed uint64) world {
	t.Helper()
	rng := rand.New(rand.NewPCG(seed, 1))
	var w world
	add := func(id, parent string, level int) {
		w.md.OrgUnits = append(w.md.OrgUnits, hmis.OrgUnit{ID: hmis.UID(id), Name: id, Parent: hmis.UID(parent)})
	}
	add("country", "", 1)
	for r := range 1 + rng.IntN(2) {
		region := fmt.Sprintf("region%d", r)
		add(region, "country", 2)
		for d := range 1 + rng.IntN(3) {
			district := fmt.Sprintf("district%d%d", r, d)
			add(district, region, 3)
			for f := range rng.IntN(4) {
				add(fmt.Sprintf("facility%d%d%d", r, d, f), district, 4)
			}
		}
	}
	if chance(rng, 30) {
		add("island", "", 1)
	}
	w.addCategories(rng)
	w.addGroups(rng)
	w.addElements(rng)
	var err error
	w.catalog, err = hmis.NewCatalog(w.md)
	require.NoError(t, err)
	w.tree, err = orgunit.NewTree(w.md.OrgUnits, w.md.Groups...)
	require.NoError(t, err)
	w.values = w.someValues(rng, 30+rng.IntN(200))
	return w
}

func (w *world) addCategories(rng *rand.Rand) {
	w.md.CategoryOptions = []hmis.CategoryOption{
		{ID: "male"}, {ID: "female"}, {ID: "young"}, {ID: "old"}, {ID: "a"}, {ID: "b"},
	}
	for i := range w.md.CategoryOptions {
		o := &w.md.CategoryOptions[i]
		if chance(rng, 30) {
			o.First = period.DateOf(2024, 1, 1+rng.IntN(40))
		}
		if chance(rng, 30) {
			o.Last = period.DateOf(2024, 1, 20+rng.IntN(100))
		}
	}
	w.md.Categories = []hmis.Category{
		{ID: "sex", Options: []hmis.UID{"male", "female"}},
		{ID: "age", Options: []hmis.UID{"young", "old"}},
		{ID: "project", Options: []hmis.UID{"a", "b"}, Attribute: true},
	}
	w.md.CategoryCombos = []hmis.CategoryCombo{
		{ID: "bySex", Categories: []hmis.UID{"sex"}},
		{ID: "sexAge", Categories: []hmis.UID{"sex", "age"}},
		{ID: "byProject", Categories: []hmis.UID{"project"}, Attribute: true},
	}
	w.md.OptionCombos = []hmis.OptionCombo{
		{ID: "m", CategoryCombo: "bySex", Options: []hmis.UID{"male"}},
		{ID: "f", CategoryCombo: "bySex", Options: []hmis.UID{"female"}},
		{ID: "my", CategoryCombo: "sexAge", Options: []hmis.UID{"male", "young"}},
		{ID: "mo", CategoryCombo: "sexAge", Options: []hmis.UID{"male", "old"}},
		{ID: "fy", CategoryCombo: "sexAge", Options: []hmis.UID{"female", "young"}},
		{ID: "fo", CategoryCombo: "sexAge", Options: []hmis.UID{"female", "old"}},
		{ID: "pa", CategoryCombo: "byProject", Options: []hmis.UID{"a"}},
		{ID: "pb", CategoryCombo: "byProject", Options: []hmis.UID{"b"}},
	}
}

// combosOfWorlds may stand in values; nobody knows the last one.
var combosOfWorlds = []hmis.UID{"", "m", "f", "my", "mo", "fy", "fo", "strange"}

var attributesOfWorlds = []hmis.UID{"", "", "pa", "pb"}

func (w *world) addGroups(rng *rand.Rand) {
	some := func(percent int) (ids []hmis.UID) {
		for _, u := range w.md.OrgUnits {
			if chance(rng, percent) {
				ids = append(ids, u.ID)
			}
		}
		return ids
	}
	w.md.Groups = []hmis.Group{
		{Kind: hmis.KindOrgUnitGroup, ID: "clinic", Members: some(40)},
		{Kind: hmis.KindOrgUnitGroup, ID: "hospital", Members: some(30)},
		{Kind: hmis.KindOrgUnitGroup, ID: "north", Members: some(20)},
		{Kind: hmis.KindOrgUnitGroup, ID: "south", Members: some(20)},
		{Kind: hmis.KindCategoryOptionGroup, ID: "kids", Members: []hmis.UID{"young"}},
		{Kind: hmis.KindCategoryOptionGroup, ID: "men", Members: []hmis.UID{"male"}},
		{Kind: hmis.KindCategoryOptionGroup, ID: "others", Members: []hmis.UID{"female", "old"}},
		{Kind: hmis.KindDataElementGroup, ID: "even", Members: []hmis.UID{"e0", "e2", "e4", "e6"}},
		{Kind: hmis.KindDataElementGroup, ID: "odd", Members: []hmis.UID{"e1", "e3", "e5", "e6"}},
	}
	w.md.GroupSets = []hmis.GroupSet{
		{Kind: hmis.KindOrgUnitGroupSet, ID: "type", Groups: []hmis.UID{"hospital", "clinic"}},
		{Kind: hmis.KindOrgUnitGroupSet, ID: "area", Groups: []hmis.UID{"north", "south"}, Below: true},
		{Kind: hmis.KindCategoryOptionGroupSet, ID: "people", Groups: []hmis.UID{"others", "men", "kids"}},
		{Kind: hmis.KindDataElementGroupSet, ID: "parity", Groups: []hmis.UID{"even", "odd"}},
	}
}

func (w *world) addElements(rng *rand.Rand) {
	for i := range 8 {
		e := hmis.DataElement{ID: hmis.UID(fmt.Sprintf("e%d", i)), Aggregation: pick(rng, ownAggregations), ZeroIsData: chance(rng, 40)}
		switch {
		case i == 6:
			e.ValueType = hmis.Boolean
		case i == 7:
			e.ValueType = hmis.Text
		case chance(rng, 30):
			e.ValueType = hmis.Integer
		}
		if chance(rng, 30) {
			e.Levels = []int{1 + rng.IntN(4)}
			if chance(rng, 30) {
				e.Levels = append(e.Levels, 1+rng.IntN(4))
			}
		}
		w.md.DataElements = append(w.md.DataElements, e)
	}
	w.md.DataSets = []hmis.DataSet{
		{ID: "yearly", PeriodType: period.Yearly, Elements: []hmis.DataSetElement{{DataElement: "e1"}, {DataElement: "e2"}, {DataElement: "e6"}}},
		{ID: "quarterly", PeriodType: period.Quarterly, Elements: []hmis.DataSetElement{{DataElement: "e2"}, {DataElement: "e3"}}},
		{ID: "monthly", PeriodType: period.Monthly, Elements: []hmis.DataSetElement{{DataElement: "e4"}}},
	}
}

var numbersOfWorlds = []string{
	"0", "0", "0.0", "00", "-0", "007", "-5", "12.50", "3.14159", "1000000", "9007199254740993", "-9223372036854775808",
	"12345678901234567", "123456789012345678901234567890", "-99999999999999999999.25", "0.0000000000000000001",
}

func (w *world) someValues(rng *rand.Rand, n int) []hmis.DataValue {
	var list []hmis.DataValue
	for range n {
		p := pick(rng, periodsOfWorlds)
		if chance(rng, 60) {
			p = pick(rng, usual)
		}
		e := pick(rng, w.md.DataElements)
		v := hmis.DataValue{Key: hmis.Key{
			DataElement:    e.ID,
			OrgUnit:        pick(rng, w.md.OrgUnits).ID,
			Period:         period.MustParse(p),
			OptionCombo:    pick(rng, combosOfWorlds),
			AttributeCombo: pick(rng, attributesOfWorlds),
		}, FollowUp: chance(rng, 5)}
		switch {
		case e.ValueType.IsBoolean():
			v.Value = pick(rng, []string{"true", "false"})
		case e.ValueType == hmis.Text:
			v.Value = fmt.Sprintf("text %d", rng.IntN(5))
		case chance(rng, 25):
			v.Value = pick(rng, numbersOfWorlds)
		case chance(rng, 30):
			v.Value = decimal.New(int64(rng.IntN(100000)-50000), -int32(rng.IntN(4))).String()
		default:
			v.Value = fmt.Sprint(rng.IntN(50))
		}
		if chance(rng, 8) && len(list) > 0 { // once more, or gone
			v.Key = pick(rng, list).Key
			old, _ := hmis.Find[hmis.DataElement](w.catalog, v.DataElement)
			switch {
			case chance(rng, 50):
				v.Deleted = true
			case old.ValueType.IsBoolean():
				v.Value = "true"
			case old.ValueType == hmis.Text:
				v.Value = "again"
			default:
				v.Value = fmt.Sprint(rng.IntN(9))
			}
		}
		list = append(list, v)
	}
	return list
}

// country is what an oracle is asked about.
func (w *world) country() oracle.Country {
	return oracle.Country{Metadata: w.md, Catalog: w.catalog, Tree: w.tree, Values: w.values, Completions: w.completed}
}

func (w *world) loader() aggregate.Loader { return aggregate.Loader{Catalog: w.catalog, Tree: w.tree} }

func (w *world) cube(t testing.TB) *aggregate.Cube {
	t.Helper()
	l := w.loader()
	l.Completions = stream(w.completed)
	c, err := l.Load(t.Context(), stream(w.values))
	require.NoError(t, err)
	return c
}

// units returns some org units, which may overlap.
func (w *world) units(rng *rand.Rand) []hmis.UID {
	if chance(rng, 30) {
		return w.tree.AtLevel(1 + rng.IntN(4))
	}
	var ids []hmis.UID
	for range 1 + rng.IntN(4) {
		if id := pick(rng, w.md.OrgUnits).ID; !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	return ids
}
