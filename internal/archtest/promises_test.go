package archtest

import (
	"go/ast"
	"go/token"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// later matches the marks of work that somebody meant to come back to.
var later = regexp.MustCompile(`\b(TODO|FIXME|XXX|HACK)\b`)

// checkComments refuses marks of unfinished work: an issue is where such a thing is found again.
func checkComments(files []*source) []finding {
	var found []finding
	for _, file := range files {
		for _, group := range file.syntax.Comments {
			for _, comment := range group.List {
				if mark := later.FindString(comment.Text); mark != "" {
					found = append(found, file.at(comment.Pos(), "%s: file an issue", mark))
				}
			}
		}
	}
	return found
}

func TestComments(t *testing.T) {
	const file = "internal/boot/a.go"
	runControls(t, checkComments, []control{
		accept("a comment", file, "package boot\n\n// f is a function.\nfunc f() {}\n"),
		accept("a text", file, "package boot\n\nvar mark = \"TODO\"\n"),
		accept("within a word", file, "package boot\n\n// TODOS is a list.\n"),
		refuse("a line", file, "package boot\n\n// TODO: later\n", "TODO: file an issue"),
		refuse("a block", file, "package boot\n\n/*\nsome\nFIXME\n*/\n", "FIXME: file an issue"),
		refuse("behind code", file, "package boot\n\nvar a = 1 // XXX wrong\n", "XXX"),
	})
}

// checkSkips refuses tests that don't run: a skip is allowed only under testing.Short, with a
// reason. What needs a server asks the package testservers for it, whose one file decides: with
// TICKETFLOW_TEST_REQUIRED=1, as in CI, a missing server is a failure.
func checkSkips(files []*source) []finding {
	var found []finding
	for _, file := range files {
		if !file.hasImport("testing") || file.path == skipsForServers {
			continue
		}
		short := shortBodies(file)
		ast.Inspect(file.syntax, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || !isSkip(call) {
				return true
			}
			underShort := slices.ContainsFunc(short, func(b *ast.BlockStmt) bool {
				return b.Pos() <= call.Pos() && call.End() <= b.End()
			})
			switch {
			case !underShort:
				found = append(found, file.at(call.Pos(), "a skip that is not under testing.Short"))
			case !hasReason(call):
				found = append(found, file.at(call.Pos(), "a skip without a reason"))
			}
			return true
		})
	}
	return found
}

// skipsForServers is the one file that may skip a test for want of a server.
const skipsForServers = "internal/testservers/testservers.go"

// shortBodies gives the bodies of "if testing.Short()".
func shortBodies(file *source) []*ast.BlockStmt {
	var bodies []*ast.BlockStmt
	ast.Inspect(file.syntax, func(n ast.Node) bool {
		branch, ok := n.(*ast.IfStmt)
		if !ok {
			return true
		}
		call, ok := branch.Cond.(*ast.CallExpr)
		if !ok {
			return true
		}
		file.selections(call.Fun, "testing", func(sel *ast.SelectorExpr) {
			if sel.Sel.Name == "Short" {
				bodies = append(bodies, branch.Body)
			}
		})
		return true
	})
	return bodies
}

// isSkip tells whether a call is t.Skip or one of its kin.
func isSkip(call *ast.CallExpr) bool {
	sel, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	id, ok := sel.X.(*ast.Ident)
	return ok && slices.Contains([]string{"t", "b", "f", "tb"}, id.Name) &&
		slices.Contains([]string{"Skip", "Skipf", "SkipNow"}, sel.Sel.Name)
}

// hasReason tells whether the first argument is a text that is not empty.
func hasReason(call *ast.CallExpr) bool {
	if len(call.Args) == 0 {
		return false
	}
	text, ok := call.Args[0].(*ast.BasicLit)
	return ok && text.Kind == token.STRING && strings.Trim(text.Value, "\"` ") != ""
}

func TestSkips(t *testing.T) {
	const file = "internal/boot/a_test.go"
	body := func(statement string) string {
		return "package boot\n\nimport \"testing\"\n\n" +
			"func TestA(t *testing.T) {\n\t" + statement + "\n}\n"
	}
	runControls(t, checkSkips, []control{
		accept("under -short with a reason", file,
			body("if testing.Short() {\n\t\tt.Skip(\"takes a minute\")\n\t}")),
		accept("another Skip", "internal/boot/a.go",
			"package boot\n\nfunc f(t reader) { t.Skip(3) }\n"),
		accept("for want of a server, in its one place", skipsForServers,
			"package testservers\n\nimport \"testing\"\n\n"+
				"func missing(tb testing.TB) { tb.Skip(\"no server\") }\n"),
		refuse("a skip", file, body("t.Skip(\"broken\")"), "not under testing.Short"),
		refuse("under another condition", file,
			body("if offline() {\n\t\tt.Skipf(\"no server\")\n\t}"), "not under testing.Short"),
		refuse("under not -short", file,
			body("if !testing.Short() {\n\t\tt.Skip(\"no\")\n\t}"), "not under testing.Short"),
		refuse("in the other branch", file,
			body("if testing.Short() {\n\t} else {\n\t\tt.Skip(\"no\")\n\t}"),
			"not under testing.Short"),
		refuse("without a reason", file,
			body("if testing.Short() {\n\t\tt.SkipNow()\n\t}"), "without a reason"),
		refuse("with an empty reason", file,
			body("if testing.Short() {\n\t\tt.Skip(\"\")\n\t}"), "without a reason"),
		refuse("in a suite for other packages", "internal/outbound/contract/a.go",
			"package contract\n\nimport \"testing\"\n\n"+
				"func Run(t *testing.T) { t.Skip(\"no server\") }\n", "not under testing.Short"),
	})
}
