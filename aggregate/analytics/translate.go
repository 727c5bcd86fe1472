package analytics

import (
	"context"
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

// translate returns an issue of the engine as one of the request.
func (r *request) translate(issue *hmis.Issue) *hmis.Issue {
	said := *issue
	said.Field = parameterOf(issue.Field)
	if said.Code == codeNoTime && r.lacking != "" {
		said.Field = r.lacking // the other day was given
	}
	return &said
}

// explain translates the error of a query. What is not about the query is about a
// formula, which the request names, unless time is up.
func (r *request) explain(err error) error {
	if issue, ok := errors.AsType[*hmis.Issue](err); ok {
		return r.translate(issue)
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return wrong("", paramDim, "%w", err)
}
