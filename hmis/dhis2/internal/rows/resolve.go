package rows

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/internal/numbering"
	"github.com/ohie-hmis/hmis-go/period"
)

// A Header has the fields and schemes for all rows: those in the file, and
// those of the caller that the file leaves open.
type Header struct {
	Catalog  *hmis.Catalog
	Schemes  hmis.Schemes
	Calendar *period.Calendar
	Set      Set
	Full     bool // no more values could wait for Set, since too many did
}

// A Set has the fields that a data value set states for all of its values.
type Set struct {
	DataSet, OrgUnit, AttributeCombo hmis.UID
	Period                           period.Period
	Completed                        period.Date
	DryRun                           bool
}

// Scheme returns the scheme of the references in a column.
func (h *Header) Scheme(c Column) hmis.Scheme {
	s := h.Schemes
	switch c {
	case Element:
		return cmp.Or(s.DataElement, s.Any)
	case OrgUnit:
		return cmp.Or(s.OrgUnit, s.Any)
	case OptionCombo:
		return cmp.Or(s.OptionCombo, s.Any)
	case AttributeCombo:
		return cmp.Or(s.AttributeCombo, s.Any)
	}
	return hmis.ByID
}

// KindOfColumn returns the kind of object that a column refers to.
func KindOfColumn(c Column) hmis.Kind {
	switch c {
	case Element:
		return hmis.KindDataElement
	case OrgUnit:
		return hmis.KindOrgUnit
	}
	return hmis.KindOptionCombo
}

// Lookup returns the object of a reference.
func (h *Header) Lookup(k hmis.Kind, s hmis.Scheme, text string) (hmis.UID, error) {
	if s == hmis.ByID || s == hmis.ByUID {
		return hmis.UID(text), nil
	}
	if h.Catalog == nil {
		return "", fmt.Errorf("id scheme %s: want a Format with a Catalog", s)
	}
	id, err := h.Catalog.Lookup(k, s, text)
	if issue, ok := errors.AsType[*hmis.Issue](err); ok {
		err = issue.Err
	}
	return id, err
}

// CheckText returns an error for a text that cannot be an id or period
// (RULES.md#texts-and-numbers).
func CheckText(text string) error {
	switch {
	case len(text) > maxID:
		return fmt.Errorf("%s: want at most %d bytes", quoted(text), maxID)
	case !utf8.ValidString(text):
		return fmt.Errorf("%s: want UTF-8", quoted(text))
	case strings.TrimSpace(text) != text:
		return fmt.Errorf("%q: want no blanks around it", text)
	}
	return nil
}

// ids looks up the different texts of a column and adds their ids to b. It
// returns the index of each in b.IDs, and an error for each text that has no
// object. absent means that some row has no text.
func (h *Header) ids(b *hmis.Batch, at map[hmis.UID]uint32, c Column, texts []string, absent bool) ([]uint32, map[uint32]error) {
	remap := make([]uint32, len(texts))
	var bad map[uint32]error
	for n, text := range texts {
		id := hmis.UID(text)
		if n == 0 {
			if !absent {
				continue
			}
			switch c { // the value for rows without a text
			case OrgUnit:
				id = h.Set.OrgUnit
			case AttributeCombo:
				id = h.Set.AttributeCombo
			}
		} else {
			err := CheckText(text)
			if err == nil {
				id, err = h.Lookup(KindOfColumn(c), h.Scheme(c), text)
			}
			if err != nil {
				id = hmis.UID(text)
				if bad == nil {
					bad = map[uint32]error{}
				}
				bad[uint32(n)] = err
			}
		}
		remap[n] = numbering.In(&b.IDs, at, id)
	}
	return remap, bad
}

