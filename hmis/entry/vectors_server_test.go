package entry_test

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/hmis/dhis2"
	"github.com/ohie-hmis/hmis-go/hmis/entry"
	"github.com/ohie-hmis/hmis-go/internal/tally"
	"github.com/ohie-hmis/hmis-go/internal/testfile"
	"github.com/ohie-hmis/hmis-go/orgunit"
	"github.com/ohie-hmis/hmis-go/period"
	"github.com/stretchr/testify/require"
)

// server reads the synthetic country with what was added for entry.
func server(t testing.TB) (*hmis.Catalog, *orgunit.Tree) {
	t.Helper()
	var parts []hmis.Metadata
	for _, name := range []string{"server/synthetic-metadata.json.gz", "server/entry-metadata.json.gz"} {
		md, err := dhis2.ReadMetadata(testfile.Open(t, testfile.Input(t, name)))
		require.NoError(t, err)
		parts = append(parts, md)
	}
	md, _ := hmis.Merge(parts...)
	catalog, err := hmis.NewCatalog(md)
	require.NoError(t, err)
	tree, err := orgunit.NewTree(md.OrgUnits)
	require.NoError(t, err)
	return catalog, tree
}

// A textLine asks for one text of one data element.
type textLine struct {
	ID string
	In struct {
		DataElement hmis.UID
		ValueType   hmis.ValueType
		Text        string
		Options     []string
	}
	Out struct {
		Code   *string
		Stored string
	}
}

// TestVectorsServer compares the answers of a gate with those of a running
// server: of single texts the code and the text that is stored, of payloads the
// code that rejects all of it and the codes of its values.
func TestVectorsServer(t *testing.T) {
	catalog, tree := server(t)
	for _, file := range testfile.Vectors(t, "server/quality-entry-texts*") {
		count := tally.Of(t, file)
		for line := range testfile.Lines[textLine](t, file) {
			code, stored := enter(t, catalog, line)
			want := ""
			if line.Out.Code != nil {
				want = *line.Out.Code
			}
			if why := line.deviates(code); why != "" {
				count.Leave(why + ": " + line.ID)
				continue
			}
			count.Check(code == want && (want != "" || stored == line.Out.Stored), "%s: %s %q: code %q, stored %q; want %q, %q",
				line.ID, line.In.ValueType, line.In.Text, code, stored, want, line.Out.Stored)
		}
		count.Done()
	}
	for _, file := range testfile.Vectors(t, "server/quality-entry-rows*") {
		count := tally.Of(t, file)
		for line := range testfile.Lines[rowsLine](t, file) {
			whole, rows := line.judge(t, catalog, tree)
			want := line.Out.whole()
			if why := line.deviates(t, catalog, whole); why != "" {
				count.Leave(why + ": " + line.ID)
				continue
			}
			count.Check(whole == want && slices.Equal(rows, line.Out.rows()), "%s: %s %s: whole %q, rows %q; want %q, %q",
				line.ID, line.In.Payload, line.In.Options, whole, rows, want, line.Out.rows())
		}
		count.Done()
	}
}

// deviates returns why the answer to a text is not that of a server, or "". The
// rules that differ are stated in RULES.md.
func (l *textLine) deviates(code string) string {
	switch text := l.In.Text; {
	case l.Out.Code != nil && *l.Out.Code != "E8123":
	case code == "E8120" && text != "" && strings.Trim(text, " \t\n\v\f\r") == "":
		return "a server stores texts of nothing but blanks"
	case l.Out.Code == nil && code == "E8122" && (l.In.ValueType == hmis.DateValue || l.In.ValueType == hmis.Age) && len(text) > 10:
		if _, err := period.ParseDate(text[:10]); err == nil {
			return "a server accepts any text behind a date"
		}
	}
	return ""
}

// enter sends one text through a gate.
func enter(t *testing.T, catalog *hmis.Catalog, line textLine) (code, stored string) {
	t.Helper()
	element, ok := hmis.Find[hmis.DataElement](catalog, line.In.DataElement)
	require.True(t, ok && element.ValueType == line.In.ValueType, line.ID)
	set, _ := hmis.Find[hmis.OptionSet](catalog, element.OptionSet)
	var options []string
	for _, o := range set.Options {
		options = append(options, o.Code)
	}
	require.ElementsMatch(t, line.In.Options, options, line.ID)
	sets := catalog.DataSets(element.ID)
	of, _ := hmis.Find[hmis.DataSet](catalog, sets[0])
	v := hmis.DataValue{
		Key:   hmis.Key{DataElement: element.ID, OrgUnit: of.OrgUnits[0], Period: of.PeriodType.On(period.DateOf(2024, 1, 1))},
		Value: line.In.Text,
	}
	var sum hmis.Summary
	for v, err := range (entry.Gate{Catalog: catalog, Policy: entry.Grouped}).Values(stream(v), &sum) {
		require.NoError(t, err)
		stored = v.Value
	}
	for _, i := range sum.Issues {
		code = i.Code
	}
	return code, stored
}

