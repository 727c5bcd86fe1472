package api

// A format describes a type of period as a server does.
type format struct {
	display, duration, iso string
	days                   int
}

// formats has all types of period by name.
var formats = map[string]format{
	"BiMonthly":       {"Bi-monthly", "P2M", "yyyyMMB", 61},
	"BiWeekly":        {"Bi-weekly", "P14D", "yyyyBiWn", 14},
	"Daily":           {"Daily", "P1D", "yyyyMMdd", 1},
	"FinancialApril":  {"Financial April", "P1Y", "yyyyApril", 365},
	"FinancialAug":    {"Financial August", "P1Y", "yyyyAug", 365},
	"FinancialFeb":    {"Financial February", "P1Y", "yyyyFeb", 365},
	"FinancialJuly":   {"Financial July", "P1Y", "yyyyJuly", 365},
	"FinancialNov":    {"Financial November", "P1Y", "yyyyNov", 365},
	"FinancialOct":    {"Financial October", "P1Y", "yyyyOct", 365},
	"FinancialSep":    {"FinancialSep", "P1Y", "yyyySep", 365},
	"Monthly":         {"Monthly", "P1M", "yyyyMM", 30},
	"Quarterly":       {"Quarterly", "P3M", "yyyyQn", 91},
	"QuarterlyNov":    {"Quarterly November", "P3M", "yyyyNovQn", 91},
	"SixMonthly":      {"Six-monthly", "P6M", "yyyySn", 182},
	"SixMonthlyApril": {"Six-monthly April", "P6M", "yyyyAprilSn", 182},
	"SixMonthlyNov":   {"Six-monthly November", "P6M", "yyyyNovSn", 182},
	"Weekly":          {"Weekly", "P7D", "yyyyWn", 7},
	"WeeklyFriday":    {"WeeklyFriday", "P7D", "yyyyFriWn", 7},
	"WeeklySaturday":  {"Weekly Saturday", "P7D", "yyyySatWn", 7},
	"WeeklySunday":    {"Weekly Sunday", "P7D", "yyyySunWn", 7},
	"WeeklyThursday":  {"Weekly Thursday", "P7D", "yyyyThuWn", 7},
	"WeeklyWednesday": {"Weekly Wednesday", "P7D", "yyyyWedWn", 7},
	"Yearly":          {"Yearly", "P1Y", "yyyy", 365},
}
