package country

import (
	"embed"
	"io/fs"
)

//go:embed metadata.json.gz values.csv.gz
var files embed.FS

// Files returns the country as files of DHIS2: metadata.json.gz has [Metadata] in
// JSON, and values.csv.gz has [Values] in CSV.
func Files() fs.FS { return files }
