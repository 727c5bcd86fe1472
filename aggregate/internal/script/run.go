package script

import (
	"bytes"
	"context"
	"errors"
	"iter"
	"slices"
	"strings"

	"github.com/ohie-hmis/hmis-go/aggregate"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/period"
)

// A Way changes how a query is computed, and so must not change its answer.
type Way struct {
	Name   string
	Change func(aggregate.Query) aggregate.Query
}

// Run runs a script. Every query is asked of a cube loaded at once, of one grown
// block by block, and of one written and opened again, in each of the ways. The
// errors say which lines do not hold, as "FILE:LINE: ..."; a line that makes no
// sense ends the script. Queries is how many were asked.
func Run(file, text string, ways ...Way) (queries int, problems []error) {
	list, err := blocks(file, text)
	if err != nil {
		return 0, []error{err}
	}
	w := &world{file: file, ways: ways}
	w.restart()
	for _, b := range list {
		switch head := fields(b.text)[0]; head {
		case "clear":
			w.loads, w.completed, w.ready = nil, nil, nil
			continue
		case "world":
			w.restart()
			continue
		case "load", "complete":
			read := w.load
			if head == "complete" {
				read = w.complete
			}
			if err := read(b); err != nil {
				return queries, append(problems, err)
			}
			w.ready = nil
			continue
		}
		if ok, err := w.describe(b); err != nil {
			return queries, append(problems, err)
		} else if ok {
			w.ready = nil
			continue
		}
		q, ok, err := w.question(b)
		if err == nil && !ok {
			err = at(file, b.line, "neither a block nor a query")
		}
		if err != nil {
			return queries, append(problems, err)
		}
		if _, err := w.prepare(); err != nil {
			return queries, append(problems, at(file, b.line, "%s", w.named(err.Error())))
		}
		queries++
		problems = append(problems, w.ask(b, &q)...)
	}
	return queries, problems
}

// restart forgets everything.
func (w *world) restart() {
	*w = world{file: w.file, ways: w.ways, names: map[hmis.UID]string{defaultCombo: "default"}}
}

// prepare loads the cubes, if something has changed.
func (w *world) prepare() (*ready, error) {
	if w.ready != nil {
		return w.ready, nil
	}
	ctx := context.Background()
	c, tree, err := w.index()
	if err != nil {
		return nil, err
	}
	l := aggregate.Loader{Catalog: c, Tree: tree, Completions: stream(w.completed)}
	once, err := l.Load(ctx, stream(slices.Concat(w.loads...)))
	if err != nil {
		return nil, err
	}
	l.Completions = nil
	grown, err := l.Load(ctx, stream[hmis.DataValue](nil))
	if err != nil {
		return nil, err
	}
	for _, values := range w.loads {
		if grown, err = grown.With(ctx, stream(values), nil); err != nil {
			return nil, err
		}
	}
	if grown, err = grown.With(ctx, nil, stream(w.completed)); err != nil {
		return nil, err
	}
	var file bytes.Buffer
	if _, err := grown.WriteTo(&file); err != nil {
		return nil, err
	}
	opened, err := l.Open(bytes.NewReader(file.Bytes()))
	if err != nil {
		return nil, err
	}
	w.ready = &ready{catalog: c, tree: tree, cubes: []namedCube{{"loaded", once}, {"grown", grown}, {"opened", opened}}}
	return w.ready, nil
}

func stream[T any](list []T) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for _, v := range list {
			if !yield(v, nil) {
				return
			}
		}
	}
}

// ask asks a query in all ways and compares.
func (w *world) ask(b block, q *question) []error {
	r, err := w.prepare()
	if err != nil {
		return []error{at(w.file, b.line, "%w", err)}
	}
	if q.plan { // which the other ways would change
		return w.answer(b, q, r.cubes[0].cube)
	}
	var problems []error
	ways := append([]Way{{Change: func(q aggregate.Query) aggregate.Query { return q }}}, w.ways...)
	for _, c := range r.cubes {
		for _, way := range ways {
			changed := *q
			changed.Query = way.Change(q.Query)
			errs := w.answer(b, &changed, c.cube)
			if len(errs) > 0 && (c.name != "loaded" || way.Name != "") {
				errs = []error{at(w.file, b.line, "%s cube, %s: %w", c.name, way.Name, errors.Join(errs...))}
			}
			if problems = append(problems, errs...); len(errs) > 0 {
				return problems // the other ways would only repeat it
			}
		}
	}
	return problems
}

