// Package spreadsheet makes texts safe for files that are opened in a
// spreadsheet program, which would execute some texts as formulas.
package spreadsheet

import (
	"strconv"
	"strings"
)

// Safe returns text, with an apostrophe before it if a spreadsheet program
// could take it for a formula. Such a text begins with one of = + - @, a tab or
// a line end, and is no number.
func Safe(text string) string {
	if text == "" || !strings.ContainsRune("=+-@\t\r\n", rune(text[0])) {
		return text
	}
	if _, err := strconv.ParseFloat(text, 64); err == nil {
		return text
	}
	return "'" + text
}
