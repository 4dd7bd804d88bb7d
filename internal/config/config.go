// Package config is what an operator can set. Flags win over environment variables, those over the
// configuration file, and that over the defaults; the command line fills this struct.
package config

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"time"
)

// Serve is the configuration of a server. Its zero value isn't valid: the tags hold the defaults.
type Serve struct {
	Addr      string        `help:"Address to listen on; 0.0.0.0:8080 is reached from other machines too." default:"127.0.0.1:8080" env:"TICKETFLOW_ADDR" placeholder:"HOST:PORT"`
	Data      string        `help:"Folder of the ledger; it is created." default:"data" env:"TICKETFLOW_DATA" type:"path" placeholder:"DIR"`
	PublicURL string        `help:"Address that buyers reach this server at, if it isn't --addr." env:"TICKETFLOW_PUBLIC_URL" placeholder:"URL"`
	Demo      bool          `help:"Create three demo events, and take simulated payments." env:"TICKETFLOW_DEMO"`
	LogLevel  slog.Level    `help:"debug, info, warn or error." default:"info" env:"TICKETFLOW_LOG_LEVEL" placeholder:"LEVEL"`
	LogFormat string        `help:"text or json." enum:"text,json" default:"text" env:"TICKETFLOW_LOG_FORMAT" placeholder:"FORMAT"`
	APIKey    Secret        `kong:"-"` // the organisers' key; empty: drawn at the first start and printed
	Drain     time.Duration `help:"How long requests may finish after SIGTERM." default:"15s" env:"TICKETFLOW_DRAIN" placeholder:"TIME"`

	BuysPerMinute  float64  `help:"How often one address may buy; 0 is no limit." default:"0" env:"TICKETFLOW_BUYS_PER_MINUTE" placeholder:"N"`
	BuysBurst      int      `help:"How often it may do so at once." default:"20" env:"TICKETFLOW_BUYS_BURST" placeholder:"N"`
	TrustedProxies []string `help:"Networks of load balancers whose X-Forwarded-For counts, for instance 10.0.0.0/8 (default: none)." env:"TICKETFLOW_TRUSTED_PROXIES" placeholder:"NET"`

	SimpayURL    string `help:"Payment simulator in a process of its own (ticketflow simpay), which several instances must share (default: one in this process)." env:"TICKETFLOW_SIMPAY_URL" placeholder:"URL"`
	SimpaySecret Secret `kong:"-"` // shared with that simulator; empty: the ledger's own

	Site
	Payments
	Mail
	Cluster
}

// Secret is a text that must not be printed: however it is formatted, logged or encoded, it is
// ****.
// Convert it to a string to use it.
type Secret string

const hidden = "****"

// String is **** if there is a secret.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return hidden
}

// GoString is String, for %#v.
func (s Secret) GoString() string { return `"` + s.String() + `"` }

// MarshalText is String, for JSON and its like.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// LogValue is String, for logs.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

const (
	maxDrain       = 10 * time.Minute
	minAPIKeyBytes = 20
)

// Check tells the first thing that can't work, and what to do about it.
func (s *Serve) Check() error {
	if _, _, err := net.SplitHostPort(s.Addr); err != nil {
		return fmt.Errorf("--addr %q is no host:port, for instance 127.0.0.1:8080: %w", s.Addr, err)
	}
	if s.Data == "" {
		return errors.New("--data must name a folder")
	}
	if s.PublicURL != "" {
		u, err := url.Parse(s.PublicURL)
		if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
			return fmt.Errorf("--public-url %q is no address like https://tickets.example.org",
				s.PublicURL)
		}
	}
	if s.APIKey != "" && len(s.APIKey) < minAPIKeyBytes {
		return fmt.Errorf("TICKETFLOW_API_KEY must have %d characters or more", minAPIKeyBytes)
	}
	if s.BuysPerMinute < 0 || s.BuysPerMinute > 0 && s.BuysBurst < 1 {
		return errors.New("--buys-per-minute must be 0 or more, and --buys-burst 1 or more")
	}
	for _, text := range s.TrustedProxies {
		if _, err := netip.ParsePrefix(text); err != nil {
			return fmt.Errorf("--trusted-proxies: %q is no network like 10.0.0.0/8", text)
		}
	}
	if err := checkURL("SIMPAY_URL", Secret(s.SimpayURL), "http", "https"); err != nil {
		return err
	}
	if s.SimpayURL != "" && len(s.SimpaySecret) < minAPIKeyBytes {
		return fmt.Errorf("with --simpay-url, TICKETFLOW_SIMPAY_SECRET must be set to what the "+
			"simulator has, %d characters or more", minAPIKeyBytes)
	}
	if err := s.checkSite(); err != nil {
		return err
	}
	if err := s.checkPayments(); err != nil {
		return err
	}
	if err := s.checkMail(); err != nil {
		return err
	}
	if err := s.Cluster.Check(); err != nil {
		return err
	}
	if s.Drain < 0 || s.Drain > maxDrain {
		return fmt.Errorf("--drain %s is not between 0s and %s", s.Drain, maxDrain)
	}
	return s.checkTaker()
}
