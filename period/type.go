package period

// A Type is a reporting frequency. It also defines where the period's year or
// week begins. The zero Type is no type.
type Type uint8

// The 23 reporting frequencies, shortest first, named as in DHIS2
// (RULES.md#period-types). An identifier has the year in which the period's
// year starts, but for Nov types the year in which it ends. In a calendar other
// than the Gregorian, "April" is the fourth month and "Nov" the eleventh,
// whatever their names.
const (
	Daily           Type = iota + 1 // 20240131
	Weekly                          // 2024W5: Monday to Sunday
	WeeklyWednesday                 // 2024WedW5
	WeeklyThursday                  // 2024ThuW5
	WeeklyFriday                    // 2024FriW5
	WeeklySaturday                  // 2024SatW5
	WeeklySunday                    // 2024SunW5
	BiWeekly                        // 2024BiW3: weeks 5 and 6
	Monthly                         // 202401
	BiMonthly                       // 202401B: January and February
	Quarterly                       // 2024Q1
	QuarterlyNov                    // 2024NovQ1: November 2023 to January 2024
	SixMonthly                      // 2024S1
	SixMonthlyApril                 // 2024AprilS1
	SixMonthlyNov                   // 2024NovS1: November 2023 to April 2024
	Yearly                          // 2024
	FinancialFeb                    // 2024Feb
	FinancialApril                  // 2024April
	FinancialJuly                   // 2024July
	FinancialAug                    // 2024Aug
	FinancialSep                    // 2024Sep
	FinancialOct                    // 2024Oct
	FinancialNov                    // 2024Nov: November 2023 to October 2024
)

const lastType = FinancialNov

// A shape has the properties of one type.
type shape struct {
	name    string
	mark    string // the letters between the year and the number in an identifier
	days    int16  // the number of days by which DHIS2 ranks types
	weekday int8   // the weekday on which weeks begin, 1 for Monday; 0 if the type is not a kind of week
	step    int8   // the length of a period in months; 0 for days and weeks
	base    int8   // months from January to the first month of the type's year
	carry   int8   // 1 if an identifier has the year after the one in which its year starts
}

// shapes has the shape of each Type at its index.
var shapes = [lastType + 1]shape{
	Daily:           {name: "Daily", days: 1},
	Weekly:          {name: "Weekly", mark: "W", days: 7, weekday: 1},
	WeeklyWednesday: {name: "WeeklyWednesday", mark: "WedW", days: 7, weekday: 3},
	WeeklyThursday:  {name: "WeeklyThursday", mark: "ThuW", days: 7, weekday: 4},
	WeeklyFriday:    {name: "WeeklyFriday", mark: "FriW", days: 7, weekday: 5},
	WeeklySaturday:  {name: "WeeklySaturday", mark: "SatW", days: 7, weekday: 6},
	WeeklySunday:    {name: "WeeklySunday", mark: "SunW", days: 7, weekday: 7},
	BiWeekly:        {name: "BiWeekly", mark: "BiW", days: 14},
	Monthly:         {name: "Monthly", days: 30, step: 1},
	BiMonthly:       {name: "BiMonthly", days: 61, step: 2},
	Quarterly:       {name: "Quarterly", mark: "Q", days: 91, step: 3},
	QuarterlyNov:    {name: "QuarterlyNov", mark: "NovQ", days: 91, step: 3, base: 10, carry: 1},
	SixMonthly:      {name: "SixMonthly", mark: "S", days: 182, step: 6},
	SixMonthlyApril: {name: "SixMonthlyApril", mark: "AprilS", days: 182, step: 6, base: 3},
	SixMonthlyNov:   {name: "SixMonthlyNov", mark: "NovS", days: 182, step: 6, base: 10, carry: 1},
	Yearly:          {name: "Yearly", days: 365, step: 12},
	FinancialFeb:    {name: "FinancialFeb", mark: "Feb", days: 365, step: 12, base: 1},
	FinancialApril:  {name: "FinancialApril", mark: "April", days: 365, step: 12, base: 3},
	FinancialJuly:   {name: "FinancialJuly", mark: "July", days: 365, step: 12, base: 6},
	FinancialAug:    {name: "FinancialAug", mark: "Aug", days: 365, step: 12, base: 7},
	FinancialSep:    {name: "FinancialSep", mark: "Sep", days: 365, step: 12, base: 8},
	FinancialOct:    {name: "FinancialOct", mark: "Oct", days: 365, step: 12, base: 9},
	FinancialNov:    {name: "FinancialNov", mark: "Nov", days: 365, step: 12, base: 10, carry: 1},
}

