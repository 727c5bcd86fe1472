package hmis

import (
	"fmt"
	"strings"
)

// A UID identifies an object. In DHIS2 it is eleven letters and digits, the
// first a letter; other systems may use any text. Expressions can only name ids
// of the DHIS2 form.
type UID string

// ParseUID returns s as a UID if it has the DHIS2 form: eleven ASCII letters
// and digits, the first a letter (RULES.md#identifiers).
func ParseUID(s string) (UID, error) {
	if len(s) != 11 {
		return "", fmt.Errorf("hmis: %q: want an identifier of 11 letters and digits, got %d bytes", s, len(s))
	}
	for i := range len(s) {
		switch c := s[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', i > 0 && '0' <= c && c <= '9':
		default:
			return "", fmt.Errorf("hmis: %q: want an identifier of 11 letters and digits, the first a letter, at offset %d", s, i)
		}
	}
	return UID(s), nil
}

// A Kind names a type of object. Its text is the word that DHIS2 uses in
// references.
type Kind string

// These are the kinds: one for each list of [Metadata], and one for each kind
// of group and group set.
const (
	KindDataElement            Kind = "dataElement"
	KindDataElementGroup       Kind = "dataElementGroup"
	KindDataElementGroupSet    Kind = "dataElementGroupSet"
	KindCategory               Kind = "category"
	KindCategoryOption         Kind = "categoryOption"
	KindCategoryCombo          Kind = "categoryCombo"
	KindOptionCombo            Kind = "categoryOptionCombo"
	KindCategoryOptionGroup    Kind = "categoryOptionGroup"
	KindCategoryOptionGroupSet Kind = "categoryOptionGroupSet"
	KindOptionSet              Kind = "optionSet"
	KindOption                 Kind = "option"
	KindDataSet                Kind = "dataSet"
	KindSection                Kind = "section"
	KindIndicator              Kind = "indicator"
	KindIndicatorType          Kind = "indicatorType"
	KindIndicatorGroup         Kind = "indicatorGroup"
	KindIndicatorGroupSet      Kind = "indicatorGroupSet"
	KindOrgUnit                Kind = "organisationUnit"
	KindOrgUnitLevel           Kind = "organisationUnitLevel"
	KindOrgUnitGroup           Kind = "organisationUnitGroup"
	KindOrgUnitGroupSet        Kind = "organisationUnitGroupSet"
	KindConstant               Kind = "constant"
	KindValidationRule         Kind = "validationRule"
	KindValidationRuleGroup    Kind = "validationRuleGroup"
	KindPredictor              Kind = "predictor"
	KindPredictorGroup         Kind = "predictorGroup"
	KindAttribute              Kind = "attribute"
	KindLegendSet              Kind = "legendSet"
)

// Kinds returns all kinds.
func Kinds() []Kind {
	return []Kind{
		KindDataElement, KindDataElementGroup, KindDataElementGroupSet,
		KindCategory, KindCategoryOption, KindCategoryCombo, KindOptionCombo,
		KindCategoryOptionGroup, KindCategoryOptionGroupSet, KindOptionSet, KindOption,
		KindDataSet, KindSection, KindIndicator, KindIndicatorType, KindIndicatorGroup,
		KindIndicatorGroupSet, KindOrgUnit, KindOrgUnitLevel, KindOrgUnitGroup,
		KindOrgUnitGroupSet, KindConstant, KindValidationRule, KindValidationRuleGroup,
		KindPredictor, KindPredictorGroup, KindAttribute, KindLegendSet,
	}
}

// member returns the kind of a group's members, or of a group set's groups. ok
// is false if k is neither.
func (k Kind) member() (member Kind, ok bool) {
	switch k {
	case KindDataElementGroup:
		return KindDataElement, true
	case KindCategoryOptionGroup:
		return KindCategoryOption, true
	case KindIndicatorGroup:
		return KindIndicator, true
	case KindOrgUnitGroup:
		return KindOrgUnit, true
	case KindValidationRuleGroup:
		return KindValidationRule, true
	case KindPredictorGroup:
		return KindPredictor, true
	case KindDataElementGroupSet:
		return KindDataElementGroup, true
	case KindCategoryOptionGroupSet:
		return KindCategoryOptionGroup, true
	case KindIndicatorGroupSet:
		return KindIndicatorGroup, true
	case KindOrgUnitGroupSet:
		return KindOrgUnitGroup, true
	}
	return "", false
}

// plural returns the name of the JSON list that holds objects of kind k.
func plural(k Kind) string {
	if k == KindCategory {
		return "categories"
	}
	return string(k) + "s"
}

// A Ref names one object by its kind and id.
type Ref struct {
	Kind Kind
	ID   UID
}

// String returns the ref as "dataElement fbfJHSPpUQD". If one half is empty, it
// is the other half.
func (r Ref) String() string { return strings.TrimSpace(string(r.Kind) + " " + string(r.ID)) }
