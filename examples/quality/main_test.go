package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/ohie-hmis/hmis-go/aggregate/aggregatetest/country"
	"github.com/ohie-hmis/hmis-go/hmis/dhis2"
	"github.com/ohie-hmis/hmis-go/internal/testfile"
	"github.com/stretchr/testify/require"
)

// review runs the command and returns its output and its log.
func review(t *testing.T, args ...string) (out, log string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	require.NoError(t, run(context.Background(), args, &stdout, &stderr))
	return stdout.String(), stderr.String()
}

// The report of the made-up country is compared with a file. After an intended
// change, write it anew with HMIS_UPDATE=1 and look at the page.
func TestReport(t *testing.T) {
	for _, output := range []string{"text", "csv", "html"} {
		out, log := review(t, "-output", output)
		require.Empty(t, log)
		golden := filepath.Join("testdata", "review."+map[string]string{"text": "txt", "csv": "csv", "html": "html"}[output])
		if os.Getenv("HMIS_UPDATE") != "" {
			require.NoError(t, os.WriteFile(golden, []byte(out), 0o644))
		}
		want, err := os.ReadFile(golden)
		require.NoError(t, err)
		if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(out, "\n")); diff != "" {
			t.Errorf("%s (-want +got):\n%.4000s", golden, diff)
		}
	}
}

// The review finds each planted fault.
func TestFaultsAreFound(t *testing.T) {
	out, _ := review(t, "-output", "json")
	var r struct {
		Metrics map[string][]struct {
			Item    string
			Overall struct {
				Score *float64
				Parts map[string]float64
			}
			Units []struct {
				OrgUnit   string
				Score     *float64
				Divergent bool
				Parts     map[string]float64
			}
		}
		Integrity []struct {
			Name    string
			Objects []string
		}
	}
	require.NoError(t, json.Unmarshal([]byte(out), &r))
	divergent := func(metric, item, unit string) bool {
		for _, m := range r.Metrics[metric] {
			for _, u := range m.Units {
				if m.Item == item && u.OrgUnit == unit {
					return u.Divergent
				}
			}
		}
		t.Errorf("no %s of %s at %s", metric, item, unit)
		return false
	}
	require.True(t, divergent("2a", "Outpatient visits", "ouDistr0005"), "the typing slip")
	require.True(t, divergent("2e", "DPT-HepB-Hib, 1st doses / DPT-HepB-Hib, 3rd doses", "ouDistr0003"), "Corvane's doses")
	require.True(t, divergent("1d", "Outpatients and malaria", "ouDistr0004"), "Dumara's missing clicks")
	require.True(t, divergent("1b", "Immunization", "ouDistr0007"), "Golanda is late")
	require.True(t, divergent("2d", "Malaria cases confirmed", "ouDistr0010"), "Jorrin counts twice")
	for _, m := range r.Metrics["1a"] {
		if m.Item == "Immunization" {
			require.Equal(t, 3.0, m.Overall.Parts["unexpected"], "the closed facility")
		}
		for _, u := range m.Units {
			if u.OrgUnit == "ouDistr0004" && m.Item == "Outpatients and malaria" {
				require.Equal(t, 133.0, u.Parts["valuesOnly"], "reported, but not clicked")
			}
		}
	}
	faults := map[string][]string{}
	for _, c := range r.Integrity {
		faults[c.Name] = c.Objects
	}
	require.Equal(t, []string{"inDptAgain1", "inDptDropot"}, faults["indicators_exact_duplicates"])
	require.Equal(t, []string{"ouFacil0033"}, faults["orgunits_multiple_spaces"])
	require.Equal(t, []string{"inLostRef01"}, faults["indicators_unknown_reference"])
	text, _ := review(t)
	require.Contains(t, text, `"1O"`)
	require.Contains(t, text, `"n/a"`)
}

// The page loads nothing and runs nothing, and each colour has a text beside
// it.
func TestPageStandsAlone(t *testing.T) {
	page, _ := review(t, "-output", "html")
	require.NotRegexp(t, regexp.MustCompile(`<script|<link|<img|@import|src=|https?:`), page)
	for _, cell := range regexp.MustCompile(`<td class="g [a-z]+">([^<]*)</td>`).FindAllStringSubmatch(page, -1) {
		require.Regexp(t, regexp.MustCompile(`[✓~✗–]`), cell[1])
	}
}

