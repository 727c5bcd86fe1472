package period

import (
	"database/sql/driver"
	"fmt"
	"time"
)

// Value implements [driver.Valuer]. It returns the identifier of p as text, or
// NULL for the zero Period. The calendar is not stored; use [Tagged] to store
// it.
func (p Period) Value() (driver.Value, error) {
	if p.typ == 0 {
		return nil, nil
	}
	return p.String(), nil
}

// Scan implements [database/sql.Scanner]. It reads a Gregorian identifier from
// text; NULL is the zero Period. If it fails, p does not change.
func (p *Period) Scan(src any) error {
	switch src := src.(type) {
	case nil:
		*p = Period{}
		return nil
	case string:
		if bad := p.read(src); bad != nil {
			return bad.in(src)
		}
		return nil
	case []byte:
		return p.UnmarshalText(src)
	}
	return fmt.Errorf("period: cannot read a period from %T: want text or NULL", src)
}

// Value implements [driver.Valuer]. It returns d as 2024-01-31, which is SQL's
// literal for a DATE. It is a text and not a time, because some drivers convert
// times to another zone, where the day may differ.
func (d Date) Value() (driver.Value, error) { return d.String(), nil }

// Scan implements [database/sql.Scanner]. It reads a day from a time, which
// drivers return for DATE columns, or from text such as 2024-01-31.
//
// NULL is an error, since every Date is a day. Scan into a [database/sql.Null]
// of Date if NULL may occur. If Scan fails, d does not change.
func (d *Date) Scan(src any) error {
	switch src := src.(type) {
	case time.Time:
		*d = DateAt(src)
		return nil
	case string:
		day, err := ParseDate(src)
		if err == nil {
			*d = day
		}
		return err
	case []byte:
		return d.UnmarshalText(src)
	}
	return fmt.Errorf("period: cannot read a date from %T: want a time or text", src)
}
