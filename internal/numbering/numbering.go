// Package numbering numbers things in the order in which they are first met, so
// that columns can hold small numbers in place of texts.
package numbering

// Index returns the place of each member of list. If a member is repeated, its
// last place counts.
func Index[T comparable](list []T) map[T]uint32 {
	at := make(map[T]uint32, len(list))
	for i, v := range list {
		at[v] = uint32(i)
	}
	return at
}

// In returns the place of v in list according to at, the index of list. A new v
// is appended to both.
func In[T comparable](list *[]T, at map[T]uint32, v T) uint32 {
	n, ok := at[v]
	if !ok {
		n = uint32(len(*list))
		*list = append(*list, v)
		at[v] = n
	}
	return n
}
