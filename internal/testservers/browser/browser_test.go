package browser_test

import (
	"fmt"
	"image/png"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"ticketflow/internal/testservers"
	"ticketflow/internal/testservers/browser"
)

// witness stands in for a test that is to fail, and notes what it would have said.
type witness struct {
	testing.TB

	said    []string
	cleanup []func()
}

func (w *witness) Helper()             {}
func (w *witness) Failed() bool        { return len(w.said) > 0 }
func (w *witness) Cleanup(f func())    { w.cleanup = append(w.cleanup, f) }
func (w *witness) Logf(string, ...any) {} // of pages that are kept: their folder goes with the test

func (w *witness) Errorf(format string, a ...any) {
	w.said = append(w.said, fmt.Sprintf(format, a...))
}

func (w *witness) Fatalf(format string, a ...any) {
	w.Errorf(format, a...)
	runtime.Goexit()
}

func (w *witness) Fatal(a ...any) {
	w.Errorf("%s", fmt.Sprint(a...))
	runtime.Goexit()
}

// watch runs a test that may fail and gives what it said.
func watch(t *testing.T, test func(tb testing.TB)) []string {
	t.Helper()
	testservers.Chromium(t) // its folder is for all tests, and must not go with this one's
	t.Setenv("TMPDIR", t.TempDir())
	w := &witness{TB: t}
	done := make(chan struct{})
	go func() {
		defer close(done)
		test(w)
	}()
	<-done
	for _, f := range slices.Backward(w.cleanup) {
		f()
	}
	return w.said
}

// serve serves one page, and nothing else.
func serve(t *testing.T, body string, headers ...string) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		for i := 0; i < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		if r.URL.Path != "/" {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		fmt.Fprintf(w, `<!doctype html><html lang="en"><head><title>Page</title>
			<link rel="icon" href="data:,">
			<meta name="viewport" content="width=device-width, initial-scale=1"></head>
			<body><main><h1>A page</h1>%s</main></body></html>`, body)
	}))
	t.Cleanup(server.Close)
	return server.URL + "/"
}

func TestASoundPageFailsNobody(t *testing.T) {
	address := serve(t, `<label>Name <input id="name"></label>`,
		"Content-Security-Policy", "default-src 'none'; img-src data:")
	for _, setup := range []browser.Setup{{}, {Device: browser.Phone}, {NoScript: true}} {
		said := watch(t, func(tb testing.TB) {
			tb.Helper()
			tab := browser.Open(tb, setup)
			if status := tab.Go(address); status != http.StatusOK {
				tb.Errorf("status %d", status)
			}
			if !setup.NoScript {
				tab.Axe()
			}
		})
		if len(said) > 0 {
			t.Errorf("%+v: a sound page was found to be %q", setup, said)
		}
	}
}

// TestWhatAPageDoesWrongIsFound holds the negative controls: each page has one fault.
func TestWhatAPageDoesWrongIsFound(t *testing.T) {
	policy := []string{"Content-Security-Policy", "default-src 'none'; img-src data:"}
	for name, c := range map[string]struct {
		body     string
		headers  []string
		noScript bool
		want     string
	}{
		"inline style": {`<p style="color:red">a</p>`, policy, false,
			"content security policy: style-src"},
		"inline style without scripts": {`<p style="color:red">a</p>`, policy, true,
			"content security policy: style-src"},
		"inline script": {`<script>1</script>`, policy, false,
			"content security policy: script-src"},
		"foreign picture": {`<img alt="" src="/x.png">`, policy, false,
			"content security policy: img-src"},
		"console": {`<script>console.error("gone", 7)</script>`, nil, false,
			"console.error: gone 7"},
		"exception": {`<script>nothing.there</script>`, nil, false, "nothing is not defined"},
		"promise": {`<script>Promise.reject(new Error("late"))</script>`, nil, false,
			"Error: late"},
		"missing file": {`<img alt="" src="/x.png">`, nil, false, "/x.png was answered with 404"},
		"nobody answers": {`<img alt="" src="http://127.0.0.1:1/x.png">`, nil, false,
			"failed: net::ERR"},
		"dialog": {`<script>alert("hello")</script>`, nil, false, `dialog: alert "hello"`},
	} {
		t.Run(name, func(t *testing.T) {
			address := serve(t, c.body, c.headers...)
			look := func(allow string) []string {
				return watch(t, func(tb testing.TB) {
					tb.Helper()
					tab := browser.Open(tb, browser.Setup{NoScript: c.noScript})
					if allow != "" {
						tab.Allow(allow)
					}
					tab.Go(address)
				})
			}
			said := look("")
			if !slices.ContainsFunc(said, func(s string) bool {
				return strings.Contains(s, c.want)
			}) {
				t.Errorf("found %q, want %q among it", said, c.want)
			}
			for _, s := range look(c.want) {
				if strings.Contains(s, c.want) {
					t.Errorf("what is allowed was found: %q", s)
				}
			}
		})
	}
}

func TestAxeFindsBarriers(t *testing.T) {
	for name, c := range map[string]struct{ body, want string }{
		"unlabelled field": {`<input id="name">`, "critical barrier label"},
		"pale text": {`<p class="pale">A pale word</p><style>.pale{color:#ccc}</style>`,
			"serious barrier color-contrast"},
	} {
		t.Run(name, func(t *testing.T) {
			address := serve(t, c.body)
			said := watch(t, func(tb testing.TB) {
				tb.Helper()
				tab := browser.Open(tb, browser.Setup{})
				tab.Go(address)
				tab.Axe()
			})
			if len(said) != 1 || !strings.Contains(said[0], c.want) {
				t.Errorf("found %q, want %q", said, c.want)
			}
		})
	}
}

func TestAFailedTestKeepsThePage(t *testing.T) {
	address := serve(t, `<p>kept</p>`)
	watch(t, func(tb testing.TB) {
		tb.Helper()
		browser.Open(tb, browser.Setup{}).Go(address)
		tb.Errorf("for another reason")
	})
	folders, err := filepath.Glob(filepath.Join(os.TempDir(),
		"ticketflow-page-TestAFailedTestKeepsThePage-*"))
	if err != nil || len(folders) != 1 {
		t.Fatalf("found %q, %v", folders, err)
	}
	html, err := os.ReadFile(filepath.Join(folders[0], "page.html"))
	if err != nil || !strings.Contains(string(html), "<p>kept</p>") ||
		!strings.Contains(string(html), address) {
		t.Errorf("page.html is %q, %v", html, err)
	}
	file, err := os.Open(filepath.Join(folders[0], "page.png"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if picture, err := png.DecodeConfig(file); err != nil ||
		picture.Width != browser.Desktop.Width || picture.Height != browser.Desktop.Height {
		t.Errorf("page.png is %+v, %v", picture, err)
	}
}

func TestAStepThatCannotBeTakenFails(t *testing.T) {
	address := serve(t, `<button id="pay" disabled>Pay</button>`)
	said := watch(t, func(tb testing.TB) {
		tb.Helper()
		tab := browser.Open(tb, browser.Setup{Patience: 2 * time.Second})
		tab.Go(address)
		tab.Click("#pay")
		tb.Errorf("went on")
	})
	if len(said) != 1 || !strings.Contains(said[0], "touch #pay") ||
		!strings.Contains(said[0], "it is disabled") {
		t.Errorf("said %q", said)
	}
}
