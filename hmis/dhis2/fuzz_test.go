package dhis2_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/hmis/dhis2"
)

// fuzzValues checks all readers of values. None may panic, and an error must
// have a place. Reading at once, byte by byte or in columns gives the same
// values, and they can be written and read back.
func fuzzValues(f *testing.F, format dhis2.Format) {
	f.Fuzz(func(t *testing.T, in []byte) {
		values, err := collect(format.Read(bytes.NewReader(in), nil))
		slow, slowErr := collect(format.Read(iotest.OneByteReader(bytes.NewReader(in)), nil))
		if (err == nil) != (slowErr == nil) || err != nil && err.Error() != slowErr.Error() {
			t.Fatalf("at once %v, byte by byte %v", err, slowErr)
		}
		if diff := cmp.Diff(values, slow, samePeriods()); diff != "" {
			t.Fatalf("at once and byte by byte differ:\n%s", diff)
		}
		if err != nil {
			if bad := (*dhis2.ReadError)(nil); errors.As(err, &bad) && (bad.Offset < 0 || bad.Offset > int64(len(in)) && !bytes.HasPrefix(in, []byte{0x1f, 0x8b})) {
				t.Fatalf("%v: there is no such place", err)
			}
			return
		}
		if !format.CSV && !format.XML && !bytes.HasPrefix(in, []byte{0x1f, 0x8b}) && !json.Valid(bytes.TrimPrefix(in, []byte("\xef\xbb\xbf"))) {
			t.Fatal("read what is no JSON")
		}
		plain := dhis2.Format{CSV: format.CSV, XML: format.XML}
		var text bytes.Buffer
		if err := plain.Write(&text, stream(values)); err != nil {
			return // a character that XML cannot contain, for example
		}
		back, err := collect(plain.Read(&text, nil))
		if err != nil {
			t.Fatalf("what was written cannot be read: %v", err)
		}
		for i := range values {
			if format.CSV {
				values[i].Created = back[i].Created // CSV has no column for it
			}
		}
		if diff := cmp.Diff(values, back, samePeriods()); diff != "" {
			t.Fatalf("-read +written and read:\n%s", diff)
		}
	})
}

func FuzzReadJSON(f *testing.F) {
	f.Add([]byte(`{"period":"2024","dataValues":[{"dataElement":"a","orgUnit":"u","value":"5","followup":true,"created":"2024-02-01T10:11:12.345+0000"}],"orgUnit":"u"}`))
	f.Add([]byte(`{"dataValues":[{"dataElement":"a","period":"2024W5","orgUnit":"u","value":-5.50,"comment":"\u00e9\n"},{}]}`))
	f.Add([]byte(`{"deletion":{"orgUnits":["u"],"periods":["2024"],"elements":[{"dataElement":"a"}]},"dataValues":[]}`))
	fuzzValues(f, dhis2.Format{})
}

func FuzzReadCSV(f *testing.F) {
	f.Add([]byte("dataelement,period,orgunit,categoryoptioncombo,attributeoptioncombo,value,storedby,lastupdated,comment,followup,deleted\r\na,202401,u,c,d,5,bo,2024-02-01,\"x,\"\"y\"\"\nz\",true\n"))
	f.Add([]byte("\xef\xbb\xbfde, pe ,ou,val\n a ,2024Q1,u,007"))
	f.Add([]byte("a,2024,u,c,d,5\nb,2024,u,c,d,6\n"))
	fuzzValues(f, dhis2.Format{CSV: true})
}

func FuzzReadXML(f *testing.F) {
	f.Add([]byte(`<dataValueSet xmlns="http://dhis2.org/schema/dxf/2.0" period="202401"><dataValue dataElement="a" orgUnit="u" value="5" comment="&lt;&#10;"/></dataValueSet>`))
	fuzzValues(f, dhis2.Format{XML: true})
}

