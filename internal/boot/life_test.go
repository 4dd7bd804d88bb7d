package boot_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"ticketflow/internal/boot"
	"ticketflow/internal/config"
	"ticketflow/internal/outbound/sqlite"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience bounds what must not take long; nothing waits for it.
const patience = 20 * time.Second

func settings(dir string) config.Serve {
	return config.Serve{Addr: "127.0.0.1:0", Data: dir, LogFormat: "text",
		Payments: config.Payments{SimulatedPayments: true}, Drain: 10 * patience}
}

func start(t *testing.T, c config.Serve) *boot.App {
	t.Helper()
	app, err := boot.Start(t.Context(), c, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(t, app) })
	return app
}

// stop closes an app, which must not take as long as the drain.
func stop(t *testing.T, app *boot.App) {
	t.Helper()
	begun := time.Now()
	if err := app.Close(); err != nil {
		t.Error(err)
	}
	if took := time.Since(begun); took > patience {
		t.Errorf("it took %v to stop", took)
	}
}

// ask sends a request and wants a status; header is names and values in turn.
func ask(
	t *testing.T, method, url, body string, want int, header ...string,
) (answer map[string]any) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	transport := &http.Transport{DisableKeepAlives: true}
	w, err := transport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = w.Body.Close() }()
	raw, err := io.ReadAll(w.Body)
	if err != nil || w.StatusCode != want {
		t.Fatalf("%s %s: %s, want %d: %s, %v", method, url, w.Status, want, raw, err)
	}
	if len(raw) > 0 {
		if err := json.Unmarshal(raw, &answer); err != nil {
			t.Fatal(err)
		}
	}
	return answer
}

func freePort(t *testing.T) string {
	t.Helper()
	var config net.ListenConfig
	l, err := config.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	return l.Addr().String()
}

func TestATakenPortIsSaid(t *testing.T) {
	var config net.ListenConfig
	taken, err := config.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }()
	c := settings(t.TempDir())
	c.Addr = taken.Addr().String()
	_, err = boot.Start(t.Context(), c, slog.New(slog.DiscardHandler))
	for _, word := range []string{c.Addr, "another program", "--addr"} {
		if err == nil || !strings.Contains(err.Error(), word) {
			t.Errorf("got %v, want a word about %s", err, word)
		}
	}
	start(t, settings(c.Data)) // nothing was left open
}

func TestAnAddressOfAnotherMachineIsSaid(t *testing.T) {
	c := settings(t.TempDir())
	c.Addr = "192.0.2.1:8080"
	_, err := boot.Start(t.Context(), c, slog.New(slog.DiscardHandler))
	if err == nil || !strings.Contains(err.Error(), "--addr") {
		t.Errorf("got %v", err)
	}
}

