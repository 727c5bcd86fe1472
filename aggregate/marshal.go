package aggregate

import (
	"encoding/json"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/ohie-hmis/hmis-go/period"
)

// A cellJSON is a Cell as it is written.
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

// An explanationJSON is an Explanation as it is written.
type explanationJSON struct {
	Cell   cellJSON          `json:"cell"`
	Rule   string            `json:"rule,omitempty"`
	Above  bool              `json:"above,omitempty"`
	Parts  []explanationJSON `json:"parts,omitempty"`
	Values []valueJSON       `json:"values,omitempty"`
	Left   []valueJSON       `json:"left,omitempty"`
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
// and "above": true.
func (e Explanation) MarshalJSON() ([]byte, error) {
	return json.Marshal((&e).json(map[*Explanation]bool{}))
}

func (e *Explanation) json(seen map[*Explanation]bool) explanationJSON {
	out := explanationJSON{Cell: e.Cell.json()}
	if out.Above = seen[e] && len(e.Parts) > 0; out.Above {
		return out
	}
	seen[e] = true
	out.Rule = e.Rule
	for _, part := range e.Parts {
		out.Parts = append(out.Parts, part.json(seen))
	}
	if e.Values != nil {
		for v := range e.Values {
			out.Values = append(out.Values, newValueJSON(v, ""))
		}
	}
	if e.Left != nil {
		for v, why := range e.Left {
			out.Left = append(out.Left, newValueJSON(v, why))
		}
	}
	return out
}
