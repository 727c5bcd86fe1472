package objects

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"strconv"

	"github.com/ohie-hmis/hmis-go/hmis/dhis2/api/internal/fields"
)

// A writer appends JSON. It stops at MaxAnswer, and when its context ends.
type writer struct {
	b       []byte
	base    string
	ctx     context.Context
	written int   // the number of objects
	err     error // of ctx
}

func (q *query) writer(start string) *writer {
	return &writer{b: []byte(start), base: q.Base, ctx: q.Context}
}

func (w *writer) full() bool { return len(w.b) > MaxAnswer || w.err != nil }

func (w *writer) result() ([]byte, error) {
	if w.err != nil {
		return nil, w.err
	}
	if w.full() {
		return nil, &Fault{Status: http.StatusRequestEntityTooLarge, Code: "E1003", Message: "The answer would have more than 64 MiB."}
	}
	return w.b, nil
}

func (w *writer) object(o *Object, pl *plan) {
	if w.written++; w.written%1024 == 0 {
		w.err = w.ctx.Err()
	}
	w.b = append(w.b, '{')
	first := true
	for i := range pl.steps {
		s := &pl.steps[i]
		value := o.values[s.property.index]
		for _, t := range s.transforms {
			value = transform(value, t)
		}
		if value == nil || w.full() {
			continue
		}
		if !first {
			w.b = append(w.b, ',')
		}
		first = false
		w.b = append(appendText(w.b, s.name), ':')
		w.value(value, s.nested)
	}
	w.b = append(w.b, '}')
}

func (w *writer) objects(list []*Object, pl *plan) {
	for i, o := range list {
		if w.full() {
			return
		}
		if i > 0 {
			w.b = append(w.b, ',')
		}
		w.object(o, pl)
	}
}

func (w *writer) value(value any, nested *plan) {
	switch v := value.(type) {
	case string:
		w.b = appendText(w.b, v)
	case bool:
		w.b = strconv.AppendBool(w.b, v)
	case json.Number:
		w.b = append(w.b, v...)
	case int:
		w.b = strconv.AppendInt(w.b, int64(v), 10)
	case href:
		w.b = appendText(w.b, w.base+"/"+address(v.of))
	case *Object:
		w.object(v, nested)
	case []*Object:
		w.b = append(w.b, '[')
		w.objects(v, nested)
		w.b = append(w.b, ']')
	case keyed:
		w.keyed(v, nested)
	default:
		text, err := json.Marshal(v)
		if err != nil { // values come from JSON
			panic(err)
		}
		w.b = append(w.b, text...)
	}
}

// address returns where an object is, below the address of the API.
func address(o *Object) string {
	if o.kind.name == "operand" {
		return "dataElementOperands/" + o.text("id")
	}
	return o.kind.name + "/" + o.id
}

// keyed is a list to be written as an object of lists.
type keyed struct {
	list []*Object
	by   string
}

func (w *writer) keyed(v keyed, nested *plan) {
	groups := map[string][]*Object{}
	var keys []string
	for _, o := range v.list {
		values, _ := o.lookup([]string{v.by}, nil)
		for _, key := range values {
			if groups[key] == nil {
				keys = append(keys, key)
			}
			groups[key] = append(groups[key], o)
		}
	}
	w.b = append(w.b, '{')
	for i, key := range keys {
		if i > 0 {
			w.b = append(w.b, ',')
		}
		w.b = append(appendText(w.b, key), ":["...)
		w.objects(groups[key], nested)
		w.b = append(w.b, ']')
	}
	w.b = append(w.b, '}')
}

// transform applies a transformer of fields to a value. Those that are unknown
// or do not suit the value change nothing.
func transform(value any, t fields.Transform) any {
	list, isList := value.([]*Object)
	arg := "id"
	if len(t.Args) > 0 && t.Args[0] != "" {
		arg = t.Args[0]
	}
	switch {
	case t.Name == "size" && isList:
		return len(list)
	case t.Name == "size":
		switch v := value.(type) {
		case string:
			return len([]rune(v))
		case []any:
			return len(v)
		}
	case !isList:
	case t.Name == "isEmpty":
		return len(list) == 0
	case t.Name == "isNotEmpty":
		return len(list) > 0
	case t.Name == "keyBy":
		return keyed{list, arg}
	case t.Name == "pluck":
		out := make([]any, 0, len(list))
		for _, o := range list {
			if v := o.get(arg); v != nil {
				values, _ := o.lookup([]string{arg}, nil)
				for _, text := range values {
					out = append(out, text)
				}
			}
		}
		return out
	case t.Name == "paging" && len(t.Args) == 2:
		page, _ := strconv.Atoi(t.Args[0])
		size, _ := strconv.Atoi(t.Args[1])
		if page < 1 || size < 1 || page > len(list) {
			return list[:0]
		}
		start := min((page-1)*min(size, len(list)), len(list))
		return list[start:min(start+min(size, len(list)), len(list))]
	}
	return value
}

// appendText appends a text in JSON.
func appendText(b []byte, text string) []byte {
	for i := range len(text) {
		if c := text[i]; c < 0x20 || c >= 0x7f || c == '"' || c == '\\' {
			return appendEscaped(b, text)
		}
	}
	return append(append(append(b, '"'), text...), '"')
}

func appendEscaped(b []byte, text string) []byte {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	if err := e.Encode(text); err != nil { // a text can always be encoded
		panic(err)
	}
	return append(b, bytes.TrimSuffix(out.Bytes(), []byte("\n"))...)
}
