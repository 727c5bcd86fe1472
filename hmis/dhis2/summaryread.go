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
	maxAnswer = 64 << 20  // bytes of an answer, all of which is kept while it is read
	maxIssues = 128 << 20 // bytes of the issues that are made of it
)

// wantSummary is what a reader of summaries wants in place of something else.
const wantSummary = "an import summary with a status or importCount"

// ReadSummary reads the answer of a server to an import, in JSON or XML: one
// import summary, alone or within the envelope of newer servers, or a list of
// them, as servers up to 2.36 answer a message in groups. Of a list the result
// is the sum.
//
// Conflicts are the issues of the summary, with their Code, the object, the
// property as Field and the positions of the rows. If the import failed as a
// whole, the first issue is Critical and says why. An answer that is about no
// import, such as that of a server which does not know the caller, is an error
// that quotes its status and message.
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

// An answer collects what a server says about one import, or about several.
type answer struct {
	status, description, message, httpCode string

	about   bool // it says something about an import
	counted bool // by importCount or a list, not by counts of its own
	sum     hmis.Summary
	own     hmis.Summary // counts beside a list or without importCount
	parts   int
	held    *int // bytes of issues, shared with the parts
}

// json reads one summary, an envelope, or a list of summaries.
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

// list adds up several summaries.
func (a *answer) list(raw []byte) error {
	return entries(raw, func(m jsontext.Member) error { return a.part(m.Raw) })
}

// part adds a summary within another.
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

// summary returns what the answer comes to.
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

// answerError quotes what a server said in place of what was wanted.
func answerError(status, code, message, want string) error {
	if code != "" {
		status += " " + code
	}
	return fmt.Errorf("the answer of a server, %s: %s: want %s", quote.Line(status, 64), quoted(message), want)
}

func (a *answer) complete(text string) error {
	if text == "" || text == "false" || text == "true" {
		return nil // "true" names no day
	}
	m, err := period.ParseDate(text)
	if err != nil {
		return err
	}
	a.sum.Completed = m
	return nil
}

// conflict reads one conflict.
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

// objectOf returns the one of some objects by kind that has an id, or else the
// first by the name of its kind.
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

// issue adds an issue that was made of so many bytes.
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

// readText reads a text, or the literal text of a number or boolean.
func readText[T ~string](raw []byte, to *T) error {
	s, err := jsontext.Scalar(raw)
	*to = T(s)
	return err
}

// tally is what a member of a count adds to.
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
