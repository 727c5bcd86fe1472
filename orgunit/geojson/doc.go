// Package geojson reads the points and areas of org units from GeoJSON (RFC
// 7946), and writes them.
//
//	features := geojson.Read(ctx, file)
//	md, summary, err := geojson.Import{Scheme: hmis.ByCode, Property: "HF_CODE"}.Metadata(ctx, md, features)
//
// A file is a FeatureCollection or one Feature. It is read feature by feature,
// so that a file of any size needs the memory of its largest feature; one may
// have 32 MiB. Input may be gzip or a zip archive.
//
// RULES.md beside this file has the rules, with examples and sources.
package geojson
