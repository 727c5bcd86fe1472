package entry

import (
	"errors"
	"fmt"
	"iter"
	"strings"
	"time"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/internal/quote"
	"github.com/ohie-hmis/hmis-go/orgunit"
	"github.com/ohie-hmis/hmis-go/period"
)

// A Gate decides which reported values may be stored
// (RULES.md#order-of-checks). The Gate itself stores nothing. Its fields are
// only read, so several streams may use one Gate concurrently.
type Gate struct {
	Catalog *hmis.Catalog

	// Tree has the org units. If nil, those of the Catalog count, a form
	// without org units may be reported by all, and the org units of category
	// options are not compared.
	Tree *orgunit.Tree

	// DataSet is the form to which all values belong. If "", a value may belong
	// to any form that has its data element and that it fits. Under Grouped and
	// GroupedAtomic, its element must then be in exactly one form.
	DataSet hmis.UID

	// Form, if not nil, returns the data set of the last value read, and is
	// used in place of DataSet: a message may name its form. "" means any form.
	Form func() hmis.UID

	Strategy Strategy // "" is CreateAndUpdate
	Policy   Policy   // what happens to a value that is rejected

	// Now is the time of entry. If zero, the days on which a form is open are
	// not checked (RULES.md#open-for-entry).
	Now time.Time

	// EditExpired skips the limits on days after a period and on future
	// periods, as for users with the authority to edit expired data. Input
	// periods still apply.
	EditExpired bool

	// Force skips every check of the day of entry: input periods, approval, and
	// the dates of attribute options.
	Force bool

	// Reopened, if not nil, reports whether an exception lets a unit report
	// after the days for it have passed.
	Reopened func(dataSet, unit hmis.UID, p period.Period) bool

	// Approved, if not nil, reports whether a form has been approved, so that
	// its values may no longer change. It is called once for consecutive values
	// of one form.
	Approved func(dataSet, unit hmis.UID, p period.Period, attributeCombo hmis.UID) bool

	// Require names the memberships that drop a value under Lenient too, as the
	// strict options of servers up to 2.42 do.
	Require Membership

	// RequireOptionCombo and RequireAttributeCombo reject values without that
	// combo (E7630, E7631). Otherwise the default combo is assumed.
	RequireOptionCombo, RequireAttributeCombo bool

	// SkipZeros drops zeros in elements for which zeros are not significant,
	// without an issue, as servers up to 2.42 do (RULES.md#zeros). Otherwise
	// zeros are stored.
	SkipZeros bool

	// MaxComment is how many characters a comment may have; 0 means 5,000.
	MaxComment int

	// Stored, if not nil, returns the value already stored under a key, which
	// may be marked Deleted. In keys, "" is the default option combo. If Stored
	// is nil, the store counts as empty, and every deletion is passed on.
	Stored func(hmis.Key) (hmis.DataValue, bool)

	// Reject, if not nil, is called for each value that is rejected, with the
	// *[hmis.Issue] that says why; its Rows are the position of that value. If
	// nil, the summary alone says so.
	Reject func(hmis.DataValue, error)

	// Warn, if not nil, is called for each value that is doubtful but passes.
	// The summary lists those as well.
	Warn func(hmis.Issue)

	// Row, if not nil, returns the position of the last value read. A reader
	// that drops values itself must provide it. If Row is nil, values are
	// counted from 0.
	Row func() int

	// Memory limits the bytes that a stream may hold. Keys are held to find
	// repeated values: up to 43 bytes each, or less than one where all units
	// report the same. Under Grouped and GroupedAtomic all values are held too.
	// Beyond the limit the stream ends with an error. 0 means 512 MiB, and a
	// negative number means no limit.
	Memory int64
}

// A Policy says how a rejected value affects the other values
// (RULES.md#policies).
type Policy uint8

