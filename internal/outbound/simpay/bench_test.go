package simpay

import (
	"crypto/rand"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"ticketflow/internal/app/payment"
)

func BenchmarkBegin(b *testing.B) {
	g, err := NewGateway("http://127.0.0.1:8080", "http://127.0.0.1:8080", testSecrets(b), time.Now)
	if err != nil {
		b.Fatal(err)
	}
	r := request(b, "ord_0000000000000000000000000000000000000000000:1", 4900)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := g.Begin(b.Context(), r); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkOpenLink(b *testing.B) {
	s := newSealer(testSecrets(b).link)
	r := request(b, "ord_0000000000000000000000000000000000000000000:1", 4900)
	link := string(s.appendLink(nil, invoice{Key: r.Key, Amount: r.Amount, Reference: r.Reference,
		ReturnURL: r.ReturnURL, Expires: 1}))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.open(link); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkReadNotice(b *testing.B) {
	p := parcel{entry: &entry{key: "ord_0000000000000000000000000000000000000000000:1",
		amount: euros(b, 4900), opened: payment.Paid, at: 1_800_000_000_123}}
	body := p.appendBody(nil)
	b.ReportAllocs()
	for b.Loop() {
		if _, ok := parseNotice(body); !ok {
			b.Fatal("unreadable")
		}
	}
}

func BenchmarkSettle(b *testing.B) {
	book := openTestBook(b, filepath.Join(b.TempDir(), journalFile))
	defer func() { _ = book.close() }()
	now := time.Unix(1_800_000_000, 0)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		v := invoice{Key: fmt.Sprintf("ord_%d:1", i), Amount: euros(b, 4900), Expires: 1 << 31}
		e, _, _, err := book.settle(v, payment.Paid, now)
		if err != nil {
			b.Fatal(err)
		}
		if err := book.acknowledge(parcel{entry: e}); err != nil {
			b.Fatal(err)
		}
	}
}

// cpuTime is what the whole process has used, user and system.
func cpuTime(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkDelivery compares the CPU of a webhook, both ends together, over the lean client and
// over net/http, with 64 under way to a server that reads and acknowledges.
func BenchmarkDelivery(b *testing.B) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.WriteHeader(http.StatusNoContent)
	}))
	defer server.Close()
	target, err := url.Parse(server.URL + "/v1/webhooks/simpay")
	if err != nil {
		b.Fatal(err)
	}
	p := parcel{entry: &entry{key: "ord_0000000000000000000000000000000000000000000:1",
		amount: euros(b, 4900), opened: payment.Paid, at: 1_800_000_000_123}}
	key := testSecrets(b).webhook
	senders := map[string]sender{"lean": newWire(target), "nethttp": newHTTPSender(target)}
	for name, s := range senders {
		b.Run(name, func(b *testing.B) {
			before := cpuTime(b)
			var left atomic.Int64
			left.Store(int64(b.N))
			var workers sync.WaitGroup
			for range 64 {
				workers.Go(func() {
					var m message
					for left.Add(-1) >= 0 {
						m.id, m.body = p.appendNoticeID(m.id[:0]), p.appendBody(m.body[:0])
						m.at = time.Now().Unix()
						m.signature = key.AppendSignature(m.signature[:0], string(m.id), m.at,
							m.body)
						if status, err := s.send(m, maxAckWait); status != http.StatusNoContent {
							b.Error(status, err)
							return
						}
					}
				})
			}
			workers.Wait()
			b.ReportMetric(float64(cpuTime(b)-before)/float64(b.N), "cpu-ns/op")
		})
		s.close()
	}
}

// BenchmarkDecide is the whole post of a choice without its own connection: link, book, webhook to
// a server that acknowledges, answer; 500 buyers at a time.
func BenchmarkDecide(b *testing.B) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.WriteHeader(http.StatusNoContent)
	}))
	defer server.Close()
	sim, err := Open(Options{Folder: b.TempDir(), NoticeURL: server.URL, Clock: WallClock{},
		Secrets: testSecrets(b), Random: rand.Reader})
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = sim.Close() }()
	sim.Start()
	before := cpuTime(b)
	var number atomic.Int64
	var buyers sync.WaitGroup
	for range 500 {
		buyers.Go(func() {
			for n := number.Add(1); n <= int64(b.N); n = number.Add(1) {
				v := invoice{Key: fmt.Sprintf("ord_%d_%d:1", b.N, n), Amount: euros(b, 4900),
					Expires: 1 << 31}
				q := httptest.NewRequest(http.MethodPost,
					"/simpay/pay/"+string(sim.sealer.appendLink(nil, v)),
					strings.NewReader("outcome=paid"))
				q.Header.Set("Accept", "application/json")
				w := httptest.NewRecorder()
				sim.Handler().ServeHTTP(w, q)
				if w.Code != http.StatusOK {
					b.Error(w.Code, w.Body)
					return
				}
			}
		})
	}
	buyers.Wait()
	b.ReportMetric(float64(cpuTime(b)-before)/float64(b.N), "cpu-ns/op")
	if parcels, _ := sim.book.claim(1); len(parcels) > 0 {
		b.Error("webhooks are left")
	}
}
