package madx_test

import (
	"encoding/json"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/ohie-hmis/hmis-go/adx/madx"
)

// A jsonMaker makes random JSON, sometimes malformed.
type jsonMaker struct {
	*rand.Rand
	b strings.Builder
}

func (m *jsonMaker) pick(list ...string) { m.b.WriteString(list[m.IntN(len(list))]) }

// value writes a random value that is at most depth levels deep.
func (m *jsonMaker) value(depth int) {
	switch k := m.IntN(8); {
	case k == 0 && depth > 0:
		m.pick("{", "{ ", "{\t\r\n")
		for i := range m.IntN(4) {
			if i > 0 {
				m.pick(",", " ,", ", ")
			}
			m.b.WriteString(`"k` + strconv.Itoa(i) + `"`)
			m.pick(":", " : ")
			m.value(depth - 1)
		}
		m.b.WriteByte('}')
	case k == 1 && depth > 0:
		m.pick("[", "[ ")
		for i := range m.IntN(4) {
			if i > 0 {
				m.pick(",", " ,")
			}
			m.value(depth - 1)
		}
		m.b.WriteByte(']')
	case k < 4:
		m.pick("0", "-0", "1", "12", "-3.50", "1e3", "1E+3", "0.1e-7", "01", "1.", ".5", "+1", "1e", "- 1", "NaN")
	case k < 5:
		m.pick("true", "false", "null", "tru", "True", "nul")
	default:
		m.text()
	}
}

// text writes a random string, sometimes with unusual characters and escapes.
func (m *jsonMaker) text() {
	m.b.WriteByte('"')
	for range m.IntN(6) {
		m.pick("a", "é", "日", "\U0001F600", `\n`, `\"`, `\\`, `\/`, `\u0041`, `\u00e9`, `\ud83d\ude00`, "'", "<", " ", "x y",
			`\x`, "\t", "\x7f", `\u12`, "\u2028")
	}
	m.b.WriteByte('"')
}

// TestRandomJSON reads random texts, valid and malformed. It compares with
// encoding/json which texts are JSON and what their strings contain.
func TestRandomJSON(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 11))
	good, bad := 0, 0
	for range 30_000 {
		m := &jsonMaker{Rand: r}
		m.value(4)
		doc := m.b.String()
		if r.IntN(3) == 0 && doc != "" { // remove or change one byte
			i := r.IntN(len(doc))
			doc = doc[:i] + []string{"", ",", "{", "]", `"`, "\\", "\x00", "\xff", "9"}[r.IntN(9)] + doc[i+1:]
		}
		whole := `{"resourceType":"Measure","odd":` + doc + `}`
		_, err := madx.ReadMeasure(strings.NewReader(whole), nil)
		if err != nil && strings.Contains(err.Error(), "half a surrogate pair") {
			continue // encoding/json replaces such a character
		}
		if want := json.Valid([]byte(whole)) && utf8.ValidString(whole) && !doubled(whole); (err == nil) != want {
			t.Fatalf("%q: %v; encoding/json says %v", whole, err, want)
		}
		if err == nil {
			good++
		} else {
			bad++
		}
		m.b.Reset()
		m.text()
		text := m.b.String()
		var want string
		if json.Unmarshal([]byte(text), &want) != nil || strings.TrimSpace(want) == "" {
			continue
		}
		if got, err := madx.ReadMeasure(strings.NewReader(`{"resourceType":"Measure","title":`+text+`}`), nil); err != nil || got.Title != want {
			t.Fatalf("%s is read as %q, %v; encoding/json reads %q", text, got.Title, err, want)
		}
	}
	if good < 5000 || bad < 5000 {
		t.Errorf("%d were JSON and %d were not: too few of one", good, bad)
	}
}

// doubled reports whether an object has a member twice. encoding/json accepts
// that, and FHIR does not.
func doubled(doc string) bool {
	d := json.NewDecoder(strings.NewReader(doc))
	var walk func() bool
	walk = func() bool {
		token, err := d.Token()
		if err != nil {
			return false
		}
		switch token {
		case json.Delim('{'):
			seen := map[any]bool{}
			for d.More() {
				key, _ := d.Token()
				if seen[key] || walk() {
					return true
				}
				seen[key] = true
			}
			_, _ = d.Token()
		case json.Delim('['):
			for d.More() {
				if walk() {
					return true
				}
			}
			_, _ = d.Token()
		}
		return false
	}
	return walk()
}
