package orgunit

import (
	"fmt"
	"iter"
	"slices"

	"github.com/ohie-hmis/hmis-go/hmis"
)

// A Split replaces a unit by several others. The first target gets the data and
// the children; all targets get the memberships in groups, data sets and
// category options (RULES.md#splitting).
type Split struct {
	Unit    hmis.UID
	Targets []hmis.UID
	Keep    bool // the unit stays in the metadata, without data
}

// Metadata returns md after the split. md itself does not change. Lists that
// the split does not affect are shared with the result. Unless Keep is set, the
// attribute values, translations and properties of the unit are removed too.
//
// The error, [hmis.Issues], lists why the split is not possible: the unit or a
// target is not in md, there are fewer than two targets, or a target repeats,
// is the unit itself, or is below it.
func (s Split) Metadata(md hmis.Metadata) (hmis.Metadata, error) {
	e, err := newEdit(md)
	if err != nil {
		return hmis.Metadata{}, err
	}
	e.need("unit", s.Unit)
	if len(s.Targets) < 2 {
		e.refuse(s.Unit, "", "want at least two targets, got %d", len(s.Targets))
	}
	for i, target := range s.Targets {
		e.need("target", target)
		if slices.Contains(s.Targets[:i], target) {
			e.refuse(target, "", "target named twice")
		}
		if e.tree.Contains(s.Unit, target) {
			e.refuse(target, "", "target is the unit %s itself or lies below it", s.Unit)
		}
	}
	if len(e.issues) > 0 {
		return hmis.Metadata{}, e.issues
	}
	e.hangChildren(s.Unit, s.Targets[0])
	e.share(s.Unit, s.Targets...)
	if s.Keep {
		return e.done()
	}
	return e.done(s.Unit)
}

// Values returns the data values that change: each removed one, marked Deleted,
// directly followed by the new one. Values that stay the same are left out.
// Pass the result to Cube.With of package aggregate.
//
// The stream ends with an error if a target already has data.
func (s Split) Values(values iter.Seq2[hmis.DataValue, error]) iter.Seq2[hmis.DataValue, error] {
	return func(yield func(hmis.DataValue, error) bool) {
		if len(s.Targets) == 0 {
			yield(hmis.DataValue{}, s.tooFew())
			return
		}
		for v, err := range values {
			switch {
			case err != nil:
				yield(v, err)
				return
			case v.OrgUnit == s.Unit:
				old := v
				old.Deleted = true
				v.OrgUnit = s.Targets[0]
				if !yield(old, nil) || !yield(v, nil) {
					return
				}
			case !v.Deleted && slices.Contains(s.Targets, v.OrgUnit):
				yield(hmis.DataValue{}, fmt.Errorf("orgunit: split of %s: target %s has data: %s for %v",
					s.Unit, v.OrgUnit, v.DataElement, v.Period))
				return
			}
		}
	}
}

// Completions returns the completions that change: each removed one, marked
// Withdrawn, directly followed by the new one of the first target. Completions
// that stay the same are left out.
func (s Split) Completions(done iter.Seq2[hmis.Completion, error]) iter.Seq2[hmis.Completion, error] {
	return func(yield func(hmis.Completion, error) bool) {
		if len(s.Targets) == 0 {
			yield(hmis.Completion{}, s.tooFew())
			return
		}
		for c, err := range done {
			switch {
			case err != nil:
				yield(c, err)
				return
			case c.OrgUnit == s.Unit:
				old := c
				old.Withdrawn = true
				c.OrgUnit = s.Targets[0]
				if !yield(old, nil) || !yield(c, nil) {
					return
				}
			case !c.Withdrawn && slices.Contains(s.Targets, c.OrgUnit):
				yield(hmis.Completion{}, fmt.Errorf("orgunit: split of %s: target %s has completed %s for %v",
					s.Unit, c.OrgUnit, c.DataSet, c.Period))
				return
			}
		}
	}
}

func (s Split) tooFew() error {
	return fmt.Errorf("orgunit: split of %s: want at least two targets, got %d", s.Unit, len(s.Targets))
}
