package analytics

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"
)

// MarshalJSON writes the response in the form of DHIS2. Every cell is a string.
func (r *Response) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	if err := r.WriteJSON(&b); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// WriteJSON writes what MarshalJSON returns, piece by piece: a response may have
// many rows.
func (r *Response) WriteJSON(w io.Writer) error {
	if r.Meta == nil {
		return r.writeJSON(w, struct{}{})
	}
	return r.writeJSON(w, r.Meta)
}

func (r *Response) writeJSON(w io.Writer, metaData any) error {
	headers := r.Headers
	if headers == nil {
		headers = []Header{}
	}
	head, err := json.Marshal(headers)
	if err != nil {
		return err
	}
	b := append([]byte(`{"headers":`), head...)
	b = append(b, `,"metaData":`...)
	meta, err := json.Marshal(metaData)
	if err != nil {
		return err
	}
	b = append(b, meta...)
	if r.Title != "" {
		b = appendText(append(b, `,"title":`...), r.Title)
	}
	b = append(b, `,"rowContext":{},"rows":[`...)
	const piece = 32 << 10
	for i, row := range r.Rows {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendRow(b, row)
		if len(b) > piece {
			if _, err := w.Write(b); err != nil {
				return err
			}
			b = b[:0]
		}
	}
	width := 0
	if len(r.Rows) > 0 {
		width = len(r.Rows[0])
	}
	b = append(b, `],"width":`...)
	b = strconv.AppendInt(b, int64(width), 10)
	b = append(b, `,"height":`...)
	b = strconv.AppendInt(b, int64(len(r.Rows)), 10)
	b = append(b, `,"headerWidth":`...)
	b = strconv.AppendInt(b, int64(len(headers)), 10)
	_, err = w.Write(append(b, '}'))
	return err
}

func appendRow(b []byte, row []string) []byte {
	b = append(b, '[')
	for i, cell := range row {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendText(b, cell)
	}
	return append(b, ']')
}

// appendText appends a JSON string. Nearly all cells are ids and numbers, which
// need no escape.
func appendText(b []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c == '"' || c == '\\' || c >= utf8.RuneSelf || c == '<' || c == '>' || c == '&' {
			quoted, _ := json.Marshal(s) // of a string it cannot fail
			return append(b, quoted...)
		}
	}
	b = append(b, '"')
	b = append(b, s...)
	return append(b, '"')
}

// WriteCSV writes the response as DHIS2 writes CSV: a line of column titles, then
// the rows as they are in JSON, without blanks at the ends of texts. Without
// columns there is nothing to write.
//
// A text that a spreadsheet would take for a formula gets an apostrophe before
// it: such a file is opened by people. WriteInterchange writes texts as they are.
func (r *Response) WriteCSV(w io.Writer) error { return r.writeCSV(w, safeText) }

// WriteInterchange is WriteCSV for programs: every text is as it is in JSON, also
// one that a spreadsheet would execute.
func (r *Response) WriteInterchange(w io.Writer) error { return r.writeCSV(w, strings.TrimSpace) }

func (r *Response) writeCSV(w io.Writer, cell func(string) string) error {
	if len(r.Headers) == 0 {
		return nil
	}
	out := csv.NewWriter(w)
	line := make([]string, len(r.Headers))
	for i, h := range r.Headers {
		line[i] = cell(h.Column)
	}
	if err := out.Write(line); err != nil {
		return err
	}
	for _, row := range r.Rows {
		line = line[:0]
		for _, text := range row {
			line = append(line, cell(text))
		}
		if err := out.Write(line); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// safeText returns a text of a file that a person opens with a spreadsheet. What
// begins with one of the signs of a formula is one, unless it is a number.
func safeText(text string) string {
	text = strings.TrimSpace(text)
	if text == "" || !strings.ContainsRune("=+-@", rune(text[0])) {
		return text
	}
	if _, err := strconv.ParseFloat(text, 64); err == nil {
		return text
	}
	return "'" + text
}
