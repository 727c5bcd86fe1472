package analytics

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/ohie-hmis/hmis-go/internal/spreadsheet"
)

// MarshalJSON writes the response in the form of DHIS2. Every cell is a string.
func (r *Response) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	if err := r.WriteJSON(&b); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// piece is the number of bytes of JSON that are written at a time.
const piece = 32 << 10

// WriteJSON writes the JSON that MarshalJSON returns, piece by piece, since a
// response may be long.
func (r *Response) WriteJSON(w io.Writer) error { return r.writeJSON(w, r.Meta) }

// writeJSON writes a response with metaData, which may be another type than
// *Meta.
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
	if m, ok := metaData.(*Meta); ok {
		b, err = m.append(w, b)
	} else {
		var text []byte
		text, err = json.Marshal(metaData)
		b = append(b, text...)
	}
	if err != nil {
		return err
	}
	if r.Title != "" {
		b = appendText(append(b, `,"title":`...), r.Title)
	}
	b = append(b, `,"rowContext":{},"rows":[`...)
	for i, row := range r.Rows {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendRow(b, row)
		if b, err = flush(w, b); err != nil {
			return err
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

// append appends the JSON of m, which may be nil, to b. It writes each full
// piece to w and returns the bytes that are left.
func (m *Meta) append(w io.Writer, b []byte) ([]byte, error) {
	if m == nil {
		return append(b, `{}`...), nil
	}
	b = append(b, `{"items":{`...)
	for i, id := range slices.Sorted(maps.Keys(m.Items)) {
		if i > 0 {
			b = append(b, ',')
		}
		item, err := json.Marshal(m.Items[id])
		if err != nil {
			return nil, err
		}
		b = append(append(appendText(b, id), ':'), item...)
		if b, err = flush(w, b); err != nil {
			return nil, err
		}
	}
	rest := *m
	rest.Items = nil
	members, err := json.Marshal(rest)
	if err != nil {
		return nil, err
	}
	if len(members) == len(`{}`) {
		return append(b, `}}`...), nil
	}
	return append(append(b, `},`...), members[1:]...), nil
}

// flush writes b if it is a full piece. It returns the bytes that are still to
// be written.
func flush(w io.Writer, b []byte) ([]byte, error) {
	if len(b) < piece {
		return b, nil
	}
	_, err := w.Write(b)
	return b[:0], err
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
			quoted, _ := json.Marshal(s) // this cannot fail for a string
			return append(b, quoted...)
		}
	}
	b = append(b, '"')
	b = append(b, s...)
	return append(b, '"')
}

// WriteCSV writes the response in the CSV of DHIS2: a line of column titles,
// then the rows with the texts of JSON, without blanks around them. A response
// without columns writes nothing.
//
// A text that a spreadsheet would execute as a formula gets an apostrophe
// before it. WriteInterchange leaves such texts unchanged.
func (r *Response) WriteCSV(w io.Writer) error { return r.writeCSV(w, safeText) }

// WriteInterchange writes the CSV of WriteCSV for programs: all texts are as in
// JSON, even those that a spreadsheet would execute.
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

// safeText returns a text that is safe in a file for spreadsheets, without
// blanks around it.
func safeText(text string) string { return spreadsheet.Safe(strings.TrimSpace(text)) }
