package rush

import (
	"fmt"
	"io"
	"time"

	"ticketflow/internal/terminal"
)

const (
	barEvery  = 100 * time.Millisecond
	lineEvery = 3 * time.Second
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
	return &progress{shared: r, to: r.cfg.Progress, live: terminal.IsLive(r.cfg.Progress),
		links: links}
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
	terminal.Line(p.to, p.live, line)
	p.drawn = p.live
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

func (p *progress) bar(share float64) string { return terminal.Bar(p.live, share) }
