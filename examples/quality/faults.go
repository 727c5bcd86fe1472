package main

import (
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/ohie-hmis/hmis-go/aggregate/aggregatetest/country"
	"github.com/ohie-hmis/hmis-go/aggregate/quality"
	"github.com/ohie-hmis/hmis-go/aggregate/quality/report"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/ohie-hmis/hmis-go/orgunit"
	"github.com/ohie-hmis/hmis-go/period"
)

// madeUp is the made-up country of examples/first, with forms marked complete
// and these faults:
//
//   - a typing slip at one facility: outpatients with two zeros too many
//   - Corvane types the doses of Penta 1 as Penta 3 and vice versa from July on
//   - Dumara reports its outpatients from July on and never marks a form complete
//   - Golanda marks its forms complete a month late
//   - Jorrin counts malaria cases twice in 2025
//   - a facility that has closed still marks its forms complete
//   - two values are not numbers: "1O" and "n/a"
//   - the metadata has two indicators with the same formula, a name with two
//     spaces in a row, an indicator that refers to nothing, and no groups of data elements
func madeUp() *input {
	md := country.Metadata()
	in := &input{
		title:    "Data quality review of Tamaria, 2025",
		metadata: spoil(md),
		values:   plant(md, country.Values()),
		rules:    rules,
		tracers:  []string{"ANC1", "DELIVERIES", "PENTA3", "OPD", "MAL_CONFIRMED"},
		pairs:    []string{"ANC1:ANC4:dropout", "PENTA1:PENTA3:dropout", "MAL_TESTED:MAL_CONFIRMED:atleast", "MAL_CONFIRMED:MAL_ACT:equal", "DELIVERIES:LIVE_BIRTHS:equal"},
		now:      func() time.Time { return time.Date(2026, 1, 20, 0, 0, 0, 0, time.UTC) },
	}
	in.completions = completions(md, in.values)
	in.metrics = []quality.Metric{
		quality.Verification{Name: "Confirmed malaria, recount of June 2025", Sites: recounts},
		quality.Survey{
			Numerator: indicator.Item{ID: "inDpt3Cover"},
			Values:    map[hmis.UID]quality.SurveyValue{"ouCountry01": {Coverage: 84, Low: new(79.0), High: new(88.5)}},
		},
		quality.Population{A: indicator.Item{ID: "dePopulatn1"}, UN: new(1_830_000.0)},
	}
	in.notes = []report.Note{{
		Text: "Corvane is to send the corrected doses of July to December before the next review.", Metric: "2e",
		Author: "Review meeting", At: in.now(),
	}}
	return in
}

// rules has the rules with which a quarterly review begins.
var rules = []hmis.ValidationRule{
	rule("vrAncOrder1", "ANC 4th visits are not above 1st visits", "#{deAncFourth}", "#{deAncFirst1}"),
	rule("vrPentaOrd1", "3rd doses are not above 1st doses", "#{dePentaDos3}", "#{dePentaDos1}"),
	rule("vrMalTested", "Confirmed cases are not above tests", "#{deMalCases1}", "#{deMalTested}"),
	rule("vrMalTreatd", "Treated cases are not above confirmed ones", "#{deMalActGvn}", "#{deMalCases1}"),
}

func rule(id hmis.UID, name, left, right string) hmis.ValidationRule {
	return hmis.ValidationRule{
		ID: id, Name: name, Importance: "HIGH", Operator: "less_than_or_equal_to", Period: period.Monthly,
		Left:  hmis.Expression{Text: left, Missing: hmis.SkipIfAnyMissing},
		Right: hmis.Expression{Text: right, Missing: hmis.SkipIfAnyMissing},
	}
}

// recounts has the numbers that a survey team found in the registers.
var recounts = []quality.Recount{
	{Site: "Ambari hospital", Group: "Ambari", Reported: new(412.0), Recounted: new(405.0)},
	{Site: "Jorrin hospital", Group: "Jorrin", Reported: new(860.0), Recounted: new(431.0)},
	{Site: "Jorrin clinic", Group: "Jorrin", Reported: new(198.0), Recounted: new(101.0)},
	{Site: "Lunsara hospital", Group: "Lunsara", Reported: new(377.0), Recounted: new(390.0)},
	{Site: "Kelmora clinic", Group: "Kelmora", Reported: new(95.0), Recounted: nil},
}

