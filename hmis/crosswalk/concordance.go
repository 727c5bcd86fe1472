package crosswalk

import (
	"cmp"
	"errors"
	"maps"
	"slices"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/shopspring/decimal"
)

// A Site holds what two systems, a and b, report for one site. nil means not
// reported, which differs from zero.
type Site struct {
	ID    hmis.UID
	Group string // such as its district; "" if it has none
	A, B  *decimal.Decimal
}

// A Comparison sets how two systems are compared site by site. The zero
// Comparison weighs a site by what both systems report (RULES.md#concordance).
type Comparison struct {
	WeightB   bool    // weigh a site by what b reports, as the earlier method did
	Top       int     // number of the most discordant sites to list; 0 means 5
	Tolerance float64 // relative difference that still counts as equal; 0 means exact
}

// NegativeValue is the code of the error for a figure below zero.
const NegativeValue = "NEGATIVE_VALUE"

// Compare compares the figures of two systems. Sites are in order of their ids;
// group, if not nil, returns the group of a site.
func Compare(a, b map[hmis.UID]decimal.Decimal, group func(hmis.UID) string) (Concordance, error) {
	ids := slices.AppendSeq(slices.Collect(maps.Keys(a)), maps.Keys(b))
	slices.Sort(ids)
	var sites []Site
	for _, id := range slices.Compact(ids) {
		s := Site{ID: id}
		if group != nil {
			s.Group = group(id)
		}
		if n, ok := a[id]; ok {
			s.A = &n
		}
		if n, ok := b[id]; ok {
			s.B = &n
		}
		sites = append(sites, s)
	}
	return Comparison{}.Of(sites)
}

// A Concordance says how far two systems agree. A figure that cannot be
// calculated is nil. Sites that only one system knows do not affect it, so show
// their number too.
type Concordance struct {
	Agreement
	Sites  []SiteConcordance  // in the order given
	Groups []GroupConcordance // by name

	Both, OnlyA, OnlyB, Neither int             // number of sites by the systems that report them
	TotalA, TotalB              decimal.Decimal // totals of all sites
	TotalBothA, TotalBothB      decimal.Decimal // totals of the sites that both report

	// SharedOfB is the percentage of the sites of b that also report to a, and
	// SharedOfA the reverse.
	SharedOfB, SharedOfA *float64

	Difference           *decimal.Decimal // sum of |a - b| over the sites that both report
	MeanDifference       *float64
	Total                Deviation  // deviation of the totals of sites that both report
	MostDiscordant       []hmis.UID // sites with the largest loss, in that order
	DuplicateSites       []hmis.UID // ids that repeat
	ConcordantWithinBoth int        // sites that both report and that agree within the tolerance
}

// An Agreement is a weighted concordance, from 0 to 1, and discordance, from 0
// to 2.
type Agreement struct{ Concordance, Discordance *float64 }

// A GroupConcordance is the agreement within a group of sites. Weights are
// relative to that group.
type GroupConcordance struct {
	Agreement
	Group string
	Both  int // number of sites that both systems report
}

// A SiteConcordance is the agreement at one site. Agreement, Weight, Weighted and
// Loss are nil unless both systems report the site.
type SiteConcordance struct {
	Site
	Agreement
	Weight, Weighted, Loss *float64         // Loss is how much the site lowers the total concordance
	Difference             *decimal.Decimal // |a - b|
	Deviation
}

// A Deviation is the difference of b from a.
type Deviation struct {
	Signed   *decimal.Decimal // b - a
	Relative *float64         // (b - a) / a; nil if a is 0
	Within   bool             // the difference is within the tolerance
}

// ReportedBy returns which systems report a site: "both", "a", "b" or
// "neither".
func (s Site) ReportedBy() string {
	switch {
	case s.A != nil && s.B != nil:
		return "both"
	case s.A != nil:
		return "a"
	case s.B != nil:
		return "b"
	}
	return "neither"
}

// Of compares sites. A negative figure is an error with the code
// NEGATIVE_VALUE, since counts cannot be negative. A site that repeats counts
// each time and is listed.
func (c Comparison) Of(sites []Site) (Concordance, error) {
	out := Concordance{Sites: make([]SiteConcordance, len(sites))}
	groups := map[string]*weights{}
	var all weights
	seen := make(map[hmis.UID]bool, len(sites))
	for _, s := range sites {
		for _, n := range []*decimal.Decimal{s.A, s.B} {
			if n != nil && n.Sign() < 0 {
				return Concordance{}, &hmis.Issue{
					Code: NegativeValue, Severity: hmis.Severe, Object: refToUnit(s.ID), Offset: -1,
					Err: errors.New(n.String() + " cannot be compared: want a count"),
				}
			}
		}
		if seen[s.ID] {
			out.DuplicateSites = append(out.DuplicateSites, s.ID)
		}
		seen[s.ID] = true
		out.count(s)
		if s.Group != "" && groups[s.Group] == nil {
			groups[s.Group] = &weights{}
		}
		if s.A != nil && s.B != nil {
			all.add(s, c.WeightB)
			if s.Group != "" {
				groups[s.Group].add(s, c.WeightB)
			}
		}
	}
	out.Agreement = all.agreement()
	for i, s := range sites {
		out.Sites[i] = c.site(s, &all)
		if s.A != nil && s.B != nil && out.Sites[i].Within {
			out.ConcordantWithinBoth++
		}
	}
	for _, name := range slices.Sorted(maps.Keys(groups)) {
		g := groups[name]
		out.Groups = append(out.Groups, GroupConcordance{g.agreement(), name, g.sites})
	}
	out.SharedOfB, out.SharedOfA = percent(out.Both, out.Both+out.OnlyB), percent(out.Both, out.Both+out.OnlyA)
	if out.Both > 0 {
		out.Difference = &all.difference
		mean, _ := all.difference.Float64()
		mean /= float64(out.Both)
		out.MeanDifference = &mean
		out.Total = c.deviation(out.TotalBothA, out.TotalBothB)
	}
	out.MostDiscordant = out.discordant(cmp.Or(c.Top, 5))
	return out, nil
}

