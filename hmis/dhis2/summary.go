package dhis2

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/ohie-hmis/hmis-go/hmis"
)

// A jsonSummary is a summary in the form in which it is written.
type jsonSummary struct {
	Type        string         `json:"responseType,omitempty"`
	Status      string         `json:"status"`
	Description string         `json:"description,omitempty"`
	Counts      jsonCounts     `json:"importCount"`
	Conflicts   []jsonConflict `json:"conflicts,omitempty"`
	Rejected    []int          `json:"rejectedIndexes,omitempty"`
	Complete    string         `json:"dataSetComplete"`
}

type jsonCounts struct {
	Imported int `json:"imported"`
	Updated  int `json:"updated"`
	Ignored  int `json:"ignored"`
	Deleted  int `json:"deleted"`
}

type jsonConflict struct {
	Object   string            `json:"object,omitempty"`
	Objects  map[string]string `json:"objects,omitempty"`
	Value    string            `json:"value"`
	Code     string            `json:"errorCode,omitempty"`
	Property string            `json:"property,omitempty"`
	Indexes  []int             `json:"indexes,omitempty"`
}

// WriteSummary writes a summary in the form of a server's answer. The status is
// SUCCESS without issues, ERROR if one is critical, or if some are severe and
// nothing was stored, and WARNING otherwise. Values may be ignored without an
// issue, for example because they were stored before
// (RULES.md#import-summaries).
func WriteSummary(w io.Writer, s hmis.Summary) error {
	out := jsonSummary{
		Type: "ImportSummary", Status: "SUCCESS",
		Counts:   jsonCounts{s.Imported, s.Updated, s.Ignored, s.Deleted},
		Complete: "false",
	}
	if s.Completed != 0 {
		out.Complete = s.Completed.String()
	}
	if len(s.Issues) > 0 {
		out.Status = "WARNING"
		isError := func(i *hmis.Issue) bool { return i.Severity >= hmis.Severe }
		isCritical := func(i *hmis.Issue) bool { return i.Severity >= hmis.Critical }
		if s.Imported+s.Updated+s.Deleted == 0 && slices.ContainsFunc(s.Issues, isError) || slices.ContainsFunc(s.Issues, isCritical) {
			out.Status = "ERROR"
		}
	}
	rejected := map[int]bool{}
	for _, issue := range s.Issues {
		msg := issue.Error()
		if issue.Err != nil {
			msg = issue.Err.Error()
		}
		if issue.Severity == hmis.Critical && issue.Object == (hmis.Ref{}) && out.Description == "" {
			out.Status, out.Description = "ERROR", msg
			continue
		}
		c := jsonConflict{Object: string(issue.Object.ID), Value: msg, Code: issue.Code, Property: issue.Field, Indexes: issue.Rows}
		if issue.Object.Kind != "" {
			c.Objects = map[string]string{string(issue.Object.Kind): string(issue.Object.ID)}
		}
		for _, row := range issue.Rows {
			rejected[row] = true
		}
		out.Conflicts = append(out.Conflicts, c)
	}
	out.Rejected = slices.Sorted(maps.Keys(rejected))
	b := bufio.NewWriter(w)
	e := json.NewEncoder(b)
	e.SetEscapeHTML(false)
	if err := e.Encode(out); err != nil {
		return fmt.Errorf("dhis2: %w", err)
	}
	return b.Flush()
}
