package hmis

import "slices"

// Metadata returns the metadata of a catalog, for writing it or for making a
// changed catalog. Its lists are copies; the lists inside its objects are
// shared and must not be changed.
func (c *Catalog) Metadata() Metadata {
	return Metadata{
		DataElements:    collect[DataElement](c),
		Categories:      collect[Category](c),
		CategoryOptions: collect[CategoryOption](c),
		CategoryCombos:  collect[CategoryCombo](c),
		OptionCombos:    collect[OptionCombo](c),
		OptionSets:      collect[OptionSet](c),
		DataSets:        collect[DataSet](c),
		Indicators:      collect[Indicator](c),
		IndicatorTypes:  collect[IndicatorType](c),
		OrgUnits:        collect[OrgUnit](c),
		OrgUnitLevels:   collect[OrgUnitLevel](c),
		Groups:          collect[Group](c),
		GroupSets:       collect[GroupSet](c),
		Constants:       collect[Constant](c),
		ValidationRules: collect[ValidationRule](c),
		Predictors:      collect[Predictor](c),
		Attributes:      collect[Attribute](c),
		LegendSets:      collect[LegendSet](c),

		AttributeValues: slices.Clone(c.attributeValues),
		Translations:    slices.Clone(c.translations),
		Properties:      slices.Clone(c.properties),
	}
}

func collect[T Noun](c *Catalog) []T { return slices.Clone(nounsOf[T](c).list) }
