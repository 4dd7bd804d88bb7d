package archtest

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// rule is one law of the house over all files.
type rule struct {
	name  string
	check func([]*source) []finding
}

var rules = []rule{
	{"rings", checkRings},
	{"domain", checkDomain},
	{"adapters", checkAdapters},
	{"modules", checkModules},
	{"aliases", checkAliases},
	{"packages", checkPackages},
	{"sizes", checkSizes},
	{"documentation", checkDocumentation},
	{"interfaces", checkInterfaces},
	{"clock", checkClock},
	{"chance", checkChance},
	{"comments", checkComments},
	{"skips", checkSkips},
}

func TestTree(t *testing.T) {
	files, err := load(moduleRoot(t))
	if err != nil {
		t.Fatal(err)
	}
	if !slices.ContainsFunc(files, func(s *source) bool { return s.path == ownPath }) {
		t.Fatalf("the walk over %d files did not find %s: it reads the wrong tree",
			len(files), ownPath)
	}
	for _, r := range rules {
		t.Run(r.name, func(t *testing.T) {
			for _, f := range r.check(files) {
				t.Error(f)
			}
		})
	}
}

const ownPath = "internal/archtest/tree_test.go"

// control is a small tree in memory and what a rule must say about it. Without wants the rule
// must be silent.
type control struct {
	name  string
	files map[string]string
	wants []string
}

// runControls shows that a rule sees what it forbids, and that it leaves the rest alone.
func runControls(t *testing.T, check func([]*source) []finding, controls []control) {
	t.Helper()
	refused, accepted := 0, 0
	for _, c := range controls {
		if len(c.wants) > 0 {
			refused++
		} else {
			accepted++
		}
		t.Run(c.name, func(t *testing.T) { c.run(t, check) })
	}
	if refused == 0 || accepted == 0 {
		t.Errorf("controls: %d must be refused and %d accepted, want some of each",
			refused, accepted)
	}
}

func (c control) run(t *testing.T, check func([]*source) []finding) {
	t.Helper()
	var files []*source
	for name, text := range c.files {
		file, err := parse(name, text)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
	}
	slices.SortFunc(files, func(a, b *source) int { return strings.Compare(a.path, b.path) })
	found := check(files)
	if len(found) != len(c.wants) {
		t.Fatalf("got %d findings %v, want %d", len(found), found, len(c.wants))
	}
	for i, want := range c.wants {
		if !strings.Contains(found[i].String(), want) {
			t.Errorf("finding %d is %q, want it to contain %q", i, found[i], want)
		}
	}
}

func TestEveryRuleIsInTheTable(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(moduleRoot(t), "internal/archtest/doc.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rules {
		if !strings.Contains(string(text), "//\t"+r.name+" ") {
			t.Errorf("doc.go does not list the rule %q", r.name)
		}
	}
}

func TestLoadReadsTheModuleOnly(t *testing.T) {
	root := t.TempDir()
	for name, text := range map[string]string{
		"go.mod":               "module ticketflow\n",
		"cmd/x/main.go":        "package main\n",
		"internal/a/a.go":      "package a\n",
		"internal/a/a_test.go": "package a_test\n",
		"internal/a/notes.txt": "not Go\n",
		"testdata/broken.go":   "this is no Go\n",
		".hidden/broken.go":    "this is no Go\n",
		"_old/broken.go":       "this is no Go\n",
		"tools/go.mod":         "module ticketflow/tools\n",
		"tools/broken.go":      "this is no Go\n",
	} {
		name = filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(name), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	files, err := load(root)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, file := range files {
		got = append(got, file.path+" "+file.pkg)
	}
	want := []string{"cmd/x/main.go main", "internal/a/a.go a", "internal/a/a_test.go a"}
	if !slices.Equal(got, want) {
		t.Errorf("loaded %q, want %q", got, want)
	}
}

func TestLoadFailsOnAFileThatIsNoGo(t *testing.T) {
	root := t.TempDir()
	if err := os.WriteFile(filepath.Join(root, "a.go"), []byte("no Go"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := load(root); err == nil {
		t.Error("a file that doesn't parse was passed over")
	}
}
