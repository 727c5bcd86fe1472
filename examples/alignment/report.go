package main

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/hmis/crosswalk"
	"github.com/ohie-hmis/hmis-go/orgunit"
	"github.com/ohie-hmis/hmis-go/period"
	"github.com/shopspring/decimal"
)

// lastYear is the funder's last whole year: October 2024 to September 2025.
var lastYear = period.MustParse("2024Oct")

// wanted lists the indicators that the funder asks for.
var wanted = []hmis.Operand{
	{DataElement: "MAL_TEST", OptionCombo: "<5"}, {DataElement: "MAL_TEST", OptionCombo: "5+"},
	{DataElement: "MAL_CONF", OptionCombo: "<5"}, {DataElement: "MAL_CONF", OptionCombo: "5+"},
	{DataElement: "MAL_TREAT", OptionCombo: "<5"}, {DataElement: "MAL_TREAT", OptionCombo: "5+"}, {DataElement: "MAL_TREAT"},
	{DataElement: "IPTP3"},
	{DataElement: "OPD", OptionCombo: "<5"}, {DataElement: "OPD", OptionCombo: "5-14"}, {DataElement: "OPD", OptionCombo: "15+"},
	{DataElement: "ACT_AVAIL"}, {DataElement: "ITN_DIST"},
}

// A report writes what became of the values.
type report struct {
	w       io.Writer
	catalog *hmis.Catalog
	sites   []site
	units   []hmis.OrgUnit

	totals  map[total]decimal.Decimal
	treated map[hmis.UID]decimal.Decimal // by site, in lastYear
}

// A total is a figure of the funder for all sites.
type total struct {
	target hmis.Operand
	year   period.Period
}

func name(o hmis.Operand) string {
	return strings.TrimSpace(string(o.DataElement) + " " + string(o.OptionCombo))
}

// add adds one translated value to the totals.
func (r *report) add(v hmis.DataValue) {
	if r.totals == nil {
		r.totals, r.treated = map[total]decimal.Decimal{}, map[hmis.UID]decimal.Decimal{}
	}
	n := decimal.RequireFromString(v.Value)
	at := total{hmis.Operand{DataElement: v.DataElement, OptionCombo: v.OptionCombo}, v.Period}
	r.totals[at] = r.totals[at].Add(n)
	if v.DataElement == "MAL_TREAT" && v.Period == lastYear {
		r.treated[v.OrgUnit] = r.treated[v.OrgUnit].Add(n)
	}
}

// table writes rows of cells with tabs between them below a heading.
func (r *report) table(title string, rows ...string) {
	fmt.Fprintf(r.w, "\n%s\n", title)
	w := tabwriter.NewWriter(r.w, 0, 0, 2, ' ', tabwriter.AlignRight|tabwriter.DiscardEmptyColumns)
	for _, row := range rows {
		fmt.Fprintln(w, "  "+row+"\t")
	}
	w.Flush()
}

func (r *report) doubts(title string, issues hmis.Issues) {
	fmt.Fprintln(r.w, title)
	for _, i := range issues {
		fmt.Fprintf(r.w, "  %s: %s\n", i.Severity, strings.TrimPrefix(i.Error(), "hmis: "))
	}
	if len(issues) == 0 {
		fmt.Fprintln(r.w, "  nothing")
	}
}

