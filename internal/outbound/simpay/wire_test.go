package simpay

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"ticketflow/internal/app/stdwebhook"
)

func mustURL(t testing.TB, address string) *url.URL {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func testMessage() message {
	return message{id: []byte("msg_1"), signature: []byte("v1,abc"), at: 5, body: []byte(`{"a":1}`)}
}

// rawServer answers each request of each connection with the next script entry; "" closes the
// connection instead, and "close" after it closes it behind the answer.
func rawServer(t *testing.T, script ...string) (address string, connections chan int) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	connections = make(chan int, 100)
	go func() {
		for number := 1; ; number++ {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			connections <- number
			script = serveScript(conn, script)
		}
	}()
	return "http://" + listener.Addr().String() + "/hook?x=1", connections
}

func serveScript(conn net.Conn, script []string) []string {
	defer conn.Close()
	in := bufio.NewReader(conn)
	for {
		r, err := http.ReadRequest(in)
		if err != nil || len(script) == 0 {
			return script
		}
		body, err := io.ReadAll(r.Body)
		if err != nil || string(body) != `{"a":1}` || r.RequestURI != "/hook?x=1" ||
			r.Header.Get(stdwebhook.HeaderID) != "msg_1" ||
			r.Header.Get(stdwebhook.HeaderTimestamp) != "5" ||
			r.Header.Get(stdwebhook.HeaderSignature) != "v1,abc" {
			fmt.Fprintf(conn, "HTTP/1.1 400 %q\r\nContent-Length: 0\r\n\r\n", body)
			return script
		}
		answer, last := strings.CutSuffix(script[0], "close")
		script = script[1:]
		if _, err := io.WriteString(conn, answer); err != nil || answer == "" || last {
			return script
		}
	}
}

func TestSendersReadResponses(t *testing.T) {
	const ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"
	const none = "HTTP/1.1 204 No Content\r\n\r\n"
	for _, tt := range []struct {
		name        string
		script      []string
		statuses    []int // 0 = failed
		connections int   // of the lean client
	}{
		{"kept", []string{ok, none, ok}, []int{200, 204, 200}, 1},
		{"failure kept", []string{"HTTP/1.1 500 X\r\ncontent-length:0\r\n\r\n", ok},
			[]int{500, 200}, 1},
		{"no reason", []string{"HTTP/1.1 202\r\nContent-Length: 0\r\n\r\n", ok},
			[]int{202, 200}, 1},
		{"closes and says so", []string{
			"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\nclose", ok},
			[]int{200, 200}, 2},
		{"closes silently", []string{ok + "close", ok}, []int{200, 200}, 2},
		{"closes after reading", []string{ok, "", ok}, []int{200, 200}, 2},
		{"early hints", []string{"HTTP/1.1 103 Hints\r\nLink: x\r\n\r\n" + ok, ok},
			[]int{200, 200}, 1},
		{"chunked", []string{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" +
			"2\r\nhi\r\n0\r\n\r\n", ok}, []int{200, 200}, 2},
		{"large", []string{"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n" +
			strings.Repeat("x", 5000), ok}, []int{200, 200}, 1},
		{"too much", []string{ok + "surplus", ok}, []int{200, 200}, 2},
		{"no answer", []string{""}, []int{0}, 1},
		{"no http", []string{"SSH-2.0-x\r\n\r\n"}, []int{0}, 1},
		{"old http", []string{"HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n"}, []int{0}, 1},
		{"half a head", []string{"HTTP/1.1 200 OK\r\nContent-close"}, []int{0}, 1},
		{"endless head", []string{"HTTP/1.1 200 OK\r\nX: " + strings.Repeat("x", 1<<16)},
			[]int{0}, 1},
		{"hints for ever", []string{strings.Repeat("HTTP/1.1 100 Go\r\n\r\n", 9)}, []int{0}, 1},
	} {
		address, connections := rawServer(t, tt.script...)
		s := newSender(mustURL(t, address))
		for i, want := range tt.statuses {
			status, err := s.send(testMessage(), 5*time.Second)
			if status != want || (err != nil) != (want == 0) {
				t.Errorf("%s: answer %d is %d, %v, want %d", tt.name, i, status, err, want)
			}
		}
		s.close()
		if len(connections) != tt.connections {
			t.Errorf("%s: %d connections, want %d", tt.name, len(connections), tt.connections)
		}
	}
}

