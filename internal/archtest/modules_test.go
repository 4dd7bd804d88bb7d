package archtest

import (
	"slices"
	"strings"
	"testing"
)

// proofModules prove things in tests. They have no place in the program.
var proofModules = []string{
	"pgregory.net/rapid",
	"github.com/google/go-cmp",
	"github.com/anishathalye/porcupine",
	"go.uber.org/goleak",
	"github.com/chromedp/chromedp",
	"testing",
}

// refusedModules have no place anywhere.
var refusedModules = map[string]string{
	"github.com/stretchr/testify": "a test says in its own words what it expected",
	"github.com/golang/mock":      "the embedded adapter is the fake",
	"go.uber.org/mock":            "the embedded adapter is the fake",
	"github.com/pkg/errors":       "the standard library wraps errors",
	"io/ioutil":                   "it was replaced by io and os",
}

// proofRings hold test suites in files that other packages' tests import.
var proofRings = []string{"contract", "sim", "testservers"}

// checkModules keeps frameworks out of the two inner rings and test tools out of the program.
func checkModules(files []*source) []finding {
	var found []finding
	for _, file := range files {
		r, _ := ringOf(file.dir)
		inner := r.name == "domain" || r.name == "app"
		proof := file.test || slices.Contains(proofRings, r.name)
		for _, spec := range file.imports() {
			imported := importPath(spec)
			ofProof := slices.ContainsFunc(proofModules, func(m string) bool {
				return within(imported, m)
			})
			switch {
			case refusal(imported) != "":
				found = append(found, file.at(spec.Pos(),
					"%s is not used here: %s", imported, refusal(imported)))
			case ofProof && !proof:
				found = append(found, file.at(spec.Pos(), "%s is for tests", imported))
			case inner && !ofProof && thirdParty(imported):
				found = append(found, file.at(spec.Pos(),
					"%s must not import %s: standard library only", r.name, imported))
			}
		}
	}
	return found
}

// refusal gives the reason why a module is used nowhere, or nothing.
func refusal(imported string) string {
	for module, reason := range refusedModules {
		if within(imported, module) {
			return reason
		}
	}
	return ""
}

// thirdParty tells whether an import path is of another module: only those have a dot in their
// first element.
func thirdParty(imported string) bool {
	first, _, _ := strings.Cut(imported, "/")
	return strings.Contains(first, ".")
}

func TestModules(t *testing.T) {
	const huma = "github.com/danielgtaylor/huma/v2"
	runControls(t, checkModules, []control{
		{"each where it belongs", map[string]string{
			"internal/domain/booking/a.go":      use("booking", "strings"),
			"internal/domain/booking/a_test.go": use("booking", "pgregory.net/rapid"),
			"internal/app/command/a.go":         use("command", "ticketflow/internal/domain/money"),
			"internal/inbound/httpapi/a.go":     use("httpapi", huma),
			"internal/outbound/contract/a.go":   use("contract", "testing"),
			"internal/sim/a.go":                 use("sim", "github.com/anishathalye/porcupine"),
		}, nil},
		refuse("a framework in the domain", "internal/domain/booking/a.go",
			use("booking", huma), "domain must not import "+huma),
		refuse("a framework in app", "internal/app/command/a.go",
			use("command", huma), "standard library only"),
		refuse("a framework in a test of app", "internal/app/command/a_test.go",
			use("command", huma), "standard library only"),
		refuse("test tools in the program", "internal/boot/a.go",
			use("boot", "pgregory.net/rapid"), "is for tests"),
		refuse("a browser in the program", "internal/boot/a.go",
			use("boot", "github.com/chromedp/chromedp/kb"), "is for tests"),
		refuse("the testing package in the program", "cmd/ticketflow/a.go",
			use("main", "testing"), "is for tests"),
		refuse("a part of the testing package", "internal/boot/a.go",
			use("boot", "testing/fstest"), "is for tests"),
		refuse("an assertion library", "internal/boot/a_test.go",
			use("boot", "github.com/stretchr/testify/require"), "in its own words"),
		accept("a name that only starts alike", "internal/boot/a.go",
			use("boot", "go.uber.org/goleakage")),
	})
}
