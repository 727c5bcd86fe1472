package syntax

import (
	"fmt"
	"strconv"
	"unicode/utf8"

	"github.com/ohie-hmis/hmis-go/indicator/ast"
	"github.com/ohie-hmis/hmis-go/internal/quote"
)

// Parse parses an expression. The error is that of the first problem in the
// text.
func Parse(src string) (ast.Node, *Error) {
	if len(src) > MaxSource {
		return nil, errorAt(0, 0, "expression of %d bytes, want at most %d", len(src), MaxSource)
	}
	if !utf8.ValidString(src) {
		p := 0
		for p < len(src) {
			r, n := utf8.DecodeRuneInString(src[p:])
			if r == utf8.RuneError && n == 1 {
				break
			}
			p += n
		}
		return nil, errorAt(p, p+1, "byte %#x is not UTF-8", src[p])
	}
	p := &parser{scan: scanner{src: src}}
	p.advance()
	n := p.expr()
	if p.err == nil && p.tok.kind != tokEOF {
		p.unexpected("an operator or the end")
	}
	if p.err != nil {
		return nil, p.err
	}
	// The normal form can be six times as long as src, and must be short enough
	// to be parsed again.
	if len(src) > MaxSource/6 {
		if size := len(Print(n)); size > MaxSource {
			return nil, errorAt(0, 0,
				"expression of %d bytes in normal form, want at most %d", size, MaxSource)
		}
	}
	return n, nil
}

// A parser works by recursive descent, with one token of lookahead. After the
// first error it sees the end of the input.
type parser struct {
	scan  scanner
	tok   token // the next token
	end   int   // the end of the token before tok
	depth int
	nodes int
	err   *Error
}

func (p *parser) advance() {
	p.end = p.tok.end
	if p.err != nil {
		return
	}
	tok, err := p.scan.next()
	if err != nil {
		p.fail(err)
		return
	}
	p.tok = tok
}

func (p *parser) fail(err *Error) {
	if p.err == nil {
		p.err = err
		p.tok = token{kind: tokEOF, pos: err.Pos, end: err.Pos}
	}
}

// unexpected records an error at the next token.
func (p *parser) unexpected(want string) {
	t := p.tok
	switch {
	case t.kind == tokEOF:
		p.fail(errorAt(t.pos, t.end, "unexpected end, want %s", want))
	case t.kind == tokDate:
		p.fail(errorAt(t.pos, t.end,
			"unexpected date %s, want %s; a subtraction of years needs spaces", t.text, want))
	case t.kind == tokWord && p.scan.at(0) == '(':
		p.fail(errorAt(t.pos, t.end, "unknown function %s", quote.Line(t.text, 40)))
	case t.kind == tokWord && p.spaced(t) > 0:
		end := p.spaced(t)
		p.fail(errorAt(t.pos, end, "unexpected space after %s", p.scan.src[t.pos:end]))
	default:
		found := quote.Line(p.scan.src[t.pos:t.end], 40)
		p.fail(errorAt(t.pos, t.end, "unexpected %s, want %s", found, want))
	}
}

// spaced returns the end of the function name that begins with t, if white
// space separates it from its parenthesis. Otherwise it returns 0.
func (p *parser) spaced(t token) int {
	s := scanner{src: p.scan.src, pos: t.pos}
	for isName(s.at(0)) || isDigit(s.at(0)) {
		s.pos++
	}
	end := s.pos
	if _, ok := lookup(s.src[t.pos:end]); !ok {
		return 0
	}
	if _, err := s.skip(); err != nil || s.at(0) != '(' {
		return 0
	}
	return end
}

// enter counts one more level of nesting. leave counts one less.
func (p *parser) enter() {
	p.depth++
	if p.depth > MaxDepth {
		p.fail(errorAt(p.tok.pos, p.tok.end, "nested more than %d levels deep", MaxDepth))
	}
}

func (p *parser) leave() { p.depth-- }

// count counts a node that starts at pos and returns its span.
func (p *parser) count(pos int) ast.Span {
	p.nodes++
	if p.nodes > MaxNodes {
		p.fail(errorAt(pos, p.end, "more than %d parts", MaxNodes))
	}
	return ast.Span{From: pos, To: p.end}
}

