package aggregate

import (
	"encoding/json"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/ohie-hmis/hmis-go/period"
)

// A cellJSON is the JSON form of a Cell.
type cellJSON struct {
	Data        string           `json:"data,omitempty"`
	OrgUnit     hmis.UID         `json:"orgUnit,omitempty"`
	Period      *period.Tagged   `json:"period,omitempty"`
	Split       []hmis.UID       `json:"split,omitempty"`
	Value       indicator.Value  `json:"value"`
	Numerator   *indicator.Value `json:"numerator,omitempty"`
	Denominator *indicator.Value `json:"denominator,omitempty"`
	Multiplier  int              `json:"multiplier,omitempty"`
	Divisor     int              `json:"divisor,omitempty"`
}

// MarshalJSON writes the cell as an object: data as in a DHIS2 request, a period
// that is not of the Gregorian calendar with the name of its own, and values as
// [indicator.Value.MarshalJSON] writes them. What the cell does not have is left
// out, but for a missing value, which is null.
func (c Cell) MarshalJSON() ([]byte, error) { return json.Marshal(c.json()) }

func (c Cell) json() cellJSON {
	out := cellJSON{
		OrgUnit: c.OrgUnit, Split: c.Split, Value: c.Value,
		Numerator: present(c.Numerator), Denominator: present(c.Denominator),
		Multiplier: c.Multiplier, Divisor: c.Divisor,
	}
	if c.Data != (indicator.Item{}) {
		out.Data = itemText(c.Data)
	}
	if !c.Period.IsZero() {
		out.Period = new(period.Tagged(c.Period))
	}
	return out
}

func present(v indicator.Value) *indicator.Value {
	if v.IsMissing() {
		return nil
	}
	return &v
}

// An explanationJSON is the JSON form of an Explanation.
type explanationJSON struct {
	Cell   cellJSON          `json:"cell"`
	Rule   string            `json:"rule,omitempty"`
	Above  bool              `json:"above,omitempty"`
	Parts  []explanationJSON `json:"parts,omitempty"`
	Values []valueJSON       `json:"values,omitempty"`
	Left   []valueJSON       `json:"left,omitempty"`
	Names  map[string]string `json:"names,omitempty"` // name of each id; at the top only
}

type valueJSON struct {
	DataElement    hmis.UID      `json:"dataElement"`
	Period         period.Tagged `json:"period"`
	OrgUnit        hmis.UID      `json:"orgUnit"`
	OptionCombo    hmis.UID      `json:"categoryOptionCombo"`
	AttributeCombo hmis.UID      `json:"attributeOptionCombo"`
	Value          string        `json:"value"`
	Why            string        `json:"why,omitempty"`
}

func newValueJSON(v hmis.DataValue, why string) valueJSON {
	return valueJSON{
		v.DataElement, period.Tagged(v.Period), v.OrgUnit, v.OptionCombo, v.AttributeCombo, v.Value, why,
	}
}

// MarshalJSON writes the explanation as an object: its cell, rule and parts, and
// the values that were counted or left. A part that comes again has its cell only,
// and "above": true. With names, "names" has that of each id
// ([Explanation.WithNames]).
func (e Explanation) MarshalJSON() ([]byte, error) {
	w := explanationWriter{names: e.names, seen: map[*Explanation]bool{}, named: map[string]string{}}
	out := w.json(&e)
	out.Names = w.named
	return json.Marshal(out)
}

// An explanationWriter converts an Explanation to its JSON form.
type explanationWriter struct {
	names naming
	seen  map[*Explanation]bool
	named map[string]string // the name of each id so far, if there are names
}

func (w *explanationWriter) json(e *Explanation) explanationJSON {
	out := explanationJSON{Cell: e.Cell.json()}
	w.nameCell(e.Cell)
	if out.Above = w.seen[e] && len(e.Parts) > 0; out.Above {
		return out
	}
	w.seen[e] = true
	out.Rule = e.rule(w.names)
	for _, part := range e.Parts {
		out.Parts = append(out.Parts, w.json(part))
	}
	if e.Values != nil {
		for v := range e.Values {
			out.Values = append(out.Values, newValueJSON(v, ""))
			w.nameValue(v)
		}
	}
	if e.Left != nil {
		for v, why := range e.Left {
			out.Left = append(out.Left, newValueJSON(v, why))
			w.nameValue(v)
		}
	}
	return out
}

// name records the name of an id.
func (w *explanationWriter) name(id, name string) {
	if id != "" {
		w.named[id] = name
	}
}

// nameCell records the names of the ids in a cell.
func (w *explanationWriter) nameCell(c Cell) {
	if w.names.none() {
		return
	}
	w.name(itemText(c.Data), w.names.data(c.Data))
	w.name(string(c.OrgUnit), w.names.unit(c.OrgUnit))
	w.name(c.Period.String(), w.names.period(c.Period))
	for _, item := range c.Split {
		w.name(string(item), w.names.any(item))
	}
}

// nameValue records the names of the ids in a stored value.
func (w *explanationWriter) nameValue(v hmis.DataValue) {
	if w.names.none() {
		return
	}
	w.name(string(v.DataElement), w.names.object(hmis.KindDataElement, v.DataElement))
	w.name(string(v.OrgUnit), w.names.unit(v.OrgUnit))
	w.name(v.Period.String(), w.names.period(v.Period))
	w.name(string(v.OptionCombo), w.names.object(hmis.KindOptionCombo, v.OptionCombo))
	w.name(string(v.AttributeCombo), w.names.object(hmis.KindOptionCombo, v.AttributeCombo))
}
