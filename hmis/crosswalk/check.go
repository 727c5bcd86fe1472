package crosswalk

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/internal/quote"
	"github.com/ohie-hmis/hmis-go/period"
	"github.com/shopspring/decimal"
)

// The codes of issues that [Map.Check] finds (RULES.md#checks).
const (
	BadRelationship       = "BAD_RELATIONSHIP"
	DuplicateEntry        = "DUPLICATE_ENTRY"
	NoSource              = "NO_SOURCE"
	NoTarget              = "NO_TARGET"
	TargetOnUnrelated     = "TARGET_ON_UNRELATED"
	EquivalentManySources = "EQUIVALENT_MANY_SOURCES"
	BroaderWithoutWeight  = "BROADER_WITHOUT_WEIGHT"
	SplitWeights          = "SPLIT_WEIGHTS"
	TargetRepeated        = "TARGET_REPEATED"
	OrgUnitAmbiguous      = "ORGUNIT_AMBIGUOUS"
	OrgUnitMerged         = "ORGUNIT_MERGED"

	BadMethod       = "BAD_METHOD"
	BadPeriods      = "BAD_PERIODS"
	PeriodsOverlap  = "PERIODS_OVERLAP"
	SourceRepeated  = "SOURCE_REPEATED"
	OrgUnitEmpty    = "ORGUNIT_EMPTY"
	BadValidity     = "BAD_VALIDITY"
	EntryWithoutID  = "ENTRY_WITHOUT_ID"
	SourceWithoutID = "SOURCE_WITHOUT_ID"
)

// A WeightsError says that the weights with which a source is split do not add
// up to 1.
type WeightsError struct{ Sum decimal.Decimal }

// Error implements error.
func (e *WeightsError) Error() string {
	return fmt.Sprintf("the weights of its parts add up to %s, want 1", e.Sum)
}

// Check lists problems in the map, in order of code, entry, source and target
// (RULES.md#checks). [Map.Values] fails if an issue is critical. Other issues
// need a person to judge them.
func (m Map) Check() hmis.Issues {
	c := checker{Map: m}
	c.types()
	c.entries()
	c.weights()
	c.targets()
	c.orgUnits()
	slices.SortStableFunc(c.issues, func(a, b *hmis.Issue) int {
		return cmp.Or(cmp.Compare(a.Code, b.Code), cmp.Compare(a.Object.ID, b.Object.ID))
	})
	return c.issues
}

// fatal returns the critical issues of the map, or nil.
func (m Map) fatal() error {
	all := m.Check()
	return slices.DeleteFunc(all, func(i *hmis.Issue) bool { return i.Severity < hmis.Critical }).Err()
}

type checker struct {
	Map
	issues hmis.Issues
	sound  []Entry // entries with a target, none of whose sources is unrelated
}

func (c *checker) add(code string, s hmis.Severity, at hmis.Ref, refs []hmis.Ref, err error) {
	c.issues = append(c.issues, &hmis.Issue{Code: code, Severity: s, Object: at, Refs: refs, Offset: -1, Err: err})
}

// types checks the period types and the days of the map.
func (c *checker) types() {
	at := hmis.Ref{Kind: "crosswalk", ID: hmis.UID(c.ID)}
	if c.First != 0 && c.Last != 0 && c.First > c.Last {
		c.add(BadValidity, hmis.Warning, at, nil, fmt.Errorf("it holds from %s to %s: want the earlier day first", c.First, c.Last))
	}
	from, to := c.From, c.To
	switch {
	case to == 0 || from == to:
	case from == 0:
		c.add(BadPeriods, hmis.Critical, at, nil, fmt.Errorf("the target is %s: want the period type of the source too", to))
	case from.Frequency() >= to.Frequency():
		c.add(BadPeriods, hmis.Critical, at, nil, fmt.Errorf("from %s to %s: want a longer period type for the target", from, to))
	case !nest(from, to):
		c.add(PeriodsOverlap, hmis.Warning, at, nil,
			fmt.Errorf("from %s to %s: a period counts where it begins, even if it ends in the next one", from, to))
	}
}

// nest reports whether each period of one type is made up of whole periods of
// the other. Comparing five years is enough, since they cover every way in
// which weeks cross the end of a year.
func nest(from, to period.Type) bool {
	target := to.On(period.DateOf(2020, 7, 1))
	for range 60 {
		parts := partsOf(from, to, target)
		if len(parts) == 0 || parts[0].First() != target.First() || parts[len(parts)-1].Last() != target.Last() {
			return false
		}
		target = target.Add(1)
	}
	return true
}

