package spreadsheet_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"strings"
	"testing"

	"github.com/ohie-hmis/hmis-go/internal/spreadsheet"
)

func TestOpen(t *testing.T) {
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	_, _ = z.Write([]byte("code,name\n"))
	_ = z.Close()
	tests := []struct{ in, text, err string }{
		{"", "", ""},
		{"code", "code", ""},
		{"code\na;b\n", "code\na;b\n", ""},
		{"\xEF\xBB\xBFcode,name\n", "code,name\n", ""},
		{packed.String(), "code,name\n", ""},
		{packed.String()[:5], "", "unexpected EOF"},
		{"\xFF\xFEc\x00", "", "the text is UTF-16 or UTF-32: want UTF-8"},
		{"PK\x03\x04abc", "", "zip: not a valid zip file"},
		{" <!DOCTYPE html>", "", "HTML or XML: want a table"},
		{`{"code":"a"}`, "", "JSON: want a table"},
		{"[1,2]", "", "JSON: want a table"},
		{"code;name\n", "", "the cells are separated by ';': want ','"},
		{"code\tname\n", "", `the cells are separated by '\t': want ','`},
	}
	for _, tt := range tests {
		in, err := spreadsheet.Open(strings.NewReader(tt.in), ',')
		if err != nil || tt.err != "" {
			if err == nil || err.Error() != tt.err {
				t.Errorf("Open(%q): %v, want %s", tt.in, err, tt.err)
			}
			continue
		}
		if text, _ := io.ReadAll(in); string(text) != tt.text {
			t.Errorf("Open(%q) = %q, want %q", tt.in, text, tt.text)
		}
	}
	if _, err := spreadsheet.Open(strings.NewReader("a,b\n"), ';'); err == nil || err.Error() != "the cells are separated by ',': want ';'" {
		t.Error(err)
	}
}
