package dhis2_test

import (
	"archive/zip"
	"bytes"
	"io"
	"strings"
	"testing"

	"github.com/ohie-hmis/hmis-go/hmis/dhis2"
	"github.com/stretchr/testify/require"
)

// zipped returns an archive of files with the same text.
func zipped(t *testing.T, text string, names ...string) string {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, name := range names {
		f, err := z.Create(name)
		require.NoError(t, err)
		if !strings.HasSuffix(name, "/") { // a folder has no text
			_, err = io.WriteString(f, text)
			require.NoError(t, err)
		}
	}
	require.NoError(t, z.Close())
	return b.String()
}

func TestReadZip(t *testing.T) {
	const values = `{"dataValues":[{"dataElement":"a","period":"2024","orgUnit":"u","value":"5"}]}`
	whole := zipped(t, values, "export/", "export/values.json")
	got, err := collect(dhis2.ReadValues(strings.NewReader(whole)))
	require.NoError(t, err)
	require.Len(t, got, 1)

	csv := zipped(t, "dataelement,period,orgunit,value\na,2024,u,5\n", "values.csv")
	got, err = collect(dhis2.Format{CSV: true}.Read(strings.NewReader(csv), nil))
	require.NoError(t, err)
	require.Len(t, got, 1)

	md, err := dhis2.ReadMetadata(strings.NewReader(zipped(t, `{"dataElements":[{"id":"a"}]}`, "metadata.json")))
	require.NoError(t, err)
	require.Len(t, md.DataElements, 1)

	encrypted := []byte(zipped(t, values, "values.json"))
	for sign, flags := range map[string]int{"PK\x03\x04": 6, "PK\x01\x02": 8} {
		encrypted[bytes.Index(encrypted, []byte(sign))+flags] |= 1
	}
	tests := []struct{ name, in, want string }{
		{"no file", zipped(t, "", "export/"), "dhis2: offset 0: zip: no file in it"},
		{"nothing", zipped(t, ""), "dhis2: offset 0: zip: no file in it"},
		{"two files", zipped(t, values, "a.json", "b.json"), "dhis2: offset 0: zip: want one file, got a.json and b.json"},
		{"many files", zipped(t, "", strings.Split(strings.Repeat("a ", 1001), " ")...), "dhis2: offset 0: zip: want one file, got 1002"},
		{"cut", whole[:len(whole)-30], "dhis2: offset 0: zip: not a valid zip file"},
		{"encrypted", string(encrypted), "dhis2: offset 0: zip: values.json is encrypted"},
		{"zip in zip", zipped(t, whole, "a.zip"), "dhis2: offset 0: compressed twice: want it once"},
		{"gzip in zip", zipped(t, gzipped(t, values), "a.gz"), "dhis2: offset 0: compressed twice: want it once"},
		{"zip in gzip", gzipped(t, whole), "dhis2: offset 0: compressed twice: want it once"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := collect(dhis2.ReadValues(strings.NewReader(tt.in)))
			require.EqualError(t, err, tt.want)
		})
	}

	bomb := zipped(t, `{`+strings.Repeat(" ", 100<<20)+`}`, "bomb.json")
	_, err = collect(dhis2.ReadValues(strings.NewReader(bomb)))
	require.ErrorContains(t, err, "zip: want at most 200 bytes of text for each byte of")

	_, err = collect(dhis2.ReadValues(io.MultiReader(strings.NewReader("PK\x03\x04"), &generator{part: strings.Repeat("x", 1000)})))
	require.EqualError(t, err, "dhis2: offset 0: zip: want at most 64 MiB, or gzip, which needs no memory")
}
