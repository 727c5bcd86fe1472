// Command api compares the exported surface of each package with the list in its
// testdata/api.txt, so that a change of API is a line that nobody overlooks.
//
//	go run ./api ../..            compare
//	go run ./api -update ../..    write the lists anew
package main

import (
	"bytes"
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
	root := flag.Arg(0)
	changed := false
	for _, dir := range packages(root) {
		list, err := surface(dir)
		if err != nil {
			log.Fatal(err)
		}
		file := filepath.Join(dir, "testdata", "api.txt")
		old, err := os.ReadFile(file)
		if err != nil && !os.IsNotExist(err) {
			log.Fatal(err)
		}
		if bytes.Equal(old, list) {
			continue
		}
		if *update {
			if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
				log.Fatal(err)
			}
			if err := os.WriteFile(file, list, 0o644); err != nil {
				log.Fatal(err)
			}
			continue
		}
		changed = true
		report(file, lines(old), lines(list))
	}
	if changed {
		log.Fatal("the API has changed: if that is meant, run go run -C .ci/tools ./api -update ../.. and commit")
	}
}

// packages returns the folders of the packages that users can import.
func packages(root string) []string {
	var dirs []string
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
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
	if err != nil {
		log.Fatal(err)
	}
	return dirs
}

// surface returns one line for each exported constant, variable, function, type,
// field and method, sorted.
func surface(dir string) ([]byte, error) {
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
	return []byte(strings.Join(out, "\n") + "\n"), nil
}

func lines(b []byte) []string { return strings.Split(strings.TrimSuffix(string(b), "\n"), "\n") }

func report(file string, old, now []string) {
	for _, line := range old {
		if !slices.Contains(now, line) {
			fmt.Printf("%s: - %s\n", file, line)
		}
	}
	for _, line := range now {
		if !slices.Contains(old, line) {
			fmt.Printf("%s: + %s\n", file, line)
		}
	}
}
