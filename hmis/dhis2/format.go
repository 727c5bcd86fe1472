package dhis2

import (
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/hmis/dhis2/internal/jsontext"
	"github.com/ohie-hmis/hmis-go/hmis/dhis2/internal/rows"
	"github.com/ohie-hmis/hmis-go/period"
)

// A Format describes the form of a data value set. The zero Format is JSON with
// UIDs.
type Format struct {
	CSV, XML   bool
	Positional bool             // CSV columns are found by their place, whatever the headings in the first row
	Catalog    *hmis.Catalog    // needed unless all Schemes are ByID
	Schemes    hmis.Schemes     // schemes that the file states override these
	Calendar   *period.Calendar // the calendar of periods; nil is Gregorian
	Set        Set              // written at the top; in reading, defaults for what the file leaves out

	// Ignore lists unknown members, attributes, elements and columns that are
	// skipped, in any letter case. Any other unknown name is an error, because
	// it could be the only difference between two values.
	Ignore []string

	// Reject, if not nil, is called for each value that cannot be used, with
	// those fields that could be read. Reasons are a missing data element, an
	// invalid period, or a code that is unknown or ambiguous. The value is
	// dropped and reading goes on. If nil, the first such value ends the
	// stream. Text that is not JSON, CSV or XML always ends it. The error is a
	// *[ReadError].
	Reject func(hmis.DataValue, error)

	// RejectCompletion, if not nil, is called for each completion that cannot
	// be used, with those fields that could be read. The completion is dropped
	// and reading goes on. If nil, the first such completion ends the stream.
	// The error is a *[ReadError].
	RejectCompletion func(hmis.Completion, error)
}

// A Set has the fields that a data value set states for all of its values.
type Set struct {
	DataSet, OrgUnit, AttributeCombo hmis.UID
	Period                           period.Period
	Completed                        period.Date // the day on which the form was completed; 0 if it was not
	DryRun                           bool
}

// ReadValues returns the data values of a JSON data value set, in order. It
// reads r piece by piece and can be used once. If the last pair has an error,
// it is a *[ReadError]. It is the same as Format{}.Read(r, nil).
func ReadValues(r io.Reader) iter.Seq2[hmis.DataValue, error] {
	return Format{}.Read(r, nil)
}

// WriteValues writes a JSON data value set. It is the same as Format{}.Write(w,
// values).
func WriteValues(w io.Writer, values iter.Seq2[hmis.DataValue, error]) error {
	return Format{}.Write(w, values)
}

// Read returns the data values of a data value set in this Format, in order,
// like [ReadValues]. If set is not nil, it has all fields known so far before
// each value, and is complete at the end.
//
// A field that the file states for all values is the default of each value,
// even if it is at the end of the file. Values that need such a default are
// held until it is known, up to 256 MiB. In larger files the defaults must come
// first, and so must id schemes; otherwise there is an error. The member
// deletion of modern servers yields values marked Deleted, and must come before
// the values (RULES.md#data-value-sets).
//
// An unknown member, attribute, element or column is an error, because it could
// be the only difference between two values. [Format.Ignore] lists names to
// skip. An object without any known member, such as the error message of a
// server, is no data value set; {} is an empty one.
//
// A number or boolean in place of a text is read as its literal. Times without
// a zone are in UTC. A missing option combo is "", which means the default.
//
// CSV columns are found by their headings, in any order. If the first row is a
// value, or has no known heading, columns are in the order of servers. A row
// may leave out its last cells, but not its value.
//
// JSON or XML that is cut off is an error. CSV has no mark at its end, and real
// files leave out the last line end. So if a CSV file is cut off within its
// last value, 120 may be read as 12. Callers that download CSV must check its
// length.
func (f Format) Read(r io.Reader, set *Set) iter.Seq2[hmis.DataValue, error] {
	return func(yield func(hmis.DataValue, error) bool) {
		for batch, err := range f.ReadBatches(r, set) {
			if err != nil {
				yield(hmis.DataValue{}, err)
				return
			}
			for v := range batch.Values() {
				if !yield(v, nil) {
					return
				}
			}
		}
	}
}

// ReadBatches returns the values that Read does, in columns and several times
// faster. JSON and CSV are parsed on all processors, and numbers never become
// strings. Values are in the order of the file. When the stream ends, all of
// its goroutines have ended.
func (f Format) ReadBatches(r io.Reader, set *Set) iter.Seq2[*hmis.Batch, error] {
	return func(yield func(*hmis.Batch, error) bool) {
		d := &decoder{f: f, header: newHeader(f), names: rows.Names{Ignore: f.Ignore}, set: set, yield: yield}
		var err error
		switch {
		case f.CSV && f.XML:
			err = errors.New("dhis2: a Format is CSV or XML, not both")
		case f.CSV:
			err = d.readCSV(r)
		case f.XML:
			err = d.readXML(r)
		default:
			err = d.readJSON(r)
		}
		if set != nil {
			*set = Set(d.header.Set)
		}
		if err != nil && !errors.Is(err, errStopped) {
			yield(nil, err)
		}
	}
}

// errStopped means that the caller has left its loop.
var errStopped = errors.New("dhis2: stopped")

// A decoder yields the chunks of one data value set in order.
type decoder struct {
	f      Format
	header header
	names  rows.Names
	set    *Set // to be filled, or nil
	yield  func(*hmis.Batch, error) bool

	row       int           // position of the next value in the file
	line      int           // CSV: number of lines before the next chunk
	held      []*rows.Chunk // chunks that wait for defaults
	waiting   int           // how many values they have
	heldBytes int           // how many bytes of memory they need
	sent      bool          // whether any value has been yielded
	lacking   [rows.Numbered]bool
}

