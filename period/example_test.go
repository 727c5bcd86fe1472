package period_test

import (
	"errors"
	"fmt"
	"log"
	"slices"
	"time"

	"github.com/ohie-hmis/hmis-go/period"
)

func Example() {
	quarter := period.MustParse("2024Q1")
	fmt.Println(quarter.Name(), quarter.Days())
	fmt.Println(quarter.Split(period.Monthly))
	// Output:
	// January - March 2024 91
	// [202401 202402 202403]
}

func ExampleParse() {
	for _, id := range []string{"202402", "2024W9", "2024April", "2024Q5"} {
		p, err := period.Parse(id)
		if err != nil {
			fmt.Println(err)
			continue
		}
		fmt.Println(p.Type(), p.First(), p.Last())
	}
	// Output:
	// Monthly 2024-02-01 2024-02-29
	// Weekly 2024-02-26 2024-03-03
	// FinancialApril 2024-04-01 2025-03-31
	// period: "2024Q5": want quarter 1 to 4 at offset 5
}

func ExampleParseError() {
	_, err := period.Parse("2023W53")
	if bad, ok := errors.AsType[*period.ParseError](err); ok {
		fmt.Println(bad.Type, "at", bad.Pos, "want", bad.Want)
	}
	// Output: Weekly at 5 want week 1 to 52
}

func ExampleType_On() {
	d := period.DateOf(2024, time.February, 29)
	fmt.Println(period.Weekly.On(d), period.Monthly.On(d), period.FinancialJuly.On(d))
	// Output: 2024W9 202402 2023July
}

func ExamplePeriod_Add() {
	month := period.MustParse("202401")
	fmt.Println(month.Add(-1), month.Add(1))

	// A form that may be filled in one month ahead is open up to this month:
	today := period.DateOf(2024, time.January, 20)
	fmt.Println(period.Monthly.On(today).Add(-1).Add(1))
	// Output:
	// 202312 202402
	// 202401
}

func ExamplePeriod_In() {
	week := period.MustParse("2024W5") // week 5 is 29 January to 4 February
	month, _ := week.In(period.Monthly)
	_, ok := week.In(period.WeeklySunday)
	fmt.Println(month, ok)
	// Output: 202402 false
}

func ExamplePeriod_Contains() {
	year := period.MustParse("2024")
	fmt.Println(year.Contains(period.MustParse("2024Q4")), year.Contains(period.MustParse("2024W1")),
		year.Contains(period.MustParse("2025W1"))) // that week starts on 30 December 2024
	// Output: true true false
}

func ExamplePeriod_Compare() {
	list := []period.Period{period.MustParse("202402"), period.MustParse("202401"), period.MustParse("2024Q1")}
	slices.SortFunc(list, period.Period.Compare)
	fmt.Println(list)
	// Output: [2024Q1 202401 202402]
}

func ExamplePeriod_YearToDate() {
	fmt.Println(period.MustParse("2024Q3").YearToDate())
	// Output: [2024Q1 2024Q2 2024Q3]
}

func ExampleRange() {
	fmt.Println(period.Range(period.MustParse("2020W52"), period.MustParse("2021W1")))
	// Output: [2020W52 2020W53 2021W1]
}

func ExampleParseISO() {
	p, err := period.ParseISO("2023-11-01/P3M")
	fmt.Println(p, err)
	_, err = period.ParseISO("2024-01-15/P1M")
	fmt.Println(err)
	// Output:
	// 2024NovQ1 <nil>
	// period: "2024-01-15/P1M": want the first day of a period of P1M at offset 0
}

func ExampleParseRange() {
	first, last, err := period.ParseRange("20240101_20240131")
	fmt.Println(first, last, err)
	// Output: 2024-01-01 2024-01-31 <nil>
}