// TestAFailureInTheMiddleLeavesNothingOpen spoils the folder of the payments, which are opened
// after the ledger and the port.
func TestAFailureInTheMiddleLeavesNothingOpen(t *testing.T) {
	c := settings(t.TempDir())
	c.Addr = freePort(t)
	spoilt := filepath.Join(c.Data, "simpay")
	if err := os.WriteFile(spoilt, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := boot.Start(t.Context(), c, slog.New(slog.DiscardHandler)); err == nil ||
		!strings.Contains(err.Error(), "simpay") {
		t.Fatalf("got %v", err)
	}
	if err := os.Remove(spoilt); err != nil {
		t.Fatal(err)
	}
	start(t, c)
}

func TestASecondServerOnTheFolderIsRefused(t *testing.T) {
	c := settings(t.TempDir())
	first := start(t, c)
	_, err := boot.Start(t.Context(), c, slog.New(slog.DiscardHandler))
	if !errors.Is(err, sqlite.ErrLocked) {
		t.Fatalf("got %v", err)
	}
	for _, word := range []string{"another TicketFlow process", c.Data, "--data"} {
		if !strings.Contains(err.Error(), word) {
			t.Errorf("%q says nothing of %s", err, word)
		}
	}
	ask(t, http.MethodGet, first.URL+"/readyz", "", http.StatusOK)
}

func TestCloseTwice(t *testing.T) {
	app := start(t, settings(t.TempDir()))
	stop(t, app)
	stop(t, app)
	if err := <-app.Failed(); err != nil {
		t.Errorf("after it was closed: %v", err)
	}
}

// TestViewersAreSentAway: their streams would go on for ever, and the shutdown doesn't wait.
func TestViewersAreSentAway(t *testing.T) {
	c := settings(t.TempDir())
	c.Demo = true
	app := start(t, c)
	const viewers = 3
	ready, said := make(chan struct{}), make(chan string, viewers)
	for range viewers {
		go func() { said <- watch(app.URL+"/v1/events/evt_1/changes", ready) }()
	}
	for range viewers {
		<-ready
	}
	stop(t, app)
	for range viewers {
		if got := <-said; got != "resync <nil>" {
			t.Errorf("a viewer is left with %q", got)
		}
	}
}

// watch follows a stream to its end, and returns its last event and how it ended.
func watch(url string, ready chan<- struct{}) string {
	r, err := http.NewRequestWithContext(context.Background(), http.MethodGet, url, http.NoBody)
	if err != nil {
		return err.Error()
	}
	w, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(r)
	if err != nil {
		return err.Error()
	}
	defer func() { _ = w.Body.Close() }()
	last := ""
	lines := bufio.NewScanner(w.Body)
	for lines.Scan() {
		event, ok := strings.CutPrefix(lines.Text(), "event: ")
		if !ok {
			continue
		}
		if last = event; event == "ready" {
			ready <- struct{}{}
		}
	}
	return fmt.Sprint(last, " ", lines.Err())
}

// TestARestartKeepsKeysAndTokens: what was given out before works after.
func TestARestartKeepsKeysAndTokens(t *testing.T) {
	c := settings(t.TempDir())
	c.Demo = true
	before := start(t, c)
	key := before.APIKey
	if key == "" {
		t.Fatal("the first start shows no key")
	}
	hold := ask(t, http.MethodPost, before.URL+"/v1/events/evt_1/holds", `{"best":{"count":1}}`,
		http.StatusCreated, "Idempotency-Key", "before-the-restart")
	order := ask(t, http.MethodPost, before.URL+"/v1/orders", fmt.Sprintf(
		`{"hold":%q,"hold_token":%q,"buyer":{"name":"A","email":"a@example.org"}}`, hold["id"],
		hold["token"]), http.StatusCreated, "Idempotency-Key", "before")
	stop(t, before)

	after := start(t, c)
	if after.APIKey != "" {
		t.Error("the second start shows a key")
	}
	ask(t, http.MethodGet, after.URL+"/v1/events/evt_1/sales", "", http.StatusOK,
		"Authorization", "Bearer "+key)
	ask(t, http.MethodGet, after.URL+"/v1/events/evt_1/sales", "", http.StatusUnauthorized,
		"Authorization", "Bearer "+key[:len(key)-1])
	ask(t, http.MethodGet, fmt.Sprint(after.URL, "/v1/holds/", hold["id"]), "", http.StatusOK,
		"Hold-Token", fmt.Sprint(hold["token"]))
	again := ask(t, http.MethodGet, fmt.Sprint(after.URL, "/v1/orders/", order["id"]), "",
		http.StatusOK, "Order-Token", fmt.Sprint(order["token"]))
	if again["state"] != "awaiting_payment" {
		t.Errorf("the order is %v", again["state"])
	}
	replay := ask(t, http.MethodPost, after.URL+"/v1/events/evt_1/holds",
		`{"best":{"count":1}}`, http.StatusCreated, "Idempotency-Key", "before-the-restart")
	if replay["id"] != hold["id"] || replay["token"] != hold["token"] {
		t.Errorf("the same request gives %v, not %v", replay["id"], hold["id"])
	}
}
