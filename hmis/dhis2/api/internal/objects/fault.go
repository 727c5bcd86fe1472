package objects

// A Fault is the reason why a request fails, with the status, the code (which
// may be "") and the message of its answer.
type Fault struct {
	Status  int
	Code    string
	Message string
}

// Error implements error.
func (f *Fault) Error() string { return f.Message }
