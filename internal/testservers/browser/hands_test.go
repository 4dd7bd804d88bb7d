package browser_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"ticketflow/internal/testservers/browser"
)

// TestHands does on a page what a buyer does, on each device, and reads what the page heard.
func TestHands(t *testing.T) {
	address := serve(t, `<form><label>Name <input name="name"></label>
		<label>Place <select name="place"><option>a<option>b</select></label>
		<button type="button" id="low">Later</button>
		<button type="button" id="pay">Pay</button></form>
		<p id="heard" role="status"></p>
		<script>
			const heard = text => document.getElementById("heard").append(text + ";");
			for (const b of document.querySelectorAll("button"))
				b.addEventListener("click", e => heard(b.textContent + e.pointerType));
			for (const f of document.querySelectorAll("[name]"))
				f.addEventListener("change", () => heard(f.name + "=" + f.value));
		</script>`)
	for pointer, device := range map[string]browser.Device{
		"mouse": browser.Desktop, "touch": browser.Phone,
	} {
		t.Run(pointer, func(t *testing.T) {
			tab := browser.Open(t, browser.Setup{Device: device})
			tab.Go(address)
			tab.Click("button >> Pay")
			tab.WaitText("#heard", "Pay"+pointer+";")
			tab.Fill("input", "Ada L")
			tab.Fill("input", "")
			tab.Fill("input", "Ada")
			tab.Type(" B")
			tab.Press("Shift+Tab", "Tab", "Tab")
			tab.WaitText("#heard", "name=Ada B;")
			tab.Choose("select", "b")
			tab.WaitText("#heard", "place=b;")
			tab.Press("Tab", "Tab", "Space")
			tab.WaitText("#heard", "place=b;Pay")
			if got := tab.Focused(); got != "button Pay" {
				t.Errorf("the focus is on %q", got)
			}
			if !slices.ContainsFunc(tab.Tree(), func(n browser.Node) bool {
				return n.Role == "heading" && n.Name == "A page"
			}) {
				t.Errorf("no heading in %+v", tab.Tree())
			}
		})
	}
}

// TestGestures reads from the events what moved, and how far.
func TestGestures(t *testing.T) {
	address := serve(t, `<canvas id="map" width="300" height="300"></canvas><p id="heard"></p>
		<style>canvas{touch-action:none}</style>
		<script>
			const map = document.getElementById("map"), at = new Map();
			const apart = () => {
				const [a, b] = at.values();
				return b ? Math.hypot(a.x - b.x, a.y - b.y) : 0;
			};
			let first = 0, from, text = {};
			const say = (name, value) => {
				text[name] = value;
				document.getElementById("heard").textContent = JSON.stringify(text);
			};
			map.addEventListener("pointerdown", e => {
				at.set(e.pointerId, e);
				first = apart();
				from = e;
			});
			map.addEventListener("pointermove", e => {
				if (!at.has(e.pointerId)) return;
				at.set(e.pointerId, e);
				if (at.size === 1)
					say("moved", [e.clientX - from.clientX, e.clientY - from.clientY]);
				if (at.size === 2) say("scaled", Math.round(100 * apart() / first) / 100);
			});
			for (const end of ["pointerup", "pointercancel"])
				map.addEventListener(end, e => at.delete(e.pointerId));
			map.addEventListener("wheel", e => {
				e.preventDefault();
				say("wheel", [e.deltaY, e.ctrlKey]);
			}, {passive: false});
		</script>`)
	for name, device := range map[string]browser.Device{
		"mouse": browser.Desktop, "touch": browser.Phone,
	} {
		t.Run(name, func(t *testing.T) {
			tab := browser.Open(t, browser.Setup{Device: device})
			tab.Go(address)
			middle := tab.Center("#map")
			tab.Drag(middle, browser.Point{X: middle.X + 50, Y: middle.Y - 20})
			tab.WaitText("#heard", `"moved":[50,-20]`)
			if !device.Touch {
				tab.Wheel(middle, 0, 120, "Control")
				tab.WaitText("#heard", `"wheel":[120,true]`)
				return
			}
			tab.Pinch(middle, 2)
			tab.WaitText("#heard", `"scaled":2`)
			tab.Pinch(middle, 0.5)
			tab.WaitText("#heard", `"scaled":0.5`)
		})
	}
}

