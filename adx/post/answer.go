package post

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/hmis/dhis2"
)

// An Answer is the response of a receiver to a message.
type Answer struct {
	Status int // the status code of HTTP

	// Summary counts what became of the values. It comes from the report of a
	// [Handler], the import summary of DHIS2, or the OperationOutcome of a FHIR
	// server, which has issues but no counts.
	Summary hmis.Summary

	// Known is true if the body had one of these forms. If it is false, Summary
	// is empty. Bodies with more than 200,000 objects are not known.
	Known bool

	// Body is the decompressed body. A body of more than 16 MiB is an error.
	Body []byte
}

const (
	// maxAnswer is the length of the longest answer, decompressed, in bytes.
	maxAnswer = 16 << 20

	// maxObjects limits the objects or elements in an answer that is parsed.
	// That limits memory, since {} needs a hundred times its length.
	maxObjects = 200_000
)

// A StatusError is the error of a message that a receiver did not accept.
type StatusError struct {
	Status int    // the status code of HTTP, such as 409
	Answer Answer // the parsed body
}

// Error returns the error on one line, with the first issue of the highest
// severity.
func (e *StatusError) Error() string {
	s := "post: the answer is " + strconv.Itoa(e.Status) + " " + http.StatusText(e.Status)
	var worst *hmis.Issue
	for _, i := range e.Answer.Summary.Issues {
		if worst == nil || i.Severity > worst.Severity {
			worst = i
		}
	}
	if worst != nil && worst.Err != nil {
		s += ": " + oneLine(worst.Err.Error())
	}
	return s
}

// oneLine returns a text of a receiver on one line. A long text is cut.
func oneLine(s string) string {
	const most = 200
	if len(s) > most {
		s = strings.ToValidUTF8(s[:most], "") + "..."
	}
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, s)
}

// A cutError is an error of net/http with a short text. The original may quote
// megabytes.
type cutError struct{ error }

// Error returns the error on one line. A long text is cut.
func (e cutError) Error() string { return oneLine(e.error.Error()) }

// Unwrap returns the original error.
func (e cutError) Unwrap() error { return e.error }

// readResponse reads a response and closes it. The error is a *[StatusError]
// unless the status means success.
func readResponse(r *http.Response) (response, error) {
	got := response{answer: Answer{Status: r.StatusCode}, retryAfter: r.Header.Get("Retry-After")}
	if location, err := r.Location(); err == nil {
		got.location = location.String()
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, maxAnswer+1))
	if closing := r.Body.Close(); err == nil {
		err = closing
	}
	if err == nil && len(body) > maxAnswer {
		err = fmt.Errorf("the answer is longer than %d bytes", maxAnswer)
	}
	if err != nil {
		return got, fmt.Errorf("post: the answer is %d, but: %w", r.StatusCode, cutError{err})
	}
	got.answer.Body = body
	if bytes.Count(body, []byte("{"))+bytes.Count(body, []byte("<")) <= maxObjects {
		got.answer.Summary, got.answer.Known = parseAnswer(body)
	}
	switch code := r.StatusCode; {
	case code >= 200 && code < 300, code == http.StatusSeeOther && got.location != "":
		return got, nil
	}
	return got, &StatusError{Status: r.StatusCode, Answer: got.answer}
}

// parseAnswer parses a body in any known form. The second result is false if
// the form is not known.
func parseAnswer(body []byte) (hmis.Summary, bool) {
	for _, parse := range []func([]byte) (hmis.Summary, bool){parseReport, parseOutcome, parseSummaries} {
		if s, ok := parse(body); ok {
			return s, true
		}
	}
	s, err := dhis2.ReadSummary(bytes.NewReader(body))
	return s, err == nil
}

// parseSummaries parses the answer of DHIS2 up to about 2.36, an import summary
// for each group. all is their sum.
func parseSummaries(body []byte) (all hmis.Summary, ok bool) {
	var each [][]byte
	if isXML(body) {
		var root struct {
			XMLName xml.Name `xml:"importSummaries"`
			List    []struct {
				Content []byte `xml:",innerxml"`
			} `xml:"importSummary"`
		}
		if xml.Unmarshal(body, &root) != nil {
			return all, false
		}
		for _, s := range root.List {
			each = append(
				each,
				slices.Concat([]byte("<importSummary>"), s.Content, []byte("</importSummary>")),
			)
		}
	} else {
		type summaries struct {
			List []json.RawMessage `json:"importSummaries"`
		}
		var root struct {
			summaries
			Response summaries `json:"response"`
		}
		if json.Unmarshal(body, &root) != nil {
			return all, false
		}
		for _, s := range append(root.List, root.Response.List...) {
			each = append(each, s)
		}
	}
	for _, raw := range each {
		s, err := dhis2.ReadSummary(bytes.NewReader(raw))
		if err != nil {
			return all, false
		}
		all.Imported += s.Imported
		all.Updated += s.Updated
		all.Ignored += s.Ignored
		all.Deleted += s.Deleted
		all.Issues = append(all.Issues, s.Issues...)
	}
	return all, len(each) > 0
}

