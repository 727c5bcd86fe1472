package dsd

import (
	"fmt"
	"io"

	"github.com/ohie-hmis/hmis-go/adx"
	"github.com/ohie-hmis/hmis-go/internal/quote"
)

// A Schema has the options of [Definition.WriteSchema]. The zero Schema means
// the schema of the profile of 2017.
type Schema struct {
	Edition       int    // 2015 or 2017, where 2015 has no dataSet; 0 means 2017
	DataSet       string // the dataSet of messages; "" is the id of the definition
	SelfContained bool   // the schema declares its types instead of importing those of SDMX
	Common        string // the file with the types of SDMX; "" is "sdmx/SDMXCommon.xsd"
	FreeOrgUnits  bool   // any org unit is allowed, even if the definition lists them
	RequireOuter  bool   // outer dimensions are required
	Undated       bool   // the attribute exported is optional
	TextOnly      bool   // an annotation must be text, as the profile intends; the profile's own schema allows anything
	Documented    bool   // the names of codes are included as documentation
}

// WriteSchema writes a W3C XML Schema of the messages of d (RULES.md#schemas).
// A schema cannot express which dimensions each data element has, and it
// accepts misspelt attributes. Use [Definition.WriteSchematron] or
// [Definition.CheckGroups] for these.
func (d *Definition) WriteSchema(w io.Writer, s Schema) error {
	if s.Edition != 0 && s.Edition != 2015 && s.Edition != 2017 {
		return fmt.Errorf("adx: edition %d: want 2015 or 2017", s.Edition)
	}
	if d.elements == nil {
		return fmt.Errorf("adx: definition %s: no list of data elements to make a schema of", quote.Text(d.main.id))
	}
	types, err := d.typeNames()
	if err != nil {
		return err
	}
	p := newPrinter(w)
	attrs := []string{
		"xmlns:xs", "http://www.w3.org/2001/XMLSchema", "xmlns", adx.Namespace,
		"targetNamespace", adx.Namespace, "elementFormDefault", "qualified", "attributeFormDefault", "unqualified",
	}
	if !s.SelfContained {
		attrs = append(attrs, "xmlns:com", spaceCommon)
	}
	p.begin("xs:schema", attrs...)
	timeRange := "timeRangeType"
	if !s.SelfContained {
		timeRange = "com:TimeRangeType"
		location := s.Common
		if location == "" {
			location = "sdmx/SDMXCommon.xsd"
		}
		p.empty("xs:import", "namespace", spaceCommon, "schemaLocation", location)
	} else {
		p.timeRange()
	}
	for _, l := range d.doc.lists {
		p.codelist(types[l], l, s.Documented)
	}
	if err := d.period(p, timeRange); err != nil {
		return err
	}

	p.begin("xs:complexType", "name", "adxType")
	p.sequence("group", "groupType")
	p.attribute("exported", "xs:dateTime", !s.Undated)
	p.anyAttribute()

	p.begin("xs:complexType", "name", "groupType")
	p.sequence("dataValue", "DataValueType")
	if s.Edition != 2015 {
		dataSet := s.DataSet
		if dataSet == "" {
			dataSet = d.main.id
		}
		p.empty("xs:attribute", "name", "dataSet", "type", "xs:string", "use", "required", "fixed", dataSet)
	}
	unitType := "xs:token"
	if d.units != nil && !s.FreeOrgUnits {
		unitType = types[d.units]
	}
	p.attribute("orgUnit", unitType, true)
	p.attribute("period", "periodType", true)
	for i := range d.dims {
		if d.dims[i].outer {
			p.attribute(d.dims[i].name, d.dims[i].schemaType(types, timeRange), s.RequireOuter)
		}
	}
	p.anyAttribute()

	p.begin("xs:complexType", "name", "DataValueType")
	p.begin("xs:sequence", "minOccurs", "0", "maxOccurs", "1")
	annotation := ""
	if s.TextOnly {
		annotation = "xs:string"
	}
	p.empty("xs:element", "name", "annotation", "type", annotation)
	p.end()
	p.attribute("dataElement", types[d.elements], true)
	p.attribute("value", "xs:decimal", true)
	for i := range d.dims {
		if !d.dims[i].outer {
			p.attribute(d.dims[i].name, d.dims[i].schemaType(types, timeRange), false)
		}
	}
	p.anyAttribute()

	p.empty("xs:element", "name", "adx", "type", "adxType")
	p.end()
	return p.close()
}

