package country

// A random makes numbers that look random, but are the same on every machine
// and with every release of Go. It uses SplitMix64 and only integers.
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

// chance returns true in so many of a hundred cases.
func (r *random) chance(percent int) bool { return r.below(100) < percent }

// around returns a random whole number near milli/1000, which differs by at
// most a sixth. It is rounded up or down at random, so that means stay the
// same.
func (r *random) around(milli int) int {
	return (milli*r.between(850, 1150)/1000 + r.below(1000)) / 1000
}