// send yields the values of a chunk.
func (d *decoder) send(p *rows.Pipeline, c *rows.Chunk) error {
	if c.Batch == nil {
		c.Batch, c.Faults = c.Rows.Resolve(&d.header.Header)
	}
	b := c.Batch
	n := b.Len()
	d.sent = d.sent || n > 0
	var out []int
	var fatal error
	for i, f := range c.Faults {
		bad := &ReadError{
			Offset: c.Base + c.Rows.Start(f.Row), Row: d.row + f.Row, Field: f.Column.String(), Err: f.Err,
		}
		if c.Lines != nil {
			bad.Line = d.line + c.Lines[i] + 1
		}
		out = append(out, f.Row)
		if d.f.Reject == nil {
			fatal = bad
			break
		}
		d.f.Reject(b.At(f.Row), bad)
	}
	d.row += n
	d.line += c.Height
	if fatal != nil {
		for i := out[0] + 1; i < n; i++ {
			out = append(out, i)
		}
	}
	if len(out) > 0 {
		drop(b, out)
	}
	if p != nil {
		p.Recycle(c)
	}
	if d.set != nil {
		*d.set = Set(d.header.Set)
	}
	if b.Len() > 0 && !d.yield(b, nil) {
		return errStopped
	}
	return fatal
}

// drop removes the values at the positions out, which are sorted.
func drop(b *hmis.Batch, out []int) {
	rest := make(map[int]hmis.DataValue, len(b.Rest))
	for i, more := range b.Rest {
		if before, gone := slices.BinarySearch(out, i); !gone {
			rest[i-before] = more
		}
	}
	if len(rest) == 0 {
		rest = nil
	}
	b.Rest = rest
	b.DataElement, b.Period, b.OrgUnit = without(b.DataElement, out), without(b.Period, out), without(b.OrgUnit, out)
	b.OptionCombo, b.AttributeCombo = without(b.OptionCombo, out), without(b.AttributeCombo, out)
	b.Coef, b.Scale, b.StoredBy = without(b.Coef, out), without(b.Scale, out), without(b.StoredBy, out)
	b.Created, b.Updated = without(b.Created, out), without(b.Updated, out)
}

// without removes the entries of list at the positions out, which are sorted.
func without[T any](list []T, out []int) []T {
	if len(list) == 0 {
		return list
	}
	rest := list[:out[0]]
	for n, i := range out {
		end := len(list)
		if n+1 < len(out) {
			end = out[n+1]
		}
		rest = append(rest, list[i+1:end]...)
	}
	return rest
}

// broken returns the error of a chunk with its place in the file.
func (d *decoder) broken(c *rows.Chunk) error {
	bad := &ReadError{Offset: c.Base, Row: d.row, Err: c.Err}
	if pos := (*jsontext.SyntaxError)(nil); errors.As(c.Err, &pos) {
		bad.Offset += int64(pos.Pos)
	}
	return bad
}

func (d *decoder) readCSV(r io.Reader) error {
	text, skipped, err := open(r)
	if err != nil {
		return err
	}
	d.f.Schemes = d.header.Schemes
	if err := d.header.needsCatalog(); err != nil {
		return err
	}
	var buf []byte
	for size := rows.FirstChunk; ; size *= 2 {
		var end bool
		if buf, end, err = rows.ReadFull(text, buf, size); err != nil {
			return at(skipped+int64(len(buf)), err)
		}
		if err := rows.IsCSV(buf); err != nil {
			return at(skipped, err)
		}
		cells, next, err := rows.CSVRecord(buf, end)
		if errors.Is(err, jsontext.ErrShort) && !end && size < rows.MaxRow {
			continue // read more of the text and try again
		}
		if len(buf) == 0 {
			return nil // an empty file
		}
		if errors.Is(err, jsontext.ErrShort) {
			err = errors.New("want a closing quote")
			if !end {
				err = fmt.Errorf("want at most %d MiB in one row", rows.MaxRow>>20)
			}
		}
		var columns rows.CSV
		var isData bool
		if err == nil {
			columns, isData, err = rows.Heading(cells, buf[next:], end, d.names, d.f.Positional, &d.header.Header)
			if errors.Is(err, jsontext.ErrShort) && size < rows.MaxRow {
				continue
			}
		}
		if err != nil {
			return &ReadError{Line: 1, Offset: skipped, Row: -1, Err: err}
		}
		if isData {
			next = 0
		} else {
			d.line = 1
		}
		return d.csvChunks(rows.NewPipeline(text, columns, buf[next:], skipped+int64(next)))
	}
}

func (d *decoder) csvChunks(p *rows.Pipeline) error {
	p.Header = &d.header.Header
	defer p.Stop()
	for {
		c, err := p.Next()
		err = at(p.Base, err)
		if bad := (*ReadError)(nil); errors.As(err, &bad) && bad.Line == 0 {
			bad.Line = d.line + 1
		}
		if err != nil || c == nil {
			return err
		}
		height := c.Height
		line := d.line
		if bad := c.Err; bad != nil {
			// The rows before the fault are valid.
			if err := d.send(nil, c); err != nil {
				return err
			}
			placed := &ReadError{Offset: c.Base, Row: d.row, Line: line + height + 1, Err: bad}
			if pos := (*jsontext.SyntaxError)(nil); errors.As(bad, &pos) {
				placed.Offset += int64(pos.Pos)
			}
			return placed
		}
		if err := d.send(p, c); err != nil {
			return err
		}
	}
}
