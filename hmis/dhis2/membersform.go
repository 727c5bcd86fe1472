package dhis2

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/hmis/dhis2/internal/jsontext"
)

// dataSetFields has the members of forms. Files before 2.25 list dataElements.
func dataSetFields(s *hmis.DataSet) []field {
	return []field{
		text("code", &s.Code), text("name", &s.Name), text("shortName", &s.ShortName),
		periodType("periodType", &s.PeriodType),
		reference("categoryCombo", hmis.KindCategoryCombo, &s.CategoryCombo),
		setElements("dataSetElements", s),
		readOnly("dataElements", func(d *packageReader, raw []byte) error {
			var ids []hmis.UID
			err := d.refs(raw, hmis.KindDataElement, &ids)
			d.after = append(d.after, func() {
				at := placesOf(s.Elements)
				for _, id := range ids {
					s.Elements = addElement(s.Elements, at, hmis.DataSetElement{DataElement: id})
				}
			})
			return err
		}),
		references("organisationUnits", hmis.KindOrgUnit, &s.OrgUnits),
		references("indicators", hmis.KindIndicator, &s.Indicators),
		{"sections", func(d *packageReader, raw []byte) error {
			var ids []hmis.UID
			err := d.refs(raw, hmis.KindSection, &ids)
			d.sectionLists[s.ID] = append(d.sectionLists[s.ID], ids...)
			return err
		}, func(b []byte) []byte {
			if len(s.Sections) == 0 {
				return b
			}
			return appendList(b, s.Sections, func(b []byte, s hmis.Section) []byte { return appendRef(b, s.ID) })
		}},
		float("timelyDays", &s.TimelyDays), float("expiryDays", &s.ExpiryDays),
		integer("openFuturePeriods", &s.OpenFuturePeriods), integer("openPeriodsAfterCoEndDate", &s.OpenAfterEnd),
		inputPeriods("dataInputPeriods", s),
		operands("compulsoryDataElementOperands", &s.Compulsory),
		flag("compulsoryFieldsCompleteOnly", &s.CompulsoryToComplete, false),
		flag("fieldCombinationRequired", &s.AllCombosOrNone, false),
		flag("validCompleteOnly", &s.ValidToComplete, false),
		flag("noValueRequiresComment", &s.ValueOrComment, false),
		references("legendSets", hmis.KindLegendSet, &s.LegendSets),
	}
}

// setElements binds the data elements of a form, with the category combos that
// they have in it.
func setElements(name string, s *hmis.DataSet) field {
	return field{name, func(d *packageReader, raw []byte) (err error) {
		s.Elements, err = withCombos(d, raw, "categoryCombo", hmis.KindCategoryCombo, func(e *hmis.DataSetElement) (_, _ *hmis.UID) {
			return &e.DataElement, &e.CategoryCombo
		})
		return err
	}, func(b []byte) []byte {
		if len(s.Elements) == 0 {
			return b
		}
		return appendList(b, s.Elements, func(b []byte, e hmis.DataSetElement) []byte {
			return appendSetElement(b, s.ID, e)
		})
	}}
}

func appendSetElement(b []byte, set hmis.UID, e hmis.DataSetElement) []byte {
	b = appendRef(append(b, `{"dataElement":`...), e.DataElement)
	b = appendRef(append(b, `,"dataSet":`...), set)
	if e.CategoryCombo != "" {
		b = appendRef(append(b, `,"categoryCombo":`...), e.CategoryCombo)
	}
	return append(b, '}')
}

// placesOf returns the index of each element in a list.
func placesOf(list []hmis.DataSetElement) map[hmis.UID]int {
	at := make(map[hmis.UID]int, len(list))
	for i, e := range list {
		if _, repeats := at[e.DataElement]; !repeats {
			at[e.DataElement] = i
		}
	}
	return at
}