func (p *parser) is(op string) bool { return p.tok.kind == tokOp && p.tok.text == op }

// expect reads an operator. Any other token is an error.
func (p *parser) expect(op string) {
	if !p.is(op) {
		p.unexpected(strconv.Quote(op))
		return
	}
	p.advance()
}

// binaryOp returns the next operator and its level, where a higher level binds
// tighter (RULES.md#binding).
func (p *parser) binaryOp() (op string, level int) {
	switch t := p.tok; t.kind {
	case tokWord:
		switch t.text {
		case "or":
			return "||", 1
		case "and":
			return "&&", 2
		}
	case tokOp:
		switch t.text {
		case "||":
			return t.text, 1
		case "&&":
			return t.text, 2
		case "==", "!=":
			return t.text, 3
		case "<", ">", "<=", ">=":
			return t.text, 4
		case "+", "-":
			return t.text, 5
		case "*", "/", "%":
			return t.text, 6
		}
	}
	return "", 0
}

func (p *parser) expr() ast.Node { return p.binary(1) }

// binary parses operators of a level and all tighter ones. They group to the
// left.
func (p *parser) binary(level int) ast.Node {
	pos := p.tok.pos
	x := p.unary()
	for p.err == nil {
		op, l := p.binaryOp()
		if l < level || l == 0 {
			break
		}
		p.advance()
		y := p.binary(l + 1)
		x = &ast.Binary{Span: p.count(pos), Op: op, X: x, Y: y}
	}
	return x
}

func (p *parser) sign() string {
	switch {
	case p.is("+"), p.is("-"), p.is("!"):
		return p.tok.text
	case p.tok.kind == tokWord && p.tok.text == "not":
		return "!"
	}
	return ""
}

func (p *parser) unary() ast.Node {
	op := p.sign()
	if op == "" {
		return p.power()
	}
	pos := p.tok.pos
	p.enter()
	defer p.leave()
	p.advance()
	if p.err != nil {
		return nil
	}
	x := p.unary()
	return &ast.Unary{Span: p.count(pos), Op: op, X: x}
}

// power parses powers, which group to the right. The exponent may have a sign,
// and -2^2 is -(2^2), and 2^-1*4 is (2^(-1))*4.
func (p *parser) power() ast.Node {
	pos := p.tok.pos
	x := p.postfix()
	if !p.is("^") {
		return x
	}
	p.enter()
	defer p.leave()
	p.advance()
	if p.err != nil {
		return nil
	}
	y := p.unary()
	return &ast.Binary{Span: p.count(pos), Op: "^", X: x, Y: y}
}

// postfix parses a primary and the modifiers after it.
func (p *parser) postfix() ast.Node {
	pos := p.tok.pos
	x := p.primary()
	n := p.depth
	for p.tok.kind == tokMod && p.err == nil {
		p.enter() // a chain of modifiers is nested
		x = p.modified(x, pos)
	}
	p.depth = n
	return x
}

func (p *parser) modified(x ast.Node, pos int) ast.Node {
	name := p.tok.text
	p.advance()
	var arg ast.Node
	switch name {
	case "yearToDate":
		return &ast.Modified{Span: p.count(pos), X: x, Name: name}
	case "periodOffset", "stageOffset":
		arg = p.offset()
	case "minDate", "maxDate":
		arg = p.argument(tokDate, "a date such as 2024-01-31")
	case "aggregationType":
		const want = "an aggregation type such as SUM"
		if p.tok.kind == tokWord && isKeyword(p.tok.text) {
			p.unexpected(want)
			break
		}
		arg = p.argument(tokWord, want)
	}
	p.expect(")")
	return &ast.Modified{Span: p.count(pos), X: x, Name: name, Args: []ast.Node{arg}}
}

// argument parses one token as a Word.
func (p *parser) argument(k kind, want string) ast.Node {
	t := p.tok
	if t.kind != k {
		p.unexpected(want)
		return nil
	}
	p.advance()
	return &ast.Word{Span: p.count(t.pos), Text: t.text}
}

