package main

import (
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"
)

// TestHelpIsWhole: every flag that takes a value says what happens without it, every command shows
// how it is used, and no line is wider than a terminal.
func TestHelpIsWhole(t *testing.T) {
	t.Setenv("COLUMNS", "80")
	wants := map[string][]string{
		"serve": {"default 127.0.0.1:8080", "default data", "default info", "default text",
			"default 15s", "$TICKETFLOW_ADDR", "$TICKETFLOW_DATA", "TICKETFLOW_API_KEY"},
		"flashsale": {"default stampede", "default 500", "default 80000", "default 2)",
			"default 100", "default 30s", "default 1)", "TICKETFLOW_API_KEY", "status 1"},
		"audit": {"default data", "status 1"},
		"simpay": {"default 127.0.0.1:8081", "$TICKETFLOW_SIMPAY_DEMO", "$TICKETFLOW_SIMPAY_KNOBS",
			"$TICKETFLOW_SIMPAY_SEED", "TICKETFLOW_SIMPAY_SECRET"},
		"refund-event": {"default 20", "default http://127.0.0.1:8080", "Ctrl-C", "status 1",
			"TICKETFLOW_API_KEY"},
		"statement": {"default http://127.0.0.1:8080", "status 1", "TICKETFLOW_API_KEY"},
		"payments":  {"reconcile", "open", "replay", "return", "TICKETFLOW_API_KEY"},
	}
	// Nothing is done without them.
	withoutDefault := regexp.MustCompile(`--(config|public-url|simpay-url|amqp-url)=`)
	entry := regexp.MustCompile(`(?m)^ +(-h, )?--`)
	for name, words := range wants {
		out, _, err := command(t, name, "--help")
		if err != nil {
			t.Fatal(err)
		}
		flat := strings.Join(strings.Fields(out), " ")
		for _, word := range words {
			if !strings.Contains(flat, word) {
				t.Errorf("%s --help says nothing of %q", name, word)
			}
		}
		if n := strings.Count(out, "    ticketflow "+name); n < 2 || n > 3 {
			t.Errorf("%s --help has %d examples", name, n)
		}
		for line := range strings.Lines(out) {
			if utf8.RuneCountInString(line) > 81 {
				t.Errorf("%s --help: a line is too wide: %s", name, line)
			}
		}
		flags := entry.Split(out, -1)
		for i, at := range entry.FindAllString(out, -1) {
			text := at + strings.Join(strings.Fields(flags[i+1]), " ")
			if strings.Contains(text, "=") && !withoutDefault.MatchString(text) &&
				!strings.Contains(text, "default") {
				t.Errorf("%s --help: no default: %s", name, text)
			}
		}
	}
}
