// Package browser shows pages to tests as a buyer sees them: in a real Chromium, on a phone or on a
// desktop, with a mouse, a finger or the keyboard.
//
// Open gives a tab of its own to a test: no cookie, cache or storage is shared with another. What
// the page does wrong meanwhile fails the test at its end: errors on the console, exceptions that
// nobody caught, requests that failed or were answered with a status of 400 or more, and breaches
// of the content security policy. A test that causes one of those on purpose says so with Allow.
//
// Nothing here sleeps. A step waits until the page is as it says, for twenty seconds at most, and
// then fails the test. When a test has failed, the page's picture and text are kept, and the log
// says where.
//
// The tests of one process share one browser, which testservers starts.
package browser

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/audits"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/remote"

	"ticketflow/internal/testservers"
)

const (
	stepLimit = 20 * time.Second // on a busy machine, under the race detector
	openLimit = time.Minute
)

// Device is a screen, and what points at it.
type Device struct {
	Width, Height int // of the page's window, in CSS pixels
	Scale         float64
	Touch         bool // a finger, on a phone's browser; else a mouse
}

// The devices of the acceptance list. Narrow is also what a desktop shows at 400 % of zoom.
var (
	Desktop = Device{Width: 1280, Height: 800, Scale: 1}
	Phone   = Device{Width: 390, Height: 700, Scale: 2, Touch: true}
	Narrow  = Device{Width: 320, Height: 640, Scale: 2, Touch: true}
)

// Network is a slow line.
type Network struct {
	Latency time.Duration // from a request to its answer, at least
	Rate    int           // in bit/s, downwards; a quarter of it upwards
}

// The lines that the goals of the seat map are stated for.
var (
	Mobile9  = Network{Latency: 60 * time.Millisecond, Rate: 9_000_000}
	Mobile16 = Network{Latency: 150 * time.Millisecond, Rate: 1_600_000}
)

// Setup is who looks at the page. Its zero value is a desktop with a light theme, English, scripts,
// and all of the machine's speed.
type Setup struct {
	Device       Device
	Dark         bool    // prefers-color-scheme
	Still        bool    // prefers-reduced-motion
	HighContrast bool    // forced-colors
	NoScript     bool    // JavaScript is switched off
	Language     string  // Accept-Language, for instance "de"
	Zone         string  // the reader's time zone; Europe/Berlin if empty
	Slowdown     float64 // of the processor: 4 is a phone
	Network      Network
	Patience     time.Duration // how long a step may take; twenty seconds if zero
}

// Tab is a page that a test looks at. Its methods are for the test's own goroutine; what goes wrong
// in them ends the test.
type Tab struct {
	tb       testing.TB
	setup    Setup
	findings findings
	// step gives the time that one step has, as a context of the tab.
	step func() (context.Context, context.CancelFunc)
}

// Open opens an empty tab. It closes at the test's end.
func Open(tb testing.TB, setup Setup) *Tab {
	tb.Helper()
	driver, err := driverOf(testservers.Chromium(tb))
	if err != nil {
		tb.Fatal("connect to the browser:", err)
	}
	ctx, cancel := chromedp.NewContext(driver, chromedp.WithNewBrowserContext())
	tb.Cleanup(cancel)
	if setup.Device == (Device{}) {
		setup.Device = Desktop
	}
	if setup.Patience == 0 {
		setup.Patience = stepLimit
	}
	tab := &Tab{tb: tb, setup: setup, step: func() (context.Context, context.CancelFunc) {
		return context.WithTimeout(ctx, setup.Patience)
	}}
	opening := time.AfterFunc(openLimit, cancel)
	defer opening.Stop()
	// With the tab's own context: the tab lives as long as that of its first step.
	if err := chromedp.Do(ctx, chromedp.Func(tab.prepare)); err != nil {
		tb.Fatal("open a tab:", err)
	}
	tb.Cleanup(tab.end)
	return tab
}

