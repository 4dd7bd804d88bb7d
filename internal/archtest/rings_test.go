package archtest

import (
	"slices"
	"strings"
	"testing"
)

// ring is a row of the import table.
type ring struct {
	name   string
	folder string
	may    []string // the rings that its code may import
	tests  []string // the rings that its _test.go files may import besides
}

// house is the import table: domain ← app ← (inbound | outbound) ← boot ← cmd. A folder below
// another comes before it. A package in none of these folders is a finding: a new ring is a
// decision, and this is where it is written down.
//
// The tests of app and inbound may import outbound, because the embedded adapters are their
// fakes: no mock stands between a use case and a real ledger. Where the adapter is to a server, the
// tests start a real one with testservers.
var house = []ring{
	{"domain", "internal/domain", []string{"domain"}, []string{"effort"}},
	{
		"app", "internal/app", []string{"domain", "app"},
		[]string{"outbound", "testservers", "effort"},
	},
	{
		"inbound", "internal/inbound", []string{"domain", "app", "inbound"},
		[]string{"outbound", "testservers", "effort"},
	},
	{"contract", "internal/outbound/contract", []string{"domain", "app", "contract"}, nil},
	{
		"outbound", "internal/outbound", []string{"domain", "app", "outbound"},
		[]string{"contract", "testservers", "effort"},
	},
	{"config", "internal/config", []string{"domain", "config"}, nil},
	{
		// boot also serves the yardsticks of rehearsals, rush's null server and the baseline, with
		// the same HTTP limits and beside the same payment simulator as the box office: else the
		// figures couldn't be compared.
		"boot", "internal/boot",
		[]string{"domain", "app", "inbound", "outbound", "config", "rush", "baseline", "boot"},
		[]string{"contract", "testservers", "effort"},
	},
	// What buyers do on the pages, in a real browser: tests of the whole, and nothing else.
	{
		"journeys", "internal/journeys", nil,
		[]string{"domain", "app", "inbound", "outbound", "config", "boot", "testservers", "effort",
			"journeys"},
	},
	// The simulation drives the real decisions against a ledger of its own that lies on purpose.
	{
		"sim", "internal/sim", []string{"domain", "app", "sim"},
		[]string{"outbound", "contract", "testservers"},
	},
	// The load generator is a client: it must not share code with the server that it measures.
	{"rush", "internal/rush", []string{"domain", "terminal", "rush"}, nil},
	// Tables and bars of commands. It knows nothing of the program.
	{"terminal", "internal/terminal", nil, nil},
	// The conventional box office that rehearsals compare with, from HTTP to SQL: it must not share
	// code with what it is measured against.
	{"baseline", "internal/baseline", []string{"baseline"}, []string{"testservers"}},
	{"archtest", "internal/archtest", nil, nil},
	// Real servers for tests, and the command that runs tests with them. It knows nothing of the
	// program, and the program nothing of it.
	{"testservers", "internal/testservers", []string{"testservers"}, []string{"effort"}},
	// How much work tests do; it knows nothing of anybody.
	{"effort", "internal/effort", []string{"effort"}, nil},
	{
		"cmd", "cmd", []string{"domain", "app", "config", "boot", "sim", "rush", "terminal", "cmd"},
		[]string{"testservers", "effort"},
	},
}

// ringOf finds the ring of a folder.
func ringOf(dir string) (ring, bool) {
	i := slices.IndexFunc(house, func(r ring) bool { return within(dir, r.folder) })
	if i < 0 {
		return ring{}, false
	}
	return house[i], true
}

// checkRings compares every import inside the module with the table.
func checkRings(files []*source) []finding {
	var found []finding
	for _, file := range files {
		from, ok := ringOf(file.dir)
		if !ok {
			found = append(found, file.at(file.syntax.Package,
				"the folder %s belongs to no ring of the table", file.dir))
			continue
		}
		for _, spec := range file.imports() {
			dir, inside := strings.CutPrefix(importPath(spec), modulePrefix)
			if !inside {
				continue
			}
			to, ok := ringOf(dir)
			switch {
			case !ok:
				found = append(found, file.at(spec.Pos(), "%s belongs to no ring", dir))
			case slices.Contains(from.may, to.name):
			case file.test && slices.Contains(from.tests, to.name):
			default:
				found = append(found, file.at(spec.Pos(),
					"%s must not import %s (%s)", from.name, to.name, dir))
			}
		}
	}
	return found
}

