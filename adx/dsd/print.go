package dsd

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/ohie-hmis/hmis-go/internal/quote"
)

// A printer writes XML, one element on a line. After an error it writes nothing
// more.
type printer struct {
	w    *bufio.Writer
	open []string
	err  error
}

func newPrinter(w io.Writer) *printer {
	p := &printer{w: bufio.NewWriter(w)}
	p.put(`<?xml version="1.0" encoding="UTF-8"?>` + "\n")
	return p
}

// begin writes a start tag. attrs alternates names and values. Attributes with
// an empty value are left out.
func (p *printer) begin(name string, attrs ...string) {
	p.tag(name, attrs, ">\n")
	p.open = append(p.open, name)
}

func (p *printer) end() {
	name := p.open[len(p.open)-1]
	p.open = p.open[:len(p.open)-1]
	p.indent()
	p.put("</" + name + ">\n")
}

// empty writes an element without content.
func (p *printer) empty(name string, attrs ...string) { p.tag(name, attrs, "/>\n") }

// text writes an element that holds text.
func (p *printer) text(name, text string, attrs ...string) {
	p.tag(name, attrs, ">")
	p.escape(text)
	p.put("</" + name + ">\n")
}

func (p *printer) tag(name string, attrs []string, end string) {
	p.indent()
	p.put("<" + name)
	for i := 0; i < len(attrs); i += 2 {
		if attrs[i+1] == "" {
			continue
		}
		p.put(" " + attrs[i] + `="`)
		p.escape(attrs[i+1])
		p.put(`"`)
	}
	p.put(end)
}

func (p *printer) indent() { p.put(strings.Repeat("  ", len(p.open))) }

func (p *printer) put(s string) { _, _ = p.w.WriteString(s) }

// escape writes text so that it reads back the same, as content or attribute. A
// character that XML cannot represent is an error (RULES.md#writing).
func (p *printer) escape(s string) {
	for i, r := range s {
		switch {
		case r == '&':
			p.put("&amp;")
		case r == '<':
			p.put("&lt;")
		case r == '>':
			p.put("&gt;")
		case r == '"':
			p.put("&quot;")
		case r == '\t':
			p.put("&#9;")
		case r == '\n':
			p.put("&#10;")
		case r == '\r':
			p.put("&#13;")
		case r < ' ', r == 0xFFFE, r == 0xFFFF, r == utf8.RuneError && !strings.HasPrefix(s[i:], "\uFFFD"):
			if p.err == nil {
				p.err = fmt.Errorf("adx: %s: XML cannot carry the character at offset %d", quote.Text(s), i)
			}
		default:
			_, _ = p.w.WriteRune(r)
		}
	}
}

// close flushes the output and returns the first error.
func (p *printer) close() error {
	if err := p.w.Flush(); p.err == nil {
		p.err = err
	}
	return p.err
}
