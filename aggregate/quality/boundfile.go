package quality

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/internal/quote"
	"github.com/shopspring/decimal"
)

// maxBoundBytes limits the length of one entry in a file of bounds.
const maxBoundBytes = 1 << 16

// maxBoundDigits limits the digits of a bound, before and after the point.
// Comparing a number such as 1e1000000000 would need all memory.
const maxBoundDigits = 400

// Bounds reads bounds in the form in which DHIS2 imports and exports them: an
// object with a list "values" and an optional "dataSet", to which the data
// elements must belong.
//
// Bounds calls reject for each entry that cannot be used, with its index in the
// list, and returns the others. If reject is nil, the first such entry ends the
// work. The error is an *[hmis.Issue] with DHIS2's code: E2042 or E2043 for a
// bound that is missing, E2044 if the upper one is not greater, E2047 for a
// data element, org unit or option combo that is missing or unknown, E2021 for
// a data element that is not in the data set.
func (r Reader) Bounds(in io.Reader, reject func(Bound, error)) ([]Bound, error) {
	file := boundFile{reader: r, reject: reject}
	d := json.NewDecoder(in)
	if err := file.read(d); err != nil {
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		if _, ok := errors.AsType[*hmis.Issue](err); ok {
			return nil, err
		}
		return nil, fmt.Errorf("quality: bounds: offset %d: %w", d.InputOffset(), err)
	}
	if !file.seen {
		return nil, errors.New(`quality: bounds: no list "values"`)
	}
	return file.bounds()
}

// A boundFile is the state of reading a file of bounds. The data set may come
// after the list, so entries are checked at the end.
type boundFile struct {
	reader  Reader
	reject  func(Bound, error)
	dataSet hmis.UID
	rows    []boundRow
	seen    bool
}

type boundRow struct {
	DataElement hmis.UID         `json:"dataElement"`
	OrgUnit     hmis.UID         `json:"orgUnit"`
	OptionCombo hmis.UID         `json:"optionCombo"`
	Min         *decimal.Decimal `json:"minValue"`
	Max         *decimal.Decimal `json:"maxValue"`
	Generated   bool             `json:"generated"`
}

func (f *boundFile) read(d *json.Decoder) error {
	if err := expect(d, '{'); err != nil {
		return err
	}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return err
		}
		switch name {
		case "dataSet":
			err = d.Decode(&f.dataSet)
		case "values":
			f.seen = true
			err = f.list(d)
		default:
			return fmt.Errorf("%q: want dataSet or values", name)
		}
		if err != nil {
			return err
		}
	}
	return expect(d, '}')
}

func (f *boundFile) list(d *json.Decoder) error {
	if err := expect(d, '['); err != nil {
		return err
	}
	for d.More() {
		var text json.RawMessage
		if err := d.Decode(&text); err != nil {
			return err
		}
		var row boundRow
		err := error(nil)
		if len(text) > maxBoundBytes {
			err = fmt.Errorf("an entry of %d bytes: want %d at most", len(text), maxBoundBytes)
		} else {
			err = f.row(text, &row)
		}
		if err != nil {
			return fmt.Errorf("values[%d]: %w", len(f.rows), err)
		}
		f.rows = append(f.rows, row)
	}
	return expect(d, ']')
}

// row reads one entry. An unknown member is an error, because it could be the
// only difference between two entries.
func (f *boundFile) row(text []byte, into *boundRow) error {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(text, &members); err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(members)) {
		if !slices.Contains(boundMembers, name) && !slices.Contains(f.reader.Ignore, name) {
			return fmt.Errorf("member %s is unknown: want it in Ignore", quote.Text(name))
		}
	}
	if err := json.Unmarshal(text, into); err != nil {
		return err
	}
	for _, n := range []*decimal.Decimal{into.Min, into.Max} {
		if n != nil && (n.NumDigits() > maxBoundDigits || max(n.Exponent(), -n.Exponent()) > maxBoundDigits) {
			return fmt.Errorf("a bound of more than %d digits", maxBoundDigits)
		}
	}
	return nil
}

var boundMembers = []string{"dataElement", "orgUnit", "optionCombo", "minValue", "maxValue", "generated"}

func expect(d *json.Decoder, want json.Delim) error {
	token, err := d.Token()
	if err == nil && token != want {
		err = fmt.Errorf("%v: want %q", token, want.String())
	}
	return err
}

func (f *boundFile) bounds() ([]Bound, error) {
	c := f.reader.Catalog
	var member map[hmis.UID]bool
	if f.dataSet != "" {
		set, ok := hmis.Find[hmis.DataSet](c, f.dataSet)
		if !ok {
			return nil, refuse("E2021", "dataSet", "unknown data set %q", f.dataSet)
		}
		member = map[hmis.UID]bool{}
		for _, e := range set.Elements {
			member[e.DataElement] = true
		}
	}
	var list []Bound
	for i, row := range f.rows {
		b := Bound{
			DataElement: row.DataElement, OrgUnit: row.OrgUnit, OptionCombo: row.OptionCombo,
			Generated: row.Generated,
		}
		bad := f.reader.unknownIn(&b)
		switch {
		case bad != nil:
		case row.Min == nil:
			bad = refuse("E2042", "minValue", "no lower bound")
		case row.Max == nil:
			bad = refuse("E2043", "maxValue", "no upper bound")
		case row.Max.Cmp(*row.Min) <= 0:
			bad = refuse("E2044", "maxValue", "%s is not greater than the lower bound %s", row.Max, row.Min)
		case member != nil && !member[b.DataElement]:
			bad = refuse("E2021", "dataElement", "not in data set %s", f.dataSet)
		}
		if bad == nil {
			b.Low, b.High = *row.Min, *row.Max
			list = append(list, b)
			continue
		}
		bad.Rows, bad.Object = []int{i}, hmis.Ref{Kind: hmis.KindDataElement, ID: b.DataElement}
		if f.reject == nil {
			return nil, bad
		}
		f.reject(b, bad)
	}
	return list, nil
}

// unknownIn returns an issue if a bound refers to an unknown object.
func (r Reader) unknownIn(b *Bound) *hmis.Issue {
	_, combo := hmis.Find[hmis.OptionCombo](r.Catalog, b.OptionCombo)
	_, element := hmis.Find[hmis.DataElement](r.Catalog, b.DataElement)
	switch {
	case !element:
		return refuse("E2047", "dataElement", "no data element %q", b.DataElement)
	case r.Tree.Level(b.OrgUnit) == 0:
		return refuse("E2047", "orgUnit", "no org unit %q", b.OrgUnit)
	case !combo && b.OptionCombo != r.Catalog.DefaultOptionCombo():
		return refuse("E2047", "optionCombo", "no category option combo %q", b.OptionCombo)
	}
	return nil
}
