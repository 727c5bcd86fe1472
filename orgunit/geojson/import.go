package geojson

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/internal/quote"
)

// These are the codes of a DHIS2 server for features that an import rejects
// (RULES.md#conflicts).
const (
	noAttribute       = "E7702"
	noGeoAttribute    = "E7703"
	unusableAttribute = "E7704"
	noIdentifier      = "E7705"
	noGeometry        = "E7706"
	invalidGeometry   = "E7707"
	noUnit            = "E7708"
)

// An Import gives org units the geometry of features.
type Import struct {
	// Property names the property of a feature that identifies its unit; ""
	// means the id of the feature. Scheme says what the identifier is.
	Property string
	Scheme   hmis.Scheme

	// Attribute is the id of an attribute of type GEOJSON that receives the
	// geometry, such as a catchment area. "" means the geometry of the unit.
	Attribute hmis.UID

	// Reject, if not nil, is called for each feature that is not used, with an
	// *hmis.Issue that has its code and position. If nil, the first such
	// feature ends the import.
	Reject func(Feature, error)

	// Warn, if not nil, is called for each feature whose unit already got the
	// geometry of an earlier feature. The later feature counts.
	Warn func(hmis.Issue)
}

// A Summary counts the features by what the import did with them.
type Summary struct {
	Imported int // units that had no geometry before
	Updated  int // units whose geometry was replaced, even by an equal one
	Deleted  int // units that lost their geometry, since the feature has none
	Ignored  int // features that were rejected
}

// Metadata returns md with the geometries of features. md itself does not
// change. Lists that the import does not affect are shared with the result. On
// an error the result is empty.
func (m Import) Metadata(
	ctx context.Context, md hmis.Metadata, features iter.Seq2[Feature, error],
) (hmis.Metadata, Summary, error) {
	in, err := m.begin(md)
	if err != nil {
		return hmis.Metadata{}, Summary{}, err
	}
	for f, err := range features {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return hmis.Metadata{}, Summary{}, err
		}
		if bad := in.add(f); bad != nil {
			if m.Reject == nil {
				return hmis.Metadata{}, Summary{}, fmt.Errorf("geojson: feature %d: %w", f.N, bad)
			}
			in.summary.Ignored++
			m.Reject(f, bad)
		}
	}
	return in.done(), in.summary, nil
}

// importing is the state of one import.
type importing struct {
	Import
	md      hmis.Metadata
	catalog *hmis.Catalog // has only the units and the attribute values
	at      map[hmis.UID]int
	value   map[hmis.UID]int // index of each unit's value of Attribute
	met     map[hmis.UID]int // index of the feature that each unit got
	summary Summary
}

func (m Import) begin(md hmis.Metadata) (*importing, error) {
	in := &importing{Import: m, md: md, met: make(map[hmis.UID]int)}
	var err error
	in.catalog, err = hmis.NewCatalog(hmis.Metadata{
		OrgUnits: md.OrgUnits, Attributes: md.Attributes, AttributeValues: md.AttributeValues,
	})
	if err != nil {
		return nil, err
	}
	if m.Attribute == "" {
		in.md.OrgUnits = slices.Clone(md.OrgUnits)
		in.at = make(map[hmis.UID]int, len(md.OrgUnits))
		for i, u := range md.OrgUnits {
			in.at[u.ID] = i
		}
		return in, nil
	}
	if err := m.checkAttribute(md); err != nil {
		return nil, err
	}
	in.md.AttributeValues = slices.Clone(md.AttributeValues)
	in.value = make(map[hmis.UID]int)
	for i, v := range md.AttributeValues {
		if v.Attribute == m.Attribute && v.Object.Kind == hmis.KindOrgUnit {
			in.value[v.Object.ID] = i
		}
	}
	return in, nil
}

