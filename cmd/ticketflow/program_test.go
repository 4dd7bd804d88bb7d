package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"flag"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// asProgram makes this test binary behave as ticketflow itself, so that the servers which tests
// and rehearsals start are built as the tests are, race detector included.
const asProgram = "TICKETFLOW_TEST_IS_PROGRAM"

// programLimit bounds every wait for a program.
const programLimit = time.Minute

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
		return
	}
	for _, setting := range os.Environ() { // what the developer's shell sets is not for the tests
		name, _, _ := strings.Cut(setting, "=")
		if strings.HasPrefix(name, "TICKETFLOW_") && !strings.HasPrefix(name, "TICKETFLOW_TEST_") {
			_ = os.Unsetenv(name)
		}
	}
	if err := os.Setenv(asProgram, "1"); err != nil {
		panic(err)
	}
	// The tests that run beside each other wait more than they work; -parallel wins.
	if err := flag.Set("test.parallel", "4"); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}

// command runs the program within this process.
func command(t *testing.T, args ...string) (out, progress string, err error) {
	t.Helper()
	var o, p shared
	err = run(t.Context(), args, streams{&o, &p})
	return o.String(), p.String(), err
}

// shared is a buffer that a program and the servers that it starts write to.
type shared struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (s *shared) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(b)
}

func (s *shared) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

// program is a server in a process of its own.
type program struct {
	t       *testing.T
	process *exec.Cmd
	tie     io.Closer // without which it ends
	url     string
	lines   chan string
	log     shared
	done    bool
}

// serve starts a server on a free port and waits until it is ready.
func serve(t *testing.T, args ...string) *program {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	p := &program{t: t, lines: make(chan string, 1_000),
		process: exec.Command(self, append([]string{"serve", "--addr", "127.0.0.1:0",
			"--simulated-payments"}, args...)...)}
	p.process.Stderr = &p.log
	p.process.Env = os.Environ()
	if p.tie, err = tie(p.process); err != nil {
		t.Fatal(err)
	}
	out, err := p.process.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.process.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(p.lines)
		for lines := bufio.NewScanner(out); lines.Scan(); {
			p.lines <- lines.Text()
		}
	}()
	t.Cleanup(func() {
		if !p.done {
			_ = p.process.Process.Kill()
			_ = p.process.Wait()
		}
	})
	limit := time.After(programLimit)
	for p.url == "" {
		select {
		case line, ok := <-p.lines:
			if !ok {
				p.done = true
				t.Fatalf("the server ended: %v\n%s", p.process.Wait(), p.log.String())
			}
			_, p.url, _ = strings.Cut(line, readyWords)
		case <-limit:
			t.Fatal("the server was not ready in time")
		}
	}
	return p
}

// stop ends the server as an operator does and returns the rest of what it had printed.
func (p *program) stop() string {
	p.t.Helper()
	if err := p.process.Process.Signal(syscall.SIGTERM); err != nil {
		p.t.Fatal(err)
	}
	stuck := time.AfterFunc(programLimit, func() { _ = p.process.Process.Kill() })
	defer stuck.Stop()
	var rest strings.Builder
	for line := range p.lines {
		rest.WriteString(line + "\n")
	}
	p.done = true
	if err := p.process.Wait(); err != nil {
		p.t.Fatalf("the server ended with %v\n%s", err, p.log.String())
	}
	return rest.String()
}

// ask sends a request, wants a status, and returns the body. header is names and values in turn.
func (p *program) ask(method, path, body string, want int, header ...string) []byte {
	p.t.Helper()
	url := path
	if strings.HasPrefix(path, "/") {
		url = p.url + path
	}
	r, err := http.NewRequestWithContext(p.t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		p.t.Fatal(err)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	client := http.Client{Timeout: programLimit}
	answer, err := client.Do(r)
	if err != nil {
		p.t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	raw, err := io.ReadAll(answer.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	if answer.StatusCode != want {
		p.t.Fatalf("%s %s: got %d, want %d: %s", method, path, answer.StatusCode, want, raw)
	}
	return raw
}

// parse reads JSON.
func parse[T any](t *testing.T, raw []byte) (v T) {
	t.Helper()
	if err := json.Unmarshal(raw, &v); err != nil {
		t.Fatalf("%v in %s", err, raw)
	}
	return v
}

// TestAServerEndsWithWhoStartedIt: a rehearsal or a test that is killed can't stop its servers.
func TestAServerEndsWithWhoStartedIt(t *testing.T) {
	p := serve(t, "--data", t.TempDir())
	if err := p.tie.Close(); err != nil {
		t.Fatal(err)
	}
	stuck := time.AfterFunc(programLimit, func() { _ = p.process.Process.Kill() })
	defer stuck.Stop()
	for range p.lines { // until it has closed its output
		continue
	}
	p.done = true
	if err := p.process.Wait(); err != nil {
		t.Errorf("it ended with %v\n%s", err, p.log.String())
	}
	if s := p.log.String(); !strings.Contains(s, "stopping") {
		t.Errorf("it doesn't say that it is stopping: %s", s)
	}
}

func TestServeWritesACPUProfile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "cpu.prof")
	p := serve(t, "--data", t.TempDir(), "--cpu-profile", file)
	p.stop()
	raw, err := os.ReadFile(file)
	if err != nil || !bytes.HasPrefix(raw, []byte{0x1f, 0x8b}) { // pprof's format is gzipped
		t.Errorf("%d bytes, %v", len(raw), err)
	}
}
