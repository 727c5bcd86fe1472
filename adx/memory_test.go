package adx_test

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/ohie-hmis/hmis-go/adx"
	"github.com/stretchr/testify/require"
)

// A group costs a few allocations and a value none, in reading and writing,
// whatever the order of values is.
func TestAllocations(t *testing.T) {
	count := func(groups []adx.Group, run func(groups []adx.Group, doc []byte)) float64 {
		doc := message(t, groups)
		return testing.AllocsPerRun(3, func() { run(groups, doc) })
	}
	read := func(_ []adx.Group, doc []byte) {
		for _, err := range adx.NewReader(bytes.NewReader(doc)).Groups() {
			require.NoError(t, err)
		}
	}
	write := func(groups []adx.Group, _ []byte) {
		w := adx.NewWriter(io.Discard)
		for _, g := range groups {
			if err := w.Write(g); err != nil {
				t.Fatal(err)
			}
		}
	}
	const few, many = 200, 1200
	for _, order := range []func([]adx.Group) []adx.Group{slices.Clone[[]adx.Group], shuffled} {
		for _, tt := range []struct {
			name string
			run  func([]adx.Group, []byte)
			most float64
		}{{"reading", read, 6}, {"writing", write, 0.1}} {
			all := order(monthlyReports(many))
			perGroup := (count(all, tt.run) - count(all[:few], tt.run)) / (many - few)
			if perGroup > tt.most {
				t.Errorf("%s a group of %d values costs %.1f allocations", tt.name, valuesPerReport, perGroup)
			}
		}
	}
}

// If each value has a text of its own, only that text is allocated.
func TestAllocationsOfRemarks(t *testing.T) {
	groups := monthlyReports(1200)
	for i := range groups {
		for j := range groups[i].Values {
			v := &groups[i].Values[j]
			v.Attrs = append(v.Attrs, adx.Attr{Name: "lastUpdated", Value: fmt.Sprint(i, ":", j)})
		}
	}
	const few = 200
	count := func(groups []adx.Group) float64 {
		doc := message(t, groups)
		return testing.AllocsPerRun(3, func() {
			for _, err := range adx.NewReader(bytes.NewReader(doc)).Groups() {
				require.NoError(t, err)
			}
		})
	}
	perGroup := (count(groups) - count(groups[:few])) / float64(len(groups)-few)
	if perGroup > valuesPerReport+6 {
		t.Errorf("reading a group of %d values costs %.1f allocations", valuesPerReport, perGroup)
	}
}

// An endless message repeats a group, each time for another org unit.
type endless struct {
	left  int // how many groups are left
	n     int
	group string
	rest  []byte
}

func (e *endless) Read(p []byte) (int, error) {
	if len(e.rest) == 0 {
		switch e.left--; {
		case e.left < -1:
			return 0, io.EOF
		case e.left == -1:
			e.rest = []byte("</adx>")
		default:
			e.n++
			e.rest = []byte(strings.Replace(e.group, "HF-101", fmt.Sprint("HF-", e.n), 1))
			if e.n == 1 {
				e.rest = append([]byte(root), e.rest...)
			}
		}
	}
	n := copy(p, e.rest)
	e.rest = e.rest[n:]
	return n, nil
}

// The memory of a Reader does not grow with the message. HMIS_LONG=1 makes the
// message a gigabyte long.
func TestReaderMemory(t *testing.T) {
	var b strings.Builder
	for i := range 200 {
		fmt.Fprintf(&b, `<dataValue dataElement="DE_%d" SEX="F" value="%d"/>`, i, i*i)
	}
	doc := group + b.String() + "</group>"
	size := 32 << 20
	if os.Getenv("HMIS_LONG") != "" {
		size = 1 << 30
	}
	n := size / len(doc)
	heap := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before, groups := heap(), 0
	for g, err := range adx.NewReader(&endless{left: n, group: doc}).Groups() {
		require.NoError(t, err)
		require.Len(t, g.Values, 200)
		if groups++; groups%(n/4) == 0 {
			if used := int64(heap()) - int64(before); used > 16<<20 {
				t.Fatalf("%d bytes are held after %d groups", used, groups)
			}
		}
	}
	require.Equal(t, n, groups)
}

// A repeater is a message that repeats one text.
type repeater struct {
	head, unit string
	times      int
	rest       string
}

func (r *repeater) Read(p []byte) (int, error) {
	if r.rest == "" {
		if r.rest = r.head; r.head == "" {
			if r.times == 0 {
				return 0, io.EOF
			}
			r.rest = r.unit
			r.times--
		}
		r.head = ""
	}
	n := copy(p, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}

// Each hostile message ends with an error before it has used much memory
// (RULES.md#limits).
func TestReaderHostile(t *testing.T) {
	var many strings.Builder
	for i := range 200 {
		fmt.Fprintf(&many, ` a%d=""`, i)
	}
	const mega = 1 << 20
	k := strings.Repeat("x", 1024)
	note := root + group + `<dataValue dataElement="A" value="0"><annotation>`
	tests := map[string]repeater{
		"a long name":           {head: root + "<", unit: k, times: 8 << 10},
		"a long attribute name": {head: root + "<group ", unit: k, times: 8 << 10},
		"a long attribute":      {head: root + `<group a="`, unit: k, times: 8 << 10},
		"references":            {head: root + `<group a="`, unit: "&#65;", times: mega},
		"blanks in a tag":       {head: root + "<group", unit: strings.Repeat(" ", 1024), times: 8 << 10},
		"many attributes":       {head: root + "<group", unit: many.String(), times: 2},
		"a long text":           {head: note, unit: k, times: 8 << 10},
		"many texts":            {head: note, unit: k + "<!-- -->", times: 8 << 10},
		"deep":                  {head: root, unit: "<x>", times: mega},
		"namespaces":            {head: root, unit: `<x xmlns:a="` + strings.Repeat("u", 4000) + `">`, times: 2000},
		"a long comment":        {head: root + "<!--", unit: k, times: 8 << 10},
		"a long declaration":    {head: "<?xml ", unit: k, times: 8 << 10},
		"a DOCTYPE":             {head: `<!DOCTYPE adx [<!ENTITY a "`, unit: k, times: 8 << 10},
		"a long number":         {head: root + group + `<dataValue dataElement="A" value="`, unit: "1", times: mega},
		"strange elements":      {head: root, unit: "<x/>", times: mega / 4},
		"groups without values": {head: root, unit: group + "</group>", times: mega / 16},
		"wrong values":          {head: root + group, unit: `<dataValue dataElement="A" value="x"/>`, times: mega / 4},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&before)
			r := adx.NewReader(&tt)
			r.Tolerant, r.Reject = true, func(adx.Finding) {}
			last := error(nil)
			for _, err := range r.Groups() {
				last = err
			}
			runtime.ReadMemStats(&after)
			require.Error(t, last)
			if grown := int64(after.HeapSys) - int64(before.HeapSys); grown > 64<<20 {
				t.Errorf("the heap has grown by %d bytes", grown)
			}
		})
	}
}

// Many goroutines can use one Mapper and one Import.
func TestMapperConcurrent(t *testing.T) {
	im := adx.Import{Mapper: adx.Mapper{Catalog: catalog(t)}}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 50 {
				report, err := im.Run(t.Context(), adx.NewReader(strings.NewReader(root+mixed+"</adx>")))
				if err != nil || report.Read != 9 || report.Rejected != 3 {
					t.Errorf("%+v, %v", report, err)
					return
				}
			}
		})
	}
	wg.Wait()
}
