package archtest

import (
	"go/ast"
	"go/token"
	"slices"
	"strings"
	"testing"
	"unicode"
)

// checkDocumentation wants a comment on every package and every exported name of the program. A
// comment that only says the name again is none.
func checkDocumentation(files []*source) []finding {
	var found []finding
	first := make(map[string]*source)
	documented := make(map[string]bool)
	var order []string
	for _, file := range files {
		if file.test {
			continue
		}
		if first[file.dir] == nil {
			first[file.dir] = file
			order = append(order, file.dir)
		}
		documented[file.dir] = documented[file.dir] || says(file.syntax.Doc, file.pkg)
		if file.generated {
			continue
		}
		for _, decl := range file.syntax.Decls {
			found = append(found, undocumented(file, decl)...)
		}
	}
	for _, dir := range order {
		if !documented[dir] {
			found = append(found, first[dir].at(first[dir].syntax.Package,
				"the package %s has no package comment", first[dir].pkg))
		}
	}
	return found
}

func undocumented(file *source, decl ast.Decl) []finding {
	switch d := decl.(type) {
	case *ast.FuncDecl:
		if d.Name.IsExported() && exportedReceiver(d) && !says(d.Doc, d.Name.Name) {
			return []finding{file.at(d.Pos(), "%s has no comment", d.Name.Name)}
		}
	case *ast.GenDecl:
		return undocumentedSpecs(file, d)
	}
	return nil
}

func undocumentedSpecs(file *source, d *ast.GenDecl) []finding {
	var found []finding
	for _, spec := range d.Specs {
		var names []*ast.Ident
		var docs []*ast.CommentGroup
		switch s := spec.(type) {
		case *ast.TypeSpec:
			names, docs = []*ast.Ident{s.Name}, []*ast.CommentGroup{s.Doc, s.Comment}
			// A comment over a group of types speaks for those that it names.
			if slices.Contains(strings.FieldsFunc(d.Doc.Text(), notOfName), s.Name.Name) {
				docs = append(docs, d.Doc)
			}
		case *ast.ValueSpec:
			// A comment over a group of constants or variables speaks for all of them.
			names, docs = s.Names, []*ast.CommentGroup{s.Doc, s.Comment, d.Doc}
		}
		if d.Lparen == token.NoPos {
			docs = append(docs, d.Doc)
		}
		for _, name := range names {
			if name.IsExported() && !anySays(docs, name.Name) {
				found = append(found, file.at(name.Pos(), "%s has no comment", name.Name))
			}
		}
	}
	return found
}

func notOfName(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '_' }

// exportedReceiver tells whether a function is none's method or an exported type's.
func exportedReceiver(f *ast.FuncDecl) bool {
	if f.Recv == nil || len(f.Recv.List) == 0 {
		return true
	}
	exported := true
	ast.Inspect(f.Recv.List[0].Type, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		if ok {
			exported = id.IsExported()
		}
		return !ok
	})
	return exported
}

func anySays(docs []*ast.CommentGroup, name string) bool {
	for _, doc := range docs {
		if says(doc, name) {
			return true
		}
	}
	return false
}

// says tells whether a comment has at least two words besides the name.
func says(doc *ast.CommentGroup, name string) bool {
	words := 0
	for word := range strings.FieldsSeq(doc.Text()) {
		if word = strings.Trim(word, ".,:;-()"); word != "" && word != name {
			words++
		}
	}
	return words >= 2
}

