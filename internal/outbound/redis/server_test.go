package redis

import (
	"context"
	"log/slog"
	"runtime"
	"strconv"
	"testing"
	"time"

	"github.com/redis/rueidis"
	"go.uber.org/goleak"

	"ticketflow/internal/testservers"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// server is a Redis server of one test; started again, it is empty.
type server struct {
	*testservers.Server
	tb   testing.TB
	down bool
}

func startServer(tb testing.TB) *server {
	tb.Helper()
	return &server{Server: testservers.StartRedis(tb), tb: tb}
}

func (s *server) kill() { s.Kill(); s.down = true }

func (s *server) start() { s.Start(); s.down = false }

// do runs one command on the server itself, behind everybody's back.
func (s *server) do(args ...string) rueidis.RedisResult {
	s.tb.Helper()
	option, err := rueidis.ParseURL(s.URL)
	if err != nil {
		s.tb.Fatal(err)
	}
	client, err := rueidis.NewClient(tuned(option))
	if err != nil {
		s.tb.Fatal(err)
	}
	defer client.Close()
	return client.Do(context.Background(), client.B().Arbitrary(args...).Build())
}

// keys are all keys that fit a pattern.
func (s *server) keys(pattern string) []string {
	s.tb.Helper()
	keys, err := s.do("KEYS", pattern).AsStrSlice()
	if err != nil {
		s.tb.Fatal(err)
	}
	return keys
}

// eventually gives way to others until the condition holds.
func eventually(tb testing.TB, what string, condition func() bool) {
	tb.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for !condition() {
		if time.Now().After(deadline) {
			tb.Fatalf("waited in vain: %s", what)
		}
		runtime.Gosched()
	}
}

func startServers(tb testing.TB, n int) []*server {
	tb.Helper()
	all := make([]*server, n)
	for i := range all {
		all[i] = startServer(tb)
	}
	return all
}

// connect opens connections to the servers and waits until those that run are there.
func connect(tb testing.TB, servers ...*server) *Servers {
	tb.Helper()
	urls, running := make([]string, len(servers)), 0
	for i, s := range servers {
		urls[i] = s.URL
		if !s.down {
			running++
		}
	}
	s, err := Open(Options{URLs: urls, Prefix: "test" + strconv.Itoa(len(urls)), Clock: time.Now,
		Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(s.Close)
	eventually(tb, "the servers are reached", func() bool { return s.Reachable() == running })
	return s
}
