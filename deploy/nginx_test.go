package deploy

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// waitLimit bounds every wait for nginx.
const waitLimit = 20 * time.Second

// findNginx gives the real nginx. `make test` says where it is; a machine without it skips.
func findNginx(t *testing.T) string {
	t.Helper()
	if path := os.Getenv("TICKETFLOW_TEST_NGINX"); path != "" {
		return path
	}
	for _, name := range []string{"nginx", "/usr/sbin/nginx"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Skip("needs nginx, which is not on this machine")
	return ""
}

// balancer starts nginx with the real files. Only names of the machine are changed in them: the
// port, the folder for temporary files, and the addresses of the instances. Asking Docker's name
// service for these is left out, for older versions of nginx can't.
func balancer(t *testing.T, one, two string) (address string) {
	t.Helper()
	nginx, folder := findNginx(t), t.TempDir()
	listen := freeAddress(t)
	write := func(name string, changes ...string) string {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for i := 0; i < len(changes); i += 2 {
			if !strings.Contains(string(text), changes[i]) {
				t.Fatalf("%s does not say %q", name, changes[i])
			}
		}
		path := filepath.Join(folder, name)
		text = []byte(strings.NewReplacer(changes...).Replace(string(text)))
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	write("upstream.conf", "resolver 127.0.0.11 valid=5s ipv6=off;", "",
		"app1:8080 resolve", one, "app2:8080 resolve", two)
	config := write("nginx.conf", "listen 8080;", "listen "+listen+";", "/tmp/", folder+"/",
		"worker_processes auto;", "worker_processes 1;")
	args := []string{"-p", folder, "-e", "stderr", "-c", config}
	if output, err := exec.Command(nginx, append(args, "-t")...).CombinedOutput(); err != nil {
		t.Fatalf("nginx -t: %v\n%s", err, output)
	}
	global := "daemon off;"
	if os.Geteuid() == 0 {
		global += " user root;" // the test's folder is root's alone
	}
	start(t, append([]string{nginx, "-g", global}, args...)...)
	ctx, cancel := context.WithTimeout(t.Context(), waitLimit)
	defer cancel()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		var dialer net.Dialer
		if conn, err := dialer.DialContext(ctx, "tcp", listen); err == nil {
			conn.Close()
			return "http://" + listen
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatal("nginx does not listen")
		}
	}
}

// start runs a server until the test ends, or until the test process is gone: the shell beside it
// reads from us until then.
func start(t *testing.T, args ...string) {
	t.Helper()
	shell := exec.Command("sh", append([]string{
		"-c", `"$@" & pid=$!; read -r end; kill "$pid"; wait "$pid"`, "sh",
	}, args...)...)
	var log bytes.Buffer
	shell.Stdout, shell.Stderr = &log, &log
	input, err := shell.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := shell.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		input.Close()
		if err := shell.Wait(); err != nil {
			t.Errorf("nginx: %v", err)
		}
		if t.Failed() {
			t.Logf("nginx said:\n%s", log.String())
		}
	})
}

func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	return address
}

// instance is a server in place of the program. It counts what it is asked.
type instance struct {
	*httptest.Server

	asked atomic.Int64
}

func newInstance(t *testing.T, handler http.HandlerFunc) *instance {
	t.Helper()
	i := &instance{}
	i.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		i.asked.Add(1)
		handler(w, r)
	}))
	t.Cleanup(i.Close)
	return i
}

func (i *instance) address() string { return i.Listener.Addr().String() }

func ok(w http.ResponseWriter, r *http.Request) {
	if _, err := io.Copy(io.Discard, r.Body); err != nil {
		w.WriteHeader(http.StatusBadRequest)
	}
}

// ask sends one request and gives the status.
func ask(t *testing.T, method, address string, body io.Reader) int {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, address, body)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Error(err)
		return 0
	}
	defer response.Body.Close()
	if _, err := io.Copy(io.Discard, response.Body); err != nil {
		t.Error(err)
	}
	return response.StatusCode
}

func TestRequestsAreSpreadAndAKilledInstanceIsNotNoticed(t *testing.T) {
	one, two := newInstance(t, ok), newInstance(t, ok)
	address := balancer(t, one.address(), two.address())
	const buyers, requests = 8, 100
	half := make(chan struct{})
	var done atomic.Int64
	var all sync.WaitGroup
	for range buyers {
		all.Go(func() {
			for range requests {
				if got := ask(t, http.MethodGet, address+"/v1/events", nil); got != 200 {
					t.Errorf("status %d", got)
				}
				if done.Add(1) == buyers*requests/2 {
					close(half)
				}
			}
		})
	}
	<-half
	if one.asked.Load() < buyers || two.asked.Load() < buyers {
		t.Errorf("asked %d and %d times of %d: not spread",
			one.asked.Load(), two.asked.Load(), done.Load())
	}
	if err := one.Listener.Close(); err != nil {
		t.Error(err)
	}
	one.CloseClientConnections()
	all.Wait()
}

