package country

import (
	"context"
	"embed"
	"io/fs"

	"github.com/ohie-hmis/hmis-go/aggregate"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/orgunit"
)

//go:embed metadata.json.gz values.csv.gz
var files embed.FS

// Files returns the country as files of DHIS2: metadata.json.gz has [Metadata]
// in JSON, and values.csv.gz has [Values] in CSV.
func Files() fs.FS { return files }

// Load returns a cube of [Metadata] and [Values].
func Load(ctx context.Context) (*aggregate.Cube, error) {
	md := Metadata()
	catalog, err := hmis.NewCatalog(md)
	if err != nil {
		return nil, err
	}
	tree, err := orgunit.NewTree(md.OrgUnits, md.Groups...)
	if err != nil {
		return nil, err
	}
	return aggregate.Loader{Catalog: catalog, Tree: tree}.Load(ctx, Values())
}
