package journeys

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"ticketflow/internal/app/demo"
	"ticketflow/internal/app/planfile"
	"ticketflow/internal/boot"
	"ticketflow/internal/config"
	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/inbound/httpapi"
	"ticketflow/internal/testservers/browser"
)

const (
	organiserKey = "the-organisers-key-of-the-journeys"
	simpaySecret = "the-simulators-secret-of-the-journeys"
	patience     = 20 * time.Second // what an answer may take
)

// shop is a whole box office with one event on sale, for one test.
type shop struct {
	*testing.T

	url     string // http://127.0.0.1:port
	event   string // the event on sale, on smallHall
	plan    *catalog.Plan
	app     *boot.App
	clock   *clock
	log     bytes.Buffer
	client  *http.Client
	venue   string
	counter atomic.Int64
}

// setting changes what a shop is like, before it opens.
type setting func(c *config.Serve, e *httpapi.NewEvent)

// withDemo adds the three events of the demo.
func withDemo(c *config.Serve, _ *httpapi.NewEvent) { c.Demo = true }

// holding sets how long a hold lives, and how often it may be extended.
func holding(hold time.Duration, extensions int) setting {
	return func(_ *config.Serve, e *httpapi.NewEvent) {
		e.Sale.HoldSeconds = int(hold / time.Second)
		e.Sale.MaxExtensions = &extensions
	}
}

// clock is the machine's, ahead by as much as a test has moved it.
type clock struct{ ahead atomic.Int64 }

func (c *clock) now() time.Time { return time.Now().Add(time.Duration(c.ahead.Load())) }

// open opens a shop. It closes at the test's end.
func open(t *testing.T, settings ...setting) *shop {
	t.Helper()
	s := &shop{T: t, clock: &clock{},
		client: &http.Client{Timeout: patience, Transport: &http.Transport{}}}
	c := config.Serve{Addr: "127.0.0.1:0", Data: t.TempDir(), LogFormat: "text",
		Drain: patience, APIKey: organiserKey, SimpaySecret: simpaySecret,
		Payments: config.Payments{SimulatedPayments: true}}
	event := s.usualEvent()
	for _, set := range settings {
		set(&c, &event)
	}
	log := slog.New(slog.NewTextHandler(&s.log, &slog.HandlerOptions{Level: slog.LevelWarn}))
	app, err := boot.StartAt(t.Context(), c, log, s.clock.now)
	if err != nil {
		t.Fatal(err)
	}
	s.app, s.url = app, app.URL
	t.Cleanup(s.close)
	s.plan, err = catalog.NewPlan(smallHall())
	if err != nil {
		t.Fatal(err)
	}
	var venue httpapi.Venue
	s.organise(http.MethodPost, "/v1/venues", httpapi.NewVenue{Name: "Lantern House",
		Address: "Quay 4", City: "Zurich", Country: "CH", TimeZone: "Europe/Zurich"}, &venue)
	s.venue = venue.ID
	s.event = s.stage(s.plan, event)
	return s
}

func (s *shop) close() {
	s.client.CloseIdleConnections()
	if err := s.app.Close(); err != nil {
		s.Error("close the shop:", err)
	}
	if s.Failed() && s.log.Len() > 0 {
		s.Log("the shop's log:\n" + s.log.String())
	}
}

// page is the address of a page.
func (s *shop) page(path string) string { return s.url + path }

// tab opens a browser's tab.
func (s *shop) tab(setup browser.Setup) *browser.Tab {
	s.Helper()
	return browser.Open(s.T, setup)
}

// forward moves the shop's clock, which holds, orders and sales go by. What runs out by that is
// ended within a second. A page's own clock stands where it was: it has to ask the shop.
func (s *shop) forward(d time.Duration) { s.clock.ahead.Add(int64(d)) }

// stage publishes an event on a plan and gives its identifier.
func (s *shop) stage(plan *catalog.Plan, event httpapi.NewEvent) string {
	s.Helper()
	document, err := planfile.EncodeJSON(plan)
	if err != nil {
		s.Fatal(err)
	}
	var made struct{ ID string }
	s.organise(http.MethodPost, "/v1/plans?venue="+s.venue, json.RawMessage(document), &made)
	event.Venue, event.Plan = s.venue, made.ID
	s.organise(http.MethodPost, "/v1/events", event, &made)
	s.organise(http.MethodPost, "/v1/events/"+made.ID+"/publish", nil, nil)
	return made.ID
}

// stadium puts an event with 80,000 places on sale and gives its identifier.
func (s *shop) stadium() string {
	s.Helper()
	plan, err := catalog.NewPlan(demo.Stadium())
	if err != nil {
		s.Fatal(err)
	}
	event := s.usualEvent()
	event.Title = "Midsummer Open Air"
	event.Tiers, event.Rules = nil, nil
	for i, c := range plan.Spec().Categories {
		key := "cat" + string(rune('1'+i))
		event.Tiers = append(event.Tiers, httpapi.Tier{Key: key, Name: c.Name,
			Price: httpapi.Money{Amount: int64(12_900 - 2_000*i), Currency: "CHF"}})
		event.Rules = append(event.Rules,
			httpapi.TierRule{Tier: key, Categories: []string{c.Name}})
	}
	return s.stage(plan, event)
}

// organise asks the API in the organiser's name. Any answer but success ends the test.
func (s *shop) organise(method, path string, body, answer any) {
	s.Helper()
	status, text := s.ask(method, path, body, "Authorization", "Bearer "+organiserKey,
		"Idempotency-Key", s.fresh())
	s.read(method+" "+path, status, text, answer)
}

// fresh gives a key that nobody has used.
func (s *shop) fresh() string {
	const letters = "journey-key-number-"
	return letters + time.Duration(s.counter.Add(1)).String()
}

func (s *shop) read(what string, status int, text []byte, answer any) {
	s.Helper()
	if status >= http.StatusBadRequest {
		s.Fatalf("%s: status %d: %s", what, status, text)
	}
	if answer != nil {
		if err := json.Unmarshal(text, answer); err != nil {
			s.Fatalf("%s: %v in %s", what, err, text)
		}
	}
}

// ask sends a request to the shop; headers are names and values in turn.
func (s *shop) ask(method, path string, body any, headers ...string) (status int, answer []byte) {
	s.Helper()
	var content io.Reader = http.NoBody
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			s.Fatal(err)
		}
		content = bytes.NewReader(text)
	}
	address := path
	if strings.HasPrefix(path, "/") {
		address = s.url + path
	}
	r, err := http.NewRequestWithContext(s.Context(), method, address, content)
	if err != nil {
		s.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w, err := s.client.Do(r)
	if err != nil {
		s.Fatal(err)
	}
	defer w.Body.Close()
	if answer, err = io.ReadAll(w.Body); err != nil {
		s.Fatal(err)
	}
	return w.StatusCode, answer
}
