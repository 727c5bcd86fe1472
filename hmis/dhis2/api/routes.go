package api

// routes returns the routes of all names that are no kind of metadata.
func (s *Server) routes() map[string]route {
	return map[string]route{}
}
