package archtest

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
)

const modulePrefix = "ticketflow/"

// source is one parsed Go file.
type source struct {
	path      string // from the module's root, with slashes
	dir       string // the folder of path: the package's import path without the module
	pkg       string // the package's name without _test
	test      bool
	generated bool // carries the standard header "Code generated … DO NOT EDIT."
	syntax    *ast.File
	fset      *token.FileSet
	lines     []string
}

// finding is one breach of one rule.
type finding struct {
	where string
	what  string
}

func (f finding) String() string { return f.where + ": " + f.what }

// at reports a breach at a position of the file.
func (s *source) at(pos token.Pos, format string, args ...any) finding {
	return s.line(s.fset.Position(pos).Line, format, args...)
}

// line reports a breach on a line of the file.
func (s *source) line(number int, format string, args ...any) finding {
	return finding{s.path + ":" + strconv.Itoa(number), fmt.Sprintf(format, args...)}
}

// in tells whether the file lies in the folder or below it.
func (s *source) in(folder string) bool { return within(s.dir, folder) }

// within tells whether a slash path is the folder or lies below it.
func within(dir, folder string) bool {
	return dir == folder || strings.HasPrefix(dir, folder+"/")
}

// imports gives the imported paths with their specs, in the order of the file.
func (s *source) imports() []*ast.ImportSpec { return s.syntax.Imports }

// importPath is the unquoted path of an import.
func importPath(spec *ast.ImportSpec) string {
	text, err := strconv.Unquote(spec.Path.Value)
	if err != nil {
		return spec.Path.Value
	}
	return text
}

// hasImport tells whether the file imports exactly this path.
func (s *source) hasImport(wanted string) bool {
	for _, spec := range s.imports() {
		if importPath(spec) == wanted {
			return true
		}
	}
	return false
}

// selections calls visit for each use of a name of the imported package, for instance time.Now.
// A local variable of the package's name is not taken for the package.
func (s *source) selections(root ast.Node, imported string, visit func(*ast.SelectorExpr)) {
	if !s.hasImport(imported) {
		return
	}
	ast.Inspect(root, func(n ast.Node) bool {
		sel, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		id, ok := sel.X.(*ast.Ident)
		if ok && id.Obj == nil && id.Name == path.Base(imported) {
			visit(sel)
		}
		return true
	})
}

// parse reads one file from memory.
func parse(name, text string) (*source, error) {
	fset := token.NewFileSet()
	syntax, err := parser.ParseFile(fset, name, text, parser.ParseComments)
	if err != nil {
		return nil, err
	}
	return &source{
		path:      name,
		dir:       path.Dir(name),
		pkg:       strings.TrimSuffix(syntax.Name.Name, "_test"),
		test:      strings.HasSuffix(name, "_test.go"),
		generated: ast.IsGenerated(syntax),
		syntax:    syntax,
		fset:      fset,
		lines:     strings.Split(strings.TrimSuffix(text, "\n"), "\n"),
	}, nil
}

// load parses every Go file of the module below root. Folders that the go command leaves out
// (hidden, testdata, modules of their own) are left out here too.
func load(root string) ([]*source, error) {
	var files []*source
	err := filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if name != root && foreign(name) {
				return filepath.SkipDir
			}
			return nil
		}
		if filepath.Ext(name) != ".go" {
			return nil
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(root, name)
		if err != nil {
			return err
		}
		file, err := parse(filepath.ToSlash(relative), string(text))
		files = append(files, file)
		return err
	})
	return files, err
}

// foreign tells whether a folder is outside the module though below its root.
func foreign(dir string) bool {
	base := filepath.Base(dir)
	if base == "testdata" || base == "vendor" || base == "node_modules" {
		return true
	}
	if strings.HasPrefix(base, ".") || strings.HasPrefix(base, "_") {
		return true
	}
	_, err := os.Stat(filepath.Join(dir, "go.mod"))
	return err == nil
}

// moduleRoot finds the folder of go.mod above this file.
func moduleRoot(t *testing.T) string {
	t.Helper()
	_, here, _, ok := runtime.Caller(0)
	if !ok || !filepath.IsAbs(here) {
		// Built with -trimpath: the test still starts in its package's folder.
		var err error
		if here, err = filepath.Abs("source_test.go"); err != nil {
			t.Fatal(err)
		}
	}
	for dir := filepath.Dir(here); ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		if dir == filepath.Dir(dir) {
			t.Fatalf("no go.mod above %s", here)
		}
	}
}
