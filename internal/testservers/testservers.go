// Package testservers gives tests the real PostgreSQL, Redis and RabbitMQ, Stripe's own mock
// server, and Chromium.
//
// PostgreSQL, Redis and RabbitMQ hand out a part of a server that all tests share: the one whose
// address is in TICKETFLOW_TEST_DATABASE_URL, TICKETFLOW_TEST_REDIS_URL or
// TICKETFLOW_TEST_AMQP_URL, or else one that the first test starts and that ends with the test
// process. The functions named Start… start a server for one test, which may stop, kill and pause
// it.
//
// Without the address and without the server on the machine a test is skipped, except where
// TICKETFLOW_TEST_REQUIRED=1 is set, as `make test` does: there it fails. With the value 0, as in
// `make test-embedded`, the test is skipped whatever is there.
package testservers

import (
	"context"
	"crypto/rand"
	"errors"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"ticketflow/internal/testservers/engines"
)

// The environment variables that this package reads.
const (
	DatabaseURL = "TICKETFLOW_TEST_DATABASE_URL" // postgres://…, a user that may create databases
	RedisURL    = "TICKETFLOW_TEST_REDIS_URL"    // redis://…, a server that may be emptied
	AMQPURL     = "TICKETFLOW_TEST_AMQP_URL"     // amqp://…, a user that administrates
	// AMQPAdminURL is the management API beside AMQPURL; without it, port 15672 of the same host.
	AMQPAdminURL = "TICKETFLOW_TEST_AMQP_ADMIN_URL"
	// Required is 1 where a missing server fails the test, and 0 where servers are not used at all.
	Required = "TICKETFLOW_TEST_REQUIRED"
)

const (
	setupLimit   = 30 * time.Second
	startLimit   = 5 * time.Minute // several attempts on a busy machine
	defaultAdmin = "15672"
	docker       = "docker"
)

// PostgreSQL gives the URL of a fresh, empty database on a shared server. It is dropped, whoever
// is connected to it, when the test ends.
func PostgreSQL(tb testing.TB) string {
	tb.Helper()
	skipEmbedded(tb)
	address := os.Getenv(DatabaseURL)
	if address == "" {
		address = shared(tb, sharedPostgreSQL).URL
	}
	database := "test_" + strings.ToLower(rand.Text())
	u, err := url.Parse(address)
	if err != nil {
		tb.Fatalf("%s: %v", DatabaseURL, err)
	}
	execute(tb, address, "CREATE DATABASE "+database)
	tb.Cleanup(func() { execute(tb, address, "DROP DATABASE "+database+" WITH (FORCE)") })
	u.Path = "/" + database
	return u.String()
}

// execute runs one statement on a connection of its own.
func execute(tb testing.TB, address, statement string) {
	tb.Helper()
	ctx, cancel := setup(tb)
	defer cancel()
	conn, err := pgx.Connect(ctx, address)
	if err != nil {
		tb.Fatal(err)
	}
	_, err = conn.Exec(ctx, statement)
	if err := errors.Join(err, conn.Close(ctx)); err != nil {
		tb.Fatalf("%s: %v", statement, err)
	}
}

// Redis gives the URL of a shared server, which is empty now. Until the test ends, the tests of
// other packages that ask for it wait; those of the same package must not run in parallel with it.
func Redis(tb testing.TB) string {
	tb.Helper()
	skipEmbedded(tb)
	address := os.Getenv(RedisURL)
	if address == "" {
		address = shared(tb, sharedRedis).URL
	} else {
		release, err := turn(address)
		if err != nil {
			tb.Fatalf("wait for redis: %v", err)
		}
		tb.Cleanup(release)
	}
	ctx, cancel := setup(tb)
	defer cancel()
	if err := engines.RedisCommand(ctx, address, "FLUSHALL"); err != nil {
		tb.Fatalf("empty redis: %v", err)
	}
	return address
}

