package simpay

import (
	"sync"
	"sync/atomic"
	"time"

	"ticketflow/internal/domain/errs"
)

// maxOwnKnobs bounds the payments that have knobs of their own.
const maxOwnKnobs = 50_000

var errOwnKnobs = errs.New(errs.TooMany, "too_many_simpay_knobs",
	"Too many payments have knobs of their own.")

// fates hold the knobs and draw what goes wrong. As long as all are off, asking costs two reads of
// memory. Safe for concurrent use.
type fates struct {
	loud atomic.Bool // some knob is on

	mu     sync.Mutex
	seed   uint64 // the generator's state
	global Knobs
	own    map[string]Knobs
}

func newFates(seed uint64, k Knobs) *fates {
	f := &fates{seed: seed, own: make(map[string]Knobs)}
	f.setGlobal(k)
	return f
}

func (f *fates) setGlobal(k Knobs) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.global = k
	f.loud.Store(len(f.own) > 0 || !k.quiet())
}

// adjust sets some knobs of a payment, or of all if key is empty. The failure is errOwnKnobs.
func (f *fates) adjust(key string, k Knobs) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if key == "" {
		f.global = k.over(f.global)
	} else {
		old, known := f.own[key]
		if !known && len(f.own) >= maxOwnKnobs {
			return errOwnKnobs
		}
		f.own[key] = k.over(old)
	}
	f.loud.Store(len(f.own) > 0 || !f.global.quiet())
	return nil
}

// forget takes a payment's own knobs away.
func (f *fates) forget(key string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.own, key)
	f.loud.Store(len(f.own) > 0 || !f.global.quiet())
}

// knobs are those that count for a payment; those of all if key is empty.
func (f *fates) knobs(key string) Knobs {
	f.mu.Lock()
	defer f.mu.Unlock()
	own := f.own[key]
	return own.over(f.global)
}

// draw is the fate of one request, or of one change that nobody asked for; nil if nothing can go
// wrong. It takes one number from the generator, so that turning one knob leaves what the others
// do as it was.
func (f *fates) draw(key string) *fate {
	if !f.loud.Load() {
		return nil
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	own := f.own[key]
	d := &fate{knobs: own.over(f.global), seed: f.seed}
	if d.knobs.quiet() {
		return nil
	}
	f.seed += goldenGamma
	return d
}

// fate is what goes wrong on one occasion; nothing if it is nil.
type fate struct {
	knobs Knobs
	seed  uint64
}

// strikes tells whether a knob of chance takes effect; the same on each call.
func (d *fate) strikes(at knob) bool {
	if d == nil {
		return false
	}
	p := d.knobs.get(at)
	return p > 0 && float64(mix(mix(d.seed)+uint64(at)*goldenGamma)>>11)/(1<<53) < p
}

func (d *fate) span(at knob) time.Duration { return time.Duration(d.knobs.get(at)) }

// goldenGamma and mix are SplitMix64 (Steele, Lea and Flood 2014, "Fast splittable pseudorandom
// number generators"): a counter and a function that scatters it.
const goldenGamma = 0x9e3779b97f4a7c15

func mix(z uint64) uint64 {
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// manner is how one webhook is delivered; nil is the usual way.
type manner struct {
	lost     bool
	early    bool
	forged   bool
	shuffled bool
	wait     time.Duration
	copies   int
}

func (d *fate) manner() *manner {
	if d == nil {
		return nil
	}
	m := manner{lost: d.strikes(webhookLost), early: d.strikes(webhookEarly),
		forged: d.strikes(webhookForged), shuffled: d.strikes(webhookShuffled)}
	if m.shuffled {
		m.wait = d.span(webhookShuffledTime)
	}
	if d.strikes(webhookLate) {
		m.wait, m.shuffled = max(m.wait, d.span(webhookLateTime)), false
	}
	if d.strikes(webhookAgain) {
		m.copies = int(d.knobs.get(webhookAgainTimes))
	}
	if m == (manner{}) {
		return nil
	}
	return &m
}

// refundPlan is what becomes of a refund.
type refundPlan struct {
	pending bool
	fails   bool
	wait    time.Duration // until it is settled; 0 until somebody does
}

func (d *fate) refundPlan() refundPlan {
	if d == nil {
		return refundPlan{}
	}
	return refundPlan{pending: d.strikes(refundPending), fails: d.strikes(refundFails),
		wait: d.span(refundPendingTime)}
}
