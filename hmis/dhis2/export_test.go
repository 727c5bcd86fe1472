package dhis2

import "testing"

// LowerMaxMetadata lowers the memory that metadata may take for one test.
func LowerMaxMetadata(t *testing.T, bytes int) {
	usual := maxMetadata
	maxMetadata = bytes
	t.Cleanup(func() { maxMetadata = usual })
}
