package main

import "fmt"

// A goal is how many times better than a peer we mean to be (performance
// specification, section 4).
type goal struct {
	column  string
	peer    string // part of the name; "" is the best of all
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
	if want := g.at(scale); times < want {
		return fmt.Sprintf("the goal of %g is missed", want)
	} else {
		return fmt.Sprintf("the goal of %g is met", want)
	}
}
