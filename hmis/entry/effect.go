package entry

import "github.com/ohie-hmis/hmis-go/hmis"

// effect brings the key of a value into its stored form and counts the change
// to the store. It reports whether the value changes anything.
func (w *walk) effect(v *hmis.DataValue, c *cast) bool {
	v.OptionCombo, v.AttributeCombo = c.cell.option.id, c.cell.attr.id
	if w.SkipZeros && !v.Deleted && c.cell.element.insignificant(v.Value) {
		w.sum.Ignored++
		return false
	}
	if w.counted {
		return true
	}
	n, ok := w.change(v)
	*n++
	return ok
}

// change returns the counter of the summary for a value, and whether the value
// changes what is stored (RULES.md#strategies).
func (w *walk) change(v *hmis.DataValue) (n *int, ok bool) {
	if w.Stored == nil {
		switch {
		case v.Deleted:
			return &w.sum.Deleted, true
		case w.Strategy == Update:
			return &w.sum.Ignored, false
		}
		return &w.sum.Imported, true
	}
	was, there := w.Stored(v.Key)
	switch change(v, &was, there, w.Strategy) {
	case created:
		return &w.sum.Imported, true
	case updated:
		return &w.sum.Updated, true
	case deleted:
		return &w.sum.Deleted, true
	}
	return &w.sum.Ignored, false
}

// A changed is the change that a value makes to a store: none, new, updated or
// removed.
type changed uint8

const (
	nothing changed = iota
	created
	updated
	deleted
)

// change compares a value with the stored value was, and returns what the value
// does to the store.
func change(v, was *hmis.DataValue, there bool, s Strategy) changed {
	there = there && !was.Deleted
	switch {
	case v.Deleted && there:
		return deleted
	case v.Deleted:
		return nothing
	case !there && s == Update, there && s == Create:
		return nothing
	case !there:
		return created
	case was.Value == v.Value && was.Comment == v.Comment && was.FollowUp == v.FollowUp:
		return nothing
	}
	return updated
}

// insignificant reports whether text is a zero in an element for which zeros
// are not stored (RULES.md#zeros).
func (e *element) insignificant(text string) bool {
	if e.ZeroIsData || !e.ValueType.IsNumeric() || e.Aggregation == hmis.Average || e.Aggregation == hmis.AverageSumOrgUnit {
		return false
	}
	if len(text) == 0 || text[0] != '0' || len(text) > 1 && text[1] != '.' {
		return false
	}
	for i := 2; i < len(text); i++ {
		if text[i] != '0' {
			return false
		}
	}
	return true
}
