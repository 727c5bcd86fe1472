package analytics

import (
	"errors"
	"slices"

	"github.com/ohie-hmis/hmis-go/hmis"
)

// checkedBefore are the codes of checks that come before [codeTwice], which the
// engine cannot make for dx, pe and ou.
var checkedBefore = []string{
	codeNoDimension, "E7102", codeBoth, codeNoTime, "E7105", "E7106", "E7107", "E7108", "E7109", "E7110",
}

// checkTime refuses a request without any time. The HTTP layer of a DHIS2
// server asks this before all else that concerns the request as a whole; within
// the server it is E7104, in its turn.
func (r *request) checkTime() error {
	if len(r.query.Periods)+len(r.query.Filter.Periods) > 0 || r.ranged || r.lacking == paramFrom {
		return nil
	}
	return wrong(codeNoEnd, paramTo, "end")
}

// check asks the engine whether it would answer the query. Twice are the
// dimensions that the request gives more than once.
func (r *request) check(s Server, twice []string) error {
	err := r.query.Check(s.Catalog)
	issue, _ := errors.AsType[*hmis.Issue](err)
	if issue != nil && issue.Code == "E7102" && r.skipData {
		// Without data to compute it does not matter that none is named.
		err, issue = nil, nil
	}
	if len(twice) > 0 && (err == nil || issue != nil && !slices.Contains(checkedBefore, issue.Code)) {
		return wrong(codeTwice, paramDim, listed(twice))
	}
	if issue != nil {
		return r.translate(s, issue)
	}
	return err
}

// checkValues refuses a request for data values that would have no data
// element, period or org unit.
func (r *request) checkValues() error {
	for _, need := range []struct{ id, code string }{{dimData, codeNoData}, {dimPeriod, codeNoPeriods}, {dimUnit, codeNoUnits}} {
		if indexOf(r.dimensions, need.id) < 0 {
			return wrong(need.code, paramDim)
		}
	}
	return nil
}
