// Package seatmap_test shows the seat map of a real server to a real browser.
package seatmap_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"ticketflow/internal/boot"
	"ticketflow/internal/config"
	"ticketflow/internal/inbound/web/assets"
	"ticketflow/internal/inbound/web/words"
	"ticketflow/internal/testservers/browser"
)

// The events of the demo.
const (
	theatre = "evt_1"
	stadium = "evt_3"
)

// patience is for a machine that has a lot to do; nothing waits for it.
const patience = time.Minute

// house is a server with the demo's events, and before it one with a page that shows a map: it
// stays while the other is restarted.
type house struct {
	tb  testing.TB
	set config.Serve
	url string
	// lacks says that the plan doesn't come.
	lacks atomic.Bool

	mu      sync.Mutex
	app     *boot.App
	backend *httputil.ReverseProxy
}

// settings are those of a server with a folder.
func settings(folder string) config.Serve {
	return config.Serve{Addr: "127.0.0.1:0", Data: folder, LogFormat: "text", Demo: true,
		Drain: 10 * patience, Payments: config.Payments{SimulatedPayments: true}}
}

// The folder of a server that has made the demo's events, of which each test has a copy: a stadium
// takes its time.
var demo struct {
	sync.Once

	folder string
	err    error
}

func TestMain(m *testing.M) {
	status := m.Run()
	if demo.folder != "" {
		_ = os.RemoveAll(demo.folder)
	}
	os.Exit(status)
}

func makeDemo() (folder string, err error) {
	if folder, err = os.MkdirTemp("", "ticketflow-demo-"); err != nil {
		return "", err
	}
	app, err := boot.Start(context.Background(), settings(folder), slog.New(slog.DiscardHandler))
	if err != nil {
		return folder, err
	}
	return folder, app.Close()
}

func open(tb testing.TB) *house {
	tb.Helper()
	demo.Do(func() { demo.folder, demo.err = makeDemo() })
	h := &house{tb: tb, set: settings(tb.TempDir())}
	if err := errors.Join(demo.err, os.CopyFS(h.set.Data, os.DirFS(demo.folder))); err != nil {
		tb.Fatal(err)
	}
	files, err := assets.New(map[string][]byte{"alone.css": []byte(alone)})
	if err != nil {
		tb.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle(assets.Prefix, files)
	mux.HandleFunc("GET /map/{event}", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; "+
			"style-src 'self'; img-src 'self' data:; connect-src 'self'")
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		event := r.PathValue("event")
		said := words.Books[0].SeatMap
		if own := r.URL.Query().Get("words"); own != "" {
			if err := json.Unmarshal([]byte(own), &said); err != nil {
				tb.Error(err)
			}
		}
		text, err := json.Marshal(&said)
		if err != nil {
			tb.Error(err)
		}
		if err := mapPage.Execute(w, map[string]string{"Event": event,
			"Plan": strings.Replace(event, "evt", "pln", 1), "Words": string(text),
			"Site": files.Path("site.css"), "CSS": files.Path("map.css"),
			"Alone": files.Path("alone.css"), "Script": files.Path("map.js")}); err != nil {
			tb.Error(err)
		}
	})
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = io.WriteString(w, "<!doctype html><html lang=en><title>Events</title><p>Events")
	})
	mux.HandleFunc("/v1/", h.pass)
	mux.HandleFunc("GET /favicon.ico", func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusNoContent)
	})
	front := httptest.NewServer(mux)
	tb.Cleanup(front.Close)
	h.url = front.URL
	h.start()
	tb.Cleanup(h.stop)
	return h
}

// alone lets the map fill the window.
const alone = "body, main { margin: 0; padding: 0; max-width: none } seat-map { height: 100dvh }"

// mapPage is a page with nothing but a map; it keeps what the map says.
var mapPage = template.Must(template.New("").Parse(`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Map</title>
<meta name="viewport" content="width=device-width">
<link rel="stylesheet" href="{{.Site}}"><link rel="stylesheet" href="{{.CSS}}">
<link rel="stylesheet" href="{{.Alone}}">
<link rel="preload" as="fetch" crossorigin href="/v1/events/{{.Event}}/plan.bin?plan={{.Plan}}">
<link rel="preload" as="fetch" crossorigin href="/v1/events/{{.Event}}/availability">
<link rel="preload" as="fetch" crossorigin href="/v1/events/{{.Event}}">
<script type="module" src="{{.Script}}"></script></head>
<body><main>
<seat-map event="{{.Event}}" plan="{{.Plan}}" data-words="{{.Words}}">
<a href="/list">List</a></seat-map>
</main></body></html>`))