func ExampleRelative_On() {
	clock := period.Clock{Today: period.DateOf(2024, time.March, 31)}
	fmt.Println(period.Last4Quarters.On(clock))

	clock.FinancialYear = period.FinancialJuly
	fmt.Println(period.LastFinancialYear.On(clock))
	// Output:
	// [2023Q1 2023Q2 2023Q3 2023Q4]
	// [2022July]
}

func ExampleParseRelative() {
	r, err := period.ParseRelative("LAST_3_MONTHS")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(r.Label(), r.On(period.Clock{Today: period.DateOf(2024, time.March, 31)}))
	// Output: Last 3 months [202312 202401 202402]
}

func ExampleCalendar_Parse() {
	year, err := period.Ethiopian.Parse("2013Nov") // the Ethiopian fiscal year
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(year.Name())
	fmt.Println(year.First(), year.Last())
	// Output:
	// Hamle 2012 - Sene 2013
	// 2020-07-08 2021-07-07
}

func ExampleCalendar_On() {
	pagume := period.DateOf(2020, time.September, 8) // that is 3 Pagume 2012
	fmt.Println(period.Ethiopian.On(period.Monthly, pagume).Name())
	fmt.Println(period.Nepali.On(period.FinancialApril, pagume).Name())
	// Output:
	// Nehase 2012
	// Shrawan 2077 - Asar 2078
}

func ExampleCalendar_Year() {
	fmt.Println(period.Ethiopian.Year(period.Quarterly, period.DateOf(2024, time.May, 1)))
	// Output: [2016Q1 2016Q2 2016Q3 2016Q4]
}

func ExampleCalendar_Between() {
	from, to := period.DateOf(2024, time.January, 15), period.DateOf(2024, time.March, 1)
	fmt.Println(period.Gregorian.Between(period.Monthly, from, to))
	// Output: [202401 202402 202403]
}

func ExampleCalendar_Civil() {
	d := period.DateOf(2024, time.February, 29)
	for _, c := range period.Calendars() {
		year, month, day := c.Civil(d)
		fmt.Printf("%s %d-%02d-%02d %s\n", c, year, month, day, c.MonthName(month))
	}
	// Output:
	// gregorian 2024-02-29 February
	// ethiopian 2016-06-21 Yekatit
	// coptic 1740-06-21 June
	// islamic 1445-08-19 Sha‘bān
	// julian 2024-02-16 February
	// nepali 2080-11-17 Falgun
	// persian 1402-12-10 Hoot
	// thai 2567-02-29 February
}

func ExampleCalendar_Date() {
	d, err := period.Nepali.Date(2081, 1, 1)
	fmt.Println(d, err)
	_, err = period.Nepali.Date(2101, 1, 1)
	fmt.Println(err)
	// Output:
	// 2024-04-13 <nil>
	// period: "2101-01-01": want year 1970 to 2100 at offset 0
}

func ExampleDateOf() {
	d := period.DateOf(2024, time.February, 28)
	fmt.Println(d+1, d+2, d < d+1)
	// Output: 2024-02-29 2024-03-01 true
}

func ExampleDateAt() {
	addis := time.FixedZone("EAT", 3*60*60)
	entered := time.Date(2024, time.February, 29, 22, 30, 0, 0, time.UTC)
	fmt.Println(period.DateAt(entered), period.DateAt(entered.In(addis)))

	month := period.Monthly.On(period.DateAt(entered.In(addis)))
	due := (month.Last() + 1).Time(addis) // midnight at the end of the month's last day
	fmt.Println(month, due)
	// Output:
	// 2024-02-29 2024-03-01
	// 202403 2024-04-01 00:00:00 +0300 EAT
}

func ExampleParseDate() {
	_, err := period.ParseDate("2023-02-29")
	fmt.Println(err)
	// Output: period: "2023-02-29": want day 1 to 28 at offset 8
}

func ExampleParseType() {
	t, err := period.ParseType("SixMonthlyApril")
	fmt.Println(t.Label(), t.Frequency(), t.Duration(), err)
	// Output: Six-monthly April 182 P6M <nil>
}
