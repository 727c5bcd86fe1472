package main

import (
	"fmt"
	"io"
	"os"
)

// A progress shows on a terminal how many values have been read.
type progress struct {
	out   io.Writer // nil if the output is no terminal
	n     int
	shown int
}

func newProgress(log io.Writer) *progress {
	if f, ok := log.(*os.File); ok {
		if info, err := f.Stat(); err == nil && info.Mode()&os.ModeCharDevice != 0 {
			return &progress{out: log}
		}
	}
	return &progress{}
}

// add counts n more values.
func (p *progress) add(n int) {
	const step = 50_000 // often enough to look alive, and seldom enough to cost no time
	p.n += n
	if p.out != nil && p.n-p.shown >= step {
		p.shown = p.n
		fmt.Fprintf(p.out, "\r%d values read", p.n)
	}
}

// done clears the line.
func (p *progress) done() {
	if p.shown > 0 {
		fmt.Fprint(p.out, "\r\033[K")
	}
}
