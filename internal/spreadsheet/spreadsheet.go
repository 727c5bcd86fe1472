// Package spreadsheet writes texts for files that people open with a spreadsheet,
// which takes some texts for formulas and executes them.
package spreadsheet

import (
	"strconv"
	"strings"
)

// Safe returns text as it is, or with an apostrophe before it if a spreadsheet would
// take it for a formula: it begins with one of = + - @ or with a tab or line end,
// and is no number.
func Safe(text string) string {
	if text == "" || !strings.ContainsRune("=+-@\t\r\n", rune(text[0])) {
		return text
	}
	if _, err := strconv.ParseFloat(text, 64); err == nil {
		return text
	}
	return "'" + text
}
