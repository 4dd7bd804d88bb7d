package outbox_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"ticketflow/internal/app/outbox"
	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/domain/fact"
)

var errBroken = errors.New("broken on purpose")

// memoryLog is a log whose calls a test can break.
type memoryLog struct {
	mu      sync.Mutex
	facts   []outbox.Entry
	cursors map[string]int64
	inbox   map[string]map[int64]bool
	reads   int
	broken  func(call string) error // may be nil
}

func newMemoryLog() *memoryLog {
	return &memoryLog{cursors: make(map[string]int64), inbox: make(map[string]map[int64]bool)}
}

// add records facts of one kind, and gives them back as the desk would tell them.
func (l *memoryLog) add(kind fact.Kind, count int) []fact.Fact {
	l.mu.Lock()
	defer l.mu.Unlock()
	var added []fact.Fact
	for range count {
		n := int64(len(l.facts)) + 1
		f := fact.Fact{Kind: kind, Event: catalog.EventID(n%3 + 1), At: time.Now()}
		l.facts = append(l.facts, outbox.Entry{Position: n, Fact: f})
		added = append(added, f)
	}
	return added
}

func (l *memoryLog) enter(ctx context.Context, call string) error {
	l.mu.Lock() // the caller unlocks
	if err := ctx.Err(); err != nil {
		return err
	}
	if l.broken != nil {
		return l.broken(call)
	}
	return nil
}

// breakOn lets calls fail; nil mends them.
func (l *memoryLog) breakOn(broken func(call string) error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.broken = broken
}

func (l *memoryLog) Cursor(ctx context.Context, subscriber string) (int64, error) {
	defer l.mu.Unlock()
	err := l.enter(ctx, "cursor")
	return l.cursors[subscriber], err
}

func (l *memoryLog) Facts(
	ctx context.Context, subscriber string, after int64, kinds []fact.Kind, limit int,
) (page []outbox.Entry, upTo int64, err error) {
	defer l.mu.Unlock()
	err = l.enter(ctx, "facts")
	l.reads++
	if err != nil {
		return nil, after, err
	}
	for _, e := range l.facts {
		if e.Position <= after {
			continue
		}
		if slices.Contains(kinds, e.Fact.Kind) && !l.inbox[subscriber][e.Position] {
			if page = append(page, e); len(page) == limit {
				return page, e.Position, nil
			}
		}
	}
	return page, max(after, int64(len(l.facts))), nil
}

func (l *memoryLog) Handled(ctx context.Context, subscriber string, position int64) error {
	defer l.mu.Unlock()
	if err := l.enter(ctx, "handled"); err != nil {
		return err
	}
	if l.inbox[subscriber] == nil {
		l.inbox[subscriber] = make(map[int64]bool)
	}
	l.inbox[subscriber][position] = true
	return nil
}

func (l *memoryLog) Advance(ctx context.Context, subscriber string, position int64) error {
	defer l.mu.Unlock()
	if err := l.enter(ctx, "advance"); err != nil {
		return err
	}
	l.cursors[subscriber] = max(l.cursors[subscriber], position)
	return nil
}

// at is where a subscriber's cursor stands.
func (l *memoryLog) at(subscriber string) int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.cursors[subscriber]
}

// readsSoFar counts the looks at the log.
func (l *memoryLog) readsSoFar() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.reads
}

// once makes a call fail the first time.
func once(name string) func(string) error {
	failed := false
	return func(call string) error {
		if call != name || failed {
			return nil
		}
		failed = true
		return errBroken
	}
}

// pass lets time pass in a bubble, and everybody do what is due. Outside of one it panics.
func pass(d time.Duration) {
	synctest.Wait()
	<-time.After(d)
	synctest.Wait()
}

// seen notes which facts a subscriber was given.
type seen struct {
	mu    sync.Mutex
	times []time.Time
	at    []int64
}

func (s *seen) note(position int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.at, s.times = append(s.at, position), append(s.times, time.Now())
}

func (s *seen) positions() []int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.at)
}

// pauses are the times between one call and the next.
func (s *seen) pauses() []time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	var between []time.Duration
	for i := 1; i < len(s.times); i++ {
		between = append(between, s.times[i].Sub(s.times[i-1]))
	}
	return between
}

func upTo(n int64) []int64 {
	all := make([]int64, 0, n)
	for i := range n {
		all = append(all, i+1)
	}
	return all
}

func wantPositions(t *testing.T, got, want []int64) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// zeros is a source of chance that always draws the shortest pause.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

var quiet = slog.New(slog.DiscardHandler)

func TestPausesGrowAndHaveALimit(t *testing.T) {
	b := outbox.NewBackoff(time.Second, 5*time.Second, bytes.NewReader(bytes.Repeat(
		[]byte{0x80, 0, 0, 0}, 5))) // half of the random part; then the source is dry
	for i, want := range []int64{750, 1500, 3000, 3750, 3750, 5000} {
		if got := b.Next(); got.Milliseconds() != want {
			t.Errorf("pause %d is %v, want %d ms", i, got, want)
		}
	}
	b.Reset()
	if got := b.Next(); got != time.Second {
		t.Errorf("after a success the pause is %v", got)
	}
	if got := outbox.NewBackoff(time.Second, time.Second, zeros{}).Next(); got != time.Second/2 {
		t.Errorf("the shortest pause is %v", got)
	}
}
