package analytics

import (
	"errors"
	"strings"

	"github.com/ohie-hmis/hmis-go/hmis"
)

// parameterOf says which parameter of a request a field of the query comes from.
func parameterOf(field string) string {
	switch field, _, _ = strings.Cut(field, "["); field {
	case "Aggregation":
		return "aggregationType"
	case "Criteria":
		return "measureCriteria"
	case "ValueCriteria":
		return "preAggregationMeasureCriteria"
	case "Filter.From":
		return "startDate"
	case "Filter.To":
		return "endDate"
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

// translate returns an issue of the engine as one of the request.
func (r *request) translate(issue *hmis.Issue) *hmis.Issue {
	if issue.Code == "" {
		return issue
	}
	said := *issue
	said.Field = parameterOf(issue.Field)
	return &said
}

// explain translates the error of a query.
func (r *request) explain(err error) error {
	if issue, ok := errors.AsType[*hmis.Issue](err); ok {
		return r.translate(issue)
	}
	return err
}
