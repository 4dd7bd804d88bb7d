package rabbitmq

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rabbitmq/amqp091-go"

	"ticketflow/internal/app/outbox"
	"ticketflow/internal/domain/fact"
)

// Limits of the publisher. A window is what is on its way without a confirm.
const (
	windowMessages = 250
	windowBytes    = 4 << 20
	confirmTimeout = 10 * time.Second // for a whole window
	returnsRoom    = 4 * windowMessages
	contentType    = "application/json"
	appID          = "ticketflow"
)

// Why a page was not published.
var (
	// ErrBlocked says that the broker has no memory or disk left and takes nothing for now.
	ErrBlocked = errors.New("the broker blocks its publishers")
	// ErrReturned says that a message found no queue, though a subscriber is known to want it.
	ErrReturned = errors.New("the broker returned a message that has no queue")
	// ErrRefused says that the broker did not confirm a message.
	ErrRefused = errors.New("the broker refused a message")
	// ErrClosed says that the publisher was closed.
	ErrClosed = errors.New("the publisher is closed")
)

// PublisherStats counts since the publisher was made.
type PublisherStats struct {
	Connected bool
	Blocked   bool  // the broker takes nothing for now
	Published int64 // messages sent
	Confirmed int64 // messages that the broker keeps
	Returned  int64 // messages that found no queue
	Refused   int64 // messages that the broker answered with a negative confirm
	Connects  int64 // connections made; all but the first are reconnections
	Failures  int64 // windows that were not confirmed as a whole
}

// Publisher implements outbox.Publisher. It connects when there is something to publish, and again
// after each failure, no faster than its back-off allows. It is safe for concurrent use.
//
// Messages of a page are sent one behind the other, with one wait for the confirms of many. If the
// broker refuses one in the middle, those behind it may be kept and are repeated after it: the
// order is certain as long as the broker refuses none.
type Publisher struct {
	o      Options
	wanted []fact.Kind

	mu      sync.Mutex
	link    *link
	returns chan amqp091.Return // of the link
	backoff *outbox.Backoff
	closed  bool

	current   atomic.Pointer[link] // the same link, for Stats
	published atomic.Int64
	confirmed atomic.Int64
	returned  atomic.Int64
	refused   atomic.Int64
	connects  atomic.Int64
	failures  atomic.Int64
}

// NewPublisher makes a publisher; it doesn't connect yet. Close must be called.
func NewPublisher(o Options) (*Publisher, error) {
	if err := o.Check(); err != nil {
		return nil, err
	}
	return &Publisher{o: o, wanted: outbox.KindsOf(o.Subscribers...),
		backoff: outbox.NewBackoff(minConnectPause, maxConnectPause, o.Random)}, nil
}

// Stats may be called at any time.
func (p *Publisher) Stats() PublisherStats {
	s := PublisherStats{Published: p.published.Load(), Confirmed: p.confirmed.Load(),
		Returned: p.returned.Load(), Refused: p.refused.Load(), Connects: p.connects.Load(),
		Failures: p.failures.Load()}
	if l := p.current.Load(); l != nil {
		s.Connected, s.Blocked = !l.conn.IsClosed(), l.blocked.Load()
	}
	return s
}

// Publish implements outbox.Publisher: it returns without error when each message of the page is
// confirmed and none has come back.
func (p *Publisher) Publish(ctx context.Context, page []outbox.Entry) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return ErrClosed
	}
	for len(page) > 0 {
		messages := fill(page)
		if err := p.window(ctx, page[:len(messages)], messages); err != nil {
			p.failures.Add(1)
			return err
		}
		page = page[len(messages):]
	}
	return nil
}

// fill writes as many envelopes as a window may have, at least one.
func fill(page []outbox.Entry) [][]byte {
	var messages [][]byte
	size := 0
	for i := range page {
		raw := outbox.AppendEnvelope(nil, page[i])
		if size += len(raw); i == windowMessages || i > 0 && size > windowBytes {
			break
		}
		messages = append(messages, raw)
	}
	return messages
}

