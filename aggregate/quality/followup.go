package quality

import (
	"cmp"
	"context"
	"net/url"
	"slices"

	"github.com/ohie-hmis/hmis-go/aggregate"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/ohie-hmis/hmis-go/period"
)

// A FollowUpList lists the values that are marked for follow-up.
type FollowUpList struct {
	DataSets []hmis.UID // data sets whose numeric elements are listed, unless the scope names data
	// OptionCombos restricts the list to these option combos. None means those
	// of the category combos of all data elements listed.
	OptionCombos []hmis.UID
	Bounds       []Bound // bounds to show beside the values
	Max          int     // the largest number of values; 0 means 50, a negative number means all

	// Warn, if not nil, is called for each unknown data set, data element and
	// org unit. An unknown object has no values.
	Warn func(hmis.Issue)
}

// A FollowUp is a value marked for follow-up, with the bound for its data
// element, org unit and option combo, or nil.
type FollowUp struct {
	Value hmis.DataValue // the data value; Value.Value is the stored text
	Bound *Bound
}

// Values returns the marked values of the data, org units, periods and days of s,
// by data element, org unit, period and option combos. Without any data it lists
// every element. The error is that of ctx.
func (f FollowUpList) Values(ctx context.Context, c *aggregate.Cube, s Scope) ([]FollowUp, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	catalog := c.Catalog()
	f.doubt(c, s)
	if len(s.Data) == 0 {
		for _, set := range f.DataSets {
			for _, id := range numericElements(catalog, set) {
				s.Data = append(slices.Clip(s.Data), indicator.Item{ID: id})
			}
		}
		if len(f.DataSets) > 0 && len(s.Data) == 0 {
			return nil, nil
		}
	}
	listed := f.combos(catalog, s.Data)
	bounds := boundsByPlace(catalog, f.Bounds)
	var list []FollowUp
	for series, err := range c.Series(ctx, s) {
		if err != nil {
			return nil, err
		}
		if listed != nil && !listed[series.Key.OptionCombo] {
			continue
		}
		for i := range series.Values {
			if series.Marks[i]&(aggregate.FollowUp|aggregate.Deleted) != aggregate.FollowUp {
				continue
			}
			one := FollowUp{Value: series.Data(i)}
			at := boundPlace{series.Key.DataElement, series.Key.OrgUnit, series.Key.OptionCombo}
			if b, ok := bounds[at]; ok {
				one.Bound = &b
			}
			list = append(list, one)
		}
	}
	slices.SortFunc(list, whileOpen(ctx, func(a, b FollowUp) int { return compareKeys(a.Value.Key, b.Value.Key) }))
	if most := cmp.Or(f.Max, 50); most > 0 && len(list) > most {
		list = list[:most]
	}
	return list, ctx.Err()
}

// doubt warns about the unknown objects of the list and of a scope.
func (f FollowUpList) doubt(c *aggregate.Cube, s Scope) {
	d := detection{warn: f.Warn}
	if len(s.Data) == 0 {
		for _, id := range f.DataSets {
			if _, ok := hmis.Find[hmis.DataSet](c.Catalog(), id); !ok {
				d.report(hmis.KindDataSet, id, "", "data set")
			}
		}
	}
	for _, item := range s.Data {
		if _, ok := hmis.Find[hmis.DataElement](c.Catalog(), item.ID); !ok {
			d.report(hmis.KindDataElement, item.ID, "E7125", "data element")
		}
	}
	for _, id := range s.OrgUnits {
		if c.Tree().Level(id) == 0 {
			d.report(hmis.KindOrgUnit, id, "E7143", "org unit")
		}
	}
}

// combos returns the option combos to list. Nil means all.
func (f FollowUpList) combos(c *hmis.Catalog, data []indicator.Item) map[hmis.UID]bool {
	if len(data) == 0 && len(f.OptionCombos) == 0 {
		return nil
	}
	listed := map[hmis.UID]bool{}
	for _, id := range f.OptionCombos {
		listed[id] = true
	}
	if len(f.OptionCombos) > 0 {
		return listed
	}
	for _, item := range data {
		for _, id := range c.OptionCombos(c.CategoryCombo(item.ID, "")) {
			listed[id] = true
		}
	}
	return listed
}

// FollowUps parses the parameters of a request for values to follow up: de, ds,
// ou, coc, startDate and endDate or pe, and maxResults. The error is an
// *[hmis.Issue] with DHIS2's code, or without a code for a parameter that
// cannot be parsed.
func (r Reader) FollowUps(params url.Values) (FollowUpList, Scope, error) {
	q := request{params: params}
	var f FollowUpList
	var s Scope
	for _, id := range q.list("de") {
		s.Data = append(s.Data, indicator.Item{ID: hmis.UID(id)})
	}
	f.DataSets, s.OrgUnits, f.OptionCombos = uids(q.list("ds")), uids(q.list("ou")), uids(q.list("coc"))
	s.From, s.To = q.date("startDate"), q.date("endDate")
	if text := params.Get("pe"); text != "" {
		p, err := period.Parse(text)
		if err != nil {
			q.fail("pe", text, "a period")
		}
		s.From, s.To = p.First(), p.Last()
	}
	var numbers Method
	q.numbers(&numbers)
	f.Max = numbers.Max
	dated := params.Get("startDate") != "" && params.Get("endDate") != "" || params.Get("pe") != ""
	const most = 10_000
	switch {
	case q.bad != nil:
		return f, s, q.bad
	case len(s.Data) == 0 && len(f.DataSets) == 0:
		return f, s, refuse("E2300", "de", "neither a data element nor a data set")
	case len(s.OrgUnits) == 0:
		return f, s, refuse("E2203", "ou", "no org unit")
	case !dated:
		return f, s, refuse("E2301", "startDate", "neither a start date and end date nor a period")
	case s.From >= s.To && params.Get("pe") == "":
		return f, s, refuse("E2202", "startDate", "start date %s is not before the end date %s", s.From, s.To)
	case q.hasMax && f.Max <= 0:
		return f, s, refuse("E2205", "maxResults", "%d results: want a positive number", f.Max)
	case f.Max > most:
		return f, s, refuse("E2206", "maxResults", "%d results: want %d at most", f.Max, most)
	}
	return f, s, nil
}

func uids(list []string) []hmis.UID {
	var ids []hmis.UID
	for _, id := range list {
		ids = append(ids, hmis.UID(id))
	}
	return ids
}