// offset parses an integer. A sign may be directly before it.
func (p *parser) offset() ast.Node {
	first, sign := p.tok, ""
	if p.is("+") || p.is("-") {
		sign = p.tok.text
		p.advance()
		if p.tok.space {
			p.unexpected("a whole number directly after the sign")
			return nil
		}
	}
	t := p.tok
	if t.kind != tokInt {
		p.unexpected("a whole number")
		return nil
	}
	p.advance()
	text := sign + t.text
	v, _ := strconv.ParseFloat(text, 64) // an error means that v is an infinity
	return &ast.Number{Span: p.count(first.pos), Text: text, Value: v}
}

// primary parses a part without operators: a literal, an item, a call or
// parentheses.
func (p *parser) primary() ast.Node {
	t := p.tok
	switch t.kind {
	case tokOp:
		if t.text == "(" {
			p.enter()
			defer p.leave()
			p.advance()
			if p.err != nil {
				return nil
			}
			x := p.expr()
			p.expect(")")
			return x
		}
	case tokInt, tokNumber:
		p.advance()
		v, _ := strconv.ParseFloat(t.text, 64) // an error means that v is an infinity
		return &ast.Number{Span: p.count(t.pos), Text: t.text, Value: v}
	case tokText:
		p.advance()
		return &ast.Text{Span: p.count(t.pos), Value: t.text}
	case tokItem:
		p.advance()
		return &ast.Item{Span: p.count(t.pos), Sigil: t.text}
	case tokEvent:
		return p.eventDate()
	case tokOpen:
		return p.item()
	case tokFunc:
		return p.call()
	case tokWord:
		switch t.text {
		case "true", "false":
			p.advance()
			return &ast.Bool{Span: p.count(t.pos), Value: t.text == "true"}
		case "null":
			p.advance()
			return &ast.Null{Span: p.count(t.pos)}
		}
	}
	p.unexpected("a value")
	return nil
}

// eventDate parses the event date of a program stage, such as
// PS_EVENTDATE:Zj7UnCAulEk. No use allows it.
func (p *parser) eventDate() ast.Node {
	pos := p.tok.pos
	p.advance()
	if p.tok.kind != tokUID {
		p.unexpected("an id")
		return nil
	}
	id := p.tok.text
	p.advance()
	return &ast.Item{Span: p.count(pos), Sigil: eventDate, IDs: []string{id}}
}

// call parses a function and its arguments.
func (p *parser) call() ast.Node {
	pos := p.tok.pos
	f, _ := lookup(p.tok.text)
	p.enter()
	defer p.leave()
	p.advance()
	if p.err != nil {
		return nil
	}
	if p.is(")") && f.min > 0 {
		p.unexpected(fmt.Sprintf("an argument of %s", f.name))
		return nil
	}
	var args []ast.Node
	n := 0 // the number of arguments without the word distinct
	for p.err == nil && !(p.is(")") && n == 0) {
		if f.max > 0 && n == f.max {
			p.fail(errorAt(p.tok.pos, p.tok.end, "too many arguments, %s takes %d", f.name, f.max))
			return nil
		}
		if f.shape == distinct && p.tok.kind == tokWord && p.tok.text == "distinct" {
			args = append(args, p.argument(tokWord, ""))
		}
		if f.shape == ids {
			args = append(args, p.argument(tokUID, "an id"))
		} else {
			args = append(args, p.expr())
		}
		n++
		if f.shape == isIn && n == 1 {
			p.in()
			continue
		}
		if !p.is(",") {
			break
		}
		p.advance()
	}
	if p.err == nil && n < f.min {
		p.unexpected(fmt.Sprintf(`"," and argument %d of %s`, n+1, f.name))
		return nil
	}
	p.expect(")")
	return &ast.Call{Span: p.count(pos), Name: f.name, Args: args}
}

// in reads the word "in", which needs white space on both sides.
func (p *parser) in() {
	if p.tok.kind != tokWord || p.tok.text != "in" || !p.tok.space {
		p.unexpected(`" in "`)
		return
	}
	p.advance()
	if p.err == nil && p.tok.kind != tokEOF && !p.tok.space {
		p.unexpected(`a space after "in"`)
	}
}