// pass hands a request to the server, or says that there is none.
func (h *house) pass(w http.ResponseWriter, r *http.Request) {
	if h.lacks.Load() && strings.HasSuffix(r.URL.Path, "/plan.bin") {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	h.mu.Lock()
	backend := h.backend
	h.mu.Unlock()
	if backend == nil {
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	backend.ServeHTTP(w, r)
}

func (h *house) start() {
	h.tb.Helper()
	app, err := boot.Start(h.tb.Context(), h.set, slog.New(slog.DiscardHandler))
	if err != nil {
		h.tb.Fatal(err)
	}
	target, err := url.Parse(app.URL)
	if err != nil {
		h.tb.Fatal(err)
	}
	backend := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target) }, FlushInterval: -1,
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, _ error) {
			w.WriteHeader(http.StatusBadGateway)
		},
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.app, h.backend = app, backend
}

// stop ends the server. Calling it twice is harmless.
func (h *house) stop() {
	h.mu.Lock()
	app := h.app
	h.app, h.backend = nil, nil
	h.mu.Unlock()
	if app == nil {
		return
	}
	if err := app.Close(); err != nil {
		h.tb.Error(err)
	}
}

// hold is somebody else who takes places.
func (h *house) hold(event string, places ...int) (id, token string) {
	h.tb.Helper()
	body, err := json.Marshal(map[string]any{"places": places})
	if err != nil {
		h.tb.Fatal(err)
	}
	r, err := http.NewRequestWithContext(h.tb.Context(), http.MethodPost,
		h.url+"/v1/events/"+event+"/holds", bytes.NewReader(body))
	if err != nil {
		h.tb.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Idempotency-Key", fmt.Sprint("somebody else wants ", places))
	answer := h.send(r, http.StatusCreated)
	var made struct{ ID, Token string }
	if err := json.Unmarshal(answer, &made); err != nil {
		h.tb.Fatal(err)
	}
	return made.ID, made.Token
}

func (h *house) send(r *http.Request, want int) []byte {
	h.tb.Helper()
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		h.tb.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != want {
		h.tb.Fatalf("%s %s: %d %s %v", r.Method, r.URL, answer.StatusCode, text, err)
	}
	return text
}

// release gives a hold's places back.
func (h *house) release(id, token string) {
	h.tb.Helper()
	r, err := http.NewRequestWithContext(h.tb.Context(), http.MethodDelete,
		h.url+"/v1/holds/"+id, http.NoBody)
	if err != nil {
		h.tb.Fatal(err)
	}
	r.Header.Set("Hold-Token", token)
	h.send(r, http.StatusNoContent)
}

// sheet is a tab with a map.
type sheet struct {
	*browser.Tab

	tb testing.TB
}

// look opens the map of an event and waits until it is there.
func (h *house) look(event string, setup browser.Setup) sheet {
	h.tb.Helper()
	return h.lookAt(h.url+"/map/"+event, setup)
}

// lookAt is the same for a page of one's choice.
func (h *house) lookAt(page string, setup browser.Setup) sheet {
	h.tb.Helper()
	setup.Patience = patience
	s := sheet{browser.Open(h.tb, setup), h.tb}
	s.Go(h.url + "/") // whoever comes to a map comes from another page
	s.Go(page)
	s.WaitFor(`document.querySelector("seat-map").live`)
	s.Eval(`globalThis.map = document.querySelector("seat-map"), globalThis.heard = [],
		["choose", "drop"].forEach(n => map.addEventListener("seatmap:" + n,
			e => heard.push({name: n, ...e.detail}))), 0`, nil)
	s.Eval(debugging, nil)
	s.rest()
	return s
}

// rest waits until nothing moves.
func (s sheet) rest() {
	s.tb.Helper()
	s.WaitFor("!map.flight && !map.frame")
}

// debugging tells what a map shows, with a fingerprint of all states: FNV-1a over the bytes of a
// snapshot's body.
const debugging = `globalThis.debug = () => {
	const { model, painter, view } = map, { state, version } = model;
	let h = 2166136261;
	for (let p = 0; p < state.length; p += 4) {
		let byte = 0;
		for (let k = 0; k < 4; k++) byte |= (state[p + k] ?? 0) << 2 * k;
		h = Math.imul(h ^ byte, 16777619) >>> 0;
	}
	return { seats: model.plan.places, drawn: painter.drawn, level: painter.level, version, view,
		frames: performance.getEntriesByName("seatmap").length,
		hash: h.toString(16).padStart(8, "0") };
}, 0`

// debug is what the map shows.
type debug struct {
	Seats, Drawn, Level, Frames int
	Version                     uint64
	Hash                        string
	View                        struct{ X, Y, K float64 }
}

func (s sheet) debug() (d debug) {
	s.tb.Helper()
	s.Eval("debug()", &d)
	return d
}

// at is where a place is in the window.
func (s sheet) at(place int) (p browser.Point) {
	s.tb.Helper()
	s.Eval(fmt.Sprintf("map.at(%d)", place), &p)
	return p
}

// near shows a place in the middle, with seats of so many pixels.
func (s sheet) near(place int, px float64) {
	s.tb.Helper()
	s.Eval(fmt.Sprintf(`map.fly(map.around(map.model.plan.x[%[1]d], map.model.plan.y[%[1]d],
		%[2]v / map.model.pitch), 0), 0`, place, px), nil)
	s.rest()
}
