// Command write writes the files of the made-up country into the current
// directory.
package main

import (
	"compress/gzip"
	"io"
	"log"
	"os"

	"github.com/ohie-hmis/hmis-go/aggregate/aggregatetest/country"
	"github.com/ohie-hmis/hmis-go/hmis/dhis2"
)

func main() {
	log.SetFlags(0)
	log.SetPrefix("country: ")
	for name, write := range map[string]func(io.Writer) error{
		"metadata.json.gz": func(w io.Writer) error { return dhis2.WriteMetadata(w, country.Metadata()) },
		"values.csv.gz":    func(w io.Writer) error { return dhis2.Format{CSV: true}.Write(w, country.Values()) },
	} {
		if err := compress(name, write); err != nil {
			log.Fatal(err)
		}
	}
}

// compress writes a gzip file without a time or name inside, so that the same
// content gives the same bytes.
func compress(name string, write func(io.Writer) error) error {
	file, err := os.Create(name)
	if err != nil {
		return err
	}
	defer file.Close()
	z, err := gzip.NewWriterLevel(file, gzip.BestCompression)
	if err != nil {
		return err
	}
	if err := write(z); err != nil {
		return err
	}
	if err := z.Close(); err != nil {
		return err
	}
	return file.Close()
}
