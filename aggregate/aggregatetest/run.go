package aggregatetest

import (
	"cmp"
	"context"
	"embed"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/ohie-hmis/hmis-go/aggregate"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/period"
)

// Run runs the scripts of all files that match a pattern, such as
// "testdata/*.txt", each as a subtest. All subjects must give the answers in
// the scripts; the default subjects are [Cubes]. The test fails if no file
// matches, or if a script has no query.
func Run(t *testing.T, pattern string, subjects ...Subject) {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Fatalf("no file %s", pattern)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		runScript(t, file, string(text), subjects)
	}
}

//go:embed scripts
var scripts embed.FS

// Scripts returns the scripts of this module. They state its rules with numbers
// that were computed by hand. Each names its rules in RULES.md of package
// aggregate.
func Scripts() fs.FS {
	sub, err := fs.Sub(scripts, "scripts")
	if err != nil {
		panic(err) // the name is correct
	}
	return sub
}

// Conformance runs all of [Scripts] like [Run]. An engine that passes gives the
// numbers of this module.
func Conformance(t *testing.T, subjects ...Subject) {
	t.Helper()
	files, err := fs.Glob(Scripts(), "*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	for _, file := range files {
		text, err := fs.ReadFile(Scripts(), file)
		if err != nil {
			t.Fatal(err)
		}
		runScript(t, file, string(text), subjects)
	}
}

// runScript runs a script as a subtest with the name of its file.
func runScript(t *testing.T, file, text string, subjects []Subject) {
	t.Helper()
	t.Run(strings.TrimSuffix(filepath.Base(file), filepath.Ext(file)), func(t *testing.T) {
		queries, problems := Check(file, text, subjects...)
		for _, p := range problems {
			t.Error(p)
		}
		if queries == 0 {
			t.Errorf("%s asks nothing", file)
		}
	})
}

// Check runs one script. It returns the number of its queries, and an error for
// each line that is not true, which begins with FILE:LINE. A line that cannot
// be parsed ends the script.
func Check(file, text string, subjects ...Subject) (queries int, problems []error) {
	list, err := blocks(file, text)
	if err != nil {
		return 0, []error{err}
	}
	if len(subjects) == 0 {
		subjects = Cubes()
	}
	r := newReader(file)
	for _, b := range list {
		ok, err := r.read(b)
		if err != nil {
			return queries, append(problems, err)
		}
		if ok {
			continue
		}
		q, ok, err := r.question(b)
		if err == nil && !ok {
			err = at(file, b.line, "neither a block nor a query")
		}
		if err != nil {
			return queries, append(problems, err)
		}
		engines, err := r.prepare(subjects)
		if err != nil {
			return queries, append(problems, at(file, b.line, "%s", r.Named(err.Error())))
		}
		queries++
		problems = append(problems, r.ask(b, &q, engines)...)
	}
	return queries, problems
}

// A reader has the world that the blocks so far describe.
type reader struct {
	*World
	file    string
	engines []ready // engines with the present world; nil after a change
}

// A ready is the engine of a subject that has loaded the world.
type ready struct {
	name   string
	engine Engine
}

func newReader(file string) *reader {
	return &reader{World: &World{names: map[hmis.UID]string{defaultCombo: "default"}}, file: file}
}

// read parses a block about the world or its values. ok is false if b is a
// query or unknown.
func (r *reader) read(b block) (ok bool, err error) {
	switch head := fields(b.text)[0]; head {
	case "clear":
		r.Values, r.Completions = nil, nil
	case "world":
		*r = *newReader(r.file)
	case "load":
		err = r.load(b)
	case "complete":
		err = r.complete(b)
	default:
		ok, err = r.describe(b)
		if !ok || err != nil {
			return ok, err
		}
	}
	r.engines = nil
	return true, err
}

// prepare returns the engines of all subjects. It loads the world into them if
// it has changed.
func (r *reader) prepare(subjects []Subject) ([]ready, error) {
	if r.engines != nil {
		return r.engines, nil
	}
	var list []ready
	for _, s := range subjects {
		e, err := s.Load(context.Background(), r.World.clone())
		if err != nil {
			return nil, err
		}
		list = append(list, ready{s.Name, e})
	}
	r.engines = list
	return list, nil
}

// ask sends a query to all engines until one gives a wrong answer, since the
// others would only repeat it. For a plan it uses the first engine that has
// one.
func (r *reader) ask(b block, q *question, engines []ready) []error {
	for i, e := range engines {
		planner, ok := e.engine.(interface {
			Plan(context.Context, aggregate.Query) (*aggregate.Plan, error)
		})
		if q.plan && !ok {
			continue
		}
		if q.plan {
			plan, err := planner.Plan(context.Background(), q.Query)
			if err != nil {
				return []error{at(r.file, b.line, "%w", err)}
			}
			return r.sameText(b, "plan", plan.String())
		}
		if errs := r.answer(b, q, e.engine); len(errs) > 0 {
			if i > 0 {
				errs = []error{at(r.file, b.line, "%s: %w", e.name, errors.Join(errs...))}
			}
			return errs
		}
	}
	return nil
}

