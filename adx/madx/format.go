package madx

import (
	"iter"
	"strconv"

	"github.com/ohie-hmis/hmis-go/adx"
)

// A Format says how groups of ADX messages are written as FHIR MeasureReports,
// and how reports are checked when they are read. It is plain data; its methods
// may be called from several goroutines if its functions may.
type Format struct {
	// Measure is what reports refer to. If it has groups, reports are compared
	// with it; if it has none, a report may hold anything, all its dimensions are
	// inner ones and dimensions are written in the order of their names.
	Measure Measure

	// OrgUnitSystem is the identifier system of the codes of org units; "" is not
	// said when writing, and any when reading.
	OrgUnitSystem string

	// Location, if not nil, knows the locations: it returns the code of the org
	// unit that a report is about, by the reference and the identifier that the
	// report has for it, either of which may be "". A report about one it does not
	// know is an error (MADX-019).
	Location func(reference, identifier string) (orgUnit string, ok bool)

	// Text, if not nil, reports whether the values of a data element are texts. If
	// nil, a value of 0 with an annotation is taken for one, as in DHIS2: better to
	// refuse a remark on a 0 than to report a text as 0.
	Text func(dataElement string) bool

	// Pending writes reports with the status pending rather than complete.
	Pending bool

	// Counts makes it an error to write a number that is not a count from 0 to
	// 2147483647. Without it such a number is written, with all its digits, as
	// the score of its group or stratum.
	Counts bool

	// Limits guard against hostile input; of them Text, Attrs, Digits, Depth,
	// Group, Memory and Bytes apply. Group is the most strata of a report, and
	// Memory the bytes that a report takes while it is read.
	Limits adx.Limits

	// Header, if not nil, is called with what a report says about itself,
	// before its groups are returned: Exported is its date.
	Header func(adx.Header)

	// Warn, if not nil, is called for each warning, such as a remark that has
	// no place in a report.
	Warn func(adx.Finding)

	// Reject, if not nil, is called for each error; the work then goes on
	// without the value, group or report that has it. If nil, the first error
	// ends it.
	Reject func(adx.Finding)
}

// note passes on a finding, or returns it if the work cannot go on.
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

// dataSet returns the code of the data set of a report.
func (f *Format) dataSet(measure string) string {
	if f.Measure.DataSet != "" {
		return f.Measure.DataSet
	}
	url, _ := trimVersion(measure)
	return url
}

// all hands a list to yield, until it says to stop.
func all(groups []adx.Group) iter.Seq2[adx.Group, error] {
	return func(yield func(adx.Group, error) bool) {
		for _, g := range groups {
			if !yield(g, nil) {
				return
			}
		}
	}
}

// isCount reports whether a number is one that FHIR holds as a count: an
// integer of 32 bits that is not negative.
func isCount(s string) bool {
	n, err := strconv.ParseInt(s, 10, 32)
	return err == nil && n >= 0 && s[0] != '+'
}