func (h *Header) periods(b *hmis.Batch, texts []string, absent bool) ([]uint32, map[uint32]error) {
	remap := make([]uint32, len(texts))
	at := make(map[period.Period]uint32, len(texts))
	var bad map[uint32]error
	for n, text := range texts {
		if n == 0 && !absent {
			continue
		}
		p := h.Set.Period
		if n > 0 {
			var err error
			if p, err = h.ParsePeriod(text); err != nil {
				if bad == nil {
					bad = map[uint32]error{}
				}
				bad[uint32(n)] = err
			}
		}
		remap[n] = numbering.In(&b.Periods, at, p)
	}
	return remap, bad
}

// ParsePeriod parses a period in the calendar of the file.
func (h *Header) ParsePeriod(text string) (period.Period, error) {
	if err := CheckText(text); err != nil {
		return period.Period{}, err
	}
	return h.Calendar.Parse(text)
}

// Resolve looks up all texts and returns the rows as a batch. The faults, in
// the order of rows, say which values of the batch cannot be used.
func (r *Rows) Resolve(h *Header) (*hmis.Batch, []Fault) {
	n := r.Len()
	b := &hmis.Batch{
		DataElement: make([]uint32, n), OptionCombo: make([]uint32, n),
		AttributeCombo: make([]uint32, n), OrgUnit: make([]uint32, n), Period: make([]uint32, n),
		Coef: make([]int64, n), Scale: make([]int8, n), Created: r.times(0), Updated: r.times(1), Rest: r.rest,
	}
	if names := r.dicts[StoredBy].texts; len(names) > 1 {
		b.Names, b.StoredBy = slices.Clone(names), make([]uint32, n)
		for i := range r.list {
			b.StoredBy[i] = r.list[i].texts[StoredBy]
		}
	}
	faults := newFaults(r.faults, n)
	noDefault := errNoDefault
	if h.Full {
		noDefault = errTooLate
	}
	var remaps [StoredBy][]uint32
	distinct := 0
	for c := range remaps {
		distinct += len(r.dicts[c].texts)
	}
	b.IDs = make([]hmis.UID, 0, distinct)
	at := make(map[hmis.UID]uint32, distinct)
	for _, c := range [...]Column{Period, Element, OrgUnit, OptionCombo, AttributeCombo} {
		var remap []uint32
		var bad map[uint32]error
		absent := r.Lacks(c)
		if c == Period {
			remap, bad = h.periods(b, r.dicts[c].texts, absent)
		} else {
			remap, bad = h.ids(b, at, c, r.dicts[c].texts, absent)
		}
		missing := absent && (c == Period && h.Set.Period.IsZero() || c == OrgUnit && h.Set.OrgUnit == "")
		if missing || bad != nil {
			for i := range r.list {
				n := r.list[i].texts[c]
				if n == 0 && missing && c == OrgUnit && r.empty[i] {
					faults.add(i, c, ErrEmpty)
				} else if n == 0 && missing {
					faults.add(i, c, noDefault)
				} else if err := bad[n]; err != nil {
					faults.add(i, c, err)
				}
			}
		}
		remaps[c] = remap
	}
	for i := range r.list {
		row := &r.list[i]
		b.Coef[i], b.Scale[i] = row.coef, row.scale
		b.DataElement[i], b.OrgUnit[i] = remaps[Element][row.texts[Element]], remaps[OrgUnit][row.texts[OrgUnit]]
		b.OptionCombo[i] = remaps[OptionCombo][row.texts[OptionCombo]]
		b.AttributeCombo[i] = remaps[AttributeCombo][row.texts[AttributeCombo]]
		b.Period[i] = remaps[Period][row.texts[Period]]
	}
	for n, text := range r.dicts[StoredBy].texts {
		if !utf8.ValidString(text) {
			for i, name := range b.StoredBy {
				if name == uint32(n) {
					faults.add(i, StoredBy, errNotUTF8)
				}
			}
		}
	}
	for _, s := range r.spelled {
		if err := h.spelled(b, at, s); err != nil {
			faults.add(s.row, s.column, err)
		}
	}
	slices.SortFunc(faults.list, func(a, b Fault) int { return a.Row - b.Row })
	return b, faults.list
}

