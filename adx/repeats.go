package adx

import (
	"hash/maphash"

	"github.com/ohie-hmis/hmis-go/hmis"
)

// repeats remembers the keys of the values of a whole message, as hashes of 128
// bits that a sender cannot foresee.
type repeats struct {
	seeds [2]maphash.Seed
	keys  keys
}

// add adds a value, and says whether one with its key was there.
func (r *repeats) add(v *hmis.DataValue) keyState {
	if r.keys.table == nil {
		r.seeds = [2]maphash.Seed{maphash.MakeSeed(), maphash.MakeSeed()}
	}
	content := maphash.String(r.seeds[0], v.Value)
	if v.Deleted {
		content = mix(content)
	}
	k := key{maphash.Comparable(r.seeds[0], v.Key), maphash.Comparable(r.seeds[1], v.Key)}
	return r.keys.add(k, content, int(^uint(0)>>1))
}
