package aggregate

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"

	"github.com/ohie-hmis/hmis-go/aggregate/internal/column"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/internal/quote"
)

// reject calls Loader.Reject for a value. Without a Reject it returns err, with
// the row, org unit and period of the value in its text.
func (s *staging) reject(b *hmis.Batch, i, first int, err *hmis.Issue) error {
	err.Rows = []int{first + i}
	if s.loader.Reject == nil {
		unit, p := b.IDs[b.OrgUnit[i]], b.Periods[b.Period[i]]
		err.Err = fmt.Errorf("%w (row %d: org unit %s, period %q)", err.Err, first+i, quote.Text(unit), p.String())
		return err
	}
	s.loader.Reject(b.At(i), err)
	return nil
}

func (s *staging) unknown(b *hmis.Batch, i int, e, unit, p int32) *hmis.Issue {
	issue := &hmis.Issue{Severity: hmis.Severe, Offset: -1}
	switch {
	case e < 0:
		issue.Code, issue.Field = "E8103", "dataElement"
		issue.Err = fmt.Errorf("value %s: unknown data element %s", quote.Text(b.At(i).Value), quote.Text(b.IDs[b.DataElement[i]]))
	case unit < 0:
		issue.Code, issue.Field = "E8107", "orgUnit"
		issue.Err = fmt.Errorf("value %s of data element %s: unknown org unit %s",
			quote.Text(b.At(i).Value), quote.Text(b.IDs[b.DataElement[i]]), quote.Text(b.IDs[b.OrgUnit[i]]))
	default:
		issue.Code, issue.Field = "E8100", "period"
		issue.Err = fmt.Errorf("value %s of data element %s: no period", quote.Text(b.At(i).Value), quote.Text(b.IDs[b.DataElement[i]]))
	}
	return issue
}

// belongs reports whether an option combo belongs to a data element, by its own
// category combo or by that of a data set.
func (s *staging) belongs(el *stagedElement, combo int32) bool {
	had, ok := el.own[combo]
	if !ok {
		c := s.loader.Catalog
		had = slices.Contains(c.OptionCombos(c.CategoryCombo(el.id, "")), s.numbers.combos[combo])
		for _, set := range c.DataSets(el.id) {
			had = had || slices.Contains(c.OptionCombos(c.CategoryCombo(el.id, set)), s.numbers.combos[combo])
		}
		if el.own == nil {
			el.own = map[int32]bool{}
		}
		el.own[combo] = had
	}
	return had
}

func (s *staging) foreignCombo(el *stagedElement, combo int32) *hmis.Issue {
	return &hmis.Issue{
		Code: "E8024", Severity: hmis.Severe, Field: "categoryOptionCombo", Offset: -1,
		Object: hmis.Ref{Kind: hmis.KindDataElement, ID: el.id},
		Err:    fmt.Errorf("option combo %s does not belong to the data element", quote.Text(s.numbers.combos[combo])),
	}
}

// warn calls Loader.Warn for each value that repeats an earlier one, by row.
func (s *staging) warn() {
	if s.loader.Warn == nil {
		return
	}
	type repeat struct {
		column.Repeat
		el *stagedElement
	}
	var list []repeat
	for i := range s.elements {
		el := &s.elements[i]
		el.builder.Stop = s.stop
		el.builder.Repeats(func(r column.Repeat) {
			r.Earlier, r.Later = el.rows[r.Earlier], el.rows[r.Later]
			list = append(list, repeat{r, el})
		})
		el.rows = nil
	}
	slices.SortFunc(list, func(a, b repeat) int { return cmp.Compare(a.Later, b.Later) })
	for _, r := range list {
		if s.stop() {
			return
		}
		s.loader.Warn(hmis.Issue{
			Code: "E8128", Severity: hmis.Warning, Field: "value", Offset: -1, Rows: []int{r.Earlier, r.Later},
			Object: hmis.Ref{Kind: hmis.KindDataElement, ID: r.el.id},
			Err: fmt.Errorf("%s and then %s for org unit %s, period %s, option combos %s and %s: the later one counts",
				quote.Text(r.el.asStored(r.Texts[0])), quote.Text(r.el.asStored(r.Texts[1])), s.loader.Tree.At(int(r.Pos)),
				s.numbers.periods[r.Period], s.numbers.combos[r.OptionCombo], s.numbers.combos[r.AttributeCombo]),
		})
	}
}

// asStored returns a text as it is reported: true or false for a truth value,
// which columns hold as 1 or 0.
func (e *stagedElement) asStored(text string) string {
	if e.typ.IsBoolean() && (text == "1" || text == "0") {
		return strconv.FormatBool(text == "1")
	}
	return text
}