// addElement adds an element that is not in the list, or the combo that it
// lacks there. at has the indexes of elements in the list.
func addElement(list []hmis.DataSetElement, at map[hmis.UID]int, e hmis.DataSetElement) []hmis.DataSetElement {
	i, ok := at[e.DataElement]
	if !ok {
		at[e.DataElement] = len(list)
		return append(list, e)
	}
	if list[i].CategoryCombo == "" {
		list[i].CategoryCombo = e.CategoryCombo
	}
	return list
}

func inputPeriods(name string, s *hmis.DataSet) field {
	return field{name, func(d *packageReader, raw []byte) error {
		s.InputPeriods = nil
		return d.entries(raw, func(m jsontext.Member) error {
			var p hmis.InputPeriod
			err := jsontext.Members(m.Raw, func(m jsontext.Member) error {
				switch m.Name {
				case "period":
					var id hmis.UID
					err := d.ref(m.Raw, "period", &id)
					if err == nil {
						p.Period, err = d.calendar.Parse(string(id))
					}
					return err
				case "openingDate":
					return readTime(&p.Opened)(m.Raw)
				case "closingDate":
					return readTime(&p.Closed)(m.Raw)
				}
				return nil
			})
			if err == nil && p.Period.IsZero() {
				err = errors.New("want a period")
			}
			if err == nil {
				s.InputPeriods = append(s.InputPeriods, p)
			}
			return err
		})
	}, func(b []byte) []byte {
		if len(s.InputPeriods) == 0 {
			return b
		}
		return appendList(b, s.InputPeriods, func(b []byte, p hmis.InputPeriod) []byte {
			b = append(appendJSON(append(b, `{"period":{"id":`...), p.Period.String()), '}')
			if !p.Opened.IsZero() {
				b = appendJSON(append(b, `,"openingDate":`...), p.Opened.UTC().Format(metadataTime))
			}
			if !p.Closed.IsZero() {
				b = appendJSON(append(b, `,"closingDate":`...), p.Closed.UTC().Format(metadataTime))
			}
			return append(b, '}')
		})
	}}
}

// metadataTime is the layout of times in metadata, which have no zone.
const metadataTime = "2006-01-02T15:04:05.000"

// A sectionRead is a section with the data set that it names as its own.
type sectionRead struct {
	hmis.Section
	set   hmis.UID
	order int
}

func sectionFields(s *sectionRead) []field {
	return []field{
		text("code", &s.Code), text("name", &s.Name),
		reference("dataSet", hmis.KindDataSet, &s.set),
		references("dataElements", hmis.KindDataElement, &s.DataElements),
		references("indicators", hmis.KindIndicator, &s.Indicators),
		operands("greyedFields", &s.Greyed),
		order(&s.order),
	}
}

// order binds the position in a list. It is written according to the list.
func order(v *int) field {
	f := integer("sortOrder", v)
	f.append = func(b []byte) []byte { return strconv.AppendInt(b, int64(*v), 10) }
	return f
}

// An optionRead is an option with the option set that it names as its own.
type optionRead struct {
	hmis.Option
	set   hmis.UID
	order int
}

func optionFields(o *optionRead) []field {
	return []field{
		text("code", &o.Code), text("name", &o.Name),
		reference("optionSet", hmis.KindOptionSet, &o.set),
		order(&o.order),
	}
}

// oldGeometry returns the coordinates of servers before 2.32 as GeoJSON. They
// are a JSON array in a text, whose depth decides the type
// (RULES.md#org-units-in-files).
func oldGeometry(coordinates string) (string, error) {
	text := strings.TrimSpace(coordinates)
	depth := 0
	for _, r := range text {
		if r != '[' && r != ' ' {
			break
		}
		if r == '[' {
			depth++
		}
	}
	names := map[int]string{1: "Point", 3: "Polygon", 4: "MultiPolygon"}
	if names[depth] == "" || !json.Valid([]byte(text)) {
		return "", fmt.Errorf("%s: want the coordinates of a point or polygon", quoted(text))
	}
	return `{"type":"` + names[depth] + `","coordinates":` + text + `}`, nil
}