const (
	// Lenient drops values that name unknown objects, and values that are
	// invalid in themselves. A value that only does not belong to its form
	// passes with a warning, unless Gate.Require names the membership.
	Lenient Policy = iota

	// Strict also drops values that do not belong to their form.
	Strict

	// Atomic is Strict, and the first rejected value ends the stream with its
	// *[hmis.Issue]. The caller must undo the values that passed before.
	Atomic

	// Grouped behaves as servers do since 2.43. An unreadable id rejects the
	// whole stream, and a value that does not fit its form rejects all values
	// of that form. An invalid text or comment drops only its own value. All
	// values are held until the stream has ended.
	Grouped

	// GroupedAtomic is Grouped, but an invalid text or comment rejects all
	// values of its form (E8000).
	GroupedAtomic
)

// holds reports whether p must hold all values before it can decide.
func (p Policy) holds() bool { return p == Grouped || p == GroupedAtomic }

// A Membership is a way in which a value belongs to its form. Several are
// written as PeriodType|OrgUnit.
type Membership uint8

// The memberships, each with the code of the issue for a value that lacks it.
const (
	DataElement    Membership = 1 << iota // the data set has the element: E8020
	OrgUnit                               // the unit reports the data set: E8022
	PeriodType                            // the period has the type of the data set: E8021
	AttributeCombo                        // the data set uses the attribute option combo: E8023
	OptionCombo                           // the element or data set uses the option combo: E8024
)

// A Strategy says which values are stored (RULES.md#strategies).
type Strategy string

// The strategies.
const (
	CreateAndUpdate Strategy = "CREATE_AND_UPDATE" // also ""
	Create          Strategy = "CREATE"            // stored values do not change
	Update          Strategy = "UPDATE"            // only stored values change
	Delete          Strategy = "DELETE"            // the named values are removed
)

// ParseStrategy reads a strategy as requests name it, in any letter case, and
// the older names NEW, UPDATES, NEW_AND_UPDATES, DELETES and SYNC. The empty
// text is [CreateAndUpdate].
func ParseStrategy(s string) (Strategy, error) {
	switch strings.ToUpper(s) {
	case "", "CREATE_AND_UPDATE", "NEW_AND_UPDATES", "SYNC":
		return CreateAndUpdate, nil
	case "CREATE", "NEW":
		return Create, nil
	case "UPDATE", "UPDATES":
		return Update, nil
	case "DELETE", "DELETES":
		return Delete, nil
	}
	return "", fmt.Errorf("entry: strategy %s: want CREATE, UPDATE, CREATE_AND_UPDATE or DELETE", quote.Text(s))
}

// Values returns the values to be stored, in order. Those to be removed are
// marked Deleted, with their last text. Texts are as they are stored, and the
// default option combos are "". What changes nothing is left out and counts as
// ignored.
//
// Sum, if not nil, is filled as values pass; all that is rejected counts as
// ignored, except under Grouped and GroupedAtomic, where a rejected form counts
// nothing, as on a server. Its issues have the codes of DHIS2, the object, and
// the positions of the values (RULES.md#summaries).
//
// An error of values ends the stream and is passed on. The walk ends when the
// caller leaves its loop.
func (g Gate) Values(values iter.Seq2[hmis.DataValue, error], sum *hmis.Summary) iter.Seq2[hmis.DataValue, error] {
	return func(yield func(hmis.DataValue, error) bool) {
		w, err := g.walk(sum)
		if err != nil {
			yield(hmis.DataValue{}, err)
			return
		}
		if err := w.run(values, yield); err != nil && !errors.Is(err, errStopped) {
			yield(hmis.DataValue{}, err)
		}
	}
}

// run decides about values. The error ends the stream.
func (w *walk) run(values iter.Seq2[hmis.DataValue, error], yield func(hmis.DataValue, error) bool) error {
	if w.Policy.holds() {
		return w.grouped(values, yield)
	}
	return w.stream(values, yield)
}

// errStopped says that the caller has left its loop.
var errStopped = errors.New("entry: stopped")

