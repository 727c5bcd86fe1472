package integrity

import (
	"bufio"
	"fmt"
	"io"
)

// WriteMetrics writes the results of each check in the text format of
// monitoring systems (OpenMetrics, Prometheus): the number of objects at fault,
// their share, and the seconds of the check. The number is -1 if the check
// could not be made.
func (r *Report) WriteMetrics(w io.Writer) error {
	b := bufio.NewWriter(w)
	family := func(name, help string, value func(*Result) (float64, bool)) {
		fmt.Fprintf(b, "# HELP hmis_integrity_%s %s\n# TYPE hmis_integrity_%s gauge\n", name, help, name)
		for i := range r.Results {
			if x, ok := value(&r.Results[i]); ok {
				fmt.Fprintf(b, "hmis_integrity_%s{check=%q,severity=%q} %v\n", name, r.Results[i].Name, r.Results[i].Severity, x)
			}
		}
	}
	family("issues", "Objects at fault.", func(r *Result) (float64, bool) { return float64(r.Count), true })
	family("percent", "Share of all objects of their kind.", func(r *Result) (float64, bool) {
		if r.Percent == nil {
			return 0, false
		}
		return *r.Percent, true
	})
	family("seconds", "Time that the check took.", func(r *Result) (float64, bool) { return r.Finished.Sub(r.Started).Seconds(), true })
	fmt.Fprintln(b, "# EOF")
	return b.Flush()
}
