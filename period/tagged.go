package period

import (
	"database/sql/driver"
	"fmt"
	"strings"
)

// A Tagged is a [Period] whose text names its calendar: "208103@nepali" where
// the text of the Period is "208103" (RULES.md#tagged-text). A Gregorian period
// is written without a name. Use it in place of Period for texts that may hold
// periods of several calendars, such as a column of a database or a member of a
// JSON object:
//
//	type row struct {
//		Period period.Tagged `json:"period"`
//	}
//	r.Period = period.Tagged(p)
//	p = period.Period(r.Period)
type Tagged Period

// ParseTagged reads a period with the name of its calendar, such as
// 208103@nepali. Without a name the period is Gregorian. A calendar that is not
// of this package must have been made before; see [NewCalendar]. The error is a
// *[ParseError].
func ParseTagged(s string) (Period, error) {
	id, name, ok := strings.Cut(s, "@")
	if !ok {
		return Parse(s)
	}
	c, ok := CalendarByName(name)
	if !ok {
		return Period{}, expected(len(id)+1, "the name of a calendar such as nepali").in(s)
	}
	p, bad := c.parse(id)
	if bad != nil {
		return Period{}, bad.in(s)
	}
	return p, nil
}

// String returns the text that [ParseTagged] reads. For the zero Period it is
// "".
func (t Tagged) String() string { return string(t.append(nil)) }

// AppendText appends the text of t to b. It never fails.
func (t Tagged) AppendText(b []byte) ([]byte, error) { return t.append(b), nil }

// MarshalText implements [encoding.TextMarshaler] with the form of
// [Tagged.String]. The zero Period is empty text.
func (t Tagged) MarshalText() ([]byte, error) { return t.append(nil), nil }

func (t Tagged) append(b []byte) []byte {
	b = Period(t).append(b)
	if c := Period(t).Calendar(); c != Gregorian {
		b = append(append(b, '@'), c.name...)
	}
	return b
}

// UnmarshalText implements [encoding.TextUnmarshaler] with the form that
// [ParseTagged] reads. Empty text is the zero Period. If it fails, t does not
// change.
func (t *Tagged) UnmarshalText(text []byte) error { return t.read(string(text)) }

// read sets t to the period with the text s, or to the zero Period if s is "".
func (t *Tagged) read(s string) error {
	if s == "" {
		*t = Tagged{}
		return nil
	}
	p, err := ParseTagged(s)
	if err == nil {
		*t = Tagged(p)
	}
	return err
}

// Value implements [driver.Valuer]. It returns the text of t, or NULL for the
// zero Period.
func (t Tagged) Value() (driver.Value, error) {
	if t.typ == 0 {
		return nil, nil
	}
	return t.String(), nil
}

// Scan implements [database/sql.Scanner]. It reads what [Tagged.Value] writes,
// and the text of a Gregorian Period. NULL is the zero Period. If it fails, t
// does not change.
func (t *Tagged) Scan(src any) error {
	switch src := src.(type) {
	case nil:
		*t = Tagged{}
		return nil
	case string:
		return t.read(src)
	case []byte:
		return t.read(string(src))
	}
	return fmt.Errorf("period: cannot read a period from %T: want text or NULL", src)
}
