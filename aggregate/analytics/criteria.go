package analytics

import (
	"slices"
	"strings"

	"github.com/ohie-hmis/hmis-go/aggregate"
	"github.com/shopspring/decimal"
)

var operators = []string{"EQ", "GT", "GE", "LT", "LE"}

// criteria parses measure criteria such as "GE:10;LT:50". If an operator occurs
// twice, the last criterion replaces the first. As on a server, an entry
// without a colon or with a malformed number is left out. An unknown operator
// is an error.
func (p *params) criteria(name string) []aggregate.Criterion {
	var list []aggregate.Criterion
	for _, entry := range p.list(name) {
		op, text, ok := strings.Cut(entry, ":")
		if !ok {
			continue
		}
		if !slices.Contains(operators, op) {
			p.fail(invalid(name, "Invalid measure filter operator: `%s`", show(op)))
			continue
		}
		number, ok := parseNumber(text)
		if !ok {
			continue
		}
		c := aggregate.Criterion{Op: op, Number: number}
		if i := slices.IndexFunc(list, func(c aggregate.Criterion) bool { return c.Op == op }); i >= 0 {
			list[i] = c
		} else {
			list = append(list, c)
		}
	}
	return list
}

// parseNumber parses a number in any form of a double. The second result is
// false for a number that no double can hold, since decimals of such size need
// too much memory.
func parseNumber(s string) (decimal.Decimal, bool) {
	const digits, magnitude = 400, 400
	if len(s) > digits {
		return decimal.Decimal{}, false
	}
	d, err := decimal.NewFromString(s)
	if err != nil || d.Exponent() > magnitude || d.Exponent() < -magnitude {
		return decimal.Decimal{}, false
	}
	return d, true
}
