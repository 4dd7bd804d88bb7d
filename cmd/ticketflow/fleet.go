package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"ticketflow/internal/config"
)

// maxInstances is more than one machine has a use for.
const maxInstances = 16

// fleet is the servers that a rehearsal has started: one, or several instances of one box office
// that share a database and a payment simulator.
type fleet struct {
	log     io.Writer
	dir     string
	env     []string
	flags   []string // of each server
	servers []*child
	simpay  *child // nil: the one server has its own
}

// startFleet starts n servers. Several need the database of c.
func startFleet(
	ctx context.Context, log io.Writer, dir, key string, n int, c config.Cluster,
) (*fleet, error) {
	f := &fleet{log: log, dir: dir, env: append(clusterEnv(c), "TICKETFLOW_API_KEY="+key)}
	addrs := []string{"127.0.0.1:0"}
	if n > 1 {
		var err error
		if addrs, err = freeAddrs(ctx, n); err != nil {
			return nil, err
		}
		if err := f.startSimpay(ctx, "http://"+addrs[0]); err != nil {
			return nil, err
		}
	}
	for i, addr := range addrs {
		server, err := f.startServer(ctx, i, addr)
		if err != nil {
			return nil, errors.Join(err, f.stop())
		}
		f.servers = append(f.servers, server)
	}
	return f, nil
}

// clusterEnv hands the engines' addresses on, wherever they were configured.
func clusterEnv(c config.Cluster) []string {
	redis := make([]string, len(c.RedisURLs))
	for i, u := range c.RedisURLs {
		redis[i] = string(u)
	}
	return []string{
		"TICKETFLOW_DATABASE_URL=" + string(c.DatabaseURL),
		"TICKETFLOW_DATABASE_READ_URL=" + string(c.DatabaseReadURL),
		"TICKETFLOW_REDIS_URLS=" + strings.Join(redis, ","),
		"TICKETFLOW_AMQP_URL=" + string(c.AMQPURL),
	}
}

// freeAddrs finds addresses on which nobody listens now: each server must know the others'.
func freeAddrs(ctx context.Context, n int) (addrs []string, err error) {
	var config net.ListenConfig
	var open []net.Listener // all at once, so that they differ
	defer func() {
		for _, l := range open {
			_ = l.Close()
		}
	}()
	for range n {
		l, err := config.Listen(ctx, "tcp", "127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		open, addrs = append(open, l), append(addrs, l.Addr().String())
	}
	return addrs, nil
}

func (f *fleet) startSimpay(ctx context.Context, office string) (err error) {
	secret, err := randomKey()
	if err != nil {
		return err
	}
	f.env = append(f.env, "TICKETFLOW_SIMPAY_SECRET="+secret)
	f.simpay, err = startChild(ctx, f.log, f.env, "simpay", "--demo", "--addr", "127.0.0.1:0",
		"--data", filepath.Join(f.dir, "simpay"), "--office-url", office)
	if err != nil {
		return fmt.Errorf("start the payment simulator: %w", err)
	}
	f.flags = []string{"--simpay-url", f.simpay.url}
	return nil
}

func (f *fleet) startServer(ctx context.Context, number int, addr string) (*child, error) {
	folder := filepath.Join(f.dir, "server"+strconv.Itoa(number+1))
	flags := append([]string{"serve", "--addr", addr, "--data", folder, "--log-level", "warn",
		"--simulated-payments"}, f.flags...)
	return startChild(ctx, f.log, f.env, flags...)
}

func (f *fleet) urls() (urls []string) {
	for _, s := range f.servers {
		urls = append(urls, s.url)
	}
	return urls
}

// crashLater kills the last server (-9) after a while, in the middle of the rush. A single one is
// started again at the same address; of several, the others go on without it.
func (f *fleet) crashLater(
	ctx context.Context, after time.Duration, say func(string),
) (crashed <-chan error) {
	done := make(chan error, 1)
	last := len(f.servers) - 1
	victim := f.servers[last]
	if last > 0 {
		f.servers = f.servers[:last]
	}
	go func() {
		select {
		case <-time.After(after):
		case <-ctx.Done():
			var err error
			if last > 0 {
				err = victim.kill()
			}
			done <- err
			return
		}
		begun := time.Now()
		err := victim.kill()
		if err == nil && last == 0 {
			f.servers[0], err = f.startServer(ctx, 0, strings.TrimPrefix(victim.url, "http://"))
			say(fmt.Sprintf("The server was killed and was ready again after %d ms.",
				time.Since(begun).Milliseconds()))
		} else if err == nil {
			say(fmt.Sprintf("%s was killed: %d others go on.", victim.url, last))
		}
		done <- err
	}()
	return done
}

// peakMemoryMB is the most memory that one of the servers has had resident.
func (f *fleet) peakMemoryMB() (most float64) {
	for _, s := range f.servers {
		most = max(most, s.peakMemoryMB())
	}
	return most
}

// stop ends the servers, and after them the simulator that they use.
func (f *fleet) stop() error {
	var failures []error
	for _, s := range f.servers {
		failures = append(failures, s.stop())
	}
	if f.simpay != nil {
		failures = append(failures, f.simpay.stop())
	}
	return errors.Join(failures...)
}
