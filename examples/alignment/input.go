package main

import (
	"context"
	_ "embed"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"slices"
	"strings"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/hmis/crosswalk"
	"github.com/ohie-hmis/hmis-go/period"
	"github.com/shopspring/decimal"
)

// The files of the made-up funder.
var (
	//go:embed map.csv
	ownMap string
	//go:embed sites.csv
	ownSites string
)

// open opens a file, or the text in its place if it has no name.
func open(name, own string) (io.ReadCloser, error) {
	if name == "" {
		return io.NopCloser(strings.NewReader(own)), nil
	}
	return os.Open(name)
}

func readMap(name string) (m crosswalk.Map, err error) {
	in, err := open(name, ownMap)
	if err != nil {
		return m, err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	return crosswalk.CSV{}.Read(in)
}

// A site is a line of the funder's list. Two lines with one id are two facilities
// of the ministry that the funder takes for one site.
type site struct {
	id, code, name, district string
	closed                   period.Date
	treated                  *decimal.Decimal // malaria cases treated, as the funder's partners counted them
}

func readSites(name string) (sites []site, err error) {
	in, err := open(name, ownSites)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	rows := csv.NewReader(in)
	heading, err := rows.Read()
	if err != nil {
		return nil, fmt.Errorf("sites: %w", err)
	}
	if want := []string{"site", "code", "name", "district", "closed", "treated"}; !slices.Equal(heading, want) {
		return nil, fmt.Errorf("sites: columns %q: want %q", heading, want)
	}
	for {
		row, err := rows.Read()
		if err == io.EOF {
			return sites, nil
		}
		if err != nil {
			return nil, fmt.Errorf("sites: %w", err)
		}
		s := site{id: row[0], code: row[1], name: row[2], district: row[3]}
		line, _ := rows.FieldPos(0)
		if row[4] != "" {
			if s.closed, err = period.ParseDate(row[4]); err != nil {
				return nil, fmt.Errorf("sites: line %d: %w", line, err)
			}
		}
		if row[5] != "" {
			n, err := decimal.NewFromString(row[5])
			if err != nil {
				return nil, fmt.Errorf("sites: line %d: treated %q: want a number", line, row[5])
			}
			s.treated = &n
		}
		sites = append(sites, s)
	}
}

// pairByCode pairs the facilities of the ministry with sites that have the same
// code.
func pairByCode(units []hmis.OrgUnit, sites []site) []crosswalk.Pair {
	byCode := map[string][]string{}
	for _, s := range sites {
		byCode[s.code] = append(byCode[s.code], s.id)
	}
	var pairs []crosswalk.Pair
	for _, u := range units {
		if u.Code == "" {
			continue
		}
		for _, id := range byCode[u.Code] {
			pairs = append(pairs, crosswalk.Pair{Source: u.ID, Target: hmis.UID(id)})
		}
	}
	return pairs
}

// until returns values until ctx ends, and then its error.
func until(ctx context.Context, values iter.Seq2[hmis.DataValue, error]) iter.Seq2[hmis.DataValue, error] {
	return func(yield func(hmis.DataValue, error) bool) {
		for v, err := range values {
			if ctx.Err() != nil {
				yield(hmis.DataValue{}, context.Cause(ctx))
				return
			}
			if !yield(v, err) {
				return
			}
		}
	}
}
