package adx

import (
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/period"
)

// forms collects the forms that a message reports complete. A form is complete
// only if all of its values have passed the checks. Values are counted group by
// group, and add is called after the last value of a group.
type forms struct {
	run  *importRun
	list []form
	of   map[formKey]*int // values that have not passed, of the forms in list

	current formKey
	met     int // values of current that were mapped
	passed  int // of them
}

// A formKey is what the values of a form have in common.
type formKey struct {
	unit, combo hmis.UID
	period      period.Period
}

type form struct {
	hmis.Completion
	missing *int // values that have not passed
}

// formSize is about how many bytes a form takes.
const formSize = 256

// mapped counts a value that was mapped.
func (f *forms) mapped(k hmis.Key) {
	of := formKey{k.OrgUnit, k.AttributeCombo, k.Period}
	if of != f.current {
		f.current, f.met, f.passed = of, 0, 0
	}
	f.met++
}

// pass counts a value that passed the checks.
func (f *forms) pass(k hmis.Key) {
	of := formKey{k.OrgUnit, k.AttributeCombo, k.Period}
	if of == f.current {
		f.passed++
	}
	if missing := f.of[of]; missing != nil && *missing > 0 {
		*missing--
	}
}

// add adds a form after its values have been counted.
func (f *forms) add(c hmis.Completion) {
	of := formKey{c.OrgUnit, c.AttributeCombo, c.Period}
	if f.of == nil {
		f.of = map[formKey]*int{}
	}
	missing := f.of[of]
	if missing == nil {
		missing = new(int)
		f.of[of] = missing
	}
	if of == f.current {
		*missing += f.met - f.passed
		f.met, f.passed = 0, 0
	}
	f.list = append(f.list, form{c, missing})
	f.run.hold(formSize)
}

// complete returns the forms whose values have all passed.
func (f *forms) complete() []hmis.Completion {
	var done []hmis.Completion
	for i := range f.list {
		if *f.list[i].missing == 0 {
			done = append(done, f.list[i].Completion)
		}
	}
	return done
}
