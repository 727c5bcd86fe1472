package crosswalk

import (
	"cmp"
	"fmt"

	"strings"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/internal/quote"
	"github.com/ohie-hmis/hmis-go/period"
	"github.com/shopspring/decimal"
)

// A Rest reports which values a translation lost, and which ones it made from
// incomplete data.
type Rest struct {
	Read, Mapped, Excluded, Unmapped int // numbers of values; Read is the sum of the other three

	// Deleted is the number of values marked deleted. They are skipped.
	Deleted int

	// Volume is the sum of all numbers read. MappedVolume is the sum of those
	// mapped, before weights.
	Volume, MappedVolume decimal.Decimal

	Partial []hmis.Key // values made without all of their source periods, in order
	Losses  []Loss     // sorted by [Reason], then by their fields
	Hidden  int        // number of non-numeric values beyond the 100,000 that Losses lists
}

// Issues returns the losses as issues. The Err of each is a *[Loss].
func (r *Rest) Issues() hmis.Issues {
	list := make(hmis.Issues, len(r.Losses))
	for i := range r.Losses {
		list[i] = r.Losses[i].issue()
	}
	return list
}

// A Reason says why a value was lost.
type Reason uint8

// The reasons, in the order of [Rest].Losses (RULES.md#losses).
const (
	UnmappedData      Reason = iota // no entry has the data element and option combo
	UnmappedOrgUnit                 // the org unit is not in the map
	Excluded                        // deliberately not related to anything
	InexactNotAllowed               // an entry is only related, or broader without a weight
	NonNumeric                      // the text is not a number
	OtherPeriodType                 // the period is not of the type Map.From
	MissingPeriods                  // no value was made, because source periods are missing
	PartialPeriods                  // a value was made from the periods that have data
)

// Code returns the reason as a code, such as UNMAPPED_DATA.
func (r Reason) Code() string {
	switch r {
	case UnmappedData:
		return "UNMAPPED_DATA"
	case UnmappedOrgUnit:
		return "UNMAPPED_ORGUNIT"
	case Excluded:
		return "EXCLUDED"
	case InexactNotAllowed:
		return "INEXACT_NOT_ALLOWED"
	case NonNumeric:
		return "NON_NUMERIC"
	case OtherPeriodType:
		return "OTHER_PERIOD_TYPE"
	case MissingPeriods:
		return "MISSING_PERIODS"
	case PartialPeriods:
		return "PARTIAL_PERIODS"
	}
	return fmt.Sprintf("REASON_%d", uint8(r))
}

// String returns the code.
func (r Reason) String() string { return r.Code() }

// A Loss describes values that were lost for one reason. Only the fields that
// the reason needs are set: the operand, the org unit, the entry, or the key.
type Loss struct {
	Reason  Reason
	Operand hmis.Operand    // operand of the source
	OrgUnit hmis.UID        // unit of the source; of the target for missing periods
	Period  period.Period   // period of the source; of the target for missing periods
	Type    period.Type     // type of a period that is not of the type Map.From
	Entry   string          // id of the entry at fault
	Count   int             // number of values
	Total   decimal.Decimal // sum of the values
	Missing []period.Period // missing source periods, in order
}

// Error returns what was lost, in words.
func (l *Loss) Error() string {
	times := func() string {
		if l.Count == 1 {
			return "1 value"
		}
		return fmt.Sprintf("%d values", l.Count)
	}
	switch l.Reason {
	case UnmappedData:
		return fmt.Sprintf("no entry for %s, %s in all", times(), l.Total)
	case UnmappedOrgUnit:
		return fmt.Sprintf("no target for %s, %s in all", times(), l.Total)
	case Excluded:
		return fmt.Sprintf("%s excluded on purpose", times())
	case InexactNotAllowed:
		return fmt.Sprintf("%s refused: the source is only related to the target, or broader without a weight", times())
	case NonNumeric:
		return fmt.Sprintf("the value at %s in %s is no number", quote.Text(l.OrgUnit), l.Period)
	case OtherPeriodType:
		return fmt.Sprintf("%s for %s periods, which the map does not have", times(), l.Type)
	case MissingPeriods:
		return fmt.Sprintf("no value at %s for %s: %s missing", quote.Text(l.OrgUnit), l.Period, names(l.Missing))
	case PartialPeriods:
		return fmt.Sprintf("the value at %s for %s is partial: %s missing", quote.Text(l.OrgUnit), l.Period, names(l.Missing))
	}
	return l.Reason.Code()
}

// names joins the names of periods. It shortens the list to twelve.
func names(list []period.Period) string {
	const most = 12
	var texts []string
	for _, p := range list[:min(len(list), most)] {
		texts = append(texts, p.String())
	}
	if len(list) > most {
		texts = append(texts, fmt.Sprintf("and %d more", len(list)-most))
	}
	return strings.Join(texts, ", ")
}

// issue returns the loss as an issue about the object concerned.
func (l *Loss) issue() *hmis.Issue {
	i := &hmis.Issue{Code: l.Reason.Code(), Severity: hmis.Severe, Offset: -1, Err: l}
	switch l.Reason {
	case UnmappedData, NonNumeric:
		i.Object = refTo(l.Operand, defaultCombo)
	case Excluded:
		i.Object, i.Severity = refTo(l.Operand, defaultCombo), hmis.Info
	case UnmappedOrgUnit:
		i.Object = refToUnit(l.OrgUnit)
	case InexactNotAllowed, MissingPeriods:
		i.Object = refToEntry(l.Entry)
	case PartialPeriods:
		i.Object, i.Severity = refToEntry(l.Entry), hmis.Warning
	}
	return i
}

func compareLosses(a, b Loss) int {
	return cmp.Or(
		cmp.Compare(a.Reason, b.Reason),
		cmp.Compare(a.Entry, b.Entry),
		cmp.Compare(a.Operand.DataElement, b.Operand.DataElement),
		cmp.Compare(a.Operand.OptionCombo, b.Operand.OptionCombo),
		cmp.Compare(a.OrgUnit, b.OrgUnit),
		a.Period.Compare(b.Period),
		cmp.Compare(a.Type, b.Type),
	)
}
