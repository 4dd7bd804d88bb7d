package rush

import (
	"syscall"
	"testing"
	"time"
)

// A resetting world breaks connections: each request that is sent on one that has been quiet for
// long enough, as servers do that close what is idle.
type resetting struct {
	*virtual
	after time.Duration
	cut   bool // the beginning of an answer came first
	left  int  // how many more it breaks
}

func (r *resetting) send(at int32, request []byte) error {
	l := &r.links[at]
	if r.left > 0 && r.clock-l.quiet >= r.after {
		r.left--
		l.cut = r.cut
		return syscall.ECONNRESET
	}
	return r.virtual.send(at, request)
}

func TestAResetOfAnIdleConnectionIsNoError(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		world  resetting
		errors uint64
	}{
		{"idle", resetting{after: minStaleDuration, left: 10}, 0},
		{"at once", resetting{left: 1}, 1},
		{"within an answer", resetting{after: minStaleDuration, cut: true, left: 1}, 1},
	}
	for _, test := range tests {
		cfg := steadyCrowd(20)
		cfg.Rate = 10
		r := &test.world
		r.virtual = newVirtual(cfg)
		r.loop.wire = r
		left := r.left
		r.play(time.Minute)
		if r.left != 0 {
			t.Errorf("%s: no connection was reset", test.name)
		}
		if n := r.tally.troubles[troubleReset]; n != test.errors {
			t.Errorf("%s: %d errors, want %d", test.name, n, test.errors)
		}
		if n := r.tally.habits[habitResent]; n != uint64(left) {
			t.Errorf("%s: %d were sent again, want %d", test.name, n, left)
		}
		if r.tally.unfinished != 0 || r.tally.checkouts != r.tally.habits[habitRound] {
			t.Errorf("%s: %d checkouts of %d", test.name, r.tally.checkouts,
				r.tally.habits[habitRound])
		}
	}
}
