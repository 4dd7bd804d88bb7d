// Package visitor is a browser without scripts for tests: it keeps cookies, follows redirects, and
// sends the forms of the pages that it was shown, as they are.
package visitor

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// Visitor is one tab of a browser. It isn't safe for concurrent use.
type Visitor struct {
	At     *url.URL // where it is
	Status int      // of the last answer
	Text   string   // of the last answer, as it came

	t        testing.TB
	client   *http.Client
	page     *html.Node
	language string // that the browser asks for, or empty
}

// Open makes a browser without cookies and opens an address.
func Open(t testing.TB, address string) *Visitor {
	t.Helper()
	return OpenIn(t, address, "")
}

// OpenIn is Open in a browser whose owner reads a language.
func OpenIn(t testing.TB, address, language string) *Visitor {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	at, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	v := &Visitor{t: t, At: at, language: language, client: &http.Client{Jar: jar,
		Transport: &http.Transport{DisableKeepAlives: true}}}
	v.Open(address)
	return v
}

// Tab is another tab of the same browser.
func (v *Visitor) Tab(path string) *Visitor {
	v.t.Helper()
	other := &Visitor{t: v.t, client: v.client, At: v.At, language: v.language}
	other.Open(path)
	return other
}

// Open opens an address, from where it is.
func (v *Visitor) Open(path string) {
	v.t.Helper()
	to, err := v.At.Parse(path)
	if err != nil {
		v.t.Fatal(err)
	}
	v.send(http.MethodGet, to, nil)
}

func (v *Visitor) send(method string, to *url.URL, fields url.Values) {
	v.t.Helper()
	if method == http.MethodGet && len(fields) > 0 {
		to = to.ResolveReference(&url.URL{Path: to.Path, RawQuery: fields.Encode()})
		fields = nil
	}
	r, err := http.NewRequestWithContext(v.t.Context(), method, to.String(),
		strings.NewReader(fields.Encode()))
	if err != nil {
		v.t.Fatal(err)
	}
	r.Header.Set("Accept", "text/html")
	if v.language != "" {
		r.Header.Set("Accept-Language", v.language)
	}
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	w, err := v.client.Do(r)
	if err != nil {
		v.t.Fatal(err)
	}
	defer func() { _ = w.Body.Close() }()
	text, err := io.ReadAll(w.Body)
	if err != nil {
		v.t.Fatal(err)
	}
	v.At, v.Status, v.Text = w.Request.URL, w.StatusCode, string(text)
	if v.page, err = html.Parse(strings.NewReader(v.Text)); err != nil {
		v.t.Fatal(err)
	}
}

// Each calls look for every element of the page in its order, until it returns false.
func Each(n *html.Node, look func(*html.Node) bool) bool {
	if n.Type == html.ElementNode && !look(n) {
		return false
	}
	for c := range n.ChildNodes() {
		if !Each(c, look) {
			return false
		}
	}
	return true
}

// Attribute is an attribute of an element, or empty.
func Attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// Text is all that an element says.
func Text(n *html.Node) string {
	if n.Type == html.TextNode {
		return n.Data
	}
	var text strings.Builder
	for c := range n.ChildNodes() {
		text.WriteString(Text(c))
	}
	return text.String()
}

func squeeze(text string) string { return strings.Join(strings.Fields(text), " ") }

// Find is the first element of a kind whose text, or whose name for screen readers, contains words.
func (v *Visitor) Find(kinds, words string) (found *html.Node) {
	v.t.Helper()
	Each(v.page, func(n *html.Node) bool {
		if !slices.Contains(strings.Fields(kinds), n.Data) {
			return true
		}
		if strings.Contains(squeeze(Text(n)), words) ||
			strings.Contains(Attribute(n, "aria-label"), words) {
			found = n
		}
		return found == nil
	})
	return found
}

// Press presses the button that says words, with what is typed into the fields of its form.
func (v *Visitor) Press(words string, typed ...string) {
	v.t.Helper()
	b := v.Find("button", words)
	if b == nil {
		v.t.Fatalf("%s has no button %q:\n%s", v.At, words, v.Said())
	}
	v.Submit(b, typed...)
}

// Follow follows the link that says words.
func (v *Visitor) Follow(words string) {
	v.t.Helper()
	a := v.Find("a", words)
	if a == nil {
		v.t.Fatalf("%s has no link %q:\n%s", v.At, words, v.Said())
	}
	v.Open(Attribute(a, "href"))
}

// Form is what pressing a button sends.
func (v *Visitor) Form(button *html.Node, typed ...string) (
	method string, to *url.URL, fields url.Values,
) {
	v.t.Helper()
	form := button.Parent
	for form != nil && form.Data != "form" {
		form = form.Parent
	}
	if form == nil {
		v.t.Fatalf("the button %q belongs to no form", Text(button))
	}
	fields = url.Values{}
	Each(form, func(n *html.Node) bool {
		name, kind := Attribute(n, "name"), Attribute(n, "type")
		switch {
		case name == "" || n.Data != "input":
		case kind == "checkbox":
			if slices.ContainsFunc(n.Attr, func(a html.Attribute) bool {
				return a.Key == "checked"
			}) {
				fields.Add(name, Attribute(n, "value"))
			}
		default:
			fields.Set(name, Attribute(n, "value"))
		}
		return true
	})
	for i := 0; i < len(typed); i += 2 {
		fields.Del(typed[i])
		for value := range strings.SplitSeq(typed[i+1], " + ") {
			fields.Add(typed[i], value)
		}
	}
	if name := Attribute(button, "name"); name != "" {
		fields.Add(name, Attribute(button, "value"))
	}
	to, err := v.At.Parse(Attribute(form, "action"))
	if err != nil {
		v.t.Fatal(err)
	}
	return strings.ToUpper(Attribute(form, "method")), to, fields
}

// Submit presses a button, also one of a page that was shown before.
func (v *Visitor) Submit(button *html.Node, typed ...string) {
	v.t.Helper()
	method, to, fields := v.Form(button, typed...)
	if method == "" {
		method = http.MethodGet
	}
	v.send(method, to, fields)
}

// Said is the text of the page's main part.
func (v *Visitor) Said() string {
	if main := v.Find("main", ""); main != nil {
		return squeeze(Text(main))
	}
	return squeeze(v.Text)
}

// Sees wants each of the words on the page.
func (v *Visitor) Sees(status int, words ...string) {
	v.t.Helper()
	said := v.Said()
	if v.Status != status {
		v.t.Fatalf("%s: status %d, want %d: %s", v.At, v.Status, status, said)
	}
	for _, w := range words {
		if !strings.Contains(said, w) && !strings.Contains(v.Title(), w) {
			v.t.Fatalf("%s says nothing of %q: %s", v.At, w, said)
		}
	}
}

// Title is the page's title.
func (v *Visitor) Title() string {
	if n := v.Find("title", ""); n != nil {
		return squeeze(Text(n))
	}
	return ""
}

// Values are the values of all fields of a name, in the page's order.
func (v *Visitor) Values(name string) (values []string) {
	Each(v.page, func(n *html.Node) bool {
		if n.Data == "input" && Attribute(n, "name") == name {
			values = append(values, Attribute(n, "value"))
		}
		return true
	})
	return values
}

// Removals are the buttons that take something away, as a basket has one for each place.
func (v *Visitor) Removals() (buttons []*html.Node) {
	Each(v.page, func(n *html.Node) bool {
		if n.Data == "button" && Attribute(n, "name") == "remove" {
			buttons = append(buttons, n)
		}
		return true
	})
	return buttons
}
