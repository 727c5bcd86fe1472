package sheet

import (
	"strconv"
	"strings"

	"github.com/ohie-hmis/hmis-go/period"
)

// months has the number of each Gregorian month by its name, in lower case and
// without accents. Names are in English, French, Portuguese and Spanish, in
// full and abbreviated. An ambiguous name, such as "jui", is left out
// (RULES.md#periods-that-people-write).
var months = monthNames([12]string{
	"january jan janvier janv janeiro enero ene",
	"february feb fevrier fevr fev fevereiro febrero",
	"march mar mars marco marzo",
	"april apr avril avr abril abr",
	"may mai maio mayo",
	"june jun juin junho junio",
	"july jul juillet juil julho julio",
	"august aug aout aou agosto ago",
	"september sep sept septembre setembro set septiembre setiembre",
	"october oct octobre outubro out octubre",
	"november nov novembre novembro noviembre",
	"december dec decembre dezembro dez diciembre dic",
})

func monthNames(lists [12]string) map[string]int {
	names := map[string]int{}
	for i, list := range lists {
		for _, name := range strings.Fields(list) {
			names[name] = i + 1
		}
	}
	return names
}

// withoutAccents replaces the accented letters of the four languages by plain
// ones.
var withoutAccents = strings.NewReplacer(
	"á", "a", "à", "a", "â", "a", "ã", "a", "ç", "c", "é", "e", "è", "e", "ê", "e", "ë", "e",
	"í", "i", "î", "i", "ï", "i", "ñ", "n", "ó", "o", "ô", "o", "õ", "o", "ú", "u", "û", "u", "ù", "u", "ü", "u",
	"\u0301", "", "\u0300", "", "\u0302", "", "\u0303", "", "\u0327", "", "\u0308", "", // combining accents, which follow their letter
)

// month returns the number of a month by its name, or 0. Letter case, accents
// and a point at the end are ignored.
func (f Format) month(name string) int {
	plain := strings.TrimSuffix(withoutAccents.Replace(strings.ToLower(name)), ".")
	if f.Calendar != nil && f.Calendar != period.Gregorian {
		for m := 1; m <= 13; m++ {
			if n := f.Calendar.MonthName(m); n != "" && strings.EqualFold(n, plain) {
				return m
			}
		}
		return 0
	}
	return months[plain]
}

// monthNumber reads a cell that has only a month: 1 to 12, or a name.
func (f Format) monthNumber(text string) int {
	if len(text) <= 2 && allDigits(text) {
		n, _ := strconv.Atoi(text)
		return n
	}
	return f.month(text)
}
