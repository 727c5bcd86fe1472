package entry_test

import (
	"encoding/binary"
	"math/big"
	"net/mail"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/hmis/entry"
	"github.com/ohie-hmis/hmis-go/period"
)

var (
	numberText = regexp.MustCompile(`^(-?0|-?[1-9][0-9]*)(\.[0-9]+)?$`)
	phoneText  = regexp.MustCompile(`^[0-9+()#.\s\v/ext-]{6,50}$`)
	userText   = regexp.MustCompile(`^[a-zA-Z0-9]+([-_.@][a-zA-Z0-9]+)*$`)
	uidText    = regexp.MustCompile(`^[a-zA-Z][a-zA-Z0-9]{10}$`)
	clockText  = regexp.MustCompile(`^([0-9]|0[0-9]|1[0-9]|2[0-3]):[0-5][0-9]$`)
)

// accepts says whether a value type accepts a text that is not blank, after
// normalisation, by the parsers of the standard library. known is false where
// there is no such parser.
func accepts(t hmis.ValueType, s string) (ok, known bool) {
	number := func(low, high int64) bool {
		if !numberText.MatchString(s) || len(s) >= 250 {
			return false
		}
		r, isNumber := new(big.Rat).SetString(s)
		return isNumber && r.Cmp(big.NewRat(low, 1)) >= 0 && r.Cmp(big.NewRat(high, 1)) <= 0
	}
	integer := func(low, high int64) bool {
		n, err := strconv.ParseInt(s, 10, 32)
		return err == nil && low <= n && n <= high && strconv.FormatInt(n, 10) == s
	}
	const most = 1 << 31
	switch t {
	case hmis.Number:
		return numberText.MatchString(s) && len(s) < 250, true
	case hmis.Integer:
		return integer(-most, most), true
	case hmis.IntegerPositive:
		return integer(1, most), true
	case hmis.IntegerNegative:
		return integer(-most, -1), true
	case hmis.IntegerZeroOrPositive:
		return integer(0, most), true
	case hmis.UnitInterval:
		return number(0, 1), true
	case hmis.Percentage:
		return number(0, 100), true
	case hmis.Boolean:
		return s == "true" || s == "false", true
	case hmis.TrueOnly:
		return s == "true", true
	case hmis.Letter:
		r, n := utf8.DecodeRuneInString(s)
		return n == len(s) && unicode.IsLetter(r), true
	case hmis.PhoneNumber:
		return phoneText.MatchString(s), true
	case hmis.Username:
		return len(s) >= 4 && len(s) <= 255 && userText.MatchString(s), true
	case hmis.OrgUnitValue, hmis.FileResource, hmis.Image:
		return uidText.MatchString(s), true
	case hmis.TimeValue:
		return clockText.MatchString(s), true
	case hmis.DateValue, hmis.Age:
		if len(s) != len(time.DateOnly) {
			return false, false
		}
		_, err := time.Parse(time.DateOnly, s)
		return err == nil, true
	case hmis.DateTime:
		if len(s) != len("2006-01-02T15:04:05") {
			return false, false
		}
		_, err := time.Parse("2006-01-02T15:04:05", s)
		return err == nil, err == nil || !strings.ContainsAny(s, "Z+,. ") && strings.Count(s, "-") < 3
	case hmis.Email: // no more than an address of the standard library
		a, err := mail.ParseAddress(s)
		return false, err != nil || a.Address != s
	case hmis.URL: // no more than an address of the standard library
		u, err := url.Parse(s)
		return false, err != nil || u.Host == "" || !slices.Contains([]string{"http", "https", "ftp"}, u.Scheme)
	case hmis.Text, hmis.LongText, hmis.MultiText, hmis.Reference, hmis.GeoJSON:
		return true, true
	}
	return false, false
}

// Any text is judged as the parsers of the standard library judge it, and what
// is stored is stored again as it is.
func FuzzText(f *testing.F) {
	for _, s := range []string{"", " ", "0", "-0", "007", "12.0", "1.50", "1e3", "+5", "2147483648", "0.5", "100.01", "YES", "2024-02-29", "2023-02-29",
		"2024-01-31T10:00:00", "9:05", "24:00", "é", "bo@health.gov", "https://health.gov", "[1,2]", "O6uvpzGd5pu", "+232 76 123456", "bo.kenema", "\u00a0", "٥"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, typ := range hmis.ValueTypes() {
			stored, err := typ.Check(s)
			if again, err2 := typ.Check(stored); err == nil && (err2 != nil || again != stored) {
				t.Errorf("%s %q is stored as %q, and that as %q: %v", typ, s, stored, again, err2)
			}
			if strings.Trim(s, controls) == "" {
				if err != nil || stored != s {
					t.Errorf("%s: blank %q is %q, %v", typ, s, stored, err)
				}
				continue
			}
			if utf8.RuneCountInString(s) > 50_000 {
				continue
			}
			text := s
			switch lower := strings.ToLower(s); {
			case typ.IsInteger():
				text = strings.TrimSuffix(s, ".0")
			case typ.IsBoolean() && slices.Contains([]string{"t", "y", "1", "yes", "true"}, lower):
				text = "true"
			case typ.IsBoolean() && slices.Contains([]string{"f", "n", "0", "no", "false"}, lower):
				text = "false"
			}
			if ok, known := accepts(typ, text); known && ok != (err == nil) {
				t.Errorf("%s %q: %v, want accepted: %t", typ, s, err, ok)
			}
			if err == nil && stored != text {
				t.Errorf("%s %q is stored as %q, want %q", typ, s, stored, text)
			}
		}
	})
}

