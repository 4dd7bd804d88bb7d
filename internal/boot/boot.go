// Package boot builds a running box office from its configuration. It is the one package that knows
// every adapter.
package boot

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"ticketflow/internal/app/board"
	"ticketflow/internal/app/command"
	"ticketflow/internal/app/payment"
	"ticketflow/internal/app/policy"
	"ticketflow/internal/app/query"
	"ticketflow/internal/config"
	"ticketflow/internal/domain/booking"
	"ticketflow/internal/inbound/web/brand"
	"ticketflow/internal/outbound/simpay"
	"ticketflow/internal/outbound/ticketpdf"
)

// App is a running box office.
type App struct {
	URL    string // where it listens, for instance http://127.0.0.1:8080
	APIKey string // the organisers' key, in the run that made it; empty afterwards
	Mails  string // where a demo shows the mails that it has sent; empty if they are really sent

	logger   *slog.Logger
	clock    func() time.Time
	drain    time.Duration
	store    *engine
	reads    reads
	desk     *command.Desk
	boards   *board.Boards
	offers   *query.Offers
	views    *query.Views
	together together
	office   *command.Office
	gateways *payment.Providers
	cashier  *policy.Cashier
	backlog  *policy.Backlog
	payments *simpay.Simulator // nil: it is a process of its own, or there is none
	hosted   http.Handler      // the way to that one
	mailbox  http.Handler      // of a demo, or nil
	brand    *brand.Brand
	printer  *ticketpdf.Printer
	mails    bool // buyers get mails
	server   *http.Server
	ready    atomic.Bool
	served   chan error

	waitForViewers func(context.Context) // once the boards have sent them away

	jobs       []func(context.Context) // run in the background until stop
	closers    []func() error          // called after the background has ended
	stop       context.CancelFunc
	background sync.WaitGroup
	closing    sync.Once
	closed     error
}

// Start opens the ledger, listens, and serves. When it returns without error the server answers.
// Close must be called.
func Start(ctx context.Context, c config.Serve, logger *slog.Logger) (*App, error) {
	return StartAt(ctx, c, logger, time.Now)
}

// StartAt is Start with a clock of the caller's, which holds, orders, sales and payments go by: a
// test doesn't wait for them to run out. PostgreSQL has a clock of its own; so have time-outs.
func StartAt(
	ctx context.Context, c config.Serve, logger *slog.Logger, clock func() time.Time,
) (*App, error) {
	if err := c.Check(); err != nil {
		return nil, err
	}
	a := &App{logger: logger, clock: clock, drain: c.Drain, served: make(chan error, 1)}
	store, err := openEngine(ctx, c.Data, c.Cluster, clock)
	if err != nil {
		return nil, err
	}
	a.store = store
	a.reads.count(store)
	listener, err := listen(ctx, c.Addr)
	if err != nil {
		return nil, errors.Join(err, store.Close())
	}
	a.URL = "http://" + listener.Addr().String()
	if err := a.build(ctx, c); err != nil {
		_ = listener.Close()
		return nil, errors.Join(err, a.Close())
	}
	a.run(ctx, listener)
	if c.Demo {
		if err := a.seedDemo(ctx); err != nil {
			return nil, errors.Join(fmt.Errorf("create the demo: %w", err), a.Close())
		}
	}
	a.ready.Store(true)
	return a, nil
}

