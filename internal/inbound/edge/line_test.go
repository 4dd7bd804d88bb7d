package edge

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

const lineLimit = 20 * time.Second // of each wait

// switchboard is a server that takes over every connection it can. A test ends after its handlers,
// for which a server doesn't wait once connections were taken over: they write the rig's log.
func switchboard(t *testing.T, r *rig) (server *httptest.Server, lines chan *Line) {
	t.Helper()
	t.Cleanup(r.served.Wait)
	lines = make(chan *Line, 1)
	r.mux.Add(Route{Pattern: "GET /watch", Class: Watching,
		Handler: func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/event-stream")
			lines <- TakeOver(w, r)
		}})
	server = httptest.NewUnstartedServer(http.HandlerFunc(
		func(w http.ResponseWriter, req *http.Request) {
			r.served.Add(1)
			defer r.served.Done()
			r.mux.ServeHTTP(w, req)
		}))
	t.Cleanup(server.Close)
	return server, lines
}

// call opens a stream on a connection of its own.
func call(t *testing.T, server *httptest.Server) net.Conn {
	t.Helper()
	c, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	if err := c.SetDeadline(time.Now().Add(lineLimit)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(c, "GET /watch HTTP/1.1\r\nHost: here\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	return c
}

func TestALineAnswersAndStaysOpen(t *testing.T) {
	r := newRig(Config{Streams: 1})
	server, lines := switchboard(t, r)
	server.Start()
	c := call(t, server)
	line := <-lines
	if err := line.Send([]byte("first\n")); err != nil {
		t.Fatal(err)
	}
	in := bufio.NewReader(c)
	answer, err := http.ReadResponse(in, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK || !answer.Close || answer.ContentLength != -1 ||
		answer.Header.Get("Content-Type") != "text/event-stream" ||
		answer.Header.Get("X-Content-Type-Options") != "nosniff" ||
		answer.Header.Get("Date") == "" || answer.Header.Get("X-Request-Id") == "" {
		t.Errorf("the answer begins with %d %v", answer.StatusCode, answer.Header)
	}
	if n, err := line.Offer([]byte("second\n")); n != 7 || err != nil {
		t.Errorf("offered 7 bytes, %d were taken, %v", n, err)
	}
	for _, want := range []string{"first\n", "second\n"} {
		if got, err := in.ReadString('\n'); got != want {
			t.Errorf("got %q, %v, want %q", got, err, want)
		}
	}
	refused := httptest.NewRecorder()
	r.mux.ServeHTTP(refused, httptest.NewRequest(http.MethodGet, "/watch", nil))
	if codeOf(t, refused) != "overloaded" {
		t.Errorf("a line takes no room among the streams: %d", refused.Code)
	}
	if line.Gone() {
		t.Error("who still listens is said to be gone")
	}
	c.Close()
	for end := time.After(lineLimit); !line.Gone(); {
		select {
		case <-end:
			t.Fatal("nobody notices that the viewer has hung up")
		default:
		}
	}
	line.Close()
	line.Close()
	if n := r.mux.streams.Load(); n != 0 {
		t.Errorf("%d streams are left", n)
	}
	r.served.Wait()
	if text := r.log.String(); strings.Contains(text, "panic") {
		t.Error(text)
	}
}

// TestAnOfferNeverWaits: who doesn't read gets what the system takes, and every byte of it.
func TestAnOfferNeverWaits(t *testing.T) {
	server, lines := switchboard(t, newRig(Config{}))
	server.Start()
	c := call(t, server)
	line := <-lines
	defer line.Close()
	if err := line.Send(nil); err != nil {
		t.Fatal(err)
	}
	piece := bytes.Repeat([]byte("0123456789"), 10_000)
	var taken []byte
	begun := time.Now()
	for full := 0; full < 3; { // the other side's system may take some more, late
		n, err := line.Offer(piece)
		if err != nil {
			t.Fatal(err)
		}
		if taken = append(taken, piece[:n]...); n < len(piece) {
			full++
		}
		if len(taken) > 64<<20 {
			t.Fatal("a viewer who doesn't read takes everything")
		}
	}
	if took := time.Since(begun); took > lineLimit/4 {
		t.Errorf("offers took %v", took)
	}
	in := bufio.NewReader(c)
	answer, err := http.ReadResponse(in, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	got := make([]byte, len(taken))
	if _, err := io.ReadFull(in, got); err != nil || !bytes.Equal(got, taken) {
		t.Errorf("what was taken is not what arrives: %v", err)
	}
	c.Close()
	for end := time.After(lineLimit); err == nil; {
		select {
		case <-end:
			t.Fatal("nobody notices that the viewer has hung up")
		default:
			_, err = line.Offer([]byte("x"))
		}
	}
}

func TestWhatCantBeTakenOver(t *testing.T) {
	r := newRig(Config{})
	server, lines := switchboard(t, r)
	server.EnableHTTP2 = true
	server.StartTLS()
	ask := func(method string, do func(*http.Request)) {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), method, server.URL+"/watch", nil)
		if err != nil {
			t.Fatal(err)
		}
		do(req)
		if line := <-lines; line != nil {
			t.Errorf("%s was taken over", method)
			line.Close()
		}
	}
	send := func(client *http.Client) func(*http.Request) {
		return func(req *http.Request) {
			answer, err := client.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			answer.Body.Close()
			if answer.StatusCode != http.StatusOK {
				t.Errorf("%s %s", answer.Proto, answer.Status)
			}
		}
	}
	ask(http.MethodGet, send(server.Client())) // HTTP/2
	ask(http.MethodHead, func(req *http.Request) { r.mux.ServeHTTP(httptest.NewRecorder(), req) })
	ask(http.MethodGet, func(req *http.Request) { r.mux.ServeHTTP(httptest.NewRecorder(), req) })
	old := server.Client()
	old.Transport.(*http.Transport).ForceAttemptHTTP2 = false
	old.Transport.(*http.Transport).TLSClientConfig.NextProtos = []string{"http/1.1"}
	old.CloseIdleConnections()
	ask(http.MethodGet, send(old)) // TLS
	if n := r.mux.streams.Load(); n != 0 {
		t.Errorf("%d streams are left", n)
	}
}
