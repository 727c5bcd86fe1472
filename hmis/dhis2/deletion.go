package dhis2

import (
	"errors"
	"fmt"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/period"
)

// deletion delivers the values that the member deletion names, the whole cross
// product of its lists, marked Deleted
// (RULES.md#deletions).
func (d *decoder) deletion(raw []byte, offset int64) error {
	if raw[0] == 'n' {
		return nil
	}
	if raw[0] != '{' {
		return at(offset, fmt.Errorf("deletion: want an object, got %s", kindOf(raw)))
	}
	if err := d.needsCatalog(); err != nil {
		return err
	}
	h := &d.header
	var units []hmis.UID
	var periods []period.Period
	var keys []hmis.Key
	err := members(raw, func(m member) error {
		switch m.name {
		case "orgUnits", "periods", "elements":
		default:
			if d.names.ignores(m.name) {
				return nil
			}
			return unknownName("member", m.name)
		}
		if m.raw[0] == 'n' {
			return nil
		}
		if m.raw[0] != '[' {
			return fmt.Errorf("%s: want an array, got %s", m.name, kindOf(m.raw))
		}
		return members(m.raw, func(e member) error {
			switch m.name {
			case "orgUnits":
				id, err := h.rawID(orgUnit, e.raw)
				units = append(units, id)
				return err
			case "periods":
				text, err := scalar(e.raw)
				if err != nil {
					return err
				}
				p, err := h.period(string(text))
				periods = append(periods, p)
				return err
			}
			key, err := h.deletedElement(e.raw, d.names)
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

// deletedElement reads {"dataElement": ..., "categoryOptionCombo": ...}.
func (h *header) deletedElement(raw []byte, n names) (hmis.Key, error) {
	var key hmis.Key
	err := members(raw, func(m member) (err error) {
		switch c := n.column(m.name); c {
		case element:
			key.DataElement, err = h.rawID(c, m.raw)
		case optionCombo:
			key.CategoryOptionCombo, err = h.rawID(c, m.raw)
		case attrCombo:
			key.AttributeOptionCombo, err = h.rawID(c, m.raw)
		case ignored:
		default:
			err = unknownName("member", m.name)
		}
		return err
	})
	if err == nil && key.DataElement == "" {
		err = errors.New("elements: want a dataElement in each")
	}
	return key, err
}

func (h *header) rawID(c column, raw []byte) (hmis.UID, error) {
	text, err := scalar(raw)
	if err == nil {
		err = check(string(text))
	}
	if err != nil || len(text) == 0 {
		return "", err
	}
	return h.lookup(kindOfColumn(c), h.scheme(c), string(text))
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
