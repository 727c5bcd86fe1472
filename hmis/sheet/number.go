package sheet

import (
	"errors"
	"fmt"
	"strings"

	"github.com/ohie-hmis/hmis-go/internal/quote"
)

// Numbers says how people wrote numbers. The zero Numbers has a decimal point and
// no thousands separators (RULES.md#numbers-that-people-write).
type Numbers struct {
	Decimal rune // '.' or ','; 0 is '.'

	// Group separates thousands: ',', '.', '\'' or ' ', which means any kind of
	// blank. 0 means no separator.
	Group rune
}

// maxNumber is the maximum length of a number. It is the same for data values.
const maxNumber = 250

func (n Numbers) check(comma rune) error {
	point := n.point()
	switch {
	case point != '.' && point != ',':
		return fmt.Errorf("sheet: Numbers.Decimal %q: want '.' or ','", point)
	case n.Group != 0 && !strings.ContainsRune(",. '", n.Group):
		return fmt.Errorf("sheet: Numbers.Group %q: want ',', '.', ' ' or '\\''", n.Group)
	case n.Group == point:
		return fmt.Errorf("sheet: Numbers: %q is both the decimal point and between thousands", point)
	case comma == '"' || comma == '\r' || comma == '\n' || comma == 0xFFFD:
		return fmt.Errorf("sheet: Comma %q: want a sign such as ',' or ';'", comma)
	}
	return nil
}

func (n Numbers) point() rune {
	if n.Decimal == 0 {
		return '.'
	}
	return n.Decimal
}

// Parse converts a number that a person wrote to the form of data values, such
// as -1234.5. That form has digits, and a decimal point and a minus if needed.
// All digits are kept, including trailing zeros.
func (n Numbers) Parse(text string) (string, error) {
	number, err := n.parse(trim(text))
	if err != nil {
		return "", fmt.Errorf("sheet: %s: %w", quote.Text(text), err)
	}
	return number, nil
}

func (n Numbers) parse(text string) (string, error) {
	if isPlain(text) {
		return text, nil
	}
	if len(text) > maxNumber {
		return "", fmt.Errorf("want a number of at most %d characters", maxNumber)
	}
	rest, b := text, make([]byte, 0, len(text))
	for _, minus := range []string{"-", "\u2212"} {
		if after, ok := strings.CutPrefix(rest, minus); ok {
			rest, b = after, append(b, '-')
			break
		}
	}
	whole, fraction, hasPoint := strings.Cut(rest, string(n.point()))
	digits, err := n.whole(whole)
	if err != nil {
		return "", n.hint(text, err)
	}
	b = append(b, digits...)
	if hasPoint {
		if !allDigits(fraction) {
			return "", n.hint(text, fmt.Errorf("want digits behind the %q", n.point()))
		}
		b = append(append(b, '.'), fraction...)
	}
	return string(b), nil
}

// isPlain reports whether text is a whole number in the form of data values.
func isPlain(text string) bool {
	return allDigits(text) && len(text) <= 18 && (text[0] != '0' || text == "0")
}

func allDigits(text string) bool {
	for i := range len(text) {
		if text[i]-'0' > 9 {
			return false
		}
	}
	return text != ""
}

// whole returns the digits before the decimal point. If one group of thousands
// is separated, all must be.
func (n Numbers) whole(text string) (string, error) {
	groups := []string{text}
	if n.Group != 0 {
		groups = strings.FieldsFunc(text, n.separates)
		if strings.Count(mapped(text, n.separates), "\x00") != len(groups)-1 {
			return "", fmt.Errorf("want one %q between two groups of digits", n.Group)
		}
	}
	for i, g := range groups {
		if !allDigits(g) {
			return "", errors.New("want a number")
		}
		if len(groups) > 1 && (i > 0 && len(g) != 3 || i == 0 && len(g) > 3) {
			return "", errors.New("want groups of three digits")
		}
	}
	digits := strings.Join(groups, "")
	if len(digits) > 1 && digits[0] == '0' {
		return "", errors.New("want no zeros in front")
	}
	return digits, nil
}

// mapped returns text with a NUL in place of each character that separates
// groups.
func mapped(text string, separates func(rune) bool) string {
	return strings.Map(func(r rune) rune {
		if separates(r) {
			return 0
		}
		return r
	}, text)
}

// separates reports whether r may separate groups of digits.
func (n Numbers) separates(r rune) bool {
	switch n.Group {
	case ' ':
		return isBlank(r)
	case '\'':
		return r == '\'' || r == '\u2019'
	}
	return r == n.Group
}

// hint adds to an error how the text could become a number.
func (n Numbers) hint(text string, err error) error {
	for _, sign := range []rune{',', '.', ' ', '\''} {
		with := Numbers{Decimal: n.Decimal, Group: sign}
		if n.Group == 0 && sign != n.point() && strings.ContainsFunc(text, with.separates) {
			if _, bad := with.parse(text); bad == nil {
				return fmt.Errorf("%w: Numbers.Group is not set, so %q is not between thousands", err, sign)
			}
		}
	}
	return err
}
