// Command clients serves the made-up country Tamaria as a DHIS2 server does, so
// that published DHIS2 clients can be tried on it.
//
//	go run ./examples/clients                # serves http://127.0.0.1:8042/api/
//	./examples/clients/run                   # runs the clients against it
//
// The user is admin and the password district. The script run installs five
// clients from PyPI and two from npm, and fails if one of them gets an answer
// that it does not understand. Continuous integration does not run it.
package main

import (
	"context"
	"flag"
	"fmt"
	"iter"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/ohie-hmis/hmis-go/aggregate"
	"github.com/ohie-hmis/hmis-go/aggregate/aggregatetest/country"
	"github.com/ohie-hmis/hmis-go/aggregate/analytics"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/hmis/dhis2/api"
)

func main() {
	address := flag.String("address", "127.0.0.1:8042", "address to listen on")
	flag.Parse()
	if err := serve(*address); err != nil {
		fmt.Fprintln(os.Stderr, "clients:", err)
		os.Exit(1)
	}
}

func serve(address string) error {
	handler, err := newHandler(context.Background())
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	fmt.Printf("http://%s/api/\n", listener.Addr())
	// The limits of time keep slow clients from holding connections.
	server := http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       time.Minute,
		WriteTimeout:      time.Minute,
		IdleTimeout:       2 * time.Minute,
	}
	return server.Serve(listener)
}

// newHandler returns the handler of the whole API: metadata, data values and
// analytics of Tamaria.
func newHandler(ctx context.Context) (http.Handler, error) {
	cube, err := country.Load(ctx)
	if err != nil {
		return nil, err
	}
	catalog, tree := cube.Catalog(), cube.Tree()
	return &api.Server{
		Catalog: catalog,
		Tree:    tree,
		Values: func(ctx context.Context) iter.Seq2[hmis.DataValue, error] {
			return cube.Values(ctx, aggregate.Filter{})
		},
		Analytics: analytics.Server{
			Cube:    func() *aggregate.Cube { return cube },
			Catalog: catalog,
			Tree:    tree,
			User:    tree.Roots(),
		},
		Authenticate: authenticate,
	}, nil
}

// authenticate knows one user, whose password everyone knows.
func authenticate(r *http.Request) (user api.User, ok bool) {
	name, password, _ := r.BasicAuth()
	admin := api.User{ID: "usAdmin0001", Username: "admin", FirstName: "Ada", Surname: "Min", Authorities: []string{"ALL"}}
	return admin, name == admin.Username && password == "district"
}
