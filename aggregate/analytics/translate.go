package analytics

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/ohie-hmis/hmis-go/aggregate"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
)

// parameterOf returns the parameter of a request that sets a field of the
// query.
func parameterOf(field string) string {
	switch field, _, _ = strings.Cut(field, "["); field {
	case "Aggregation":
		return "aggregationType"
	case "Criteria":
		return "measureCriteria"
	case "ValueCriteria":
		return "preAggregationMeasureCriteria"
	case "Filter.From":
		return paramFrom
	case "Filter.To":
		return paramTo
	case "SkipRounding":
		return "skipRounding"
	case "Data", "OrgUnits", "Periods", "Split", "Query", "":
		return paramDim
	}
	if strings.HasPrefix(field, "Filter") {
		return paramFilter
	}
	return field
}

// translate returns an issue of the engine as one about the request: with the
// parameter at fault and the message that DHIS2 has for its code.
func (r *request) translate(s Server, issue *hmis.Issue) *hmis.Issue {
	said := *issue
	said.Field = parameterOf(issue.Field)
	if said.Code == codeNoTime && r.lacking != "" {
		said.Field = r.lacking // only the other date is in the request
	}
	if messages[said.Code] == "" {
		return &said
	}
	again := wrong(said.Code, said.Field, r.argument(s, issue)...)
	again.Object = issue.Object
	switch said.Code {
	case codeRateDays, "E7108", "E7109", codeRateAxes, "E7114", codeNotSummed, "E7132", "E7134", "E7150", "E7152":
		return because(again, issue.Err) // this error names the item at fault
	}
	return again
}

// argument returns the parts of the request that are quoted in the message of
// an issue's code.
func (r *request) argument(s Server, issue *hmis.Issue) []string {
	switch issue.Code {
	case codeBoth:
		var ids []string
		for _, d := range r.dimensions {
			if indexOf(r.filters, d.id) >= 0 {
				ids = append(ids, d.id)
			}
		}
		return []string{listed(ids)}
	case codeRateAxes:
		return []string{"[DATA_X, PERIOD, ORGANISATION_UNIT, ORGANISATION_UNIT_GROUP_SET, CATEGORY, CATEGORY_OPTION_GROUP_SET]"}
	case codeNotSummed:
		return []string{listed(r.notSummed(s.Catalog))}
	case codeNoItems:
		return []string{dimData}
	case codeTooMany:
		return []string{grouped(maxUnit)}
	case "E7116":
		text := issue.Err.Error()
		if _, path, ok := strings.Cut(text, ": "); ok {
			text = path
		}
		return []string{text}
	case codeUnknown, codeTwice, codeBadPeriod:
		return []string{issue.Err.Error()} // this package finds these errors before the engine does
	}
	return nil
}

// notSummed returns the data elements that the engine refuses to aggregate,
// each once.
func (r *request) notSummed(c *hmis.Catalog) []hmis.UID {
	var ids []hmis.UID
	for _, item := range r.query.Data {
		if item.Kind != indicator.DataElementItem || slices.Contains(ids, item.ID) {
			continue
		}
		alone := aggregate.Query{Data: []indicator.Item{item}, Periods: r.query.Periods, Filter: r.query.Filter}
		if issue, ok := errors.AsType[*hmis.Issue](alone.Check(c)); ok && issue.Code == codeNotSummed {
			ids = append(ids, item.ID)
		}
	}
	return ids
}

// explain translates the error of a query. If the context has not ended, an
// error other than an issue comes from a formula in the request.
func (r *request) explain(s Server, err error) error {
	if issue, ok := errors.AsType[*hmis.Issue](err); ok {
		return r.translate(s, issue)
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return refuse(paramDim, "%w", err)
}
