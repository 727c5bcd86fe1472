// Package filter parses and applies the parameters filter and order of the
// DHIS2 Web API.
package filter

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// A Filter compares a property with a value, such as "name:ilike:malaria".
type Filter struct {
	Path     []string // the property, with the steps to it
	Operator string   // without "!" or another sign of negation
	Not      bool
	Value    string
	Values   []string // of the operators in and !in

	folded string   // Value in lower case
	tokens []string // of the operator token
}

// unary are the operators without a value.
var unary = map[string]bool{"null": true, "empty": true}

// operators has the operators and other spellings of them.
var operators = map[string]string{
	"eq": "eq", "ne": "!eq", "neq": "!eq", "ieq": "ieq", "gt": "gt", "lt": "lt", "ge": "ge", "gte": "ge", "le": "le", "lte": "le",
	"like": "like", "ilike": "ilike", "$like": "$like", "$ilike": "$ilike", "like$": "like$", "ilike$": "ilike$",
	"startsWith": "$like", "istartsWith": "$ilike", "endsWith": "like$", "iendsWith": "ilike$",
	"token": "token", "in": "in", "null": "null", "empty": "empty", "between": "between",
}

// An OperatorError means that an operator does not exist.
type OperatorError struct{ Operator string }

// Error implements error.
func (e *OperatorError) Error() string { return "`" + e.Operator + "` is not a valid operator." }

// A FormError means that a filter lacks a part.
type FormError struct{ Text string }

// Error implements error.
func (e *FormError) Error() string { return "Invalid filter => " + e.Text }

// A ValueError means that an operator lacks its value.
type ValueError struct{ Text string }

// Error implements error.
func (e *ValueError) Error() string {
	return fmt.Sprintf("Filter `%s:[]` uses a binary operator that does need an argument.", e.Text)
}

// Parse parses a filter.
func Parse(text string) (Filter, error) {
	name, rest, ok := strings.Cut(text, ":")
	if !ok || name == "" {
		return Filter{}, &FormError{text}
	}
	written, value, hasValue := strings.Cut(rest, ":")
	f := Filter{Path: strings.Split(name, "."), Value: value, folded: strings.ToLower(value)}
	sign := strings.TrimPrefix(written, "!")
	f.Not = sign != written
	known, ok := operators[sign]
	if !ok {
		return f, &OperatorError{written}
	}
	f.Operator = strings.TrimPrefix(known, "!")
	f.Not = f.Not != (f.Operator != known)
	switch {
	case !unary[f.Operator] && !hasValue:
		return f, &ValueError{text}
	case f.Operator == "in" || f.Operator == "between":
		f.Values = strings.Split(strings.Trim(value, "[]"), ",")
		slices.Sort(f.Values)
	case f.Operator == "token":
		f.tokens = strings.Fields(f.folded)
	}
	return f, nil
}

// Match reports whether a property matches that has these values; a property
// without a value has none. For a list the number of its entries is size, else
// size is -1.
func (f *Filter) Match(values []string, size int) bool {
	switch {
	case f.Operator == "null" || f.Operator == "empty":
		return (len(values) == 0 && size <= 0) != f.Not
	case size >= 0:
		n, err := strconv.Atoi(f.Value)
		return err == nil && f.compare(cmp.Compare(size, n)) != f.Not
	case len(values) == 0:
		return false // as in SQL, no value neither equals nor differs
	case f.Not:
		return !slices.ContainsFunc(values, f.one)
	}
	return slices.ContainsFunc(values, f.one)
}

// one compares one value, without regard to Not.
func (f *Filter) one(text string) bool {
	switch f.Operator {
	case "ieq":
		return strings.EqualFold(text, f.Value)
	case "like":
		return strings.Contains(text, f.Value)
	case "$like":
		return strings.HasPrefix(text, f.Value)
	case "like$":
		return strings.HasSuffix(text, f.Value)
	case "ilike":
		return strings.Contains(strings.ToLower(text), f.folded)
	case "$ilike":
		return strings.HasPrefix(strings.ToLower(text), f.folded)
	case "ilike$":
		return strings.HasSuffix(strings.ToLower(text), f.folded)
	case "token":
		return f.matchTokens(strings.ToLower(text))
	case "in":
		_, found := slices.BinarySearch(f.Values, text)
		return found
	case "between":
		return len(f.Values) == 2 && Compare(text, f.Values[0]) >= 0 && Compare(text, f.Values[1]) <= 0
	}
	return f.compare(Compare(text, f.Value))
}

// compare interprets the result of a comparison.
func (f *Filter) compare(c int) bool {
	switch f.Operator {
	case "eq":
		return c == 0
	case "gt":
		return c > 0
	case "ge":
		return c >= 0
	case "lt":
		return c < 0
	case "le":
		return c <= 0
	}
	return false
}

// matchTokens reports whether a text contains every token.
func (f *Filter) matchTokens(text string) bool {
	for _, token := range f.tokens {
		if !strings.Contains(text, token) {
			return false
		}
	}
	return len(f.tokens) > 0
}

// Compare compares two values: as numbers if both are, else as texts.
func Compare(a, b string) int {
	x, errA := strconv.ParseFloat(a, 64)
	y, errB := strconv.ParseFloat(b, 64)
	if errA == nil && errB == nil {
		return cmp.Compare(x, y)
	}
	return strings.Compare(a, b)
}

// An Order is one key of the parameter order, such as "name:idesc".
type Order struct {
	Name       string
	Descending bool
	Fold       bool // upper and lower case are equal
	Plain      bool // the direction is asc, desc or left out
}

// ParseOrder parses the parameter order, such as "level,name:desc". A direction
// that does not exist counts as asc.
func ParseOrder(text string) []Order {
	var list []Order
	for key := range strings.SplitSeq(text, ",") {
		name, direction, _ := strings.Cut(key, ":")
		if name = strings.TrimSpace(name); name == "" {
			continue
		}
		o := Order{Name: name}
		switch direction {
		case "", "asc":
			o.Plain = true
		case "desc":
			o.Plain, o.Descending = true, true
		case "iasc":
			o.Fold = true
		case "idesc":
			o.Fold, o.Descending = true, true
		}
		list = append(list, o)
	}
	return list
}