// Metadata that is read without an error can be indexed or refused, and can be
// written and read back.
func FuzzReadMetadata(f *testing.F) {
	f.Add([]byte(`{"dataElements":[{"id":"e","name":"BCG","valueType":"INTEGER","categoryCombo":{"code":"C"},"aggregationLevels":[3],"attributeValues":{"a":"1"},"x":{"y":[]}}],"categoryCombos":[{"id":"c","code":"C"}]}`))
	f.Add([]byte(`{"organisationUnits":[{"id":"u","path":"/a/u","openingDate":"1994-01-31","coordinates":"[1,2]","children":[{"id":"v"}]},{"id":"v"}]}`))
	f.Add([]byte(`{"dataSets":[{"id":"s","periodType":"Monthly","dataSetElements":[{"dataElement":{"id":"e"}}],"dataInputPeriods":[{"period":{"id":"202401"}}],"timelyDays":1.5}],"sections":[{"id":"t","dataSet":{"id":"s"},"greyedFields":[{"dataElement":{"id":"e"}}]}]}`))
	f.Add([]byte(`{"validationRules":[{"id":"r","leftSide":{"expression":"1","z":2}}],"attributes":[{"id":"a","dataSetAttribute":true}],"optionSets":[{"id":"o","options":[{"code":"x"}]}],"constants":[{"id":"c","value":1.50}]}`))
	f.Add([]byte(`{"validationRules":[{"id":"r","leftSide":{"":1,"a.b":2},"leftSide.x":3,"\"q\"":4,"":5}],"dataElements":[{"type":"int"},null]}`))
	f.Fuzz(func(t *testing.T, in []byte) {
		reader := dhis2.MetadataReader{Warn: func(i hmis.Issue) { _ = i.Error() }, Reject: func(_ hmis.Ref, err error) { _ = err.Error() }}
		md, err := reader.Read(bytes.NewReader(in))
		if err != nil {
			return
		}
		if c, err := hmis.NewCatalog(md); err == nil {
			_ = c.Check().Error()
		}
		var text bytes.Buffer
		if err := dhis2.WriteMetadata(&text, md); err != nil {
			return // a section without an id, for example
		}
		back, err := reader.Read(bytes.NewReader(text.Bytes())) // a value that does not fit is written as it was
		if err != nil {
			t.Fatalf("what was written cannot be read: %v\n%s", err, text.Bytes())
		}
		if diff := differ(md, back); diff != "" {
			t.Fatalf("-read +written and read:\n%s", diff)
		}
	})
}

func FuzzReadMetadataCSV(f *testing.F) {
	f.Add("name,uid\nBCG,e1234567890,BCG,\"B\"\"C\",,,,TEXT\n", 0)
	f.Add("name,uid\nRule,r1234567890,,,,,,less_than,,#{a},left,,#{b},right\n", 18)
	f.Fuzz(func(t *testing.T, in string, kind int) {
		kinds := hmis.Kinds()
		md, err := dhis2.ReadMetadataCSV(bytes.NewReader([]byte(in)), kinds[uint(kind)%uint(len(kinds))])
		if err == nil {
			_, _ = hmis.NewCatalog(md)
		}
	})
}

func FuzzReadCompletions(f *testing.F) {
	f.Add([]byte(`{"completeDataSetRegistrations":[{"dataSet":"s","period":"202401","organisationUnit":"u","date":"2024-02-05T10:11","storedBy":"bo","completed":false}]}`), false)
	f.Add([]byte(`<completeDataSetRegistrations><completeDataSetRegistration dataSet="s" period="2024" organisationUnit="u"/></completeDataSetRegistrations>`), true)
	f.Fuzz(func(t *testing.T, in []byte, asXML bool) {
		format := dhis2.Format{XML: asXML}
		done, err := collect(format.ReadCompletions(bytes.NewReader(in)))
		if err != nil {
			return
		}
		var text bytes.Buffer
		if err := format.WriteCompletions(&text, stream(done)); err != nil {
			return
		}
		back, err := collect(format.ReadCompletions(&text))
		if err != nil {
			t.Fatalf("what was written cannot be read: %v", err)
		}
		if diff := cmp.Diff(done, back, samePeriods()); diff != "" {
			t.Fatalf("-read +written and read:\n%s", diff)
		}
	})
}

func FuzzReadSummary(f *testing.F) {
	f.Add([]byte(`{"status":"WARNING","importCount":{"imported":5},"conflicts":[{"object":"e","objects":{"dataElement":"e"},"value":"x","indexes":[3]}]}`))
	f.Add([]byte(`<importSummary><status>ERROR</status><importCount imported="1"/><conflicts><conflict object="e" value="x"/></conflicts></importSummary>`))
	f.Fuzz(func(t *testing.T, in []byte) {
		s, err := dhis2.ReadSummary(bytes.NewReader(in))
		if err != nil {
			return
		}
		if err := dhis2.WriteSummary(&bytes.Buffer{}, s); err != nil {
			t.Fatal(err)
		}
	})
}
