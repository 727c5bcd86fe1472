package dhis2

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/hmis/dhis2/internal/jsontext"
	"github.com/ohie-hmis/hmis-go/internal/quote"
	"github.com/ohie-hmis/hmis-go/period"
)

const (
	maxAnswer = 64 << 20  // length of an answer in bytes; all of it is held in memory
	maxIssues = 128 << 20 // memory for the issues in an answer, in bytes
)

// wantSummary names the expected content, for errors about an answer.
const wantSummary = "an import summary with a status or importCount"

// ReadSummary reads the answer of a server to an import, in JSON or XML: one
// import summary, alone or in the envelope of newer servers, or a list of
// summaries, which servers up to 2.36 send for a message in groups. The result
// for a list is the sum.
//
// Conflicts are the issues of the summary, with their Code, the object, the
// property as Field and the positions of the rows. If the whole import failed,
// the first issue is Critical and has the reason. An answer that is no summary,
// such as a refused login, is an error with its status and message.
func ReadSummary(r io.Reader) (hmis.Summary, error) {
	text, skipped, err := open(r)
	if err != nil {
		return hmis.Summary{}, err
	}
	j := &jsonReader{src: text, base: skipped, limit: maxAnswer}
	c, err := j.peek()
	if err != nil {
		return hmis.Summary{}, err
	}
	if c == '<' {
		return readXMLSummary(newXMLReader(io.MultiReader(strings.NewReader(string(j.buf[j.pos:])), text), j.offset()))
	}
	if err := j.isJSON("an import summary"); err != nil {
		return hmis.Summary{}, err
	}
	raw, offset, err := j.raw()
	if err == nil {
		err = j.finish()
	}
	if err != nil {
		return hmis.Summary{}, err
	}
	var a answer
	if err := a.json(raw); err != nil {
		return hmis.Summary{}, within(offset, err)
	}
	s, err := a.summary()
	return s, at(offset, err)
}

// An answer collects the statements of a server about one or more imports.
type answer struct {
	status, description, message, httpCode string

	about   bool // the answer concerns an import
	counted bool // its counts are in importCount or a list
	sum     hmis.Summary
	own     hmis.Summary // counts stated by the answer itself, used if there are no others
	parts   int
	held    *int // memory of all issues in bytes, shared with the parts
}

// json parses one summary, an envelope, or a list of summaries.
func (a *answer) json(raw []byte) error {
	if a.held == nil {
		a.held = new(int)
	}
	switch raw[0] {
	case '[':
		return a.list(raw)
	case '{':
		return jsontext.Members(raw, func(m jsontext.Member) error {
			if err := a.member(m); err != nil {
				return fmt.Errorf("%s: %w", quote.Line(m.Name, 64), err)
			}
			return nil
		})
	}
	return want(raw, "an import summary")
}

func (a *answer) member(m jsontext.Member) error {
	if m.Raw[0] == 'n' {
		return nil
	}
	switch m.Name {
	case "status":
		return readText(m.Raw, &a.status)
	case "description":
		return readText(m.Raw, &a.description)
	case "message":
		return readText(m.Raw, &a.message)
	case "httpStatusCode":
		return readText(m.Raw, &a.httpCode)
	case "dataSetComplete":
		var text string
		if err := readText(m.Raw, &text); err != nil {
			return err
		}
		return a.complete(text)
	case "importCount", "dataValueCount", "stats":
		a.about, a.counted = true, true
		return jsontext.Members(m.Raw, func(m jsontext.Member) error { return countMember(&a.sum, m) })
	case "imported", "updated", "ignored", "deleted":
		a.about = true
		return countMember(&a.own, m)
	case "conflicts", "importConflicts":
		a.about = true
		return entries(m.Raw, func(m jsontext.Member) error { return a.conflict(m.Raw) })
	case "importSummaries":
		if m.Raw[0] == '{' { // {"importSummary": [...]}
			return jsontext.Members(m.Raw, func(m jsontext.Member) error { return a.list(m.Raw) })
		}
		return a.list(m.Raw)
	case "response":
		if m.Raw[0] == '{' {
			return a.part(m.Raw)
		}
	}
	return nil
}

// list adds up a list of summaries.
func (a *answer) list(raw []byte) error {
	return entries(raw, func(m jsontext.Member) error { return a.part(m.Raw) })
}

// part adds a summary that is inside another.
func (a *answer) part(raw []byte) error {
	if raw[0] == 'n' {
		return nil
	}
	part := answer{held: a.held}
	if err := part.json(raw); err != nil {
		return err
	}
	return a.add(part)
}

func (a *answer) add(part answer) error {
	s, err := part.summary()
	if err != nil {
		return err
	}
	a.parts++
	a.about, a.counted = true, true
	a.sum.Imported += s.Imported
	a.sum.Updated += s.Updated
	a.sum.Ignored += s.Ignored
	a.sum.Deleted += s.Deleted
	a.sum.Issues = append(a.sum.Issues, s.Issues...)
	a.sum.Completed = cmp.Or(s.Completed, a.sum.Completed)
	return nil
}

