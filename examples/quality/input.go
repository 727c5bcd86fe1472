package main

import (
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"strings"
	"time"

	"github.com/ohie-hmis/hmis-go/aggregate/quality"
	"github.com/ohie-hmis/hmis-go/aggregate/quality/report"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/hmis/dhis2"
)

// An input is the data under review: from files, or of the made-up country.
type input struct {
	title       string
	metadata    hmis.Metadata
	values      iter.Seq2[hmis.DataValue, error]
	completions iter.Seq2[hmis.Completion, error] // nil if there are no completions
	rules       []hmis.ValidationRule

	tracers, pairs []string         // data elements and pairs that are reviewed unless flags name others
	metrics        []quality.Metric // further metrics
	notes          []report.Note
	now            func() time.Time // the clock of the machine if nil
}

func (opt options) input(log io.Writer) (*input, error) {
	if len(opt.metadata) == 0 {
		return madeUp(), nil
	}
	in := &input{}
	var parts []hmis.Metadata
	for _, name := range opt.metadata {
		file, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		md, err := dhis2.ReadMetadata(file)
		file.Close()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		parts = append(parts, md)
	}
	md, conflicts := hmis.Merge(parts...)
	if len(conflicts) > 0 {
		fmt.Fprintf(log, "the metadata files disagree %d times, and the first one counts; for example: %v\n", len(conflicts), conflicts[0])
	}
	in.metadata, in.rules = md, md.ValidationRules
	in.values = files(opt.values, func(name string, r io.Reader) iter.Seq2[hmis.DataValue, error] {
		plain := strings.TrimSuffix(name, ".gz")
		return dhis2.Format{CSV: strings.HasSuffix(plain, ".csv"), XML: strings.HasSuffix(plain, ".xml")}.Read(r, nil)
	})
	if len(opt.completions) > 0 {
		in.completions = files(opt.completions, func(_ string, r io.Reader) iter.Seq2[hmis.Completion, error] { return dhis2.ReadCompletions(r) })
	}
	return in, nil
}

// files yields the contents of files, one file after another.
func files[T any](names []string, read func(string, io.Reader) iter.Seq2[T, error]) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for _, name := range names {
			if !readFile(name, read, yield) {
				return
			}
		}
	}
}

func readFile[T any](name string, read func(string, io.Reader) iter.Seq2[T, error], yield func(T, error) bool) (more bool) {
	var zero T
	file, err := os.Open(name)
	if err != nil {
		yield(zero, err)
		return false
	}
	defer file.Close()
	for v, err := range read(name, file) {
		if err != nil {
			yield(zero, fmt.Errorf("%s: %w", name, err))
			return false
		}
		if !yield(v, nil) {
			return false
		}
	}
	return true
}

// A rejects counts values that cannot be used.
type rejects struct {
	values, completions int
	first               error
}

func (r *rejects) value(_ hmis.DataValue, err error) {
	r.values++
	r.first = errors.Join(r.first, firstOnly(r.first, err))
}

func (r *rejects) completion(_ hmis.Completion, err error) {
	r.completions++
	r.first = errors.Join(r.first, firstOnly(r.first, err))
}

func firstOnly(had, err error) error {
	if had != nil {
		return nil
	}
	return err
}

func (r *rejects) report(log io.Writer) {
	if n := r.values + r.completions; n > 0 {
		fmt.Fprintf(log, "left out: %d values and %d completions; the first: %v\n", r.values, r.completions, r.first)
	}
}