// controls are the characters that make a text blank.
var controls = func() string {
	var b strings.Builder
	for r := rune(0); r <= ' '; r++ {
		b.WriteRune(r)
	}
	return b.String()
}()

// Whatever comes, each value is counted once, no key comes out twice, what comes
// out passes again, and Strict lets nothing through that Lenient does not.
func FuzzGate(f *testing.F) {
	f.Add([]byte("\x00\x01\x02\x03\x04\x05"), "5", "red")
	f.Add([]byte{9, 9, 9, 9, 9, 9, 255, 255, 255, 255, 255, 255}, "x", "")
	ids := []hmis.UID{
		"", "deBcg000001", "deMalaria01", "deNote00001", "deColour001", "deColours01", "deMulti0001", "deCommented", "deWeekly001", "deBoth00001", "deNowhere01",
		"deProject01", "cocF0000001", "aocA0000001", "aocB0000001", "HllvX50cXC0", "ouBo0000001", "ouKenema001", "ouPujehun01", "unknownUid1", "no uid", "\xff",
	}
	periods := []period.Period{{}, period.MustParse("202402"), period.MustParse("2024W5"), period.MustParse("201912"), period.MustParse("202407"), period.MustParse("2099")}
	f.Fuzz(func(t *testing.T, rows []byte, text, comment string) {
		var values []hmis.DataValue
		for len(rows) >= 6 && len(values) < 200 {
			n := binary.LittleEndian.Uint16(rows[4:])
			pick := func(i int) hmis.UID { return ids[int(rows[i])%len(ids)] }
			v := hmis.DataValue{Key: hmis.Key{DataElement: pick(0), OptionCombo: pick(1), AttributeCombo: pick(2), OrgUnit: pick(3), Period: periods[int(n)%len(periods)]}}
			if n&64 != 0 {
				v.Value = text
			} else {
				v.Value = strconv.Itoa(int(n))
			}
			if n&128 != 0 {
				v.Comment = comment
			}
			v.Deleted = n&256 != 0
			values = append(values, v)
			rows = rows[6:]
		}
		passed := map[entry.Policy]int{}
		for _, policy := range []entry.Policy{entry.Lenient, entry.Strict, entry.Atomic, entry.Grouped, entry.GroupedAtomic} {
			g := gate(t, nil)
			g.Policy, g.Now = policy, time.Date(2024, 3, 5, 0, 0, 0, 0, time.UTC)
			rejected := 0
			g.Reject = func(_ hmis.DataValue, err error) { rejected++; _ = err.Error() }
			var sum hmis.Summary
			var out []hmis.DataValue
			var failed error
			keys := map[hmis.Key]bool{}
			for v, err := range g.Values(stream(values...), &sum) {
				if failed = err; err != nil {
					break
				}
				if keys[v.Key] {
					t.Fatalf("policy %d: %v comes out twice", policy, v.Key)
				}
				keys[v.Key] = true
				out = append(out, v)
			}
			passed[policy] = len(out)
			if failed == nil && len(out)+rejected != len(values) {
				t.Fatalf("policy %d: %d values, of which %d pass and %d are rejected", policy, len(values), len(out), rejected)
			}
			if sum.Imported+sum.Updated+sum.Deleted != len(out) {
				t.Fatalf("policy %d: %d values come out, counted %+v", policy, len(out), sum)
			}
			for _, i := range sum.Issues {
				for _, row := range i.Rows {
					if row < 0 || row >= len(values) {
						t.Fatalf("policy %d: %v is about value %d", policy, i, row)
					}
				}
			}
			g.Reject = func(v hmis.DataValue, err error) {
				t.Errorf("policy %d: %+v has passed and is rejected: %v", policy, v, err)
			}
			again := 0
			for v, err := range g.Values(stream(out...), nil) {
				if err != nil || v != out[again] {
					t.Fatalf("policy %d: %+v has passed and comes out as %+v, %v", policy, out[again], v, err)
				}
				again++
			}
		}
		if passed[entry.Strict] > passed[entry.Lenient] {
			t.Errorf("%d values pass under Strict and %d under Lenient", passed[entry.Strict], passed[entry.Lenient])
		}
	})
}
