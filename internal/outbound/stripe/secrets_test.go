package stripe

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"ticketflow/internal/app/payment"
)

// TestSecretsStayInside: neither what is printed nor any error or log line holds a secret, even
// when Stripe quotes it.
func TestSecretsStayInside(t *testing.T) {
	f := newFake(t)
	var log bytes.Buffer
	logger := slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	options := Options{APIKey: testKey, WebhookSecret: testSecret, ReturnURL: returnURL,
		BaseURL: f.server.URL, Log: logger}
	g, err := New(options)
	if err != nil {
		t.Fatal(err)
	}
	defer g.Close()
	f.fails("POST /v1/products", forbidden, brokenBefore, strange, lostBefore, garbled)
	for range 5 {
		_, err := g.Begin(t.Context(), request(t))
		if err == nil {
			t.Error("nothing went wrong")
		}
		fmt.Fprintf(&log, "%v %+v %#v\n", err, err, err)
	}
	if _, err := g.ReadNotice(nil, nil, at); !errors.Is(err, payment.ErrNotice) {
		t.Error(err)
	}
	logger.Info("all", "options", options, "gateway", g, "secret", options.APIKey)
	encoded, err := json.Marshal(options.APIKey)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(&log, "%v %+v %#v %v %+v %#v %s %s", options, options, options, g, g, g, g, encoded)
	for _, secret := range []string{testKey, testSecret} {
		if strings.Contains(log.String(), secret) {
			t.Errorf("%s in: %s", secret, log.String())
		}
	}
	if !strings.Contains(log.String(), "level=ERROR") {
		t.Errorf("nobody tells the operator that the key is wrong: %s", log.String())
	}
}

func TestOptions(t *testing.T) {
	good := Options{APIKey: "rk_live_x", WebhookSecret: testSecret, ReturnURL: returnURL}
	g, err := New(good)
	if err != nil || !g.Live() {
		t.Errorf("a restricted live key: %v", err)
	}
	for name, spoil := range map[string]func(*Options){
		"no key":          func(o *Options) { o.APIKey = "" },
		"public key":      func(o *Options) { o.APIKey = "pk_live_x" },
		"some key":        func(o *Options) { o.APIKey = "sk_x" },
		"no secret":       func(o *Options) { o.WebhookSecret = "" },
		"another's":       func(o *Options) { o.WebhookSecret = "sk_live_x" },
		"no way back":     func(o *Options) { o.ReturnURL = "" },
		"a path back":     func(o *Options) { o.ReturnURL = "/orders" },
		"another way":     func(o *Options) { o.ReturnURL = "ftp://example.org" },
		"no address back": func(o *Options) { o.ReturnURL = "http://[" },
	} {
		o := good
		spoil(&o)
		if _, err := New(o); !errors.Is(err, ErrOptions) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestKeptConnection: a connection that breaks while it is kept costs no answer, and the repetition
// by net/http has no second effect.
func TestKeptConnection(t *testing.T) {
	f := newFake(t)
	f.server.Config.SetKeepAlivesEnabled(true)
	g := f.gateway()
	f.fails("POST /v1/checkout/sessions", lostAfter)
	begin(t, g)
	if len(f.sessions) != 1 {
		t.Errorf("%d sessions", len(f.sessions))
	}
}