// Beside opens a second tab of the same buyer, who has the same cookies.
func (tab *Tab) Beside() *Tab {
	tab.tb.Helper()
	ctx, cancel := tab.step()
	defer cancel()
	owner := chromedp.FromContext(ctx)
	driver, err := driverOf(testservers.Chromium(tab.tb))
	if err != nil {
		tab.tb.Fatal("connect to the browser:", err)
	}
	beside, end := chromedp.NewContext(driver,
		chromedp.WithExistingBrowserContext(owner.BrowserContextID))
	tab.tb.Cleanup(end)
	second := &Tab{tb: tab.tb, setup: tab.setup,
		step: func() (context.Context, context.CancelFunc) {
			return context.WithTimeout(beside, tab.setup.Patience)
		}}
	if err := chromedp.Do(beside, chromedp.Func(second.prepare)); err != nil {
		tab.tb.Fatal("open a tab:", err)
	}
	tab.tb.Cleanup(second.end)
	return second
}

// drivers are the connections to browsers: to one, unless that has died.
var drivers = struct {
	sync.Mutex

	of map[string]context.Context
}{of: make(map[string]context.Context)}

// driverOf connects to the browser of this process, once. It is never let go: the browser ends with
// the process, and other tests use it until then.
func driverOf(address string) (context.Context, error) {
	drivers.Lock()
	defer drivers.Unlock()
	if driver := drivers.of[address]; driver != nil {
		return driver, nil
	}
	allocator, _ := remote.NewAllocator(context.Background(), address)
	quiet := func(string, ...any) {} // of events that a newer browser has
	driver, cancel := chromedp.NewContext(allocator, chromedp.WithErrorf(quiet),
		chromedp.WithLogf(quiet))
	if err := chromedp.Do(driver); err != nil {
		cancel()
		return nil, err
	}
	drivers.of[address] = driver //nolint:fatcontext // one browser, and not a context in it
	return driver, nil
}

// prepare makes the tab that of the setup, and listens for what goes wrong in it.
func (tab *Tab) prepare(ctx context.Context, t *chromedp.Target) error {
	if err := chromedp.Listen(ctx, tab.hear); err != nil {
		return err
	}
	if _, err := cdp.Call(ctx, t, audits.Enable, cdp.Empty{}); err != nil {
		return err
	}
	s := tab.setup
	for _, step := range []func(context.Context, *chromedp.Target) error{
		s.screen, s.media, s.reader, s.scripts,
	} {
		if err := step(ctx, t); err != nil {
			return err
		}
	}
	if s.Slowdown > 0 {
		if _, err := cdp.Call(ctx, t, emulation.SetCPUThrottlingRate,
			emulation.SetCPUThrottlingRateParams{Rate: s.Slowdown}); err != nil {
			return err
		}
	}
	if s.Network != (Network{}) {
		return s.Network.set(ctx, t, false)
	}
	return nil
}

func (s *Setup) screen(ctx context.Context, t *chromedp.Target) error {
	_, err := cdp.Call(ctx, t, emulation.SetDeviceMetricsOverride,
		emulation.SetDeviceMetricsOverrideParams{
			Width: int64(s.Device.Width), Height: int64(s.Device.Height),
			DeviceScaleFactor: s.Device.Scale, Mobile: s.Device.Touch,
		})
	if err != nil {
		return err
	}
	touch := emulation.SetTouchEmulationEnabledParams{Enabled: s.Device.Touch}
	if s.Device.Touch {
		touch.MaxTouchPoints = 5
	}
	if _, err := cdp.Call(ctx, t, emulation.SetTouchEmulationEnabled, touch); err != nil {
		return err
	}
	// Each of several tabs believes to be the one in front.
	_, err = cdp.Call(ctx, t, emulation.SetFocusEmulationEnabled,
		emulation.SetFocusEmulationEnabledParams{Enabled: true})
	return err
}

func (s *Setup) media(ctx context.Context, t *chromedp.Target) error {
	features := map[string]string{
		"prefers-color-scheme":   choose(s.Dark, "dark", "light"),
		"prefers-reduced-motion": choose(s.Still, "reduce", "no-preference"),
		"forced-colors":          choose(s.HighContrast, "active", "none"),
	}
	var media emulation.SetEmulatedMediaParams
	for name, value := range features {
		media.Features = append(media.Features, &emulation.MediaFeature{Name: name, Value: value})
	}
	_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, media)
	return err
}

