package analytics

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"io"
	"strconv"
	"unicode/utf8"
)

// MarshalJSON writes the response in the form of DHIS2 (analytics specification,
// section 15). Every cell is a string.
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
	headers := r.Headers
	if headers == nil {
		headers = []Header{}
	}
	head, err := json.Marshal(headers)
	if err != nil {
		return err
	}
	b := append([]byte(`{"headers":`), head...)
	if r.Meta != nil {
		meta, err := json.Marshal(r.Meta)
		if err != nil {
			return err
		}
		b = append(append(b, `,"metaData":`...), meta...)
	}
	b = append(b, `,"rows":[`...)
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

// WriteCSV writes the response as DHIS2 writes CSV: a line of column titles,
// then the rows as they are in JSON (interoperability specification, section 9).
func (r *Response) WriteCSV(w io.Writer) error {
	out := csv.NewWriter(w)
	titles := make([]string, len(r.Headers))
	for i, h := range r.Headers {
		titles[i] = h.Column
	}
	if len(titles) > 0 {
		if err := out.Write(titles); err != nil {
			return err
		}
	}
	if err := out.WriteAll(r.Rows); err != nil {
		return err
	}
	return out.Error()
}
