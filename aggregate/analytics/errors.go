package analytics

import (
	"fmt"

	"github.com/ohie-hmis/hmis-go/hmis"
)

// The codes that requests earn by their text alone; all others are the engine's
// (analytics specification, section 4).
const (
	codeNoTime      = "E7104" // neither periods nor two days
	codeTwice       = "E7111" // a dimension given twice
	codeNoData      = "E7117" // data values without dx as dimension
	codeNoPeriods   = "E7118" // data values without pe
	codeNoUnits     = "E7119" // data values without ou
	codeNoItems     = "E7124" // no valid item
	codeUnknown     = "E7125" // unknown dimension
	codeBadColumns  = "E7126" // a column of a table that is no dimension
	codeBadRows     = "E7127" // a row of a table that is no dimension
	codeTooMany     = "E7128" // more rows than allowed
	codeNoUnit      = "E7143" // no valid org unit
	codeNotBuilt    = "E7144" // no cube yet
	codeTableTooBig = "E7151" // a table layout that is too large
	codeBadPeriod   = "E7611"
)

// wrong returns what is wrong with a parameter. Code is that of DHIS2; where
// DHIS2 has none, as for a truth value that is neither true nor false, it is "".
func wrong(code, param, format string, args ...any) *hmis.Issue {
	return &hmis.Issue{Code: code, Severity: hmis.Severe, Field: param, Offset: -1, Err: fmt.Errorf(format, args...)}
}
