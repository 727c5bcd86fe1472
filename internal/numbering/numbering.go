// Package numbering gives each different thing a number, so that columns can
// hold small numbers instead of texts.
package numbering

// Index returns the index of each entry in list. For an entry that repeats, it
// is the last index.
func Index[T comparable](list []T) map[T]uint32 {
	at := make(map[T]uint32, len(list))
	for i, v := range list {
		at[v] = uint32(i)
	}
	return at
}

// In returns the index of v in list. at is the result of Index for list. A new
// v is added to both.
func In[T comparable](list *[]T, at map[T]uint32, v T) uint32 {
	n, ok := at[v]
	if !ok {
		n = uint32(len(*list))
		*list = append(*list, v)
		at[v] = n
	}
	return n
}
