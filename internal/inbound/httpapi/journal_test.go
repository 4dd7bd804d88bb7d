package httpapi_test

import (
	"context"
	"encoding/csv"
	"io"
	"net/http"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"ticketflow/internal/app/query"
	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/domain/money"
	"ticketflow/internal/inbound/httpapi"
)

// rowsOf reads a journal as CSV, without its head.
func rowsOf(t *testing.T, r reply) [][]string {
	t.Helper()
	r.want(http.StatusOK, "")
	rows, err := csv.NewReader(strings.NewReader(string(r.body))).ReadAll()
	if err != nil || len(rows) == 0 || rows[0][0] != "entry" {
		t.Fatalf("the journal is %q: %v", r.body, err)
	}
	return rows[1:]
}

// TestStatement adds up what the journal says.
func TestStatement(t *testing.T) {
	h := open(t)
	var s httpapi.Statement
	read := func() httpapi.StatementLines {
		t.Helper()
		h.asOrganiser(http.MethodGet, "/v1/events/evt_1/statement", "").into(&s)
		if len(s.Currencies) != 1 {
			t.Fatalf("the statement is %+v", s)
		}
		return s.Currencies[0]
	}
	h.asOrganiser(http.MethodGet, "/v1/events/evt_1/statement", "").into(&s)
	if s.Event != "evt_1" || s.Currencies == nil || len(s.Currencies) != 0 {
		t.Errorf("before any sale the statement is %+v", s)
	}
	placed := h.paid(3, "a")
	h.paid(1, "=1+1")
	want := httpapi.StatementLines{Currency: "EUR", Entries: 2, Sales: 19600, Result: 19600,
		AtGateways: 19600, Balanced: true}
	if got := read(); got != want {
		t.Errorf("after the sale it is %+v", got)
	}
	var back httpapi.Refund
	h.refund(placed, `{"amount":{"amount":600,"currency":"EUR"}}`, "k").into(&back)
	want.Entries, want.Refunds, want.Result, want.OwedBuyers = 3, 600, 19000, 600
	if got := read(); got != want {
		t.Errorf("with a refund on its way it is %+v", got)
	}
	h.tell(placed, back, "refunded")
	want.Entries, want.OwedBuyers, want.AtGateways = 4, 0, 19000
	if got := read(); got != want {
		t.Errorf("after the refund it is %+v", got)
	}
	h.doubtful()
	want.Entries, want.OwedBuyers, want.AtGateways = 5, 4800, 23800
	if got := read(); got != want {
		t.Errorf("with a payment in quarantine it is %+v", got)
	}
	rows := rowsOf(t, h.asOrganiser(http.MethodGet, "/v1/events/evt_1/journal.csv", ""))
	if len(rows) != 5 || rows[0][2] != "sale" || rows[0][3] != placed.ID ||
		rows[0][4] != placed.Reference || rows[0][6] != "txn_a" || rows[0][8] != "14700" ||
		rows[0][10] != "-14700" {
		t.Errorf("the journal is %q", rows)
	}
	for _, row := range rows {
		sum := 0
		for _, cell := range row[8:] {
			minor, err := strconv.Atoi(cell)
			if err != nil {
				t.Error(err)
			}
			sum += minor
		}
		if sum != 0 {
			t.Errorf("an entry doesn't balance: %q", row)
		}
	}
	for _, end := range []string{"statement", "journal.csv"} {
		h.asOrganiser(http.MethodGet, "/v1/events/evt_777/"+end, "").
			want(http.StatusNotFound, "event_not_found")
		h.call(http.MethodGet, "/v1/events/evt_1/"+end, "", "Order-Token", placed.Token).
			want(http.StatusUnauthorized, "unauthenticated")
	}
}

// long is a journal that is made up while it is read.
type long struct {
	query.Journal

	entries, bytes int
	largest, peak  atomic.Int64
	reads          atomic.Int64
	stuck          chan struct{} // closed when the second page is asked for; or nil
	freed          chan struct{} // closed when its reader has gone
	failing        bool          // the second page can't be read
}

