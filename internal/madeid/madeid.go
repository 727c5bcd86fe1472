// Package madeid makes identifiers of the DHIS2 form from texts, the same one
// each time.
package madeid

import (
	"crypto/sha256"
	"encoding/binary"
)

const chars = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

// letters is how many of chars an identifier may begin with.
const letters = 52

// Of returns eleven letters and digits, the first a letter. Two texts have the
// same id about once in 10¹⁹ pairs.
func Of(text string) string {
	hash := sha256.Sum256([]byte(text))
	var id [11]byte
	for i := range id {
		n := int(binary.BigEndian.Uint16(hash[2*i:]))
		if i == 0 {
			n %= letters
		}
		id[i] = chars[n%len(chars)]
	}
	return string(id[:])
}
