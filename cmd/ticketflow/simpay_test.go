package main

import (
	"bytes"
	"context"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
)

const simpaySecret = "TICKETFLOW_SIMPAY_SECRET"

// TestSimpayMisbehavesAsTold: what the operator sets at the start is what the simulator's page
// shows, and is what it does.
func TestSimpayMisbehavesAsTold(t *testing.T) {
	t.Setenv(simpaySecret, "twenty-characters-and-more")
	t.Setenv("TICKETFLOW_SIMPAY_DEMO", "true")
	t.Setenv("TICKETFLOW_SIMPAY_KNOBS", "fail_before=1")
	var log bytes.Buffer
	c, err := startChild(t.Context(), &log, nil, "simpay", "--addr", "127.0.0.1:0", "--seed", "7",
		"--data", filepath.Join(t.TempDir(), "simpay"))
	if err != nil {
		t.Fatal(err, log.String())
	}
	t.Cleanup(func() { _ = c.kill() }) // in case that it isn't stopped below
	p := program{t: t, url: c.url}
	page := string(p.ask(http.MethodGet, "/simpay/knobs", "", http.StatusOK))
	if !strings.Contains(page, `name="fail_before" value="1"`) {
		t.Error(page)
	}
	h := house{T: t, fleet: &fleet{env: []string{simpaySecret + "=twenty-characters-and-more"}}}
	p.ask(http.MethodGet, "/simpay/v1/payments/ord_1:1", "", http.StatusInternalServerError,
		"Authorization", "Bearer "+h.simpayBearer())
	if err := c.stop(); err != nil {
		t.Error(err)
	}
	if !strings.Contains(log.String(), `knobs="fail_before=1"`) ||
		!strings.Contains(log.String(), "seed=7") {
		t.Errorf("the log doesn't name the storm: %s", log.String())
	}
}

// TestFleetsAreDemos: a rehearsal says by itself that its simulator is for a demo.
func TestFleetsAreDemos(t *testing.T) {
	var log bytes.Buffer
	f := &fleet{log: &log, dir: t.TempDir()}
	if err := f.startSimpay(t.Context(), "http://127.0.0.1:1"); err != nil {
		t.Fatal(err, log.String())
	}
	if err := f.stop(); err != nil {
		t.Error(err)
	}
}

// TestSimpayOutsideADemo: what is misspelt or not said is refused before a port is open.
func TestSimpayOutsideADemo(t *testing.T) {
	t.Setenv(simpaySecret, "twenty-characters-and-more")
	t.Setenv("TICKETFLOW_SIMPAY_DATA", filepath.Join(t.TempDir(), "simpay"))
	for want, args := range map[string][]string{
		"TICKETFLOW_SIMPAY_DEMO=true": {"simpay"},
		"no real money":               {"simpay", "--knobs", "decline=1"},
		"weebhook_lost":               {"simpay", "--demo", "--knobs", "weebhook_lost=1"},
		"decline can't be":            {"simpay", "--demo", "--knobs", "decline=2"},
	} {
		ctx, cancel := context.WithCancel(t.Context())
		cancel() // so that one that starts all the same ends, too
		var out, errs bytes.Buffer
		err := run(ctx, args, streams{&out, &errs})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: %v, want a word about %s", args, err, want)
		}
	}
}