// answer asks once and compares with the rows below the query.
func (w *world) answer(b block, q *question, cube *aggregate.Cube) []error {
	ctx := context.Background()
	table, err := cube.Query(ctx, q.Query)
	if len(b.rows) == 1 && strings.HasPrefix(b.rows[0].text, "error ") {
		return w.refused(b.rows[0], err)
	}
	if err != nil {
		return []error{at(w.file, b.line, "%s", w.named(err.Error()))}
	}
	if q.explain {
		return w.explained(b, q, cube, table)
	}
	if q.plan {
		plan, err := cube.Plan(ctx, q.Query)
		if err != nil {
			return []error{at(w.file, b.line, "%w", err)}
		}
		return w.sameText(b, "plan", plan.String())
	}
	var got []aggregate.Cell
	for cell, err := range cube.Cells(ctx, q.Query) {
		if err != nil {
			return []error{at(w.file, b.line, "as a stream: %w", err)}
		}
		got = append(got, cell)
	}
	if streamed := slices.Collect(table.Cells()); !slices.EqualFunc(got, streamed, sameCell) {
		return []error{at(w.file, b.line, "the table has %v, the stream %v", streamed, got)}
	}
	want, problems := w.expected(b, q)
	found := make([]bool, len(got))
	for _, e := range want {
		i := slices.IndexFunc(got, func(c aggregate.Cell) bool { return isNamed(e.name, w.name(q, c)) })
		switch {
		case i < 0 && e.value != "-":
			problems = append(problems, at(w.file, e.line, "%s: no such cell, want %s", strings.Join(e.name, " "), e.value))
		case i >= 0 && found[i]:
			problems = append(problems, at(w.file, e.line, "%s stands twice", nameText(w.name(q, got[i]))))
		case i >= 0:
			if found[i] = true; w.shown(q, got[i]) != e.value {
				problems = append(problems, at(w.file, e.line, "%s: got %s, want %s", nameText(w.name(q, got[i])), w.shown(q, got[i]), e.value))
			}
		}
	}
	for i, cell := range got {
		if !found[i] {
			problems = append(problems, at(w.file, b.line, "%s: got %s, want no such cell", nameText(w.name(q, cell)), w.shown(q, cell)))
		}
	}
	return problems
}

func sameCell(a, b aggregate.Cell) bool {
	return a.Data == b.Data && a.OrgUnit == b.OrgUnit && a.Period == b.Period && slices.Equal(a.Split, b.Split) &&
		a.Value.Equal(b.Value) && a.Numerator.Equal(b.Numerator) && a.Denominator.Equal(b.Denominator) &&
		a.Multiplier == b.Multiplier && a.Divisor == b.Divisor
}

// refused compares an error with its code, or with its whole text.
func (w *world) refused(l line, err error) []error {
	want := strings.TrimSpace(strings.TrimPrefix(l.text, "error "))
	if err == nil {
		return []error{at(w.file, l, "got an answer, want error %s", want)}
	}
	issue, ok := errors.AsType[*hmis.Issue](err)
	if ok && issue.Code == want && issue.Code != "" {
		return nil
	}
	if got := w.named(err.Error()); got != want {
		return []error{at(w.file, l, "got error %s, want %s", got, want)}
	}
	return nil
}

// explained compares an explanation line by line.
func (w *world) explained(b block, q *question, cube *aggregate.Cube, table *aggregate.Table) []error {
	cells := slices.Collect(table.Cells())
	if len(cells) != 1 {
		return []error{at(w.file, b.line, "an explanation is of one cell, not of %d", len(cells))}
	}
	x, err := cube.Explain(context.Background(), q.Query, cells[0])
	if err != nil {
		return []error{at(w.file, b.line, "%w", err)}
	}
	if !x.Cell.Value.Equal(cells[0].Value) {
		return []error{at(w.file, b.line, "explained as %s, but the answer is %s", x.Cell.Value, cells[0].Value)}
	}
	return w.sameText(b, "explanation", x.String())
}

// sameText compares a text with the rows below a query, indentation included.
func (w *world) sameText(b block, what, text string) []error {
	got := strings.Split(strings.TrimRight(w.named(text), "\n"), "\n")
	for i, l := range b.rows {
		if i >= len(got) || got[i] != strings.Repeat("  ", l.depth-1)+l.text {
			return []error{at(w.file, l, "want another %s:\n%s", what, strings.Join(got, "\n"))}
		}
	}
	if len(got) > len(b.rows) {
		return []error{at(w.file, b.line, "the %s goes on: %s", what, got[len(b.rows)])}
	}
	return nil
}

// An expectation is a cell that a script wants.
type expectation struct {
	line
	name  []string
	value string
}

// expected reads the rows below a query.
func (w *world) expected(b block, q *question) (want []expectation, problems []error) {
	if len(b.rows) == 0 {
		return nil, []error{at(w.file, b.line, "a query without an answer below it")}
	}
	if len(b.rows) == 1 && b.rows[0].text == "nothing" {
		return nil, nil
	}
	rows, columns := b.rows, []string(nil)
	if head := fields(rows[0].text); len(q.Periods) > 1 && isHead(head, q) {
		rows, columns = rows[1:], head
	}
	for _, l := range rows {
		f := fields(l.text)
		values := max(len(columns), 1)
		if q.parts {
			values = q.width()
		}
		if len(f) < values {
			problems = append(problems, at(w.file, l, "too few words"))
			continue
		}
		name, cells := f[:len(f)-values], f[len(f)-values:]
		if columns == nil {
			want = append(want, expectation{l, name, text(cells)})
		}
		for i, column := range columns {
			want = append(want, expectation{l, append(slices.Clip(name), column), text(cells[i : i+1])})
		}
	}
	return want, problems
}

// width is how many of the words of a row with parts are not names: value,
// numerator and denominator, and of an indicator multiplier and divisor.
func (q *question) width() int {
	for _, item := range slices.Concat(q.Data, q.Filter.Data) {
		if item.Rate != "" {
			return 3
		}
	}
	return 5
}

func isHead(words []string, q *question) bool {
	for _, s := range words {
		if !slices.ContainsFunc(q.Periods, func(p period.Period) bool { return p.String() == s }) {
			return false
		}
	}
	return true
}

// text joins the words of a value; a text with blanks stays in quotes.
func text(words []string) string {
	for i, s := range words {
		if s == "" || strings.ContainsAny(s, " \t") {
			words[i] = `"` + s + `"`
		}
	}
	return strings.Join(words, " ")
}
