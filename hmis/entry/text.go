package entry

import (
	"cmp"
	"fmt"
	"unicode/utf8"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/internal/quote"
)

// maxComment is the maximum number of characters in a comment
// (RULES.md#comments).
const maxComment = 5000

// text checks the text and the comment of a value, and brings them into their
// stored form.
func (w *walk) text(v *hmis.DataValue, c *cast) code {
	e := c.cell.element
	if v.Value == "" || blank(v.Value) {
		switch {
		case v.Deleted:
			if v.Comment == "" {
				return 0
			}
		case c.form == nil || !c.form.ValueOrComment:
			return e8120
		case blank(v.Comment):
			return e8121
		}
	} else if bad := e.check(v, c); bad != 0 {
		return bad
	}
	if e.comments != nil && !(v.Deleted && v.Comment == "") && (v.Comment == "" || !e.comments.has(v.Comment)) {
		return e8124
	}
	if most := cmp.Or(w.MaxComment, maxComment); len(v.Comment) > most && utf8.RuneCountInString(v.Comment) > most {
		return e8125
	}
	return 0
}

// blank reports whether text consists only of blanks and control characters.
func blank(text string) bool {
	for i := range len(text) {
		if text[i] > ' ' {
			return false
		}
	}
	return true
}

// plain reports whether a value type accepts every whole number of up to nine
// digits unchanged.
func plain(t hmis.ValueType) bool {
	return t == "" || t == hmis.Number || t == hmis.Integer || t == hmis.IntegerZeroOrPositive || t == hmis.Text || t == hmis.LongText
}

// check checks a text against the value type and the options of an element.
func (e *element) check(v *hmis.DataValue, c *cast) code {
	if !e.plain || !isDigits(v.Value) {
		text, err := e.ValueType.Check(v.Value)
		if err != nil {
			c.err = err
			return e8122
		}
		v.Value = text
	}
	if e.options == nil && e.ValueType == hmis.MultiText {
		c.err = fmt.Errorf("%s: want an element with an option set", quote.Text(v.Value))
		return e8122
	}
	if e.options != nil && !e.options.has(v.Value) && e.options.set.Check(v.Value) != nil {
		return e8123
	}
	return 0
}

// isDigits reports whether text is a whole number of one to nine digits without
// leading zeros. Most values are.
func isDigits(text string) bool {
	if len(text) == 0 || len(text) > 9 || text[0] == '0' && len(text) > 1 {
		return false
	}
	for i := range len(text) {
		if text[i]-'0' > 9 {
			return false
		}
	}
	return true
}

// options is the set of codes of an option set. It is indexed, because a set
// may be long.
type options struct {
	set   hmis.OptionSet
	codes map[string]bool
}

// optionsOf returns the options of a set, or nil if the set is not known. Then
// any text is accepted.
func optionsOf(c *hmis.Catalog, id hmis.UID, t hmis.ValueType) *options {
	set, ok := hmis.Find[hmis.OptionSet](c, id)
	if !ok {
		return nil
	}
	set.ValueType = t
	o := &options{set, make(map[string]bool, len(set.Options))}
	for _, option := range set.Options {
		o.codes[option.Code] = true
	}
	return o
}

func (o *options) has(code string) bool { return o.codes[code] }

// want describes the accepted texts for an error.
func (o *options) want() string { return fmt.Sprintf("the code of one of %d options", len(o.codes)) }
