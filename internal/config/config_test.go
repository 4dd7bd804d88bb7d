package config_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/kong"

	"ticketflow/internal/config"
)

// parse reads a command line as `ticketflow serve` does.
func parse(t *testing.T, args ...string) (config.Serve, error) {
	t.Helper()
	var c config.Serve
	parser, err := kong.New(&c)
	if err != nil {
		t.Fatal(err)
	}
	_, err = parser.Parse(args)
	return c, err
}

// TestDefaultsWork: who takes the money is all that has to be said.
func TestDefaultsWork(t *testing.T) {
	c, err := parse(t, "--simulated-payments")
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Check(); err != nil {
		t.Errorf("what is served without any setting: %v", err)
	}
	if !strings.HasPrefix(c.Addr, "127.0.0.1:") {
		t.Errorf("without being told the server listens on %s", c.Addr)
	}
	if c.Demo || c.APIKey != "" || c.LogLevel != slog.LevelInfo || c.Drain != 15*time.Second {
		t.Errorf("%+v", c)
	}
}

// TestEverySettingHasItsVariable: what can be set by a flag can be set in a container too, under
// the name that one would guess, and says in its help what it does.
func TestEverySettingHasItsVariable(t *testing.T) {
	values := map[string]string{"Addr": "0.0.0.0:1", "Data": "/books",
		"PublicURL": "https://t.example.org", "Demo": "true", "LogLevel": "warn",
		"LogFormat": "json", "Drain": "1m0s", "BuysPerMinute": "30", "BuysBurst": "5",
		"TrustedProxies": "10.0.0.0/8", "SimpayURL": "http://127.0.0.1:8081",
		"DatabaseURL": "****", "DatabaseReadURL": "****", "RedisURLs": "****",
		"AMQPURL": "****", "StripeSecretKey": "****", "StripeWebhookSecret": "****",
		"SiteName": "The Opera", "SiteLogo": "/logo.svg", "SiteHue": "12",
		"SiteEmail": "box@example.org", "SiteImprint": "https://example.org/legal",
		"EmbedOrigins":        "https://www.example.org",
		"OfflineInstructions": "{amount} for {reference}", "SimulatedPayments": "true",
		"SMTPURL": "****", "MailFrom": "Opera <t@example.org>", "MailLanguage": "de",
		"MailFolder": "/mails"}
	fields := reflect.VisibleFields(reflect.TypeFor[config.Serve]())
	for _, f := range fields {
		if f.Tag.Get("kong") == "-" || f.Anonymous {
			continue
		}
		variable := f.Tag.Get("env")
		if f.Tag.Get("help") == "" || !strings.HasPrefix(variable, "TICKETFLOW_") ||
			strings.ReplaceAll(variable[len("TICKETFLOW_"):], "_", "") !=
				strings.ToUpper(f.Name) {
			t.Errorf("%s: help %q, variable %q", f.Name, f.Tag.Get("help"), variable)
		}
		want, ok := values[f.Name]
		if !ok {
			t.Errorf("%s isn't tried", f.Name)
			continue
		}
		t.Setenv(variable, want)
		c, err := parse(t)
		if err != nil {
			t.Fatal(err)
		}
		got := strings.Trim(fmt.Sprint(reflect.ValueOf(c).FieldByName(f.Name).Interface()), "[]")
		if !strings.EqualFold(got, want) {
			t.Errorf("%s=%s gives %s", variable, want, got)
		}
	}
	c, err := parse(t, "--addr", "127.0.0.1:2")
	if err != nil || c.Addr != "127.0.0.1:2" {
		t.Errorf("a flag and the environment: %s, %v", c.Addr, err)
	}
}

func TestUnknownSettingsAreRefused(t *testing.T) {
	for _, arg := range []string{"--adress=127.0.0.1:1", "--api-key=secret", "extra"} {
		if _, err := parse(t, arg); err == nil {
			t.Errorf("%s is accepted", arg)
		}
	}
}

