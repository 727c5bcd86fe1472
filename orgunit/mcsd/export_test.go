package mcsd

// SetLimits changes what a resource and a bundle may hold, until the function it
// returns is called.
func SetLimits(resource, bundle int) (restore func()) {
	r, b := maxResource, maxBundle
	maxResource, maxBundle = resource, bundle
	return func() { maxResource, maxBundle = r, b }
}
