package aggregatetest

import (
	"slices"
	"strings"
	"time"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/period"
)

// value returns the data value of a row. words has its text and its marks.
func (r *reader) value(l line, what, unit, per string, words []string) (hmis.DataValue, error) {
	var v hmis.DataValue
	parts := strings.Split(what, ".")
	if err := r.check(l, append(parts[1:], parts[0], unit)...); err != nil {
		return v, err
	}
	p, err := period.Parse(per)
	if err != nil {
		return v, at(r.file, l, "%w", err)
	}
	v.Key = hmis.Key{DataElement: ID(parts[0]), OrgUnit: ID(unit), Period: p}
	if len(parts) > 1 {
		v.OptionCombo = ID(parts[1])
	}
	if len(parts) > 2 {
		v.AttributeCombo = ID(parts[2])
	}
	v.Value = words[0]
	for _, mark := range words[1:] {
		switch mark {
		case "deleted":
			v.Deleted = true
		case "followup":
			v.FollowUp = true
		default:
			return v, at(r.file, l, "unknown mark %q", mark)
		}
	}
	return v, nil
}

// load parses values: one in each row, or a table with a column for each
// period.
func (r *reader) load(b block) error {
	head := fields(b.text)
	var values []hmis.DataValue
	if len(head) == 1 {
		for _, l := range b.rows {
			f := fields(l.text)
			if len(f) < 4 {
				return at(r.file, l, "want a data element, an org unit, a period and a value")
			}
			v, err := r.value(l, f[0], f[1], f[2], f[3:])
			if err != nil {
				return err
			}
			values = append(values, v)
		}
	} else {
		if len(head) != 2 || len(b.rows) < 2 {
			return at(r.file, b.line, "want load NAME, a row of periods and rows of values")
		}
		periods := fields(b.rows[0].text)
		for _, l := range b.rows[1:] {
			f := fields(l.text)
			if len(f) != len(periods)+1 {
				return at(r.file, l, "%d values for %d periods", len(f)-1, len(periods))
			}
			for i, text := range f[1:] {
				if text == "-" {
					continue
				}
				v, err := r.value(l, head[1], f[0], periods[i], []string{text})
				if err != nil {
					return err
				}
				values = append(values, v)
			}
		}
	}
	r.Values = append(r.Values, values...)
	return nil
}

// complete parses completions of a data set.
func (r *reader) complete(b block) error {
	head := fields(b.text)
	if len(head) != 2 {
		return at(r.file, b.line, "want complete and a data set")
	}
	if err := r.check(b.line, head[1]); err != nil {
		return err
	}
	for _, l := range b.rows {
		f := fields(l.text)
		if len(f) < 3 {
			return at(r.file, l, "want an org unit, a period and a time")
		}
		unit, combo, _ := strings.Cut(f[0], ".")
		if err := r.check(l, unit); err != nil {
			return err
		}
		p, err := period.Parse(f[1])
		if err != nil {
			return at(r.file, l, "%w", err)
		}
		when, err := time.Parse(time.DateOnly, f[2])
		if err != nil {
			when, err = time.Parse("2006-01-02T15:04:05", f[2])
		}
		if err != nil {
			return at(r.file, l, "%q is no time", f[2])
		}
		r.Completions = append(r.Completions, hmis.Completion{
			DataSet: ID(head[1]), OrgUnit: ID(unit), AttributeCombo: ID(combo), Period: p, At: when,
			Withdrawn: slices.Contains(f[3:], "withdrawn"),
		})
	}
	return nil
}
