package geojson_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"strings"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/orgunit/geojson"
)

func Example() {
	md := hmis.Metadata{OrgUnits: []hmis.OrgUnit{
		{ID: "O6uvpzGd5pu", Name: "Bo"},
		{ID: "DiszpKrYNg8", Code: "HF-559", Name: "Ngelehun CHC", Parent: "O6uvpzGd5pu"},
	}}
	file := strings.NewReader(`{"type": "FeatureCollection", "features": [
		{"type": "Feature", "properties": {"HF_CODE": "HF-559"},
			"geometry": {"type": "Point", "coordinates": [-11.4197, 8.1039, 92]}},
		{"type": "Feature", "properties": {"HF_CODE": "HF-560"},
			"geometry": {"type": "Point", "coordinates": [-11.5, 8.2]}}
	]}`)

	ctx := context.Background()
	places := geojson.Import{
		Property: "HF_CODE",
		Scheme:   hmis.ByCode,
		Reject:   func(f geojson.Feature, err error) { fmt.Println("feature", f.N, err) },
	}
	md, summary, err := places.Metadata(ctx, md, geojson.Read(ctx, file))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%d imported, %d ignored\n", summary.Imported, summary.Ignored)
	if err := geojson.Write(os.Stdout, md); err != nil {
		log.Fatal(err)
	}
	// Output:
	// feature 1 hmis: E7708: organisationUnit: no object with the code "HF-560"
	// 1 imported, 1 ignored
	// {"type":"FeatureCollection","features":[
	// {"type":"Feature","id":"DiszpKrYNg8","geometry":{"type":"Point","coordinates":[-11.4197,8.1039]},"properties":{"code":"HF-559","name":"Ngelehun CHC","level":"2","parent":"O6uvpzGd5pu","parentGraph":"O6uvpzGd5pu","groups":[]}}
	// ]}
}
