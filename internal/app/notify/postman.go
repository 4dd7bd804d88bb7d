package notify

import (
	"context"
	"errors"
	"log/slog"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"
)

// Limits of the postman.
const (
	postInterval = time.Second
	postPage     = 16
	postAtOnce   = 4
	postTimeout  = 45 * time.Second // of one mail
	// A page takes at most postPage / postAtOnce × postTimeout.
	postLease = 2 * postPage / postAtOnce * postTimeout
	firstWait = 30 * time.Second
	maxWait   = time.Hour
	maxTries  = 30 // about a day
	maxWhy    = 300
)

// Postman sends letters that are due.
type Postman struct {
	queue  Queue
	mailer Mailer
	write  func(context.Context, Letter) (Message, error)
	clock  func() time.Time
	logger *slog.Logger

	sent, delayed, failed atomic.Int64
	backlog               atomic.Pointer[Backlog]
}

// NewPostman makes a postman. write writes a letter, or fails with ErrMoot.
func NewPostman(
	queue Queue, mailer Mailer, write func(context.Context, Letter) (Message, error),
	clock func() time.Time, logger *slog.Logger,
) *Postman {
	p := &Postman{queue: queue, mailer: mailer, write: write, clock: clock, logger: logger}
	p.backlog.Store(&Backlog{})
	return p
}

// ErrMoot says that there is nothing left to say.
var ErrMoot = errors.New("there is nothing left to say")

// Sent counts mails that were taken, Delayed tries that failed, GivenUp mails that never will be.
func (p *Postman) Sent() int64 { return p.sent.Load() }

// Delayed counts tries that have failed.
func (p *Postman) Delayed() int64 { return p.delayed.Load() }

// GivenUp counts mails that were given up.
func (p *Postman) GivenUp() int64 { return p.failed.Load() }

// Backlog is what waited when it was last looked at.
func (p *Postman) Backlog() Backlog { return *p.backlog.Load() }

// Run sends until ctx ends.
func (p *Postman) Run(ctx context.Context) {
	ticker := time.NewTicker(postInterval)
	defer ticker.Stop()
	for {
		n, err := p.Deliver(ctx)
		if err != nil && ctx.Err() == nil {
			p.logger.WarnContext(ctx, "the mails that are due could not be read", "error", err)
		}
		if n == postPage && ctx.Err() == nil {
			continue
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// Deliver sends one page of letters that are due, and tells how many there were.
func (p *Postman) Deliver(ctx context.Context) (int, error) {
	now := p.clock()
	letters, err := p.queue.Claim(ctx, now, now.Add(postLease), postPage)
	if err != nil {
		return 0, err
	}
	room := make(chan struct{}, postAtOnce)
	var all sync.WaitGroup
	for _, l := range letters {
		room <- struct{}{}
		all.Go(func() {
			defer func() { <-room }()
			p.deliver(ctx, l)
		})
	}
	all.Wait()
	if b, err := p.queue.Backlog(ctx); err == nil {
		p.backlog.Store(&b)
	}
	return len(letters), nil
}

// deliver sends one letter and notes what came of it.
func (p *Postman) deliver(ctx context.Context, l Letter) {
	err := p.send(ctx, l)
	if ctx.Err() != nil && err != nil {
		return // we are stopping: it is due again when its lease is over
	}
	state, next, why := Sent, p.clock(), ""
	switch {
	case err == nil:
		p.sent.Add(1)
	case errors.Is(err, ErrMoot):
		state = Moot
	case errors.Is(err, ErrRefused) || l.Tries >= maxTries:
		state, why = Failed, brief(err)
		p.failed.Add(1)
		p.logger.ErrorContext(ctx, "a mail was given up", "mail", l.Key, "kind", string(l.Kind),
			"event", l.Event.String(), "tries", l.Tries, "error", err)
	default:
		state, why = Waiting, brief(err)
		next = next.Add(waitAfter(l.Tries))
		p.delayed.Add(1)
		p.logger.WarnContext(ctx, "a mail has to wait", "mail", l.Key, "tries", l.Tries,
			"until", next, "error", err)
	}
	// What was sent must be noted even if we are told to stop meanwhile: else it is sent again.
	noted, cancel := context.WithTimeout(context.WithoutCancel(ctx), postTimeout)
	defer cancel()
	if err := p.queue.Settle(noted, l.Key, state, next, why); err != nil {
		p.logger.ErrorContext(ctx, "what became of a mail could not be noted", "mail", l.Key,
			"error", err)
	}
}

func (p *Postman) send(ctx context.Context, l Letter) (err error) {
	defer func() {
		if defect := recover(); defect != nil {
			err = panicked(ctx, p.logger, defect, "mail", l.Key, "kind", string(l.Kind))
		}
	}()
	m, err := p.write(ctx, l)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, postTimeout)
	defer cancel()
	return p.mailer.Send(ctx, m)
}

// errPanic is what a letter fails with whose writing panics: it is tried again, because a newer
// version may be able to write it.
var errPanic = errors.New("a defect of ours: the log tells more")

// panicked makes a failure of a panic: one letter must not end the sale. What has panicked is
// logged, and is no part of the failure, because it may name a person.
func panicked(ctx context.Context, logger *slog.Logger, defect any, about ...any) error {
	logger.ErrorContext(ctx, "the mails have panicked",
		append(about, "panic", defect, "stack", string(debug.Stack()))...)
	return errPanic
}

// waitAfter doubles with each try, up to an hour.
func waitAfter(tries int) time.Duration {
	wait := firstWait
	for range tries - 1 {
		if wait *= 2; wait >= maxWait {
			return maxWait
		}
	}
	return wait
}

// brief is an error's text, bounded.
func brief(err error) string {
	text := []rune(err.Error())
	return string(text[:min(len(text), maxWhy)])
}
