package adx

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/internal/quote"
	"github.com/ohie-hmis/hmis-go/period"
)

// A Report counts what an [Import] did with the values of a message. Each value
// that was read counts once: Read is the sum of Imported, Updated, Deleted,
// Unchanged, Ignored and Rejected, unless Failed is set.
type Report struct {
	DryRun bool  // the run was a dry run, which stores nothing
	Failed error // the error because of which nothing was stored, or nil

	Groups int
	Read   int64

	Imported  int64 // values that are new and were stored
	Updated   int64 // values stored in place of another value
	Deleted   int64 // values removed because the message marks them as deleted
	Unchanged int64 // values that were stored before with the same content
	Ignored   int64 // values dropped by [Import.Check] or because of Failed
	Rejected  int64 // values that are wrong, repeated, or have codes that no object has

	Completions int // number of forms that are now marked complete

	// Unknown lists, for each kind, the texts that name no object or several,
	// in the order of the message. Texts are cut to some 256 bytes, and there
	// are at most 1,000 of a kind.
	Unknown map[hmis.Kind][]string

	// Causes are the findings grouped by reason, in the order of their first
	// finding. There are at most 1,000. If there were more, the last one counts
	// all the others.
	Causes []Cause

	index     map[causeKey]int
	served    bool      // the counts follow the rules of a DHIS2 server
	completed time.Time // the day of the last completion in the message
}

// A Cause stands for all findings of a message that have the same reason.
type Cause struct {
	Rule     string // the broken rule, such as "ADX-043", or the code of an issue from Import.Check
	Severity hmis.Severity
	Attr     string // the attribute at fault, or ""
	Got      string // the attribute's value, cut to some 256 bytes
	Reason   string // the text of the findings on one line, without a place
	Count    int    // the number of findings

	// Line, Column and Path are the place of the first finding. They are zero
	// if it is not known.
	Line, Column int
	Path         string

	Rows []int // positions of the values in the stream, if known
}

type causeKey struct{ rule, attr, got, reason string }

// maxCauses limits how many causes are listed.
const maxCauses = 1000

// Used returns how many values changed the store, or would have changed it in a
// dry run.
func (r *Report) Used() int64 { return r.Imported + r.Updated + r.Deleted }

// Status returns one of the words of DHIS2. It is SUCCESS if there was no
// problem. It is ERROR if there were errors and the store now has none of the
// values. In all other cases it is WARNING. A value that was stored before is
// no problem, so a message may be sent again. In the dialect of DHIS2, a
// rejected data set is an ERROR.
func (r *Report) Status() string {
	switch {
	case r.Failed != nil, r.Used()+r.Unchanged == 0 && r.worst() >= hmis.Severe, r.served && r.Rejected > 0:
		return "ERROR"
	case r.Ignored+r.Rejected > 0, len(r.Causes) > 0:
		return "WARNING"
	}
	return "SUCCESS"
}

// worst returns the highest severity of all findings.
func (r *Report) worst() hmis.Severity {
	worst := hmis.Severity(0)
	for i := range r.Causes {
		worst = max(worst, r.Causes[i].Severity)
	}
	return worst
}

// Summary returns r with the counts of DHIS2 since 2.43: unchanged values count
// as updated, and rejected ones as ignored. Each cause is an issue. In the
// dialect of DHIS2, values that were rejected with their data set or message
// are not counted.
func (r *Report) Summary() hmis.Summary {
	s := hmis.Summary{
		Imported: int(r.Imported), Updated: int(r.Updated + r.Unchanged), Deleted: int(r.Deleted),
		Ignored: int(r.Ignored + r.Rejected),
	}
	if r.Failed != nil {
		s.Updated, s.Ignored = int(r.Updated), s.Ignored+int(r.Unchanged)
	}
	if r.served {
		s.Ignored = int(r.Ignored)
		if r.Failed != nil {
			s.Ignored = 0
		}
	}
	if !r.completed.IsZero() {
		s.Completed = period.DateAt(r.completed)
	}
	if r.Failed != nil {
		s.Issues = append(s.Issues, &hmis.Issue{Severity: hmis.Critical, Offset: -1, Err: r.Failed})
	}
	if r.Failed == nil && r.served && r.Rejected > 0 {
		s.Issues = append(s.Issues, &hmis.Issue{Severity: hmis.Critical, Offset: -1, Err: fmt.Errorf("%d values were refused with their data set", r.Rejected)})
	}
	for _, c := range r.Causes {
		s.Issues = append(s.Issues, &hmis.Issue{
			Code: c.Rule, Severity: c.Severity, Object: hmis.Ref{Kind: hmis.Kind(c.Attr), ID: hmis.UID(c.Got)},
			Field: c.Attr, Rows: c.Rows, Offset: -1, Err: errors.New(c.Reason),
		})
	}
	return s
}