func TestSenderTimesOut(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	target := mustURL(t, "http://"+listener.Addr().String())
	for _, s := range []sender{newWire(target), newHTTPSender(target)} {
		var late net.Error
		if _, err := s.send(testMessage(), 20*time.Millisecond); !errors.As(err, &late) ||
			!late.Timeout() {
			t.Errorf("%T: %v", s, err)
		}
		s.close()
		if _, err := s.send(testMessage(), time.Second); err == nil {
			t.Errorf("%T: sends after close", s)
		}
	}
}

func TestHTTPSender(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if string(body) != `{"a":1}` || r.Header.Get(stdwebhook.HeaderID) != "msg_1" ||
			r.Header.Get(stdwebhook.HeaderTimestamp) != "5" ||
			r.Header.Get(stdwebhook.HeaderSignature) != "v1,abc" {
			t.Errorf("%s %v", body, r.Header)
		}
		http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
	}))
	defer server.Close()
	s := newHTTPSender(mustURL(t, server.URL))
	defer s.close()
	if status, err := s.send(testMessage(), time.Second); status != 307 || err != nil {
		t.Errorf("%d, %v", status, err)
	}
}

func TestWhoGetsTheLeanClient(t *testing.T) {
	for address, lean := range map[string]bool{
		"http://127.0.0.1:8080/x": true, "http://localhost/x": true, "http://[::1]:1/x": true,
		"https://127.0.0.1/x": false, "http://10.0.0.1/x": false, "http://box.example/x": false,
	} {
		s := newSender(mustURL(t, address))
		if _, got := s.(*wire); got != lean {
			t.Errorf("%s: %T", address, s)
		}
		s.close()
	}
}

func TestIdleConnectionsAreLetGo(t *testing.T) {
	address, _ := rawServer(t, "HTTP/1.1 204 X\r\n\r\n")
	w := newWire(mustURL(t, address))
	defer w.close()
	ends := make([]net.Conn, 2)
	for i := range ends {
		var near net.Conn
		near, ends[i] = net.Pipe()
		l := &link{conn: near}
		w.open[l] = struct{}{}
		w.put(l)
		l.since = l.since.Add(-2 * maxIdleTime)
	}
	if len(w.idle) != 1 || len(w.open) != 1 {
		t.Errorf("%d idle, %d open", len(w.idle), len(w.open))
	}
	if _, err := ends[0].Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
		t.Errorf("the oldest is still open: %v", err)
	}
}

func FuzzResponseHead(f *testing.F) {
	f.Add([]byte("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n"))
	f.Add([]byte("HTTP/1.1 204\r\n"))
	f.Fuzz(func(t *testing.T, head []byte) {
		h, ok := parseResponseHead(head)
		if !ok {
			return
		}
		if h.status < 100 || h.status > 999 || h.length < 0 {
			t.Errorf("%q: %+v", head, h)
		}
		// What the lean reader keeps a connection for, net/http must read alike.
		resp, err := http.ReadResponse(bufio.NewReader(strings.NewReader(string(head)+"\r\n")), nil)
		if err != nil || !h.keep || h.status < 200 || h.status == http.StatusNotModified {
			return
		}
		defer resp.Body.Close()
		if resp.StatusCode != h.status || (h.length != int(resp.ContentLength) && h.status != 204) {
			t.Errorf("%q: %+v, net/http says %d and %d", head, h, resp.StatusCode,
				resp.ContentLength)
		}
	})
}
