package mcsd

import "strings"

// letters maps Latin letters with accents to the plain letters that match them
// in a search.
var letters = map[rune]string{}

func init() {
	for _, line := range [...]string{
		"a àáâãäåāăąạảấầẩẫậắằẳẵặ", "ae æ", "c çćĉċč", "d ďđð", "e èéêëēĕėęěẹẻẽếềểễệɛ", "g ĝğġģ", "h ĥħ", "i ìíîïĩīĭįıỉịɩ", "j ĵ", "k ķ",
		"l ĺļľłŀ", "n ñńņňŋ", "o òóôõöøōŏőọỏốồổỗộơớờởỡợɔ", "oe œ", "r ŕŗř", "s śŝşšș", "ss ß", "t ţťŧț", "th þ", "u ùúûüũūŭůűųụủưứừửữựʊ",
		"w ŵ", "y ýÿŷỳỵỷỹ", "z źżž", "b ɓ", "d ɗ", "' ’‘ʼ",
	} {
		plain, list, _ := strings.Cut(line, " ")
		for _, r := range list {
			letters[r] = plain
		}
	}
}

// fold returns a text in the form that a search for names compares: in lower
// case, without accents, each gap one blank (RULES.md#searches).
func fold(s string) string {
	plain := true
	for i := range len(s) {
		c := s[i]
		plain = plain && c < 0x80 && c-'A' > 25 && c >= ' ' && (c != ' ' || i > 0 && s[i-1] != ' ' && i < len(s)-1)
	}
	if plain {
		return s
	}
	var b strings.Builder
	for i, word := range strings.Fields(strings.ToLower(s)) {
		if i > 0 {
			b.WriteByte(' ')
		}
		for _, r := range word {
			switch plain, ok := letters[r]; {
			case ok:
				b.WriteString(plain)
			case r >= 0x300 && r < 0x370: // an accent on the letter before it
			default:
				b.WriteRune(r)
			}
		}
	}
	return b.String()
}
