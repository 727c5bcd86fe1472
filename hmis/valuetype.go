package hmis

import (
	"cmp"
	"fmt"
	"net/mail"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/ohie-hmis/hmis-go/hmis/internal/scan"
	"github.com/ohie-hmis/hmis-go/internal/quote"
)

// ValueTypes returns all value types: numbers, booleans, texts, dates, and
// references (RULES.md#value-types).
func ValueTypes() []ValueType {
	return []ValueType{
		Number, Integer, IntegerPositive, IntegerNegative, IntegerZeroOrPositive,
		UnitInterval, Percentage, Boolean, TrueOnly, Text, LongText, MultiText,
		Letter, PhoneNumber, Email, URL, Username, DateValue, Age, DateTime,
		TimeValue, Coordinate, OrgUnitValue, FileResource, Image, Reference, GeoJSON,
	}
}

// Check returns the form in which text is stored, or an error if it may not be
// entered. Empty and blank texts pass, since other rules decide whether a value
// is required. A whole number loses one trailing ".0". Booleans become true or
// false, also from t, y, yes, 1, f, n, no and 0 in any letter case. All other
// texts stay as they are.
//
// The error is an *[Issue] whose Code is that of DHIS2, such as
// "value_not_integer" (RULES.md#value-types). Use [OptionSet.Check] for the
// codes of an option set.
func (t ValueType) Check(text string) (string, error) {
	refuse := func(code, want string) (string, error) {
		return "", &Issue{Code: code, Severity: Severe, Offset: -1, Err: fmt.Errorf("%s: want %s", quote.Text(text), want)}
	}
	if len(text) > maxText && utf8.RuneCountInString(text) > maxText {
		return refuse("value_length_greater_than_max_length", "at most 50000 characters")
	}
	if isBlank(text) {
		return text, nil
	}
	stored := text
	switch {
	case t.IsInteger():
		stored = strings.TrimSuffix(text, ".0")
	case t.IsBoolean():
		stored = truth(text)
	}
	rule, ok := rules(cmp.Or(t, Number))
	switch {
	case !ok:
		return refuse("value_type_unknown", fmt.Sprintf("a known value type, not %q", string(t)))
	case rule.accepts != nil && !rule.accepts(stored):
		return refuse(rule.code, rule.want)
	}
	return stored, nil
}

// isBlank reports whether a text has nothing but spaces and control characters
// of ASCII. Other blanks, such as U+00A0, count as text.
func isBlank(text string) bool {
	for i := range len(text) {
		if text[i] > ' ' {
			return false
		}
	}
	return true
}

// truth returns a boolean in its stored form, and any other text unchanged. The
// stored form is in lower case, the only one that analytics reads.
func truth(text string) string {
	switch strings.ToLower(text) {
	case "t", "y", "1", "yes", "true":
		return "true"
	case "f", "n", "0", "no", "false":
		return "false"
	}
	return text
}

// A typeRule says which texts a value type accepts. If accepts is nil, it
// accepts all.
type typeRule struct {
	code, want string
	accepts    func(string) bool
}

func rules(t ValueType) (typeRule, bool) {
	switch t {
	case Number:
		return typeRule{"value_not_numeric", "a number", isNumber}, true
	case Integer:
		return typeRule{"value_not_integer", "a whole number of 32 bits", func(s string) bool { return isInteger(s, -1, 1) }}, true
	case IntegerPositive:
		return typeRule{"value_not_positive_integer", "a whole number of 32 bits above 0", func(s string) bool { return isInteger(s, 1, 1) }}, true
	case IntegerNegative:
		return typeRule{"value_not_negative_integer", "a whole number of 32 bits below 0", func(s string) bool { return isInteger(s, -1, -1) }}, true
	case IntegerZeroOrPositive:
		return typeRule{"value_not_zero_or_positive_integer", "a whole number of 32 bits, 0 or above", func(s string) bool { return isInteger(s, 0, 1) }}, true
	case UnitInterval:
		return typeRule{"value_not_unit_interval", "a number from 0 to 1", func(s string) bool { return isUpTo(s, 1) }}, true
	case Percentage:
		return typeRule{"value_not_percentage", "a number from 0 to 100", func(s string) bool { return isUpTo(s, 100) }}, true
	case Boolean:
		return typeRule{"value_not_bool", "true or false", func(s string) bool { return s == "true" || s == "false" }}, true
	case TrueOnly:
		return typeRule{"value_not_true_only", "true", func(s string) bool { return s == "true" }}, true
	case Letter:
		return typeRule{"value_not_valid_letter", "one letter", isLetter}, true
	case PhoneNumber:
		return typeRule{"value_not_phone_number", "a phone number of 6 to 50 digits and signs", isPhone}, true
	case Email:
		return typeRule{"value_not_valid_email", "an email address", isEmail}, true
	case URL:
		return typeRule{"value_not_url", "an absolute http, https or ftp address", isURL}, true
	case Username:
		return typeRule{"value_not_valid_username", "4 to 255 letters, digits and single - _ . @ between them", isUsername}, true
	case DateValue:
		return typeRule{"value_not_valid_date", "a date such as 2024-01-31", isDate}, true
	case Age:
		return typeRule{"value_not_valid_age", "a date of birth such as 2024-01-31", isDate}, true
	case DateTime:
		return typeRule{"value_not_valid_datetime", "a date and time such as 2024-01-31T23:59", isDateTime}, true
	case TimeValue:
		return typeRule{"value_not_valid_time", "a time such as 23:59", isTime}, true
	case Coordinate:
		return typeRule{"value_not_coordinate", "a position such as [-11.42,8.10]: longitude, latitude", isCoordinate}, true
	case OrgUnitValue:
		return typeRule{"value_not_valid_org_unit_uid", "the UID of an org unit", isUID}, true
	case FileResource, Image:
		return typeRule{"value_not_valid_file_resource_uid", "the UID of a file", isUID}, true
	case Text, LongText, MultiText, Reference, GeoJSON:
		return typeRule{}, true
	}
	return typeRule{}, false
}

