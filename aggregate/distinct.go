package aggregate

import "slices"

// fewToCompare is the longest list that is searched item by item: a map of so
// few costs more.
const fewToCompare = 16

// distinct returns list without repetitions, in order.
func distinct[T comparable](list []T) []T {
	out := make([]T, 0, len(list))
	if len(list) <= fewToCompare {
		for _, v := range list {
			if !slices.Contains(out, v) {
				out = append(out, v)
			}
		}
		return out
	}
	seen := make(map[T]bool, len(list))
	for _, v := range list {
		if !seen[v] {
			seen[v] = true
			out = append(out, v)
		}
	}
	return out
}
