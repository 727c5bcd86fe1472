package country

import (
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/period"
	"github.com/shopspring/decimal"
)

// Metadata returns everything that describes the data of the country.
func Metadata() hmis.Metadata {
	g := newGeography()
	md := hmis.Metadata{
		OrgUnits:        g.units,
		OrgUnitLevels:   levels,
		Groups:          g.groups,
		GroupSets:       groupSets,
		CategoryOptions: categoryOptions,
		Categories:      categories,
		CategoryCombos:  categoryCombos,
		DataElements:    dataElements,
		Constants:       constants,
		IndicatorTypes:  indicatorTypes,
		Indicators:      indicators,
		DataSets:        dataSets(g),
	}
	for _, cells := range disaggregations {
		md.OptionCombos = append(md.OptionCombos, cells...)
	}
	return md
}

// These are the category combos, named by their categories.
const (
	none     hmis.UID = "bjDvmb4bfuf" // the default category combo, for no disaggregation
	bySex    hmis.UID = "ccSex000001"
	byAge    hmis.UID = "ccAge5years"
	byMother hmis.UID = "ccMotherAge"
	bySexAge hmis.UID = "ccSexAndAge"
)

var categoryOptions = []hmis.CategoryOption{
	{ID: "xYerKDKCefk", Code: "default", Name: "default", ShortName: "default"},
	{ID: "opFemale001", Code: "F", Name: "Female", ShortName: "Female"},
	{ID: "opMale00001", Code: "M", Name: "Male", ShortName: "Male"},
	{ID: "opUnder5yrs", Code: "U5", Name: "Under 5 years", ShortName: "<5"},
	{ID: "opFivePlus1", Code: "O5", Name: "5 years and over", ShortName: "5+"},
	{ID: "opUnder20yr", Code: "U20", Name: "Under 20 years", ShortName: "<20"},
	{ID: "opTwentyPls", Code: "O20", Name: "20 years and over", ShortName: "20+"},
}

var categories = []hmis.Category{
	{ID: "GLevLNI9wkl", Code: "default", Name: "default", ShortName: "default", Options: []hmis.UID{"xYerKDKCefk"}},
	{ID: "caSex000001", Code: "sex", Name: "Sex", ShortName: "Sex", Options: []hmis.UID{"opFemale001", "opMale00001"}},
	{ID: "caAge5years", Code: "age", Name: "Age", ShortName: "Age", Options: []hmis.UID{"opUnder5yrs", "opFivePlus1"}},
	{ID: "caMotherAge", Code: "motherAge", Name: "Age of mother", ShortName: "Age of mother", Options: []hmis.UID{"opUnder20yr", "opTwentyPls"}},
}

var categoryCombos = []hmis.CategoryCombo{
	{ID: none, Code: "default", Name: "default", Categories: []hmis.UID{"GLevLNI9wkl"}},
	{ID: bySex, Code: "CC_SEX", Name: "Sex", Categories: []hmis.UID{"caSex000001"}},
	{ID: byAge, Code: "CC_AGE", Name: "Age", Categories: []hmis.UID{"caAge5years"}},
	{ID: byMother, Code: "CC_MOTHER_AGE", Name: "Age of mother", Categories: []hmis.UID{"caMotherAge"}},
	{ID: bySexAge, Code: "CC_SEX_AGE", Name: "Sex and age", Categories: []hmis.UID{"caSex000001", "caAge5years"}},
}

// disaggregations has the option combos of each category combo.
var disaggregations = [][]hmis.OptionCombo{
	{{ID: "HllvX50cXC0", Code: "default", Name: "default", CategoryCombo: none, Options: []hmis.UID{"xYerKDKCefk"}}},
	{
		{ID: "ocFemale001", Code: "COC_F", Name: "Female", CategoryCombo: bySex, Options: []hmis.UID{"opFemale001"}},
		{ID: "ocMale00001", Code: "COC_M", Name: "Male", CategoryCombo: bySex, Options: []hmis.UID{"opMale00001"}},
	},
	{
		{ID: "ocUnder5yrs", Code: "COC_U5", Name: "Under 5 years", CategoryCombo: byAge, Options: []hmis.UID{"opUnder5yrs"}},
		{ID: "ocFivePlus1", Code: "COC_O5", Name: "5 years and over", CategoryCombo: byAge, Options: []hmis.UID{"opFivePlus1"}},
	},
	{
		{ID: "ocUnder20yr", Code: "COC_U20", Name: "Under 20 years", CategoryCombo: byMother, Options: []hmis.UID{"opUnder20yr"}},
		{ID: "ocTwentyPls", Code: "COC_O20", Name: "20 years and over", CategoryCombo: byMother, Options: []hmis.UID{"opTwentyPls"}},
	},
	{
		{ID: "ocFemUnder5", Code: "COC_F_U5", Name: "Female, Under 5 years", CategoryCombo: bySexAge, Options: []hmis.UID{"opFemale001", "opUnder5yrs"}},
		{ID: "ocMalUnder5", Code: "COC_M_U5", Name: "Male, Under 5 years", CategoryCombo: bySexAge, Options: []hmis.UID{"opMale00001", "opUnder5yrs"}},
		{ID: "ocFemFivePl", Code: "COC_F_O5", Name: "Female, 5 years and over", CategoryCombo: bySexAge, Options: []hmis.UID{"opFemale001", "opFivePlus1"}},
		{ID: "ocMalFivePl", Code: "COC_M_O5", Name: "Male, 5 years and over", CategoryCombo: bySexAge, Options: []hmis.UID{"opMale00001", "opFivePlus1"}},
	},
}

