package redis

import (
	"context"
	"io"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/redis/rueidis"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// server is a Redis server of one test.
type server struct {
	tb   testing.TB
	port string
	cmd  *exec.Cmd
}

// startServer starts a server that keeps nothing on disk: started again, it is empty.
func startServer(tb testing.TB) *server {
	tb.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(listener.Addr().String())
	_ = listener.Close()
	s := &server{tb: tb, port: port}
	s.start()
	tb.Cleanup(s.kill)
	return s
}

func (s *server) url() string { return "redis://127.0.0.1:" + s.port }

func (s *server) start() {
	s.tb.Helper()
	// #nosec G204 -- the arguments are the test's own
	s.cmd = exec.CommandContext(context.Background(), "redis-server", "--port", s.port,
		"--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", s.tb.TempDir())
	s.cmd.Stdout, s.cmd.Stderr = nil, os.Stderr
	if err := s.cmd.Start(); err != nil {
		s.tb.Fatalf("the tests need redis-server: %v", err)
	}
	eventually(s.tb, "the server answers", func() bool {
		conn, err := net.DialTimeout("tcp", "127.0.0.1:"+s.port, time.Second)
		if err != nil {
			return false
		}
		_ = conn.Close()
		return true
	})
}

func (s *server) kill() {
	if s.cmd == nil {
		return
	}
	_ = s.cmd.Process.Kill()
	_ = s.cmd.Wait()
	s.cmd = nil
}

func (s *server) freeze() { _ = s.cmd.Process.Signal(syscall.SIGSTOP) }
func (s *server) thaw()   { _ = s.cmd.Process.Signal(syscall.SIGCONT) }

// do runs one command on the server itself, behind everybody's back.
func (s *server) do(args ...string) rueidis.RedisResult {
	s.tb.Helper()
	client, err := rueidis.NewClient(rueidis.ClientOption{DisableCache: true,
		InitAddress: []string{"127.0.0.1:" + s.port}, ForceSingleClient: true})
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
		urls[i] = s.url()
		if s.cmd != nil {
			running++
		}
	}
	s, err := Open(Options{URLs: urls, Prefix: "test" + strconv.Itoa(len(urls)), Clock: time.Now,
		Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(s.Close)
	eventually(tb, "the servers are reached", func() bool { return s.Reachable() == running })
	return s
}
