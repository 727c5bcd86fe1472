package rule

import "github.com/ohie-hmis/hmis-go/hmis"

// KeepsZeros reports whether the very text 0 counts for a data element. Its own
// aggregation decides, whatever a query asks for (aggregate/RULES.md#zeros).
func KeepsZeros(e *hmis.DataElement, zeroIsData bool) bool {
	return e.ValueType.IsBoolean() ||
		e.Aggregation == hmis.Average || e.Aggregation == hmis.AverageSumOrgUnit ||
		zeroIsData && e.ZeroIsData
}

// Aggregatable reports whether a query can ask for a data element as data, by
// its own value type and aggregation (aggregate/RULES.md#refused-queries).
func Aggregatable(e *hmis.DataElement) bool {
	if e.Aggregation != "" && !IsAggregation(e.Aggregation) {
		return false
	}
	switch e.Aggregation {
	case hmis.CustomAggregation, hmis.DefaultAggregation:
		return false
	case hmis.NoAggregation:
		switch e.ValueType {
		case hmis.Text, hmis.LongText, hmis.Letter, hmis.Username,
			hmis.Email, hmis.PhoneNumber, hmis.URL:
			return true
		}
		return false
	}
	switch e.ValueType {
	case hmis.Text, hmis.LongText, hmis.MultiText, hmis.Letter, hmis.Username,
		hmis.Email, hmis.PhoneNumber, hmis.URL, hmis.Coordinate, hmis.Boolean, hmis.TrueOnly:
		return true
	case hmis.FileResource:
		return e.Aggregation == hmis.Count
	}
	return e.ValueType.IsNumeric()
}