// walk checks the fields of g and returns the state of a new stream.
func (g Gate) walk(sum *hmis.Summary) (*walk, error) {
	if g.Catalog == nil {
		return nil, errors.New("entry: want a Gate with a Catalog")
	}
	strategy, err := ParseStrategy(string(g.Strategy))
	if err != nil {
		return nil, err
	}
	if g.Policy > GroupedAtomic {
		return nil, fmt.Errorf("entry: policy %d: want Lenient to GroupedAtomic", g.Policy)
	}
	g.Strategy = strategy
	if sum == nil {
		sum = new(hmis.Summary)
	}
	w := &walk{Gate: g, sum: sum}
	w.findings.list = &sum.Issues
	w.things.init(&w.Gate)
	w.room = g.Memory
	switch {
	case w.room == 0:
		w.room = 512 << 20
	case w.room < 0:
		w.room = int64(^uint64(0) >> 1)
	}
	return w, nil
}

// A walk is the state of one stream.
type walk struct {
	Gate
	sum      *hmis.Summary
	findings findings
	things   things
	seen     seen
	room     int64 // bytes that may still be held
	row      int   // position of the next value
	rejected int   // number of values rejected

	counted bool         // a Writer counts the changes instead
	stop    func() error // returns the error of a context that has ended, or nil
	asked   asked
	fault   *hmis.Issue // the issue of an unreadable value that rejects all values
}

// next returns the position of the value that was just read.
func (w *walk) next() int {
	row := w.row
	w.row++
	if w.Form != nil {
		w.things.turn(w.Form())
	}
	if w.Row != nil {
		row = w.Row()
	}
	return row
}

// ErrMemory says that a stream has more values than Gate.Memory has room for.
var ErrMemory = errors.New("Gate.Memory has no room for more values")

// hold counts bytes that are held until the end of the stream.
func (w *walk) hold(n int64) error {
	if w.room -= n; w.room < 0 {
		return fmt.Errorf("entry: value %d: %w", w.row-1, ErrMemory)
	}
	return nil
}

// stream decides about each value as it comes.
func (w *walk) stream(values iter.Seq2[hmis.DataValue, error], yield func(hmis.DataValue, error) bool) error {
	for v, err := range values {
		if err != nil {
			return err
		}
		if w.fault != nil {
			break
		}
		row := w.next()
		pass, err := w.value(&v, row)
		if err != nil {
			return err
		}
		if pass && !yield(v, nil) {
			return errStopped
		}
	}
	return w.ended()
}

// value checks one value, brings it into its stored form and counts it. pass is
// false if it is not to be stored.
func (w *walk) value(v *hmis.DataValue, row int) (pass bool, err error) {
	var c cast
	if bad := w.things.cast(v, &c); bad != 0 {
		return false, w.reject(v, row, bad, &c)
	}
	if bad := w.form(v, row, &c); bad != 0 {
		return false, w.reject(v, row, bad, &c)
	}
	switch again, err := w.again(v, &c); {
	case err != nil:
		return false, err
	case again:
		return false, w.reject(v, row, e8128, &c)
	}
	if w.Strategy == Delete {
		v.Deleted = true
	} else if bad := w.text(v, &c); bad != 0 {
		return false, w.reject(v, row, bad, &c)
	}
	return w.effect(v, &c), nil
}

// again reports whether a value with this key has come before, and remembers
// it (RULES.md#repeated-values).
func (w *walk) again(v *hmis.DataValue, c *cast) (bool, error) {
	before := w.seen.size() + w.things.size
	again, ok := w.seen.add(c.cell.n, c.unit.n, c.span.n)
	if !ok {
		return false, fmt.Errorf("entry: value %d: too many different org units, periods or data elements", w.row-1)
	}
	if grown := w.seen.size() + w.things.size - before; grown > 0 {
		return again, w.hold(grown)
	}
	return again, nil
}

// reject counts a value that is not stored. A returned error ends the stream.
func (w *walk) reject(v *hmis.DataValue, row int, bad code, c *cast) error {
	issue := w.issue(v, row, bad, c)
	w.sum.Ignored++
	w.rejected++
	w.findings.add(issue)
	if w.Reject != nil {
		w.Reject(*v, issue)
	}
	if w.Policy == Atomic {
		return issue
	}
	return nil
}
