package rabbitmq

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"sync/atomic"
	"time"

	"github.com/rabbitmq/amqp091-go"

	"ticketflow/internal/app/outbox"
)

// Limits of a connection.
const (
	dialTimeout     = 5 * time.Second
	setUpTimeout    = 15 * time.Second // handshake, login and topology
	closeTimeout    = 2 * time.Second
	heartbeat       = 5 * time.Second // a peer that is silent for three of them is gone
	minConnectPause = 100 * time.Millisecond
	maxConnectPause = 5 * time.Second
)

// Options says where the broker is and who gets facts from it. All are needed.
type Options struct {
	URL         string // amqp:// or amqps:// with user, password and virtual host; never logged
	Name        string // of this instance, shown by the broker's tools
	Subscribers []outbox.Subscriber
	Random      io.Reader // spreads reconnections
	Logger      *slog.Logger
}

// Check tells what is wrong with the options, without the URL's secrets.
func (o *Options) Check() error {
	if _, err := amqp091.ParseURI(o.URL); err != nil { // it may quote the password
		return errors.New("the broker's URL is not amqp[s]://user:password@host:port/vhost")
	}
	names := make(map[string]bool)
	for _, s := range o.Subscribers {
		if s.Name == "" || len(s.Kinds) == 0 || names[s.Name] {
			return fmt.Errorf("subscriber %q has no name, no kinds, or comes twice", s.Name)
		}
		names[s.Name] = true
	}
	return nil
}

// link is one connection with one channel. Its socket can be closed at any time, which ends
// whatever waits for the broker: the library's own calls know no time-out.
type link struct {
	conn    *amqp091.Connection
	channel *amqp091.Channel
	socket  net.Conn
	halted  chan struct{} // a token each time that the broker blocks the connection
	blocked atomic.Bool
}

// connect opens a link and declares the topology.
func connect(ctx context.Context, o *Options, purpose string) (*link, error) {
	ctx, cancel := context.WithTimeout(ctx, setUpTimeout)
	defer cancel()
	l := &link{halted: make(chan struct{}, 1)}
	var stop func() bool
	properties := amqp091.NewConnectionProperties()
	properties.SetClientConnectionName(o.Name + " " + purpose)
	conn, err := amqp091.DialConfig(o.URL, amqp091.Config{
		Heartbeat:  heartbeat,
		Properties: properties,
		Dial: func(network, address string) (net.Conn, error) {
			dialer := net.Dialer{Timeout: dialTimeout}
			socket, err := dialer.DialContext(ctx, network, address)
			if err != nil {
				return nil, err
			}
			l.socket = socket
			stop = context.AfterFunc(ctx, l.abort)
			return socket, nil
		},
	})
	if stop != nil {
		defer stop()
	}
	if err != nil {
		if l.socket != nil {
			l.abort()
		}
		return nil, fmt.Errorf("connect to the broker: %w", err)
	}
	l.conn = conn
	go l.watch(conn.NotifyBlocked(make(chan amqp091.Blocking, 1)))
	if l.channel, err = conn.Channel(); err == nil {
		err = declare(l.channel, o.Subscribers)
	}
	if err != nil {
		l.close()
		return nil, fmt.Errorf("prepare the broker: %w", err)
	}
	return l, nil
}

// watch ends with the connection.
func (l *link) watch(blocking <-chan amqp091.Blocking) {
	for b := range blocking {
		l.blocked.Store(b.Active)
		if b.Active {
			select {
			case l.halted <- struct{}{}:
			default:
			}
		}
	}
}

// abort closes the socket at once.
func (l *link) abort() { _ = l.socket.Close() }

// close takes leave of the broker if it answers in time.
func (l *link) close() {
	watchdog := time.AfterFunc(closeTimeout, l.abort)
	defer watchdog.Stop()
	_ = l.conn.Close() // it is closed in any case; what was not confirmed is sent again
}
