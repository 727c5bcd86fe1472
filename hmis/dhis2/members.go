package dhis2

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/hmis/dhis2/internal/jsontext"
)

// These are the tables of fields, one for each type of object. A member that is
// in no table becomes an hmis.Property.

func dataElementFields(e *hmis.DataElement) []field {
	return []field{
		text("code", &e.Code), text("name", &e.Name), text("shortName", &e.ShortName),
		choice("domainType", &e.Tracker, "AGGREGATE", "TRACKER"),
		text("valueType", &e.ValueType), text("aggregationType", &e.Aggregation),
		reference("categoryCombo", hmis.KindCategoryCombo, &e.CategoryCombo),
		integers("aggregationLevels", &e.Levels),
		flag("zeroIsSignificant", &e.ZeroIsData, false),
		reference("optionSet", hmis.KindOptionSet, &e.OptionSet),
		reference("commentOptionSet", hmis.KindOptionSet, &e.CommentOptionSet),
		references("legendSets", hmis.KindLegendSet, &e.LegendSets),
		oldType("type", e), oldType("numberType", e), oldType("textType", e), oldAggregation("aggregationOperator", e),
		inverse("dataElementGroups", hmis.KindDataElementGroup),
		readOnly("dataSetElements", (*packageReader).inverseElements),
		inverse("dataSets", hmis.KindDataSet),
	}
}

func categoryFields(c *hmis.Category) []field {
	return []field{
		text("code", &c.Code), text("name", &c.Name), text("shortName", &c.ShortName),
		choice("dataDimensionType", &c.Attribute, "DISAGGREGATION", "ATTRIBUTE"),
		flagNot("dataDimension", &c.NoDimension),
		references("categoryOptions", hmis.KindCategoryOption, &c.Options),
		inverse("categoryCombos", hmis.KindCategoryCombo),
	}
}

func categoryOptionFields(o *hmis.CategoryOption) []field {
	return []field{
		text("code", &o.Code), text("name", &o.Name), text("shortName", &o.ShortName),
		date("startDate", &o.First), date("endDate", &o.Last),
		references("organisationUnits", hmis.KindOrgUnit, &o.OrgUnits),
		inverse("categories", hmis.KindCategory),
		inverse("categoryOptionGroups", hmis.KindCategoryOptionGroup),
		inverse("categoryOptionCombos", hmis.KindOptionCombo),
	}
}

func categoryComboFields(c *hmis.CategoryCombo) []field {
	return []field{
		text("code", &c.Code), text("name", &c.Name),
		choice("dataDimensionType", &c.Attribute, "DISAGGREGATION", "ATTRIBUTE"),
		flag("skipTotal", &c.SkipTotal, false),
		references("categories", hmis.KindCategory, &c.Categories),
		inverse("categoryOptionCombos", hmis.KindOptionCombo),
	}
}

func optionComboFields(o *hmis.OptionCombo) []field {
	return []field{
		text("code", &o.Code), text("name", &o.Name),
		reference("categoryCombo", hmis.KindCategoryCombo, &o.CategoryCombo),
		references("categoryOptions", hmis.KindCategoryOption, &o.Options),
	}
}

func optionSetFields(s *hmis.OptionSet) []field {
	return []field{
		text("code", &s.Code), text("name", &s.Name), text("valueType", &s.ValueType),
		{"options", func(d *packageReader, raw []byte) error { return d.optionRefs(raw, s.ID) }, func(b []byte) []byte {
			if len(s.Options) == 0 {
				return b
			}
			return appendList(b, s.Options, appendOption)
		}},
	}
}

// appendOption appends an option of a set: a reference, or all of the option if
// it has no id.
func appendOption(b []byte, o hmis.Option) []byte {
	if o.ID != "" {
		return appendRef(b, o.ID)
	}
	b = appendJSON(append(b, `{"code":`...), o.Code)
	return append(appendJSON(append(b, `,"name":`...), o.Name), '}')
}

