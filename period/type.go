package period

// A Type is a reporting frequency together with where its year or week begins.
// The zero Type is none.
type Type uint8

// The 23 reporting frequencies, shortest first, named as in DHIS2
// (RULES.md#period-types). The year of a Nov type is the one it ends in; of
// every other type, the one it starts in. In a calendar other than the
// Gregorian, "April" is the fourth month and "Nov" the eleventh, whatever their
// names.
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

// A shape says everything in which types differ.
type shape struct {
	name     string
	mark     string // between year and number in an identifier
	format   string // of the identifier, in the notation of DHIS2
	duration string // ISO 8601
	label    string // English

	days    int16 // the frequency order of DHIS2
	weekday int8  // on which weeks start, Monday 1; 0 if it is not a week
	step    int8  // in months; 0 for days and weeks
	base    int8  // months from the start of the calendar year to that of the type's
	carry   int8  // 1 if the identifier names the year after the start year
}

// shapes is indexed by Type.
var shapes = [lastType + 1]shape{
	Daily:           {name: "Daily", format: "yyyyMMdd", duration: "P1D", days: 1},
	Weekly:          {name: "Weekly", mark: "W", format: "yyyyWn", duration: "P7D", days: 7, weekday: 1},
	WeeklyWednesday: {name: "WeeklyWednesday", label: "Weekly Wednesday", mark: "WedW", format: "yyyyWedWn", duration: "P7D", days: 7, weekday: 3},
	WeeklyThursday:  {name: "WeeklyThursday", label: "Weekly Thursday", mark: "ThuW", format: "yyyyThuWn", duration: "P7D", days: 7, weekday: 4},
	WeeklyFriday:    {name: "WeeklyFriday", mark: "FriW", format: "yyyyFriWn", duration: "P7D", days: 7, weekday: 5},
	WeeklySaturday:  {name: "WeeklySaturday", label: "Weekly Saturday", mark: "SatW", format: "yyyySatWn", duration: "P7D", days: 7, weekday: 6},
	WeeklySunday:    {name: "WeeklySunday", label: "Weekly Sunday", mark: "SunW", format: "yyyySunWn", duration: "P7D", days: 7, weekday: 7},
	BiWeekly:        {name: "BiWeekly", label: "Bi-weekly", mark: "BiW", format: "yyyyBiWn", duration: "P14D", days: 14},
	Monthly:         {name: "Monthly", format: "yyyyMM", duration: "P1M", days: 30, step: 1},
	BiMonthly:       {name: "BiMonthly", label: "Bi-monthly", format: "yyyyMMB", duration: "P2M", days: 61, step: 2},
	Quarterly:       {name: "Quarterly", mark: "Q", format: "yyyyQn", duration: "P3M", days: 91, step: 3},
	QuarterlyNov:    {name: "QuarterlyNov", label: "Quarterly November", mark: "NovQ", format: "yyyyNovQn", duration: "P3M", days: 91, step: 3, base: 10, carry: 1},
	SixMonthly:      {name: "SixMonthly", label: "Six-monthly", mark: "S", format: "yyyySn", duration: "P6M", days: 182, step: 6},
	SixMonthlyApril: {name: "SixMonthlyApril", label: "Six-monthly April", mark: "AprilS", format: "yyyyAprilSn", duration: "P6M", days: 182, step: 6, base: 3},
	SixMonthlyNov:   {name: "SixMonthlyNov", label: "Six-monthly November", mark: "NovS", format: "yyyyNovSn", duration: "P6M", days: 182, step: 6, base: 10, carry: 1},
	Yearly:          {name: "Yearly", format: "yyyy", duration: "P1Y", days: 365, step: 12},
	FinancialFeb:    {name: "FinancialFeb", label: "Financial February", mark: "Feb", format: "yyyyFeb", duration: "P1Y", days: 365, step: 12, base: 1},
	FinancialApril:  {name: "FinancialApril", label: "Financial April", mark: "April", format: "yyyyApril", duration: "P1Y", days: 365, step: 12, base: 3},
	FinancialJuly:   {name: "FinancialJuly", label: "Financial July", mark: "July", format: "yyyyJuly", duration: "P1Y", days: 365, step: 12, base: 6},
	FinancialAug:    {name: "FinancialAug", label: "Financial August", mark: "Aug", format: "yyyyAug", duration: "P1Y", days: 365, step: 12, base: 7},
	FinancialSep:    {name: "FinancialSep", mark: "Sep", format: "yyyySep", duration: "P1Y", days: 365, step: 12, base: 8},
	FinancialOct:    {name: "FinancialOct", label: "Financial October", mark: "Oct", format: "yyyyOct", duration: "P1Y", days: 365, step: 12, base: 9},
	FinancialNov:    {name: "FinancialNov", label: "Financial November", mark: "Nov", format: "yyyyNov", duration: "P1Y", days: 365, step: 12, base: 10, carry: 1},
}

// shape returns the shape of t, an empty one if t is no type.
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
func (t Type) Format() string { return t.shape().format }

// Duration returns the length of t's periods in ISO 8601, such as "P1M".
func (t Type) Duration() string { return t.shape().duration }

// Label returns the English name of t for people, such as "Six-monthly April".
func (t Type) Label() string {
	if s := t.shape(); s.label != "" {
		return s.label
	}
	return t.shape().name
}

// String returns the name of t, such as "Monthly"; "" if t is no type.
func (t Type) String() string { return t.shape().name }

// MarshalText implements [encoding.TextMarshaler] with the form of
// [Type.String]. The zero Type is empty text.
func (t Type) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

// UnmarshalText implements [encoding.TextUnmarshaler] with the form that
// [ParseType] reads; empty text is the zero Type. It leaves t alone if it
// fails.
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