// count adds a site to the counts and totals.
func (c *Concordance) count(s Site) {
	if s.A != nil {
		c.TotalA = c.TotalA.Add(*s.A)
	}
	if s.B != nil {
		c.TotalB = c.TotalB.Add(*s.B)
	}
	switch s.ReportedBy() {
	case "both":
		c.Both++
		c.TotalBothA, c.TotalBothB = c.TotalBothA.Add(*s.A), c.TotalBothB.Add(*s.B)
	case "a":
		c.OnlyA++
	case "b":
		c.OnlyB++
	default:
		c.Neither++
	}
}

// weights accumulates the weighted agreement of some sites.
type weights struct {
	sites                   int
	weight, difference      decimal.Decimal
	concordance, discordant float64 // weighted sums, not yet divided by weight
}

// weightOf returns the weight of a site before division by the weight of all
// sites.
func weightOf(s Site, byB bool) decimal.Decimal {
	if byB {
		return *s.B
	}
	return s.A.Add(*s.B)
}

func (w *weights) add(s Site, byB bool) {
	w.sites++
	weight := weightOf(s, byB)
	w.weight = w.weight.Add(weight)
	w.difference = w.difference.Add(s.A.Sub(*s.B).Abs())
	c, _ := agreementOf(s)
	w.concordance += weight.InexactFloat64() * c
	w.discordant += weight.InexactFloat64() * 2 * (1 - c)
}

// agreement returns the weighted mean. It is empty if the total weight is 0.
func (w *weights) agreement() Agreement {
	if w.weight.Sign() <= 0 {
		return Agreement{}
	}
	sum := w.weight.InexactFloat64()
	c, d := w.concordance/sum, w.discordant/sum
	return Agreement{&c, &d}
}

// agreementOf returns the concordance and discordance of a site that both systems
// report.
func agreementOf(s Site) (concordance, discordance float64) {
	sum := s.A.Add(*s.B)
	if sum.IsZero() {
		return 1, 0
	}
	difference := s.A.Sub(*s.B).Abs()
	concordance = sum.Sub(difference).InexactFloat64() / sum.InexactFloat64()
	return concordance, 2 * difference.InexactFloat64() / sum.InexactFloat64()
}

func (c Comparison) site(s Site, all *weights) SiteConcordance {
	out := SiteConcordance{Site: s}
	if s.A == nil || s.B == nil {
		return out
	}
	concordance, discordance := agreementOf(s)
	out.Agreement = Agreement{&concordance, &discordance}
	difference := s.A.Sub(*s.B).Abs()
	out.Difference = &difference
	out.Deviation = c.deviation(*s.A, *s.B)
	if all.weight.Sign() > 0 {
		weight := weightOf(s, c.WeightB).InexactFloat64() / all.weight.InexactFloat64()
		weighted := weight * concordance
		loss := weight - weighted
		out.Weight, out.Weighted, out.Loss = &weight, &weighted, &loss
	}
	return out
}

func (c Comparison) deviation(a, b decimal.Decimal) Deviation {
	signed := b.Sub(a)
	out := Deviation{Signed: &signed, Within: signed.IsZero()}
	if !a.IsZero() {
		relative := signed.InexactFloat64() / a.InexactFloat64()
		out.Relative = &relative
		const near = 1e-9 // a value exactly on the bound counts as within
		out.Within = max(relative, -relative) <= c.Tolerance*(1+near)
	}
	return out
}

// discordant returns up to top sites that lower the concordance, largest loss
// first.
func (c *Concordance) discordant(top int) []hmis.UID {
	var list []SiteConcordance
	for _, s := range c.Sites {
		if s.Loss != nil && !s.A.Equal(*s.B) {
			list = append(list, s)
		}
	}
	slices.SortStableFunc(list, func(a, b SiteConcordance) int {
		return cmp.Or(cmp.Compare(*b.Loss, *a.Loss), cmp.Compare(a.ID, b.ID))
	})
	var ids []hmis.UID
	for _, s := range list[:min(max(top, 0), len(list))] {
		ids = append(ids, s.ID)
	}
	return ids
}

func percent(part, whole int) *float64 {
	if whole == 0 {
		return nil
	}
	p := 100 * float64(part) / float64(whole)
	return &p
}