// entries checks each entry alone.
func (c *checker) entries() {
	seen := map[string]bool{}
	for i := range c.Entries {
		e := &c.Entries[i]
		at := refToEntry(e.ID)
		repeats := seen[e.ID]
		seen[e.ID] = true
		relation, ok := e.Relation.R5()
		if !ok {
			c.add(BadRelationship, hmis.Critical, at, nil, fmt.Errorf("%s: want a relationship of a ConceptMap", quote.Text(e.Relation)))
			continue
		}
		if e.ID == "" {
			c.add(EntryWithoutID, hmis.Warning, at, nil, fmt.Errorf("entry %d has no id", i+1))
		} else if repeats {
			c.add(DuplicateEntry, hmis.Severe, at, nil, errors.New("another entry has the same id"))
		}
		c.sources(e)
		switch e.Over {
		case "", hmis.Sum, hmis.Last, hmis.Average:
		default:
			c.add(BadMethod, hmis.Critical, at, nil, fmt.Errorf("%s: want SUM, LAST or AVERAGE over time", quote.Text(e.Over)))
		}
		switch target := e.To.DataElement != ""; {
		case relation == Unrelated && target:
			c.add(TargetOnUnrelated, hmis.Severe, at, []hmis.Ref{refTo(e.To, defaultCombo)}, errors.New("what is not related has no target"))
		case relation == Unrelated:
		case !target:
			c.add(NoTarget, hmis.Severe, at, nil, errors.New("it has no target"))
		default:
			c.sound = append(c.sound, *e)
		}
	}
}

func (c *checker) sources(e *Entry) {
	at := refToEntry(e.ID)
	if len(e.From) == 0 {
		c.add(NoSource, hmis.Severe, at, nil, errors.New("it has no source"))
	}
	seen := map[hmis.Operand]bool{}
	for _, s := range e.From {
		switch {
		case s.DataElement == "":
			c.add(SourceWithoutID, hmis.Severe, at, nil, errors.New("one of its sources names no data element"))
		case seen[s.Operand]:
			c.add(SourceRepeated, hmis.Severe, at, []hmis.Ref{refTo(s.Operand, anyCombo)}, errors.New("it names a source twice; the first counts"))
		}
		seen[s.Operand] = true
	}
}

// weights checks the relations of the entries, and the weights with which
// broader sources are split.
func (c *checker) weights() {
	sums := map[hmis.Operand]decimal.Decimal{}
	var order []hmis.Operand
	for i := range c.sound {
		e := &c.sound[i]
		relation, _ := e.Relation.R5()
		if relation == Equivalent && len(e.From) > 1 && !e.Whole {
			c.add(EquivalentManySources, hmis.Warning, refToEntry(e.ID), nil,
				fmt.Errorf("it has %d sources: want one, or the word that they are the whole", len(e.From)))
		}
		if relation != Broader {
			continue
		}
		for _, s := range e.From {
			weight := decimal.New(1, 0)
			if s.Weight != nil {
				weight = *s.Weight
			} else {
				c.add(BroaderWithoutWeight, hmis.Severe, refToEntry(e.ID), []hmis.Ref{refTo(s.Operand, anyCombo)},
					errors.New("its source is broader and has no weight, so nothing is carried over"))
			}
			before, met := sums[s.Operand]
			if !met {
				order = append(order, s.Operand)
			}
			sums[s.Operand] = before.Add(weight)
		}
	}
	near := decimal.New(1, -9)
	for _, source := range order {
		if sum := sums[source]; sum.Sub(decimal.New(1, 0)).Abs().GreaterThan(near) {
			c.add(SplitWeights, hmis.Severe, refTo(source, anyCombo), nil, &WeightsError{sum})
		}
	}
}

// targets reports targets that several entries share.
func (c *checker) targets() {
	of := map[hmis.Operand][]hmis.Ref{}
	var order []hmis.Operand
	for i := range c.sound {
		to := c.sound[i].To
		if len(of[to]) == 1 {
			order = append(order, to)
		}
		of[to] = append(of[to], refToEntry(c.sound[i].ID))
	}
	for _, to := range order {
		refs := sortedRefs(of[to])
		c.add(TargetRepeated, hmis.Warning, refTo(to, defaultCombo), refs, fmt.Errorf("%d entries have this target and add up", len(refs)))
	}
}

func (c *checker) orgUnits() {
	targets, sources := map[hmis.UID][]hmis.Ref{}, map[hmis.UID][]hmis.Ref{}
	var split, merged []hmis.UID
	met := make(map[Pair]bool, len(c.OrgUnits))
	for i, p := range c.OrgUnits {
		if p.Source == "" || p.Target == "" {
			c.add(OrgUnitEmpty, hmis.Critical, refToUnit(cmp.Or(p.Source, p.Target)), nil, fmt.Errorf("pair %d of org units lacks one of them", i+1))
			continue
		}
		if met[p] {
			continue
		}
		met[p] = true
		if len(targets[p.Source]) == 1 {
			split = append(split, p.Source)
		}
		targets[p.Source] = append(targets[p.Source], refToUnit(p.Target))
		if len(sources[p.Target]) == 1 {
			merged = append(merged, p.Target)
		}
		sources[p.Target] = append(sources[p.Target], refToUnit(p.Source))
	}
	for _, unit := range split {
		refs := sortedRefs(targets[unit])
		c.add(OrgUnitAmbiguous, hmis.Critical, refToUnit(unit), refs, fmt.Errorf("it has %d targets", len(refs)))
	}
	for _, unit := range merged {
		refs := sortedRefs(sources[unit])
		c.add(OrgUnitMerged, hmis.Info, refToUnit(unit), refs, fmt.Errorf("%d org units are merged into it", len(refs)))
	}
}

func sortedRefs(refs []hmis.Ref) []hmis.Ref {
	slices.SortFunc(refs, func(a, b hmis.Ref) int { return cmp.Compare(a.ID, b.ID) })
	return refs
}
