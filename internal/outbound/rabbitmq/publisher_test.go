package rabbitmq

import (
	"context"
	"errors"
	"net"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rabbitmq/amqp091-go"

	"ticketflow/internal/app/outbox"
	"ticketflow/internal/domain/fact"
	"ticketflow/internal/testservers"
)

func TestPublishedFactsWaitForTheirSubscribers(t *testing.T) {
	url := testservers.RabbitMQ(t)
	both := outbox.Subscriber{Name: "both",
		Kinds: []fact.Kind{fact.RefundRequested, fact.OrderPaid}}
	p := publisher(t, options(url, refunds, both))
	if err := p.Publish(t.Context(), entries(fact.RefundRequested, 1, 600)); err != nil {
		t.Fatal(err)
	}
	if err := p.Publish(t.Context(), entries(fact.OrderPaid, 601, 602)); err != nil {
		t.Fatal(err)
	}
	// Nobody wants these; they are published for who may come, and find no queue.
	if err := p.Publish(t.Context(), entries(fact.HoldPlaced, 603, 604)); err != nil {
		t.Fatal(err)
	}
	want := PublisherStats{Connected: true, Published: 604, Confirmed: 604, Connects: 1}
	if got := p.Stats(); got != want {
		t.Errorf("stats: %+v, want %+v", got, want)
	}
	ch := operator(t, url)
	for i, d := range take(t, ch, QueueName("both"), 602) {
		if d.MessageId != strconv.Itoa(i+1) || position(t, d.Body) != int64(i+1) {
			t.Fatalf("message %d is %s: %s", i+1, d.MessageId, d.Body)
		}
		if d.DeliveryMode != amqp091.Persistent || d.ContentType != "application/json" ||
			d.AppId != "ticketflow" || d.Timestamp.Unix() != 1_800_000_000 {
			t.Fatalf("message %d: %+v", i+1, d)
		}
		if i == 599 && d.RoutingKey != "refund_requested.1" || i == 600 && d.Type != "order_paid" {
			t.Errorf("message %d: %+v", i+1, d)
		}
	}
	if n := waiting(t, ch, QueueName("refunds")); n != 600 {
		t.Errorf("%d messages for the refunds", n)
	}
}

func TestAnUnroutableMessageIsNoticed(t *testing.T) {
	url := testservers.RabbitMQ(t)
	p := publisher(t, options(url, refunds))
	page := entries(fact.RefundRequested, 1, 3)
	if err := p.Publish(t.Context(), page); err != nil {
		t.Fatal(err)
	}
	ch := operator(t, url)
	take(t, ch, QueueName("refunds"), 3)
	if _, err := ch.QueueDelete(QueueName("refunds"), false, false, false); err != nil {
		t.Fatal(err)
	}
	if err := p.Publish(t.Context(), page); !errors.Is(err, ErrReturned) {
		t.Fatalf("without a queue: %v", err)
	}
	if s := p.Stats(); s.Returned != 3 || s.Confirmed != 3 || s.Failures != 1 {
		t.Errorf("stats: %+v", s)
	}
	// The next attempt declares the queue again.
	if err := p.Publish(t.Context(), page); err != nil {
		t.Fatal(err)
	}
	take(t, ch, QueueName("refunds"), 3)
}

func TestARefusedMessageIsNoticed(t *testing.T) {
	url := testservers.RabbitMQ(t)
	p := publisher(t, options(url, refunds))
	if err := p.Publish(t.Context(), entries(fact.RefundRequested, 1, 1)); err != nil {
		t.Fatal(err)
	}
	ch := operator(t, url)
	_, err := ch.QueueDeclare("narrow", true, false, false, false,
		amqp091.Table{"x-max-length": 1, "x-overflow": "reject-publish"})
	if err != nil {
		t.Fatal(err)
	}
	if err := ch.QueueBind("narrow", "#", Exchange, false, nil); err != nil {
		t.Fatal(err)
	}
	err = p.Publish(t.Context(), entries(fact.RefundRequested, 2, 9))
	if !errors.Is(err, ErrRefused) {
		t.Fatalf("a full queue: %v", err)
	}
	if s := p.Stats(); s.Refused == 0 || s.Confirmed != 1 {
		t.Errorf("stats: %+v", s)
	}
}

