package dhis2

import (
	"bufio"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/period"
)

// maxSummary bounds the answer of a server, all of which is kept.
const maxSummary = 64 << 20

// ReadSummary reads the answer of a server to an import, in JSON or XML, alone
// or within the envelope of newer servers. Its conflicts are the issues of the
// summary, with their Code, the object, the property as Field and the positions
// of the rows. If the import failed as a whole, the first issue is Critical and
// says why (interoperability specification, section 7.5).
func ReadSummary(r io.Reader) (hmis.Summary, error) {
	text, skipped, err := open(r)
	if err != nil {
		return hmis.Summary{}, err
	}
	j := &jsonReader{src: text, base: skipped, limit: maxSummary}
	c, err := j.peek()
	if err != nil {
		return hmis.Summary{}, err
	}
	if c == '<' {
		return readXMLSummary(newXMLReader(io.MultiReader(strings.NewReader(string(j.buf[j.pos:])), text), j.offset()))
	}
	raw, offset, err := j.raw()
	if err == nil {
		err = j.finish()
	}
	if err != nil {
		return hmis.Summary{}, err
	}
	if raw, err = inner(raw); err != nil {
		return hmis.Summary{}, at(offset, err)
	}
	var s jsonSummary
	if err := json.Unmarshal(raw, &s); err != nil {
		return hmis.Summary{}, at(offset, errors.New(strings.TrimPrefix(err.Error(), "json: ")))
	}
	if s.Counts == nil && s.Status == "" && len(s.Conflicts) == 0 {
		return hmis.Summary{}, at(offset, errors.New("want an import summary with a status or importCount"))
	}
	return s.summary()
}

// inner takes a summary out of the envelope of newer servers.
func inner(raw []byte) ([]byte, error) {
	if raw[0] != '{' {
		return nil, want(raw, "an import summary")
	}
	response := raw
	err := members(raw, func(m member) error {
		if m.name == "response" && m.raw[0] == '{' {
			response = m.raw
		}
		return nil
	})
	return response, err
}

// A jsonSummary is the wire form.
type jsonSummary struct {
	Type        string         `json:"responseType,omitempty"`
	Status      string         `json:"status"`
	Description string         `json:"description,omitempty"`
	Message     string         `json:"message,omitempty"`
	Counts      *jsonCounts    `json:"importCount"`
	Conflicts   []jsonConflict `json:"conflicts,omitempty"`
	Rejected    []int          `json:"rejectedIndexes,omitempty"`
	Complete    any            `json:"dataSetComplete,omitempty"`
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

func (s jsonSummary) summary() (hmis.Summary, error) {
	var out hmis.Summary
	if c := s.Counts; c != nil {
		out = hmis.Summary{Imported: c.Imported, Updated: c.Updated, Ignored: c.Ignored, Deleted: c.Deleted}
	}
	if why := s.Description + s.Message; s.Status == "ERROR" && (len(s.Conflicts) == 0 || s.Description != "") {
		if why == "" {
			why = "the import failed"
		}
		out.Issues = append(out.Issues, &hmis.Issue{Severity: hmis.Critical, Offset: -1, Err: errors.New(why)})
	}
	if text, ok := s.Complete.(string); ok && text != "" && text != "false" {
		day, err := period.ParseDate(text)
		if err != nil {
			return out, fmt.Errorf("dhis2: dataSetComplete: %w", err)
		}
		out.Completed = day
	}
	for _, c := range s.Conflicts {
		issue := &hmis.Issue{
			Code: c.Code, Severity: hmis.Severe, Field: c.Property, Rows: c.Indexes, Offset: -1, Err: errors.New(c.Value),
		}
		for _, kind := range slices.Sorted(maps.Keys(c.Objects)) {
			if id := c.Objects[kind]; issue.Object.ID == "" || id == c.Object {
				issue.Object = hmis.Ref{Kind: hmis.Kind(kind), ID: hmis.UID(id)}
			}
		}
		if issue.Object.ID == "" {
			issue.Object.ID = hmis.UID(c.Object)
		}
		out.Issues = append(out.Issues, issue)
	}
	return out, nil
}

// readXMLSummary reads the root importSummary.
func readXMLSummary(x *xmlReader) (hmis.Summary, error) {
	if _, err := x.root("importSummary", "webMessage"); err != nil {
		return hmis.Summary{}, err
	}
	var s jsonSummary
	if err := x.summary(&s); err != nil {
		return hmis.Summary{}, err
	}
	return s.summary()
}

// summary takes the elements within the root, wherever they are: conflicts lie in
// conflicts, and a newer server puts a response around all of it.
func (x *xmlReader) summary(s *jsonSummary) error {
	var open []string
	for {
		t, err := x.token()
		if err != nil {
			return err
		}
		switch t := t.(type) {
		case xml.StartElement:
			if len(open) >= maxDepth {
				return x.fail(fmt.Errorf("want at most %d levels of nesting", maxDepth))
			}
			open = append(open, t.Name.Local)
			if err := s.element(t); err != nil {
				return x.fail(err)
			}
		case xml.EndElement:
			if len(open) == 0 {
				return x.finish()
			}
			open = open[:len(open)-1]
		case xml.CharData:
			if len(open) > 0 {
				s.content(open[len(open)-1], string(t))
			}
		}
	}
}

// element takes what stands in attributes.
func (s *jsonSummary) element(start xml.StartElement) error {
	switch start.Name.Local {
	case "conflict":
		var c jsonConflict
		for _, a := range start.Attr {
			switch a.Name.Local {
			case "object":
				c.Object = a.Value
			case "value":
				c.Value = a.Value
			case "errorCode":
				c.Code = a.Value
			case "property":
				c.Property = a.Value
			}
		}
		s.Conflicts = append(s.Conflicts, c)
	case "importCount", "dataValueCount":
		s.Counts = new(jsonCounts)
		for _, a := range start.Attr {
			n, err := strconv.Atoi(a.Value)
			if err != nil {
				return fmt.Errorf("%s: %q: want a whole number", a.Name.Local, short(a.Value))
			}
			switch a.Name.Local {
			case "imported":
				s.Counts.Imported = n
			case "updated":
				s.Counts.Updated = n
			case "ignored":
				s.Counts.Ignored = n
			case "deleted":
				s.Counts.Deleted = n
			}
		}
	}
	return nil
}

// content takes what stands between tags.
func (s *jsonSummary) content(name, text string) {
	switch name {
	case "status":
		s.Status += text
	case "description":
		s.Description += text
	case "dataSetComplete":
		before, _ := s.Complete.(string)
		s.Complete = before + text
	}
}

// WriteSummary writes a summary as servers answer. The status is SUCCESS without
// issues, ERROR if some are severe and nothing was written, and WARNING otherwise.
// Values may be ignored without any issue, such as those that were there already
// (interoperability specification, sections 7.2 and 7.5).
func WriteSummary(w io.Writer, s hmis.Summary) error {
	out := jsonSummary{
		Type: "ImportSummary", Status: "SUCCESS",
		Counts:   &jsonCounts{s.Imported, s.Updated, s.Ignored, s.Deleted},
		Complete: "false",
	}
	if s.Completed != 0 {
		out.Complete = s.Completed.String()
	}
	if len(s.Issues) > 0 {
		out.Status = "WARNING"
		isError := func(i *hmis.Issue) bool { return i.Severity >= hmis.Severe }
		if s.Imported+s.Updated+s.Deleted == 0 && slices.ContainsFunc(s.Issues, isError) {
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
