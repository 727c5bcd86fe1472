package main

import (
	"flag"
	"fmt"
	"log"
	"os"
	"text/tabwriter"

	"github.com/ohie-hmis/hmis-go/indicator/bench/formulas"
)

func main() {
	log.SetFlags(0)
	n := flag.Int("formulas", 1000, "number of formulas")
	cells := flag.Int("cells", 100000, "number of cells")
	peers := flag.Int("peers", 1000, "number of cells for the slow ones")
	flag.Parse()
	measured, err := formulas.Measure(*n, *cells, *peers)
	if err != nil {
		log.Fatal(err)
	}
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(w, "%d formulas\tns/cell\tallocs/cell\ttimes ours\tchecksum\tlast digit differs\twrong\t\n", *n)
	for _, m := range measured {
		fmt.Fprintf(w, "%s\t%.1f\t%.3f\t%.2f\t%d\t%d\t%d\t\n", m.Engine, m.PerCell, m.Allocs,
			m.PerCell/measured[0].PerCell, m.Sum, m.Differ, m.Wrong)
	}
	if err := w.Flush(); err != nil {
		log.Fatal(err)
	}
}