// summary returns the sum of all that was read.
func (a *answer) summary() (hmis.Summary, error) {
	out := a.sum
	if !a.counted {
		out.Imported, out.Updated, out.Ignored, out.Deleted = a.own.Imported, a.own.Updated, a.own.Ignored, a.own.Deleted
	}
	why := a.description + a.message
	if !a.about {
		switch {
		case a.status == "":
			return out, errors.New("want " + wantSummary)
		case a.httpCode != "" && a.status != "SUCCESS" && a.status != "OK":
			return out, answerError(a.status, a.httpCode, why, wantSummary)
		}
	}
	if a.status == "ERROR" && a.parts == 0 && (len(out.Issues) == 0 || a.description != "") {
		if why == "" {
			why = "the import failed"
		}
		failed := &hmis.Issue{Severity: hmis.Critical, Offset: -1, Err: errors.New(why)}
		out.Issues = slices.Insert(out.Issues, 0, failed)
	}
	return out, nil
}

// answerError returns an error with the status and message of an answer that is
// not what was expected.
func answerError(status, code, message, want string) error {
	if code != "" {
		status += " " + code
	}
	return fmt.Errorf("the answer of a server, %s: %s: want %s", quote.Line(status, 64), quoted(message), want)
}

func (a *answer) complete(text string) error {
	if text == "" || text == "false" || text == "true" {
		return nil // "true" is no day
	}
	m, err := period.ParseDate(text)
	if err != nil {
		return err
	}
	a.sum.Completed = m
	return nil
}

// conflict parses one conflict and adds it as an issue.
func (a *answer) conflict(raw []byte) error {
	if raw[0] == 'n' {
		return nil
	}
	if raw[0] != '{' {
		return want(raw, "a conflict")
	}
	var c hmis.Issue
	var object, value string
	var objects []byte
	err := jsontext.Members(raw, func(m jsontext.Member) error {
		switch m.Name {
		case "object":
			return readText(m.Raw, &object)
		case "value":
			return readText(m.Raw, &value)
		case "errorCode":
			return readText(m.Raw, &c.Code)
		case "property":
			return readText(m.Raw, &c.Field)
		case "indexes":
			if err := a.hold(16 * count(m.Raw)); err != nil {
				return err
			}
			return entries(m.Raw, func(m jsontext.Member) error {
				n, err := wholeNumber(m.Raw)
				c.Rows = append(c.Rows, n)
				return err
			})
		case "objects":
			objects = m.Raw
		}
		return nil
	})
	if err == nil {
		c.Object, err = objectOf(objects, object)
	}
	if err != nil {
		return err
	}
	if c.Object.ID == "" {
		c.Object.ID = hmis.UID(object)
	}
	return a.issue(c, value, len(raw))
}

// objectOf returns the object with an id from a map of objects by kind. If none
// has the id, it is the first by the name of its kind.
func objectOf(objects []byte, id string) (about hmis.Ref, err error) {
	err = jsontext.Members(objects, func(m jsontext.Member) error {
		var one string
		if err := readText(m.Raw, &one); err != nil {
			return err
		}
		r := hmis.Ref{Kind: hmis.Kind(m.Name), ID: hmis.UID(one)}
		is, was := one == id, string(about.ID) == id
		if about.ID == "" || is && !was || is == was && r.Kind < about.Kind {
			about = r
		}
		return nil
	})
	return about, err
}

// issue adds an issue. size is the length of its text in bytes.
func (a *answer) issue(c hmis.Issue, message string, size int) error {
	const each = 256 // an Issue, its error and the pointers to it
	c.Severity, c.Offset, c.Err = hmis.Severe, -1, errors.New(message)
	a.sum.Issues = append(a.sum.Issues, &c)
	return a.hold(each + size)
}

func (a *answer) hold(size int) error {
	if *a.held += size; *a.held > maxIssues {
		return fmt.Errorf("want at most %d MiB of conflicts", maxIssues>>20)
	}
	return nil
}

// readText parses a text. For a number or boolean it is the literal.
func readText[T ~string](raw []byte, to *T) error {
	s, err := jsontext.Scalar(raw)
	*to = T(s)
	return err
}

// tally returns the count to which a member adds.
func tally(s *hmis.Summary, name string) *int {
	switch name {
	case "imported", "created":
		return &s.Imported
	case "updated":
		return &s.Updated
	case "ignored":
		return &s.Ignored
	case "deleted":
		return &s.Deleted
	}
	return nil
}

func countMember(s *hmis.Summary, m jsontext.Member) error {
	if tally(s, m.Name) == nil || m.Raw[0] == 'n' {
		return nil
	}
	var text string
	if err := readText(m.Raw, &text); err != nil {
		return err
	}
	return addCount(s, m.Name, text)
}

func addCount(s *hmis.Summary, name, text string) error {
	to := tally(s, name)
	if to == nil {
		return nil
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		return fmt.Errorf("%s: %s: want a whole number", name, quoted(text))
	}
	*to += n
	return nil
}
