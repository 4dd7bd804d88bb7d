package simpay

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"sync"

	"ticketflow/internal/domain/errs"
)

// ErrOptions says that the simulator can't be opened like this.
var ErrOptions = errs.New(errs.Invalid, "bad_simpay_options",
	"The payment simulator is not configured right.")

// Options is what a Simulator needs. All up to Random must be given.
type Options struct {
	Folder    string    // where the journal is kept; made if missing; one simulator at a time
	NoticeURL string    // absolute http(s) URL that webhooks are posted to
	Secrets   Secrets   // shared with the box office's Gateway
	Clock     Clock     // WallClock outside tests
	Random    io.Reader // crypto/rand outside tests; read by one goroutine at a time
	Log       *slog.Logger

	// Knobs say what goes wrong; nothing if not given.
	Knobs Knobs
	// Seed starts the generator that the knobs draw from, so that a storm can be repeated; 0 is a
	// seed from Random. The log names it whenever the knobs of all payments are turned.
	Seed uint64
	// KnobsPage serves a page under /simpay/knobs where whoever can reach it turns the knobs.
	KnobsPage bool
}

// Simulator is the gateway's side. All methods are safe for concurrent use.
type Simulator struct {
	secrets Secrets
	clock   Clock
	log     *slog.Logger
	sealer  *sealer
	book    *book
	courier *courier
	fates   *fates
	seed    uint64
	mux     *http.ServeMux

	mu      sync.Mutex
	started bool
	closed  bool
}

// Open reads the journal and makes a simulator that can answer at once. Webhooks that were left
// undelivered, and repetitions, wait for Start. Close must be called also without Start.
func Open(o Options) (*Simulator, error) {
	target, err := url.Parse(o.NoticeURL)
	if err != nil || (target.Scheme != "http" && target.Scheme != "https") || target.Host == "" ||
		target.User != nil {
		return nil, ErrOptions.With("NoticeURL is no absolute http address.")
	}
	if o.Folder == "" || o.Secrets.webhook == nil || o.Clock == nil || o.Random == nil {
		return nil, ErrOptions.With("Folder, Secrets, Clock and Random must be given.")
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	random := &sharedReader{from: o.Random}
	if o.Seed == 0 {
		var draw [8]byte
		if _, err := io.ReadFull(random, draw[:]); err != nil {
			return nil, fmt.Errorf("draw a seed: %w", err)
		}
		o.Seed = binary.BigEndian.Uint64(draw[:])
	}
	if err := os.MkdirAll(o.Folder, 0o700); err != nil {
		return nil, fmt.Errorf("make the simulator's folder: %w", err)
	}
	b, err := openBook(filepath.Join(o.Folder, journalFile), random)
	if err != nil {
		return nil, err
	}
	s := &Simulator{secrets: o.Secrets, clock: o.Clock, log: o.Log, book: b,
		sealer:  newSealer(o.Secrets.link),
		fates:   newFates(o.Seed, o.Knobs),
		seed:    o.Seed,
		courier: newCourier(b, o.Secrets.webhook, o.Clock, o.Log, newSender(target), random),
		mux:     http.NewServeMux(),
	}
	s.route(o.KnobsPage)
	if !o.Knobs.quiet() {
		s.logKnobs()
	}
	return s, nil
}

// logKnobs names the storm, so that it can be repeated.
func (s *Simulator) logKnobs() {
	s.log.Info("simpay misbehaves as its knobs say", "knobs", s.fates.knobs("").String(),
		"seed", s.seed)
}

func (s *Simulator) route(knobsPage bool) {
	s.mux.HandleFunc("GET /simpay/pay/{link}", s.showPage)
	s.mux.HandleFunc("POST /simpay/pay/{link}", s.decide)
	for pattern, call := range map[string]call{
		"GET /simpay/v1/payments":                s.listPayments,
		"GET /simpay/v1/payments/{key}":          s.showPayment,
		"POST /simpay/v1/payments/{key}/cancel":  s.cancelPayment,
		"POST /simpay/v1/payments/{key}/refunds": s.refund,
	} {
		s.mux.HandleFunc(pattern, s.authorised(s.faulty(call)))
	}
	for pattern, call := range map[string]call{
		"POST /simpay/v1/payments/{key}/events": s.makeEvent,
		"GET /simpay/v1/knobs":                  s.showKnobs,
		"PATCH /simpay/v1/knobs":                s.turnKnobs,
		"DELETE /simpay/v1/knobs":               s.resetKnobs,
		"GET /simpay/v1/knobs/{key}":            s.showKnobs,
		"PATCH /simpay/v1/knobs/{key}":          s.turnKnobs,
		"DELETE /simpay/v1/knobs/{key}":         s.resetKnobs,
	} {
		s.mux.HandleFunc(pattern, s.authorised(s.plain(call)))
	}
	if knobsPage {
		guard := http.NewCrossOriginProtection()
		s.mux.Handle("GET /simpay/knobs", http.HandlerFunc(s.showKnobsPage))
		s.mux.Handle("POST /simpay/knobs", guard.Handler(http.HandlerFunc(s.postKnobsPage)))
	}
}

// Start delivers what is left from before and repeats what fails from now on. Further calls, and
// calls after Close, do nothing.
func (s *Simulator) Start() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.started || s.closed || !s.courier.enter() {
		return
	}
	s.started = true
	for _, r := range s.book.pendingRefunds() {
		s.settleLater(r)
	}
	go s.courier.run()
}

// Close ends deliveries, waits for them and closes the journal; what was not acknowledged is sent
// again after the next Open and Start. Requests after Close are answered with 503. Further calls
// do nothing.
func (s *Simulator) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil
	}
	s.closed = true
	s.courier.close()
	if err := s.book.close(); err != nil && !errors.Is(err, os.ErrClosed) {
		return fmt.Errorf("close the simulator: %w", err)
	}
	return nil
}

// sharedReader lets the book's ids and the courier's pauses draw from one source.
type sharedReader struct {
	mu   sync.Mutex
	from io.Reader
}

// Read fills p for one caller at a time.
func (r *sharedReader) Read(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.from.Read(p)
}

// Handler serves the hosted page and the API, all below /simpay/.
func (s *Simulator) Handler() http.Handler { return s.mux }
