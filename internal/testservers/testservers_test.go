package testservers_test

import (
	"context"
	"errors"
	"net"
	"net/url"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/rabbitmq/amqp091-go"

	"ticketflow/internal/effort"
	"ticketflow/internal/testservers"
	"ticketflow/internal/testservers/engines"
)

func TestDatabasesAreFreshAndApart(t *testing.T) {
	for range 2 {
		conn := connect(t, testservers.PostgreSQL(t))
		if _, err := conn.Exec(t.Context(), "CREATE TABLE only_here (n int)"); err != nil {
			t.Error(err)
		}
	}
}

func connect(t *testing.T, address string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		// Its server may be gone by now.
		_ = conn.Close(context.Background())
	})
	return conn
}

func TestPostgreSQLKeepsWhatItAcknowledged(t *testing.T) {
	server := testservers.StartPostgreSQL(t)
	conn := connect(t, server.URL)
	if _, err := conn.Exec(t.Context(), "CREATE TABLE kept (n int)"); err != nil {
		t.Fatal(err)
	}
	ends := []func(){server.Stop, server.StopImmediate, server.Kill}
	for n, end := range ends {
		if _, err := conn.Exec(t.Context(), "INSERT INTO kept VALUES ($1)", n); err != nil {
			t.Fatal(err)
		}
		end()
		if _, err := conn.Exec(t.Context(), "SELECT 1"); err == nil {
			t.Error("the connection outlived its server")
		}
		server.Start()
		conn = connect(t, server.URL)
	}
	var kept int
	if err := conn.QueryRow(t.Context(), "SELECT count(*) FROM kept").Scan(&kept); err != nil {
		t.Fatal(err)
	}
	if kept != len(ends) {
		t.Errorf("got %d rows after %d restarts, want %d", kept, len(ends), len(ends))
	}
}

// TestAStandbyFollowsAndIsPromoted changes the roles of two servers twice.
func TestAStandbyFollowsAndIsPromoted(t *testing.T) {
	primary := testservers.StartPostgreSQL(t)
	conn := connect(t, primary.URL)
	if _, err := conn.Exec(t.Context(), "CREATE TABLE kept (n int)"); err != nil {
		t.Fatal(err)
	}
	standby := testservers.StartStandby(t, primary)
	for range 2 {
		if _, err := connect(t, standby.URL).Exec(t.Context(),
			"INSERT INTO kept VALUES (1)"); err == nil {
			t.Error("a standby was written to")
		}
		primary.Kill()
		standby.Promote()
		if _, err := connect(t, standby.URL).Exec(t.Context(),
			"INSERT INTO kept VALUES (1)"); err != nil {
			t.Error(err)
		}
		primary.Follow(standby)
		primary, standby = standby, primary
	}
	var kept int
	err := connect(t, standby.URL).QueryRow(t.Context(), "SELECT count(*) FROM kept").Scan(&kept)
	if err != nil || kept != 2 {
		t.Errorf("%d rows, %v", kept, err)
	}
}

func TestAPausedServerDoesNotAnswer(t *testing.T) {
	server := testservers.StartPostgreSQL(t)
	conn := connect(t, server.URL)
	server.Pause()
	const silence = 100 * time.Millisecond
	ctx, cancel := context.WithTimeout(t.Context(), silence)
	defer cancel()
	if _, err := conn.Exec(ctx, "SELECT 1"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a paused server said %v", err)
	}
	server.Resume()
	connect(t, server.URL)
}

func TestRedisIsEmptyEachTime(t *testing.T) {
	for range 2 {
		address := testservers.Redis(t)
		// GETSET-like: SET with NX answers +OK only where the key is not there.
		if err := engines.RedisCommand(t.Context(), address, "SET k v NX"); err != nil {
			t.Error(err)
		}
	}
}

func TestRedisStopsAndStarts(t *testing.T) {
	server := testservers.StartRedis(t)
	u, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	for _, end := range []func(){server.Stop, server.Kill} {
		end()
		var dialer net.Dialer
		if conn, err := dialer.DialContext(t.Context(), "tcp", u.Host); err == nil {
			conn.Close()
			t.Error("a stopped server takes connections")
		}
		server.Start()
		if err := engines.RedisCommand(t.Context(), server.URL, "PING"); err != nil {
			t.Error(err)
		}
	}
}

func TestVirtualHostsAreFresh(t *testing.T) {
	for range 2 {
		conn, err := amqp091.Dial(testservers.RabbitMQ(t))
		if err != nil {
			t.Fatal(err)
		}
		channel, err := conn.Channel()
		if err != nil {
			t.Fatal(err)
		}
		_, err = channel.QueueDeclarePassive("q", true, false, false, false, nil)
		var answer *amqp091.Error
		if !errors.As(err, &answer) || answer.Code != amqp091.NotFound {
			t.Errorf("a queue in a fresh virtual host: %v", err)
		}
		if err := conn.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestRabbitMQStopsAndStarts(t *testing.T) {
	if testing.Short() {
		t.Skip("takes half a minute: the broker starts three times")
	}
	server := testservers.StartRabbitMQ(t)
	ends := []func(){server.Kill, server.Stop}
	for _, end := range ends[:effort.Of(2, 1)] {
		end()
		if conn, err := amqp091.Dial(server.URL); err == nil {
			t.Error("a stopped broker takes connections:", conn.Close())
		}
		server.Start()
		conn, err := amqp091.Dial(server.URL)
		if err != nil {
			t.Error(err)
			continue
		}
		if err := conn.Close(); err != nil {
			t.Error(err)
		}
	}
}
