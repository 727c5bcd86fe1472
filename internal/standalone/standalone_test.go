package standalone_test

import (
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/ohie-hmis/hmis-go/internal/standalone"
	"github.com/ohie-hmis/hmis-go/internal/testfile"
)

// TestRepository checks this repository. To fix a failure, move what the
// Example needs into the Example: package aggregatetest makes small countries,
// and package country a large one.
func TestRepository(t *testing.T) {
	faults, err := standalone.Check(os.DirFS(testfile.Root(t)))
	require.NoError(t, err)
	for _, fault := range faults {
		t.Error(fault)
	}
}

func TestCheck(t *testing.T) {
	const head = "package p_test\n\nfunc helper() int { return 1 }\n\nconst message = \"\"\n\ntype world struct{ message string }\n\n"
	tests := []struct{ name, body, want string }{
		{"nothing", "fmt.Println(1)", ""},
		{"a function", "fmt.Println(helper())", "helper"},
		{"a constant", "x := message; fmt.Println(x)", "message"},
		{"a type", "var w world; fmt.Println(w)", "world"},
		{"twice", "helper(); helper()", "helper"},
		{"two", "helper(); fmt.Println(message)", "helper message"},
		{"its own variable", "message := 1; fmt.Println(message)", ""},
		{"its own loop", "for _, message := range list() { fmt.Println(message) }", ""},
		{"its own parameter", "f := func(helper int) int { return helper }; f(1)", ""},
		{"a field", "fmt.Println(T{message: 1}.message)", ""},
		{"the value of a field", "fmt.Println(T{text: message})", "message"},
		{"an element by key", "fmt.Println(map[string]int{helper(): 1})", "helper"},
		{"a method of something", "fmt.Println(p.helper())", ""},
	}
	for _, tt := range tests {
		faults, err := standalone.Check(fstest.MapFS{
			"p/a_test.go": {Data: []byte(head)},
			"p/b_test.go": {Data: []byte("package p_test\n\nfunc ExampleT() {\n" + tt.body + "\n}\n\nfunc TestT() { helper() }\n")},
			"q/c_test.go": {Data: []byte("package q_test\n\nfunc ExampleT() {\nhelper()\n}\n")},
		})
		require.NoError(t, err)
		var want []string
		for _, name := range strings.Fields(tt.want) {
			want = append(want, "p: ExampleT uses "+name+", which is not shown with it")
		}
		if diff := cmp.Diff(want, faults); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}