// note adds a finding.
func (r *Report) note(f *Finding) {
	r.add(Cause{
		Rule: f.Rule, Severity: f.Severity, Attr: f.Attr, Got: f.Got, Reason: f.reason(),
		Line: f.Line, Column: f.Column, Path: f.Path,
	})
}

// noteUnknown adds a text that identifies no object.
func (r *Report) noteUnknown(k hmis.Kind, text string) {
	if r.Unknown == nil {
		r.Unknown = map[hmis.Kind][]string{}
	}
	if text = quote.Cut(text, maxKept); len(r.Unknown[k]) < maxCauses && !slices.Contains(r.Unknown[k], text) {
		r.Unknown[k] = append(r.Unknown[k], text)
	}
}

// maxKept is how many bytes of a text a report keeps.
const maxKept = 256

// noteIssue adds an issue.
func (r *Report) noteIssue(i *hmis.Issue) {
	reason := strings.TrimPrefix(i.Error(), "hmis: ")
	r.add(Cause{
		Rule: i.Code, Severity: i.Severity, Attr: i.Field, Got: string(i.Object.ID), Rows: i.Rows,
		Reason: strings.TrimPrefix(reason, i.Code+": "),
	})
}

func (r *Report) add(c Cause) {
	if r.index == nil {
		r.index = map[causeKey]int{}
	}
	c.Count = 1
	c.Got = quote.Cut(c.Got, maxKept)
	k := causeKey{c.Rule, c.Attr, c.Got, c.Reason}
	i, known := r.index[k]
	if !known {
		if i = len(r.Causes); i < maxCauses-1 {
			r.index[k] = i
			r.Causes = append(r.Causes, c)
			return
		}
		if i = maxCauses - 1; len(r.Causes) == i {
			r.Causes = append(r.Causes, Cause{Severity: c.Severity, Reason: "other findings, not listed"})
		}
	}
	was := &r.Causes[i]
	was.Count++
	was.Severity = max(was.Severity, c.Severity)
	if known && len(was.Rows) < maxCauses {
		was.Rows = append(was.Rows, c.Rows...)
	}
}

// MarshalJSON returns c as an object with its fields in camel case and the severity
// in words.
func (c Cause) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Rule     string `json:"rule,omitempty"`
		Severity string `json:"severity"`
		Attr     string `json:"attribute,omitempty"`
		Got      string `json:"got,omitempty"`
		Reason   string `json:"reason"`
		Count    int    `json:"count"`
		Line     int    `json:"line,omitempty"`
		Column   int    `json:"column,omitempty"`
		Path     string `json:"path,omitempty"`
		Rows     []int  `json:"rows,omitempty"`
	}{c.Rule, c.Severity.String(), c.Attr, c.Got, c.Reason, c.Count, c.Line, c.Column, c.Path, c.Rows})
}

// MarshalJSON returns r as one object with the fields of Report in camel case,
// its status, and severities in words.
func (r Report) MarshalJSON() ([]byte, error) {
	out := struct {
		Status      string  `json:"status"`
		DryRun      bool    `json:"dryRun"`
		Failed      string  `json:"failed,omitempty"`
		Groups      int     `json:"groups"`
		Read        int64   `json:"read"`
		Used        int64   `json:"used"`
		Imported    int64   `json:"imported"`
		Updated     int64   `json:"updated"`
		Deleted     int64   `json:"deleted"`
		Unchanged   int64   `json:"unchanged"`
		Ignored     int64   `json:"ignored"`
		Rejected    int64   `json:"rejected"`
		Completions int     `json:"completions"`
		Causes      []Cause `json:"causes"`

		Unknown map[hmis.Kind][]string `json:"unknown,omitempty"`
	}{
		Status: r.Status(), DryRun: r.DryRun, Groups: r.Groups, Read: r.Read, Used: r.Used(), Imported: r.Imported,
		Updated: r.Updated, Deleted: r.Deleted, Unchanged: r.Unchanged, Ignored: r.Ignored, Rejected: r.Rejected,
		Completions: r.Completions, Causes: []Cause{}, Unknown: r.Unknown,
	}
	if r.Failed != nil {
		out.Failed = r.Failed.Error()
	}
	out.Causes = append(out.Causes, r.Causes...)
	return json.Marshal(out)
}
