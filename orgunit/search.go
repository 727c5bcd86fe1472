package orgunit

import (
	"cmp"
	"slices"
	"strings"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/internal/fold"
)

// A Searcher finds units by what people type. It does not change after
// NewSearcher and is safe for concurrent use.
type Searcher struct {
	ids   []hmis.UID
	codes []string // as fold.Text returns them, and so are the names
	names [][2]string
}

// NewSearcher returns a Searcher for the names, short names, codes and ids of
// the units of t.
func NewSearcher(t *Tree) *Searcher {
	s := &Searcher{}
	for _, u := range t.units {
		s.ids = append(s.ids, u.ID)
		s.codes = append(s.codes, fold.Text(u.Code))
		s.names = append(s.names, [2]string{fold.Text(u.Name), fold.Text(u.ShortName)})
	}
	return s
}

// These are the ranks of what Find finds, best first.
const (
	byIdentifier = iota // the text is the id or code
	byWholeName
	byStart    // a name begins with the text
	byWords    // each word of the text begins a word of a name
	byAnywhere // the text is somewhere in a name or code
	noMatch
)

// Find returns the units that text could mean, the likeliest first and at most
// limit of them; 0 means all. Letter case, accents and blanks do not count
// (RULES.md#searches). It is empty if text is blank.
func (s *Searcher) Find(text string, limit int) []hmis.UID {
	id, folded := hmis.UID(strings.TrimSpace(text)), fold.Text(text)
	if folded == "" {
		return nil
	}
	words := strings.Fields(folded)
	type match struct{ rank, pos int }
	var found []match
	for pos := range s.ids {
		rank := noMatch
		if s.ids[pos] == id || s.codes[pos] == folded {
			rank = byIdentifier
		} else if strings.Contains(s.codes[pos], folded) {
			rank = byAnywhere
		}
		for _, name := range s.names[pos] {
			rank = min(rank, rankOf(name, folded, words))
		}
		if rank != noMatch {
			found = append(found, match{rank, pos})
		}
	}
	slices.SortFunc(found, func(a, b match) int {
		return cmp.Or(cmp.Compare(a.rank, b.rank), cmp.Compare(s.names[a.pos][0], s.names[b.pos][0]), cmp.Compare(a.pos, b.pos))
	})
	if limit > 0 {
		found = found[:min(limit, len(found))]
	}
	ids := make([]hmis.UID, len(found))
	for i, m := range found {
		ids[i] = s.ids[m.pos]
	}
	return ids
}

// rankOf returns how well a name fits a text of words.
func rankOf(name, text string, words []string) int {
	switch {
	case name == text:
		return byWholeName
	case strings.HasPrefix(name, text):
		return byStart
	case !slices.ContainsFunc(words, func(word string) bool { return !beginsWord(name, word) }):
		return byWords
	case strings.Contains(name, text):
		return byAnywhere
	}
	return noMatch
}

// beginsWord reports whether a word of name begins with start.
func beginsWord(name, start string) bool {
	for from := 0; ; {
		i := strings.Index(name[from:], start)
		if i < 0 {
			return false
		}
		if at := from + i; at == 0 || strings.IndexByte(" -/(.'", name[at-1]) >= 0 {
			return true
		}
		from += i + 1
	}
}
