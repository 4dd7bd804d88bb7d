// Package redis is what instances share beside the ledger: a lock in front of it, the news of each
// other's places, a cache and limits per address.
//
// Nothing here is needed: Redis may say no fast, only the ledger says yes. Each call has a deadline
// and a breaker of its own, and each part says what happens without its answer.
package redis

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"sync"
	"time"

	"github.com/redis/rueidis"
)

// Limits of talking to servers.
const (
	defaultPrefix    = "ticketflow"
	maxServers       = 9
	dialTimeout      = time.Second
	connWriteTimeout = 2 * time.Second
	reconnectDelay   = 250 * time.Millisecond // between tries to reach a server
	bufferBytes      = 64 << 10               // each way, of each connection
	ringScale        = 10                     // 2^10 calls on the way in each connection
)

// Options say which servers there are.
type Options struct {
	// URLs name the servers, for instance redis://127.0.0.1:6379 or rediss://user:secret@host:6380.
	// They are independent masters: locks need most of them, all else uses the first that answers.
	URLs   []string
	Prefix string // of every key and channel; empty is "ticketflow"
	Clock  func() time.Time
	Log    *slog.Logger
}

// Servers are the connections to all servers. It is safe for concurrent use.
type Servers struct {
	nodes  []*node
	prefix string
	clock  func() time.Time
	log    *slog.Logger

	stop       context.CancelFunc
	connecting sync.WaitGroup
}

// Open begins to connect to the servers and returns at once: none of them has to be there. It fails
// only if a URL can't be read. Close must be called, after everything that uses the servers.
func Open(o Options) (*Servers, error) {
	if len(o.URLs) == 0 || len(o.URLs) > maxServers {
		return nil, fmt.Errorf("give 1 to %d Redis servers, not %d", maxServers, len(o.URLs))
	}
	s := &Servers{prefix: o.Prefix, clock: o.Clock, log: o.Log}
	if s.prefix == "" {
		s.prefix = defaultPrefix
	}
	if strings.ContainsAny(s.prefix, "{}") {
		return nil, errors.New("the prefix of keys must not contain braces")
	}
	for i, url := range o.URLs {
		option, err := rueidis.ParseURL(url)
		if err != nil { // the URL may hold a password: it isn't repeated
			return nil, fmt.Errorf("the URL of Redis server %d can't be read", i+1)
		}
		s.nodes = append(s.nodes, newNode(tuned(option), o.Clock))
	}
	ctx, stop := context.WithCancel(context.Background())
	s.stop = stop
	for _, n := range s.nodes {
		s.connecting.Go(func() { n.connect(ctx, s.log) })
	}
	return s, nil
}

func tuned(o rueidis.ClientOption) rueidis.ClientOption {
	o.Dialer = net.Dialer{Timeout: dialTimeout, KeepAlive: time.Second}
	o.ConnWriteTimeout = connWriteTimeout
	o.ForceSingleClient = true // each URL is a master of its own, not a node of a Redis Cluster
	o.DisableCache = true
	o.DisableRetry = true // who asks has a deadline, and something else to do without an answer
	o.ReadBufferEachConn, o.WriteBufferEachConn = bufferBytes, bufferBytes
	o.RingScaleEachConn = ringScale
	return o
}

// Close ends all connections.
func (s *Servers) Close() {
	s.stop()
	s.connecting.Wait()
	for _, n := range s.nodes {
		n.close()
	}
}

// Reachable is how many servers answer, as far as is known.
func (s *Servers) Reachable() (n int) {
	for _, node := range s.nodes {
		if node.healthy() {
			n++
		}
	}
	return n
}

// first asks the servers in order until one answers.
func first[T any](
	ctx context.Context, s *Servers, timeout time.Duration, call call[T],
) (T, error) {
	var none T
	err := errDown
	for _, n := range s.nodes {
		var value T
		value, err = one(ctx, n, timeout, call)
		if err == nil || isNil(err) {
			return value, err
		}
		if ctx.Err() != nil {
			break
		}
	}
	return none, err
}

// one asks one server, within a time of its own.
func one[T any](
	ctx context.Context, n *node, timeout time.Duration, call call[T],
) (T, error) {
	out := make(chan answer[T], 1)
	ask(ctx, n, 0, timeout, call, out)
	late := time.NewTimer(timeout)
	defer late.Stop()
	select {
	case a := <-out:
		return a.value, a.err
	case <-late.C:
		var none T
		return none, context.DeadlineExceeded
	}
}

// isNil tells whether a server has answered that there is nothing.
func isNil(err error) bool { return rueidis.IsRedisNil(err) }