// isXML reports whether body looks like XML.
func isXML(body []byte) bool {
	return bytes.HasPrefix(bytes.TrimLeft(body, " \t\r\n\xef\xbb\xbf"), []byte("<"))
}

// parseReport parses the JSON of an adx.Report.
func parseReport(body []byte) (hmis.Summary, bool) {
	var report struct {
		Failed                       string
		Read                         *int
		Imported, Updated, Deleted   int
		Unchanged, Ignored, Rejected int
		Causes                       []struct {
			Rule, Severity, Attribute, Got, Reason string
			Rows                                   []int
		}
	}
	if json.Unmarshal(body, &report) != nil || report.Read == nil {
		return hmis.Summary{}, false
	}
	s := hmis.Summary{
		Imported: report.Imported, Updated: report.Updated + report.Unchanged, Deleted: report.Deleted,
		Ignored: report.Ignored + report.Rejected,
	}
	if report.Failed != "" {
		s.Issues = append(
			s.Issues,
			&hmis.Issue{Severity: hmis.Critical, Offset: -1, Err: errors.New(report.Failed)},
		)
	}
	for _, c := range report.Causes {
		s.Issues = append(s.Issues, &hmis.Issue{
			Code: c.Rule, Severity: severity(c.Severity), Field: c.Attribute,
			Object: hmis.Ref{Kind: hmis.Kind(c.Attribute), ID: hmis.UID(c.Got)},
			Rows:   c.Rows, Offset: -1, Err: errors.New(c.Reason),
		})
	}
	return s, true
}

// severity returns the severity that a word of this library or of FHIR means.
func severity(word string) hmis.Severity {
	switch word {
	case "critical", "fatal":
		return hmis.Critical
	case "severe", "error":
		return hmis.Severe
	case "warning":
		return hmis.Warning
	}
	return hmis.Info
}

// An outcome is an OperationOutcome of FHIR R4, in JSON or XML.
type outcome struct {
	Type  string `json:"resourceType" xml:"-"`
	Issue []struct {
		Severity    fhirText `json:"severity" xml:"severity"`
		Code        fhirText `json:"code" xml:"code"`
		Diagnostics fhirText `json:"diagnostics" xml:"diagnostics"`
		Details     struct {
			Text fhirText `json:"text" xml:"text"`
		} `json:"details" xml:"details"`
		Expression []fhirText `json:"expression" xml:"expression"`
	} `json:"issue" xml:"issue"`
}

// A fhirText is a text. In XML it is the attribute value of its element.
type fhirText struct {
	Value string `xml:"value,attr"`
}

// UnmarshalJSON implements [json.Unmarshaler].
func (t *fhirText) UnmarshalJSON(data []byte) error { return json.Unmarshal(data, &t.Value) }

// parseOutcome parses an OperationOutcome.
func parseOutcome(body []byte) (hmis.Summary, bool) {
	var o outcome
	if isXML(body) {
		var root struct {
			XMLName xml.Name `xml:"http://hl7.org/fhir OperationOutcome"`
			outcome
		}
		if xml.Unmarshal(body, &root) != nil {
			return hmis.Summary{}, false
		}
		o = root.outcome
	} else if json.Unmarshal(body, &o) != nil || o.Type != "OperationOutcome" {
		return hmis.Summary{}, false
	}
	var s hmis.Summary
	for _, i := range o.Issue {
		var parts, where []string
		for _, text := range []string{i.Details.Text.Value, i.Diagnostics.Value} {
			if text != "" {
				parts = append(parts, text)
			}
		}
		if len(parts) == 0 {
			parts = []string{i.Code.Value}
		}
		for _, e := range i.Expression {
			where = append(where, e.Value)
		}
		s.Issues = append(s.Issues, &hmis.Issue{
			Code: i.Code.Value, Severity: severity(i.Severity.Value), Field: strings.Join(where, ", "),
			Offset: -1, Err: errors.New(strings.Join(parts, ": ")),
		})
	}
	return s, true
}
