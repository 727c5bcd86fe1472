package api

import (
	"context"
	"net/http"

	"github.com/ohie-hmis/hmis-go/hmis"
)

// A User is a person or program that sends requests.
type User struct {
	ID                           hmis.UID
	Username, FirstName, Surname string
	Authorities                  []string // what the user may do, such as "F_DATAVALUE_ADD"; "ALL" is everything
}

// guest is the user of a server that does not ask who is there.
var guest = User{ID: "guestGUEST0", Username: "guest", FirstName: "Guest"}

type userKey struct{}

// authenticated returns the request with its user. It fails with 401 if
// Authenticate does not know the user.
func (s *Server) authenticated(w http.ResponseWriter, r *http.Request) (*http.Request, error) {
	user := guest
	if s.Authenticate != nil {
		var ok bool
		if user, ok = s.Authenticate(r); !ok {
			w.Header().Set("WWW-Authenticate", `Basic realm="hmis-go"`)
			return nil, &fault{Status: http.StatusUnauthorized, Message: "Unauthorized"}
		}
	}
	return r.WithContext(context.WithValue(r.Context(), userKey{}, user)), nil
}

func userOf(r *http.Request) User {
	user, _ := r.Context().Value(userKey{}).(User)
	return user
}
