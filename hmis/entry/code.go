package entry

// A code identifies a check. Checks run in increasing order of their codes. 0
// means no failed check.
type code uint8

// The checks in their order (RULES.md#order-of-checks).
const (
	_ code = iota

	// These checks reject ids and periods that are missing, malformed or
	// unknown.
	e8100 // period
	e8102 // data element is missing
	e8104 // data element is malformed
	e8105 // org unit is missing
	e8106
	e8109 // option combo
	e8111 // attribute combo

	// These checks reject values that do not fit a form. An unknown object fits
	// no form.
	e8003
	e8002
	e8020
	e8022
	e8021
	e8023
	e8024
	e8025
	e8031
	e8030
	e8033
	e8032
	e8128

	// These checks reject a value for its own text or comment.
	e7630
	e7631
	e8120
	e8121
	e8122
	e8123
	e8124
	e8125
	e8000
)

// texts maps each code to its text in a summary.
var texts = [...]string{
	e8100: "E8100", e8102: "E8102", e8104: "E8104", e8105: "E8105", e8106: "E8106", e8109: "E8109", e8111: "E8111",
	e8003: "E8003", e8002: "E8002", e8020: "E8020", e8022: "E8022", e8021: "E8021", e8023: "E8023", e8024: "E8024", e8025: "E8025",
	e8031: "E8031", e8030: "E8030", e8033: "E8033", e8032: "E8032", e8128: "E8128",
	e7630: "E7630", e7631: "E7631", e8120: "E8120", e8121: "E8121", e8122: "E8122", e8123: "E8123", e8124: "E8124", e8125: "E8125",
	e8000: "E8000",
}

func (c code) String() string { return texts[c] }

// membership returns the membership that a value rejected with this code lacks,
// or 0.
func (c code) membership() Membership {
	switch c {
	case e8003, e8020:
		return DataElement
	case e8022:
		return OrgUnit
	case e8021:
		return PeriodType
	case e8023:
		return AttributeCombo
	case e8024:
		return OptionCombo
	}
	return 0
}