// RabbitMQ gives the URL of a fresh virtual host on a shared broker. It is deleted when the test
// ends.
func RabbitMQ(tb testing.TB) string {
	tb.Helper()
	skipEmbedded(tb)
	address, admin := os.Getenv(AMQPURL), os.Getenv(AMQPAdminURL)
	if address == "" {
		server := shared(tb, sharedRabbitMQ)
		address, admin = server.URL, server.AdminURL
	}
	u, err := url.Parse(address)
	if err != nil {
		tb.Fatalf("%s: %v", AMQPURL, err)
	}
	if admin == "" {
		a := url.URL{Scheme: "http", User: u.User, Host: u.Hostname() + ":" + defaultAdmin}
		admin = a.String()
	}
	name := "test-" + strings.ToLower(rand.Text())
	ctx, cancel := setup(tb)
	defer cancel()
	if err := engines.AddVirtualHost(ctx, admin, name); err != nil {
		tb.Fatalf("add a virtual host: %v (does %s name the broker's management API?)",
			err, AMQPAdminURL)
	}
	tb.Cleanup(func() {
		ctx, cancel := setup(tb)
		defer cancel()
		if err := engines.DeleteVirtualHost(ctx, admin, name); err != nil {
			tb.Errorf("delete a virtual host: %v", err)
		}
	})
	u.Path = "/" + name
	return u.String()
}

// setup bounds what is done before or after a test: not by the test's own context, which is over
// when its cleanup runs.
func setup(tb testing.TB) (context.Context, context.CancelFunc) {
	tb.Helper()
	return context.WithTimeout(context.WithoutCancel(tb.Context()), setupLimit)
}

// The servers that the tests of this process share. The guard beside each of them ends it when the
// process is gone.
var (
	sharedPostgreSQL = sync.OnceValues(once(engines.PostgreSQL))
	sharedRedis      = sync.OnceValues(once(engines.Redis))
	sharedRabbitMQ   = sync.OnceValues(once(engines.ManagedRabbitMQ))
	sharedChromium   = sync.OnceValues(once(engines.Chromium))
)

// Chromium gives the address of the DevTools protocol of the browser that the tests of this process
// share. Package browser drives it.
func Chromium(tb testing.TB) string {
	tb.Helper()
	skipEmbedded(tb)
	return shared(tb, sharedChromium).URL
}

type starter func(context.Context) (*engines.Server, error)

func once(start starter) func() (*engines.Server, error) {
	return func() (*engines.Server, error) {
		// It serves later tests too, so the first one's end must not interrupt it.
		ctx, cancel := context.WithTimeout(context.Background(), startLimit)
		defer cancel()
		return start(ctx)
	}
}

func shared(tb testing.TB, get func() (*engines.Server, error)) *engines.Server {
	tb.Helper()
	server, err := get()
	if err != nil {
		missing(tb, err)
	}
	return server
}

// StandbyName is what synchronous_standby_names of the primary names a standby by.
const StandbyName = engines.StandbyName

// StartStandby starts a copy of a PostgreSQL server that follows it, for this test alone. It needs
// PostgreSQL's programs on this machine: where the primary had to run in a container for want of
// them, the test is skipped.
func StartStandby(tb testing.TB, primary *Server) *Server {
	tb.Helper()
	if !primary.server.Local() {
		tb.Skip("needs the programs of PostgreSQL on this machine, not just a container of it")
	}
	ctx, cancel := context.WithTimeout(tb.Context(), startLimit)
	defer cancel()
	server, err := engines.Standby(ctx, primary.server)
	if err != nil {
		missing(tb, err)
	}
	return owned(tb, server)
}

// skipEmbedded ends a test that needs a server where none is to be used.
func skipEmbedded(tb testing.TB) {
	tb.Helper()
	if os.Getenv(Required) == "0" {
		tb.Skip("needs a server, and " + Required + "=0 says to use none")
	}
}

// missing ends the test: as skipped where a server may be missing and is, else as failed.
func missing(tb testing.TB, err error) {
	tb.Helper()
	if errors.Is(err, engines.ErrMissing) && os.Getenv(Required) != "1" {
		tb.Skip("needs a server that is not on this machine; `make test` brings it:", err)
	}
	tb.Fatal(err)
}
