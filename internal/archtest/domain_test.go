package archtest

import (
	"go/ast"
	"slices"
	"testing"
)

// impure lists what the inner rings must not import, with everything below it, because it does
// I/O, waits, or depends on the process. pure lists what is harmless below those.
var (
	impure = map[string][]string{
		"domain": {
			"context", "os", "io/fs", "net", "database", "syscall", "log", "runtime", "unsafe",
			"crypto/rand", "math/rand", "html/template", "text/template", "expvar", "flag",
		},
		"app": {"os", "net", "database", "syscall", "unsafe", "html/template", "flag"},
	}
	pure = []string{"net/mail", "net/netip", "net/url"}
)

// waiting lists the names of package time that read a clock or wait for one.
var waiting = []string{
	"Now", "Since", "Until", "Sleep", "After", "AfterFunc", "Tick", "NewTimer", "NewTicker",
}

// checkDomain keeps the rules of the box office free of everything that is not a rule: the time is
// an argument, nothing is read or written, and no field knows how somebody encodes it.
func checkDomain(files []*source) []finding {
	var found []finding
	for _, file := range files {
		r, _ := ringOf(file.dir)
		if file.test || impure[r.name] == nil {
			continue
		}
		for _, spec := range file.imports() {
			imported := importPath(spec)
			bad := slices.ContainsFunc(impure[r.name], func(p string) bool {
				return within(imported, p)
			})
			if bad && !slices.Contains(pure, imported) {
				found = append(found, file.at(spec.Pos(),
					"%s must not import %s", r.name, imported))
			}
		}
		file.selections(file.syntax, "fmt", func(sel *ast.SelectorExpr) {
			if slices.Contains([]string{"Print", "Printf", "Println"}, sel.Sel.Name) {
				found = append(found, file.at(sel.Pos(), "%s must not print", r.name))
			}
		})
		if r.name == "domain" {
			found = append(found, domainSyntax(file)...)
		}
	}
	return found
}

// domainSyntax finds clocks and struct tags.
func domainSyntax(file *source) []finding {
	var found []finding
	file.selections(file.syntax, "time", func(sel *ast.SelectorExpr) {
		if slices.Contains(waiting, sel.Sel.Name) {
			found = append(found, file.at(sel.Pos(),
				"domain must not use time.%s: the time is an argument", sel.Sel.Name))
		}
	})
	ast.Inspect(file.syntax, func(n ast.Node) bool {
		if field, ok := n.(*ast.Field); ok && field.Tag != nil {
			found = append(found, file.at(field.Tag.Pos(), "domain must not have struct tags"))
		}
		return true
	})
	return found
}

func TestDomain(t *testing.T) {
	const rule = "internal/domain/booking/a.go"
	inTime := func(body string) string {
		return "package booking\n\nimport \"time\"\n\n" + body
	}
	runControls(t, checkDomain, []control{
		accept("durations and passed times", rule, inTime(
			"const hold = 10 * time.Minute\n\nfunc end(now time.Time) time.Time { return now }\n")),
		accept("pure parts of net", rule, use("booking", "net/mail")),
		accept("a local variable called time", rule, inTime(
			"type clock struct{ Now int }\n\n"+
				"var _ time.Time\n\nfunc f(time clock) int { return time.Now }\n")),
		accept("a context in app", "internal/app/command/a.go", use("command", "context")),
		accept("a clock in a test", "internal/domain/booking/a_test.go", inTime(
			"var start = time.Now()\n")),
		refuse("time.Now", rule, inTime("var start = time.Now()\n"), "must not use time.Now"),
		refuse("time.Now as a value", rule, inTime("var clock = time.Now\n"), "time.Now"),
		refuse("time.Since", rule, inTime(
			"func f(t time.Time) time.Duration { return time.Since(t) }\n"), "time.Since"),
		refuse("a timer", rule, inTime("var c = time.After(1)\n"), "time.After"),
		refuse("a context", rule, use("booking", "context"), "must not import context"),
		refuse("a file", rule, use("booking", "os"), "must not import os"),
		refuse("a process", rule, use("booking", "os/exec"), "must not import os/exec"),
		refuse("the network", rule, use("booking", "net/http"), "must not import net/http"),
		refuse("a database", rule, use("booking", "database/sql"), "must not import database/sql"),
		refuse("own randomness", rule, use("booking", "crypto/rand"), "crypto/rand"),
		refuse("a tag", rule, "package booking\n\ntype a struct {\n\tB int `json:\"b\"`\n}\n",
			"must not have struct tags"),
		refuse("a print", rule,
			"package booking\n\nimport \"fmt\"\n\nfunc f() { fmt.Println() }\n", "must not print"),
		refuse("HTTP in a use case", "internal/app/command/a.go",
			use("command", "net/http"), "app must not import net/http"),
		refuse("SQL in a use case", "internal/app/command/a.go",
			use("command", "database/sql"), "app must not import database/sql"),
	})
}
