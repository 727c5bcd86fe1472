package madx

import (
	"io"
	"strings"

	"github.com/ohie-hmis/hmis-go/adx"
	"github.com/ohie-hmis/hmis-go/hmis"
)

// WriteOutcome writes findings as an OperationOutcome in JSON, each with its
// FHIRPath. Use it as the body of an HTTP answer with status 422. Without
// findings the outcome states that there is no problem.
func WriteOutcome(w io.Writer, findings []adx.Finding) error {
	return encode(w, outcomeOf(findings), "  ")
}

// WriteOutcomeXML writes findings in XML. Otherwise it is like [WriteOutcome].
func WriteOutcomeXML(w io.Writer, findings []adx.Finding) error {
	return encodeXML(w, outcomeOf(findings), "  ")
}

type (
	wireOutcome struct {
		ResourceType string      `json:"resourceType"`
		Issue        []wireIssue `json:"issue"`
	}
	wireIssue struct {
		Severity    string   `json:"severity"`
		Code        string   `json:"code"`
		Diagnostics string   `json:"diagnostics"`
		Expression  []string `json:"expression,omitempty"`
	}
)

func outcomeOf(findings []adx.Finding) wireOutcome {
	out := wireOutcome{ResourceType: "OperationOutcome"}
	for _, f := range findings {
		i := wireIssue{issueSeverity(f.Severity), issueCode(f), strings.TrimPrefix(f.Error(), "adx: "), nil}
		if f.Path != "" {
			i.Expression = []string{f.Path}
		}
		out.Issue = append(out.Issue, i)
	}
	if len(findings) == 0 {
		out.Issue = []wireIssue{{"information", "informational", "no departure from the profile", nil}}
	}
	return out
}

func issueSeverity(s hmis.Severity) string {
	switch s {
	case hmis.Info:
		return "information"
	case warning:
		return "warning"
	case critical:
		return "fatal"
	}
	return "error"
}

// issueCode returns the FHIR code for the kind of problem that f is.
func issueCode(f adx.Finding) string {
	switch f.Rule {
	case "MADX-001", "MADX-002":
		return "structure"
	case "MADX-007", "MADX-011", "MADX-012":
		return "code-invalid"
	case "MADX-014", "MADX-018":
		return "duplicate"
	case "MADX-017", "MADX-019":
		return "not-found"
	case "ADX-160", "ADX-161", "ADX-162", "ADX-163", "ADX-164", "ADX-165":
		return "too-long"
	}
	if f.Err != nil && strings.HasPrefix(f.Err.Error(), "missing") {
		return "required"
	}
	return "invariant"
}
