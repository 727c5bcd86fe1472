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

// A Format says how a data value set is written. The zero Format is JSON with
// UIDs.
type Format struct {
	CSV, XML   bool
	Positional bool             // CSV: columns by place, below a first row of any headings
	Catalog    *hmis.Catalog    // needed unless all Schemes are ByID
	Schemes    hmis.Schemes     // those named in the file come first
	Calendar   *period.Calendar // nil is Gregorian
	Set        Set              // written; in reading, replaces what the file leaves out

	// Ignore names unknown members, attributes, elements and columns that may
	// be passed over, in any letter case. Others are errors: two values that
	// differ only there are two values, not one.
	Ignore []string

	// Reject, if not nil, is called for each value that cannot be used, as far
	// as it could be read, with the reason: no data element, no valid period, a
	// code that is unknown or ambiguous. Reading then goes on without it. If
	// nil, the first such value ends the stream. Text that is not JSON, CSV or
	// XML always does. The error is a *[ReadError].
	Reject func(hmis.DataValue, error)

	// RejectCompletion, if not nil, is called for each completion that cannot
	// be used, as far as it could be read, and why. Reading then goes on
	// without it. If nil, the first such completion ends the stream. The error
	// is a *[ReadError].
	RejectCompletion func(hmis.Completion, error)
}

// A Set is what a data value set says about all of its values.
type Set struct {
	DataSet, OrgUnit, AttributeCombo hmis.UID
	Period                           period.Period
	Completed                        period.Date // 0 if not
	DryRun                           bool
}

// ReadValues returns the data values of a JSON data value set, in order. It
// reads r as it goes and can be used once. An error is a *[ReadError] and the
// last pair. It is the same as Format{}.Read(r, nil).
func ReadValues(r io.Reader) iter.Seq2[hmis.DataValue, error] {
	return Format{}.Read(r, nil)
}

// WriteValues writes a JSON data value set. It is the same as Format{}.Write(w,
// values).
func WriteValues(w io.Writer, values iter.Seq2[hmis.DataValue, error]) error {
	return Format{}.Write(w, values)
}

// Read returns the data values of a data value set in this Format, in order,
// like [ReadValues]. Set, if not nil, is filled by the end, and with what is
// known so far before each value.
//
// What the file says about all values counts for those that do not say it
// themselves, wherever it is: values that need such a default are held back
// until it is known, up to 256 MiB of them. Of larger files the defaults have
// to come first, and so do id schemes; where they come too late there is an
// error. The deletion member of modern servers comes out as values marked
// Deleted, and has to come before the values (RULES.md#data-value-sets).
//
// A name that is not known is an error: a member, attribute, element or column
// may be the only difference between two values. [Format.Ignore] lists those
// that may be passed over. An object without any known member, such as the
// answer of a server that failed, is no data value set; {} is an empty one.
//
// Numbers and booleans in place of text are read as their literal text. Times
// without a zone are read as UTC. An option combo that is not given stays "":
// the default.
//
// Columns of CSV are found by their headings, in any order. They count by their
// place, in the order of servers, where the first row is a value already or
// where no heading is known. A row may leave out its last cells, but not its
// value.
//
// JSON and XML that are cut off are an error. CSV does not say where it ends,
// and real files leave out the last line end: if a file is cut off within its
// last value, that value counts as far as it goes, so that 120 comes out as 12.
// Callers that fetch CSV have to check its length.
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

// ReadBatches gives the same values as Read in columns, several times faster:
// JSON and CSV are parsed in as many goroutines as there are processors, and a
// number never becomes a string. The order of values is that of the file. All
// goroutines have ended when the stream has.
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

// errStopped says that the caller has left its loop.
var errStopped = errors.New("dhis2: stopped")

// A decoder delivers the chunks of one data value set in order.
type decoder struct {
	f      Format
	header header
	names  rows.Names
	set    *Set // to fill, may be nil
	yield  func(*hmis.Batch, error) bool

	row       int           // position of the next value
	line      int           // CSV: lines before the next chunk
	held      []*rows.Chunk // not delivered yet: defaults may follow
	waiting   int           // how many values that is
	heldBytes int           // and how much memory
	sent      bool          // whether any value has been delivered
	lacking   [rows.Numbered]bool
}

// send delivers a chunk.
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

// drop removes the values at positions out, which ascend.
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

// without returns list without the entries at positions out, which ascend.
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

// broken places the error of a chunk.
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
			continue // with more of the text
		}
		if len(buf) == 0 {
			return nil // nothing at all
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
			// The rows before the fault are good.
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