// spoil returns md with the planted faults.
func spoil(md hmis.Metadata) hmis.Metadata {
	md.Indicators = append(slices.Clone(md.Indicators),
		hmis.Indicator{ID: "inDptAgain1", Code: "DPT_AGAIN", Name: "Penta 1 to 3 dropout (%)", Type: "itPercent01",
			Numerator: "#{dePentaDos1}-#{dePentaDos3}", Denominator: "#{dePentaDos1}"},
		hmis.Indicator{ID: "inLostRef01", Code: "LOST", Name: "Stock of vaccine", Type: "itPercent01",
			Numerator: "#{deVaccStock}", Denominator: "1"})
	md.OrgUnits = slices.Clone(md.OrgUnits)
	for i := range md.OrgUnits {
		if u := &md.OrgUnits[i]; u.ID == "ouFacil0033" {
			u.Name = strings.Replace(u.Name, " ", "  ", 1)
		}
	}
	return md
}

// plant yields values with the planted faults.
func plant(md hmis.Metadata, values iter.Seq2[hmis.DataValue, error]) iter.Seq2[hmis.DataValue, error] {
	tree, err := orgunit.NewTree(md.OrgUnits)
	if err != nil {
		panic(err) // this data is our own
	}
	swapped := map[hmis.UID]hmis.UID{"dePentaDos1": "dePentaDos3", "dePentaDos3": "dePentaDos1"}
	july := period.MustParse("202507").First()
	return func(yield func(hmis.DataValue, error) bool) {
		for v, err := range values {
			if err == nil {
				key, day := v.Key, v.Period.First()
				switch {
				case key.DataElement == "deOutpatnts" && key.OrgUnit == "ouFacil0120" && v.Period == period.MustParse("202509"):
					v.Value += "00"
				case swapped[key.DataElement] != "" && day >= july && tree.Contains("ouDistr0003", key.OrgUnit):
					v.DataElement = swapped[key.DataElement]
				case key.DataElement == "deMalCases1" && day.Year() == 2025 && tree.Contains("ouDistr0010", key.OrgUnit):
					v.Value = twice(v.Value)
				case key.DataElement == "deMeaslesR1" && key.OrgUnit == "ouFacil0077" && v.Period == period.MustParse("202503"):
					v.Value = "1O"
				case key.DataElement == "deAncFourth" && key.OrgUnit == "ouFacil0201" && v.Period == period.MustParse("202511"):
					v.Value = "n/a"
				}
			}
			if !yield(v, err) {
				return
			}
		}
	}
}

func twice(number string) string {
	n := 0
	for _, digit := range number {
		n = 10*n + int(digit-'0')
	}
	return itoa(2 * n)
}

// completions yields a completion for each form with a value, some days after
// its month.
func completions(md hmis.Metadata, values iter.Seq2[hmis.DataValue, error]) iter.Seq2[hmis.Completion, error] {
	tree, err := orgunit.NewTree(md.OrgUnits)
	if err != nil {
		panic(err) // this data is our own
	}
	forms := map[hmis.UID]hmis.UID{}
	for _, set := range md.DataSets {
		for _, e := range set.Elements {
			forms[e.DataElement] = set.ID
		}
	}
	return func(yield func(hmis.Completion, error) bool) {
		type key struct {
			form, unit hmis.UID
			period     period.Period
		}
		done := map[key]bool{}
		complete := func(k key) bool {
			if done[k] {
				return true
			}
			done[k] = true
			days := 3 + int(k.period.First()/31+period.Date(len(done)*7))%15 // from 3 to 17 days after the month
			if tree.Contains("ouDistr0007", k.unit) {
				days += 30
			}
			at := (k.period.Last() + period.Date(days)).Time(time.UTC)
			return yield(hmis.Completion{DataSet: k.form, OrgUnit: k.unit, Period: k.period, At: at}, nil)
		}
		july := period.MustParse("202507").First()
		for v, err := range values {
			if err != nil {
				yield(hmis.Completion{}, err)
				return
			}
			k := key{forms[v.DataElement], v.OrgUnit, v.Period}
			if k.form == "dsOutpatnt1" && v.Period.First() >= july && tree.Contains("ouDistr0004", v.OrgUnit) {
				continue
			}
			if !complete(k) {
				return
			}
		}
		for _, month := range period.MustParse("2025Q2").Split(period.Monthly) {
			if !complete(key{"dsImmunize1", "ouFacil0140", month}) {
				return
			}
		}
	}
}
