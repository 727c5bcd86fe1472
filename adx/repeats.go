package adx

import (
	"math"

	"github.com/ohie-hmis/hmis-go/adx/internal/keys"
	"github.com/ohie-hmis/hmis-go/hmis"
)

// keySize is the approximate memory of one key in bytes.
const keySize = 64

// A repeats remembers the keys of all values of a message.
type repeats struct {
	hash keys.Hasher
	set  keys.Set
}

// add adds a value and returns whether its key is new.
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
