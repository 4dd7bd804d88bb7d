package rush

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
)

func TestParseAnswer(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		raw     string
		status  int
		body    string
		retry   int
		closing bool
	}{
		"length": {raw: "HTTP/1.1 201 Created\r\nContent-Length: 4\r\n\r\nabcd", status: 201,
			body: "abcd"},
		"case and blanks": {raw: "HTTP/1.1 409 Conflict\r\ncOnTent-leNgth:  2 \r\n\r\n{}",
			status: 409, body: "{}"},
		"no reason": {raw: "HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n", status: 200},
		"chunked": {raw: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" +
			"3\r\nabc\r\n2;ext=1\r\nde\r\n0\r\n\r\n", status: 200, body: "abcde"},
		"trailer": {raw: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" +
			"1\r\nx\r\n0\r\nDigest: 1\r\n\r\n", status: 200, body: "x"},
		"no content": {raw: "HTTP/1.1 204 No Content\r\n\r\n", status: 204},
		"not modified": {raw: "HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n",
			status: 304},
		"interim": {raw: "HTTP/1.1 100 Continue\r\n\r\n" +
			"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nz", status: 200, body: "z"},
		"busy": {raw: "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 7\r\n" +
			"Content-Length: 0\r\nConnection: close\r\n\r\n", status: 503, retry: 7, closing: true},
		"old": {raw: "HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n", status: 200, closing: true},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			// Every beginning is incomplete, and leaves the bytes as they are.
			for n := range len(c.raw) {
				var a answer
				part := []byte(c.raw[:n])
				if used, err := parseAnswer(part, &a); used != 0 || err != nil {
					t.Fatalf("%d of %d bytes: used %d, %v", n, len(c.raw), used, err)
				}
				if string(part) != c.raw[:n] {
					t.Fatalf("%d bytes were changed to %q", n, part)
				}
			}
			var a answer
			used, err := parseAnswer([]byte(c.raw+"HTTP/1.1 500"), &a)
			if err != nil || used != len(c.raw) {
				t.Fatalf("used %d of %d, %v", used, len(c.raw), err)
			}
			if a.status != c.status || string(a.body) != c.body || a.retryAfter != c.retry ||
				a.closing != c.closing {
				t.Errorf("got %+v", a)
			}
		})
	}
}

func TestParseAnswerRefusesGarbage(t *testing.T) {
	t.Parallel()
	chunked := "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
	cases := map[string]error{
		"SSH-2.0-OpenSSH_9.2p1\r\n\r\n":                                       errBadAnswer,
		"HTTP/2.0 200 OK\r\n\r\n":                                             errBadAnswer,
		"HTTP/1.1 2x0 OK\r\nContent-Length: 0\r\n\r\n":                        errBadAnswer,
		"HTTP/1.1 200 OK\r\n\r\n":                                             errBadAnswer,
		"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n":                       errBadAnswer,
		"HTTP/1.1 200 OK\r\nContent-Length: 9999999999\r\n\r\n":               errBadAnswer,
		"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab": errBadAnswer,
		"HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n":                 errLongAnswer,
		"HTTP/1.1 200 OK\r\nno colon\r\n\r\n":                                 errBadAnswer,
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n":         errBadAnswer,
		chunked + "x\r\n":                                                     errBadAnswer,
		chunked + "1\r\nabc\r\n":                                              errBadAnswer,
		chunked + "fffffff\r\n":                                               errLongAnswer,
		"HTTP/1.1 200 OK\r\nX: " + strings.Repeat("y", maxHeadBytes):          errLongAnswer,
		chunked + "0\r\nX: " + strings.Repeat("y", maxHeadBytes):              errLongAnswer,
		chunked + "1\r\nx\r\n" + strings.Repeat("0", maxHeadBytes+9):          errLongAnswer,
	}
	for raw, want := range cases {
		var a answer
		if n, err := parseAnswer([]byte(raw), &a); n != 0 || !errors.Is(err, want) {
			t.Errorf("%.60q: used %d, %v", raw, n, err)
		}
	}
}

func TestParseAnswerAllocatesNothing(t *testing.T) {
	raw := []byte("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n" +
		"Transfer-Encoding: chunked\r\nDate: Mon, 01 Jun 2026 10:00:00 GMT\r\n\r\n" +
		"5\r\nabcde\r\n0\r\n\r\n")
	buf := make([]byte, len(raw))
	var a answer
	if n := testing.AllocsPerRun(200, func() {
		copy(buf, raw)
		if used, err := parseAnswer(buf, &a); used != len(raw) || err != nil {
			t.Fatal(used, err)
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// FuzzParseAnswer compares with the parser of net/http wherever both accept.
func FuzzParseAnswer(f *testing.F) {
	for _, seed := range []string{
		"HTTP/1.1 201 Created\r\nContent-Length: 4\r\n\r\nabcd",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
		"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n",
		"HTTP/1.1 429 Slow\r\nRetry-After: 3\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		buf := bytes.Clone(raw)
		var a answer
		used, err := parseAnswer(buf, &a)
		if used < 0 || used > len(raw) || err != nil && used != 0 {
			t.Fatalf("used %d of %d, %v", used, len(raw), err)
		}
		if used == 0 && err == nil && !bytes.Equal(buf, raw) {
			t.Fatal("an incomplete answer was changed")
		}
		if used == 0 {
			return
		}
		reader := bufio.NewReader(bytes.NewReader(raw))
		for {
			want, err := http.ReadResponse(reader, nil)
			if err != nil {
				return // we are the more lenient reader of a trusted server
			}
			body, err := io.ReadAll(want.Body)
			_ = want.Body.Close()
			if err != nil {
				return
			}
			if want.StatusCode < 200 && want.StatusCode != http.StatusSwitchingProtocols {
				continue
			}
			if want.StatusCode >= 200 && want.StatusCode != a.status {
				t.Fatalf("status %d, net/http %d", a.status, want.StatusCode)
			}
			if want.StatusCode >= 200 && len(want.TransferEncoding) == 0 &&
				want.ContentLength >= 0 && !bytes.Equal(body, a.body) {
				t.Fatalf("body %q, net/http %q", a.body, body)
			}
			return
		}
	})
}
