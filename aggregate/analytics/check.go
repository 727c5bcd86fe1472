package analytics

import (
	"errors"
	"slices"

	"github.com/ohie-hmis/hmis-go/hmis"
)

// checkedBefore lists the codes of checks that a server makes before
// [codeTwice]. The engine cannot make them for dx, pe and ou.
var checkedBefore = []string{
	codeNoDimension, "E7102", codeBoth, codeNoTime, "E7105", "E7106", "E7107", "E7108", "E7109", "E7110",
}

// checkTime returns an error for a request without any period or date. Over
// HTTP a DHIS2 server checks this first of all checks of the whole request.
// Elsewhere the error is E7104 and comes later.
func (r *request) checkTime() error {
	if len(r.query.Periods)+len(r.query.Filter.Periods) > 0 || r.ranged || r.lacking == paramFrom {
		return nil
	}
	return wrong(codeNoEnd, paramTo, "end")
}

// check returns the error with which the engine would refuse the query. twice
// lists the dimensions that occur more than once in the request.
func (r *request) check(s Server, twice []string) error {
	err := r.query.Check(s.Catalog)
	issue, _ := errors.AsType[*hmis.Issue](err)
	if issue != nil && issue.Code == "E7102" && r.skipData {
		// A request that skips data may have no data items.
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

// checkValues returns an error for a request for data values that has no data
// element, period or org unit.
func (r *request) checkValues() error {
	for _, need := range []struct{ id, code string }{{dimData, codeNoData}, {dimPeriod, codeNoPeriods}, {dimUnit, codeNoUnits}} {
		if indexOf(r.dimensions, need.id) < 0 {
			return wrong(need.code, paramDim)
		}
	}
	return nil
}