// count returns a data element that counts people or things.
func count(id hmis.UID, code, name string, combo hmis.UID) hmis.DataElement {
	return hmis.DataElement{
		ID: id, Code: code, Name: name, ShortName: name, CategoryCombo: combo,
		ValueType: hmis.IntegerZeroOrPositive, Aggregation: hmis.Sum,
	}
}

var dataElements = []hmis.DataElement{
	count("deAncFirst1", "ANC1", "Antenatal care, 1st visits", byMother),
	count("deAncFourth", "ANC4", "Antenatal care, 4th visits", none),
	count("deIptpThird", "IPTP3", "IPTp, 3rd doses", none),
	count("deDelivery1", "DELIVERIES", "Deliveries in facility", none),
	count("deLiveBirth", "LIVE_BIRTHS", "Live births", bySex),
	count("deMatDeaths", "MATERNAL_DEATHS", "Maternal deaths", none),
	count("dePentaDos1", "PENTA1", "DPT-HepB-Hib, 1st doses", bySex),
	count("dePentaDos3", "PENTA3", "DPT-HepB-Hib, 3rd doses", bySex),
	count("deMeaslesR1", "MR1", "Measles-rubella, 1st doses", bySex),
	count("deOutpatnts", "OPD", "Outpatient visits", bySexAge),
	count("deMalTested", "MAL_TESTED", "Malaria tests done", byAge),
	count("deMalCases1", "MAL_CONFIRMED", "Malaria cases confirmed", bySexAge),
	count("deMalActGvn", "MAL_ACT", "Malaria cases given ACT", byAge),
	stockOut(),
	population(),
}

// stockOut returns a data element that is 0 where there was stock. Its zeros
// are stored.
func stockOut() hmis.DataElement {
	e := count("deActStkOut", "ACT_STOCKOUT", "Days without ACT in stock", none)
	e.ZeroIsData = true
	return e
}

// population returns a data element that is not added up over time: a year's
// number holds in each quarter.
func population() hmis.DataElement {
	e := count("dePopulatn1", "POPULATION", "Population", bySex)
	e.Aggregation = hmis.AverageSumOrgUnit
	return e
}

var constants = []hmis.Constant{
	{ID: "csPregnancy", Code: "PREGNANCIES", Name: "Expected pregnancies in a year, share of population", Value: decimal.RequireFromString("0.04")},
	{ID: "csInfants01", Code: "INFANTS", Name: "Surviving infants, share of population", Value: decimal.RequireFromString("0.036")},
}

var indicatorTypes = []hmis.IndicatorType{
	{ID: "itPercent01", Code: "PERCENT", Name: "Per cent", Factor: 100},
	{ID: "itThousand1", Code: "PER_1000", Name: "Per 1,000", Factor: 1000},
}

var one = 1 // one digit after the point

