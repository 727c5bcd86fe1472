package period

// String returns the identifier that [Calendar.Parse] reads, in the form that
// DHIS2 writes, such as 202401 or 2024W5. It does not say which calendar p is
// counted in. For the zero Period it is "".
func (p Period) String() string {
	var buf [16]byte
	return string(p.append(buf[:0]))
}

// AppendText appends the identifier of p to b. It never fails, and allocates
// only if b has no room.
func (p Period) AppendText(b []byte) ([]byte, error) { return p.append(b), nil }

// MarshalText implements [encoding.TextMarshaler] with the form of
// [Period.String], which does not include the calendar. Use [Tagged] to include
// it. The zero Period is empty text.
func (p Period) MarshalText() ([]byte, error) {
	return p.append(make([]byte, 0, 11)), nil
}

// UnmarshalText implements [encoding.TextUnmarshaler] with the form that the
// function [Parse] reads, which is Gregorian. Empty text is the zero Period. If
// it fails, p does not change. For other calendars use [Calendar.Parse].
func (p *Period) UnmarshalText(text []byte) error {
	if bad := p.read(string(text[:min(len(text), maxText)])); bad != nil {
		return bad.in(string(text))
	}
	return nil
}

// maxText is longer than every valid text. It is small enough for a string of
// this length to stay off the heap.
const maxText = 32

// read sets p to the period with a Gregorian identifier, or to the zero Period
// if id is "".
func (p *Period) read(id string) *fault {
	if id == "" {
		*p = Period{}
		return nil
	}
	q, bad := Gregorian.parse(id)
	if bad == nil {
		*p = q
	}
	return bad
}

// append appends the identifier of p.
func (p Period) append(b []byte) []byte {
	if p.typ == 0 {
		return b
	}
	c, s := p.Calendar(), p.typ.shape()
	switch {
	case p.typ == Daily:
		year, month, day := c.civil(Date(p.n))
		return appendTwo(appendTwo(appendYear(b, year), month), day)
	case p.typ == BiWeekly:
		year, number := c.biWeekNumber(Date(p.n))
		return appendNumber(append(appendYear(b, year), s.mark...), number)
	case s.weekday > 0:
		year, number := c.weekNumber(Date(p.n))
		return appendNumber(append(appendYear(b, year), s.mark...), number)
	}
	year, number := p.number()
	b = append(appendYear(b, year), s.mark...)
	switch {
	case s.step == 12:
		return b
	case p.typ == Monthly:
		return appendTwo(b, number)
	case p.typ == BiMonthly:
		return append(appendTwo(b, number), 'B')
	}
	return append(b, byte('0'+number))
}

// number returns the year of p's identifier and its number in that year; p is a
// month or longer.
func (p Period) number() (year, number int) {
	if p.typ == Monthly && p.Calendar().monthThirteen {
		return int(p.n) / 13, int(p.n)%13 + 1
	}
	s := p.typ.shape()
	months := int(p.n) - int(s.base) // months since the start of year 0 of this type
	return months/12 + int(s.carry), months%12/int(s.step) + 1
}

// appendYear appends a year of at least four digits.
func appendYear(b []byte, year int) []byte {
	if year < 0 {
		b, year = append(b, '-'), -year
	}
	if year > 9999 {
		b = appendNumber(b, year/10000)
		year %= 10000
	}
	return appendTwo(appendTwo(b, year/100), year%100)
}

// appendTwo appends a number of two digits.
func appendTwo(b []byte, n int) []byte {
	return append(b, byte('0'+n/10), byte('0'+n%10))
}

// appendNumber appends a number without leading zeros.
func appendNumber(b []byte, n int) []byte {
	if n >= 10 {
		b = appendNumber(b, n/10)
	}
	return append(b, byte('0'+n%10))
}
