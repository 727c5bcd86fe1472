package main

import (
	"bytes"
	"context"
	"encoding/xml"
	"fmt"
	"io"
	"strings"

	"github.com/ohie-hmis/hmis-go/adx"
	"github.com/ohie-hmis/hmis-go/aggregate/bench/workload"
)

// The structs that a program would use with encoding/xml.
type (
	xmlMessage struct {
		XMLName  xml.Name   `xml:"urn:ihe:qrph:adx:2015 adx"`
		Exported string     `xml:"exported,attr"`
		Groups   []xmlGroup `xml:"group"`
	}
	xmlGroup struct {
		DataSet string     `xml:"dataSet,attr"`
		OrgUnit string     `xml:"orgUnit,attr"`
		Period  string     `xml:"period,attr"`
		Combo   string     `xml:"attributeOptionCombo,attr,omitempty"`
		Values  []xmlValue `xml:"dataValue"`
	}
	xmlValue struct {
		DataElement string `xml:"dataElement,attr"`
		Value       string `xml:"value,attr"`
		Combo       string `xml:"categoryOptionCombo,attr,omitempty"`
	}
)

// adxText returns the rows of a world as one ADX message.
func adxText(w *workload.World) ([]byte, error) {
	var out bytes.Buffer
	writer := adx.NewWriter(&out)
	writer.Indent = "  "
	var g adx.Group
	var last workload.Row
	write := func() error {
		if len(g.Values) == 0 {
			return nil
		}
		return writer.Write(g)
	}
	for r := range w.Rows() {
		set := int(r.Element) % workload.Sets
		if len(g.Values) == 0 || r.Unit != last.Unit || r.Month != last.Month || r.Attr != last.Attr || set != int(last.Element)%workload.Sets {
			if err := write(); err != nil {
				return nil, err
			}
			g = adx.Group{
				DataSet: fmt.Sprintf("FORM_%02d", set), OrgUnit: string(w.Units[r.Unit].ID), Period: adx.TimeRangeOf(w.Periods[r.Month]),
			}
			if r.Attr != 0 {
				g.Attrs = []adx.Attr{{Name: "attributeOptionCombo", Value: string(w.Combos[r.Attr].ID)}}
			}
		}
		v := adx.Value{DataElement: string(w.Elements[r.Element].ID), Value: numberText(r)}
		if r.Combo != 0 {
			v.Attrs = []adx.Attr{{Name: "categoryOptionCombo", Value: string(w.Combos[r.Combo].ID)}}
		}
		g.Values, last = append(g.Values, v), r
	}
	if err := write(); err != nil {
		return nil, err
	}
	err := writer.Close()
	return out.Bytes(), err
}

func readStructs(text []byte) (*xmlMessage, error) {
	var m xmlMessage
	return &m, xml.Unmarshal(text, &m)
}

// adxReadings returns the subjects of question q8, which reads and writes ADX.
func (t *texts) adxReadings() []reading {
	const decode, encode = "q8 decode", "q8 encode"
	return []reading{
		{oursName, decode, func(_ context.Context, v visit) error { return decodeADX(bytes.NewReader(t.adx), v) }},
		{"encoding/xml, structs", decode, t.decodeStructs},
		{"encoding/xml, raw tokens", decode, t.decodeTokens},
		{oursName, encode, t.encoding(encodeADX(t.groups()))},
		{"encoding/xml, structs", encode, t.encoding(func(w io.Writer) error { return xml.NewEncoder(w).Encode(t.message) })},
		{"fmt.Fprintf", encode, t.encoding(t.printf)},
	}
}

// encoding returns a function that runs write. Without a visit it discards the
// text; with one it reads the text back, so that the values can be compared.
func (t *texts) encoding(write func(io.Writer) error) func(context.Context, visit) error {
	return func(_ context.Context, v visit) error {
		if v == nil {
			return write(io.Discard)
		}
		var text bytes.Buffer
		if err := write(&text); err != nil {
			return err
		}
		return decodeADX(&text, v)
	}
}

func decodeADX(r io.Reader, v visit) error {
	for g, err := range adx.NewReader(r).Groups() {
		if err != nil {
			return err
		}
		if v == nil {
			continue
		}
		month := g.Period.String()
		for _, value := range g.Values {
			if err := v(value.DataElement, g.OrgUnit, month, value.Value); err != nil {
				return err
			}
		}
	}
	return nil
}

// groups reads the message and returns its groups.
func (t *texts) groups() []adx.Group {
	var list []adx.Group
	for g, err := range adx.NewReader(bytes.NewReader(t.adx)).Groups() {
		if err != nil {
			panic(err) // the message is our own
		}
		list = append(list, g)
	}
	return list
}

func encodeADX(groups []adx.Group) func(io.Writer) error {
	return func(w io.Writer) error {
		out := adx.NewWriter(w)
		for _, g := range groups {
			if err := out.Write(g); err != nil {
				return err
			}
		}
		return out.Close()
	}
}

func (t *texts) decodeStructs(_ context.Context, v visit) error {
	m, err := readStructs(t.adx)
	if err != nil || v == nil {
		return err
	}
	for _, g := range m.Groups {
		for _, value := range g.Values {
			if err := v(value.DataElement, g.OrgUnit, g.Period, value.Value); err != nil {
				return err
			}
		}
	}
	return nil
}

// decodeTokens reads all tokens and ignores them: the fastest that encoding/xml
// can be.
func (t *texts) decodeTokens(_ context.Context, v visit) error {
	d := xml.NewDecoder(bytes.NewReader(t.adx))
	var unit, month string
	for {
		token, err := d.RawToken()
		if err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		start, ok := token.(xml.StartElement)
		if v == nil || !ok {
			continue
		}
		attrs := map[string]string{}
		for _, a := range start.Attr {
			attrs[a.Name.Local] = a.Value
		}
		switch start.Name.Local {
		case "group":
			unit, month = attrs["orgUnit"], attrs["period"]
		case "dataValue":
			if err := v(attrs["dataElement"], unit, month, attrs["value"]); err != nil {
				return err
			}
		}
	}
}

// printf writes the message with fmt.Fprintf, as a quick script would. It
// escapes texts and checks nothing else.
func (t *texts) printf(w io.Writer) error {
	escape := strings.NewReplacer("&", "&amp;", "<", "&lt;", `"`, "&quot;")
	if _, err := fmt.Fprintf(w, `<adx xmlns=%q exported=%q>`, adx.Namespace, t.message.Exported); err != nil {
		return err
	}
	for _, g := range t.message.Groups {
		fmt.Fprintf(w, `<group dataSet="%s" orgUnit="%s" period="%s"`, escape.Replace(g.DataSet), escape.Replace(g.OrgUnit), g.Period)
		if g.Combo != "" {
			fmt.Fprintf(w, ` attributeOptionCombo="%s"`, escape.Replace(g.Combo))
		}
		io.WriteString(w, ">")
		for _, v := range g.Values {
			fmt.Fprintf(w, `<dataValue dataElement="%s" value="%s"`, escape.Replace(v.DataElement), escape.Replace(v.Value))
			if v.Combo != "" {
				fmt.Fprintf(w, ` categoryOptionCombo="%s"`, escape.Replace(v.Combo))
			}
			io.WriteString(w, "/>")
		}
		io.WriteString(w, "</group>")
	}
	_, err := io.WriteString(w, "</adx>")
	return err
}