func TestABlockedBrokerIsNotAsked(t *testing.T) {
	p := publisher(t, options(testservers.RabbitMQ(t), refunds))
	if err := p.Publish(t.Context(), entries(fact.RefundRequested, 1, 1)); err != nil {
		t.Fatal(err)
	}
	blocking := make(chan amqp091.Blocking)
	defer close(blocking)
	go p.link.watch(blocking)
	blocking <- amqp091.Blocking{Active: true, Reason: "low on memory"}
	until(t, "the block", func() bool { return p.Stats().Blocked })
	for range 3 {
		err := p.Publish(t.Context(), entries(fact.RefundRequested, 2, 3))
		if !errors.Is(err, ErrBlocked) {
			t.Fatalf("a blocked broker: %v", err)
		}
	}
	if s := p.Stats(); s.Published != 1 || !s.Connected || s.Connects != 1 {
		t.Errorf("stats: %+v", s)
	}
	blocking <- amqp091.Blocking{}
	until(t, "the end of it", func() bool { return !p.Stats().Blocked })
	if err := p.Publish(t.Context(), entries(fact.RefundRequested, 2, 3)); err != nil {
		t.Errorf("afterwards: %v", err)
	}
}

// One broker of the test's own goes through everything that happens to brokers.
func TestABrokerThatFails(t *testing.T) {
	broker := testservers.StartRabbitMQ(t)
	p := publisher(t, options(broker.URL, refunds))
	publish := func(from, to int64, limit time.Duration) error {
		ctx, cancel := context.WithTimeout(t.Context(), limit)
		defer cancel()
		return p.Publish(ctx, entries(fact.RefundRequested, from, to))
	}
	if err := publish(1, 5, waitLimit); err != nil {
		t.Fatal(err)
	}
	// A broker that is killed in the first seconds of a quorum queue's life forgets where the queue
	// was (seen with 3.10); one that was stopped in order once doesn't.
	broker.Stop()
	if err := publish(6, 10, time.Second); err == nil {
		t.Fatal("a stopped broker has confirmed")
	}
	broker.Start()
	until(t, "the page after a stop", func() bool { return publish(6, 10, waitLimit) == nil })
	broker.Kill()
	if err := publish(11, 20, 2*time.Second); err == nil {
		t.Fatal("a dead broker has confirmed")
	}
	broker.Start()
	until(t, "the page after a restart", func() bool { return publish(11, 20, waitLimit) == nil })

	// A paused broker accepts connections, and bytes as long as the system has room for them, and
	// answers nothing.
	socket, ok := p.link.socket.(*net.TCPConn)
	if !ok {
		t.Fatalf("the socket is a %T", p.link.socket)
	}
	if err := socket.SetWriteBuffer(4 << 10); err != nil {
		t.Fatal(err)
	}
	broker.Pause()
	large := entries(fact.RefundRequested, 21, 20+windowMessages)
	for i := range large {
		large[i].Fact.Ref = strings.Repeat("x", windowBytes/windowMessages-1_000)
	}
	start := time.Now()
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	if err := p.Publish(ctx, large); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a paused broker: %v", err)
	}
	if took := time.Since(start); took > 10*time.Second {
		t.Errorf("a paused broker held the publisher for %v", took)
	}
	if err := publish(21, 30, time.Second); err == nil {
		t.Error("a connection to a paused broker")
	}
	broker.Resume()
	until(t, "the page after a pause", func() bool { return publish(21, 30, waitLimit) == nil })

	arrived := make(map[int64]bool)
	ch := operator(t, broker.URL)
	// There may be more than thirty: a page may have arrived without its confirm.
	for _, d := range take(t, ch, QueueName("refunds"), waiting(t, ch, QueueName("refunds"))) {
		arrived[position(t, d.Body)] = true
	}
	for n := range int64(30) {
		if !arrived[n+1] {
			t.Errorf("%d is lost", n+1)
		}
	}
	if s := p.Stats(); s.Connects < 4 {
		t.Errorf("stats: %+v", s)
	}
}

func TestAClosedPublisher(t *testing.T) {
	p := publisher(t, options("amqp://127.0.0.1:1/", refunds))
	if err := p.Publish(t.Context(), entries(fact.RefundRequested, 1, 1)); err == nil {
		t.Error("published to nobody")
	}
	if err := p.Close(); err != nil {
		t.Error(err)
	}
	err := p.Publish(t.Context(), entries(fact.RefundRequested, 1, 1))
	if !errors.Is(err, ErrClosed) {
		t.Errorf("after Close: %v", err)
	}
}

func TestAWindowIsBounded(t *testing.T) {
	page := entries(fact.OrderPaid, 1, windowMessages+5)
	if n := len(fill(page)); n != windowMessages {
		t.Errorf("%d messages in a window", n)
	}
	large := page[:10]
	for i := range large {
		large[i].Fact.Ref = string(make([]byte, windowBytes/18)) // six bytes each in JSON
	}
	if n := len(fill(large)); n != 3 && n != 2 {
		t.Errorf("%d large messages in a window", n)
	}
	large[0].Fact.Ref = string(make([]byte, windowBytes))
	if n := len(fill(large)); n != 1 {
		t.Errorf("%d messages in a window with one that is larger than it", n)
	}
}