// build makes everything and connects it; nothing runs yet.
func (a *App) build(ctx context.Context, c config.Serve) error {
	keys, err := loadKeys(ctx, a.store, c)
	if err != nil {
		return err
	}
	a.APIKey = keys.apiKey
	if err := a.buildViews(c); err != nil {
		return err
	}
	metrics := newMetrics()
	if err := a.buildPayments(c, keys.simpay, metrics); err != nil {
		return err
	}
	// The carrier of facts is told of each commit, and its subscribers use the office, which uses
	// the desk: the desk's callback finds the carrier through this variable, which is set before
	// any command runs.
	var facts carrier
	a.desk = a.newDesk(func(b *booking.Book) {
		a.boards.Changed(b)
		a.views.Changed(b)
		a.together.changed(b)
		facts.Recorded(b.Facts())
	})
	a.office = command.NewOffice(command.Config{Desk: a.desk, Offers: a.offers, Boards: a.boards,
		Bookings: a.store, Requests: a.store, Store: a.store, Once: a.store,
		Clock: a.clock, Random: rand.Reader,
		Secret: keys.secret, Lock: a.together.lock()})
	a.cashier = policy.NewCashier(a.office, a.gateways, a.store, a.store, a.clock, a.logger)
	a.backlog = policy.NewBacklog(a.store, a.clock, a.logger)
	facts, err = a.carryFacts(c.AMQPURL, metrics, a.cashier.Refunds())
	if err != nil {
		return err
	}
	if a.printer, err = ticketpdf.New(); err != nil {
		return err
	}
	if a.brand, err = brandOf(&c.Site); err != nil {
		return err
	}
	if err := a.buildMail(c, keys, metrics); err != nil {
		return err
	}
	sweeper := policy.NewSweeper(a.store, a.office, a.cashier, a.store, a.clock, a.logger)
	metrics.ledgerReads(&a.reads)
	metrics.redis(&a.together)
	limiter, err := a.limiter(c)
	if err != nil {
		return err
	}
	handler, err := a.handler(c, keys, metrics, limiter)
	if err != nil {
		return err
	}
	a.server = newHTTPServer(handler)
	a.server.ErrorLog = slog.NewLogLogger(a.logger.Handler(), slog.LevelDebug)
	if os.Getenv("GOGC") == "" { // an operator's own setting wins
		tuner := &heapTuner{set: func(percent int) { debug.SetGCPercent(percent) }}
		a.server.ConnState = tuner.state
	}
	turns := policy.NewTurns(a.store.leases, ownerName())
	retention := policy.NewRetention(a.store, a.clock, a.logger)
	a.jobs = append(a.jobs, sweeper.Run, a.boards.Run, a.backlog.Run,
		func(ctx context.Context) { retention.Run(ctx, turns) },
		func(ctx context.Context) { a.cashier.Run(ctx, turns) },
		func(ctx context.Context) { a.cashier.RunReconcile(ctx, turns) })
	return nil
}

func (a *App) run(ctx context.Context, listener net.Listener) {
	// The background outlives the context that started it: Close ends it, in the right order.
	background, stop := context.WithCancel(context.WithoutCancel(ctx))
	a.stop = stop
	for _, job := range a.jobs {
		a.background.Go(func() { job(background) })
	}
	if a.payments != nil {
		a.payments.Start()
	}
	a.background.Go(func() {
		err := a.server.Serve(fresh(listener))
		if errors.Is(err, http.ErrServerClosed) {
			err = nil
		}
		a.served <- err
	})
}

// Failed delivers the error with which the server has stopped by itself, or nil after Close.
func (a *App) Failed() <-chan error { return a.served }

// Handler is the whole server without its listener.
func (a *App) Handler() http.Handler { return a.server.Handler }

// Close stops in this order: no longer ready, no new connections, requests finish, queued commands
// are committed, the background ends, the ledger is closed. It may be called twice.
func (a *App) Close() error {
	a.closing.Do(func() { a.closed = a.close() })
	return a.closed
}

func (a *App) close() error {
	a.ready.Store(false)
	var failures []error
	if a.stop != nil {
		// Viewers of live maps are sent away first: their streams would hold up the shutdown.
		a.boards.Close()
		ctx, cancel := context.WithTimeout(context.Background(), a.drain)
		defer cancel()
		if err := a.server.Shutdown(ctx); err != nil {
			failures = append(failures, fmt.Errorf("some requests did not finish: %w", err),
				a.server.Close())
		}
		a.waitForViewers(ctx)
	}
	if a.payments != nil {
		failures = append(failures, a.payments.Close())
	}
	if a.desk != nil {
		a.desk.Close()
	}
	if a.stop != nil {
		a.stop()
	}
	a.background.Wait()
	for _, end := range a.closers {
		failures = append(failures, end())
	}
	return errors.Join(append(failures, a.store.Close())...)
}
