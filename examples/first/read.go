package main

import (
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"github.com/ohie-hmis/hmis-go/aggregate/aggregatetest/country"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/hmis/dhis2"
	"github.com/ohie-hmis/hmis-go/period"
)

// open returns a function that opens files, and their names. Without names it
// is one file of the made-up country.
func open(names []string, builtIn string) (open func(string) (fs.File, error), all []string) {
	if len(names) == 0 {
		return country.Files().Open, []string{builtIn}
	}
	return func(name string) (fs.File, error) { return os.Open(name) }, names
}

// readMetadata reads metadata files and merges them.
func readMetadata(names []string, log io.Writer) (hmis.Metadata, error) {
	open, names := open(names, "metadata.json.gz")
	var parts []hmis.Metadata
	for _, name := range names {
		file, err := open(name)
		if err != nil {
			return hmis.Metadata{}, err
		}
		md, err := dhis2.ReadMetadata(file)
		file.Close()
		if err != nil {
			return hmis.Metadata{}, fmt.Errorf("%s: %w", name, err)
		}
		parts = append(parts, md)
	}
	md, conflicts := hmis.Merge(parts...)
	if len(conflicts) > 0 {
		fmt.Fprintf(log, "the metadata files disagree %d times, and the first one counts; for example: %v\n",
			len(conflicts), conflicts[0])
	}
	return md, nil
}

// A values reads the data values of files.
type values struct {
	files  []string
	reject func(hmis.DataValue, error) // if nil, the first bad value ends the stream
	log    *progress
	last   period.Date // the last day of the latest period so far
}

// batches yields the values in columns, the fastest form for the loader.
func (v *values) batches(yield func(*hmis.Batch, error) bool) {
	open, names := open(v.files, "values.csv.gz")
	for _, name := range names {
		file, err := open(name)
		if err != nil {
			yield(nil, err)
			return
		}
		plain := strings.TrimSuffix(name, ".gz") // dhis2.Format recognizes gzip itself
		format := dhis2.Format{
			CSV:    strings.HasSuffix(plain, ".csv"),
			XML:    strings.HasSuffix(plain, ".xml"),
			Reject: v.reject,
		}
		for batch, err := range format.ReadBatches(file, nil) {
			if err != nil {
				err = fmt.Errorf("%s: %w", name, err)
			} else {
				v.log.add(batch.Len())
				for _, p := range batch.Periods {
					v.last = max(v.last, p.Last())
				}
			}
			if !yield(batch, err) || err != nil {
				file.Close()
				return
			}
		}
		file.Close()
	}
}

// A rejects counts values that were left out.
type rejects struct {
	n     int
	first error
}

func (r *rejects) add(v hmis.DataValue, err error) {
	if r.n == 0 {
		r.first = fmt.Errorf("%s at %s for %v: %w", v.DataElement, v.OrgUnit, v.Period, err) // err quotes the fault
	}
	r.n++
}

func (r *rejects) report(log io.Writer) {
	if r.n > 0 {
		fmt.Fprintf(log, "values left out: %d; the first: %v\n", r.n, r.first)
	}
}