func indicatorFields(i *hmis.Indicator) []field {
	return []field{
		text("code", &i.Code), text("name", &i.Name), text("shortName", &i.ShortName),
		reference("indicatorType", hmis.KindIndicatorType, &i.Type),
		text("numerator", &i.Numerator), text("numeratorDescription", &i.NumeratorNote),
		text("denominator", &i.Denominator), text("denominatorDescription", &i.DenominatorNote),
		optionalInteger("decimals", &i.Decimals), flag("annualized", &i.Annualized, false),
		text("aggregateExportCategoryOptionCombo", &i.ExportOptionCombo),
		text("aggregateExportAttributeOptionCombo", &i.ExportAttributeCombo),
		references("legendSets", hmis.KindLegendSet, &i.LegendSets),
		inverse("indicatorGroups", hmis.KindIndicatorGroup),
		inverse("dataSets", hmis.KindDataSet),
	}
}

func indicatorTypeFields(t *hmis.IndicatorType) []field {
	return []field{
		text("code", &t.Code), text("name", &t.Name),
		integer("factor", &t.Factor), flag("number", &t.Number, false),
	}
}

func orgUnitFields(u *hmis.OrgUnit) []field {
	return []field{
		text("code", &u.Code), text("name", &u.Name), text("shortName", &u.ShortName),
		reference("parent", hmis.KindOrgUnit, &u.Parent), text("path", &u.Path),
		openingDate("openingDate", &u.Opened), date("closedDate", &u.Closed),
		geometry("geometry", &u.Geometry),
		readOnly("featureType", func(*packageReader, []byte) error { return nil }), // the type follows from the nesting of the coordinates
		readOnly("coordinates", func(d *packageReader, raw []byte) error {
			s, err := jsontext.Scalar(raw)
			if err != nil || len(s) == 0 || u.Geometry != "" {
				return err
			}
			if u.Geometry, err = oldGeometry(string(s)); err != nil {
				return errKeep{err}
			}
			return nil
		}),
		unitLevel("level", u), unitLevel("hierarchyLevel", u),
		inverse("children", hmis.KindOrgUnit),
		inverse("organisationUnitGroups", hmis.KindOrgUnitGroup),
		inverse("dataSets", hmis.KindDataSet),
	}
}

func orgUnitLevelFields(l *hmis.OrgUnitLevel) []field {
	return []field{text("code", &l.Code), text("name", &l.Name), integer("level", &l.Level)}
}

func groupFields(g *hmis.Group) []field {
	fields := []field{text("code", &g.Code), text("name", &g.Name), text("shortName", &g.ShortName)}
	kind := memberKind(g.Kind)
	if g.Kind == hmis.KindCategoryOptionGroup {
		fields = append(fields, choice("dataDimensionType", &g.Attribute, "DISAGGREGATION", "ATTRIBUTE"))
	}
	return append(fields,
		references(listName(kind), kind, &g.Members),
		inverse("groupSets", g.Kind+"Set"),
		inverse(string(g.Kind)+"Sets", g.Kind+"Set"),
	)
}

func groupSetFields(s *hmis.GroupSet) []field {
	fields := []field{text("code", &s.Code), text("name", &s.Name), text("shortName", &s.ShortName)}
	kind := memberKind(s.Kind)
	if s.Kind == hmis.KindCategoryOptionGroupSet {
		fields = append(fields, choice("dataDimensionType", &s.Attribute, "DISAGGREGATION", "ATTRIBUTE"))
	}
	if s.Kind == hmis.KindOrgUnitGroupSet {
		fields = append(fields, flag("includeSubhierarchyInAnalytics", &s.Below, false))
	}
	return append(fields,
		flag("compulsory", &s.Compulsory, false), flagNot("dataDimension", &s.NoDimension),
		references(listName(kind), kind, &s.Groups),
	)
}

// memberKind returns the kind of a group's members, or of a group set's groups.
func memberKind(k hmis.Kind) hmis.Kind {
	if kind, ok := strings.CutSuffix(string(k), "Set"); ok {
		return hmis.Kind(kind)
	}
	return hmis.Kind(strings.TrimSuffix(string(k), "Group"))
}

func constantFields(c *hmis.Constant) []field {
	return []field{text("code", &c.Code), text("name", &c.Name), number("value", &c.Value)}
}