// facilities writes how the facilities of the coast and the funder's sites are
// matched at the end of the year.
func (r *report) facilities(m crosswalk.Map) {
	tree, err := orgunit.NewTree(r.units)
	if err != nil {
		fmt.Fprintln(r.w, err)
		return
	}
	var ours, theirs []hmis.OrgUnit
	for _, u := range r.units {
		if tree.Level(u.ID) == 5 && tree.Contains("ouRegion001", u.ID) {
			ours = append(ours, u)
		}
	}
	for _, s := range r.sites {
		theirs = append(theirs, hmis.OrgUnit{ID: hmis.UID(s.id), Code: s.code, Name: s.name, Closed: s.closed})
	}
	lists := map[crosswalk.MatchState][]string{}
	for _, f := range m.Facilities(ours, theirs, lastYear.Last()) {
		lists[f.State] = append(lists[f.State], cmp.Or(f.Source.Name, f.Target.Name))
	}
	var rows []string
	for _, state := range slices.Sorted(maps.Keys(lists)) {
		list := lists[state]
		some := list[:min(3, len(list))]
		if state == crosswalk.Matched {
			some = nil
		}
		rows = append(rows, fmt.Sprintf("%s\t%d  %s", state, len(list), strings.Join(some, ", ")))
	}
	r.list("Facilities of the coast and sites of the funder", rows)
}

// list writes rows of two cells, of which the second can have any length.
func (r *report) list(title string, rows []string) {
	fmt.Fprintf(r.w, "\n%s\n", title)
	width := 0
	for _, row := range rows {
		first, _, _ := strings.Cut(row, "\t")
		width = max(width, len(first))
	}
	for _, row := range rows {
		first, rest, _ := strings.Cut(row, "\t")
		fmt.Fprintln(r.w, strings.TrimRight(fmt.Sprintf("  %-*s  %s", width, first, rest), " "))
	}
}

// carried writes the totals by year and the share of the country's figures that
// they contain.
func (r *report) carried(rest *crosswalk.Rest) {
	var years []period.Period
	for at := range r.totals {
		if !slices.Contains(years, at.year) {
			years = append(years, at.year)
		}
	}
	slices.SortFunc(years, period.Period.Compare)
	heading := "indicator"
	for _, y := range years {
		heading += "\t" + y.String()
	}
	rows := []string{heading}
	for _, target := range wanted {
		row, any := name(target), false
		for _, y := range years {
			n, ok := r.totals[total{target, y}]
			row += "\t" + map[bool]string{true: n.String(), false: "–"}[ok]
			any = any || ok
		}
		if any {
			rows = append(rows, row)
		}
	}
	r.table("What was carried over, all sites together", rows...)
	fmt.Fprintf(r.w, "  %d of %d values were mapped (%.1f%%), %.1f%% of their volume; %d were excluded on purpose.\n",
		rest.Mapped, rest.Read, 100*float64(rest.Mapped)/float64(rest.Read), 100*rest.MappedVolume.InexactFloat64()/rest.Volume.InexactFloat64(), rest.Excluded)
	fmt.Fprintf(r.w, "  %d figures of sites are partial: months of their year are missing.\n", len(rest.Partial))
}

func (r *report) coverage(m crosswalk.Map) {
	var rows []string
	for _, c := range m.Coverage(wanted) {
		var sources []string
		for _, e := range c.Entries {
			relation, _ := e.Relation.R5()
			sources = append(sources, fmt.Sprintf("%s (%s)", r.sources(e), relation))
		}
		rows = append(rows, fmt.Sprintf("%s\t%-6s  %s", name(c.Target), c.Level, strings.Join(sources, "; ")))
	}
	r.list("How fine the funder's indicators are mapped", rows)
	unused := map[hmis.UID]bool{}
	for _, o := range m.Unused(crosswalk.Operands(r.catalog)) {
		unused[o.DataElement] = true
	}
	fmt.Fprintf(r.w, "  Not asked for: %s\n", strings.Join(r.elements(slices.Sorted(maps.Keys(unused))), "; "))
}

// sources writes the sources of an entry with the names of the catalog.
func (r *report) sources(e crosswalk.Entry) string {
	var texts []string
	for _, s := range e.From {
		text := r.catalog.Name(hmis.Ref{Kind: hmis.KindDataElement, ID: s.DataElement})
		if s.OptionCombo != "" {
			text += ": " + r.catalog.Name(hmis.Ref{Kind: hmis.KindOptionCombo, ID: s.OptionCombo})
		}
		if s.Weight != nil {
			text += " × " + s.Weight.String()
		}
		texts = append(texts, text)
	}
	return strings.Join(texts, " + ")
}

