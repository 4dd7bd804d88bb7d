package journeys

import (
	_ "embed" // what every page must be
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ticketflow/internal/effort"
	"ticketflow/internal/testservers/browser"
)

// looks are how each page is looked at. Those of a device and a theme have their picture taken.
var looks = []struct {
	name  string
	setup browser.Setup
}{
	{"phone-light", browser.Setup{Device: browser.Phone}},
	{"phone-dark", browser.Setup{Device: browser.Phone, Dark: true}},
	{"desktop-light", browser.Setup{}},
	{"desktop-dark", browser.Setup{Dark: true}},
	{"narrow", browser.Setup{Device: browser.Narrow, Language: "de"}},
	{"scriptless", browser.Setup{Device: browser.Phone, NoScript: true}},
}

// pictures is the environment variable that names the folder where pictures of the pages go;
// `make screenshots` sets it. Without it none are kept.
const pictures = "TICKETFLOW_SCREENSHOTS"

//go:embed look.js
var lookScript string

// pageTime is when pages are looked at, so that pictures show the same dates each time.
func pageTime() time.Time { return time.Date(2027, time.March, 5, 9, 0, 0, 0, time.UTC) }

// TestPages looks at every page as people with different screens, themes and needs do.
func TestPages(t *testing.T) {
	s := openAt(t, pageTime(), withDemo, withWidget, titled("Tales of the Lake"))
	for _, p := range effort.Some(pages, 2) {
		t.Run(p.name, func(t *testing.T) {
			fastest := time.Hour
			// Under the race detector, which sees nothing of the browser, one look is enough.
			for _, look := range looks[:effort.Of(len(looks), 1)] {
				t.Run(look.name, func(t *testing.T) {
					v := &visitor{shop: s.within(t), tab: browser.Open(t, look.setup)}
					fastest = min(fastest, v.lookAt(&p, look.name))
				})
			}
			if fastest > paintLimit {
				t.Errorf("something is seen after %s, at most %s", fastest, paintLimit)
			}
		})
	}
}

// lookAt opens a page, finds what is wrong with it, and tells how long it took to be seen.
func (v *visitor) lookAt(p *page, look string) (paint time.Duration) {
	v.Helper()
	p.open(v)
	v.tab.WaitFor("document.readyState === 'complete'")
	english := v.tab.Setup().Language == ""
	if text := v.tab.Text("main"); english && !strings.Contains(text, p.shows) {
		v.Errorf("the page doesn't show %q: %s", p.shows, text)
	}
	if !v.tab.Setup().NoScript {
		paint = v.checkLoading(p)
		v.checkAll()
	} else {
		v.checkSource()
		paint = time.Hour // nobody could measure it
	}
	folder := os.Getenv(pictures)
	if strings.Contains(look, "-") && folder != "" {
		v.tab.Screenshot(filepath.Join(folder, p.name+"-"+look+".webp"))
	}
	return paint
}

// within is the shop in a test within its test.
func (s *shop) within(t *testing.T) *shop {
	t.Helper()
	inner := *s
	inner.T = t
	return &inner
}

// checkAll looks for faults and barriers. That asks nothing of the server: the race detector, which
// sees the server only, has seen all when the page has come.
func (v *visitor) checkAll() {
	v.Helper()
	for _, check := range effort.Of([]func(){v.check, v.tab.Axe}, nil) {
		check()
	}
}

// check finds what is wrong with a page as it stands.
func (v *visitor) check() {
	v.Helper()
	var faults []string
	v.tab.Eval(lookScript, &faults)
	for _, f := range faults {
		v.Error(f)
	}
}

// checkSource looks at the text of a page as it was sent. Without scripts that is what the browser
// has; with them, a script may set styles, which the policy allows.
func (v *visitor) checkSource() {
	v.Helper()
	var inline []string
	v.tab.Eval(`Array.from(document.querySelectorAll("*")).filter(e =>
		e.hasAttribute("style") || e.tagName === "STYLE" ||
		e.getAttributeNames().some(name => name.startsWith("on")) ||
		e.tagName === "SCRIPT" && !e.src && e.type !== "application/ld+json"
	).map(e => e.outerHTML.slice(0, 140))`, &inline)
	for _, text := range inline {
		v.Errorf("a style or script stands in the page: %s", text)
	}
}

// Bounds of loading. The goal is 0.5 s until something is seen, on a machine with nothing else to
// do: the log has what was measured. The bound is for the fastest look at a page on any machine, of
// which there is but one under the race detector.
var paintLimit = effort.Of(3*time.Second, 10*time.Second)

