package redis

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/redis/rueidis"
)

// Limits of one server.
const (
	maxCallsOnTheWay   = 512 // fewer than a ring holds: a full one ignores deadlines
	breakerFailures    = 5   // in a row, until the server is left alone for a while
	breakerPause       = time.Second
	maxReconnectSteps  = 8 // the delay between tries grows so often
	connectLogInterval = 30 * time.Second
)

// Why a server wasn't asked.
var (
	errDown = errors.New("the Redis server is not reachable")
	errBusy = errors.New("too many calls are on the way to the Redis server")
)

// node is one server with its bulkhead and its breaker.
type node struct {
	option rueidis.ClientOption
	clock  func() time.Time
	slots  chan struct{}

	mu       sync.Mutex
	client   rueidis.Client // nil until the first connection
	ready    chan struct{}  // closed when client is there
	failures int            // in a row
	until    time.Time      // the breaker is open until then, if failures say so
	probing  bool           // somebody tries whether the server is back
}

func newNode(option rueidis.ClientOption, clock func() time.Time) *node {
	return &node{option: option, clock: clock, ready: make(chan struct{}),
		slots: make(chan struct{}, maxCallsOnTheWay)}
}

// connect tries until the server was reached once; the client reconnects by itself from then on.
func (n *node) connect(ctx context.Context, log *slog.Logger) {
	var told time.Time
	for step := 1; ; step = min(step+1, maxReconnectSteps) {
		client, err := rueidis.NewClient(n.option)
		if err == nil {
			n.mu.Lock()
			n.client = client
			n.mu.Unlock()
			close(n.ready)
			return
		}
		if now := n.clock(); now.Sub(told) >= connectLogInterval {
			told = now
			log.WarnContext(ctx, "Redis is not reachable",
				"address", n.option.InitAddress, "error", err)
		}
		if !pause(ctx, time.Duration(step)*reconnectDelay) {
			return
		}
	}
}

func (n *node) close() {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.client != nil {
		n.client.Close()
	}
}

// pause waits; it is false when ctx ended first.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// admit gives the client, unless the breaker is open: then one call in a while finds out whether
// the server is back.
func (n *node) admit() (rueidis.Client, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.client == nil {
		return nil, errDown
	}
	if n.failures >= breakerFailures {
		if n.probing || n.clock().Before(n.until) {
			return nil, errDown
		}
		n.probing = true
	}
	return n.client, nil
}

// settle counts how a call has ended. What came after its deadline is a failure, whatever it was.
func (n *node) settle(ctx context.Context, err error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.probing = false
	if ctx.Err() == nil && (err == nil || isNil(err)) {
		n.failures = 0
		return
	}
	n.failures++
	n.until = n.clock().Add(breakerPause)
}

func (n *node) healthy() bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.client != nil && n.failures < breakerFailures
}

// call is one conversation with a server.
type call[T any] func(context.Context, rueidis.Client) (T, error)

// answer is what the server with this number has said.
type answer[T any] struct {
	from  int
	value T
	err   error
}

// ask sends a call on its way, with a deadline of its own; out, which must have room, gets exactly
// one answer. Who waits for it looks at the deadline, too: the client doesn't always.
func ask[T any](
	ctx context.Context, n *node, from int, timeout time.Duration, call call[T],
	out chan<- answer[T],
) {
	client, err := n.admit()
	if err != nil {
		var none T
		out <- answer[T]{from, none, err}
		return
	}
	go func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), timeout)
		defer cancel()
		a := answer[T]{from: from, err: errBusy}
		select {
		case n.slots <- struct{}{}:
			a.value, a.err = call(ctx, client)
			<-n.slots
		case <-ctx.Done():
		}
		n.settle(ctx, a.err)
		out <- a
	}()
}
