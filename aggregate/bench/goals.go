package main

import "fmt"

// A goal is how many times faster or smaller than a peer this library should
// be. With a factor of 0 the ratio is only reported.
type goal struct {
	column  string
	peer    string // part of the peer's name; "" means the best peer
	s, m, l float64
}

var goals = []goal{
	{"q1", "PostgreSQL", 20, 20, 20},
	{"q1", "DuckDB, expert", 200, 100, 50},
	{"q2", "", 20, 30, 30},
	{"q3a", "", 8, 9, 9},
	{"q3b", "", 12, 13, 13},
	{"q4", "", 7, 20, 35},
	{"q5", "", 4, 13, 14},
	{"q6 CSV", "", 3, 3, 3},
	{"q6 JSON", "", 6, 6, 6},
	{"q7", "decimals", 50, 50, 50},
	{"q7", "cel-go", 40, 40, 40},
	{"q7", "expr-lang", 40, 40, 40},
	{"q7", "float64", 1 / 1.5, 1 / 1.5, 1 / 1.5},
	{"scan", "", 0.75, 0.75, 0.75},
	{"rules", "DuckDB", 5, 5, 5},
	{"predictors", "DuckDB", 0, 0, 0},
	{"q8 decode", "structs", 15, 15, 15},
	{"q8 decode", "raw tokens", 8, 8, 8},
	{"q8 encode", "structs", 15, 15, 15},
	{"q8 encode", "Fprintf", 0, 0, 0},
}

func goalsOf(column string) []goal {
	var list []goal
	for _, g := range goals {
		if g.column == column {
			list = append(list, g)
		}
	}
	return list
}

func (g goal) at(scale string) float64 {
	switch scale {
	case "M":
		return g.m
	case "L":
		return g.l
	}
	return g.s
}

func (g goal) verdict(times float64, scale string) string {
	switch want := g.at(scale); {
	case want == 0:
		return "no goal"
	case times < want:
		return fmt.Sprintf("the goal of %.3g is missed", want)
	default:
		return fmt.Sprintf("the goal of %.3g is met", want)
	}
}
