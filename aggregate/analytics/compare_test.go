package analytics_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// A body is the body of an answer: a JSON object, or the text of CSV.
type body struct {
	text    string
	members map[string]any // nil if the text is no object
}

func readBody(text string) body {
	b := body{text: text}
	_ = json.Unmarshal([]byte(text), &b.members) // fails for CSV
	return b
}

// diff returns how one part of b differs from that of want. It is "" if it does
// not differ.
func (b body) diff(want body, part string) string {
	switch part {
	case "code":
		return differ(want.members["errorCode"], b.members["errorCode"])
	case "message":
		return differ(want.message(), b.message())
	case "headers":
		return differ(want.members["headers"], b.members["headers"])
	case "rows":
		if diff := differ(sorted(want.rows()), sorted(b.rows())); diff != "" {
			return diff
		}
		return differ(want.size(), b.size())
	case "order":
		return differ(want.valueColumn(), b.valueColumn())
	case "items":
		return differ(want.meta("items"), b.meta("items"))
	case "dimensions":
		return differ(want.dimensions(), b.dimensions())
	case "hierarchy":
		return differ(
			[]any{want.meta("ouHierarchy"), want.meta("ouNameHierarchy")},
			[]any{b.meta("ouHierarchy"), b.meta("ouNameHierarchy")})
	case "rest":
		return differ(want.rest(), b.rest())
	case "csv":
		return differ(want.lines(), b.lines())
	case "values":
		return differ(want.values(), b.values())
	}
	return "no such part: " + part
}

// message returns the message of an error without its accidental parts. The
// list in E7112 has an order that changes whenever the server starts. Of a
// message with the name of a Java class only the parameter counts.
func (b body) message() string {
	message, _ := b.members["message"].(string)
	const class, operators = " No enum constant org.hisp.dhis.common.", "No enum constant org.hisp.dhis.analytics.MeasureFilter."
	if text, _, ok := strings.Cut(message, class); ok {
		return text
	}
	if operator, ok := strings.CutPrefix(message, operators); ok {
		return "Invalid measure filter operator: `" + operator + "`"
	}
	if before, list, ok := strings.Cut(message, "`["); ok && b.members["errorCode"] == "E7112" {
		return before + strings.Join(sorted(strings.Split(strings.TrimSuffix(list, "]`"), ", ")), ", ")
	}
	return message
}

func differ(want, got any) string {
	if diff := gocmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		return "(-want +got):\n" + clip(diff)
	}
	return ""
}

func clip(s string) string {
	const most = 3000
	if len(s) > most {
		return s[:most] + " ..."
	}
	return s
}

// rows returns the rows as texts. A list that is absent differs from an empty
// one.
func (b body) rows() []string {
	list, ok := b.members["rows"].([]any)
	if !ok {
		return []string{"no rows"}
	}
	rows := make([]string, 0, len(list))
	for _, row := range list {
		rows = append(rows, fmt.Sprintf("%q", row))
	}
	return rows
}

func sorted(texts []string) []string {
	slices.Sort(texts)
	return texts
}

// valueColumn returns the cells of the column called value, row by row.
func (b body) valueColumn() []any {
	headers, _ := b.members["headers"].([]any)
	at := slices.IndexFunc(headers, func(h any) bool {
		header, _ := h.(map[string]any)
		return header["name"] == "value"
	})
	rows, _ := b.members["rows"].([]any)
	if at < 0 {
		return nil
	}
	var cells []any
	for _, row := range rows {
		cells = append(cells, row.([]any)[at])
	}
	return cells
}

func (b body) meta(name string) any {
	meta, _ := b.members["metaData"].(map[string]any)
	return meta[name]
}

// dimensions returns the lists of metaData.dimensions, sorted where their order
// means nothing.
func (b body) dimensions() any {
	all, ok := b.meta("dimensions").(map[string]any)
	if !ok {
		return b.meta("dimensions")
	}
	texts := make(map[string][]string)
	for id, list := range all {
		texts[id] = []string{}
		for _, item := range list.([]any) {
			texts[id] = append(texts[id], fmt.Sprint(item))
		}
		if id != "pe" && id != "ou" {
			slices.Sort(texts[id])
		}
	}
	return texts
}

// size returns the members that count rows and cells. They are compared only
// where the rows are compared.
func (b body) size() []any { return []any{b.members["width"], b.members["height"]} }

// rest returns the members that no other part compares.
func (b body) rest() any {
	rest := maps.Clone(b.members)
	for _, name := range []string{"headers", "rows", "width", "height"} {
		delete(rest, name)
	}
	if meta, ok := rest["metaData"].(map[string]any); ok {
		meta = maps.Clone(meta)
		for _, name := range []string{"items", "dimensions", "ouHierarchy", "ouNameHierarchy"} {
			delete(meta, name)
		}
		rest["metaData"] = meta
	}
	return rest
}

// lines returns the first line of CSV, then the others sorted.
func (b body) lines() []string {
	lines := strings.Split(b.text, "\n")
	slices.Sort(lines[1:])
	return lines
}

// values returns the data values as texts, without their times and authors.
func (b body) values() []string {
	list, ok := b.members["dataValues"].([]any)
	if !ok {
		return []string{"no dataValues"}
	}
	var texts []string
	for _, v := range list {
		value := maps.Clone(v.(map[string]any))
		for _, name := range []string{"created", "lastUpdated", "storedBy"} {
			delete(value, name)
		}
		text, _ := json.Marshal(value) // this sorts the members
		texts = append(texts, string(text))
	}
	return sorted(texts)
}
