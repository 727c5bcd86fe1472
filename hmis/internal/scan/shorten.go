package scan

import "unicode/utf8"

// Shorten shortens a text that an error quotes. It cuts between characters and
// marks the cut with "...".
func Shorten(s string) string {
	const most = 64
	if len(s) <= most {
		return s
	}
	end := most
	for end > most-utf8.UTFMax && !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end] + "..."
}
