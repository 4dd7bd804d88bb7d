package archtest

import (
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

var (
	link    = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	heading = regexp.MustCompile(`(?m)^#+ +(.+)$`)
	dropped = regexp.MustCompile(`[^\p{L}\p{N} _-]`)
	abroad  = regexp.MustCompile(`^[a-z]+:`)
)

// brokenLinks follows the links of all Markdown pages that stay inside the repository, to the file
// and, in a Markdown page, to the heading.
func brokenLinks(repository fs.FS) ([]string, error) {
	var broken []string
	err := fs.WalkDir(repository, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && name != "." && hidden(entry.Name()) {
			return fs.SkipDir
		}
		if path.Ext(name) != ".md" {
			return nil
		}
		page, err := fs.ReadFile(repository, name)
		if err != nil {
			return err
		}
		for _, match := range link.FindAllStringSubmatch(string(page), -1) {
			if !abroad.MatchString(match[1]) && !leads(repository, name, match[1]) {
				broken = append(broken, name+": "+match[1])
			}
		}
		return nil
	})
	return broken, err
}

func hidden(dir string) bool { return dir[0] == '.' || dir == "node_modules" || dir == "testdata" }

// leads tells whether a link from a page has a target.
func leads(repository fs.FS, page, target string) bool {
	file, anchor, _ := strings.Cut(target, "#")
	name := page
	if file != "" {
		name = path.Join(path.Dir(page), file)
	}
	if _, err := fs.Stat(repository, name); err != nil {
		return false
	}
	if anchor == "" {
		return true
	}
	text, err := fs.ReadFile(repository, name)
	return err == nil && slices.Contains(anchors(string(text)), anchor)
}

// anchors gives the names under which a page's headings can be linked.
func anchors(page string) []string {
	var names []string
	for _, match := range heading.FindAllStringSubmatch(page, -1) {
		name := dropped.ReplaceAllString(strings.ToLower(match[1]), "")
		names = append(names, strings.ReplaceAll(name, " ", "-"))
	}
	return names
}

func TestLinks(t *testing.T) {
	broken, err := brokenLinks(os.DirFS(moduleRoot(t)))
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range broken {
		t.Errorf("the link leads nowhere: %s", b)
	}
}

func TestLinksThatMustBeRefused(t *testing.T) {
	page := func(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }
	broken, err := brokenLinks(fstest.MapFS{
		"README.md": page("[a](docs/a.md) [b](docs/a.md#what-holds) [c](https://example.com/x)\n" +
			"[d](docs/missing.md) [e](docs/a.md#no-such-heading)\n"),
		"docs/a.md":     page("# A page\n\n## What holds?\n\n[up](../README.md) [here](#a-page)\n"),
		".hidden/x.md":  page("[x](nowhere.md)\n"),
		"docs/notes.go": page("[x](nowhere.md)\n"),
	})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"README.md: docs/missing.md", "README.md: docs/a.md#no-such-heading"}
	if !slices.Equal(broken, want) {
		t.Errorf("found %q, want %q", broken, want)
	}
}

// TestDecisionsAreListed keeps the index of the decisions complete.
func TestDecisionsAreListed(t *testing.T) {
	dir := filepath.Join(moduleRoot(t), "docs", "adr")
	index, err := os.ReadFile(filepath.Join(dir, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	pages, err := filepath.Glob(filepath.Join(dir, "0*.md"))
	if err != nil || len(pages) == 0 {
		t.Fatalf("found %d decisions (%v)", len(pages), err)
	}
	for _, page := range pages {
		if !strings.Contains(string(index), "("+filepath.Base(page)+")") {
			t.Errorf("docs/adr/README.md does not list %s", filepath.Base(page))
		}
	}
}
