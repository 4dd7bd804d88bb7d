package browser

import (
	"bytes"
	"compress/gzip"
	_ "embed" // axe-core is compiled into the tests
	"io"
	"strings"
	"sync"
)

// packed is axe-core. See axe/README.md for where it is from.
//
//go:embed axe/axe.min.js.gz
var packed []byte

var axeCore = sync.OnceValues(func() (string, error) {
	unpacked, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return "", err
	}
	text, err := io.ReadAll(unpacked)
	return string(text), err
})

// Axe lets axe-core look for barriers on the page as it is, and fails the test for each that is
// serious or critical. The page needs JavaScript for that.
func (tab *Tab) Axe() {
	tab.tb.Helper()
	for _, b := range tab.barriers() {
		if b.Impact != "serious" && b.Impact != "critical" {
			continue
		}
		var places []string
		for _, n := range b.Nodes {
			places = append(places, n.HTML+": "+n.Summary)
		}
		tab.tb.Errorf("%s: %s barrier %s: %s\n%s", tab.URL(), b.Impact, b.ID, b.Help,
			strings.Join(places, "\n"))
	}
}

// barrier is a rule of axe-core that the page breaks.
type barrier struct {
	ID, Impact, Help string
	Nodes            []struct {
		HTML    string `json:"html"`
		Summary string `json:"failureSummary"`
	}
}

func (tab *Tab) barriers() []barrier {
	tab.tb.Helper()
	script, err := axeCore()
	if err != nil {
		tab.tb.Fatal("unpack axe-core:", err)
	}
	tab.Eval("window.axe ? 0 : (() => { "+script+"; return 0; })()", nil)
	var found []barrier
	tab.Eval(`axe.run(document, {resultTypes: ["violations"]}).then(r => r.violations.map(v => ({
		id: v.id, impact: v.impact, help: v.help,
		nodes: v.nodes.map(n => ({html: n.html.slice(0, 200), failureSummary: n.failureSummary})),
	})))`, &found)
	return found
}
