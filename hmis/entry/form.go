package entry

import (
	"time"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/period"
)

// form checks whether a value fits a form. It returns 0 if the value may pass.
// c.form becomes the form that fits, or else the form that comes nearest.
func (w *walk) form(v *hmis.DataValue, row int, c *cast) code {
	if w.RequireOptionCombo && v.OptionCombo == "" {
		return e7630
	}
	if w.RequireAttributeCombo && v.AttributeCombo == "" {
		return e7631
	}
	worst := e8003
	forms := w.things.formsOf(c.cell)
	if c.form != nil { // the form is known
		forms = nil
		if worst = w.failing(e8020, c, c.form); worst == 0 {
			return 0
		}
	}
	for i := range forms {
		f := &forms[i]
		bad := w.failing(e8020, c, f)
		if bad == 0 {
			c.form = f
			return 0
		}
		if bad > worst {
			worst, c.form = bad, f
		}
	}
	for w.passable(worst, c) {
		w.doubt(v, row, worst, c)
		if worst = w.failing(worst+1, c, c.form); worst == 0 {
			return 0
		}
	}
	return worst
}

// passable reports whether a value that fails the check bad may still be
// stored. Under Lenient, known objects may be used outside their form.
func (w *walk) passable(bad code, c *cast) bool {
	lacks := bad.membership()
	if lacks == 0 || w.Policy != Lenient || w.Require&lacks != 0 {
		return false
	}
	switch lacks {
	case DataElement:
		return !c.cell.element.unknown && (c.form == nil || c.form.known)
	case OrgUnit:
		return !c.unit.unknown
	case AttributeCombo:
		return !c.cell.attr.unknown
	case OptionCombo:
		return !c.cell.option.unknown
	}
	return true
}

// failing returns the first check, from the code from on, that a value fails in
// the form f, or 0. If f is nil, only known objects are checked.
func (w *walk) failing(from code, c *cast, f *cellForm) code {
	if f == nil {
		f = w.things.formless(c)
	}
	switch {
	case from <= e8020 && !f.belongs:
		return e8020
	case from <= e8022 && !w.things.reportsTo(c.unit, f.form):
		return e8022
	case from <= e8021 && c.span.typ != f.PeriodType:
		return e8021
	case from <= e8023 && !f.attr:
		return e8023
	case from <= e8024 && !f.option:
		return e8024
	case from <= e8025 && !c.cell.attr.covers(c.unit):
		return e8025
	case from <= e8031 && (c.unit.opened != 0 && c.span.first < c.unit.opened || c.unit.closed != 0 && c.span.first > c.unit.closed):
		return e8031
	case w.Force:
		return 0
	case from <= e8030 && !w.open(f.form, c.unit, c.span):
		return e8030
	case from <= e8033 && w.Approved != nil && w.approved(c, f.form):
		return e8033
	case from <= e8032 && !c.cell.attr.lasts(c.span, f.OpenAfterEnd):
		return e8032
	}
	return 0
}

// asked is the last question that was passed to Approved, with its answer.
type asked struct {
	form     *form
	unit     *unit
	span     *span
	attr     *combo
	approved bool
}

// approved calls Approved once for consecutive values of one form, unit, period
// and attribute option combo.
func (w *walk) approved(c *cast, f *form) bool {
	q := asked{form: f, unit: c.unit, span: c.span, attr: c.cell.attr, approved: w.asked.approved}
	if q != w.asked {
		q.approved = w.Approved(f.ID, c.unit.id, c.span.Period, c.cell.attr.id)
		w.asked = q
	}
	return q.approved
}

// lasts reports whether a whole period lies within the dates of an attribute
// option combo. After its last day the combo may stay open for after more
// periods.
func (c *combo) lasts(p *span, after int) bool {
	if c.first > p.first && c.first != 0 {
		return false
	}
	if c.last == 0 {
		return true
	}
	return p.last <= later(c.last, p.Period, after)
}

// later returns the day n periods after d, of the period type of like. If d is
// the last day of its period, so is the result.
func later(d period.Date, like period.Period, n int) period.Date {
	if n <= 0 {
		return d
	}
	of := like.Calendar().On(like.Type(), d)
	to := of.Add(n)
	if to.IsZero() || d == of.Last() {
		return max(d, to.Last())
	}
	return min(to.First()+(d-of.First()), to.Last())
}

// open reports whether a form may be filled for a period at Now.
func (w *walk) open(f *form, u *unit, p *span) bool {
	if w.Now.IsZero() {
		return true
	}
	a := slot(&p.open, f.n)
	if *a == unasked {
		*a = answerOf(w.Gate.openFor(&f.DataSet, "", p.Period) == 0)
	}
	if *a == yes {
		return true
	}
	return w.Reopened != nil && w.Gate.openFor(&f.DataSet, u.id, p.Period) == 0
}

// A closing is the reason why a form is not open. 0 means that the form is
// open.
type closing uint8

const (
	_        closing = iota
	unlisted         // the data set has no such input period
	outside          // the day of entry is outside the days of its input period
	expired
	future
)

// openFor applies RULES.md#open-for-entry. If unit is "", no exceptions for
// units apply.
func (g *Gate) openFor(set *hmis.DataSet, unit hmis.UID, p period.Period) closing {
	now, today := g.now()
	if len(set.InputPeriods) > 0 {
		why := unlisted
		for _, in := range set.InputPeriods {
			if in.Period != p {
				continue
			}
			if !(now.Before(in.Opened) || !in.Closed.IsZero() && now.After(in.Closed)) {
				return 0
			}
			why = outside
		}
		return why
	}
	if g.EditExpired || set.ExpiryDays < 0 {
		return 0
	}
	if set.ExpiryDays > 0 {
		y, m, d := p.Last().Civil()
		end := time.Date(y, m, d, 0, 0, 0, 0, now.Location())
		whole := int(set.ExpiryDays)
		end = end.AddDate(0, 0, whole+1).Add(time.Duration((set.ExpiryDays - float64(whole)) * 24 * float64(time.Hour)))
		if now.After(end) && !(unit != "" && g.Reopened != nil && g.Reopened(set.ID, unit, p)) {
			return expired
		}
	}
	latest := p.Calendar().On(p.Type(), today).Add(set.OpenFuturePeriods - 1)
	if !latest.IsZero() && p.First() > latest.First() {
		return future
	}
	return 0
}

// now returns the time of entry and its day.
func (g *Gate) now() (time.Time, period.Date) { return g.Now, period.DateAt(g.Now) }
