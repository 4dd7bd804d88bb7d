package rabbitmq

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"github.com/rabbitmq/amqp091-go"

	"ticketflow/internal/app/outbox"
)

// prefetchMessages is how many messages of a queue wait in this process. The broker takes a
// consumer for dead that leaves one unanswered for half an hour (consumer_timeout): the worker's
// tries of this many messages stay below it.
const prefetchMessages = 8

// Consumer delivers the messages of subscribers' queues. Several instances may consume a queue: the
// broker picks one that is active, and the next when it goes.
type Consumer struct {
	o        Options
	connects atomic.Int64
	failures atomic.Int64
	acked    atomic.Int64
	rejected atomic.Int64
}

// ConsumerStats counts since the consumer was made.
type ConsumerStats struct {
	Connects int64 // connections made, one for each queue at least
	Failures int64 // connections that ended or could not be made
	Acked    int64 // messages that are done
	Rejected int64 // messages that were sent to the dead letters
}

// NewConsumer makes a consumer; Consume connects.
func NewConsumer(o Options) (*Consumer, error) {
	if err := o.Check(); err != nil {
		return nil, err
	}
	return &Consumer{o: o}, nil
}

// Stats may be called at any time.
func (c *Consumer) Stats() ConsumerStats {
	return ConsumerStats{Connects: c.connects.Load(), Failures: c.failures.Load(),
		Acked: c.acked.Load(), Rejected: c.rejected.Load()}
}

// Consume gives the messages of a subscriber's queue to handle, one at a time and in order, until
// ctx ends; it connects again as often as it must. Handle's context ends with ctx, and also when
// the connection is lost: then the message is delivered again whatever the verdict is.
func (c *Consumer) Consume(
	ctx context.Context, subscriber string, handle func(context.Context, []byte) outbox.Verdict,
) error {
	if !slices.ContainsFunc(c.o.Subscribers, func(s outbox.Subscriber) bool {
		return s.Name == subscriber
	}) {
		return fmt.Errorf("subscriber %q has no queue", subscriber)
	}
	pause := outbox.NewBackoff(minConnectPause, maxConnectPause, c.o.Random)
	for {
		err := c.session(ctx, subscriber, handle, pause.Reset)
		if ctx.Err() != nil {
			return nil //nolint:nilerr // whatever it was, it was the end
		}
		c.failures.Add(1)
		wait := pause.Next()
		c.o.Logger.WarnContext(ctx, "a subscriber waits for the broker", "subscriber", subscriber,
			"error", err, "retry_in", wait)
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return nil
		}
	}
}

// session consumes over one connection, until it or ctx ends.
func (c *Consumer) session(
	ctx context.Context, subscriber string, handle func(context.Context, []byte) outbox.Verdict,
	works func(),
) error {
	l, err := connect(ctx, &c.o, "subscriber "+subscriber)
	if err != nil {
		return err
	}
	defer l.close()
	c.connects.Add(1)
	deliveries, err := c.subscribe(ctx, l, subscriber)
	if err != nil {
		return err
	}
	alive, lost := context.WithCancel(ctx)
	defer lost()
	closed := l.channel.NotifyClose(make(chan *amqp091.Error, 1))
	cancelled := l.channel.NotifyCancel(make(chan string, 1)) // the queue was deleted, or moved
	ended := make(chan error, 1)
	go func() {
		defer lost()
		select {
		case err := <-closed:
			if err != nil {
				ended <- err
			}
		case <-cancelled:
		case <-alive.Done():
		}
	}()
	for {
		select {
		case <-alive.Done():
			select {
			case err := <-ended:
				return err
			default:
				return errors.Join(errors.New("the broker has ended the delivery"), ctx.Err())
			}
		case d, open := <-deliveries:
			if !open {
				return amqp091.ErrClosed
			}
			if alive.Err() != nil { // both were ready; the broker takes back what it has delivered
				continue
			}
			if err := c.settle(&d, handle(alive, d.Body)); err != nil {
				return err
			}
			works()
		}
	}
}

func (c *Consumer) subscribe(
	ctx context.Context, l *link, subscriber string,
) (<-chan amqp091.Delivery, error) {
	within, cancel := context.WithTimeout(ctx, setUpTimeout)
	defer cancel()
	stop := context.AfterFunc(within, l.abort)
	defer stop()
	if err := l.channel.Qos(prefetchMessages, 0, false); err != nil {
		return nil, fmt.Errorf("bound the prefetch: %w", err)
	}
	deliveries, err := l.channel.Consume(QueueName(subscriber), "", false, false, false, false, nil)
	if err != nil {
		return nil, fmt.Errorf("consume %s: %w", QueueName(subscriber), err)
	}
	return deliveries, nil
}

// settle answers the broker. An error means that the message will be delivered again.
func (c *Consumer) settle(d *amqp091.Delivery, v outbox.Verdict) error {
	switch v {
	case outbox.Done:
		if err := d.Ack(false); err != nil {
			return fmt.Errorf("acknowledge: %w", err)
		}
		c.acked.Add(1)
	case outbox.Dead:
		if err := d.Reject(false); err != nil {
			return fmt.Errorf("reject: %w", err)
		}
		c.rejected.Add(1)
	case outbox.Again:
		if err := d.Nack(false, true); err != nil {
			return fmt.Errorf("give back: %w", err)
		}
	}
	return nil
}
