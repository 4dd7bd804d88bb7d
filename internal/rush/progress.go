package rush

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"
)

const (
	barEvery  = 100 * time.Millisecond
	lineEvery = 3 * time.Second
	barWidth  = 30
)

// A progress shows how a run is getting on: a bar that moves on a terminal, a plain line now and
// then anywhere else.
type progress struct {
	*shared
	to    io.Writer
	live  bool
	links int
	next  time.Duration
	last  int64
	at    time.Duration
	drawn bool
}

func newProgress(r *shared, links int) *progress {
	return &progress{shared: r, to: r.cfg.Progress, live: isTerminal(r.cfg.Progress), links: links}
}

// isTerminal tells whether w is a character device, other than the one that swallows everything.
func isTerminal(w io.Writer) bool {
	file, ok := w.(*os.File)
	if !ok || file.Name() == os.DevNull {
		return false
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0 && os.Getenv("TERM") != "dumb"
}

func (p *progress) show(now time.Duration) {
	if p.to == nil || now < p.next {
		return
	}
	p.next = now + lineEvery
	if p.live {
		p.next = now + barEvery
	}
	p.print(p.line(now))
}

func (p *progress) print(line string) {
	// A progress that can't be shown is no reason to stop.
	if p.live {
		_, _ = fmt.Fprintf(p.to, "\r\x1b[2K%s", line)
		p.drawn = true
		return
	}
	_, _ = fmt.Fprintln(p.to, line)
}

// done shows the last state and ends the bar's line.
func (p *progress) done() {
	if p.to == nil {
		return
	}
	p.print(p.line(p.now()))
	if p.drawn {
		_, _ = fmt.Fprintln(p.to)
	}
}

func (p *progress) line(now time.Duration) string {
	press := time.Duration(p.press.Load())
	if press == 0 {
		return fmt.Sprintf("%-10s %s %d of %d connected", "connecting",
			p.bar(float64(p.connected.Load())/float64(max(p.links, 1))),
			p.connected.Load(), p.links)
	}
	share := float64(p.sold.Load()) / float64(p.cfg.Places)
	if p.cfg.Scenario == Steady {
		share = (now - press).Seconds() / p.cfg.Duration.Seconds()
	}
	checkouts := p.checkouts.Load()
	rate := 0.0
	if span := now - max(p.at, press); span > 0 {
		rate = float64(checkouts-p.last) / span.Seconds()
	}
	p.last, p.at = checkouts, now
	return fmt.Sprintf("%-10s %s %5.1f s   sold %d of %d   %.0f checkouts/s   refused %d",
		p.cfg.Scenario, p.bar(share), max(0, now-press).Seconds(), p.sold.Load(), p.cfg.Places,
		rate, p.refusals.Load())
}

// bar is a bar on a terminal, and its number anywhere else.
func (p *progress) bar(share float64) string {
	share = min(max(share, 0), 1)
	if !p.live {
		return fmt.Sprintf("%3.0f %%", 100*share)
	}
	full := int(share * barWidth)
	return fmt.Sprintf("%s%s %3.0f %%", strings.Repeat("█", full),
		strings.Repeat("░", barWidth-full), 100*share)
}
