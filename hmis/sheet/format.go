package sheet

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/period"
)

// A Format describes the layout of a table. Columns and Across say where each
// part of a value is found. Parts that are in neither are in Shared.
type Format struct {
	Catalog  *hmis.Catalog    // names and value types; if nil, names are ids and all values numbers
	Schemes  hmis.Schemes     // whether cells have ids, codes or names
	Calendar *period.Calendar // calendar of periods, years and months; nil is Gregorian

	Comma rune // separates cells; 0 means ','
	Skip  int  // number of lines above the headings, such as a title; blank lines do not count

	// Columns are the columns that apply to the whole row. Without Across, the
	// column of the value is one of them. All other columns hold values.
	Columns []Column

	// Across says what each line of headings, from the top, states about the
	// values below it: {Year, Month}, or {DataElement, OptionCombo}. A blank
	// heading repeats the one on its left, except in the last line. If Across
	// is empty, there is one line of headings, and each row has one value.
	Across []Field

	Shared hmis.Key // the fields that are the same for all values of the table

	Numbers Numbers  // how numbers are written
	Missing []string // cells that mean no value, such as "n/a"; a blank cell always does
	Century int      // century of two-digit years, such as 2000; if 0, they are errors

	// PeriodType is the type that all periods must have; 0 means any.
	PeriodType period.Type

	FillDown   bool     // a blank cell in Columns repeats the one above it
	Ignore     []string // headings of columns that are skipped, such as "Total"
	IgnoreRows []string // a row is skipped if one of its Columns has such a text, such as "Total"

	// Find, if not nil, looks up the object that a cell names, in place of
	// Catalog. For an option combo, element is its data element.
	Find func(k hmis.Kind, name string, element hmis.UID) (hmis.UID, error)

	// Reject, if not nil, is called for each cell that is dropped, with the
	// reason and as much of its value as could be read. Reading then goes on.
	// If Reject is nil, the first such cell ends the stream. A fault in the
	// headings or in the syntax of the table always ends it. The error is a
	// *[CellError].
	Reject func(hmis.DataValue, error)
}

// A Column is a column that is found by its heading.
type Column struct {
	Heading string // "" means the first column without a heading
	Field   Field
}

// A Field is a part of a data value.
type Field uint8

// The fields.
const (
	DataElement Field = iota + 1
	OptionCombo
	AttributeCombo
	OrgUnit
	Period // such as 202401, "Jan 2024" or "T1 2024" (RULES.md#periods-that-people-write)
	Year
	Month // 1 to 12, or a name
	Value
	Comment
)

var fieldNames = [...]string{"", "DataElement", "OptionCombo", "AttributeCombo", "OrgUnit", "Period", "Year", "Month", "Value", "Comment"}

// String returns the name of the field, such as "OrgUnit".
func (f Field) String() string {
	if int(f) < len(fieldNames) && f > 0 {
		return fieldNames[f]
	}
	return fmt.Sprintf("Field(%d)", uint8(f))
}

// kind returns the kind of object that a field names, or "".
func (f Field) kind() hmis.Kind {
	switch f {
	case DataElement:
		return hmis.KindDataElement
	case OptionCombo, AttributeCombo:
		return hmis.KindOptionCombo
	case OrgUnit:
		return hmis.KindOrgUnit
	}
	return ""
}

// check reports what is wrong with the format itself.
func (f Format) check() error {
	given := map[Field]int{}
	for _, c := range f.Columns {
		given[c.Field]++
	}
	for _, a := range f.Across {
		given[a]++
		if a == Value || a == Comment {
			return fmt.Errorf("sheet: Across: %s: want a field that headings can hold", a)
		}
	}
	if len(f.Across) > 0 && given[Value] > 0 {
		return errors.New("sheet: Value is in Columns, but Across says that all other columns hold values")
	}
	if len(f.Across) > 0 && given[Comment] > 0 {
		return errors.New("sheet: Comment is in Columns, where a row has many values")
	}
	if len(f.Across) == 0 {
		given[Value]--
		if given[Value] < 0 {
			return errors.New("sheet: want a column with the Value, or Across")
		}
		given[Value]++
	}
	for field, n := range given {
		if field.String() == fmt.Sprintf("Field(%d)", uint8(field)) {
			return fmt.Errorf("sheet: %s: want one of the fields", field)
		}
		if n > 1 {
			return fmt.Errorf("sheet: %s is given %d times", field, n)
		}
	}
	k := f.Shared
	shared := map[Field]bool{
		DataElement: k.DataElement != "", OptionCombo: k.OptionCombo != "", AttributeCombo: k.AttributeCombo != "",
		OrgUnit: k.OrgUnit != "", Period: !k.Period.IsZero(),
	}
	if (given[Year] > 0) != (given[Month] > 0) {
		return errors.New("sheet: want Year and Month together")
	}
	if given[Year] > 0 {
		given[Period]++
	}
	for _, field := range []Field{DataElement, OptionCombo, AttributeCombo, OrgUnit, Period} {
		n := given[field]
		if shared[field] {
			n++
		}
		if n > 1 {
			return fmt.Errorf("sheet: %s is given %d times", field, n)
		}
		if n == 0 && field != OptionCombo && field != AttributeCombo {
			return fmt.Errorf("sheet: no %s: want it in Columns, Across or Shared", field)
		}
	}
	if f.Skip < 0 {
		return fmt.Errorf("sheet: Skip %d: want 0 or more", f.Skip)
	}
	if f.Catalog == nil && f.Find == nil && f.Schemes != (hmis.Schemes{}) {
		return errors.New("sheet: want a Catalog, or Find, to look up codes and names")
	}
	return f.Numbers.check(f.comma())
}

func (f Format) comma() rune {
	if f.Comma == 0 {
		return ','
	}
	return f.Comma
}

// isMissing reports whether a cell means that there is no value.
func (f Format) isMissing(cell string) bool { return cell == "" || slices.Contains(f.Missing, cell) }

// trim returns a cell without surrounding blanks of any kind.
func trim(cell string) string { return strings.TrimFunc(cell, isBlank) }

// isBlank reports whether r is a blank or a zero-width character.
func isBlank(r rune) bool {
	switch r {
	case ' ', '\t', '\r', '\n', '\u00a0', '\u2007', '\u2009', '\u202f', '\u200b', '\ufeff':
		return true
	}
	return false
}
