package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestHelp(t *testing.T) {
	for _, args := range [][]string{nil, {"--help"}, {"serve", "--help"}, {"audit", "--help"}} {
		out, _, err := command(t, args...)
		if err != nil || !strings.Contains(out, "Usage: ticketflow") {
			t.Errorf("%v: %v\n%s", args, err, out)
		}
		if strings.Contains(out, "nullserver") || strings.Contains(out, "baselineserver") {
			t.Errorf("%v shows the yardstick of rehearsals", args)
		}
	}
	if out, _, err := command(t, "version"); err != nil || !strings.HasPrefix(out, "ticketflow ") {
		t.Errorf("%q, %v", out, err)
	}
}

// TestRefusals are the slips that an operator makes: each is told what to do.
func TestRefusals(t *testing.T) {
	folder := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	unknown := file("unknown.json", `{"adress":"127.0.0.1:0"}`)
	broken := file("broken.json", `{"addr":`)
	two := file("two.json", `{"log-level":"info"} {}`)
	tests := []struct {
		name string
		args []string
		want string
	}{
		{"an unknown command", []string{"sell"}, "--help"},
		{"an unknown flag", []string{"serve", "--adr", "x"}, `did you mean "--addr"`},
		{"an unknown setting", []string{"serve", "--config", unknown}, `"adress"`},
		{"a broken file", []string{"serve", "--config", broken}, "configuration file"},
		{"a file with more behind", []string{"serve", "--config", two}, "configuration file"},
		{"no such file", []string{"serve", "--config", folder + "/no"}, "no such file"},
		{"a bad address", []string{"serve", "--addr", "8080"}, "127.0.0.1:8080"},
		{"a bad level", []string{"serve", "--log-level", "loud"}, "--log-level"},
		{"a bad format", []string{"serve", "--log-format", "xml"}, `"text","json"`},
		{"a bad drain", []string{"serve", "--drain", "1h"}, "--drain"},
		{"a bad public address", []string{"serve", "--public-url", "x"}, "https://"},
		{"a bad scenario", []string{"flashsale", "--scenario", "x"}, `"stampede"`},
		{"no buyers", []string{"flashsale", "--buyers", "0"}, "--buyers"},
		{"places below nought", []string{"flashsale", "--places=-1"}, "--places"},
		{"no places an order", []string{"flashsale", "--per-order", "0"}, "--per-order"},
		{"no rate", []string{"flashsale", "--rate", "0"}, "--rate"},
		{"no time", []string{"flashsale", "--duration", "0s"}, "--duration"},
		{"no viewers", []string{"flashsale", "--viewers", "0"}, "--viewers"},
		{"viewers of several", []string{"flashsale", "--scenario", "viewers", "--instances", "2"},
			"--instances"},
		{"more viewers than files", []string{"flashsale", "--scenario", "viewers", "--places", "9",
			"--viewers", "60001"}, "60000"},
		{"another machine", []string{"flashsale", "--target", "http://192.0.2.1"}, "remote"},
		{"no key for the target", []string{"flashsale", "--target", "http://127.0.0.1:1"},
			"TICKETFLOW_API_KEY"},
		{"a crash of a foreign server", []string{"flashsale", "--target", "http://127.0.0.1:1",
			"--crash-at", "1s"}, "--crash-at"},
		{"a baseline on nothing", []string{"flashsale", "--baseline"}, "TICKETFLOW_DATABASE_URL"},
		{"a baseline server on nothing", []string{"baselineserver"}, "TICKETFLOW_DATABASE_URL"},
		{"a baseline without places", []string{"baselineserver", "--places", "0"}, "--places"},
		{"no demo", []string{"simpay"}, "--demo"},
		{"no secret", []string{"simpay", "--demo"}, "TICKETFLOW_SIMPAY_SECRET"},
		{"no key for the money", []string{"payments", "open"}, "TICKETFLOW_API_KEY"},
		{"a bad server", []string{"payments", "open", "--server", "x"}, "--server"},
		{"a bad rate", []string{"refund-event", "--event", "evt_1", "--rate", "0"}, "--rate"},
		{"no event to refund", []string{"refund-event"}, "--event"},
		{"no event to state", []string{"statement"}, "<event>"},
		{"half a payment", []string{"payments", "return", "simpay"}, "<transaction>"},
		{"no ledger", []string{"audit", "--data", filepath.Join(folder, "none")}, "--data"},
	}
	t.Setenv("TICKETFLOW_DATA", folder)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if test.want == "remote" {
				t.Setenv("TICKETFLOW_API_KEY", "not-for-foreign-machines")
			}
			out, _, err := command(t, test.args...)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want a word about %s\n%s", err, test.want, out)
			}
		})
	}
}

// TestPrecedence: a flag wins over the environment, and that over the file.
func TestPrecedence(t *testing.T) {
	file := filepath.Join(t.TempDir(), "c.json")
	if err := os.WriteFile(file, []byte(`{"addr":"from-file"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	refused := func(want string, args ...string) {
		t.Helper()
		_, _, err := command(t, append([]string{"serve", "--config", file}, args...)...)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want a word about %s", err, want)
		}
	}
	refused("from-file")
	t.Setenv("TICKETFLOW_ADDR", "from-environment")
	refused("from-environment")
	refused("from-flag", "--addr", "from-flag")
}