// labels has the English label of each type whose label differs from its name.
var labels = [lastType + 1]string{
	WeeklyWednesday: "Weekly Wednesday",
	WeeklyThursday:  "Weekly Thursday",
	WeeklySaturday:  "Weekly Saturday",
	WeeklySunday:    "Weekly Sunday",
	BiWeekly:        "Bi-weekly",
	BiMonthly:       "Bi-monthly",
	QuarterlyNov:    "Quarterly November",
	SixMonthly:      "Six-monthly",
	SixMonthlyApril: "Six-monthly April",
	SixMonthlyNov:   "Six-monthly November",
	FinancialFeb:    "Financial February",
	FinancialApril:  "Financial April",
	FinancialJuly:   "Financial July",
	FinancialAug:    "Financial August",
	FinancialOct:    "Financial October",
	FinancialNov:    "Financial November",
}

// shape returns the shape of t. It is empty if t is no type.
func (t Type) shape() *shape {
	if t > lastType {
		t = 0
	}
	return &shapes[t]
}

// Types returns the 23 types in the order of their declaration.
func Types() []Type {
	all := make([]Type, 0, lastType)
	for t := Daily; t <= lastType; t++ {
		all = append(all, t)
	}
	return all
}

// ParseType reads the name of a type, such as "Monthly", in exactly that
// spelling. The error is a *[ParseError]. TwoYearly, a name that DHIS2 knows,
// is not a type: it has no identifiers.
func ParseType(name string) (Type, error) {
	for t := Daily; t <= lastType; t++ {
		if shapes[t].name == name {
			return t, nil
		}
	}
	return 0, expected(0, `a period type such as "Monthly"`).in(name)
}

// On returns the Gregorian period of type t that contains d
// (RULES.md#the-period-of-a-day). It is the zero Period if d is outside the
// years 1583 to 9999 or t is no type. Where two bi-weeks contain d, it is the
// later one.
func (t Type) On(d Date) Period {
	return Gregorian.On(t, d)
}

// Frequency returns the number of days by which DHIS2 ranks types: 1, 7, 14,
// 30, 61, 91, 182 or 365. It is 0 if t is no type. A form of type b is expected
// a.Frequency() / b.Frequency() times in a period of type a, and a daily form
// on each of its [Period.Days] (rule 4 of RULES.md#period-types).
func (t Type) Frequency() int { return int(t.shape().days) }

// Format returns the pattern of t's identifiers, such as "yyyyWn".
func (t Type) Format() string {
	switch s := t.shape(); {
	case s.days == 0: // t is no type
		return ""
	case t == Daily:
		return "yyyyMMdd"
	case t == Monthly:
		return "yyyyMM"
	case t == BiMonthly:
		return "yyyyMMB"
	case s.step == 12:
		return "yyyy" + s.mark
	default:
		return "yyyy" + s.mark + "n"
	}
}

// Duration returns the length of t's periods in ISO 8601, such as "P1M".
func (t Type) Duration() string {
	switch t.shape().days {
	case 1:
		return "P1D"
	case 7:
		return "P7D"
	case 14:
		return "P14D"
	case 30:
		return "P1M"
	case 61:
		return "P2M"
	case 91:
		return "P3M"
	case 182:
		return "P6M"
	case 365:
		return "P1Y"
	}
	return "" // t is no type
}

// Label returns the English name of t for people, such as "Six-monthly April".
func (t Type) Label() string {
	if t <= lastType && labels[t] != "" {
		return labels[t]
	}
	return t.String()
}

// String returns the name of t, such as "Monthly". It is "" if t is no type.
func (t Type) String() string { return t.shape().name }

// MarshalText implements [encoding.TextMarshaler] with the form of
// [Type.String]. The zero Type is empty text.
func (t Type) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

// UnmarshalText implements [encoding.TextUnmarshaler] with the form that
// [ParseType] reads. Empty text is the zero Type. If it fails, t does not
// change.
func (t *Type) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*t = 0
		return nil
	}
	parsed, err := ParseType(string(text))
	if err != nil {
		return err
	}
	*t = parsed
	return nil
}
