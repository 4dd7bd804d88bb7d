// Package rabbitmq carries facts over a RabbitMQ broker: a Publisher with confirms on the side of
// the log, and a Consumer that delivers to subscribers.
//
//	exchange ticketflow.facts (topic, durable)   routing key kind.event, as order_paid.12
//	  └─ queue ticketflow.<subscriber>           quorum, single active consumer, limited
//	       └─ exchange ticketflow.dead (direct)  at-least-once dead-lettering
//	            └─ queue ticketflow.<subscriber>.dead (quorum)
//
// Both sides declare all of it on each connection, so that neither must be there first and nothing
// that is published before a subscriber's first start is lost. docs/facts.md is the contract with
// other programs.
package rabbitmq

import (
	"fmt"
	"strconv"

	"github.com/rabbitmq/amqp091-go"

	"ticketflow/internal/app/outbox"
	"ticketflow/internal/domain/fact"
)

// Names at the broker.
const (
	Exchange     = "ticketflow.facts" // where facts are published
	DeadExchange = "ticketflow.dead"  // where messages go that a subscriber could not handle
)

// deliveryLimit is how often the broker delivers a message whose consumer died or gave it back
// before it is dead-lettered. It bounds what a message does that kills its consumer; failures
// that are seen are counted by the worker.
const deliveryLimit = 20

// QueueName is the queue of a subscriber.
func QueueName(subscriber string) string { return "ticketflow." + subscriber }

// DeadQueueName is where messages stay that the subscriber could not handle.
func DeadQueueName(subscriber string) string { return QueueName(subscriber) + ".dead" }

// routingKey is what a queue's binding looks at.
func routingKey(f *fact.Fact) string {
	return string(f.Kind) + "." + strconv.FormatInt(int64(f.Event), 10)
}

// declare makes the topology where it is not there yet.
func declare(ch *amqp091.Channel, subscribers []outbox.Subscriber) error {
	err := ch.ExchangeDeclare(Exchange, amqp091.ExchangeTopic, true, false, false, false, nil)
	if err != nil {
		return fmt.Errorf("declare exchange %s: %w", Exchange, err)
	}
	err = ch.ExchangeDeclare(DeadExchange, amqp091.ExchangeDirect, true, false, false, false, nil)
	if err != nil {
		return fmt.Errorf("declare exchange %s: %w", DeadExchange, err)
	}
	for _, s := range subscribers {
		if err := declareQueues(ch, s); err != nil {
			return fmt.Errorf("declare queues of %s: %w", s.Name, err)
		}
	}
	return nil
}

func declareQueues(ch *amqp091.Channel, s outbox.Subscriber) error {
	// The way out of the queue comes before the way in: what is dead-lettered must find its queue.
	_, err := ch.QueueDeclare(DeadQueueName(s.Name), true, false, false, false,
		amqp091.Table{"x-queue-type": "quorum"})
	if err != nil {
		return err
	}
	err = ch.QueueBind(DeadQueueName(s.Name), s.Name, DeadExchange, false, nil)
	if err != nil {
		return err
	}
	args := amqp091.Table{
		"x-queue-type":              "quorum",
		"x-single-active-consumer":  true, // one at a time, so that the order is kept
		"x-delivery-limit":          deliveryLimit,
		"x-dead-letter-exchange":    DeadExchange,
		"x-dead-letter-routing-key": s.Name,
		"x-dead-letter-strategy":    "at-least-once",
		"x-overflow":                "reject-publish", // the strategy demands it
	}
	if _, err := ch.QueueDeclare(QueueName(s.Name), true, false, false, false, args); err != nil {
		return err
	}
	for _, kind := range s.Kinds {
		err := ch.QueueBind(QueueName(s.Name), string(kind)+".*", Exchange, false, nil)
		if err != nil {
			return err
		}
	}
	return nil
}
