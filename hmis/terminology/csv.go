package terminology

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/internal/quote"
	"github.com/ohie-hmis/hmis-go/internal/spreadsheet"
)

// ReadCodeSystemCSV reads a complete code system from a table, plain or
// compressed by gzip or zip (RULES.md#tables). The first row names the columns:
// code, and optionally display, definition and parent, which has the code
// above. h provides what a table cannot say, such as the URL. The error is an
// *[hmis.Issue] with the line.
func ReadCodeSystemCSV(r io.Reader, h Header) (CodeSystem, error) {
	s := CodeSystem{Header: h, Content: "complete"}
	err := readTable(r, []string{"code"}, []string{"display", "definition", "parent"}, func(row map[string]string) {
		c := Concept{Code: row["code"], Display: row["display"], Definition: row["definition"]}
		if parent := row["parent"]; parent != "" {
			c.Properties = []Property{{Code: "parent", Type: "code", Value: parent}}
		}
		s.Concepts = append(s.Concepts, c)
	})
	return s, err
}

// WriteCSV writes the codes of the system as a table for [ReadCodeSystemCSV]:
// code, display, definition and parent. If a code has several parents, only the
// first is written. Designations and other properties are left out.
func (s CodeSystem) WriteCSV(w io.Writer) error {
	out := csv.NewWriter(w)
	_ = out.Write([]string{"code", "display", "definition", "parent"}) // the Writer keeps an error until Flush
	writeConcepts(out, s.Concepts, "")
	out.Flush()
	return out.Error()
}

func writeConcepts(out *csv.Writer, list []Concept, parent string) {
	for _, c := range list {
		above := parent
		if i := slices.IndexFunc(c.Properties, func(p Property) bool { return p.Code == "parent" }); i >= 0 && above == "" {
			above = c.Properties[i].Value
		}
		writeRow(out, c.Code, c.Display, c.Definition, above)
		writeConcepts(out, c.Concepts, c.Code)
	}
}

func writeRow(out *csv.Writer, cells ...string) {
	for i := range cells {
		cells[i] = spreadsheet.Guard(cells[i])
	}
	_ = out.Write(cells)
}

// ReadValueSetCSV reads a value set from a list of codes (RULES.md#tables). The
// first row names the columns: system and code, and optionally version and
// display. The list becomes both the definition of the value set and its
// expansion.
func ReadValueSetCSV(r io.Reader, h Header) (ValueSet, error) {
	v := ValueSet{Header: h, Expansion: &Expansion{}}
	err := readTable(r, []string{"system", "code"}, []string{"version", "display"}, func(row map[string]string) {
		c := Coding{row["system"], row["version"], row["code"], row["display"]}
		v.Expansion.Codes = append(v.Expansion.Codes, c)
		v.Expansion.Total++
		n := len(v.Include)
		if n == 0 || v.Include[n-1].System != c.System || v.Include[n-1].Version != c.Version {
			v.Include = append(v.Include, Selection{System: c.System, Version: c.Version})
			n++
		}
		v.Include[n-1].Concepts = append(v.Include[n-1].Concepts, Coding{System: c.System, Code: c.Code, Display: c.Display})
	})
	return v, err
}

// WriteCSV writes the codes as a table that [ReadValueSetCSV] reads.
func (e Expansion) WriteCSV(w io.Writer) error {
	out := csv.NewWriter(w)
	_ = out.Write([]string{"system", "version", "code", "display"}) // the Writer keeps an error until Flush
	for _, c := range e.Codes {
		writeRow(out, c.System, c.Version, c.Code, c.Display)
	}
	out.Flush()
	return out.Error()
}

// readTable calls f for each row of a table.
func readTable(r io.Reader, needed, other []string, f func(row map[string]string)) error {
	in, err := spreadsheet.Open(r, ',')
	if err != nil {
		return &hmis.Issue{Code: "structure", Severity: hmis.Critical, Field: "line 1", Err: err}
	}
	limited := &io.LimitedReader{R: in, N: maxBytes + 1}
	rows := csv.NewReader(limited)
	line := 1
	fail := func(format string, args ...any) error {
		return &hmis.Issue{
			Code: "structure", Severity: hmis.Critical, Field: fmt.Sprintf("line %d", line), Offset: rows.InputOffset(), Err: fmt.Errorf(format, args...),
		}
	}
	heading, err := rows.Read()
	if err == io.EOF {
		return fail("no heading: want the columns %s", strings.Join(needed, ", "))
	}
	for i, name := range heading {
		switch {
		case slices.Contains(heading[:i], name):
			return fail("column %s is there twice", quote.Text(name))
		case !slices.Contains(needed, name) && !slices.Contains(other, name):
			return fail("unknown column %s: want one of %s", quote.Text(name), strings.Join(append(slices.Clone(needed), other...), ", "))
		}
	}
	for _, name := range needed {
		if err == nil && !slices.Contains(heading, name) {
			return fail("no column %s", name)
		}
	}
	row := map[string]string{}
	var cells []string
	for err == nil {
		if cells, err = rows.Read(); err != nil {
			break
		}
		line, _ = rows.FieldPos(0)
		for i, name := range heading {
			if !utf8.ValidString(cells[i]) || strings.Contains(cells[i], "\r") {
				return fail("%s %s: want UTF-8 without carriage returns", name, quote.Text(cells[i]))
			}
			row[name] = spreadsheet.Unguard(cells[i])
		}
		for _, name := range needed {
			if row[name] == "" {
				return fail("no %s", name)
			}
		}
		f(row)
	}
	switch bad, ok := errors.AsType[*csv.ParseError](err); {
	case limited.N == 0: // the last row may be incomplete
		return fail("more than %d bytes", maxBytes)
	case ok:
		line = bad.Line
		return fail("%w", bad.Err)
	case err != io.EOF:
		return fail("%w", err)
	}
	return nil
}
