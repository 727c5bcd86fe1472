package main

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/ohie-hmis/hmis-go/aggregate"
	"github.com/ohie-hmis/hmis-go/hmis"
)

// An answer is a table with the catalog and tree that have the names for it.
type answer struct {
	catalog *hmis.Catalog
	query   aggregate.Query
	table   *aggregate.Table
}

// writers has the forms of output by name.
var writers = map[string]func(io.Writer, answer) error{
	"table": func(w io.Writer, a answer) error { return a.table.WithNames(a.catalog).WriteText(w) },
	"csv":   func(w io.Writer, a answer) error { return a.table.WriteCSV(w) },
	"json":  writeJSON,
	"adx":   writeADX,
}

func writeJSON(w io.Writer, a answer) error {
	text, err := json.Marshal(a.table)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "%s\n", text)
	return err
}
