// Package standalone checks that Examples can be copied: an Example may only
// use names that it declares or imports, and no others of its test package.
package standalone

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// Check returns the Examples below a folder that use a name of their test
// package. Each entry has the Example and the name; they are sorted.
func Check(root fs.FS) ([]string, error) {
	files := map[string][]*ast.File{} // the test files of each folder
	fset := token.NewFileSet()
	err := fs.WalkDir(root, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(name, "_test.go") {
			return err
		}
		text, err := fs.ReadFile(root, name)
		if err != nil {
			return err
		}
		f, err := parser.ParseFile(fset, name, text, parser.SkipObjectResolution)
		files[path.Dir(name)] = append(files[path.Dir(name)], f)
		return err
	})
	if err != nil {
		return nil, err
	}
	var out []string
	for dir, list := range files {
		shared := map[string]bool{}
		for _, f := range list {
			for name := range declared(f) {
				shared[name] = true
			}
		}
		for _, f := range list {
			for _, decl := range f.Decls {
				if example, ok := decl.(*ast.FuncDecl); ok && strings.HasPrefix(example.Name.Name, "Example") {
					for _, name := range used(example, shared) {
						out = append(out, fmt.Sprintf("%s: %s uses %s, which is not shown with it", dir, example.Name.Name, name))
					}
				}
			}
		}
	}
	slices.Sort(out)
	return out, nil
}

// declared yields the names that a file declares for its package.
func declared(f *ast.File) map[string]bool {
	names := map[string]bool{}
	for _, decl := range f.Decls {
		switch d := decl.(type) {
		case *ast.FuncDecl:
			if d.Recv == nil {
				names[d.Name.Name] = true
			}
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				switch s := spec.(type) {
				case *ast.TypeSpec:
					names[s.Name.Name] = true
				case *ast.ValueSpec:
					for _, name := range s.Names {
						names[name.Name] = true
					}
				}
			}
		}
	}
	delete(names, "_")
	return names
}

// used returns the names in shared that a function uses, each once. A name that
// the function declares anywhere counts as its own.
func used(f *ast.FuncDecl, shared map[string]bool) (names []string) {
	own := map[string]bool{}
	declare := func(e ast.Expr) {
		if id, ok := e.(*ast.Ident); ok {
			own[id.Name] = true
		}
	}
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			if n.Tok == token.DEFINE {
				for _, e := range n.Lhs {
					declare(e)
				}
			}
		case *ast.RangeStmt:
			if n.Tok == token.DEFINE {
				declare(n.Key)
				declare(n.Value)
			}
		case *ast.Field: // names of parameters and fields
			for _, name := range n.Names {
				declare(name)
			}
		case *ast.ValueSpec:
			for _, name := range n.Names {
				declare(name)
			}
		case *ast.TypeSpec:
			declare(n.Name)
		}
		return true
	})
	var visit func(ast.Node) bool
	visit = func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr: // the name after a dot does not belong to the package
			ast.Inspect(n.X, visit)
			return false
		case *ast.KeyValueExpr: // nor does the name of a field
			ast.Inspect(n.Value, visit)
			if _, field := n.Key.(*ast.Ident); !field {
				ast.Inspect(n.Key, visit)
			}
			return false
		case *ast.Ident:
			if shared[n.Name] && !own[n.Name] && !slices.Contains(names, n.Name) {
				names = append(names, n.Name)
			}
		}
		return true
	}
	ast.Inspect(f.Body, visit)
	return names
}
