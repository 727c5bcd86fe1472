package dsd

import (
	"iter"
	"slices"

	"github.com/ohie-hmis/hmis-go/adx"
	"github.com/ohie-hmis/hmis-go/hmis"
)

// Keep returns groups without the values that have an error, and without the
// groups whose own attributes have one. It calls report for each finding, errors
// and warnings. The rules are those of Groups. Use it as the Form of an
// [adx.Import]:
//
//	im := adx.Import{Form: dsd.Checker{Definition: definition}.Keep, ...}
//
// Keep changes the groups that it reads.
func (c Checker) Keep(groups iter.Seq2[adx.Group, error], report func(adx.Finding)) iter.Seq2[adx.Group, error] {
	return func(yield func(adx.Group, error) bool) {
		if c.Definition == nil {
			yield(adx.Group{}, errNoDefinition)
			return
		}
		if report == nil {
			report = func(adx.Finding) {}
		}
		k := newCheck(c, func(f adx.Finding, _ error) bool {
			report(f)
			return true
		})
		k.marks = true
		defer k.summary()
		for g, err := range groups {
			if err != nil {
				yield(adx.Group{}, err)
				return
			}
			k.bad = k.bad[:0]
			k.group(&g)
			if slices.Contains(k.bad, -1) {
				continue
			}
			if without(&g, k.bad); len(g.Values) == 0 && len(k.bad) > 0 {
				continue
			}
			if !yield(g, nil) {
				return
			}
		}
	}
}

// mark records that the group or value being checked has an error.
func (k *check) mark(severity hmis.Severity) {
	if k.marks && severity >= severe && (len(k.bad) == 0 || k.bad[len(k.bad)-1] != k.valueAt) {
		k.bad = append(k.bad, k.valueAt)
	}
}

// without removes the values of g with the given indexes, which are sorted.
func without(g *adx.Group, bad []int) {
	if len(bad) == 0 {
		return
	}
	kept, next, left := g.Values[:0], 0, 0 // left counts the values that the Reader left out
	number, rejected := 0, []int(nil)      // number is the position of the value in the message, counting values that were left out
	for i, v := range g.Values {
		for number++; left < len(g.Rejected) && g.Rejected[left] == number; number++ {
			rejected = append(rejected, number)
			left++
		}
		if next < len(bad) && bad[next] == i {
			next++
			rejected = append(rejected, number)
			continue
		}
		kept = append(kept, v)
	}
	g.Values, g.Rejected = kept, append(rejected, g.Rejected[left:]...)
}
