package rush

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"
	"time"
)

func TestConfigIsChecked(t *testing.T) {
	t.Parallel()
	good := Config{Target: "http://127.0.0.1:1", Event: "evt_1", Places: 10}
	if err := good.withDefaults().check(); err != nil {
		t.Fatal(err)
	}
	for want, spoil := range map[string]func(*Config){
		"scenario":     func(c *Config) { c.Scenario = "panic" },
		"engine":       func(c *Config) { c.Engine = "steam" },
		"event":        func(c *Config) { c.Event = "evt_1 HTTP/1.1\r\nX: y" },
		"buyers":       func(c *Config) { c.Buyers = -1 },
		"places":       func(c *Config) { c.Places = 0 },
		"per-order":    func(c *Config) { c.PerOrder = maxPerOrderCount + 1 },
		"rate":         func(c *Config) { c.Rate = math.NaN() },
		"loops":        func(c *Config) { c.Loops = -3 },
		"duration":     func(c *Config) { c.Duration = -time.Second },
		"max-duration": func(c *Config) { c.MaxDuration = 9 * time.Hour },
		"share twice":  func(c *Config) { c.Shares = &Shares{Twice: 1.5} },
		"share named":  func(c *Config) { c.Shares = &Shares{Named: math.NaN()} },
	} {
		c := good
		spoil(&c)
		_, err := Run(t.Context(), c)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
}

func TestOnlyThisMachineIsLoaded(t *testing.T) {
	t.Parallel()
	for base, want := range map[string]string{
		"http://127.0.0.1:8080":  "127.0.0.1:8080",
		"http://127.9.9.9:8080/": "127.9.9.9:8080",
		"http://[::1]:81":        "[::1]:81",
		"http://127.0.0.1":       "127.0.0.1:80",
	} {
		got, err := TargetPolicy{}.Resolve(t.Context(), base)
		if err != nil || got.String() != want {
			t.Errorf("%s: %v, %v", base, got, err)
		}
	}
	for _, base := range []string{
		"http://192.0.2.1:8080", "http://0.0.0.0:80", "http://[2001:db8::1]:80",
	} {
		if _, err := (TargetPolicy{}).Resolve(t.Context(), base); !errors.Is(err, ErrRemoteTarget) {
			t.Errorf("%s: %v", base, err)
		}
		if _, err := (TargetPolicy{AllowRemote: true}).Resolve(t.Context(), base); err != nil {
			t.Errorf("%s allowed: %v", base, err)
		}
	}
	for _, base := range []string{
		"", "127.0.0.1:80", "https://127.0.0.1", "http://", "http://127.0.0.1/x",
		"http://u@127.0.0.1",
		"http://127.0.0.1:99999", "http://127.0.0.1?x=1", "http://127.0.0.1:\x00",
	} {
		if got, err := (TargetPolicy{}).Resolve(t.Context(), base); err == nil {
			t.Errorf("%q: %v", base, got)
		}
	}
}

func TestFileLimit(t *testing.T) {
	t.Parallel()
	if err := RaiseFileLimit(64, "buyers"); err != nil {
		t.Error(err)
	}
	if CPUTime() < 0 {
		t.Error("negative processor time")
	}
}

func TestRunRefusesRemoteTargets(t *testing.T) {
	t.Parallel()
	_, err := Run(context.Background(), Config{
		Target: "http://192.0.2.1:80", Event: "evt_1", Places: 1,
	})
	if !errors.Is(err, ErrRemoteTarget) {
		t.Error(err)
	}
}
