// Package objects answers requests for the objects of a catalog in the manner
// of the DHIS2 Web API.
package objects

import (
	"net/url"

	"github.com/ohie-hmis/hmis-go/hmis"
)

// A Request asks for a listing or an object.
type Request struct {
	Path []string // the steps of the address, such as "dataElements" and an id
	URL  *url.URL
	Base string // the address of the API, without a slash at the end
}

// A Store has the objects of a catalog. It does not change and is safe for
// concurrent use.
type Store struct{}

// New makes the Store of a catalog.
func New(catalog *hmis.Catalog) (*Store, error) { return &Store{}, nil }

// Has reports whether a name is that of a listing.
func (s *Store) Has(name string) bool { return false }

// Answer returns the JSON that answers a request. An error is a [Fault].
func (s *Store) Answer(r Request) ([]byte, error) { return nil, &Fault{Status: 404} }
