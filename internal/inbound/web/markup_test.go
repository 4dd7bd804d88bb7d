package web_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/net/html"

	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/inbound/web"
	"ticketflow/internal/inbound/web/words"
)

// parse reads a page.
func parse(t *testing.T, page string) *html.Node {
	t.Helper()
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	return root
}

// find is all elements of a name below a node, in order.
func find(below *html.Node, name string) (all []*html.Node) {
	for n := range below.Descendants() {
		if n.Type == html.ElementNode && n.Data == name {
			all = append(all, n)
		}
	}
	return all
}

// text is what a node says, its white space made one.
func text(n *html.Node) string {
	var parts []string
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			parts = append(parts, strings.Fields(d.Data)...)
		}
	}
	return strings.Join(parts, " ")
}

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// field is what a field of a form is filled in with.
func field(t *testing.T, page, name string) string {
	t.Helper()
	root := parse(t, page)
	for _, input := range find(root, "input") {
		if attribute(input, "name") == name {
			return attribute(input, "value")
		}
	}
	for _, option := range find(root, "option") {
		if attribute(option.Parent, "name") == name && has(option, "selected") {
			return attribute(option, "value")
		}
	}
	t.Errorf("there is no field %s", name)
	return ""
}

func has(n *html.Node, name string) bool {
	for _, a := range n.Attr {
		if a.Key == name {
			return true
		}
	}
	return false
}

// defects are what is wrong with a page, whatever it is about.
func defects(root *html.Node, lang string) (found []string) {
	ids := make(map[string]int)
	for n := range root.Descendants() {
		if id := attribute(n, "id"); id != "" {
			ids[id]++
		}
	}
	for id, n := range ids {
		if n > 1 {
			found = append(found, "the id "+id+" is there "+strconv.Itoa(n)+" times")
		}
	}
	if n := len(find(root, "h1")); n != 1 {
		found = append(found, strconv.Itoa(n)+" h1")
	}
	if n := len(find(root, "main")); n != 1 {
		found = append(found, strconv.Itoa(n)+" main")
	}
	if got := attribute(find(root, "html")[0], "lang"); got != lang {
		found = append(found, "the language is "+got)
	}
	labels := make(map[string]bool)
	for _, l := range find(root, "label") {
		labels[attribute(l, "for")] = text(l) != ""
	}
	for n := range root.Descendants() {
		found = append(found, defect(n, labels, ids)...)
	}
	return found
}

func defect(n *html.Node, labels map[string]bool, ids map[string]int) (found []string) {
	if n.Type != html.ElementNode {
		return nil
	}
	switch n.Data {
	case "input", "select", "textarea":
		if attribute(n, "type") != "hidden" && !labels[attribute(n, "id")] {
			found = append(found, "no label for the field "+attribute(n, "name"))
		}
	case "img":
		if !has(n, "alt") || !has(n, "width") || !has(n, "height") {
			found = append(found, "an image without alt, width or height")
		}
	case "a", "button":
		if text(n) == "" && attribute(n, "aria-label") == "" {
			found = append(found, "a link or button without words")
		}
	case "style":
		found = append(found, "a style element")
	case "script":
		if !has(n, "src") && attribute(n, "type") != "application/ld+json" {
			found = append(found, "a script in the page")
		}
	}
	for _, a := range n.Attr {
		switch {
		case a.Key == "style" || strings.HasPrefix(a.Key, "on"):
			found = append(found, "the attribute "+a.Key)
		case a.Key == "aria-labelledby" && ids[a.Val] == 0:
			found = append(found, "nothing has the id "+a.Val)
		case strings.Contains(a.Val, "TemplFailed"):
			found = append(found, "an address was refused: "+a.Key)
		}
	}
	return found
}

