package worker_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/rabbitmq/amqp091-go"
	"go.uber.org/goleak"

	"ticketflow/internal/app/outbox"
	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/domain/fact"
	"ticketflow/internal/inbound/worker"
	"ticketflow/internal/outbound/rabbitmq"
	"ticketflow/internal/testservers"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// waitLimit is how long a test waits for what must happen.
const waitLimit = 60 * time.Second

// cluster is what several instances share beside the broker: the ledger, in memory.
type cluster struct {
	*memoryInbox

	url    string
	leases *outbox.LocalLeases
	handle func(context.Context, outbox.Entry) error // after the effect was noted; may be nil

	mu      sync.Mutex
	facts   []outbox.Entry
	cursor  int64
	effects []outbox.Entry
}

func newCluster(url string) *cluster {
	return &cluster{memoryInbox: newInbox(), url: url, leases: outbox.NewLocalLeases(time.Now)}
}

// record adds facts of seven events and tells the instances.
func (c *cluster) record(count int, instances ...*instance) {
	c.mu.Lock()
	var added []fact.Fact
	for range count {
		n := int64(len(c.facts)) + 1
		f := fact.Fact{Kind: fact.RefundRequested, Event: catalog.EventID(n%7 + 1),
			At: time.Now().Truncate(time.Millisecond).UTC(), Ref: fmt.Sprint(n)}
		c.facts = append(c.facts, outbox.Entry{Position: n, Fact: f})
		added = append(added, f)
	}
	c.mu.Unlock()
	for _, i := range instances {
		i.forwarder.Recorded(added)
	}
}

func (c *cluster) Cursor(context.Context, string) (int64, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.cursor, nil
}

func (c *cluster) Facts(
	_ context.Context, _ string, after int64, _ []fact.Kind, limit int,
) (page []outbox.Entry, upTo int64, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	page = slices.Clone(c.facts[after:min(int(after)+limit, len(c.facts))])
	return page, after + int64(len(page)), nil
}

func (c *cluster) Advance(_ context.Context, _ string, position int64) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.cursor = max(c.cursor, position)
	return nil
}

// effect is what the subscriber does: not idempotent at all.
func (c *cluster) effect(ctx context.Context, e outbox.Entry) error {
	if c.handle != nil {
		if err := c.handle(ctx, e); err != nil {
			return err
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.effects = append(c.effects, e)
	return nil
}

func (c *cluster) effectsSoFar() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.effects)
}

// audit wants each fact, except some, to have had its effect once, and each event's in order.
func (c *cluster) audit(t *testing.T, except ...int64) {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	times := make(map[int64]int)
	last := make(map[catalog.EventID]int64)
	for _, e := range c.effects {
		times[e.Position]++
		if before := last[e.Fact.Event]; before >= e.Position {
			t.Errorf("%s: %d after %d", e.Fact.Event, e.Position, before)
		}
		last[e.Fact.Event] = e.Position
		if e.Fact.Ref != fmt.Sprint(e.Position) {
			t.Errorf("%d has the body of %s", e.Position, e.Fact.Ref)
		}
	}
	for _, e := range c.facts {
		want := 1
		if slices.Contains(except, e.Position) {
			want = 0
		}
		if times[e.Position] != want {
			t.Errorf("%d had %d effects, want %d", e.Position, times[e.Position], want)
		}
	}
}

// instance is one process's part of it.
type instance struct {
	publisher *rabbitmq.Publisher
	forwarder *outbox.Forwarder
	consumer  *rabbitmq.Consumer
	worker    *worker.Worker
	stop      func()
}

