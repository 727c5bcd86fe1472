package dhis2

import (
	"strings"

	"github.com/ohie-hmis/hmis-go/hmis"
)

// misspelt returns the list of objects that name probably means, or "" if no
// list has a similar name.
func misspelt(name string) string {
	given := plainName(name)
	for _, k := range hmis.Kinds() {
		list := listName(k)
		meant := plainName(list)
		most := 1
		if len(meant) > 8 {
			most = 2
		}
		if distance(given, meant, most) <= most {
			return list
		}
	}
	return ""
}

// plainName returns a name in small letters, without punctuation and without a
// plural ending.
func plainName(name string) string {
	plain := strings.Map(func(r rune) rune {
		if r == '_' || r == '-' || r == ' ' || r == '.' {
			return -1
		}
		return r
	}, strings.ToLower(name))
	if one, ok := strings.CutSuffix(plain, "ies"); ok {
		return one + "y"
	}
	return strings.TrimSuffix(plain, "s")
}

// distance returns how many letters must be added, removed or changed to turn a
// into b. If that is more than most, the result is any number above most.
func distance(a, b string, most int) int {
	if len(a) > len(b)+most || len(b) > len(a)+most {
		return most + 1
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			changed := diagonal
			if a[i] != b[j] {
				changed++
			}
			diagonal = row[j+1]
			row[j+1] = min(changed, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
