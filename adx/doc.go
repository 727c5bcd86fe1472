// Package adx reads and writes aggregate data exchange messages: the XML in
// which health information systems report data values to each other (IHE QRPH
// ADX).
//
// A message is a stream of groups, and each [Group] holds the values that one
// org unit reports for one period:
//
//	for group, err := range adx.NewReader(file).Groups() {
//		...
//		for _, v := range group.Values {
//			fmt.Println(group.OrgUnit, group.Period, v.DataElement, v.Value)
//		}
//	}
//
// A [Reader] and a [Writer] use the codes of the message. A [Mapper] translates
// between codes and the ids of data values. An [Import] goes all the way from a
// message into a store and reports what became of every value.
//
// Every [Finding] names its rule, such as ADX-022. RULES.md beside this file
// states each rule with its reason and source.
package adx
