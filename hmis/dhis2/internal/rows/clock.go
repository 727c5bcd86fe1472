package rows

import (
	"encoding/binary"
	"time"

	"github.com/ohie-hmis/hmis-go/hmis/internal/scan"
)

// A clock parses the times of data values. Neighbouring rows mostly have the
// same day, so it keeps the last one.
type clock struct {
	day   [10]byte
	since int64 // seconds from 1970 to that day

	text [28]byte // the last time, in the form that servers write
	ns   int64    // the time in text
}

// read parses a time and returns nanoseconds since 1970. ok is false if they
// cannot represent it exactly; then t does.
func (c *clock) read(b []byte) (ns int64, ok bool, t time.Time, err error) {
	if c.usual(b) {
		return c.ns, true, time.Time{}, nil
	}
	m, err := scan.ParseMoment(string(b))
	if err != nil {
		return 0, false, time.Time{}, err
	}
	t = m.UTC()
	if ns = t.UnixNano(); ns == 0 || !time.Unix(0, ns).Equal(t) {
		return 0, false, t, nil
	}
	return ns, true, t, nil
}

// usual parses a time in the form that servers write, such as
// 2024-01-31T23:59:59.123+0000, and keeps it as the last one. ok is false for
// other texts, and for a time that ns cannot hold.
func (c *clock) usual(b []byte) (ok bool) {
	if len(b) != 28 || b[10] != 'T' || b[13] != ':' || b[16] != ':' || b[19] != '.' || string(b[23:]) != "+0000" ||
		string(b[:10]) != string(c.day[:]) && !c.setDay(b) {
		return false
	}
	h, m, s := two(b[11:]), two(b[14:]), two(b[17:])
	milli := two(b[20:])*10 + int(b[22]-'0')
	if h >= 24 || m >= 60 || s >= 60 || b[22]-'0' >= 10 || milli >= 1000 {
		return false
	}
	ns := (c.since+int64(h*3600+m*60+s))*1e9 + int64(milli)*1e6
	if ns != 0 { // 0 means that there is no time
		c.text, c.ns = [28]byte(b), ns
	}
	return ns != 0
}

// repeats reports whether b, which has 28 bytes, equals the last time.
func (c *clock) repeats(b []byte) bool {
	le := binary.LittleEndian
	return (le.Uint64(b)^le.Uint64(c.text[:]))|(le.Uint64(b[8:])^le.Uint64(c.text[8:]))|
		(le.Uint64(b[16:])^le.Uint64(c.text[16:]))|uint64(le.Uint32(b[24:])^le.Uint32(c.text[24:])) == 0
}

// setDay parses the day at the start of b. It reports whether nanoseconds can
// be counted from it.
func (c *clock) setDay(b []byte) bool {
	year, month, day := two(b)*100+two(b[2:]), two(b[5:]), two(b[8:])
	if b[4] != '-' || b[7] != '-' || year < 1700 || year > 2200 || month > 12 || day > 31 {
		return false
	}
	t := time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
	if t.Day() != day || t.Month() != time.Month(month) {
		return false
	}
	copy(c.day[:], b)
	c.since = t.Unix()
	return true
}

// two parses two digits. Anything else gives 100 or more.
func two(b []byte) int {
	hi, lo := b[0]-'0', b[1]-'0'
	if hi > 9 || lo > 9 {
		return 1000
	}
	return int(hi)*10 + int(lo)
}