// A faultList holds the first fault of each row. More would need too much
// memory for a text in which every row is faulty.
type faultList struct {
	list []Fault
	has  []bool // by row, whether it has a fault; nil if none has
	n    int    // number of rows
}

func newFaults(list []Fault, n int) *faultList {
	f := &faultList{n: n}
	for _, one := range list {
		f.add(one.Row, one.Column, one.Err)
	}
	return f
}

func (f *faultList) add(row int, c Column, err error) {
	if f.has == nil {
		f.has = make([]bool, f.n)
	}
	if !f.has[row] {
		f.has[row] = true
		f.list = append(f.list, Fault{row, c, err})
	}
}

// times returns the column of times of creation or update. It is nil if there
// are none.
func (r *Rows) times(k int) []int64 {
	if !r.timed[k] {
		return nil
	}
	list := make([]int64, r.Len())
	for i := range list {
		list[i] = r.list[i].times[k]
	}
	return list
}

// spelled returns the option combo that is written as options by category
// (RULES.md#options-by-category).
func (h *Header) spelled(b *hmis.Batch, at map[hmis.UID]uint32, s spelled) error {
	if h.Catalog == nil {
		return errors.New("options by category: want a Format with a Catalog")
	}
	combo := hmis.UID(s.combo)
	switch {
	case s.combo != "":
	case s.column == OptionCombo:
		combo = h.Catalog.CategoryCombo(b.IDs[b.DataElement[s.row]], h.Set.DataSet)
	default:
		set, ok := hmis.Find[hmis.DataSet](h.Catalog, h.Set.DataSet)
		if !ok {
			return errors.New("options by category: want a data set to tell the category combo")
		}
		if combo = set.CategoryCombo; combo == "" {
			combo = h.Catalog.CategoryCombo("", "")
		}
	}
	id, err := h.comboOf(combo, s.options)
	if err != nil {
		return err
	}
	pos := numbering.In(&b.IDs, at, id)
	if s.column == OptionCombo {
		b.OptionCombo[s.row] = pos
	} else {
		b.AttributeCombo[s.row] = pos
	}
	return nil
}

// comboOf returns the option combo of a category combo that has these options.
// A name that begins with a blank is no category; then only the option counts.
func (h *Header) comboOf(combo hmis.UID, options map[string]string) (hmis.UID, error) {
	ids := make([]hmis.UID, 0, len(options))
	for _, name := range slices.Sorted(maps.Keys(options)) {
		option, err := h.Lookup(hmis.KindCategoryOption, cmp.Or(h.Schemes.CategoryOption, h.Schemes.Any), options[name])
		if err != nil {
			return "", fmt.Errorf("category option: %w", err)
		}
		if !strings.HasPrefix(name, " ") {
			id, err := h.Lookup(hmis.KindCategory, cmp.Or(h.Schemes.Category, h.Schemes.Any), name)
			if err != nil {
				return "", fmt.Errorf("category: %w", err)
			}
			category, ok := hmis.Find[hmis.Category](h.Catalog, id)
			if !ok {
				return "", fmt.Errorf("category: no object with the id %q", id)
			}
			if !slices.Contains(category.Options, option) {
				return "", fmt.Errorf("category %s: %q is not one of its options", id, options[name])
			}
		}
		ids = append(ids, option)
	}
	id, ok := h.Catalog.OptionCombo(combo, ids...)
	if !ok {
		return "", fmt.Errorf("category combo %s: want an option combo with the options %v", combo, ids)
	}
	return id, nil
}

// SpelledSet returns the attribute option combo of a whole set, which is
// written as options by category.
func (h *Header) SpelledSet(options map[string]string) (hmis.UID, error) {
	b := hmis.Batch{IDs: []hmis.UID{""}, AttributeCombo: []uint32{0}}
	if h.Catalog == nil {
		return "", errors.New("options by category: want a Format with a Catalog")
	}
	err := h.spelled(&b, map[hmis.UID]uint32{}, spelled{column: AttributeCombo, options: options})
	return b.IDs[b.AttributeCombo[0]], err
}