func TestDocumentation(t *testing.T) {
	const file = "internal/boot/a.go"
	pkg := func(body string) string {
		return "// Package boot puts it together.\npackage boot\n\n" + body
	}
	runControls(t, checkDocumentation, []control{
		accept("all said", file, pkg("// Run serves until told to stop.\nfunc Run() {}\n")),
		accept("unexported names", file, pkg("type a struct{}\n\nfunc (a) Run() {}\n")),
		accept("a group with one comment", file,
			pkg("// The limits of a request.\nconst (\n\tMaxBody = 1\n\tMaxHeader = 2\n)\n")),
		accept("a group of types that are named", file,
			pkg("// A and B are counted from 1.\ntype (\n\tA int\n\tB int\n)\n")),
		accept("a comment behind", file, pkg("const (\n\tMaxBody = 1 // in bytes, decoded\n)\n")),
		accept("a test", "internal/boot/a_test.go", "package boot\n\nfunc TestRun() {}\n"),
		{"one package comment is enough", map[string]string{
			file:                 pkg(""),
			"internal/boot/b.go": "package boot\n",
		}, nil},
		refuse("no package comment", file, "package boot\n", "no package comment"),
		refuse("a function", file, pkg("func Run() {}\n"), "Run has no comment"),
		refuse("a method", file, pkg("// A is a thing.\ntype A struct{}\n\nfunc (a *A) Run() {}\n"),
			"Run has no comment"),
		refuse("a method of a generic type", file,
			pkg("// A is a thing.\ntype A[T any] struct{}\n\nfunc (a *A[T]) Run() {}\n"),
			"Run has no comment"),
		refuse("a type", file, pkg("type A struct{}\n"), "A has no comment"),
		refuse("a type in a commented group", file,
			pkg("// Things of this page.\ntype (\n\tA struct{}\n)\n"), "A has no comment"),
		refuse("a constant", file, pkg("const MaxBody = 1\n"), "MaxBody has no comment"),
		refuse("a hollow comment", file, pkg("// Run -.\nfunc Run() {}\n"), "Run has no comment"),
	})
}

const maxInterfaceMethods = 5

// checkInterfaces counts the methods of each interface, those of embedded interfaces of the same
// package included. An interface of another package counts as one: its methods are not seen here.
func checkInterfaces(files []*source) []finding {
	known := make(map[string]*ast.InterfaceType)
	each := func(visit func(*source, *ast.TypeSpec, *ast.InterfaceType)) {
		for _, file := range files {
			ast.Inspect(file.syntax, func(n ast.Node) bool {
				if spec, ok := n.(*ast.TypeSpec); ok {
					if it, ok := spec.Type.(*ast.InterfaceType); ok {
						visit(file, spec, it)
					}
				}
				return true
			})
		}
	}
	each(func(file *source, spec *ast.TypeSpec, it *ast.InterfaceType) {
		known[file.dir+" "+spec.Name.Name] = it
	})
	var found []finding
	each(func(file *source, spec *ast.TypeSpec, it *ast.InterfaceType) {
		if n := methods(it, file.dir, known); n > maxInterfaceMethods {
			found = append(found, file.at(spec.Pos(), "the interface %s has %d methods, at most %d",
				spec.Name.Name, n, maxInterfaceMethods))
		}
	})
	return found
}

func methods(it *ast.InterfaceType, dir string, known map[string]*ast.InterfaceType) int {
	n := 0
	for _, field := range it.Methods.List {
		n += len(field.Names)
		if len(field.Names) > 0 {
			continue
		}
		switch embedded := field.Type.(type) {
		case *ast.Ident:
			if inner := known[dir+" "+embedded.Name]; inner != nil && inner != it {
				n += methods(inner, dir, known)
			}
		case *ast.SelectorExpr:
			n++
		}
	}
	return n
}

func TestInterfaces(t *testing.T) {
	const file = "internal/app/command/a.go"
	const five = "package command\n\ntype Ledger interface {\n\tA()\n\tB()\n\tC()\n\tD()\n\tE()\n"
	runControls(t, checkInterfaces, []control{
		accept("five methods", file, five+"}\n"),
		accept("a set of types", file,
			"package command\n\ntype n interface{ int | int8 | int16 | int32 | int64 | uint }\n"),
		refuse("six methods", file, five+"\tF()\n}\n", "Ledger has 6 methods"),
		refuse("five and another package's", file,
			"package command\n\nimport \"io\"\n\n"+strings.TrimPrefix(five, "package command\n\n")+
				"\tio.Closer\n}\n", "Ledger has 6 methods"),
		refuse("five and an own one", file,
			five+"\tcloser\n}\n\ntype closer interface{ Close() }\n", "Ledger has 6 methods"),
		refuse("within a function", file,
			"package command\n\nfunc f() {\n\ttype l interface {\n"+
				"\t\tA()\n\t\tB()\n\t\tC()\n\t\tD()\n\t\tE()\n\t\tF()\n\t}\n}\n", "l has 6"),
	})
}