func (c *cluster) start(t *testing.T, name string) *instance {
	t.Helper()
	subscribers := []outbox.Subscriber{{Name: "refunds",
		Kinds: []fact.Kind{fact.RefundRequested}, Handle: c.effect}}
	o := rabbitmq.Options{URL: c.url, Name: name, Subscribers: subscribers, Random: rand.Reader,
		Logger: quiet}
	publisher, err := rabbitmq.NewPublisher(o)
	if err != nil {
		t.Fatal(err)
	}
	consumer, err := rabbitmq.NewConsumer(o)
	if err != nil {
		t.Fatal(err)
	}
	i := &instance{publisher: publisher, consumer: consumer,
		forwarder: outbox.NewForwarder(outbox.ForwarderOptions{Log: c, Publisher: publisher,
			Leases: c.leases, Kinds: outbox.KindsOf(subscribers...), Owner: name,
			Clock: time.Now, Random: rand.Reader, Logger: quiet}),
		worker: worker.New(worker.Options{Deliveries: consumer, Inbox: c,
			Subscribers: subscribers, Random: rand.Reader, Logger: quiet})}
	i.worker.Hasten()
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { i.forwarder.Run(ctx) })
	running.Go(func() { i.worker.Run(ctx) })
	i.stop = sync.OnceFunc(func() {
		cancel()
		running.Wait()
		if err := publisher.Close(); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(i.stop)
	return i
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

func TestEachFactHasOneEffectThoughTheBrokerIsKilled(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a broker of its own four times")
	}
	broker := testservers.StartRabbitMQ(t)
	c := newCluster(broker.URL)
	a, b := c.start(t, "a"), c.start(t, "b")
	c.record(100, a)
	until(t, "the first effects", func() bool { return c.effectsSoFar() == 100 })
	// A broker that is killed in the first seconds of a quorum queue's life forgets where the queue
	// was (seen with 3.10); one that was stopped in order once doesn't.
	broker.Stop()
	c.record(100, b)
	broker.Start()
	until(t, "the effects after a stop", func() bool { return c.effectsSoFar() == 200 })

	c.record(1_000, a, b)
	until(t, "some effects before the kill", func() bool { return c.effectsSoFar() > 300 })
	broker.Kill()
	c.record(1_000, a, b) // selling goes on
	until(t, "that the backlog is noticed", func() bool {
		stats := a.forwarder.Stats()
		if !stats.Leading {
			stats = b.forwarder.Stats()
		}
		return stats.Waiting > 0 && stats.Failures > 0
	})
	broker.Start()
	until(t, "the effects after a kill", func() bool { return c.effectsSoFar() == 2_200 })

	a.stop() // b takes over what a did
	c.record(100, b)
	until(t, "the effects of the other", func() bool { return c.effectsSoFar() == 2_300 })
	b.stop()
	c.audit(t)
	t.Logf("a: %+v %+v", a.worker.Stats(), a.publisher.Stats())
	t.Logf("b: %+v %+v", b.worker.Stats(), b.publisher.Stats())
}

// Whatever was confirmed and is sent once more, by a successor or after an error, has no effect.
func TestRepeatedMessagesHaveOneEffect(t *testing.T) {
	c := newCluster(testservers.RabbitMQ(t))
	i := c.start(t, "a")
	c.record(300, i)
	until(t, "the effects", func() bool { return c.effectsSoFar() == 300 })
	for range 2 {
		if err := i.publisher.Publish(t.Context(), c.facts[50:]); err != nil {
			t.Fatal(err)
		}
	}
	until(t, "the repetitions", func() bool { return i.worker.Stats().Repeated == 500 })
	until(t, "their acknowledgement", func() bool { return i.consumer.Stats().Acked == 800 })
	i.stop()
	c.audit(t)
}

func TestPoisonGoesToTheDeadLetters(t *testing.T) {
	c := newCluster(testservers.RabbitMQ(t))
	var tries int
	c.handle = func(_ context.Context, e outbox.Entry) error {
		if e.Position != 5 {
			return nil
		}
		tries++
		return errBroken
	}
	i := c.start(t, "a")
	c.record(20, i)
	until(t, "the other effects", func() bool { return c.effectsSoFar() == 19 })

	conn, err := amqp091.Dial(c.url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	ch, err := conn.Channel()
	if err != nil {
		t.Fatal(err)
	}
	err = ch.PublishWithContext(t.Context(), rabbitmq.Exchange, "refund_requested.1", true, false,
		amqp091.Publishing{Body: []byte(`{"position":"five"}`), MessageId: "strange"})
	if err != nil {
		t.Fatal(err)
	}
	dead := rabbitmq.DeadQueueName("refunds")
	letters, err := ch.Consume(dead, "", true, false, false, false, nil)
	if err != nil {
		t.Fatal(err)
	}
	limit := time.NewTimer(waitLimit)
	defer limit.Stop()
	for _, want := range []string{"5", "strange"} {
		select {
		case d := <-letters:
			if d.MessageId != want {
				t.Errorf("the dead letter is %q, want %q: %s", d.MessageId, want, d.Body)
			}
		case <-limit.C:
			t.Fatalf("no dead letter %q", want)
		}
	}
	i.stop()
	c.audit(t, 5)
	if tries != 9 {
		t.Errorf("%d tries", tries)
	}
	want := worker.Stats{Handled: 19, Failed: 9, DeadLetters: 2, Malformed: 1}
	if got := i.worker.Stats(); got != want {
		t.Errorf("stats: %+v, want %+v", got, want)
	}
}

// The subscriber of a release that starts later finds what was recorded before it.
func TestFactsWaitForTheFirstConsumer(t *testing.T) {
	c := newCluster(testservers.RabbitMQ(t))
	publisher, err := rabbitmq.NewPublisher(rabbitmq.Options{URL: c.url, Name: "early",
		Random: rand.Reader, Logger: quiet, Subscribers: []outbox.Subscriber{{Name: "refunds",
			Kinds: []fact.Kind{fact.RefundRequested}}}})
	if err != nil {
		t.Fatal(err)
	}
	c.record(10)
	if err := publisher.Publish(t.Context(), c.facts); err != nil {
		t.Fatal(err)
	}
	if err := publisher.Close(); err != nil {
		t.Fatal(err)
	}
	c.cursor = 10 // they are forwarded already
	c.start(t, "late")
	until(t, "the effects", func() bool { return c.effectsSoFar() == 10 })
	c.audit(t)
}
