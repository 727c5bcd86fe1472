package aggregate

// A trace notes what becomes of each value, for Explain.
type trace struct {
	counted func(src *source, segment int, pos uint32, v amount)
	left    func(src *source, segment int, pos uint32, v amount, why string)
}

// Why values are left out.
const (
	leftZero     = "a 0 that does not count"
	leftText     = "no number"
	leftEarlier  = "followed by a later value"
	leftLater    = "comes after the first value"
	leftCriteria = "does not meet the criteria on values"
)

func (p *part) counted(src *source, segment int, pos uint32, v amount) {
	if p.trace != nil {
		p.trace.counted(src, segment, pos, v)
	}
}

func (p *part) left(src *source, segment int, pos uint32, v amount, why string) {
	if p.trace != nil {
		p.trace.left(src, segment, pos, v, why)
	}
}
