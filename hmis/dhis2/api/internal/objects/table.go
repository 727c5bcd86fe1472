package objects

// common are the properties that begin the line of every kind of object. Those
// of the server itself (who changed an object, who may) are given as far as the
// metadata has them.
const (
	bare = `id code name created lastUpdated createdBy$ lastUpdatedBy$ user$=createdBy sharing$
		translations#[translation access$=access() href=href() displayName=name `
	common = bare + `attributeValues#[attributeValue `
)

// described are the further properties of kinds with short names and
// descriptions, and named those of kinds that may have a name for forms.
const (
	described = `shortName description displayShortName=shortName|name displayDescription=description `
	named     = described + `displayFormName=formName|name formName `
)

// item are those of kinds that are items of a dimension, group those of such
// groups, and dimension those of kinds that are a dimension.
const (
	item      = `dimensionItem=id legendSets@[legendSets legendSet@=first(legendSets) `
	group     = `dimensionItem=id legendSets$='[] `
	dimension = `dimension=id allItems='false dataDimension:true `
)

// kinds has one entry for each kind of object and of part: its name, and its
// properties with their types and where their values come from.
//
//	name          a simple value of the object, which counts as owned
//	name:VALUE    the same with a default in JSON
//	name$         any JSON that is not simple; name$:VALUE has a default
//	name@kind     a reference; name@[kind is a list of them
//	name<kind.p   the list of objects of a kind whose property p refers to this one
//	name#part     a part, which is written whole; name#[part is a list of them
//	name=a|b      not owned: the first of the members a, b that the object has
//	name=f()      not owned: what a function of functions.go returns; name=f(p)
//	              gives it a property; $= and @= and @[= mark results that are
//	              no simple values
//	name='VALUE   not owned: always this JSON
var kinds = table{
	{"organisationUnits", common + named + `parent@organisationUnits children@[=children() path=path() level=level()
		leaf=leaf() ancestors@[=ancestors() openingDate closedDate geometry$ comment contactPerson address email phoneNumber url
		dimensionItem=id dimensionItemType='"ORGANISATION_UNIT" legendSets$='[] dataSets<dataSets.organisationUnits
		organisationUnitGroups<organisationUnitGroups.organisationUnits programs$='[] users$='[]`},
	{"organisationUnitGroups", common + named + group + `symbol color dimensionItemType='"ORGANISATION_UNIT_GROUP"
		organisationUnits@[organisationUnits groupSets<organisationUnitGroupSets.organisationUnitGroups`},
	{"organisationUnitGroupSets", common + named + dimension + `dimensionType='"ORGANISATION_UNIT_GROUP_SET" compulsory:false
		includeSubhierarchyInAnalytics:false organisationUnitGroups@[organisationUnitGroups items@[=organisationUnitGroups`},
	{"organisationUnitLevels", common + `level offlineLevels`},
	{"dataElements", common + named + item + `aggregationType valueType domainType:"AGGREGATE" categoryCombo@categoryCombos
		dataSetElements#[=setElements() dataElementGroups<dataElementGroups.dataElements aggregationLevels$:[] zeroIsSignificant:false
		optionSet@optionSets commentOptionSet@optionSets optionSetValue=has(optionSet) url fieldMask`},
	{"dataElementGroups", common + named + group + `dimensionItemType='"DATA_ELEMENT_GROUP" aggregationType=aggregation(dataElements) dataElements@[dataElements
		groupSets<dataElementGroupSets.dataElementGroups`},
	{"dataElementGroupSets", common + named + dimension + `dimensionType='"DATA_ELEMENT_GROUP_SET" compulsory:false
		dataElementGroups@[dataElementGroups items@[=dataElementGroups`},
	{"categories", common + described + dimension + `dataDimensionType:"DISAGGREGATION" categoryOptions@[categoryOptions
		items@[=categoryOptions categoryCombos<categoryCombos.categories isDefault=default()`},
	{"categoryOptions", common + named + `dimensionItem=id dimensionItemType='"CATEGORY_OPTION" startDate endDate
		organisationUnits@[organisationUnits categories<categories.categoryOptions isDefault=default()
		categoryOptionCombos<categoryOptionCombos.categoryOptions categoryOptionGroups<categoryOptionGroups.categoryOptions`},
	{"categoryCombos", bare + `attributeValues$='[] dataDimensionType:"DISAGGREGATION" skipTotal:false categories@[categories isDefault=default()
		categoryOptionCombos<categoryOptionCombos.categoryCombo`},
	{"categoryOptionCombos", common + `displayShortName=name displayFormName=name dimensionItem=id legendSets$='[]
		ignoreApproval:false categoryCombo@categoryCombos categoryOptions@[categoryOptions`},
	{"categoryOptionGroups", common + named + group + `dimensionItemType='"CATEGORY_OPTION_GROUP" dataDimensionType:"DISAGGREGATION"
		categoryOptions@[categoryOptions groupSets<categoryOptionGroupSets.categoryOptionGroups`},
	{"categoryOptionGroupSets", common + named + dimension + `dimensionType='"CATEGORY_OPTION_GROUP_SET"
		dataDimensionType:"DISAGGREGATION" categoryOptionGroups@[categoryOptionGroups items@[=categoryOptionGroups`},
	{"optionSets", common + `description valueType version options@[options`},
	{"options", common + `description displayFormName=formName|name formName optionSet@optionSets
		sortOrder=position(optionSet) style$`},
	{"legendSets", common + `symbolizer legends#[legends`},
	{"dataSets", common + named + `dimensionItem=id dimensionItemType='"REPORTING_RATE" legendSets@[legendSets legendSet@=first(legendSets)
		periodType formType=form() dataInputPeriods#[inputPeriod dataSetElements#[dataSetElement indicators@[indicators
		compulsoryDataElementOperands#[operand sections<sections.dataSet categoryCombo@categoryCombos organisationUnits@[organisationUnits
		mobile:false version:0 expiryDays:0 timelyDays:0 notifyCompletingUser:false interpretations$='[] openFuturePeriods:0
		openPeriodsAfterCoEndDate:0 fieldCombinationRequired:false validCompleteOnly:false noValueRequiresComment:false
		skipOffline:false dataElementDecoration:false renderAsTabs:false renderHorizontally:false
		compulsoryFieldsCompleteOnly:false displayOptions`},
	{"sections", common + `description dataSet@dataSets dataElements@[dataElements
		indicators@[indicators greyedFields#[operand categoryCombos@[=combosOf(dataElements) sortOrder showRowTotals:false showColumnTotals:false
		disableDataElementAutoGroup:false displayOptions`},
	{"indicatorTypes", bare + `attributeValues$='[] factor number:false`},
	{"indicators", common + named + item + `dimensionItemType='"INDICATOR" annualized:false decimals indicatorType@indicatorTypes
		numerator numeratorDescription denominator denominatorDescription url dataSets<dataSets.indicators
		displayNumeratorDescription=numeratorDescription displayDenominatorDescription=denominatorDescription
		indicatorGroups<indicatorGroups.indicators aggregateExportCategoryOptionCombo aggregateExportAttributeOptionCombo`},
	{"indicatorGroups", common + `description indicators@[indicators
		groupSets<indicatorGroupSets.indicatorGroups`},
	{"indicatorGroupSets", common + `shortName description displayDescription=description displayShortName=shortName|name
		compulsory:false indicatorGroups@[indicatorGroups`},
	{"constants", common + named + `value`},
	{"validationRules", common + named + `dimensionItem=id legendSets@[legendSets aggregationType instruction
		displayInstruction=instruction importance:"MEDIUM" operator periodType leftSide#expression rightSide#expression
		skipFormValidation:false organisationUnitLevels$:[] notificationTemplates$='[]
		validationRuleGroups<validationRuleGroups.validationRules`},
	{"validationRuleGroups", common + `description validationRules@[validationRules`},
	{"predictors", common + named + `output@dataElements outputCombo@categoryOptionCombos generator#expression sampleSkipTest#expression
		periodType organisationUnitLevels@[organisationUnitLevels organisationUnitDescendants:"SELECTED" sequentialSampleCount:0
		annualSampleCount:0 sequentialSkipCount:0 predictorGroups<predictorGroups.predictors`},
	{"predictorGroups", common + `description predictors@[predictors`},
	{"attributes", common + named + `valueType unique:false mandatory:false optionSet@optionSets sortOrder objectTypes$`},

	{"expression", `expression description displayDescription=description missingValueStrategy:"NEVER_SKIP" slidingWindow:false
		translations#[translation`},
	{"dataSetElement", `dataSet@dataSets dataElement@dataElements categoryCombo@categoryCombos`},
	{"inputPeriod", `period$ openingDate closingDate`},
	{"operand", `id=operand() name=operandName() displayName=operandName() displayFormName=operandName() shortName=operandShort()
		displayShortName=operandShort() created lastUpdated dimensionItem=operand() dimensionItemType='"DATA_ELEMENT_OPERAND"
		legendSets$='[] attributeValues$='[] aggregationType='"SUM" access$=access() href=href() sharing$
		translations#[translation dataElement@dataElements categoryOptionCombo@categoryOptionCombos
		attributeOptionCombo@categoryOptionCombos`},
	{"legends", `id code name displayName=name startValue endValue color image created lastUpdated access$=access() sharing$
		translations#[translation attributeValues$='[]`},
	{"translation", `locale property value`},
	{"attributeValue", `attribute@attributes value`},
}

// parts is the number of entries at the end of kinds that are parts.
const parts = 7
