package dhis2

import "testing"

// LowerMaxMetadata lowers the limit of memory for metadata during one test.
func LowerMaxMetadata(t *testing.T, bytes int) {
	usual := maxMetadata
	maxMetadata = bytes
	t.Cleanup(func() { maxMetadata = usual })
}