const shiftLimit = 0.001

// checkLoading measures how the page came: when something was seen, what came over the network, and
// what moved after it had been seen.
func (v *visitor) checkLoading(p *page) (paint time.Duration) {
	v.Helper()
	heaviest := p.heaviest
	if heaviest == 0 {
		heaviest = usualWeight
	}
	var m struct {
		Paint, Shift float64
		Bytes        int
		Moved        []string
		Largest      []string
	}
	v.tab.Eval(`new Promise(done => {
		let shift = 0;
		const moved = [];
		new PerformanceObserver(list => {
			for (const e of list.getEntries()) {
				shift += e.value;
				for (const s of e.sources ?? [])
					moved.push((s.node?.outerHTML ?? s.node?.data ?? "?").slice(0, 100));
			}
		}).observe({type: "layout-shift", buffered: true});
		const entries = [...performance.getEntriesByType("navigation"),
			...performance.getEntriesByType("resource")].filter(e => !e.name.startsWith("data:"));
		const paint = () => performance.getEntriesByName("first-contentful-paint")[0]?.startTime;
		const look = () => {
			if (paint() === undefined) return requestAnimationFrame(look);
			requestAnimationFrame(() => requestAnimationFrame(() => done({
				paint: paint(), shift, moved,
				bytes: entries.reduce((n, e) => n + e.transferSize, 0),
				largest: entries.map(e => e.transferSize + " " + e.name),
			})));
		};
		look();
	})`, &m)
	v.Logf("seen after %.0f ms, %.1f kB, shift %.4f", m.Paint, float64(m.Bytes)/kilobyte, m.Shift)
	if m.Bytes > heaviest {
		v.Errorf("the page takes %d bytes, at most %d: %s", m.Bytes, heaviest,
			strings.Join(m.Largest, ", "))
	}
	if m.Shift > shiftLimit {
		v.Errorf("what was seen moved by %.4f: %s", m.Shift, strings.Join(m.Moved, ", "))
	}
	return time.Duration(m.Paint * float64(time.Millisecond))
}

// TestTheChecksOfPagesSeeFaults holds the negative controls: a page with one fault each.
func TestTheChecksOfPagesSeeFaults(t *testing.T) {
	s := open(t)
	tab := s.tab(browser.Setup{Device: browser.Phone})
	tab.Go(s.page("/"))
	faults := func() (found []string) {
		tab.Eval(lookScript, &found)
		return found
	}
	if found := faults(); len(found) > 0 {
		t.Fatalf("the front page has faults of its own: %q", found)
	}
	for fault, want := range map[string]string{
		`document.documentElement.lang = ""`:          "no language",
		`document.title = ""`:                         "no title",
		`main.append(make("h1", "Another"))`:          "2 headings of the first level",
		`main.append(make("h5", "Deep"))`:             "a heading skips",
		`main.append(make("input", ""))`:              "a field has no label",
		`main.append(make("img", ""))`:                "no alternative",
		`main.append(make("button", ""))`:             "what this does",
		`document.body.append(make("div", "Adrift"))`: "outside of every landmark",
		`document.querySelector("footer").remove()`:   "0 landmarks of the kind",
		`main.append(make("div", "w", wide))`:         "wider than the window",
		`main.append(make("th", "Price"))`:            "no scope",
		`main.append(tiny(), tiny())`:                 "a target is 12 by 12 px",
		`main.append(make("button", "Grey", bare))`:   "one does not see",
		`document.body.append(make("nav", "O", all))`: "something covers",
	} {
		tab.Reload()
		tab.Eval(fmt.Sprintf(`{
			const main = document.querySelector("main");
			const wide = "inline-size:900px", bare = "outline:none!important";
			const all = "position:fixed;inset:0";
			const make = (name, text, style = "") => {
				const e = document.createElement(name);
				e.textContent = text;
				for (const part of style.split(";").filter(p => p)) {
					const [key, value] = part.split(":");
					e.style.setProperty(key, value.replace("!important", ""),
						value.includes("!important") ? "important" : "");
				}
				return e;
			};
			const tiny = () => make("button", "x", "all:unset;inline-size:12px;block-size:12px;" +
				"display:inline-block;overflow:hidden");
			%s;
		}`, fault), nil)
		found := strings.Join(faults(), "\n")
		if !strings.Contains(found, want) {
			t.Errorf("%s: found %q, want %q", fault, found, want)
		}
	}
}