// Entries implements query.Journal.
func (l *long) Entries(
	ctx context.Context, event catalog.EventID, after int64, limit int,
) (page []query.JournalEntry, err error) {
	l.largest.Store(max(l.largest.Load(), int64(limit)))
	if l.reads.Add(1) == 2 && l.failing {
		return nil, io.ErrUnexpectedEOF
	}
	if l.stuck != nil && l.reads.Load() == 2 {
		close(l.stuck)
		<-ctx.Done()
		close(l.freed)
		return nil, ctx.Err()
	}
	runtime.GC()
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	l.peak.Store(max(l.peak.Load(), int64(memory.HeapAlloc)))
	for n := after + 1; n <= int64(l.entries) && len(page) < limit; n++ {
		page = append(page, query.JournalEntry{Number: n, Entry: booking.Entry{
			Kind: booking.EntrySale, Event: event, Provider: "+till",
			Ref: "=" + strings.Repeat("x", l.bytes), Currency: money.Currency{'E', 'U', 'R'},
			Clearing: 100, Revenue: -100}})
	}
	return page, nil
}

func (l *long) config(c *httpapi.Config) { c.Journal = l }

// journal asks for the export, which the caller closes.
func (h *house) journal(ctx context.Context) *http.Response {
	h.tb.Helper()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet,
		h.url+"/v1/events/evt_1/journal.csv", http.NoBody)
	if err != nil {
		h.tb.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+organiserKey)
	res, err := h.client.Do(req)
	if err != nil {
		h.tb.Fatal(err)
	}
	return res
}

// TestLongJournal exports 5,000 entries of 100 MB in all, page by page.
func TestLongJournal(t *testing.T) {
	const entries, bytes, room = 5_000, 20_000, 48 << 20
	l := &long{entries: entries, bytes: bytes}
	h := open(t, l.config)
	runtime.GC()
	var before runtime.MemStats
	runtime.ReadMemStats(&before)
	res := h.journal(t.Context())
	defer res.Body.Close()
	if kind := res.Header.Get("Content-Type"); kind != "text/csv; charset=utf-8" {
		t.Errorf("it comes as %s", kind)
	}
	lines := csv.NewReader(res.Body)
	lines.ReuseRecord = true
	n := 0
	for ; ; n++ {
		row, err := lines.Read()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if n > 0 && (row[0] != strconv.Itoa(n) || row[5] != "'+till" ||
			!strings.HasPrefix(row[6], "'=x") || row[10] != "-100") {
			t.Fatalf("line %d is %.100q", n, row)
		}
	}
	if n != entries+1 || l.largest.Load() > 500 {
		t.Errorf("%d lines, in pages of %d", n, l.largest.Load())
	}
	if grown := l.peak.Load() - int64(before.HeapAlloc); grown > room {
		t.Errorf("%d MB were in memory at once", grown>>20)
	}
}

// TestJournalWithoutAReader ends when its client has gone.
func TestJournalWithoutAReader(t *testing.T) {
	l := &long{entries: 5_000, stuck: make(chan struct{}), freed: make(chan struct{})}
	h := open(t, l.config)
	ctx, leave := context.WithCancel(t.Context())
	res := h.journal(ctx)
	defer res.Body.Close()
	<-l.stuck
	leave()
	<-l.freed
	if n := l.reads.Load(); n != 2 {
		t.Errorf("%d pages were read", n)
	}
}

// TestBrokenJournal: what is cut off must not look whole.
func TestBrokenJournal(t *testing.T) {
	h := open(t, (&long{entries: 5_000, failing: true}).config)
	res := h.journal(t.Context())
	defer res.Body.Close()
	if _, err := io.Copy(io.Discard, res.Body); err == nil {
		t.Error("a journal that was cut off was read to its end")
	}
}
