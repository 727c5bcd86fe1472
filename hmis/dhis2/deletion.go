package dhis2

import (
	"errors"
	"fmt"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/hmis/dhis2/internal/jsontext"
	"github.com/ohie-hmis/hmis-go/hmis/dhis2/internal/rows"
	"github.com/ohie-hmis/hmis-go/period"
)

// deletion yields the values that the member named deletion describes, marked
// Deleted. They are all combinations of the entries of its lists
// (RULES.md#deletions).
func (d *decoder) deletion(raw []byte, offset int64) error {
	if raw[0] == 'n' {
		return nil
	}
	if raw[0] != '{' {
		return at(offset, fmt.Errorf("deletion: want an object, got %s", jsontext.KindOf(raw)))
	}
	if err := d.header.needsCatalog(); err != nil {
		return err
	}
	h := &d.header
	var units []hmis.UID
	var periods []period.Period
	var keys []hmis.Key
	err := jsontext.Members(raw, func(m jsontext.Member) error {
		switch m.Name {
		case "orgUnits", "periods", "elements":
		default:
			if d.names.Ignores(m.Name) {
				return nil
			}
			return rows.UnknownName("member", m.Name)
		}
		if m.Raw[0] == 'n' {
			return nil
		}
		if m.Raw[0] != '[' {
			return fmt.Errorf("%s: want an array, got %s", m.Name, jsontext.KindOf(m.Raw))
		}
		return jsontext.Members(m.Raw, func(e jsontext.Member) error {
			switch m.Name {
			case "orgUnits":
				id, err := h.rawID(rows.OrgUnit, e.Raw)
				units = append(units, id)
				return err
			case "periods":
				text, err := jsontext.Scalar(e.Raw)
				if err != nil {
					return err
				}
				p, err := h.ParsePeriod(string(text))
				periods = append(periods, p)
				return err
			}
			key, err := h.deletedElement(e.Raw, d.names)
			keys = append(keys, key)
			return err
		})
	})
	if err != nil {
		return at(offset, fmt.Errorf("deletion: %w", err))
	}
	if n := float64(len(units)) * float64(len(periods)) * float64(len(keys)); n > maxCross {
		return at(offset, fmt.Errorf("deletion: want at most %d values, got %.0f", maxCross, n))
	}
	return d.cross(units, periods, keys)
}

// deletedElement parses {"dataElement": ..., "categoryOptionCombo": ...}.
func (h *header) deletedElement(raw []byte, n rows.Names) (hmis.Key, error) {
	var key hmis.Key
	err := jsontext.Members(raw, func(m jsontext.Member) (err error) {
		switch c := n.Column(m.Name); c {
		case rows.Element:
			key.DataElement, err = h.rawID(c, m.Raw)
		case rows.OptionCombo:
			key.OptionCombo, err = h.rawID(c, m.Raw)
		case rows.AttributeCombo:
			key.AttributeCombo, err = h.rawID(c, m.Raw)
		case rows.Ignored:
		default:
			err = rows.UnknownName("member", m.Name)
		}
		return err
	})
	if err == nil && key.DataElement == "" {
		err = errors.New("elements: want a dataElement in each")
	}
	return key, err
}

func (h *header) rawID(c rows.Column, raw []byte) (hmis.UID, error) {
	text, err := jsontext.Scalar(raw)
	if err == nil {
		err = rows.CheckText(string(text))
	}
	if err != nil || len(text) == 0 {
		return "", err
	}
	return h.Lookup(rows.KindOfColumn(c), h.Scheme(c), string(text))
}

func (d *decoder) cross(units []hmis.UID, periods []period.Period, keys []hmis.Key) error {
	b := new(hmis.Batch)
	send := func() error {
		if b.Len() == 0 {
			return nil
		}
		full := b
		b = new(hmis.Batch)
		if !d.yield(full, nil) {
			return errStopped
		}
		return nil
	}
	for _, key := range keys {
		for _, unit := range units {
			for _, p := range periods {
				key.OrgUnit, key.Period = unit, p
				b.Append(hmis.DataValue{Key: key, Deleted: true})
				if b.Len() == 1<<16 {
					if err := send(); err != nil {
						return err
					}
				}
			}
		}
	}
	return send()
}
