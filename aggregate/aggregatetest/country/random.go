package country

// A random makes numbers that look random and are the same on every machine and
// with every release of Go: SplitMix64, and integers only.
type random struct{ state uint64 }

func (r *random) next() uint64 {
	r.state += 0x9e3779b97f4a7c15
	z := r.state
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// below returns a number from 0 to n-1.
func (r *random) below(n int) int { return int(r.next() % uint64(n)) }

// between returns a number from low to high.
func (r *random) between(low, high int) int { return low + r.below(high-low+1) }

// chance reports true in so many of a hundred cases.
func (r *random) chance(percent int) bool { return r.below(100) < percent }

// around returns a whole number near a thousandth of milli, at most a sixth
// away but for rounding, which is up or down by chance, so that means are kept.
func (r *random) around(milli int) int {
	return (milli*r.between(850, 1150)/1000 + r.below(1000)) / 1000
}