func TestRings(t *testing.T) {
	runControls(t, checkRings, []control{
		{"each ring imports inwards", map[string]string{
			"internal/domain/booking/a.go":    use("booking", "ticketflow/internal/domain/money"),
			"internal/app/command/a.go":       use("command", "ticketflow/internal/domain/money"),
			"internal/inbound/httpapi/a.go":   use("httpapi", "ticketflow/internal/app/command"),
			"internal/outbound/sqlite/a.go":   use("sqlite", "ticketflow/internal/app/command"),
			"internal/boot/a.go":              use("boot", "ticketflow/internal/outbound/sqlite"),
			"internal/rush/a.go":              use("rush", "ticketflow/internal/domain/money"),
			"internal/boot/null.go":           use("boot", "ticketflow/internal/rush"),
			"cmd/ticketflow/main.go":          use("main", "ticketflow/internal/boot"),
			"cmd/ticketflow/flashsale.go":     use("main", "ticketflow/internal/rush"),
			"internal/app/query/a_test.go":    use("query", "ticketflow/internal/outbound/sqlite"),
			"internal/outbound/x/a_test.go":   use("x", "ticketflow/internal/outbound/contract"),
			"internal/outbound/contract/a.go": use("contract", "ticketflow/internal/app/command"),
		}, nil},
		refuse("domain imports app", "internal/domain/booking/a.go",
			use("booking", "ticketflow/internal/app/command"), "domain must not import app"),
		refuse("a domain test imports app", "internal/domain/booking/a_test.go",
			use("booking_test", "ticketflow/internal/app/command"), "domain must not import app"),
		refuse("app imports outbound", "internal/app/command/a.go",
			use("command", "ticketflow/internal/outbound/sqlite"), "app must not import outbound"),
		refuse("app imports inbound in a test", "internal/app/command/a_test.go",
			use("command", "ticketflow/internal/inbound/edge"), "app must not import inbound"),
		refuse("inbound imports outbound", "internal/inbound/httpapi/a.go",
			use("httpapi", "ticketflow/internal/outbound/simpay"), "must not import outbound"),
		refuse("outbound imports inbound", "internal/outbound/sqlite/a.go",
			use("sqlite", "ticketflow/internal/inbound/edge"), "outbound must not import inbound"),
		refuse("outbound imports boot", "internal/outbound/sqlite/a.go",
			use("sqlite", "ticketflow/internal/boot"), "outbound must not import boot"),
		refuse("the contract suite in the program", "internal/outbound/sqlite/a.go",
			use("sqlite", "ticketflow/internal/outbound/contract"), "must not import contract"),
		accept("a test starts a real server", "internal/outbound/x/a_test.go",
			use("x", "ticketflow/internal/testservers")),
		accept("a journey knows the whole house", "internal/journeys/a_test.go",
			use("journeys", "ticketflow/internal/boot")),
		refuse("a journey outside of a test", "internal/journeys/a.go",
			use("journeys", "ticketflow/internal/boot"), "journeys must not import boot"),
		refuse("the program starts a test's server", "internal/boot/a.go",
			use("boot", "ticketflow/internal/testservers"), "boot must not import testservers"),
		refuse("config imports app", "internal/config/a.go",
			use("config", "ticketflow/internal/app/command"), "config must not import app"),
		refuse("cmd goes round boot", "cmd/ticketflow/serve.go",
			use("main", "ticketflow/internal/outbound/sqlite"), "cmd must not import outbound"),
		refuse("the generator knows the server", "internal/rush/a.go",
			use("rush", "ticketflow/internal/app/query"), "rush must not import app"),
		refuse("the yardstick shares the program's code", "internal/baseline/a.go",
			use("baseline", "ticketflow/internal/outbound/postgres"), "must not import outbound"),
		refuse("an adapter uses the yardstick", "internal/outbound/postgres/a.go",
			use("postgres", "ticketflow/internal/baseline"), "outbound must not import baseline"),
		refuse("app imports the generator", "internal/app/command/a.go",
			use("command", "ticketflow/internal/rush"), "app must not import rush"),
		refuse("a package outside the house", "internal/helpers/a.go",
			"package helpers\n", "belongs to no ring"),
		refuse("an import outside the house", "internal/boot/a.go",
			use("boot", "ticketflow/pkg/x"), "pkg/x belongs to no ring"),
	})
}

// checkAdapters keeps the adapters apart: what two of them share belongs to app or domain.
func checkAdapters(files []*source) []finding {
	var found []finding
	for _, file := range files {
		own := adapterOf(file.dir)
		if own == "" {
			continue
		}
		for _, spec := range file.imports() {
			other := adapterOf(strings.TrimPrefix(importPath(spec), modulePrefix))
			// The contract suite has a row of its own in the table of rings.
			if other != "" && other != own && other != "contract" {
				found = append(found, file.at(spec.Pos(),
					"the adapter %s must not import the adapter %s", own, other))
			}
		}
	}
	return found
}

// adapterOf gives the adapter's folder name below outbound, or nothing.
func adapterOf(dir string) string {
	rest, ok := strings.CutPrefix(dir, "internal/outbound/")
	if !ok {
		return ""
	}
	name, _, _ := strings.Cut(rest, "/")
	return name
}

func TestAdapters(t *testing.T) {
	runControls(t, checkAdapters, []control{
		{"an adapter uses its own parts and, in tests, the suite", map[string]string{
			"internal/outbound/sqlite/a.go": use("sqlite",
				"ticketflow/internal/outbound/sqlite/schema"),
			"internal/outbound/sqlite/a_test.go": use("sqlite",
				"ticketflow/internal/outbound/contract"),
		}, nil},
		refuse("an adapter imports another", "internal/outbound/simpay/a.go",
			use("simpay", "ticketflow/internal/outbound/sqlite"), "not import the adapter sqlite"),
		refuse("even in a test", "internal/outbound/simpay/a_test.go",
			use("simpay", "ticketflow/internal/outbound/sqlite"), "not import the adapter sqlite"),
		refuse("the suite imports an adapter", "internal/outbound/contract/a.go",
			use("contract", "ticketflow/internal/outbound/sqlite"), "must not import the adapter"),
	})
}

// use writes a file that imports one package.
func use(pkg, imported string) string {
	return "package " + pkg + "\n\nimport _ \"" + imported + "\"\n"
}

// refuse is a control with one file and one finding.
func refuse(name, file, text, want string) control {
	return control{name, map[string]string{file: text}, []string{want}}
}

// accept is a control with one file and no finding.
func accept(name, file, text string) control {
	return control{name, map[string]string{file: text}, nil}
}
