package rush

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"
)

// Why a run ended, as Result.Stopped tells it.
const (
	StoppedSoldOut   = "sold_out"    // every place was sold and its tickets delivered
	StoppedFinished  = "finished"    // every buyer is through
	StoppedTime      = "time"        // MaxDuration was over
	StoppedStalled   = "no_progress" // nobody got anything for a long time
	StoppedCancelled = "cancelled"   // the context ended
)

const (
	pressDelay   = 5 * time.Millisecond
	watchEvery   = 5 * time.Millisecond
	stallMargin  = 10 * time.Second
	minStallTime = 20 * time.Second
)

// Run lets the buyers loose on the target and returns what they saw. It ends by itself: when the
// event is sold out or all sessions are over, at MaxDuration, when nothing moves any more, or with
// ctx. A run that was cut short still returns its Result; an error means that there was no run:
// a bad configuration, a target that is not allowed, or one that can't be reached.
func Run(ctx context.Context, cfg Config) (*Result, error) {
	cfg = cfg.withDefaults()
	if err := cfg.check(); err != nil {
		return nil, err
	}
	targets, err := cfg.resolve(ctx)
	if err != nil {
		return nil, err
	}
	if err := RaiseFileLimit(cfg.Buyers+maxSpareLinksCount*cfg.Loops+64, "buyers"); err != nil {
		return nil, err
	}
	r := &shared{
		cfg: cfg, targets: targets, start: time.Now(),
		nonce:     strings.ToLower(rand.Text()[:10]),
		taken:     newBitmap(cfg.Places),
		delivered: newBitmap(cfg.Places),
	}
	loops := make([]*loop, cfg.Loops)
	for i := range loops {
		first, end := i*cfg.Buyers/cfg.Loops, (i+1)*cfg.Buyers/cfg.Loops
		loops[i] = newLoop(r, i, first, end-first)
	}
	stopped := r.drive(ctx, loops)
	if r.failure != nil {
		return nil, r.failure
	}
	return r.result(loops, stopped, CPUTime()-r.cpuBefore), nil
}

// drive runs all loops and returns why they ended.
func (r *shared) drive(ctx context.Context, loops []*loop) string {
	engine := driveEpoll
	if r.cfg.Engine == EngineGoroutines ||
		r.cfg.Engine == EngineAuto && defaultEngine == EngineGoroutines {
		engine = driveGoroutines
	}
	var running sync.WaitGroup
	over := make(chan struct{})
	links := 0
	for _, l := range loops {
		links += len(l.links)
		running.Go(func() {
			if err := engine(l); err != nil {
				r.fail(err)
			}
		})
	}
	go func() {
		running.Wait()
		close(over)
	}()
	stopped := r.watch(ctx, over, links)
	r.stop.Store(true)
	<-over
	return stopped
}

// watch gives the starting signal, shows the progress and ends a run that doesn't end by itself.
func (r *shared) watch(ctx context.Context, over <-chan struct{}, links int) string {
	ticks := time.NewTicker(watchEvery)
	defer ticks.Stop()
	bar := newProgress(r, links)
	defer bar.done()
	var moved time.Duration
	var mark int64
	for {
		select {
		case <-over:
			if r.cfg.Scenario != Steady && r.sold.Load() >= int64(r.cfg.Places) {
				return StoppedSoldOut
			}
			return StoppedFinished
		case <-ctx.Done():
			if r.press.Load() == 0 {
				r.fail(ctx.Err())
			}
			return StoppedCancelled
		case <-ticks.C:
		}
		now := r.now()
		bar.show(now)
		press := time.Duration(r.press.Load())
		switch {
		case press == 0 && r.connected.Load() == int64(links):
			r.cpuBefore = CPUTime()
			r.press.Store(int64(now + pressDelay))
			moved = now
		case press == 0 && now > r.cfg.ConnectTimeout:
			r.fail(fmt.Errorf("connecting to %s: %d of %d connections stood after %v", r.cfg.Target,
				r.connected.Load(), links, r.cfg.ConnectTimeout))
		case press > 0 && now > press+r.cfg.MaxDuration:
			return StoppedTime
		case press > 0 && r.cfg.Scenario != Steady:
			if at := r.claimed.Load() + r.checkouts.Load(); at != mark {
				mark, moved = at, now
			}
			if now-moved > max(minStallTime, r.cfg.ReconnectFor+stallMargin) {
				return StoppedStalled
			}
		}
	}
}

// errFewFiles says that the system won't let this process have enough connections.
var errFewFiles = errors.New("too few open files allowed")