// typeNames returns the name of the schema type for each code list.
func (d *Definition) typeNames() (map[*codelist]string, error) {
	types := map[*codelist]string{}
	taken := map[string]bool{"periodType": true, "timeRangeType": true, "adxType": true, "groupType": true, "DataValueType": true}
	for _, l := range d.doc.lists {
		name := l.id + "_" + l.agency + "_" + l.version + "_Type"
		if !isNCName(name) {
			return nil, fmt.Errorf("adx: code list %s: %s cannot be the name of a type in a schema", quote.Text(l.id), quote.Text(name))
		}
		if taken[name] {
			return nil, fmt.Errorf("adx: code list %s is there twice", quote.Text(l.id))
		}
		taken[name] = true
		types[l] = name
	}
	return types, nil
}

// schemaType returns the type of a dimension's attribute.
func (dim *dimension) schemaType(types map[*codelist]string, timeRange string) string {
	if dim.list != nil {
		return types[dim.list]
	}
	switch dim.textType {
	case "Decimal":
		return "xs:decimal"
	case "Integer":
		return "xs:int"
	case "Boolean":
		return "xs:boolean"
	case "DateTime":
		return "xs:dateTime"
	case "TimeRange":
		return timeRange
	}
	return "xs:string"
}

func (d *Definition) period(p *printer, timeRange string) error {
	base := ""
	switch d.timeType {
	case "TimeRange":
		base = timeRange
	case "DateTime":
		base = "xs:dateTime"
	default:
		return fmt.Errorf("adx: definition %s: the time dimension is neither a TimeRange nor a DateTime", quote.Text(d.main.id))
	}
	p.begin("xs:simpleType", "name", "periodType")
	p.empty("xs:restriction", "base", base)
	p.end()
	return nil
}

func (p *printer) codelist(name string, l *codelist, documented bool) {
	p.begin("xs:simpleType", "name", name)
	p.begin("xs:restriction", "base", "xs:token")
	for _, c := range l.all() {
		if !documented || c.Name == "" {
			p.empty("xs:enumeration", "value", c.ID)
			continue
		}
		p.begin("xs:enumeration", "value", c.ID)
		p.begin("xs:annotation")
		p.text("xs:documentation", c.Name)
		p.end()
		p.end()
	}
	p.end()
	p.end()
}

func (p *printer) sequence(element, of string) {
	p.begin("xs:sequence", "maxOccurs", "unbounded")
	p.empty("xs:element", "name", element, "type", of)
	p.end()
}

func (p *printer) attribute(name, of string, required bool) {
	use := "optional"
	if required {
		use = "required"
	}
	p.empty("xs:attribute", "name", name, "type", of, "use", use)
}

// anyAttribute ends the definition of a type. It allows any further attribute.
func (p *printer) anyAttribute() {
	p.empty("xs:anyAttribute", "processContents", "skip")
	p.end()
}

// These are regular expressions of XML Schema for time ranges
// (RULES.md#time-ranges). Such an expression always matches a whole text.
const (
	rangeYear = `([0-9]{3}[1-9]|[0-9]{2}[1-9]0|[0-9][1-9]00|[1-9]000)`
	rangeDay  = `((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-8]))`
	rangeLeap = `([0-9]{2}(0[48]|[2468][048]|[13579][26])|(0[48]|[2468][048]|[13579][26])00)-02-29`
	rangeTime = `T(([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]+)?|24:00:00(\.0+)?)`
	rangeZone = `(Z|[+\-](0[0-9]|1[0-3]):[0-5][0-9]|[+\-]14:00)`
	rangeSecs = `[0-9]+(\.[0-9]+)?S`
	rangeDays = `([0-9]+Y([0-9]+M)?([0-9]+D)?|[0-9]+M([0-9]+D)?|[0-9]+D)`
	rangeHour = `T([0-9]+H([0-9]+M)?(` + rangeSecs + `)?|[0-9]+M(` + rangeSecs + `)?|` + rangeSecs + `)`

	rangeForm = `(` + rangeYear + `-` + rangeDay + `|` + rangeLeap + `)(` + rangeTime + `)?` + rangeZone + `?` +
		`/P(` + rangeDays + `(` + rangeHour + `)?|` + rangeHour + `)`
	rangeSome = `[^/]+/.*[1-9].*` // matches a range whose duration is not zero
)

// timeRange writes the type that replaces the TimeRangeType of SDMX. It is
// restricted twice, because both patterns must match.
func (p *printer) timeRange() {
	p.begin("xs:simpleType", "name", "timeRangeType")
	p.begin("xs:restriction")
	p.begin("xs:simpleType")
	p.begin("xs:restriction", "base", "xs:string")
	p.empty("xs:pattern", "value", rangeForm)
	p.end()
	p.end()
	p.empty("xs:pattern", "value", rangeSome)
	p.end()
	p.end()
}