// stream returns values as a reader does.
func stream(values ...hmis.DataValue) func(func(hmis.DataValue, error) bool) {
	return func(yield func(hmis.DataValue, error) bool) {
		for _, v := range values {
			if !yield(v, nil) {
				return
			}
		}
	}
}

// A rowsLine asks for a payload.
type rowsLine struct {
	ID string
	In struct {
		Payload        json.RawMessage
		Options        map[string]string
		Now            string
		MayEditExpired bool
	}
	Out rowsOut
}

type rowsOut struct {
	Whole *string
	Rows  []*string
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

func (o rowsOut) whole() string { return text(o.Whole) }

func (o rowsOut) rows() (codes []string) {
	for _, s := range o.Rows {
		codes = append(codes, text(s))
	}
	return codes
}

// deviates returns why the answer to a payload is not that of a server, or "".
func (l *rowsLine) deviates(t *testing.T, catalog *hmis.Catalog, whole string) string {
	if l.Out.Whole != nil {
		return ""
	}
	var payload struct {
		DataSet    hmis.UID
		DataValues []struct{ DataElement, CategoryOptionCombo, AttributeOptionCombo hmis.UID }
	}
	require.NoError(t, json.Unmarshal(l.In.Payload, &payload))
	for _, v := range payload.DataValues {
		switch {
		case whole == "E8024" && v.CategoryOptionCombo == "" && catalog.CategoryCombo(v.DataElement, payload.DataSet) != catalog.CategoryCombo("", ""):
			return "a server does not check an option combo that is left out"
		case whole == "E8128" && (v.CategoryOptionCombo == catalog.DefaultOptionCombo() || v.AttributeOptionCombo == catalog.DefaultOptionCombo()):
			return "a server tells a default that is written out from one that is left out"
		}
	}
	return ""
}

// schemes returns the id schemes that the options of a request name.
func (l *rowsLine) schemes(t *testing.T) (s hmis.Schemes) {
	t.Helper()
	for name, field := range map[string]*hmis.Scheme{
		"idScheme": &s.Any, "dataSetIdScheme": &s.DataSet, "dataElementIdScheme": &s.DataElement, "orgUnitIdScheme": &s.OrgUnit,
		"categoryOptionComboIdScheme": &s.OptionCombo, "attributeOptionComboIdScheme": &s.AttributeCombo,
	} {
		scheme, err := hmis.ParseScheme(l.In.Options[name])
		require.NoError(t, err, l.ID)
		*field = scheme
	}
	return s
}

// judge sends a payload through a gate that does as servers since 2.43.
func (l *rowsLine) judge(t *testing.T, catalog *hmis.Catalog, tree *orgunit.Tree) (whole string, rows []string) {
	t.Helper()
	now, err := time.Parse("2006-01-02T15:04:05", l.In.Now)
	require.NoError(t, err)
	strategy, err := entry.ParseStrategy(l.In.Options["importStrategy"])
	require.NoError(t, err)
	policy := entry.Grouped
	if l.In.Options["atomic"] == "true" {
		policy = entry.GroupedAtomic
	}
	codes := map[int]string{}
	im := dhis2.Import{
		Format: dhis2.Format{Catalog: catalog, Schemes: l.schemes(t), Set: dhis2.Set{DataSet: hmis.UID(l.In.Options["dataSet"])}},
		Gate: entry.Gate{
			Catalog: catalog, Tree: tree, Policy: policy, Strategy: strategy, Now: now,
			EditExpired: l.In.MayEditExpired, Force: l.In.Options["force"] == "true",
			Reject: func(_ hmis.DataValue, err error) {
				if i, ok := errors.AsType[*hmis.Issue](err); ok {
					codes[i.Rows[0]] = i.Code
					if i.Severity == hmis.Critical {
						whole = i.Code
					}
				}
			},
		},
	}
	sum, err := im.Run(t.Context(), strings.NewReader(string(l.In.Payload)))
	if i, ok := errors.AsType[*hmis.Issue](err); ok {
		whole = cmp.Or(whole, i.Code)
	} else if err != nil {
		whole = fmt.Sprint(err)
	}
	if whole != "" {
		return whole, nil
	}
	for _, i := range sum.Issues {
		require.NotEmpty(t, i.Rows, "%s: %v", l.ID, i)
	}
	var payload struct{ DataValues []json.RawMessage }
	require.NoError(t, json.Unmarshal(l.In.Payload, &payload))
	for i := range payload.DataValues {
		rows = append(rows, codes[i])
	}
	return "", rows
}
