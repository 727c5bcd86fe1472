package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/ohie-hmis/hmis-go/adx"
	"github.com/ohie-hmis/hmis-go/aggregate"
	"github.com/ohie-hmis/hmis-go/aggregate/bench/workload"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/hmis/dhis2"
	"github.com/shopspring/decimal"
)

// A visit is called for each value that a subject has read, with its parts as
// text.
type visit func(element, unit, period, value string) error

// A reading is a way to read or write a text. With a visit it also passes on
// the values that it has read, which is not timed.
type reading struct {
	subject string
	column  string
	do      func(ctx context.Context, v visit) error
}

// A texts has the values of scale S as texts in several formats.
type texts struct {
	dir     string // folder with the same texts as files, for databases
	world   *workload.World
	loader  aggregate.Loader
	values  int
	csv     []byte
	json    []byte
	adx     []byte
	message *xmlMessage // the content of adx, for encoders
}

// measureText measures the questions q6 and q8, which read and write texts. It
// always uses scale S.
func measureText(ctx context.Context, o options, w *workload.World) ([]*table, error) {
	if w.Scale.Share > workload.S.Share {
		w = workload.New(workload.S)
		w.Keep()
	}
	t, err := newTexts(w)
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(t.dir)
	out := &table{title: "million values/s", columns: []string{"q6 CSV", "q6 JSON", "q8 decode", "q8 encode"}}
	for _, r := range slices.Concat(t.valueReadings(), t.adxReadings()) {
		if r.subject != oursName && !o.wants(r.subject) {
			continue
		}
		fmt.Fprintf(os.Stderr, "%s: %s ...\n", r.column, r.subject)
		e, err := t.measure(ctx, r)
		if err != nil {
			return nil, fmt.Errorf("%s: %s: %w", r.column, r.subject, err)
		}
		out.set(r.subject, r.column, e)
	}
	return []*table{out}, nil
}

// set stores an entry in the line of a subject. It adds the line if there is
// none.
func (t *table) set(subject, column string, e entry) {
	i := slices.IndexFunc(t.subjects, func(l line) bool { return l.subject == subject })
	if i < 0 {
		i = len(t.subjects)
		t.subjects = append(t.subjects, line{subject, slices.Repeat([]entry{{note: "-"}}, len(t.columns))})
	}
	t.subjects[i].entries[slices.Index(t.columns, column)] = e
}

// measure runs a reading once to sum up its values, and then several times to
// measure its time.
func (t *texts) measure(ctx context.Context, r reading) (entry, error) {
	month := map[string]int{} // by the name that DHIS2 has for a month, and by that of ADX
	for i, p := range t.world.Periods {
		month[p.String()], month[adx.TimeRangeOf(p).String()] = i, i
	}
	var sum answer
	err := r.do(ctx, func(element, unit, period, value string) error {
		d, err := decimal.NewFromString(value)
		if err != nil {
			return err
		}
		sum.add(weight(index(hmis.UID(element)), index(hmis.UID(unit)), month[period]), d.Shift(3).IntPart())
		return nil
	})
	if err != nil {
		return entry{}, err
	}
	took, err := timed(func() error { return r.do(ctx, nil) })
	return entry{number: float64(t.values) / took.Seconds() / 1e6, answer: sum}, err
}

// timed runs do a few times and returns the median time.
func timed(do func() error) (time.Duration, error) {
	var times []time.Duration
	for spent := time.Duration(0); len(times) < maxRuns && spent < enough; {
		runtime.GC()
		start := time.Now()
		if err := do(); err != nil {
			return 0, err
		}
		took := time.Since(start)
		times, spent = append(times, took), spent+took
	}
	return median(times), nil
}

// values returns the rows as data values with the user, time and comment that a
// server writes.
func values(w *workload.World) iter.Seq2[hmis.DataValue, error] {
	return func(yield func(hmis.DataValue, error) bool) {
		stored := time.Date(2025, 1, 6, 8, 30, 0, 0, time.UTC)
		for r := range w.Rows() {
			v := hmis.DataValue{
				Key: hmis.Key{
					DataElement: w.Elements[r.Element].ID, OrgUnit: w.Units[r.Unit].ID, Period: w.Periods[r.Month],
					OptionCombo: w.Combos[r.Combo].ID, AttributeCombo: w.Combos[r.Attr].ID,
				},
				Value: numberText(r), StoredBy: "district1", Created: stored, Updated: stored,
			}
			if !yield(v, nil) {
				return
			}
		}
	}
}

func numberText(r workload.Row) string {
	return decimal.New(int64(r.Coef), -int32(r.Digits)).StringFixed(int32(r.Digits))
}

func newTexts(w *workload.World) (*texts, error) {
	t := &texts{world: w, values: w.Len()}
	var err error
	if t.loader, err = loader(w); err != nil {
		return nil, err
	}
	var asCSV, asJSON bytes.Buffer
	if err := (dhis2.Format{CSV: true}).Write(&asCSV, values(w)); err != nil {
		return nil, err
	}
	if err := (dhis2.Format{}).Write(&asJSON, values(w)); err != nil {
		return nil, err
	}
	t.csv, t.json = asCSV.Bytes(), asJSON.Bytes()
	if t.adx, err = adxText(w); err != nil {
		return nil, err
	}
	if t.message, err = readStructs(t.adx); err != nil {
		return nil, err
	}
	if t.dir, err = os.MkdirTemp("", "hmis-bench"); err != nil {
		return nil, err
	}
	return t, t.writeFiles()
}