func (r *report) elements(ids []hmis.UID) (names []string) {
	for _, id := range ids {
		names = append(names, r.catalog.Name(hmis.Ref{Kind: hmis.KindDataElement, ID: id}))
	}
	return names
}

// lost writes what was not carried over and why, the reasons in order.
func (r *report) lost(rest *crosswalk.Rest) {
	type group struct {
		reason crosswalk.Reason
		what   string
	}
	counts := map[group]int{}
	units := map[group]int{}
	for _, l := range rest.Losses {
		g := group{reason: l.Reason}
		switch l.Reason {
		case crosswalk.UnmappedData, crosswalk.Excluded, crosswalk.NonNumeric:
			g.what = r.catalog.Name(hmis.Ref{Kind: hmis.KindDataElement, ID: l.Operand.DataElement})
		case crosswalk.UnmappedOrgUnit:
			g.what = "facilities that the funder does not support"
			units[g]++
		case crosswalk.OtherPeriodType:
			g.what = l.Type.String()
		case crosswalk.PartialPeriods, crosswalk.MissingPeriods:
			g.what = l.Period.String()
		default:
			g.what = l.Entry
		}
		counts[g] += max(l.Count, 1)
	}
	order := slices.SortedFunc(maps.Keys(counts), func(a, b group) int {
		return cmp.Or(cmp.Compare(a.reason, b.reason), cmp.Compare(a.what, b.what))
	})
	rows := []string{"reason\tcount  what"}
	for _, g := range order {
		what := g.what
		if n := units[g]; n > 0 {
			what = fmt.Sprintf("%d %s", n, what)
		}
		rows = append(rows, fmt.Sprintf("%s\t%5d  %s", g.reason, counts[g], what))
	}
	r.list("What was not carried over, or in part, and why", rows)
}

// agreement compares malaria treatments with what the funder's partners counted.
func (r *report) agreement() error {
	var sites []crosswalk.Site
	at := map[hmis.UID]int{}
	for _, s := range r.sites {
		id := hmis.UID(s.id)
		i, met := at[id]
		if !met {
			i = len(sites)
			at[id] = i
			one := crosswalk.Site{ID: id, Group: s.district}
			if n, ok := r.treated[id]; ok {
				one.A = &n
			}
			sites = append(sites, one)
		}
		if s.treated != nil {
			sum := *s.treated
			if sites[i].B != nil {
				sum = sum.Add(*sites[i].B)
			}
			sites[i].B = &sum
		}
	}
	c, err := crosswalk.Comparison{}.Of(sites)
	if err != nil {
		return err
	}
	rows := []string{"district\tsites\tconcordance"}
	for _, g := range c.Groups {
		rows = append(rows, fmt.Sprintf("%s\t%d\t%s", g.Group, g.Both, percent(g.Concordance)))
	}
	rows = append(rows, fmt.Sprintf("all\t%d\t%s", c.Both, percent(c.Concordance)))
	r.table("MAL_TREAT of "+lastYear.String()+": the ministry's figures and those of the funder's partners", rows...)
	fmt.Fprintf(r.w, "  %s at %d sites that both report (ministry %s, partners %s); %d only the ministry, %d only the partners.\n",
		percent(c.Concordance), c.Both, c.TotalBothA, c.TotalBothB, c.OnlyA, c.OnlyB)
	fmt.Fprintln(r.w, "  Most discordant:")
	for _, id := range c.MostDiscordant {
		s := c.Sites[at[id]]
		fmt.Fprintf(r.w, "    %s  ministry %s, partners %s\n", id, s.A, s.B)
	}
	return nil
}

func percent(f *float64) string {
	if f == nil {
		return "–"
	}
	return fmt.Sprintf("%.1f%%", 100**f)
}
