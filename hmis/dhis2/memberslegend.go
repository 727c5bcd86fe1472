package dhis2

import (
	"errors"
	"fmt"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/hmis/dhis2/internal/jsontext"
)

func legendSetFields(s *hmis.LegendSet) []field {
	return []field{text("code", &s.Code), text("name", &s.Name), legends("legends", &s.Legends)}
}

// legends binds the classes of a legend set. If a class has members that
// [hmis.Legend] lacks, such as translations, the whole list is also kept as a
// property, so that writing loses nothing.
func legends(name string, v *[]hmis.Legend) field {
	return field{name, func(d *packageReader, raw []byte) error {
		*v = nil
		more := false
		err := d.entries(raw, func(m jsontext.Member) error {
			var l hmis.Legend
			fields := legendFields(&l)
			given := map[string]bool{}
			err := jsontext.Members(m.Raw, func(m jsontext.Member) error {
				for _, f := range fields {
					if f.name == m.Name {
						given[m.Name] = true
						if err := f.read(d, m.Raw); err != nil {
							return fmt.Errorf("%s: %w", m.Name, err)
						}
						return nil
					}
				}
				more = more || !dropped(hmis.KindLegendSet, m.Name) && !saysNothing(m.Raw)
				return nil
			})
			if err == nil && !(given["startValue"] && given["endValue"]) {
				err = errors.New("want a startValue and an endValue")
			}
			if err == nil {
				*v = append(*v, l)
			}
			return err
		})
		if err == nil && more {
			d.property(name, raw)
		}
		return err
	}, func(b []byte) []byte {
		if len(*v) == 0 {
			return b
		}
		return appendList(b, *v, func(b []byte, l hmis.Legend) []byte {
			b = append(b, '{')
			for _, f := range legendFields(&l) {
				b = appendField(b, f)
			}
			return append(b, '}')
		})
	}}
}

func legendFields(l *hmis.Legend) []field {
	return []field{
		text("id", &l.ID), text("name", &l.Name),
		number("startValue", &l.Start), number("endValue", &l.End), text("color", &l.Color),
	}
}