// everyPage makes a house in which each state of a sale is, and names its pages.
func everyPage(h *house) (paths []string) {
	now := h.clock.Now()
	on := h.show("On sale")
	later, over := on, on
	later.Title, later.Terms.OpensAt = "Later", now.AddDate(0, 0, 3)
	over.Title, over.Terms.ClosesAt = "Over", now
	gone, off := h.publish(h.show("Gone")), h.publish(h.show("Off"))
	h.block(gone, hallPlaces)
	h.must(h.office.CancelEvent(h.tb.Context(), off))
	for _, id := range []catalog.EventID{h.publish(on), h.publish(later), gone} {
		paths = append(paths, "/events/"+id.String(), "/embed/"+id.String())
	}
	return append(paths, "/", "/?q=nothing&price=3&kind=opera",
		"/events/"+h.publish(over).String(), "/events/"+off.String())
}

func TestPagesAreWellMade(t *testing.T) {
	h := open(t, func(c *web.Config) { c.EmbedOrigins = []string{"https://www.example.org"} })
	for _, path := range everyPage(h) {
		for _, book := range words.Books {
			page := h.page(path, "Accept-Language", book.Lang)
			for _, defect := range defects(parse(t, page), book.Lang) {
				t.Errorf("%s in %s: %s", path, book.Lang, defect)
			}
		}
	}
	for _, path := range []string{"/events/evt_999", "/events/x", "/nowhere"} {
		for _, defect := range defects(parse(t, h.get(path).body), "en") {
			t.Errorf("%s: %s", path, defect)
		}
	}
	broken := `<html lang="xx"><body><h1>a</h1><h1 id="a" style="x">b</h1><input id="a" name="n">` +
		`<img src="x"><a href="/"></a><script>1</script><div onclick="x" aria-labelledby="zz">`
	if found := defects(parse(t, broken), "en"); len(found) != 11 {
		t.Errorf("of 11 defects %d are found: %q", len(found), found)
	}
}

// spoken are the attributes that people read or hear.
var spoken = []string{"alt", "title", "placeholder", "aria-label", "content", "label"}

// mute are literals of those attributes that are for programs.
var mute = []string{"width=device-width, initial-scale=1", "light dark", "noindex", "website"}

// literals are the texts in the HTML that a generated file writes, which no catalogue has.
func literals(t *testing.T, file string, source any) (found []string) {
	t.Helper()
	syntax, err := parser.ParseFile(token.NewFileSet(), file, source, 0)
	if err != nil {
		t.Fatal(err)
	}
	var page strings.Builder // what is written, with a digit for each value
	ast.Inspect(syntax, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok || len(call.Args) != 3 {
			return true
		}
		if f, ok := call.Fun.(*ast.SelectorExpr); !ok || f.Sel.Name != "WriteString" {
			return true
		}
		if lit, ok := call.Args[2].(*ast.BasicLit); ok {
			markup, err := strconv.Unquote(lit.Value)
			if err != nil {
				t.Fatal(err)
			}
			page.WriteString(markup + "0")
		}
		return true
	})
	// What is in noscript would be one text to the tokenizer.
	seen := strings.NewReplacer("<noscript>", "", "</noscript>", "").Replace(page.String())
	z := html.NewTokenizer(strings.NewReader(seen))
	for kind := z.Next(); kind != html.ErrorToken; kind = z.Next() {
		token := z.Token()
		if kind == html.TextToken && strings.ContainsFunc(token.Data, unicode.IsLetter) {
			found = append(found, strings.TrimSpace(token.Data))
		}
		for _, a := range token.Attr {
			if slices.Contains(spoken, a.Key) && !slices.Contains(mute, a.Val) &&
				strings.ContainsFunc(a.Val, unicode.IsLetter) {
				found = append(found, a.Key+"="+a.Val)
			}
		}
	}
	return found
}

func TestTemplatesSayNothingThemselves(t *testing.T) {
	files, err := filepath.Glob("*_templ.go")
	if err != nil || len(files) == 0 {
		t.Fatal("no templates:", err)
	}
	for _, file := range files {
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, literal := range literals(t, file, source) {
			t.Errorf("%s says %q: put it into the catalogue", file, literal)
		}
	}
	control := `package x
func f() {
	w.WriteString(b, 1, "<p title=\"Spoken\">Text ")
	w.WriteString(b, 2, " · </p><img alt=\"")
	w.WriteString(b, 3, "\">")
}`
	if found := literals(t, "control.go", control); len(found) != 2 {
		t.Errorf("of 2 literals %d are found: %q", len(found), found)
	}
}
