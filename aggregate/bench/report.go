package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// A table is a part of the report. It has a line for each subject and a column
// for each measured thing. The first subject is this library.
type table struct {
	title    string
	columns  []string // such as "q1"
	smaller  bool     // a smaller number is better
	subjects []line
	notes    []string
}

// A line has the results of one subject.
type line struct {
	subject string
	entries []entry // one for each column
}

// An entry is a measured number, with the answer that was computed meanwhile.
type entry struct {
	number  float64
	fastest float64 // the best of several runs, if known; on a busy machine it is more reliable
	answer  any     // equal answers mean equal cells; nil if there is nothing to compare
	note    string  // written in place of a number that is missing
}

// equal reports whether a subject gave the same answer as ours.
func (t *table) equal(subject, column int) bool {
	a := t.subjects[subject].entries[column].answer
	return a == nil || a == t.subjects[0].entries[column].answer
}

// agrees reports whether all answers are the same.
func (t *table) agrees() bool {
	for s, l := range t.subjects {
		for c := range l.entries {
			if !t.equal(s, c) {
				return false
			}
		}
	}
	return true
}

// best returns the best subject whose name contains part, except ours, and the
// factor by which ours is better.
func (t *table) best(column int, part string, of func(entry) float64) (peer string, times float64) {
	ours := of(t.subjects[0].entries[column])
	for s, l := range t.subjects[1:] {
		e := l.entries[column]
		if e.note != "" || of(e) == 0 || !t.equal(s+1, column) || !strings.Contains(l.subject, part) || strings.HasPrefix(l.subject, oursName) {
			continue
		}
		ratio := ours / of(e)
		if t.smaller {
			ratio = of(e) / ours
		}
		if peer == "" || ratio < times {
			peer, times = l.subject, ratio
		}
	}
	return peer, times
}

func (t *table) write(out io.Writer, scale string) {
	fmt.Fprintln(out)
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(w, "%s\t%s\t\n", t.title, strings.Join(t.columns, "\t"))
	for s, l := range t.subjects {
		fmt.Fprintf(w, "%s\t", l.subject)
		for c, e := range l.entries {
			switch {
			case !t.equal(s, c):
				fmt.Fprint(w, "OTHER ANSWER\t")
			case e.note != "":
				fmt.Fprintf(w, "%s\t", e.note)
			default:
				fmt.Fprintf(w, "%s\t", short(e.number))
			}
		}
		fmt.Fprintln(w)
	}
	w.Flush()
	for c, column := range t.columns {
		for _, g := range goalsOf(column) {
			peer, times := t.best(c, g.peer, func(e entry) float64 { return e.number })
			if peer == "" {
				continue
			}
			fmt.Fprintf(out, "%12s  %s times %s; %s", column, short(times), peer, g.verdict(times, scale))
			if peer, times := t.best(c, g.peer, func(e entry) float64 { return e.fastest }); peer != "" {
				fmt.Fprintf(out, " (by the fastest runs: %s times %s)", short(times), peer)
			}
			fmt.Fprintln(out)
		}
	}
	for _, note := range t.notes {
		fmt.Fprintln(out, "  "+note)
	}
	for s, l := range t.subjects {
		for c, e := range l.entries {
			if !t.equal(s, c) {
				fmt.Fprintf(out, "%12s  %s answers %+v, not %+v\n", t.columns[c], l.subject, e.answer, t.subjects[0].entries[c].answer)
			}
		}
	}
}

// short writes three significant digits, or more if they are before the point.
func short(x float64) string {
	switch {
	case x >= 100:
		return fmt.Sprintf("%.0f", x)
	case x >= 10:
		return fmt.Sprintf("%.1f", x)
	case x >= 1:
		return fmt.Sprintf("%.2f", x)
	}
	return fmt.Sprintf("%.3g", x)
}
