// Package country makes up a country, Tamaria, and what its health facilities
// report in 2024 and 2025. Nothing in it is real. It is large enough for
// benchmarks and golden files, and always the same, byte for byte:
//
//   - 364 org units on five levels: the country, 3 regions, 12 districts, 48 zones
//     and 300 facilities, two of which open or close within the two years;
//   - 15 data elements in forms that facilities report monthly and zones yearly,
//     with sex and age, one of them with zeros that count;
//   - 8 indicators, among them coverage of antenatal care and malaria incidence;
//   - 136,307 values with the gaps that real data has: late facilities, a
//     district without maternal health for a quarter, and another without vaccines.
//
// The files of [Files] are made anew by
//
//	go generate ./aggregate/aggregatetest/country
package country

//go:generate go run ./internal/write
