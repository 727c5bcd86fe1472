// Command api compares the exported surface of each package with the list in its
// testdata/api.txt, so that a change of API is a line that nobody overlooks.
//
//	go run ./api ../..            compare
//	go run ./api -update ../..    write the lists anew
package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"go/ast"
	"go/doc"
	"go/parser"
	"go/printer"
	"go/token"
	"io/fs"
	"log"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

func main() {
	log.SetFlags(0)
	update := flag.Bool("update", false, "write the lists anew")
	flag.Parse()
	if flag.NArg() != 1 {
		log.Fatal("api: want the root of the module")
	}
	dirs, err := packages(flag.Arg(0))
	if err != nil {
		log.Fatal(err)
	}
	same := true
	for _, dir := range dirs {
		list, err := surface(dir)
		if err != nil {
			log.Fatal(err)
		}
		if *update {
			err = write(listFile(dir), list)
		} else {
			err = compare(listFile(dir), list)
		}
		if err != nil {
			same = false
			log.Print(err)
		}
	}
	if !same {
		log.Fatal("if the change is meant, run go run -C .ci/tools ./api -update ../.. and commit")
	}
}

// listFile returns the file that holds the list of a package.
func listFile(dir string) string { return filepath.Join(dir, "testdata", "api.txt") }

func write(file string, list []string) error {
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	return os.WriteFile(file, []byte(strings.Join(list, "\n")+"\n"), 0o644)
}

// compare returns an error that names the lines in which a list differs from
// its file.
func compare(file string, list []string) error {
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s: there is no list of %d exported names", file, len(list))
	}
	if err != nil {
		return err
	}
	old := strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
	var changes []error
	for _, line := range old {
		if !slices.Contains(list, line) {
			changes = append(changes, fmt.Errorf("%s: - %s", file, line))
		}
	}
	for _, line := range list {
		if !slices.Contains(old, line) {
			changes = append(changes, fmt.Errorf("%s: + %s", file, line))
		}
	}
	return errors.Join(changes...)
}

// packages returns the folders of the packages that users can import.
func packages(root string) (dirs []string, err error) {
	err = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() {
			return err
		}
		name := d.Name()
		if path != root && (strings.HasPrefix(name, ".") || name == "internal" || name == "testdata" || name == "examples") {
			return filepath.SkipDir
		}
		if path != root {
			if _, err := os.Stat(filepath.Join(path, "go.mod")); err == nil {
				return filepath.SkipDir
			}
		}
		if files, _ := filepath.Glob(filepath.Join(path, "*.go")); len(files) > 0 {
			dirs = append(dirs, path)
		}
		return nil
	})
	return dirs, err
}

// surface returns one line for each exported constant, variable, function, type,
// field and method, sorted.
func surface(dir string) ([]string, error) {
	fset := token.NewFileSet()
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return nil, err
	}
	var parsed []*ast.File
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(fset, file, nil, parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		parsed = append(parsed, f)
	}
	pkg, err := doc.NewFromFiles(fset, parsed, dir)
	if err != nil {
		return nil, err
	}
	var out []string
	text := func(n any) string {
		var b bytes.Buffer
		if err := printer.Fprint(&b, fset, n); err != nil {
			log.Fatal(err)
		}
		return strings.Join(strings.Fields(b.String()), " ")
	}
	values := func(list []*doc.Value) {
		for _, v := range list {
			for _, name := range v.Names {
				if ast.IsExported(name) {
					out = append(out, v.Decl.Tok.String()+" "+name)
				}
			}
		}
	}
	funcs := func(list []*doc.Func) {
		for _, f := range list {
			f.Decl.Body, f.Decl.Doc = nil, nil
			out = append(out, text(f.Decl))
		}
	}
	values(pkg.Consts)
	values(pkg.Vars)
	funcs(pkg.Funcs)
	for _, t := range pkg.Types {
		values(t.Consts)
		values(t.Vars)
		funcs(t.Funcs)
		funcs(t.Methods)
		spec := t.Decl.Specs[0].(*ast.TypeSpec)
		fields, ok := spec.Type.(*ast.StructType)
		if !ok {
			spec.Doc, spec.Comment = nil, nil
			out = append(out, "type "+text(spec))
			continue
		}
		out = append(out, "type "+spec.Name.Name+" struct")
		for _, field := range fields.Fields.List {
			for _, name := range field.Names {
				if name.IsExported() {
					out = append(out, "type "+spec.Name.Name+" struct, "+name.Name+" "+text(field.Type))
				}
			}
			if len(field.Names) == 0 {
				out = append(out, "type "+spec.Name.Name+" struct, embedded "+text(field.Type))
			}
		}
	}
	slices.Sort(out)
	return out, nil
}
