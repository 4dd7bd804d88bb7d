package rabbitmq

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"slices"
	"testing"
	"time"

	"github.com/rabbitmq/amqp091-go"
	"go.uber.org/goleak"

	"ticketflow/internal/app/outbox"
	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/domain/fact"
	"ticketflow/internal/testservers"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// waitLimit is how long a test waits for what must happen.
const waitLimit = 60 * time.Second

var refunds = outbox.Subscriber{Name: "refunds", Kinds: []fact.Kind{fact.RefundRequested}}

func options(url string, subscribers ...outbox.Subscriber) Options {
	return Options{URL: url, Name: "test", Subscribers: subscribers, Random: rand.Reader,
		Logger: slog.New(slog.DiscardHandler)}
}

func publisher(t *testing.T, o Options) *Publisher {
	t.Helper()
	p, err := NewPublisher(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	return p
}

func entries(kind fact.Kind, from, to int64) []outbox.Entry {
	var page []outbox.Entry
	for n := from; n <= to; n++ {
		page = append(page, outbox.Entry{Position: n, Fact: fact.Fact{Kind: kind,
			Event: catalog.EventID(n%5 + 1), At: time.UnixMilli(1_800_000_000_000 + n).UTC(),
			Places: []catalog.PlaceNo{catalog.PlaceNo(n)}}})
	}
	return page
}

// operator is a client of its own, as an operator's tools are.
func operator(t *testing.T, url string) *amqp091.Channel {
	t.Helper()
	conn, err := amqp091.Dial(url)
	if err != nil {
		t.Fatal(err)
	}
	ch, err := conn.Channel()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return ch
}

// until waits for a condition that others bring about.
func until(t *testing.T, what string, is func() bool) {
	t.Helper()
	limit := time.NewTimer(waitLimit)
	defer limit.Stop()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !is() {
		select {
		case <-tick.C:
		case <-limit.C:
			t.Fatalf("waited in vain: %s", what)
		}
	}
}

// take waits for a queue's next messages and acknowledges them.
func take(t *testing.T, ch *amqp091.Channel, queue string, count int) []amqp091.Delivery {
	t.Helper()
	if err := ch.Qos(1, 0, false); err != nil { // what comes behind them stays where it is
		t.Fatal(err)
	}
	deliveries, err := ch.Consume(queue, queue, false, false, false, false, nil)
	if err != nil {
		t.Fatal(err)
	}
	limit := time.NewTimer(waitLimit)
	defer limit.Stop()
	var got []amqp091.Delivery
	for len(got) < count {
		select {
		case d, open := <-deliveries:
			if !open {
				t.Fatalf("%s: %d messages, and the connection is gone", queue, len(got))
			}
			if len(got)+1 == count {
				err = ch.Cancel(queue, false)
			}
			if err := errors.Join(err, d.Ack(false)); err != nil {
				t.Fatal(err)
			}
			got = append(got, d)
		case <-limit.C:
			t.Fatalf("%s: %d messages, want %d", queue, len(got), count)
		}
	}
	return got
}

// waiting counts a queue's messages that nobody has taken.
func waiting(t *testing.T, ch *amqp091.Channel, queue string) int {
	t.Helper()
	q, err := ch.QueueDeclarePassive(queue, true, false, false, false, nil)
	if err != nil {
		t.Fatal(err)
	}
	return q.Messages
}

func TestOptionsAreChecked(t *testing.T) {
	for _, o := range []Options{
		options("http://user:geheim@host/"),
		options("amqp://localhost/", outbox.Subscriber{Name: "a"}),
		options("amqp://localhost/", refunds, refunds),
		options("amqp://localhost/", outbox.Subscriber{Kinds: refunds.Kinds}),
	} {
		if _, err := NewPublisher(o); err == nil {
			t.Errorf("a publisher with %+v", o)
		}
		if _, err := NewConsumer(o); err == nil {
			t.Errorf("a consumer with %+v", o)
		}
	}
}

// consuming runs a consumer until stop, which waits for its end.
func consuming(
	t *testing.T, o Options, handle func(context.Context, []byte) outbox.Verdict,
) (c *Consumer, stop func()) {
	t.Helper()
	c, err := NewConsumer(o)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := c.Consume(ctx, o.Subscribers[0].Name, handle); err != nil {
			t.Error(err)
		}
	}()
	stop = func() { cancel(); <-done }
	t.Cleanup(stop)
	return c, stop
}

// position reads a message's place in the log.
func position(t *testing.T, raw []byte) int64 {
	t.Helper()
	e, err := outbox.ParseEnvelope(raw)
	if err != nil {
		t.Errorf("%s: %v", raw, err)
	}
	return e.Position
}

