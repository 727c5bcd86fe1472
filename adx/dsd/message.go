package dsd

import (
	"io"
	"iter"

	"github.com/ohie-hmis/hmis-go/adx"
)

// Message reads a message and returns all findings, group by group: those of an
// [adx.Reader], and those of the definition. Lines and columns are those of the
// attribute at fault. What the Reader rejects, such as a group without a
// period, is not compared with the definition. An error means that the message
// could not be read to the end; it is the last pair.
func (c Checker) Message(in io.Reader) iter.Seq2[adx.Finding, error] {
	return func(yield func(adx.Finding, error) bool) {
		if c.Definition == nil {
			yield(adx.Finding{}, errNoDefinition)
			return
		}
		k := newCheck(c, yield)
		r := adx.NewReader(in)
		r.Tolerant, r.Edition, r.Limits = c.Tolerant, c.Edition, c.Limits
		r.Limits.Findings = -1 // Limit is that of both
		r.Warn, r.Reject = k.pass, k.pass
		k.in = r
		k.groups(r.Groups())
	}
}

// pass returns a finding of the Reader.
func (k *check) pass(f adx.Finding) {
	if f.Rule == "ADX-029" {
		return // the definition knows better what belongs to a key
	}
	if k.log.Pass() && k.more {
		k.more = k.yield(f, nil)
	}
}