func (t *texts) file(name string) string { return filepath.Join(t.dir, name) }

// writeFiles writes the texts that databases read: CSV, JSON in the form of
// DHIS2, and JSON with one value on each line.
func (t *texts) writeFiles() error {
	lines := bytes.ReplaceAll(t.json, []byte("},\n{"), []byte("}\n{"))
	first, last := bytes.IndexByte(lines, '['), bytes.LastIndexByte(lines, ']')
	return errors.Join(
		os.WriteFile(t.file("values.csv"), t.csv, 0o600),
		os.WriteFile(t.file("values.json"), t.json, 0o600),
		os.WriteFile(t.file("lines.json"), lines[first+1:last], 0o600),
	)
}

// valueReadings returns the subjects of question q6, which reads data values.
func (t *texts) valueReadings() []reading {
	const asCSV, asJSON = "q6 CSV", "q6 JSON"
	return []reading{
		{oursName, asCSV, func(ctx context.Context, v visit) error { return t.load(ctx, dhis2.Format{CSV: true}, t.csv, v) }},
		{oursName, asJSON, func(ctx context.Context, v visit) error { return t.load(ctx, dhis2.Format{}, t.json, v) }},
		{"encoding/csv, strings only", asCSV, t.readCSV},
		{"encoding/csv to a slice of codes", asCSV, t.codesOfCSV},
		{"encoding/json, structs", asJSON, t.readJSON},
		{"DuckDB", asCSV, t.duckReading("read_csv('" + t.file("values.csv") + "')")},
		{"DuckDB, a line for each value", asJSON, t.duckReading("read_json('" + t.file("lines.json") + "', format = 'newline_delimited')")},
	}
}

// load makes a cube from a text.
func (t *texts) load(ctx context.Context, f dhis2.Format, text []byte, v visit) error {
	cube, err := t.loader.LoadBatches(ctx, f.ReadBatches(bytes.NewReader(text), nil))
	if err != nil || v == nil {
		return err
	}
	for value, err := range cube.Values(ctx, aggregate.Filter{}) {
		if err != nil {
			return err
		}
		if err := v(string(value.DataElement), string(value.OrgUnit), value.Period.String(), value.Value); err != nil {
			return err
		}
	}
	return nil
}

func (t *texts) readCSV(_ context.Context, v visit) error {
	r := csv.NewReader(bytes.NewReader(t.csv))
	r.ReuseRecord = true
	for first := true; ; first = false {
		record, err := r.Read()
		if err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		if v != nil && !first {
			if err := v(record[0], record[2], record[1], record[5]); err != nil {
				return err
			}
		}
	}
}

// codesOfCSV converts CSV as a program without an engine would: it numbers the
// ids and turns decimals into thousandths.
func (t *texts) codesOfCSV(_ context.Context, v visit) error {
	r := csv.NewReader(bytes.NewReader(t.csv))
	r.ReuseRecord = true
	number := map[string]uint16{}
	var ids []string
	code := func(id string) uint16 {
		n, ok := number[id]
		if !ok {
			n = uint16(len(ids))
			id = strings.Clone(id)
			number[id], ids = n, append(ids, id)
		}
		return n
	}
	var rows []coded[int64]
	if _, err := r.Read(); err != nil {
		return err
	}
	for {
		record, err := r.Read()
		if err == io.EOF {
			break
		} else if err != nil {
			return err
		}
		d, err := decimal.NewFromString(record[5])
		if err != nil {
			return err
		}
		rows = append(rows, coded[int64]{
			code(record[0]), code(record[3]), code(record[4]), code(record[2]), code(record[1]), d.Shift(3).IntPart(),
		})
	}
	if v == nil {
		return nil
	}
	for _, row := range rows {
		if err := v(ids[row.element], ids[row.unit], ids[row.month], decimal.New(row.value, -3).String()); err != nil {
			return err
		}
	}
	return nil
}

func (t *texts) readJSON(_ context.Context, v visit) error {
	var set struct {
		DataValues []struct {
			DataElement          string
			Period               string
			OrgUnit              string
			OptionCombo          string `json:"categoryOptionCombo"`
			AttributeCombo       string `json:"attributeOptionCombo"`
			Value                string
			StoredBy             string
			Created, LastUpdated string
		}
	}
	if err := json.Unmarshal(t.json, &set); err != nil || v == nil {
		return err
	}
	for _, d := range set.DataValues {
		if err := v(d.DataElement, d.OrgUnit, d.Period, d.Value); err != nil {
			return err
		}
	}
	return nil
}

// duckReading returns a function that creates a DuckDB table from a file.
func (t *texts) duckReading(from string) func(ctx context.Context, v visit) error {
	return func(ctx context.Context, v visit) error {
		db, err := openDuck(ctx)
		if err != nil {
			return err
		}
		defer db.Close()
		if _, err := db.ExecContext(ctx, "CREATE TABLE value AS SELECT * FROM "+from); err != nil || v == nil {
			return err
		}
		rows, err := db.QueryContext(ctx, "SELECT dataelement, orgunit, CAST(period AS VARCHAR), CAST(value AS VARCHAR) FROM value")
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var element, unit, period, value string
			if err := rows.Scan(&element, &unit, &period, &value); err != nil {
				return err
			}
			if err := v(element, unit, period, value); err != nil {
				return err
			}
		}
		return rows.Err()
	}
}