func (p *Publisher) window(ctx context.Context, page []outbox.Entry, messages [][]byte) error {
	if err := p.connected(ctx); err != nil {
		return err
	}
	select {
	case <-p.link.halted: // of a time that is over, or told again by blocked
	default:
	}
	if p.link.blocked.Load() {
		return ErrBlocked
	}
	ctx, cancel := context.WithTimeout(ctx, confirmTimeout)
	defer cancel()
	p.comeBack(page) // what is left of a window that was given up
	err := p.send(ctx, page, messages)
	switch {
	case err == nil:
		p.backoff.Reset()
		p.confirmed.Add(int64(len(page)))
	case errors.Is(err, ErrBlocked):
		// The connection stays: it is the one that will be told when there is room again.
	default:
		// Whatever it was, a new connection knows nothing of it, and declares the topology anew.
		p.drop()
	}
	return err
}

// send sends one window and waits for all its confirms.
func (p *Publisher) send(ctx context.Context, page []outbox.Entry, messages [][]byte) error {
	stop := context.AfterFunc(ctx, p.link.abort)
	defer stop()
	confirms := make([]*amqp091.DeferredConfirmation, 0, len(page))
	for i := range page {
		f := &page[i].Fact
		confirm, err := p.link.channel.PublishWithDeferredConfirm(Exchange, routingKey(f),
			slices.Contains(p.wanted, f.Kind), false, amqp091.Publishing{
				ContentType:  contentType,
				DeliveryMode: amqp091.Persistent,
				MessageId:    strconv.FormatInt(page[i].Position, 10),
				Timestamp:    f.At,
				Type:         string(f.Kind),
				AppId:        appID,
				Body:         messages[i],
			})
		if err != nil {
			return fmt.Errorf("publish: %w", errors.Join(err, ctx.Err()))
		}
		p.published.Add(1)
		confirms = append(confirms, confirm)
	}
	var refused int64
	for _, confirm := range confirms {
		select {
		case <-confirm.Done():
			if !confirm.Acked() {
				refused++
			}
		case <-p.link.halted:
			return ErrBlocked
		case <-ctx.Done():
			return fmt.Errorf("wait for confirms: %w", ctx.Err())
		}
	}
	// The broker returns a message before it confirms it: by now all returns have arrived.
	returned := p.comeBack(page)
	switch {
	case p.link.conn.IsClosed() || p.link.channel.IsClosed():
		return fmt.Errorf("wait for confirms: %w", amqp091.ErrClosed)
	case returned > 0:
		p.returned.Add(returned)
		return fmt.Errorf("%w: %d of %d", ErrReturned, returned, len(page))
	case refused > 0:
		p.refused.Add(refused)
		return fmt.Errorf("%w: %d of %d", ErrRefused, refused, len(page))
	}
	return nil
}

// comeBack takes the returned messages that have arrived, and counts those of the page.
func (p *Publisher) comeBack(page []outbox.Entry) (count int64) {
	for {
		select {
		case back, open := <-p.returns:
			if !open {
				return count
			}
			at, err := strconv.ParseInt(back.MessageId, 10, 64)
			if err == nil && at >= page[0].Position && at <= page[len(page)-1].Position {
				count++
			}
		default:
			return count
		}
	}
}

// connected makes sure that there is a link. After a failure the next attempt waits.
func (p *Publisher) connected(ctx context.Context) error {
	if p.link != nil && !p.link.conn.IsClosed() && !p.link.channel.IsClosed() {
		return nil
	}
	if p.link != nil {
		p.drop()
	}
	if p.connects.Load() > 0 || p.failures.Load() > 0 {
		timer := time.NewTimer(p.backoff.Next())
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	l, err := connect(ctx, &p.o, "publisher")
	if err != nil {
		return err
	}
	if err := l.channel.Confirm(false); err != nil {
		l.close()
		return fmt.Errorf("ask for confirms: %w", err)
	}
	p.returns = l.channel.NotifyReturn(make(chan amqp091.Return, returnsRoom))
	p.link = l
	p.current.Store(l)
	p.connects.Add(1)
	return nil
}

// drop closes the link.
func (p *Publisher) drop() {
	p.current.Store(nil)
	p.link.close()
	p.link = nil
}

// Close waits for a Publish that is under way and disconnects. It may be called twice.
func (p *Publisher) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	if p.link != nil {
		p.drop()
	}
	return nil
}