func TestAnInstanceThatDiesWhileItAnswers(t *testing.T) {
	var broken atomic.Int64
	die := func(w http.ResponseWriter, _ *http.Request) {
		broken.Add(1)
		panic(http.ErrAbortHandler) // the connection breaks, as it does when a process is killed
	}
	one, two := newInstance(t, die), newInstance(t, ok)
	address := balancer(t, one.address(), two.address())
	for broken.Load() == 0 {
		if got := ask(t, http.MethodGet, address+"/v1/events", nil); got != 200 {
			t.Fatalf("a request that changes nothing ended with %d", got)
		}
	}
	// Nobody knows whether an order was placed: nginx must not place it a second time.
	one, two = newInstance(t, die), newInstance(t, ok)
	address = balancer(t, one.address(), two.address())
	for one.asked.Load() == 0 {
		before := two.asked.Load()
		got := ask(t, http.MethodPost, address+"/v1/orders", strings.NewReader("{}"))
		if one.asked.Load() > 0 && (got != http.StatusBadGateway || two.asked.Load() != before) {
			t.Errorf("an order that broke off ended with %d and was sent %d times more",
				got, two.asked.Load()-before)
		}
	}
}

func TestChangesArePassedOnAtOnce(t *testing.T) {
	next := make(chan struct{})
	stream := func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		flusher := http.NewResponseController(w)
		for _, line := range []string{"data: 1\n", "data: 2\n"} {
			_, err := io.WriteString(w, line)
			if err := errors.Join(err, flusher.Flush()); err != nil {
				t.Error(err)
				return
			}
			select {
			case <-next:
			case <-r.Context().Done():
				return
			}
		}
	}
	one, two := newInstance(t, stream), newInstance(t, stream)
	address := balancer(t, one.address(), two.address())
	ctx, cancel := context.WithTimeout(t.Context(), waitLimit)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet,
		address+"/v1/events/evt_1/changes", nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	lines := bufio.NewReader(response.Body)
	for _, want := range []string{"data: 1\n", "data: 2\n"} {
		// The instance says the next line only after this one has arrived.
		if line, err := lines.ReadString('\n'); line != want {
			t.Fatalf("got %q, %v, want %q", line, err, want)
		}
		next <- struct{}{}
	}
}

func TestTheBalancersLimitsAreOurs(t *testing.T) {
	var forwarded atomic.Value
	look := func(w http.ResponseWriter, r *http.Request) {
		forwarded.Store(r.Header.Get("X-Forwarded-For"))
		ok(w, r)
	}
	one, two := newInstance(t, look), newInstance(t, look)
	address := balancer(t, one.address(), two.address())
	const ordinary, plan = 64 << 10, 16 << 20
	for _, c := range []struct {
		path string
		size int
		want int
	}{
		{"/v1/orders", ordinary, 200},
		{"/v1/orders", ordinary + 1, http.StatusRequestEntityTooLarge},
		{"/v1/plans", plan, 200},
		{"/v1/plans", plan + 1, http.StatusRequestEntityTooLarge},
	} {
		got := ask(t, http.MethodPost, address+c.path, bytes.NewReader(make([]byte, c.size)))
		if got != c.want {
			t.Errorf("%d bytes to %s: status %d, want %d", c.size, c.path, got, c.want)
		}
	}
	before := one.asked.Load() + two.asked.Load()
	if got := ask(t, http.MethodGet, address+"/metrics", nil); got != http.StatusNotFound ||
		one.asked.Load()+two.asked.Load() != before {
		t.Errorf("/metrics is reachable from outside: %d", got)
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address+"/", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("X-Forwarded-For", "192.0.2.1")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if got := forwarded.Load(); got != "127.0.0.1" {
		t.Errorf("a client could say that it is %v", got)
	}
	two.asked.Store(0)
	for range 4 {
		ask(t, http.MethodGet, address+"/simpay/pay/x", nil)
	}
	if two.asked.Load() != 0 {
		t.Error("the payment simulator's requests were spread")
	}
}
