package adx

import (
	"math"

	"github.com/ohie-hmis/hmis-go/adx/internal/keys"
	"github.com/ohie-hmis/hmis-go/hmis"
)

// keySize is about how many bytes of memory a key needs.
const keySize = 64

// repeats remembers the keys of the values of a whole message.
type repeats struct {
	hash keys.Hasher
	set  keys.Set
}

// add adds a value, and says whether one with its key was there.
func (r *repeats) add(v *hmis.DataValue) keys.State {
	if r.hash == (keys.Hasher{}) {
		r.hash = keys.NewHasher()
	}
	content := r.hash.Short(v.Value)
	if v.Deleted {
		content = keys.Mix(content)
	}
	return r.set.Add(keys.Of(r.hash, v.Key), content, math.MaxInt)
}
