package dhis2

import "testing"

// LowerMaxMetadata lowers the memory that metadata may take for one test.
func LowerMaxMetadata(t *testing.T, bytes int) {
	usual := maxMetadata
	maxMetadata = bytes
	t.Cleanup(func() { maxMetadata = usual })
}

// LowerMaxArchive lowers how many bytes a zip archive may have for one test.
func LowerMaxArchive(t *testing.T, bytes int) {
	usual := maxArchive
	maxArchive = bytes
	t.Cleanup(func() { maxArchive = usual })
}
