package redis

import (
	"testing"
	"time"
)

func TestLimitsCountTogether(t *testing.T) {
	s := startServer(t)
	a, b := NewLimits(connect(t, s), 1, 3), NewLimits(connect(t, s), 1, 3)
	for i, l := range []*Limits{a, b, a} {
		if _, ok := l.Allow(t.Context(), "192.0.2.1/32"); !ok {
			t.Errorf("request %d of 3 is refused", i+1)
		}
	}
	for _, l := range []*Limits{a, b} {
		wait, ok := l.Allow(t.Context(), "192.0.2.1/32")
		if ok || wait <= 0 || wait > time.Minute {
			t.Errorf("one too many: %v, wait %v", ok, wait)
		}
		if _, ok := l.Allow(t.Context(), "192.0.2.2/32"); !ok {
			t.Error("another address is refused")
		}
	}
	left, err := s.do("PTTL", "test1:limit:192.0.2.1/32").AsInt64()
	if err != nil || left <= 0 || left > 3*time.Minute.Milliseconds() {
		t.Errorf("the address is remembered for %d ms, %v", left, err)
	}
	if a.Stats().Passed.Load() != 3 || a.Stats().Refused.Load() != 1 {
		t.Errorf("passed %d, refused %d", a.Stats().Passed.Load(), a.Stats().Refused.Load())
	}
}

func TestTimeRefillsTheLimit(t *testing.T) {
	l := NewLimits(connect(t, startServer(t)), 60*50, 1) // one in 20 ms
	refused := 0
	eventually(t, "a refused address may ask again", func() bool {
		_, ok := l.Allow(t.Context(), "192.0.2.1/32")
		if !ok {
			refused++
		}
		return ok && refused > 0
	})
}

func TestWithoutServersRequestsPass(t *testing.T) {
	s := startServer(t)
	l := NewLimits(connect(t, s), 1, 1)
	s.kill()
	for range 10 {
		if _, ok := l.Allow(t.Context(), "192.0.2.1/32"); !ok {
			t.Error("refused by nobody")
		}
	}
	if n := l.Stats().Failed.Load(); n != 10 {
		t.Errorf("%d of 10 failed", n)
	}
}
