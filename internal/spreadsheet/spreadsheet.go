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

// Guard returns a text as a cell that no spreadsheet executes, as [Safe] does, so
// that [Unguard] gives every text back: one that looks guarded gets another
// apostrophe.
func Guard(text string) string {
	if core := strings.TrimLeft(text, "'"); Safe(core) != core {
		return "'" + text
	}
	return text
}

// Unguard returns the text of a cell that [Guard] has written. Other cells are as
// they are.
func Unguard(cell string) string {
	if rest, ok := strings.CutPrefix(cell, "'"); ok && Guard(rest) == cell {
		return rest
	}
	return cell
}
