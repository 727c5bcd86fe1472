package quality

import (
	"cmp"
	"context"
	"math"
	"slices"
	"strings"

	"github.com/ohie-hmis/hmis-go/aggregate"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/shopspring/decimal"
)

// A Recount has the number that a survey team counted in the registers of a
// site, and the number that the site had reported. A nil number is missing.
type Recount struct {
	Site, Group         string
	Recounted, Reported *float64
	Weight              float64 // weight of the survey; 0 means 1
}

// Verification is metric 2f. It compares reports with recounts at a sample of
// sites.
type Verification struct {
	Name      string // the name of the thing that was recounted
	Sites     []Recount
	Low, High float64 // factors in this range are accepted; 0 means 0.90 for Low and 1.10 for High
}

// A Factor is the recounted number divided by the reported number, of a site or
// group. It is nil if it cannot be calculated. Result is "over" if more was
// reported than found, "under", "ok", or "" without a factor.
type Factor struct {
	Name   string
	Factor *float64
	Result string
}

func (v Verification) limits() (low, high float64, err error) {
	low, high = cmp.Or(v.Low, 0.9), cmp.Or(v.High, 1.1)
	if !(low >= 0) || !(high >= low) || math.IsInf(high, 0) {
		return 0, 0, refuse("E2204", "Low", "limits %v and %v: want 0 or more, the lower one first", low, high)
	}
	return low, high, nil
}

// Factors returns the factor of each site, in their order, and of each group,
// by name, with "*" for all sites. The factor of a group is that of the
// weighted sums over sites with both numbers. The error names the first site
// with a number that cannot be used, or the limits.
func (v Verification) Factors() (sites, groups []Factor, err error) {
	low, high, err := v.limits()
	if err != nil {
		return nil, nil, err
	}
	sites, groups, bad := v.factors(low, high)
	if len(bad) > 0 {
		return nil, nil, bad[0]
	}
	return sites, groups, nil
}

// check returns an issue if a number of the site cannot be used.
func (s *Recount) check() *hmis.Issue {
	for _, x := range []*float64{s.Recounted, s.Reported} {
		if x != nil && (!(*x >= 0) || math.IsInf(*x, 0)) {
			return refuse("", "Sites", "site %s: %v: want a number that is not negative", s.Site, *x)
		}
	}
	if s.Weight < 0 || known(s.Weight) == nil {
		return refuse("", "Weight", "site %s: weight %v: want a positive number", s.Site, s.Weight)
	}
	return nil
}

// factors implements Factors. It also returns an issue for each site that it
// leaves out.
func (v Verification) factors(low, high float64) (sites, groups []Factor, bad hmis.Issues) {
	judge := func(name string, recounted, reported float64) Factor {
		f := Factor{Name: name}
		switch {
		case recounted == 0 && reported == 0:
			f.Factor = known(1)
		case reported != 0:
			f.Factor = known(recounted / reported)
		}
		switch {
		case f.Factor == nil:
		case below(*f.Factor, low):
			f.Result = "over"
		case above(*f.Factor, high):
			f.Result = "under"
		default:
			f.Result = "ok"
		}
		return f
	}
	type sums struct{ recounted, reported float64 }
	byGroup := map[string]*sums{"*": {}}
	var names []string
	for _, s := range v.Sites {
		issue := s.check()
		if issue != nil {
			bad = append(bad, issue)
		}
		if issue != nil || s.Recounted == nil || s.Reported == nil {
			sites = append(sites, Factor{Name: s.Site})
			continue
		}
		sites = append(sites, judge(s.Site, *s.Recounted, *s.Reported))
		weight := cmp.Or(s.Weight, 1)
		for _, name := range []string{"*", s.Group} {
			if byGroup[name] == nil {
				byGroup[name] = &sums{}
				names = append(names, name)
			}
			byGroup[name].recounted += weight * *s.Recounted
			byGroup[name].reported += weight * *s.Reported
		}
	}
	slices.SortFunc(names, strings.Compare)
	for _, name := range append([]string{"*"}, names...) {
		if sum := byGroup[name]; name != "" {
			groups = append(groups, judge(name, sum.recounted, sum.reported))
		}
	}
	return sites, groups, bad
}

// Measure implements [Metric] with the factor of all sites together. Its
// figures are those of the groups, with their names in place of org units.
// Divergent is the share of sites outside the limits among those with a factor.
// Sites with numbers that cannot be used are left out and named in its Issues.
func (v Verification) Measure(ctx context.Context, _ *aggregate.Cube, r Review) (Measure, error) {
	m := Measure{Metric: "2f", Item: v.Name, Units: []Figure{}}
	if err := ctx.Err(); err != nil {
		return m, err
	}
	low, high, err := v.limits()
	if err != nil {
		return m, err
	}
	sites, groups, bad := v.factors(low, high)
	m.Issues = bad
	m.Low, m.High = low, high
	one := decimal.NewFromInt(1)
	above, below := decimal.NewFromFloat(high).Sub(one), one.Sub(decimal.NewFromFloat(low))
	if above.Equal(below) {
		m.Threshold = above.Shift(2).InexactFloat64()
	}
	m.Overall.OrgUnit = r.Overall
	m.Overall.Parts = parts("sites", len(sites), "low", low, "high", high)
	for i, g := range groups {
		f := Figure{OrgUnit: hmis.UID(g.Name), Score: g.Factor, Divergent: g.Factor != nil && g.Result != "ok"}
		if i == 0 {
			m.Overall.Score, m.Overall.Divergent = f.Score, f.Divergent
			continue
		}
		m.Units = append(m.Units, f)
	}
	with, outside := 0, 0
	for _, s := range sites {
		if s.Result != "" {
			with++
		}
		if s.Result != "" && s.Result != "ok" {
			outside++
		}
	}
	m.Overall.Parts["withFactor"], m.Overall.Parts["outside"] = float64(with), float64(outside)
	m.Divergent = percent(float64(outside), float64(with))
	return m, ctx.Err()
}
