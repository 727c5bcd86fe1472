package aggregate

import (
	"fmt"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/internal/quote"
)

// reject hands a value to the caller. If the caller takes none, it returns err,
// which then has to say which value it was.
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