// TestSetup asks the page who looks at it.
func TestSetup(t *testing.T) {
	address := serve(t, `<p id="asked"></p><noscript><p id="plain">plain</p></noscript><script>
		const is = q => matchMedia(q).matches;
		document.getElementById("asked").textContent = [innerWidth, innerHeight, devicePixelRatio,
			is("(prefers-color-scheme: dark)"), is("(prefers-reduced-motion: reduce)"),
			is("(forced-colors: active)"), is("(pointer: coarse)"), navigator.language,
			Intl.DateTimeFormat().resolvedOptions().timeZone].join(" ");
		</script>`)
	for want, setup := range map[string]browser.Setup{
		"1280 800 1 false false false false en Europe/Berlin": {},
		"390 700 2 true false false true de Europe/Zurich": {
			Device: browser.Phone, Dark: true, Language: "de", Zone: "Europe/Zurich",
		},
		"320 640 2 false true true true en Europe/Berlin": {
			Device: browser.Narrow, Still: true, HighContrast: true,
		},
	} {
		tab := browser.Open(t, setup)
		tab.Go(address)
		if got := tab.Text("#asked"); got != want {
			t.Errorf("%+v: the page saw %q, want %q", setup, got, want)
		}
		if got := tab.Count("#plain"); got != 0 {
			t.Error("a browser with scripts shows what is for those without")
		}
	}
	tab := browser.Open(t, browser.Setup{NoScript: true})
	tab.Go(address)
	if got := tab.Text("#asked") + tab.Text("#plain"); got != "plain" {
		t.Errorf("without scripts: %q", got)
	}
}

// TestPagesAndTabs goes to and fro, and looks at the cookies of two buyers.
func TestPagesAndTabs(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/favicon.ico" {
			return
		}
		if r.Method == http.MethodPost {
			http.SetCookie(w, &http.Cookie{Name: "buyer", Value: r.FormValue("buyer"), Path: "/"})
			http.Redirect(w, r, "/second", http.StatusSeeOther)
			return
		}
		cookie, err := r.Cookie("buyer")
		if err != nil {
			cookie = &http.Cookie{Value: "nobody"}
		}
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprintf(w, `<!doctype html><title>%s</title><p id="buyer">%s</p><p id="language">%s</p>
			<form method="post" action="/"><input name="buyer"><button>Go</button></form>`,
			r.URL.Path, cookie.Value, r.Header.Get("Accept-Language"))
	}))
	t.Cleanup(server.Close)
	for _, noScript := range []bool{false, true} {
		tab := browser.Open(t, browser.Setup{NoScript: noScript, Language: "de"})
		tab.Go(server.URL + "/first")
		tab.Fill("input", "ada")
		if status := tab.Loads(func() { tab.Click("button") }); status != http.StatusOK {
			t.Errorf("status %d", status)
		}
		if got := tab.URL(); got != server.URL+"/second" {
			t.Errorf("the address is %s", got)
		}
		tab.Reload()
		if got := tab.Text("#buyer") + " " + tab.Text("#language"); got != "ada de" {
			t.Errorf("the page saw %q", got)
		}
		beside := tab.Beside()
		beside.Go(server.URL + "/third")
		if got := beside.Text("#buyer"); got != "ada" {
			t.Errorf("the second tab of a buyer is %q", got)
		}
		tab.Back()
		if got := tab.URL(); got != server.URL+"/first" {
			t.Errorf("back led to %s", got)
		}
		beside.Close()
	}
	tab := browser.Open(t, browser.Setup{})
	tab.Go(server.URL)
	if got := tab.Text("#buyer"); got != "nobody" {
		t.Errorf("another buyer is %q", got)
	}
	tab.Allow("failed: net::ERR_INTERNET_DISCONNECTED")
	tab.Offline(true)
	tab.WaitFor("!navigator.onLine")
	tab.Eval("fetch('/x').then(() => 'came', () => 'failed')", new(string))
	if found := tab.Findings(); len(found) > 0 {
		t.Errorf("found %s", strings.Join(found, ", "))
	}
	tab.Offline(false)
	var came string
	if tab.Eval("fetch('/x').then(() => 'came', () => 'failed')", &came); came != "came" {
		t.Errorf("the network did not come back: %s", came)
	}
}
