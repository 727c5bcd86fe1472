package syntax

import (
	"slices"
	"strings"

	"github.com/ohie-hmis/hmis-go/indicator/ast"
	"github.com/ohie-hmis/hmis-go/internal/quote"
)

// item reads the text between braces. It works on bytes and not on tokens,
// since braces may contain comments but no white space.
func (p *parser) item() ast.Node {
	open := p.tok
	inside, end, err := p.scan.braces(open)
	if err != nil {
		p.fail(err)
		return nil
	}
	p.scan.pos, p.tok.end = end, end
	p.advance()
	n := &ast.Item{Span: p.count(open.pos), Sigil: open.text}
	ids, ok := itemIDs(open.text, inside)
	switch {
	case ok:
		n.IDs = ids
	case (open.text == "#" || open.text == "A") && isVariable(inside):
		// The parser knows variables of program rules, but no use allows them.
		n.IDs = []string{inside}
	default:
		p.err = nil // drop an error of the text after the item
		want := itemForm(open.text)
		first, _, _ := strings.Cut(inside, ".")
		if isVariable(strings.TrimSpace(first)) && !IsUID(first) && open.text != "V" {
			want += " with ids of 11 letters and digits"
		}
		found := quote.Line(open.text+"{"+inside+"}", 40)
		p.fail(errorAt(open.pos, end, "%s is no item, want %s", found, want))
		return nil
	}
	return n
}

// braces returns the text after an opening brace, without comments, and the
// offset after the closing brace.
func (s scanner) braces(open token) (inside string, end int, err *Error) {
	var b strings.Builder
	start := s.pos
	var last byte // the last byte that was written to b
	for s.pos < len(s.src) {
		switch c := s.src[s.pos]; {
		case c == '}':
			b.WriteString(s.src[start:s.pos])
			return b.String(), s.pos + 1, nil
		case c == '/' && s.at(1) == '*':
			if s.pos > start {
				last = s.src[s.pos-1]
			}
			b.WriteString(s.src[start:s.pos])
			if err := s.comment(); err != nil {
				return "", 0, err
			}
			// A comment can separate two words, which is an error in an item. A
			// space in place of the comment keeps them apart.
			if isWordByte(last) && isWordByte(s.at(0)) {
				b.WriteByte(' ')
				last = ' '
			}
			start = s.pos
			continue
		case c == '{' || c == '\'' || c == '"':
			return "", 0, errorAt(open.pos, s.pos+1,
				"item is not closed, want %s", itemForm(open.text))
		}
		s.pos++
	}
	return "", 0, errorAt(open.pos, len(s.src), "item is not closed, want %s", itemForm(open.text))
}

func isWordByte(c byte) bool { return isName(c) || isDigit(c) }

// isVariable reports whether s can be the name of a variable.
func isVariable(s string) bool {
	for i := range len(s) {
		if c := s[i]; !isWordByte(c) && c != '-' && c != '.' && !isSpace(c) {
			return false
		}
	}
	return s != ""
}

// rates lists the metrics that R{} can name.
var rates = []string{
	"REPORTING_RATE", "REPORTING_RATE_ON_TIME", "ACTUAL_REPORTS", "ACTUAL_REPORTS_ON_TIME",
	"EXPECTED_REPORTS",
}

// isKeyword reports whether a word is a token of its own, so that it cannot be
// a name.
func isKeyword(word string) bool {
	switch word {
	case "and", "or", "not", "true", "false", "null", "in", "distinct":
		return true
	}
	return slices.Contains(rates, word)
}

// variables lists the names of V{} (RULES.md#programs).
var variables = []string{
	"analytics_period_end", "analytics_period_start", "completed_date", "creation_date",
	"current_date", "due_date", "enrollment_count", "enrollment_date", "enrollment_id",
	"enrollment_status", "environment", "event_count", "event_date", "event_id",
	"event_status", "execution_date", "incident_date", "org_unit", "org_unit_count",
	"orgunit_code", "program_name", "program_stage_id", "program_stage_name",
	"scheduled_date", "scheduled_event_count", "sync_date", "tei_count", "value_count",
	"zero_pos_value_count",
}

// itemIDs splits the inside of an item at the dots and drops trailing
// wildcards. The second result is false if the text has the wrong form.
func itemIDs(sigil, inside string) ([]string, bool) {
	ids := strings.Split(inside, ".")
	switch sigil {
	case "#":
		return elementIDs(ids)
	case "A", "D":
		return ids, len(ids) == 2 && IsUID(ids[0]) && IsUID(ids[1])
	case "R":
		return ids, len(ids) == 2 && IsUID(ids[0]) && slices.Contains(rates, ids[1])
	case "V":
		return ids, len(ids) == 1 && slices.Contains(variables, ids[0])
	}
	return ids, len(ids) == 1 && IsUID(ids[0]) // C, I, N and OUG have one id
}

// elementIDs checks the ids in #{} and drops trailing wildcards.
func elementIDs(ids []string) ([]string, bool) {
	if len(ids) > 3 || !IsUID(strings.TrimPrefix(ids[0], "deGroup:")) {
		return nil, false
	}
	if len(ids) == 1 {
		return ids, true
	}
	total := ids[1] == "*"
	if !total && !isCombo(ids[1]) {
		return nil, false
	}
	if len(ids) == 2 {
		if total {
			ids = ids[:1]
		}
		return ids, true
	}
	switch {
	case IsUID(ids[2]):
		return ids, true
	case ids[2] == "*" && !total: // de.*.* is an error
		return ids[:2], true
	}
	return nil, false
}

// isCombo reports whether s is the id of an option combo, or a tag with an
// option or with option groups.
func isCombo(s string) bool {
	if rest, ok := strings.CutPrefix(s, "coGroup:"); ok {
		for id := range strings.SplitSeq(rest, "&") {
			if !IsUID(id) {
				return false
			}
		}
		return true
	}
	return IsUID(strings.TrimPrefix(s, "co:"))
}

func itemForm(sigil string) string {
	switch sigil {
	case "#":
		return "#{dataElement} or #{dataElement.optionCombo}"
	case "A":
		return "A{program.attribute}"
	case "C":
		return "C{constant}"
	case "D":
		return "D{program.dataElement}"
	case "I":
		return "I{programIndicator}"
	case "N":
		return "N{indicator}"
	case "OUG":
		return "OUG{orgUnitGroup}"
	case "R":
		return "R{dataSet.REPORTING_RATE} or another rate"
	}
	return "V{event_count} or another variable of programs"
}
