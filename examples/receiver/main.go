// Command receiver receives ADX messages over HTTP and stores their values in
// SQLite.
//
//	receiver -metadata country.json -db values.db -addr localhost:8080
//	curl -H 'Content-Type: application/adx+xml' --data-binary @message.adx.xml localhost:8080/adx
//
// It is an example to start from, and does not authenticate senders.
package main

import (
	"flag"
	"log"
	"net/http"
	"os"

	_ "modernc.org/sqlite"

	"github.com/ohie-hmis/hmis-go/adx"
	"github.com/ohie-hmis/hmis-go/adx/post"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/hmis/dhis2"
)

func main() {
	log.SetFlags(0)
	metadata := flag.String("metadata", "country.json", "metadata export of DHIS2")
	file := flag.String("db", "values.db", "database")
	addr := flag.String("addr", "localhost:8080", "where to listen")
	flag.Parse()
	if err := serve(*metadata, *file, *addr); err != nil {
		log.Fatal(err)
	}
}

// serve receives messages until there is an error.
func serve(metadata, file, addr string) error {
	catalog, err := readCatalog(metadata)
	if err != nil {
		return err
	}
	db, err := openDatabase(file)
	if err != nil {
		return err
	}
	defer db.Close()
	mux := http.NewServeMux()
	mux.Handle("/adx", post.Handler{
		Import: adx.Import{Mapper: adx.Mapper{Catalog: catalog}, Store: db},
		Done: func(r *http.Request, report *adx.Report, status int) {
			log.Printf("%s: %d, %s: %d new, %d changed, %d unchanged, %d refused", r.RemoteAddr, status, report.Status(),
				report.Imported, report.Updated, report.Unchanged, report.Rejected)
		},
	})
	log.Printf("listening on %s", addr)
	return post.NewServer(addr, mux).ListenAndServe()
}

// readCatalog reads the metadata in which codes are looked up.
func readCatalog(name string) (*hmis.Catalog, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	md, err := dhis2.ReadMetadata(f)
	if err != nil {
		return nil, err
	}
	return hmis.NewCatalog(md)
}