var indicators = []hmis.Indicator{
	{
		ID: "inAnc1Cover", Code: "ANC1_COVERAGE", Name: "ANC 1 coverage (%)", ShortName: "ANC 1 coverage",
		Type: "itPercent01", Decimals: &one, Annualized: true,
		Numerator: "#{deAncFirst1}", NumeratorNote: "1st visits",
		Denominator: "#{dePopulatn1} * C{csPregnancy}", DenominatorNote: "expected pregnancies",
	},
	{
		ID: "inAncDropot", Code: "ANC_DROPOUT", Name: "ANC 1 to 4 dropout (%)", ShortName: "ANC dropout",
		Type: "itPercent01", Decimals: &one,
		Numerator: "#{deAncFirst1} - #{deAncFourth}", NumeratorNote: "1st visits less 4th visits",
		Denominator: "#{deAncFirst1}", DenominatorNote: "1st visits",
	},
	{
		ID: "inDelivery1", Code: "DELIVERY_COVERAGE", Name: "Deliveries in facility (%)", ShortName: "Facility deliveries",
		Type: "itPercent01", Decimals: &one, Annualized: true,
		Numerator: "#{deDelivery1}", NumeratorNote: "deliveries in facility",
		Denominator: "#{dePopulatn1} * C{csPregnancy}", DenominatorNote: "expected pregnancies",
	},
	{
		ID: "inDpt3Cover", Code: "DPT3_COVERAGE", Name: "DPT 3 coverage (%)", ShortName: "DPT 3 coverage",
		Type: "itPercent01", Decimals: &one, Annualized: true,
		Numerator: "#{dePentaDos3}", NumeratorNote: "3rd doses",
		Denominator: "#{dePopulatn1} * C{csInfants01}", DenominatorNote: "surviving infants",
	},
	{
		ID: "inDptDropot", Code: "DPT_DROPOUT", Name: "DPT 1 to 3 dropout (%)", ShortName: "DPT dropout",
		Type: "itPercent01", Decimals: &one,
		Numerator: "#{dePentaDos1} - #{dePentaDos3}", NumeratorNote: "1st doses less 3rd doses",
		Denominator: "#{dePentaDos1}", DenominatorNote: "1st doses",
	},
	{
		ID: "inMalIncidn", Code: "MAL_INCIDENCE", Name: "Malaria incidence (per 1,000 a year)", ShortName: "Malaria incidence",
		Type: "itThousand1", Decimals: &one, Annualized: true,
		Numerator: "#{deMalCases1}", NumeratorNote: "confirmed cases",
		Denominator: "#{dePopulatn1}", DenominatorNote: "population",
	},
	{
		ID: "inMalPositv", Code: "MAL_POSITIVITY", Name: "Malaria test positivity (%)", ShortName: "Malaria positivity",
		Type: "itPercent01", Decimals: &one,
		Numerator: "#{deMalCases1}", NumeratorNote: "confirmed cases",
		Denominator: "#{deMalTested}", DenominatorNote: "tests done",
	},
	{
		ID: "inMalTreatd", Code: "MAL_U5_TREATED", Name: "Malaria under 5 given ACT (%)", ShortName: "Malaria <5 given ACT",
		Type: "itPercent01", Decimals: &one,
		Numerator: "#{deMalActGvn.ocUnder5yrs}", NumeratorNote: "cases under 5 given ACT",
		Denominator: "#{deMalCases1.ocFemUnder5} + #{deMalCases1.ocMalUnder5}", DenominatorNote: "confirmed cases under 5",
	},
}

// dataSets returns the forms with the org units that report them. Health posts
// do not report maternal health, and zones report the population.
func dataSets(g *geography) []hmis.DataSet {
	var all, withBeds, zones []hmis.UID
	for _, f := range g.facilities {
		all = append(all, f.id)
		if f.kind != post {
			withBeds = append(withBeds, f.id)
		}
	}
	for _, z := range g.zones {
		zones = append(zones, z.id)
	}
	form := func(id hmis.UID, code, name string, typ period.Type, units []hmis.UID, elements []hmis.DataElement, shown ...hmis.UID) hmis.DataSet {
		s := hmis.DataSet{
			ID: id, Code: code, Name: name, ShortName: name, PeriodType: typ, CategoryCombo: none,
			OrgUnits: units, Indicators: shown, TimelyDays: 15,
		}
		for _, e := range elements {
			s.Elements = append(s.Elements, hmis.DataSetElement{DataElement: e.ID})
		}
		return s
	}
	return []hmis.DataSet{
		form("dsMaternal1", "MATERNAL", "Maternal health", period.Monthly, withBeds, dataElements[:6],
			"inAnc1Cover", "inAncDropot", "inDelivery1"),
		form("dsImmunize1", "IMMUNIZATION", "Immunization", period.Monthly, all, dataElements[6:9],
			"inDpt3Cover", "inDptDropot"),
		form("dsOutpatnt1", "OUTPATIENT", "Outpatients and malaria", period.Monthly, all, dataElements[9:14],
			"inMalIncidn", "inMalPositv", "inMalTreatd"),
		form("dsPopulatn1", "POPULATION", "Population", period.Yearly, zones, dataElements[14:]),
	}
}