// isNumber reports whether s is a number in the strict form: without leading
// zeros; a negative zero is allowed.
func isNumber(s string) bool {
	if len(s) >= 250 || !scan.Lenient(s) {
		return false
	}
	s = strings.TrimPrefix(s, "-")
	return s[0] != '0' || len(s) == 1 || s[1] == '.'
}

// isInteger reports whether s is a whole number of 32 bits from low to high.
func isInteger(s string, low, high int) bool {
	coef, scale, ok := scan.Plain(s)
	sign := cmp.Compare(coef, 0)
	return ok && scale == 0 && int64(int32(coef)) == coef && low <= sign && sign <= high
}

func isUpTo(s string, limit int64) bool {
	if !isNumber(s) {
		return false
	}
	d, ok := number(s)
	return ok && d.Sign() >= 0 && d.Cmp(decimalOf(limit)) <= 0
}

func isLetter(s string) bool {
	r, n := utf8.DecodeRuneInString(s)
	return n == len(s) && unicode.IsLetter(r)
}

// isPhone reports whether s matches [0-9+()#.\s/ext-]. The letters e, x and t
// are for "ext".
func isPhone(s string) bool {
	const class = "0123456789+()#. \t\n\v\f\r/ext-"
	foreign := func(r rune) bool { return !strings.ContainsRune(class, r) }
	return 6 <= len(s) && len(s) <= 50 && strings.IndexFunc(s, foreign) < 0
}

func isEmail(s string) bool {
	a, err := mail.ParseAddress(s)
	if err != nil || a.Address != s {
		return false
	}
	_, domain, _ := strings.Cut(s, "@")
	return strings.Contains(strings.Trim(domain, "."), ".")
}

func isURL(s string) bool {
	u, err := url.Parse(s)
	if err != nil || u.Hostname() == "" || strings.ContainsFunc(s, unicode.IsSpace) {
		return false
	}
	return u.Scheme == "http" || u.Scheme == "https" || u.Scheme == "ftp"
}

func isUsername(s string) bool {
	if len(s) < 4 || len(s) > 255 {
		return false
	}
	mark := true // a mark may not come first
	for _, r := range []byte(s) {
		switch {
		case '0' <= r && r <= '9', 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z':
			mark = false
		case strings.IndexByte("-_.@", r) >= 0 && !mark:
			mark = true
		default:
			return false
		}
	}
	return !mark
}

// isDate reports whether s is a date. A valid time may follow the day after T
// or a blank; servers accept any text there (RULES.md#value-types).
func isDate(s string) bool {
	const day = len("2024-01-31")
	if len(s) < day || s[4] != '-' || s[7] != '-' {
		return false
	}
	if len(s) > day && s[day] == ' ' {
		s = s[:day] + "T" + s[day+1:]
	}
	_, err := scan.ParseMoment(s)
	return err == nil
}

// isDateTime reports whether s is a date and a time with T between them. A
// blank there is an error, as on servers.
func isDateTime(s string) bool {
	m, err := scan.ParseMoment(s)
	return err == nil && m.Clock && strings.Contains(s, "T")
}

func isTime(s string) bool {
	hour, minute, ok := strings.Cut(s, ":")
	if !ok || len(minute) != 2 || len(hour) == 0 || len(hour) > 2 {
		return false
	}
	h, err := strconv.ParseUint(hour, 10, 8)
	m, err2 := strconv.ParseUint(minute, 10, 8)
	return err == nil && err2 == nil && h < 24 && m < 60
}

// isCoordinate reports whether s is "[lon,lat]" in degrees. Blanks are ignored.
func isCoordinate(s string) bool {
	s = strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, s)
	if len(s) < 2 || s[0] != '[' || s[len(s)-1] != ']' {
		return false
	}
	lon, lat, ok := strings.Cut(s[1:len(s)-1], ",")
	return ok && isWithin(lon, 180) && isWithin(lat, 90)
}

func isWithin(s string, limit int64) bool {
	d, ok := number(s)
	return ok && d.Abs().Cmp(decimalOf(limit)) <= 0
}

func isUID(s string) bool {
	_, err := ParseUID(s)
	return err == nil
}

// Check reports whether text is the code of an option of s; for [MultiText],
// whether all of it or each part between commas is one. Empty text passes. The
// error is an *[Issue] with the Code "E8123" (RULES.md#option-sets).
func (s OptionSet) Check(text string) error {
	if text == "" {
		return nil
	}
	has := func(code string) bool {
		return slices.ContainsFunc(s.Options, func(o Option) bool { return o.Code == code })
	}
	codes := []string{text}
	if s.ValueType == MultiText && !has(text) {
		codes = strings.Split(text, ",")
	}
	for _, code := range codes {
		if !has(code) {
			return &Issue{
				Code: "E8123", Severity: Severe, Object: Ref{KindOptionSet, s.ID}, Offset: -1,
				Err: fmt.Errorf("%q: want the code of one of %d options", code, len(s.Options)),
			}
		}
	}
	return nil
}