// A browser shows the page and prints it on A4.
func TestPageInBrowser(t *testing.T) {
	browser, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip("no chromium: the page is not looked at")
	}
	page, _ := review(t, "-output", "html")
	dir := t.TempDir()
	file := filepath.Join(dir, "review.html")
	require.NoError(t, os.WriteFile(file, []byte(page), 0o644))
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	open := func(args ...string) {
		args = append([]string{
			"--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
			"--disable-component-update", "--disable-sync", "--hide-scrollbars", "--user-data-dir=" + filepath.Join(dir, "profile"),
		}, args...)
		out, err := exec.CommandContext(ctx, browser, append(args, "file://"+file)...).CombinedOutput()
		require.NoError(t, err, string(out))
	}

	picture := filepath.Join(dir, "review.png")
	open("--window-size=1200,2400", "--screenshot="+picture)
	shot, err := os.Open(picture)
	require.NoError(t, err)
	defer shot.Close()
	img, err := png.Decode(shot)
	require.NoError(t, err)
	require.Equal(t, 1200, img.Bounds().Dx())
	seen := map[[3]uint32]bool{}
	for y := 0; y < img.Bounds().Dy(); y += 3 {
		for x := 0; x < img.Bounds().Dx(); x += 3 {
			r, g, b, _ := img.At(x, y).RGBA()
			seen[[3]uint32{r >> 8, g >> 8, b >> 8}] = true
		}
	}
	for name, colour := range map[string][3]uint32{"good": {0xcf, 0xe8, 0xe4}, "warn": {0xff, 0xe2, 0x8a}, "poor": {0xa8, 0x32, 0x1e}} {
		require.True(t, seen[colour], "the colour of %s is shown", name)
	}

	print := filepath.Join(dir, "review.pdf")
	open("--no-pdf-header-footer", "--print-to-pdf="+print)
	paper, err := os.ReadFile(print)
	require.NoError(t, err)
	require.Contains(t, string(paper), "/MediaBox [0 0 594.9", "210 by 297 mm")
}

// The command also reads files: here those of the made-up country.
func TestFiles(t *testing.T) {
	dir := t.TempDir()
	write := func(name string, write func(*os.File) error) string {
		file, err := os.Create(filepath.Join(dir, name))
		require.NoError(t, err)
		defer file.Close()
		require.NoError(t, write(file))
		return file.Name()
	}
	md := country.Metadata()
	metadata := write("metadata.json", func(f *os.File) error { return dhis2.WriteMetadata(f, md) })
	values := write("values.csv", func(f *os.File) error { return dhis2.Format{CSV: true}.Write(f, country.Values()) })
	done := write("done.json", func(f *os.File) error { return dhis2.WriteCompletions(f, completions(md, country.Values())) })
	out, log := review(t, "-metadata", metadata, "-values", values, "-completions", done, "-output", "csv",
		"-level", "2", "-period", "2025Q4", "-reference", "2024Q4,2025Q3", "-data", "ANC1,inDpt3Cover", "-pairs", "PENTA1:PENTA3:dropout")
	require.Empty(t, log)
	rows, err := csv.NewReader(strings.NewReader(out)).ReadAll()
	require.NoError(t, err)
	require.Equal(t, 1+4*(3*4+2*4+1), len(rows), "three regions and the country, for each measure")

	out, _ = review(t, "-metadata", metadata, "-values", values)
	require.Contains(t, out, "Immunization – by values reported, not by")
}

func TestBadArguments(t *testing.T) {
	for _, tt := range []struct{ args, want string }{
		{"-output pdf", `-output "pdf": want text, csv, json or html`},
		{"-metadata x", "want both -metadata and -values, or neither"},
		{"-period 2024Q9", `-period: period: "2024Q9": want quarter 1 to 4 at offset 5`},
		{"-level 9", "-level 9: no org units there"},
		{"-data NOTHING", `"NOTHING": no data element or indicator with this id or code`},
		{"-pairs ANC1:ANC4", `pair "ANC1:ANC4": want A:B:equal, atleast, dropout or same`},
		{"-pairs ANC1:ANC4:like", `pair "ANC1:ANC4:like": relation "like": want equal, atleast, dropout or same`},
		{"more", `"more": want flags only`},
	} {
		err := run(context.Background(), strings.Fields(tt.args), &bytes.Buffer{}, &bytes.Buffer{})
		require.EqualError(t, err, tt.want)
	}
}

// The command also reviews the real data of Sierra Leone, if it is there.
func TestRealSierraLeone(t *testing.T) {
	metadata := testfile.Data(t, "sierra-leone/play42-metadata.json.gz", "sierra-leone/play42-organisationUnits.json.gz")
	values := testfile.Data(t, "sierra-leone/play42-dataValues-2025.csv.gz")
	args := []string{"-values", values[0], "-level", "2"}
	for _, file := range metadata {
		args = append(args, "-metadata", file)
	}
	out, _ := review(t, args...)
	require.Contains(t, out, "Scorecard")
}
