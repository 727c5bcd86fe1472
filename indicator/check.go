package indicator

import (
	"errors"
	"fmt"
	"strings"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator/ast"
)

// Check lists the faults for which DHIS2 would refuse an expression that can be
// parsed. These are unknown ids, values of the wrong type, and arithmetic that
// fails if every item is 0. Another is a tag such as co: that [Compile] has not
// replaced by a sum. Offset is the place in the text of the expression, and Err
// an *[EvalError]. Ids of programs, which no catalog has, give a warning; a nil
// catalog has no objects. The result of a generator may have any type; see
// [Expr.CheckAs].
func (e *Expr) Check(c *hmis.Catalog) hmis.Issues {
	if e.use == InPredictor { // the type of the output element is checked instead
		return e.CheckAs(c, "")
	}
	return e.CheckAs(c, e.use.result())
}

// CheckAs lists the faults that [Expr.Check] does, for an expression whose
// result is stored as a value of type t. The generator of a predictor is stored
// as a value of its output data element.
func (e *Expr) CheckAs(c *hmis.Catalog, t hmis.ValueType) hmis.Issues {
	c = orEmpty(c)
	var issues hmis.Issues
	if e.root == nil {
		return issues
	}
	for i, n := range e.prog.nodes {
		switch n.op {
		case opData, opCount, opConstant:
			issues = append(issues, e.checkRefs(c, i, n.slot)...)
		case opOrgUnit:
			for _, l := range e.prog.links[n.from:n.to] {
				issues = append(issues, e.checkRefs(c, i, l.node)...)
			}
		}
	}
	if err := e.checkZero(c, t); err != nil {
		issues = append(issues, issue(err))
	}
	return issues
}

func issue(err *EvalError) *hmis.Issue {
	return &hmis.Issue{Severity: hmis.Severe, Offset: int64(err.Pos), Err: err}
}

// fault returns an issue about one part of the expression.
func (e *Expr) fault(span ast.Span, abort bool, err error) *hmis.Issue {
	return issue(&EvalError{Source: e.src, Pos: span.From, End: span.To, Abort: abort, Err: err})
}

// checkRefs checks the objects that the item of a step refers to.
func (e *Expr) checkRefs(c *hmis.Catalog, step int, slot int32) (issues hmis.Issues) {
	item := e.items[slot]
	span := e.prog.spans[step]
	if tag, ok := item.tag(); ok {
		issues = append(issues, e.fault(span, false, errors.New(tag+" stands for no items here")))
	}
	switch item.Kind {
	case ProgramIndicatorItem, ProgramElementItem, ProgramAttributeItem, ProgramTest:
		unknown := e.fault(span, false, fmt.Errorf("no %s %q: a catalog has no programs", item.Kind, item.ID))
		unknown.Severity = hmis.Warning // a server may know the object
		issues = append(issues, unknown)
	}
	var missing []hmis.Ref
	for _, ref := range item.refs() {
		if !c.Has(ref) {
			missing = append(missing, ref)
		}
	}
	if item.Kind == SubExpressionItem {
		if inner, err := item.Inner(); err == nil {
			if err := inner.checkZero(c, hmis.Number); err != nil {
				issues = append(issues, e.fault(span, err.Abort, err.Err))
			}
			for i := range inner.Items() {
				for _, ref := range i.refs() {
					if !c.Has(ref) {
						missing = append(missing, ref)
					}
				}
			}
		}
	}
	for _, ref := range missing {
		unknown := e.fault(span, false, fmt.Errorf("no %s %q", ref.Kind, ref.ID))
		unknown.Refs = []hmis.Ref{ref}
		issues = append(issues, unknown)
	}
	return issues
}

// tag returns the first tag of an item that stands for several, such as co: or
// deGroup:.
func (i Item) tag() (string, bool) {
	if i.Kind != DataElementItem {
		return "", false
	}
	for _, id := range []hmis.UID{i.ID, i.OptionCombo} {
		if tag, _, ok := strings.Cut(string(id), ":"); ok {
			return tag + ":", true
		}
	}
	return "", false
}

// checkZero evaluates every branch with 0 for each item, and returns the first
// error. If t is "", the result may have any type.
func (e *Expr) checkZero(c *hmis.Catalog, t hmis.ValueType) *EvalError {
	types := Types(c)
	zero := func(i Item) Value {
		switch i.Kind {
		case AncestorTest, GroupTest, DataSetTest, ProgramTest:
			return Truth(false)
		}
		t := hmis.Number
		if e.use != InIndicator && i.Kind == DataElementItem {
			t = types(i)
		}
		if t.IsDate() {
			return Text("2000-01-01")
		}
		return zeroOf(t)
	}
	env := Env{Item: zero, Type: types, Samples: []func(Item) Value{zero}}
	m := machine{expr: e, env: &env, sample: -1, all: true, replace: true, strategy: hmis.NeverSkip}
	v := m.eval(e.prog.root)
	switch {
	case v.kind == failed, t == "":
	case t == hmis.Boolean, t == hmis.TrueOnly:
		m.truth(v, e.prog.root)
	case t.IsNumeric():
		m.number(v, e.prog.root)
	}
	return m.err
}

// Types returns a function for [Env.Type]. It returns the value types of the
// data elements in c, and a number for every other item. c may be nil.
func Types(c *hmis.Catalog) func(Item) hmis.ValueType {
	c = orEmpty(c)
	return func(i Item) hmis.ValueType {
		if i.Kind == DataElementItem {
			if e, ok := hmis.Find[hmis.DataElement](c, i.ID); ok {
				return e.ValueType
			}
		}
		return hmis.Number
	}
}
