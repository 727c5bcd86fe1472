package dsd

import (
	"io"
	"iter"

	"github.com/ohie-hmis/hmis-go/adx"
)

// Message reads a message and returns all findings, group by group: those of an
// [adx.Reader], and those of the definition. Lines and columns are those of the
// attribute at fault. Groups and values that the Reader rejects, such as a
// group without a period, are not compared with the definition. If the message
// cannot be read to the end, the last pair has the error.
func (c Checker) Message(in io.Reader) iter.Seq2[adx.Finding, error] {
	return func(yield func(adx.Finding, error) bool) {
		if c.Definition == nil {
			yield(adx.Finding{}, errNoDefinition)
			return
		}
		k := newCheck(c, yield)
		r := adx.NewReader(in)
		r.Tolerant, r.Edition, r.Limits = c.Tolerant, c.Edition, c.Limits
		r.Limits.Findings = -1 // Checker.Limit covers the findings of the Reader and of the definition together
		r.Warn, r.Reject = k.pass, k.pass
		k.in = r
		k.groups(r.Groups())
	}
}

// pass yields a finding that the Reader has reported.
func (k *check) pass(f adx.Finding) {
	if f.Rule == "ADX-029" {
		return // the definition alone knows which attributes belong to a key
	}
	if k.log.Pass() && k.more {
		k.more = k.yield(f, nil)
	}
}
