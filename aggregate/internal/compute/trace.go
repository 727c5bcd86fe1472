package compute

// A Trace notes what becomes of each value, for explanations.
type Trace struct {
	Counted func(Ref)
	Left    func(Ref, string) // called with each value left out and the reason
}

// These are the reasons for which values are left out.
const (
	leftZero     = "a 0 that does not count"
	leftText     = "no number"
	leftEarlier  = "followed by a later value"
	leftLater    = "comes after the first value"
	leftCriteria = "does not meet the criteria on values"
)

func (w *walk) counted(src *Source, segment int, pos uint32, v Amount) {
	if w.trace != nil {
		w.trace.Counted(w.ref(src, segment, pos, v))
	}
}

// left records a value that was left out only because of the reason why. Values
// that count nowhere are not recorded.
func (w *walk) left(src *Source, segment int, pos uint32, v Amount, why string) {
	if w.trace != nil && src.Places.Holds(pos) {
		w.trace.Left(w.ref(src, segment, pos, v), why)
	}
}

func (w *walk) ref(src *Source, segment int, pos uint32, v Amount) Ref {
	r := Ref{Segment: segment, Pos: pos, Value: v}
	for src != &w.job.Sources[r.Source] {
		r.Source++
	}
	return r
}
