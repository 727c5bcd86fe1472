package facilitylist

import (
	"errors"
	"fmt"
	"strings"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/internal/madeid"
	"github.com/ohie-hmis/hmis-go/internal/quote"
)

// A Format says which column of a list is what.
type Format struct {
	Comma  rune    // between cells; 0 is ','
	Levels []Level // from the top down

	// These columns are about the unit that a row names last. "" means that the
	// list has no such column. Days are written as 2024-01-31, and coordinates in
	// degrees.
	ShortName, Opened, Closed, Longitude, Latitude string

	Ignore []string // headings of columns that are skipped

	// Below is the parent of the units of the first level; "" means that these
	// are roots.
	Below hmis.UID

	// Seed is part of what ids are made from, so that two lists with the same
	// names or codes have different ids.
	Seed string

	// Ragged allows a row that leaves a level out between two names: the lower
	// unit is then directly below the upper one. If false, the row is rejected.
	Ragged bool

	// FillDown repeats the names above in place of blank cells, as merged cells
	// are saved. It ends at the first name of a row.
	FillDown bool

	// Reject, if not nil, is called for each row that Read drops, with a
	// *[RowError]; reading then goes on. What the row says of the units above
	// its last one may be kept. If nil, the first such row ends Read.
	Reject func(error)
}

// A Level is one level of a list, with the headings of its columns. Name is
// required; "" in the others means that there is no such column.
type Level struct {
	Name, ID, Code string
}

// A RowError says which row of a list cannot be used, and why.
type RowError struct {
	Line   int    // of the text, from 1
	Column string // the heading; "" is the whole row
	Text   string // of the cell
	Other  int    // the line of the row that this one repeats or contradicts; 0 if there is none
	Err    error  // what is wrong
}

// Error returns the error on one line, such as
// "facilitylist: line 7: MFL code "101": also at line 3, below another unit".
func (e *RowError) Error() string {
	text := fmt.Sprintf("facilitylist: line %d: ", e.Line)
	if e.Column != "" {
		text += quote.Line(e.Column, 64) + " " + quote.Text(e.Text) + ": "
	}
	return text + e.Err.Error()
}

// Unwrap returns e.Err.
func (e *RowError) Unwrap() error { return e.Err }

// check returns what is wrong with the format itself.
func (f Format) check() error {
	if len(f.Levels) == 0 {
		return errors.New("facilitylist: want at least one of Levels")
	}
	seen := make(map[string]bool)
	for _, heading := range f.headings() {
		if seen[heading] {
			return fmt.Errorf("facilitylist: heading %s is used twice", quote.Text(heading))
		}
		seen[heading] = true
	}
	for i, l := range f.Levels {
		if l.Name == "" {
			return fmt.Errorf("facilitylist: level %d: want the heading of its names", i+1)
		}
	}
	if (f.Longitude == "") != (f.Latitude == "") {
		return errors.New("facilitylist: want Longitude and Latitude together")
	}
	return nil
}

// headings returns the headings of all columns, in the order of writing.
func (f Format) headings() []string {
	var list []string
	for _, l := range f.Levels {
		list = append(list, l.Name, l.ID, l.Code)
	}
	list = append(list, f.ShortName, f.Opened, f.Closed, f.Longitude, f.Latitude)
	out := list[:0]
	for _, heading := range list {
		if heading != "" {
			out = append(out, heading)
		}
	}
	return out
}

func (f Format) comma() rune {
	if f.Comma == 0 {
		return ','
	}
	return f.Comma
}

// madeID returns the id of a unit that has none: from its code, or from the
// names from the top down to it.
func (f Format) madeID(code string, names []string) hmis.UID {
	if code != "" {
		return hmis.UID(madeid.Of("facility code\x00" + f.Seed + "\x00" + code))
	}
	return hmis.UID(madeid.Of("facility names\x00" + f.Seed + "\x00" + strings.Join(names, "\x00")))
}

// clean returns a cell without blanks around it, and with one blank for each gap.
func clean(cell string) string { return strings.Join(strings.Fields(cell), " ") }