func validationRuleFields(v *hmis.ValidationRule) []field {
	return []field{
		text("code", &v.Code), text("name", &v.Name),
		text("description", &v.Description), text("instruction", &v.Instruction),
		text("importance", &v.Importance), text("operator", &v.Operator),
		periodType("periodType", &v.Period), integers("organisationUnitLevels", &v.Levels),
		flag("skipFormValidation", &v.NotInForms, false),
		expression("leftSide", &v.Left), expression("rightSide", &v.Right),
		inverse("validationRuleGroups", hmis.KindValidationRuleGroup),
	}
}

func predictorFields(p *hmis.Predictor) []field {
	return []field{
		text("code", &p.Code), text("name", &p.Name),
		reference("output", hmis.KindDataElement, &p.Output),
		reference("outputCombo", hmis.KindOptionCombo, &p.OutputOptionCombo),
		expression("generator", &p.Generator), expression("sampleSkipTest", &p.SkipTest),
		periodType("periodType", &p.Period),
		integer("sequentialSampleCount", &p.Sequential), integer("annualSampleCount", &p.Annual),
		integer("sequentialSkipCount", &p.Skip),
		references("organisationUnitLevels", hmis.KindOrgUnitLevel, &p.Levels),
		choice("organisationUnitDescendants", &p.Below, "SELECTED", "DESCENDANTS"),
		inverse("predictorGroups", hmis.KindPredictorGroup),
	}
}

// attributeFields has the members of attributes. Servers write the kinds of
// objects in two ways: as a list, and as a boolean for each.
func attributeFields(a *hmis.Attribute) []field {
	fields := []field{
		text("code", &a.Code), text("name", &a.Name), text("valueType", &a.ValueType),
		flag("unique", &a.Unique, false), flag("mandatory", &a.Mandatory, false),
		{"objectTypes", func(d *packageReader, raw []byte) error {
			var foreign error
			err := d.entries(raw, func(m jsontext.Member) error {
				s, err := jsontext.Scalar(m.Raw)
				if k := camel(string(s)); err == nil && !addKind(a, k) {
					foreign = errKeep{fmt.Errorf("%s is no type of object here", quoted(k))}
				}
				return err
			})
			return cmp.Or(err, foreign)
		}, func(b []byte) []byte {
			if len(a.Kinds) == 0 {
				return b
			}
			return appendList(b, a.Kinds, func(b []byte, k hmis.Kind) []byte { return appendJSON(b, snake(string(k))) })
		}},
		readOnly(anyAttribute, func(d *packageReader, raw []byte) error {
			if string(raw) == "true" && !addKind(a, strings.TrimSuffix(d.member, "Attribute")) {
				d.property(d.member, raw)
			}
			return nil
		}),
	}
	for _, k := range a.Kinds {
		fields = append(fields, field{string(k) + "Attribute", nil, func(b []byte) []byte { return append(b, "true"...) }})
	}
	return fields
}

// anyAttribute stands for every member whose name ends in Attribute.
const anyAttribute = "*Attribute"

// addKind adds the kind of object with this name. It reports whether there is
// one.
func addKind(a *hmis.Attribute, name string) bool {
	k := hmis.Kind(name)
	if !slices.Contains(hmis.Kinds(), k) {
		return false
	}
	if !slices.Contains(a.Kinds, k) {
		a.Kinds = append(a.Kinds, k)
	}
	return true
}

// expression binds the object of an expression. Other members of that object
// become properties of the object around it.
func expression(name string, e *hmis.Expression) field {
	inner := []field{
		text("expression", &e.Text), text("description", &e.Description),
		text("missingValueStrategy", &e.Missing), flag("slidingWindow", &e.Sliding, false),
	}
	return field{name, func(d *packageReader, raw []byte) error {
		if raw[0] == 'n' {
			return nil
		}
		if raw[0] != '{' {
			return want(raw, "an expression")
		}
		return jsontext.Members(raw, func(m jsontext.Member) error {
			for _, f := range inner {
				if f.name == m.Name {
					if err := f.read(d, m.Raw); err != nil {
						return fmt.Errorf("%s: %w", m.Name, err)
					}
					return nil
				}
			}
			d.property(name+"."+m.Name, m.Raw)
			return nil
		})
	}, func(b []byte) []byte {
		n := len(b)
		b = append(b, '{')
		for _, f := range inner {
			b = appendField(b, f)
		}
		if len(b) == n+1 {
			return b[:n]
		}
		return append(b, '}')
	}}
}
