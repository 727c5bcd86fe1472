package analytics

import (
	"fmt"
	"strings"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/internal/quote"
)

// These are the error codes that this package uses. All other codes come from
// the engine.
const (
	codeNoDimension = "E7101"
	codeBoth        = "E7103" // the same id is both a dimension and a filter
	codeNoTime      = "E7104"
	codeRateDays    = "E7107" // the request has reporting rates, but days in place of periods
	codeTwice       = "E7111" // a dimension occurs twice
	codeRateAxes    = "E7112"
	codeNotSummed   = "E7115" // data elements that cannot be aggregated
	codeNoData      = "E7117" // the request is for data values but has no dimension dx
	codeNoPeriods   = "E7118"
	codeNoUnits     = "E7119"
	codeForbidden   = "E7120" // an org unit outside the restriction
	codeNoItems     = "E7124"
	codeUnknown     = "E7125" // an unknown dimension
	codeBadColumns  = "E7126" // a column of a table is not a dimension of the request
	codeBadRows     = "E7127"
	codeTooMany     = "E7128" // the answer has more rows than allowed
	codeNoUnit      = "E7143" // no valid org unit
	codeNotBuilt    = "E7144" // there is no cube yet
	codeNoEnd       = "E7146" // the request has neither periods nor an end date
	codeTableTooBig = "E7151"
	codeBadPeriod   = "E7611"
)

// messages has the message of a DHIS2 server for each code. %s is replaced by a
// part of the request.
var messages = map[string]string{
	"E7101": "At least one dimension must be specified",
	"E7102": "At least one data dimension item or data element group set dimension item must be specified",
	"E7103": "Dimensions cannot be specified as dimension and filter simultaneously: `%s`",
	"E7104": "At least one period as dimension or filter, or start and dates, must be specified",
	"E7105": "Periods and start and end dates cannot be specified simultaneously",
	"E7106": "Start date cannot be after end date",
	"E7107": "Start and end dates cannot be specified for reporting rates",
	"E7108": "Only a single indicator can be specified as filter",
	"E7109": "Only a single reporting rate can be specified as filter",
	"E7110": "Category option combos cannot be specified as filter",
	"E7111": "Dimensions cannot be specified more than once: `%s`",
	"E7112": "Reporting rates can only be specified together with dimensions of type: `%s`",
	"E7113": "Assigned categories cannot be specified when data elements are not specified",
	"E7114": "Assigned categories can only be specified together with data elements",
	"E7115": "Data elements must be of a value and aggregation type that allow aggregation: `%s`",
	"E7116": "Indicator expressions cannot contain cyclic references: `%s`",
	"E7117": "A data dimension dx must be specified when output format is DATA_VALUE_SET",
	"E7118": "A period dimension pe must be specified when output format is DATA_VALUE_SET",
	"E7119": "An organisation unit dimension ou must be specified when output format is DATA_VALUE_SET",
	"E7120": "User: `%s` is not allowed to view org unit: `%s`",
	"E7124": "Dimension is present in query without any valid dimension options: `%s`",
	"E7125": "Dimension identifier does not reference any dimension: `%s`",
	"E7126": "Column must be present as dimension in query: `%s`",
	"E7127": "Row must be present as dimension in query: `%s`",
	"E7128": "Query result set exceeded max limit: `%s`",
	"E7132": "Expression violation. Maybe an indicator caused division by zero?",
	"E7134": "Cannot retrieve total value for data elements with skip total category combination",
	"E7143": "Organisation unit or organisation unit level is not valid",
	"E7144": "Query failed because a referenced table does not exist. Please ensure analytics job was run",
	"E7146": "A %s date was not specified in periods, dimensions, filters",
	"E7150": "No periods found for subexpression query",
	"E7151": "Too many combinations of columns or rows.",
	"E7152": "Periods as filter not supported with Indicator with period offset",
	"E7611": "Period not valid: `%s`",
}

// A failure is an error for a wrong request: the message of a server, and a
// detail that a server does not give.
type failure struct {
	message string
	detail  error // nil if there is no detail
}

// Error returns the message, with the detail in brackets.
func (f *failure) Error() string {
	if f.detail == nil {
		return f.message
	}
	return f.message + " (" + strings.TrimPrefix(f.detail.Error(), "hmis: ") + ")"
}

func (f *failure) Unwrap() error { return f.detail }

// wrong returns an issue about a parameter, with the message that DHIS2 has for
// the code.
func wrong(code, param string, args ...string) *hmis.Issue {
	shown := make([]any, len(args))
	for i, arg := range args {
		shown[i] = show(arg)
	}
	said := &failure{message: fmt.Sprintf(messages[code], shown...)}
	return &hmis.Issue{Code: code, Severity: hmis.Severe, Field: param, Offset: -1, Err: said}
}

// because adds a detail to an issue that wrong has made.
func because(i *hmis.Issue, detail error) *hmis.Issue {
	if said, ok := i.Err.(*failure); ok {
		said.detail = detail
	}
	return i
}

// gotItems returns an error that lists the unknown items of a dimension.
func gotItems(items []string) error {
	return fmt.Errorf("got %s", quote.Text(strings.Join(items, ";")))
}

// refuse returns an issue about a parameter for which DHIS2 has no error code,
// such as a truth value that is neither true nor false.
func refuse(param, format string, args ...any) *hmis.Issue {
	return &hmis.Issue{Severity: hmis.Severe, Field: param, Offset: -1, Err: fmt.Errorf(format, args...)}
}

// invalid returns an issue about a parameter. It uses a message for which DHIS2
// has no code.
func invalid(param, format string, args ...any) *hmis.Issue {
	said := &failure{message: fmt.Sprintf(format, args...)}
	return &hmis.Issue{Severity: hmis.Severe, Field: param, Offset: -1, Err: said}
}

// show returns a text of a request as it is quoted in an error: on one line,
// and shortened if it is long.
func show(s string) string { return quote.Line(s, 200) }

// listed returns ids as DHIS2 writes lists in messages: "[a, b]".
func listed[T ~string](ids []T) string {
	texts := make([]string, len(ids))
	for i, id := range ids {
		texts[i] = string(id)
	}
	return "[" + strings.Join(texts, ", ") + "]"
}
