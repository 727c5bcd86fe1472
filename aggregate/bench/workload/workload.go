// Package workload generates synthetic national data for the comparison of
// engines. The same scale always gives the same rows.
package workload

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/period"
)

// These constants are the size of the country.
const (
	Provinces  = 10
	Districts  = 120
	Subs       = 1500
	Facilities = 12000
	Units      = 1 + Provinces + Districts + Subs + Facilities
	Elements   = 300
	Sets       = 30
	Months     = 36
	FirstYear  = 2022
)

// A Scale is the share of facilities that report each data set.
type Scale struct {
	Name  string
	Share float64
}

// These scales have about one, ten and fifty million values.
var (
	S = Scale{"S", 0.0084}
	M = Scale{"M", 0.0939}
	L = Scale{"L", 0.4803}
)

// Tiny is for tests: a few facilities.
var Tiny = Scale{"tiny", 0.005}

// Scales lists all of them, smallest first.
func Scales() []Scale { return []Scale{Tiny, S, M, L} }

// A World is a country with its forms and what was reported.
type World struct {
	Scale    Scale
	Units    []hmis.OrgUnit // in the order of the tree, level by level
	Parent   []int          // index of each unit's parent; -1 for the country
	Level    []int
	Elements []hmis.DataElement
	Combos   []hmis.OptionCombo // the first is the default option combo
	Periods  []period.Period
	Pos, End []int // positions in preorder: unit u and those below it have Pos[u] to End[u]-1

	sets []set
	cats []hmis.CategoryCombo
	ids  []hmis.UID // ids of elements, option combos and units
	kept []Row
}

type set struct {
	elements   []int
	attrs      []int // attribute option combos, as indices of Combos
	facilities []int // facilities, as indices of Units
}

// New returns the world of a scale. Rows generates its rows whenever they are
// read.
func New(scale Scale) *World {
	w := &World{Scale: scale}
	w.makeUnits()
	w.makeElements()
	for m := range Months {
		w.Periods = append(w.Periods, period.MustParse(fmt.Sprintf("%04d%02d", FirstYear+m/12, m%12+1)))
	}
	w.makeSets()
	w.number()
	return w
}

func id(kind byte, n int) hmis.UID { return hmis.UID(fmt.Sprintf("%c%010d", kind, n)) }

// makeUnits distributes units over those of the level above: a few parents have
// many children, and most have few.
func (w *World) makeUnits() {
	rng := rand.New(rand.NewPCG(1, 1))
	add := func(parent, level int) {
		u := hmis.OrgUnit{ID: id('o', len(w.Units)), Name: fmt.Sprintf("Unit %d", len(w.Units))}
		if parent >= 0 {
			u.Parent = w.Units[parent].ID
		}
		w.Units, w.Parent, w.Level = append(w.Units, u), append(w.Parent, parent), append(w.Level, level)
	}
	add(-1, 1)
	first := 0
	for level, n := range []int{Provinces, Districts, Subs, Facilities} {
		above := len(w.Units) - first
		weights := make([]float64, above)
		total := 0.0
		for i := range weights {
			weights[i] = 0.3 + rng.ExpFloat64()
			total += weights[i]
		}
		start := len(w.Units)
		due := 0.0
		for i, weight := range weights {
			due += weight / total * float64(n)
			for len(w.Units)-start < int(math.Round(due)) {
				add(first+i, level+2)
			}
		}
		for len(w.Units)-start < n {
			add(first, level+2)
		}
		first = start
	}
}

// makeElements sets the aggregation, disaggregation and digits of each element.
func (w *World) makeElements() {
	w.Combos = []hmis.OptionCombo{{ID: "HllvX50cXC0", Name: "default"}}
	sizes := []int{1, 1, 2, 2, 4, 12, 1, 2, 6, 1}
	for _, n := range []int{2, 4, 6, 12} {
		w.cats = append(w.cats, hmis.CategoryCombo{ID: id('k', n), Name: fmt.Sprintf("%d options", n)})
		for i := range n {
			w.Combos = append(w.Combos, hmis.OptionCombo{
				ID: id('c', 100*n+i), Name: fmt.Sprintf("option %d of %d", i+1, n), CategoryCombo: id('k', n),
			})
		}
	}
	for i := range Elements {
		e := hmis.DataElement{ID: id('e', i), Name: fmt.Sprintf("Element %d", i), ValueType: hmis.Number, Aggregation: hmis.Sum}
		switch {
		case i%19 == 7 && i/19 < 16:
			e.Aggregation = hmis.Last
		case i%25 == 0:
			e.Aggregation = []hmis.Aggregation{hmis.Average, hmis.AverageSumOrgUnit}[i/25%2]
		case i%75 == 11:
			e.Aggregation = hmis.Min
		case i%75 == 12:
			e.Aggregation = hmis.Max
		}
		n := sizes[i%len(sizes)]
		if i%30 == 0 {
			n = 2
		}
		if n > 1 {
			e.CategoryCombo = id('k', n)
		}
		w.Elements = append(w.Elements, e)
	}
}

// CombosOf returns the option combos of an element, as indices in Combos.
func (w *World) CombosOf(element int) []int {
	combo := w.Elements[element].CategoryCombo
	if combo == "" {
		return []int{0}
	}
	var list []int
	for i := range w.Combos {
		if w.Combos[i].CategoryCombo == combo {
			list = append(list, i)
		}
	}
	return list
}

// makeSets distributes elements over forms and forms over facilities. All
// facilities report the first forms, and few report the last ones.
func (w *World) makeSets() {
	rng := rand.New(rand.NewPCG(2, 2))
	for n := range Sets {
		s := set{attrs: []int{0}}
		for e := n; e < Elements; e += Sets {
			s.elements = append(s.elements, e)
		}
		if n%8 == 5 { // four sets are reported for each project
			s.attrs = []int{1, 2}
		}
		share := w.Scale.Share * 0.9 * math.Pow(0.93, float64(n))
		for unit := Units - Facilities; unit < Units; unit++ {
			if rng.Float64() < share {
				s.facilities = append(s.facilities, unit)
			}
		}
		w.sets = append(w.sets, s)
	}
}

// Metadata returns the description of the world.
func (w *World) Metadata() hmis.Metadata {
	md := hmis.Metadata{
		DataElements: w.Elements, OptionCombos: w.Combos, CategoryCombos: w.cats, OrgUnits: w.Units,
	}
	for n, s := range w.sets {
		set := hmis.DataSet{ID: id('s', n), Name: fmt.Sprintf("Form %d", n), PeriodType: period.Monthly}
		if len(s.attrs) > 1 {
			set.CategoryCombo = id('k', 2)
		}
		for _, e := range s.elements {
			set.Elements = append(set.Elements, hmis.DataSetElement{DataElement: w.Elements[e].ID})
		}
		md.DataSets = append(md.DataSets, set)
	}
	for i := range Indicators {
		a, b := w.Indicator(i)
		md.Indicators = append(md.Indicators, hmis.Indicator{
			ID: IndicatorID(i), Name: fmt.Sprintf("Indicator %d", i), Type: "permille000",
			Numerator: fmt.Sprintf("#{%s}", w.Elements[a].ID), Denominator: fmt.Sprintf("#{%s}", w.Elements[b].ID),
		})
	}
	md.IndicatorTypes = []hmis.IndicatorType{{ID: "permille000", Name: "Per thousand", Factor: 1000}}
	return md
}
