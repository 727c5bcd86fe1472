package period

import "strings"

// persian counts the solar Hijri years 1353 to 1419: 1974-03-21 to 2041-03-19.
var persian = newTable(1353, gregorianDay(1974, 3, 21), persianMonths())

// persianMonths returns the length of each month minus 29, as digits: six
// months of 31 days, five of 30, and a last one of 29. The last one has 30 days
// in the leap years of DHIS2 (RULES.md#tables-of-months).
func persianMonths() string {
	const common, leap = "222222111110", "222222111111"
	var lengths strings.Builder
	for year := 1353; year <= 1419; year++ {
		switch year {
		case 1354, 1358, 1362, 1366, 1370, 1375, 1379, 1383,
			1387, 1391, 1395, 1399, 1403, 1408, 1412, 1416:
			lengths.WriteString(leap)
		default:
			lengths.WriteString(common)
		}
	}
	return lengths.String()
}