func choose(yes bool, a, b string) string {
	if yes {
		return a
	}
	return b
}

func (s *Setup) reader(ctx context.Context, t *chromedp.Target) error {
	zone := s.Zone
	if zone == "" {
		zone = "Europe/Berlin"
	}
	if _, err := cdp.Call(ctx, t, emulation.SetTimezoneOverride,
		emulation.SetTimezoneOverrideParams{TimezoneID: zone}); err != nil {
		return err
	}
	language := s.Language
	if language == "" {
		language = "en"
	}
	if _, err := cdp.Call(ctx, t, emulation.SetLocaleOverride,
		emulation.SetLocaleOverrideParams{Locale: language}); err != nil {
		return err
	}
	agent := "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) " +
		"Chrome/156.0.0.0 Safari/537.36"
	if s.Device.Touch {
		agent = strings.Replace(strings.Replace(agent, "X11; Linux x86_64",
			"Linux; Android 10; K", 1), "Safari", "Mobile Safari", 1)
	}
	_, err := cdp.Call(ctx, t, emulation.SetUserAgentOverride,
		emulation.SetUserAgentOverrideParams{UserAgent: agent, AcceptLanguage: language})
	return err
}

func (s *Setup) scripts(ctx context.Context, t *chromedp.Target) error {
	_, err := cdp.Call(ctx, t, emulation.SetScriptExecutionDisabled,
		emulation.SetScriptExecutionDisabledParams{Value: s.NoScript})
	return err
}

const bitsPerByte = 8

func (n Network) set(ctx context.Context, t *chromedp.Target, offline bool) error {
	conditions := network.Conditions{Offline: offline,
		Latency: float64(n.Latency) / float64(time.Millisecond), DownloadThroughput: -1,
		UploadThroughput: -1}
	if n.Rate > 0 {
		conditions.DownloadThroughput = float64(n.Rate) / bitsPerByte
		conditions.UploadThroughput = conditions.DownloadThroughput / 4
	}
	_, err := cdp.Call(ctx, t, network.EmulateNetworkConditionsByRule,
		network.EmulateNetworkConditionsByRuleParams{
			MatchedNetworkConditions: []*network.Conditions{&conditions},
		})
	if err != nil {
		return err
	}
	_, err = cdp.Call(ctx, t, network.OverrideNetworkState, network.OverrideNetworkStateParams{
		Offline: offline, Latency: conditions.Latency,
		DownloadThroughput: conditions.DownloadThroughput,
		UploadThroughput:   conditions.UploadThroughput,
	})
	return err
}

// Setup is how the tab was opened.
func (tab *Tab) Setup() Setup { return tab.setup }

// Offline cuts the tab off from the network, or gives it back. The requests that fail meanwhile are
// findings like others: see Allow.
func (tab *Tab) Offline(offline bool) {
	tab.tb.Helper()
	tab.do("cut the network", func(ctx context.Context, t *chromedp.Target) error {
		return tab.setup.Network.set(ctx, t, offline)
	})
}

// Slowdown sets how many times slower the processor is.
func (tab *Tab) Slowdown(times float64) {
	tab.tb.Helper()
	tab.do("slow the processor down", func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, emulation.SetCPUThrottlingRate,
			emulation.SetCPUThrottlingRateParams{Rate: times})
		return err
	})
}

// Front brings the tab before the others.
func (tab *Tab) Front() {
	tab.tb.Helper()
	tab.do("bring the tab to the front", func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, page.BringToFront, cdp.Empty{})
		return err
	})
}

// Close closes the tab before the test's end, as a buyer who leaves does.
func (tab *Tab) Close() {
	tab.tb.Helper()
	tab.judge()
	tab.do("close the tab", func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, page.Close, cdp.Empty{})
		return err
	})
	tab.findings.close()
}

// do takes one step in the tab and ends the test if it fails.
func (tab *Tab) do(what string, step func(context.Context, *chromedp.Target) error) {
	tab.tb.Helper()
	ctx, cancel := tab.step()
	defer cancel()
	if err := chromedp.Do(ctx, chromedp.Func(step)); err != nil {
		tab.tb.Fatalf("%s: %v", what, err)
	}
}