// checkAttribute checks that the attribute can receive geometries.
func (m Import) checkAttribute(md hmis.Metadata) error {
	bad := func(code, format string, args ...any) error {
		return &hmis.Issue{
			Code: code, Severity: hmis.Critical, Object: hmis.Ref{Kind: hmis.KindAttribute, ID: m.Attribute},
			Offset: -1, Err: fmt.Errorf(format, args...),
		}
	}
	i := slices.IndexFunc(md.Attributes, func(a hmis.Attribute) bool { return a.ID == m.Attribute })
	if i < 0 {
		return bad(noAttribute, "no such attribute")
	}
	switch a := md.Attributes[i]; {
	case a.ValueType != hmis.GeoJSON:
		return bad(noGeoAttribute, "its type is %s: want GEOJSON", a.ValueType)
	case !slices.Contains(a.Kinds, hmis.KindOrgUnit):
		return bad(unusableAttribute, "org units cannot have it")
	}
	return nil
}

// add gives a unit the geometry of one feature.
func (in *importing) add(f Feature) *hmis.Issue {
	bad := func(code string, unit hmis.UID, err error) *hmis.Issue {
		i := &hmis.Issue{Code: code, Severity: hmis.Severe, Rows: []int{f.N}, Offset: f.Offset, Err: err}
		if unit != "" {
			i.Object, i.Field = hmis.Ref{Kind: hmis.KindOrgUnit, ID: unit}, "geometry"
		}
		return i
	}
	name, ok, err := f.identifier(in.Property)
	switch {
	case err != nil:
		return bad(noIdentifier, "", err)
	case !ok && in.Property == "":
		return bad(noIdentifier, "", errors.New("no id"))
	case !ok:
		return bad(noIdentifier, "", fmt.Errorf("no property %s", quote.Text(in.Property)))
	}
	unit, err := in.catalog.Lookup(hmis.KindOrgUnit, in.Scheme, name)
	if err != nil {
		return bad(noUnit, "", err)
	}
	if f.Geometry == nil {
		return bad(noGeometry, unit, errors.New("the feature does not say: want an object or null"))
	}
	text := ""
	if string(f.Geometry) != "null" {
		switch text, err = plain(f.Geometry); {
		case errors.Is(err, errNoCoordinates):
			return bad(noGeometry, unit, err)
		case err != nil:
			return bad(invalidGeometry, unit, err)
		}
	}
	if first, again := in.met[unit]; again && in.Warn != nil {
		w := bad("", unit, fmt.Errorf("feature %d is about the same unit", first))
		w.Severity = hmis.Warning
		in.Warn(*w)
	}
	in.met[unit] = f.N
	in.count(in.set(unit, text), text)
	return nil
}

// set changes the geometry of a unit. had reports whether it had one.
func (in *importing) set(unit hmis.UID, text string) (had bool) {
	if in.Attribute == "" {
		geometry := &in.md.OrgUnits[in.at[unit]].Geometry
		had, *geometry = *geometry != "", text
		return had
	}
	i, ok := in.value[unit]
	if !ok {
		in.value[unit] = len(in.md.AttributeValues)
		in.md.AttributeValues = append(in.md.AttributeValues, hmis.AttributeValue{
			Object: hmis.Ref{Kind: hmis.KindOrgUnit, ID: unit}, Attribute: in.Attribute, Value: text,
		})
		return false
	}
	value := &in.md.AttributeValues[i].Value
	had, *value = *value != "", text
	return had
}

func (in *importing) count(had bool, text string) {
	switch {
	case text == "":
		in.summary.Deleted++
	case had:
		in.summary.Updated++
	default:
		in.summary.Imported++
	}
}

// done returns the metadata. Attribute values that have become empty are
// removed.
func (in *importing) done() hmis.Metadata {
	if in.Attribute != "" {
		in.md.AttributeValues = slices.DeleteFunc(in.md.AttributeValues, func(v hmis.AttributeValue) bool {
			return v.Attribute == in.Attribute && v.Object.Kind == hmis.KindOrgUnit && v.Value == ""
		})
	}
	return in.md
}
