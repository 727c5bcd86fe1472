package crosswalk

import (
	"cmp"
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

// CSV reads and writes the entries and org units of a map as a table
// (RULES.md#tables). The first row names the columns. source and target are
// required; kind, entry, relation, sourceCombo, weight, targetCombo, over,
// integer, whole and comment are optional. So a list with two columns is a map.
// The caller sets the other fields of the map, such as period types.
type CSV struct {
	Comma  rune     // column separator; 0 means a comma
	Ignore []string // unknown columns to skip; any other unknown column is an error
}

// The columns, in the order in which they are written.
const (
	colKind        = "kind" // "orgUnit", or "" or "data" for an entry
	colEntry       = "entry"
	colRelation    = "relation"
	colSource      = "source"
	colSourceCombo = "sourceCombo"
	colWeight      = "weight"
	colTarget      = "target"
	colTargetCombo = "targetCombo"
	colOver        = "over"
	colInteger     = "integer"
	colWhole       = "whole"
	colComment     = "comment"
)

var columns = []string{
	colKind, colEntry, colRelation, colSource, colSourceCombo, colWeight, colTarget, colTargetCombo, colOver, colInteger, colWhole, colComment,
}

const (
	kindData = "data"
	kindUnit = "orgUnit"

	// maxTable limits the size of a table in bytes.
	maxTable = 256 << 20
	// maxFindings limits how many wrong cells of a table are reported.
	maxFindings = 100
)

// Read reads a table, as it is or compressed by gzip or zip. The error is [hmis.Issues] with up to 100 cells that are
// wrong, each with its line and column. The map is not checked: see [Map.Check].
func (f CSV) Read(r io.Reader) (Map, error) {
	comma := cmp.Or(f.Comma, ',')
	in, err := spreadsheet.Open(r, comma)
	if err != nil {
		return Map{}, hmis.Issues{{Severity: hmis.Critical, Field: "line 1", Err: err}}
	}
	limited := &io.LimitedReader{R: in, N: maxTable + 1}
	t := tableReader{csv: csv.NewReader(limited), at: map[string]int{}, gather: newGatherer()}
	t.csv.Comma = comma
	err = t.heading(f.Ignore)
	for err == nil && len(t.issues) < maxFindings {
		if t.row, err = t.csv.Read(); err == nil {
			t.read()
		}
		if limited.N == 0 {
			err = fmt.Errorf("more than %d bytes", maxTable)
		}
	}
	if err != nil && err != io.EOF {
		line := 1
		if bad, ok := errors.AsType[*csv.ParseError](err); ok {
			line, err = bad.Line, bad.Err
		} else if len(t.row) > 0 {
			line, _ = t.csv.FieldPos(0)
		}
		t.fail(line, "", err)
	}
	if len(t.issues) > 0 {
		return Map{}, t.issues
	}
	t.gather.name()
	return Map{Entries: t.gather.entries, OrgUnits: t.units}, nil
}

// A tableReader reads rows.
type tableReader struct {
	csv    *csv.Reader
	at     map[string]int // index of each column
	row    []string
	units  []Pair
	gather *gatherer
	issues hmis.Issues
}

func (t *tableReader) fail(line int, column string, err error) {
	place := fmt.Sprintf("line %d", line)
	if column != "" {
		place += ": " + column
	}
	t.issues = append(t.issues, &hmis.Issue{Severity: hmis.Critical, Field: place, Offset: t.csv.InputOffset(), Err: err})
}

// refuse reports an invalid cell of the current row.
func (t *tableReader) refuse(column, format string, args ...any) {
	line, _ := t.csv.FieldPos(0)
	t.fail(line, column, fmt.Errorf(format, args...))
}

func (t *tableReader) heading(ignore []string) error {
	row, err := t.csv.Read()
	if err == io.EOF {
		return errors.New("no heading: want the columns source and target")
	}
	if err != nil {
		return err
	}
	for i, name := range row {
		_, repeats := t.at[name]
		switch {
		case slices.Contains(ignore, name):
		case repeats:
			t.fail(1, "", fmt.Errorf("column %s is there twice", quote.Text(name)))
		case !slices.Contains(columns, name):
			t.fail(1, "", fmt.Errorf("unknown column %s: want one of %s", quote.Text(name), strings.Join(columns, ", ")))
		default:
			t.at[name] = i
		}
	}
	for _, name := range []string{colSource, colTarget} {
		if _, ok := t.at[name]; !ok {
			t.fail(1, "", fmt.Errorf("no column %s", name))
		}
	}
	if len(t.issues) > 0 {
		return io.EOF
	}
	return nil
}

func (t *tableReader) cell(column string) string {
	i, ok := t.at[column]
	if !ok {
		return ""
	}
	text := t.row[i]
	switch {
	case !utf8.ValidString(text):
		t.refuse(column, "%s: want UTF-8", quote.Text(text))
	case strings.Contains(text, "\r"): // encoding/csv reads \r\n as \n, so the text would change
		t.refuse(column, "%s: want no carriage return", quote.Text(text))
	}
	return spreadsheet.Unguard(text)
}

func (t *tableReader) read() {
	switch kind := t.cell(colKind); kind {
	case "", kindData:
		t.entry()
	case kindUnit:
		t.unit()
	default:
		t.refuse(colKind, "%s: want %s or %s", quote.Text(kind), kindData, kindUnit)
	}
}

func (t *tableReader) unit() {
	pair := Pair{hmis.UID(t.cell(colSource)), hmis.UID(t.cell(colTarget))}
	for _, column := range columns {
		if column != colKind && column != colSource && column != colTarget && t.cell(column) != "" {
			t.refuse(column, "%s: an org unit has only a source and a target", quote.Text(t.cell(column)))
		}
	}
	t.units = append(t.units, pair)
}

func (t *tableReader) entry() {
	e := Entry{
		ID:       t.cell(colEntry),
		To:       hmis.Operand{DataElement: hmis.UID(t.cell(colTarget)), OptionCombo: hmis.UID(t.cell(colTargetCombo))},
		Relation: Relation(t.cell(colRelation)),
		Integer:  t.truth(colInteger), Whole: t.truth(colWhole), Comment: t.cell(colComment),
	}
	s := Source{Operand: hmis.Operand{DataElement: hmis.UID(t.cell(colSource)), OptionCombo: hmis.UID(t.cell(colSourceCombo))}}
	if text := t.cell(colWeight); text != "" {
		n, ok := read(text)
		if !ok {
			t.refuse(colWeight, "%s: want a number", quote.Text(text))
		}
		d := n.decimal()
		s.Weight = &d
	}
	switch {
	case e.Relation != "":
		in5, ok := e.Relation.R5()
		if !ok {
			t.refuse(colRelation, "%s: want a relationship of a ConceptMap", quote.Text(e.Relation))
		}
		e.Relation = in5
	case s.Weight != nil:
		e.Relation = Broader
	default:
		e.Relation = Equivalent
	}
	switch over := hmis.Aggregation(strings.ToUpper(t.cell(colOver))); over {
	case "", hmis.Sum, hmis.Last, hmis.Average:
		e.Over = over
	default:
		t.refuse(colOver, "%s: want SUM, LAST or AVERAGE", quote.Text(t.cell(colOver)))
	}
	if s.DataElement == "" {
		if s.OptionCombo != "" || s.Weight != nil {
			t.refuse(colSource, "no data element for an option combo or weight")
		}
		if e.ID == "" {
			t.refuse(colSource, "neither a source nor the id of an entry")
		}
	}
	if field := t.gather.add(e, s); field != "" {
		t.refuse(field, "entry %s has another one above", quote.Text(e.ID))
	}
}

func (t *tableReader) truth(column string) bool {
	switch text := t.cell(column); text {
	case "true":
		return true
	case "", "false":
	default:
		t.refuse(column, "%s: want true or false", quote.Text(text))
	}
	return false
}