// answer sends a query to an engine and compares the answer with the rows below
// the query.
func (r *reader) answer(b block, q *question, e Engine) []error {
	ctx := context.Background()
	var got []aggregate.Cell
	var err error
	for cell, bad := range e.Cells(ctx, q.Query) {
		if err = bad; err != nil {
			break
		}
		cell.Split = slices.Clone(cell.Split)
		got = append(got, cell)
	}
	var table *aggregate.Table
	tableErr := err
	if t, ok := e.(interface {
		Query(context.Context, aggregate.Query) (*aggregate.Table, error)
	}); ok {
		table, tableErr = t.Query(ctx, q.Query)
	}
	if len(b.rows) == 1 && strings.HasPrefix(b.rows[0].text, "error ") {
		if errs := r.refused(b.rows[0], err); len(errs) > 0 {
			return errs
		}
		return r.refused(b.rows[0], tableErr)
	}
	if err = cmp.Or(err, tableErr); err != nil {
		return []error{at(r.file, b.line, "%s", r.Named(err.Error()))}
	}
	if q.explain {
		return r.explained(b, q, e, got)
	}
	if table != nil {
		if tabled := slices.Collect(table.Cells()); !slices.EqualFunc(got, tabled, sameCell) {
			return []error{at(r.file, b.line, "the table has %v, the stream %v", tabled, got)}
		}
	}
	want, problems := r.expected(b, q)
	found := make([]bool, len(got))
	for _, e := range want {
		i := slices.IndexFunc(got, func(c aggregate.Cell) bool { return isNamed(e.name, r.name(q, c)) })
		switch {
		case i < 0 && e.value != "-":
			problems = append(problems, at(r.file, e.line, "%s: no such cell, want %s", strings.Join(e.name, " "), e.value))
		case i >= 0 && found[i]:
			problems = append(problems, at(r.file, e.line, "%s is there twice", nameText(r.name(q, got[i]))))
		case i >= 0:
			if found[i] = true; r.shown(q, got[i]) != e.value {
				problems = append(problems, at(r.file, e.line, "%s: got %s, want %s", nameText(r.name(q, got[i])), r.shown(q, got[i]), e.value))
			}
		}
	}
	for i, cell := range got {
		if !found[i] {
			problems = append(problems, at(r.file, b.line, "%s: got %s, want no such cell", nameText(r.name(q, cell)), r.shown(q, cell)))
		}
	}
	return problems
}

func sameCell(a, b aggregate.Cell) bool {
	return a.Data == b.Data && a.OrgUnit == b.OrgUnit && a.Period == b.Period && slices.Equal(a.Split, b.Split) &&
		a.Value.Equal(b.Value) && a.Numerator.Equal(b.Numerator) && a.Denominator.Equal(b.Denominator) &&
		a.Multiplier == b.Multiplier && a.Divisor == b.Divisor
}

// refused compares an error with the code or text in the script.
func (r *reader) refused(l line, err error) []error {
	want := strings.TrimSpace(strings.TrimPrefix(l.text, "error "))
	if err == nil {
		return []error{at(r.file, l, "got an answer, want error %s", want)}
	}
	issue, ok := errors.AsType[*hmis.Issue](err)
	if ok && issue.Code == want && issue.Code != "" {
		return nil
	}
	if got := r.Named(err.Error()); got != want {
		return []error{at(r.file, l, "got error %s, want %s", got, want)}
	}
	return nil
}

// explained compares an explanation line by line, if the engine can explain.
func (r *reader) explained(b block, q *question, e Engine, cells []aggregate.Cell) []error {
	x, ok := e.(interface {
		Explain(context.Context, aggregate.Query, aggregate.Cell) (*aggregate.Explanation, error)
	})
	if !ok {
		return nil
	}
	if len(cells) != 1 {
		return []error{at(r.file, b.line, "an explanation is of one cell, not of %d", len(cells))}
	}
	why, err := x.Explain(context.Background(), q.Query, cells[0])
	if err != nil {
		return []error{at(r.file, b.line, "%w", err)}
	}
	if !why.Cell.Value.Equal(cells[0].Value) {
		return []error{at(r.file, b.line, "explained as %s, but the answer is %s", why.Cell.Value, cells[0].Value)}
	}
	return r.sameText(b, "explanation", why.String())
}

// sameText compares a text with the rows below a query, including indentation.
func (r *reader) sameText(b block, what, text string) []error {
	got := strings.Split(strings.TrimRight(r.Named(text), "\n"), "\n")
	for i, l := range b.rows {
		if i >= len(got) || got[i] != strings.Repeat("  ", l.depth-1)+l.text {
			return []error{at(r.file, l, "want another %s:\n%s", what, strings.Join(got, "\n"))}
		}
	}
	if len(got) > len(b.rows) {
		return []error{at(r.file, b.line, "the %s goes on: %s", what, got[len(b.rows)])}
	}
	return nil
}

// An expectation is a cell in a script.
type expectation struct {
	line
	name  []string
	value string
}

// expected parses the rows below a query.
func (r *reader) expected(b block, q *question) (want []expectation, problems []error) {
	if len(b.rows) == 0 {
		return nil, []error{at(r.file, b.line, "a query without an answer below it")}
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
			problems = append(problems, at(r.file, l, "too few words"))
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

// width returns how many words at the end of a row are not names. With parts
// these are value, numerator and denominator, and for indicators also
// multiplier and divisor.
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

// text returns the words of a value as one text. A text with blanks keeps its
// quotes.
func text(words []string) string {
	for i, s := range words {
		if s == "" || strings.ContainsAny(s, " \t") {
			words[i] = `"` + s + `"`
		}
	}
	return strings.Join(words, " ")
}