// TestCheckSaysWhatToDo: a refusal names the setting, repeats what was wrong and shows what works.
func TestCheckSaysWhatToDo(t *testing.T) {
	tests := []refused{
		{"no port", func(c *config.Serve) { c.Addr = "localhost" },
			[]string{"--addr", `"localhost"`, "127.0.0.1:8080"}},
		{"nobody takes payments", func(c *config.Serve) { c.SimulatedPayments = false },
			[]string{"TICKETFLOW_STRIPE_SECRET_KEY", "--demo", "--simulated-payments"}},
		{"no folder", func(c *config.Serve) { c.Data = "" }, []string{"--data", "folder"}},
		{"no scheme", func(c *config.Serve) { c.PublicURL = "tickets.example.org" },
			[]string{"--public-url", `"tickets.example.org"`, "https://"}},
		{"another scheme", func(c *config.Serve) { c.PublicURL = "ftp://tickets.example.org" },
			[]string{"--public-url", "https://"}},
		{"no host", func(c *config.Serve) { c.PublicURL = "https://" },
			[]string{"--public-url", "https://"}},
		{"no address at all", func(c *config.Serve) { c.PublicURL = "http://[" },
			[]string{"--public-url", "https://"}},
		{"a short key", func(c *config.Serve) { c.APIKey = "nineteen-characters" },
			[]string{"TICKETFLOW_API_KEY", "20 characters"}},
		{"a long name", func(c *config.Serve) { c.SiteName = strings.Repeat("ö", 81) },
			[]string{"--site-name", "80 characters"}},
		{"no e-mail", func(c *config.Serve) { c.SiteEmail = "Box <box@example.org>" },
			[]string{"--site-email", "tickets@example.org"}},
		{"no page", func(c *config.Serve) { c.SiteImprint = "javascript:alert(1)" },
			[]string{"TICKETFLOW_SITE_IMPRINT", "https://"}},
		{"a page for an origin",
			func(c *config.Serve) { c.EmbedOrigins = []string{"https://example.org/"} },
			[]string{"--embed-origins", "https://www.example.org"}},
		{"all origins", func(c *config.Serve) { c.EmbedOrigins = []string{"https://*"} },
			[]string{"--embed-origins", "without a path"}},
		{"an origin and more",
			func(c *config.Serve) { c.EmbedOrigins = []string{"https://a.example; script-src *"} },
			[]string{"--embed-origins"}},
		{"too long", func(c *config.Serve) { c.Drain = 10*time.Minute + 1 },
			[]string{"--drain", "10m0s"}},
		{"below nought", func(c *config.Serve) { c.Drain = -1 }, []string{"--drain", "0s"}},
		{"no host", func(c *config.Serve) { c.AMQPURL = "amqps:/nineteen" },
			[]string{"TICKETFLOW_AMQP_URL", "amqps://"}},
		{"keywords", func(c *config.Serve) { c.DatabaseURL = "host=db password=nineteen" },
			[]string{"TICKETFLOW_DATABASE_URL", "postgres://"}},
	}
	refuseAll(t, tests)
	for _, spoil := range []func(*config.Serve){
		func(c *config.Serve) { c.APIKey = "of-twenty-characters" },
		func(c *config.Serve) { c.PublicURL = "https://tickets.example.org/box" },
		func(c *config.Serve) { c.Drain = 0 },
		func(c *config.Serve) { c.Addr = ":0" },
		func(c *config.Serve) {
			c.DatabaseURL = "postgres://u:p@db1:5432,db2:5433/x?target_session_attrs=read-write"
		},
		func(c *config.Serve) { c.DatabaseURL = "postgres:///tickets?host=/run/postgresql" },
	} {
		acceptOne(t, spoil)
	}
}

func TestSecretsAreHidden(t *testing.T) {
	const key = "an-api-key-nobody-sees"
	c := config.Serve{APIKey: key}
	encoded, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("config", "all", c, "key", c.APIKey)
	slog.New(slog.NewTextHandler(&log, nil)).Info("config", "all", c, "key", c.APIKey)
	for _, text := range []string{fmt.Sprint(c), fmt.Sprintf("%+v", c), fmt.Sprintf("%#v", c),
		fmt.Sprintf("%v %s %q", c.APIKey, c.APIKey, c.APIKey), string(encoded), log.String()} {
		if strings.Contains(text, key) || !strings.Contains(text, "****") {
			t.Errorf("printed: %s", text)
		}
	}
	if c.APIKey != key {
		t.Error("the key is lost")
	}
	if got := fmt.Sprint(config.Secret("")); got != "" {
		t.Errorf("no secret is %q", got)
	}
}

// TestSimpayIsForDemos: the simulator takes no real money, so it starts only when it is told that
// nobody expects it to.
func TestSimpayIsForDemos(t *testing.T) {
	read := func(args ...string) (c config.Simpay) {
		parser, err := kong.New(&c)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := parser.Parse(args); err != nil {
			t.Fatal(err)
		}
		c.Secret = "of-twenty-characters"
		return c
	}
	for _, f := range reflect.VisibleFields(reflect.TypeFor[config.Simpay]()) {
		want := "TICKETFLOW_SIMPAY_" + strings.ToUpper(f.Name)
		if f.Tag.Get("kong") != "-" && strings.ReplaceAll(f.Tag.Get("env"), "_", "") !=
			strings.ReplaceAll(want, "_", "") {
			t.Errorf("%s: variable %q", f.Name, f.Tag.Get("env"))
		}
	}
	c := read()
	if err := c.Check(); err == nil || !strings.Contains(err.Error(), "--demo") ||
		!strings.Contains(err.Error(), "TICKETFLOW_SIMPAY_DEMO=true") {
		t.Errorf("outside a demo: %v", err)
	}
	c = read("--demo", "--knobs", "decline=1", "--seed", "7")
	if err := c.Check(); err != nil || c.Knobs != "decline=1" || c.Seed != 7 {
		t.Errorf("in a demo: %+v, %v", c, err)
	}
	t.Setenv("TICKETFLOW_SIMPAY_DEMO", "true")
	c = read()
	if err := c.Check(); err != nil {
		t.Errorf("in a demo by its variable: %v", err)
	}
	for name, spoil := range map[string]func(*config.Simpay){
		"--addr":                   func(c *config.Simpay) { c.Addr = "8081" },
		"TICKETFLOW_SIMPAY_SECRET": func(c *config.Simpay) { c.Secret = "nineteen-characters" },
		"--office-url":             func(c *config.Simpay) { c.OfficeURL = "" },
	} {
		c := read("--demo")
		spoil(&c)
		if err := c.Check(); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%v, want a word about %s", err, name)
		}
	}
}