func TestAConsumerGetsMessagesInOrder(t *testing.T) {
	url := testservers.RabbitMQ(t)
	got := make(chan int64, 100)
	note := func(_ context.Context, raw []byte) outbox.Verdict {
		got <- position(t, raw)
		return outbox.Done
	}
	c, stop := consuming(t, options(url, refunds), note)
	p := publisher(t, options(url, refunds))
	if err := p.Publish(t.Context(), entries(fact.RefundRequested, 1, 100)); err != nil {
		t.Fatal(err)
	}
	for n := range int64(100) {
		if at := <-got; at != n+1 {
			t.Fatalf("%d comes as number %d", at, n+1)
		}
	}
	until(t, "acknowledgements", func() bool { return c.Stats().Acked == 100 })
	stop()
	if n := waiting(t, operator(t, url), QueueName("refunds")); n != 0 {
		t.Errorf("%d messages are left", n)
	}
}

func TestOnlyOneConsumerIsActive(t *testing.T) {
	url := testservers.RabbitMQ(t)
	type taken struct {
		by string
		at int64
	}
	got := make(chan taken, 100)
	by := func(name string) func(context.Context, []byte) outbox.Verdict {
		return func(_ context.Context, raw []byte) outbox.Verdict {
			got <- taken{name, position(t, raw)}
			return outbox.Done
		}
	}
	first, stop := consuming(t, options(url, refunds), by("first"))
	until(t, "the first consumer", func() bool { return first.Stats().Connects == 1 })
	p := publisher(t, options(url, refunds))
	send := func(from, to int64, want string) {
		t.Helper()
		if err := p.Publish(t.Context(), entries(fact.RefundRequested, from, to)); err != nil {
			t.Fatal(err)
		}
		for n := from; n <= to; n++ {
			if is := <-got; is != (taken{want, n}) {
				t.Fatalf("%d went to %s, want %d to %s", is.at, is.by, n, want)
			}
		}
	}
	send(1, 20, "first")
	second, _ := consuming(t, options(url, refunds), by("second"))
	until(t, "the second consumer", func() bool { return second.Stats().Connects == 1 })
	send(21, 40, "first")
	stop()
	send(41, 60, "second")
}

func TestDeadLettersAreKept(t *testing.T) {
	url := testservers.RabbitMQ(t)
	c, _ := consuming(t, options(url, refunds), func(_ context.Context, raw []byte) outbox.Verdict {
		if position(t, raw) == 2 {
			return outbox.Dead
		}
		return outbox.Done
	})
	p := publisher(t, options(url, refunds))
	if err := p.Publish(t.Context(), entries(fact.RefundRequested, 1, 3)); err != nil {
		t.Fatal(err)
	}
	dead := take(t, operator(t, url), DeadQueueName("refunds"), 1)[0]
	if dead.MessageId != "2" || position(t, dead.Body) != 2 {
		t.Errorf("the dead letter is %s: %s", dead.MessageId, dead.Body)
	}
	until(t, "the others", func() bool {
		return c.Stats() == ConsumerStats{Connects: 1, Acked: 2, Rejected: 1}
	})
}

// A message that its consumers never answer, because they die of it, goes away in the end.
func TestAMessageIsGivenBackABoundedNumberOfTimes(t *testing.T) {
	url := testservers.RabbitMQ(t)
	times := make(chan int64, 1_000)
	consuming(t, options(url, refunds), func(_ context.Context, raw []byte) outbox.Verdict {
		at := position(t, raw)
		times <- at
		if at == 1 {
			return outbox.Again
		}
		return outbox.Done
	})
	p := publisher(t, options(url, refunds))
	if err := p.Publish(t.Context(), entries(fact.RefundRequested, 1, 2)); err != nil {
		t.Fatal(err)
	}
	dead := take(t, operator(t, url), DeadQueueName("refunds"), 1)[0]
	if dead.MessageId != "1" {
		t.Errorf("the dead letter is %s", dead.MessageId)
	}
	var seen []int64
	until(t, "the second", func() bool {
		seen = append(seen, <-times)
		return slices.Contains(seen, 2)
	})
	for len(seen) < deliveryLimit+2 {
		seen = append(seen, <-times)
	}
	select {
	case at := <-times:
		t.Errorf("%d was delivered once more", at)
	default:
	}
}

func TestAnUnknownSubscriberIsAnError(t *testing.T) {
	c, err := NewConsumer(options("amqp://localhost/", refunds))
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Consume(t.Context(), "nobody", nil); err == nil {
		t.Error("nobody consumes")
	}
}
