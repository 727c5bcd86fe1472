package adx

import (
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/period"
)

// A forms collects the forms that a message reports as complete. A form is
// complete only if all of its values pass the checks. Values are counted group
// by group, and add is called after the last value of a group.
type forms struct {
	run  *importRun
	list []form
	of   map[formKey]*int // for each form in list, the number of its values that have not passed the checks

	current formKey
	met     int // how many values of the current form the Mapper has translated
	passed  int // how many values of the current form have passed the checks
}

// A formKey identifies the form that a value belongs to.
type formKey struct {
	unit, combo hmis.UID
	period      period.Period
}

// key returns the key of a form. In it the default combo is "".
func (f *forms) key(unit, combo hmis.UID, p period.Period) formKey {
	if combo == f.run.Mapper.Catalog.DefaultOptionCombo() {
		combo = ""
	}
	return formKey{unit, combo, p}
}

type form struct {
	hmis.Completion
	missing *int // how many values of the form have not passed the checks
}

// formSize is the approximate memory of one form in bytes.
const formSize = 256

// mapped counts a value that the Mapper has translated.
func (f *forms) mapped(k hmis.Key) {
	of := f.key(k.OrgUnit, k.AttributeCombo, k.Period)
	if of != f.current {
		f.current, f.met, f.passed = of, 0, 0
	}
	f.met++
}

// pass counts a value that has passed the checks.
func (f *forms) pass(k hmis.Key) {
	of := f.key(k.OrgUnit, k.AttributeCombo, k.Period)
	if of == f.current {
		f.passed++
	}
	if missing := f.of[of]; missing != nil && *missing > 0 {
		*missing--
	}
}

// add adds a completed form. It must be called after all values of the form's
// group have been counted.
func (f *forms) add(c hmis.Completion) {
	of := f.key(c.OrgUnit, c.AttributeCombo, c.Period)
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

// complete returns the completed forms whose values have all passed.
func (f *forms) complete() []hmis.Completion {
	var done []hmis.Completion
	for i := range f.list {
		if *f.list[i].missing == 0 {
			done = append(done, f.list[i].Completion)
		}
	}
	return done
}
