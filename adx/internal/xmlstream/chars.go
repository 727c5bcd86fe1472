package xmlstream

import "unicode/utf8"

// These bits are the classes of bytes. A byte may have several.
const (
	nameStart byte = 1 << iota // the byte may be the first character of a name
	nameChar                   // the byte may be a later character of a name
	blank                      // the byte is white space
	illegal                    // the byte may not occur in a document
	special                    // the byte needs special treatment in an attribute
)

// classes has the class of each byte. Bytes from 0x80 are special, because
// their class depends on the whole character.
var classes = func() (t [256]byte) {
	for c := range 256 {
		b := byte(c)
		switch {
		case 'a' <= b && b <= 'z', 'A' <= b && b <= 'Z', b == '_', b == ':':
			t[c] = nameStart | nameChar
		case '0' <= b && b <= '9', b == '-', b == '.':
			t[c] = nameChar
		case b == '\t', b == '\n', b == '\r', b == ' ':
			t[c] = blank | special
		case b < ' ':
			t[c] = illegal | special
		case b == '"', b == '\'', b == '&', b == '<', b >= utf8.RuneSelf:
			t[c] = special
		}
	}
	return t
}()

// isChar reports whether a document may contain r (XML 1.0, production 2).
func isChar(r rune) bool {
	return r >= ' ' && r <= 0xD7FF || r == '\t' || r == '\n' || r == '\r' ||
		0xE000 <= r && r <= 0xFFFD || 0x10000 <= r && r <= 0x10FFFF
}

// isNameStart reports whether a name may begin with r. r must not be ASCII (XML
// 1.0, production 4).
func isNameStart(r rune) bool {
	switch {
	case r < 0xC0, r == 0xD7, r == 0xF7, 0x300 <= r && r <= 0x36F, r == 0x37E:
		return false
	case r <= 0x1FFF, r == 0x200C, r == 0x200D:
		return true
	}
	return 0x2070 <= r && r <= 0x218F || 0x2C00 <= r && r <= 0x2FEF || 0x3001 <= r && r <= 0xD7FF ||
		0xF900 <= r && r <= 0xFDCF || 0xFDF0 <= r && r <= 0xFFFD || 0x10000 <= r && r <= 0xEFFFF
}

// isNameChar reports whether a name may contain r after its first character. r
// must not be ASCII (XML 1.0, production 4a).
func isNameChar(r rune) bool {
	return isNameStart(r) || r == 0xB7 || 0x300 <= r && r <= 0x36F || r == 0x203F || r == 0x2040
}

// IsNCName reports whether s is an XML name without a colon.
func IsNCName(s string) bool {
	for i, r := range s {
		switch {
		case r == utf8.RuneError:
			if _, n := utf8.DecodeRuneInString(s[i:]); n == 1 {
				return false
			}
		case r == ':':
			return false
		case r >= utf8.RuneSelf:
			if i == 0 && !isNameStart(r) || !isNameChar(r) {
				return false
			}
		case i == 0 && classes[r]&nameStart == 0, classes[r]&nameChar == 0:
			return false
		}
	}
	return s != ""
}
