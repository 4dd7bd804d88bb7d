package boot

import (
	"crypto/rand"
	"fmt"
	"os"

	"github.com/prometheus/client_golang/prometheus"

	"ticketflow/internal/app/outbox"
	"ticketflow/internal/config"
	"ticketflow/internal/domain/fact"
	"ticketflow/internal/inbound/worker"
	"ticketflow/internal/outbound/rabbitmq"
)

// carrier brings recorded facts to their subscribers.
type carrier interface {
	// Recorded is told of each commit, and never blocks.
	Recorded(facts []fact.Fact)
}

// carryFacts prepares the way of facts to the subscribers: within the process, or over RabbitMQ if
// an address is given. It must be called before run.
func (a *App) carryFacts(
	url config.Secret, m *metrics, subscribers ...outbox.Subscriber,
) (carrier, error) {
	if url == "" {
		relay := outbox.NewRelay(a.store, a.logger, subscribers...)
		a.jobs = append(a.jobs, relay.Run)
		return relay, nil
	}
	name := instanceName()
	o := rabbitmq.Options{URL: string(url), Name: name, Subscribers: subscribers,
		Random: rand.Reader, Logger: a.logger}
	publisher, err := rabbitmq.NewPublisher(o)
	if err != nil {
		return nil, err
	}
	consumer, err := rabbitmq.NewConsumer(o)
	if err != nil {
		return nil, err
	}
	a.closers = append(a.closers, publisher.Close)
	forwarder := outbox.NewForwarder(outbox.ForwarderOptions{Log: a.store, Publisher: publisher,
		Leases: a.store.leases, Kinds: outbox.KindsOf(subscribers...),
		Owner: ownerName(), Clock: a.clock, Random: rand.Reader, Logger: a.logger})
	w := worker.New(worker.Options{Deliveries: consumer, Inbox: a.store, Subscribers: subscribers,
		Random: rand.Reader, Logger: a.logger})
	a.jobs = append(a.jobs, forwarder.Run, w.Run)
	m.forwarder(forwarder)
	m.broker(publisher, w)
	return forwarder, nil
}

// instanceName tells instances apart in the eyes of an operator.
func instanceName() string {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	return fmt.Sprintf("%s-%d", host, os.Getpid())
}

// ownerName is new at each start: what an earlier process of this machine still holds isn't ours.
func ownerName() string { return instanceName() + "-" + rand.Text() }

func (m *metrics) forwarder(f *outbox.Forwarder) {
	m.gauge("facts_leading", "1 if this instance forwards the facts now.", func() float64 {
		if f.Stats().Leading {
			return 1
		}
		return 0
	})
	m.gauge("facts_waiting_seconds", "Age of the oldest fact that waits to be forwarded.",
		func() float64 { return f.Stats().Waiting.Seconds() })
	m.counter("facts_forwarded_total", "Facts that the broker has confirmed.",
		func() float64 { return float64(f.Stats().Forwarded) })
	m.counter("facts_failures_total", "Pages of facts that could not be forwarded at once.",
		func() float64 { return float64(f.Stats().Failures) })
}

func (m *metrics) broker(p *rabbitmq.Publisher, w *worker.Worker) {
	m.counter("broker_connects_total", "Connections that were made to the broker.",
		func() float64 { return float64(p.Stats().Connects) })
	m.counter("broker_returned_total", "Messages that the broker could not route.",
		func() float64 { return float64(p.Stats().Returned) })
	m.gauge("broker_blocked", "1 while the broker takes nothing.", func() float64 {
		if p.Stats().Blocked {
			return 1
		}
		return 0
	})
	m.counter("facts_handled_total", "Facts that had their effect here.",
		func() float64 { return float64(w.Stats().Handled) })
	m.counter("facts_repeated_total", "Facts that came again and had none.",
		func() float64 { return float64(w.Stats().Repeated) })
	m.counter("facts_dead_letters_total", "Messages that were given up.",
		func() float64 { return float64(w.Stats().DeadLetters) })
}

// metrics registers what operators watch beside the requests.
type metrics struct{ *prometheus.Registry }

func (m *metrics) counter(name, help string, read func() float64) {
	m.MustRegister(prometheus.NewCounterFunc(
		prometheus.CounterOpts{Namespace: "ticketflow", Name: name, Help: help}, read))
}

func (m *metrics) gauge(name, help string, read func() float64) {
	m.MustRegister(prometheus.NewGaugeFunc(
		prometheus.GaugeOpts{Namespace: "ticketflow", Name: name, Help: help}, read))
}
