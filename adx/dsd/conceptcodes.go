package dsd

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/ohie-hmis/hmis-go/adx"
	"github.com/ohie-hmis/hmis-go/adx/internal/token"
	"github.com/ohie-hmis/hmis-go/internal/quote"
)

// conceptNames checks that concepts can be names of attributes (ADX-114).
func (r *resolver) conceptNames() {
	var names []string
	for _, s := range r.doc.schemes {
		if s.id == mandatoryScheme {
			continue
		}
		for i := range s.concepts {
			c := &s.concepts[i]
			path := token.Name(s.id) + "/" + token.Name(c.id)
			switch {
			case !isNCName(c.id):
				r.fail(c.at, adx.Finding{
					Rule: "ADX-114", Path: path,
					Err: fmt.Errorf("concept %s: want a name that an attribute can have", quote.Text(c.id)),
				})
			case isReserved(c.id):
				r.fail(c.at, adx.Finding{
					Rule: "ADX-114", Path: path,
					Err: fmt.Errorf("concept %s: the profile has an attribute of this name", quote.Text(c.id)),
				})
			case slices.Contains(names, c.id):
				r.fail(c.at, adx.Finding{
					Rule: "ADX-114", Path: path,
					Err: fmt.Errorf("concept %s is there twice", quote.Text(c.id)),
				})
			case isExtension(c.id):
				r.warn(c.at, adx.Finding{
					Rule: "ADX-114", Path: path,
					Err: fmt.Errorf("concept %s takes the name of a usual extension", quote.Text(c.id)),
				})
			case !isSDMX(c.id, true):
				r.warn(c.at, adx.Finding{
					Rule: "ADX-114", Path: path,
					Err: fmt.Errorf("concept %s: want an SDMX identifier", quote.Text(c.id)),
				})
			case slices.ContainsFunc(names, func(n string) bool { return strings.EqualFold(n, c.id) }):
				r.warn(c.at, adx.Finding{
					Rule: "ADX-114", Path: path,
					Err: fmt.Errorf("concept %s differs from another one only in letter case", quote.Text(c.id)),
				})
			}
			names = append(names, c.id)
		}
	}
}

// codes checks the ids of all codes (ADX-115). In lists of age bands it also
// checks the bands (ADX-060).
func (r *resolver) codes() {
	for _, l := range r.doc.lists {
		seen := make(map[string]bool, len(l.codes))
		alike := make(map[string]string, len(l.codes))
		bands := l.hasBands()
		path := token.Name(l.id)
		odd, oddAt := 0, 0
		for i := range l.codes {
			c := &l.codes[i]
			switch look := looks(c.id); {
			case c.id == "":
				r.fail(c.at, adx.Finding{
					Rule: "ADX-115", Path: path,
					Err: errors.New("a code without id"),
				})
				continue
			case seen[c.id]:
				r.fail(c.at, adx.Finding{
					Rule: "ADX-115", Path: path,
					Err: fmt.Errorf("code %s is there twice", quote.Text(c.id)),
				})
				continue
			case c.padded:
				r.warn(c.at, adx.Finding{
					Rule: "ADX-115", Path: path,
					Err: fmt.Errorf("code %s has white space that does not count", quote.Text(c.id)),
				})
			case hidden(c.id) != 0:
				r.warn(c.at, adx.Finding{
					Rule: "ADX-115", Path: path,
					Err: fmt.Errorf("code %+.60q has the invisible character %U", c.id, hidden(c.id)),
				})
			case alike[look] != "" && strings.EqualFold(c.id, alike[look]):
				r.warn(c.at, adx.Finding{
					Rule: "ADX-115", Path: path,
					Err: fmt.Errorf("code %s differs from %s only in letter case", quote.Text(c.id), quote.Text(alike[look])),
				})
			case alike[look] != "":
				r.warn(c.at, adx.Finding{
					Rule: "ADX-115", Path: path,
					Err: fmt.Errorf("code %+.60q looks like %+.60q", c.id, alike[look]),
				})
			default:
				alike[look] = c.id
			}
			seen[c.id] = true
			if !isSDMX(c.id, false) {
				if odd++; odd == 1 {
					oddAt = i
				}
			}
			if bands && badBand(c.id) {
				_, err := parseAgeBand(c.id)
				r.warn(c.at, adx.Finding{Rule: "ADX-060", Path: path, Err: fmt.Errorf("%w", err)})
			}
		}
		if odd > 0 { // messages may contain any code, but published definitions may not
			c := &l.codes[oddAt]
			r.warn(c.at, adx.Finding{
				Rule: "ADX-115", Path: path,
				Err: fmt.Errorf("codes that are no identifiers of SDMX, whose schemas refuse them: %d, the first one %s", odd, quote.Text(c.id)),
			})
		}
	}
}
