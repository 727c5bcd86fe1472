package madx

import (
	"iter"
	"strconv"

	"github.com/ohie-hmis/hmis-go/adx"
)

// A Format writes groups of ADX messages as FHIR MeasureReports, and reads and
// checks such reports. It is plain data and safe for concurrent use if its
// functions are.
type Format struct {
	// Measure is the Measure of the reports. If it has groups, reports are
	// compared with it. If it has none, any report is accepted, and all
	// dimensions are inner ones in the order of their names.
	Measure Measure

	// OrgUnitSystem is the identifier system of the codes of org units. If
	// empty, none is written and any is accepted.
	OrgUnitSystem string

	// Location, if not nil, returns the code of the org unit of a report, from
	// the reference and the identifier of its subject; either may be empty. If
	// ok is false the report is an error (MADX-019).
	Location func(reference, identifier string) (orgUnit string, ok bool)

	// Text, if not nil, reports whether the values of a data element are texts.
	// If nil, a value of 0 with an annotation is a text, as in DHIS2. Writing
	// then refuses a 0 with a remark, which is safer than writing a text as 0.
	Text func(dataElement string) bool

	// Pending writes reports with the status pending instead of complete.
	Pending bool

	// XML writes reports in XML instead of JSON. Read accepts both forms.
	XML bool

	// Counts returns an error for a number to be written that is no count from
	// 0 to 2147483647. If Counts is false, such a number is written, with all
	// its digits, as the score of its group or stratum.
	Counts bool

	// Limits guard against hostile input. Only Text, Attrs, Digits, Depth,
	// Group, Memory and Bytes are used. Group limits the strata in a report,
	// and Memory the bytes that reading a report may need.
	Limits adx.Limits

	// Header, if not nil, is called for each report before its groups are
	// returned. Exported is the date of the report.
	Header func(adx.Header)

	// Warn, if not nil, is called for each warning, such as a remark that a
	// report cannot hold.
	Warn func(adx.Finding)

	// Reject, if not nil, is called for each error. The value, group or report
	// that has it is dropped, and the work goes on. If nil, the first error
	// ends the work.
	Reject func(adx.Finding)
}

// note calls Warn or Reject with a finding. It returns an error finding itself
// if Reject is nil.
func (f *Format) note(found adx.Finding) error {
	switch {
	case found.Severity < severe:
		if f.Warn != nil {
			f.Warn(found)
		}
	case f.Reject == nil:
		return &found
	default:
		f.Reject(found)
	}
	return nil
}

// dataSet returns the code of a report's data set. measure is the canonical in
// the report.
func (f *Format) dataSet(measure string) string {
	if f.Measure.DataSet != "" {
		return f.Measure.DataSet
	}
	url, _ := trimVersion(measure)
	return url
}

// all returns groups as a stream.
func all(groups []adx.Group) iter.Seq2[adx.Group, error] {
	return func(yield func(adx.Group, error) bool) {
		for _, g := range groups {
			if !yield(g, nil) {
				return
			}
		}
	}
}

// isCount reports whether a number can be a count in FHIR: an integer of 32
// bits that is not negative.
func isCount(s string) bool {
	n, err := strconv.ParseInt(s, 10, 32)
	return err == nil && n >= 0 && s[0] != '+'
}
