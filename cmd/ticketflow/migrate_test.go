package main

import (
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"ticketflow/internal/testservers"
)

// TestMigrate brings an empty database up to date: two programs at once, then once more.
func TestMigrate(t *testing.T) {
	t.Setenv("TICKETFLOW_DATABASE_URL", testservers.PostgreSQL(t))
	out, log, status := runProgram(t, "migrate", "status")
	if status != 0 || !strings.Contains(out, "pending") || strings.Contains(out, "applied") {
		t.Errorf("an empty database: status %d\n%s%s", status, out, log)
	}
	_, log, status = runProgram(t, "serve", "--demo", "--addr", "127.0.0.1:0", "--data",
		t.TempDir())
	if status != 1 || !strings.Contains(log, "ticketflow migrate up") {
		t.Errorf("a server on an empty database: status %d\n%s", status, log)
	}
	var both sync.WaitGroup
	var outs [2]string
	for i := range outs {
		both.Go(func() {
			out, log, status := runProgram(t, "migrate", "up")
			if status != 0 {
				t.Errorf("status %d\n%s%s", status, out, log)
			}
			outs[i] = out
		})
	}
	both.Wait()
	all := outs[0] + outs[1]
	for line := range strings.Lines(all) {
		if strings.Count(all, line) != 1 {
			t.Errorf("both did the same:\n%s", all)
		}
	}
	if !strings.Contains(all, "up to date") || !strings.Contains(all, "Applied migration 1.") {
		t.Errorf("two at once:\n%s", all)
	}
	out, log, status = runProgram(t, "migrate", "up")
	if status != 0 || out != "The tables are up to date.\n" {
		t.Errorf("the second time: status %d\n%s%s", status, out, log)
	}
	out, _, _ = runProgram(t, "migrate", "status")
	if strings.Contains(out, "pending") || !strings.Contains(out, "applied 20") {
		t.Errorf("afterwards:\n%s", out)
	}
	server := serve(t, "--data", t.TempDir())
	server.stop()
}

// secretWord is in each address of TestPasswordsAreNotShown.
const secretWord = "hunter2secret"

// TestPasswordsAreNotShown gives addresses with passwords that are wrong, can't be read, or name
// nobody, to each command, and reads all that it says.
func TestPasswordsAreNotShown(t *testing.T) {
	right, err := url.Parse(testservers.PostgreSQL(t))
	if err != nil {
		t.Fatal(err)
	}
	wrong, nobody := *right, *right
	wrong.User = url.UserPassword(right.User.Username(), secretWord)
	nobody.User = wrong.User
	nobody.Host = "127.0.0.1:1," + nobody.Host // the second one is asked, too
	databases := map[string]string{
		"wrong":      wrong.String(),
		"two hosts":  nobody.String(),
		"no port":    "postgres://user:" + secretWord + "@127.0.0.1:port/db",
		"no number":  wrong.String() + "&connect_timeout=soon",
		"a bad mode": "postgres://user:" + secretWord + "@127.0.0.1:1/db?sslmode=maybe",
		"no escape":  "postgres://user:" + secretWord + "%zz@127.0.0.1:1/db",
		"a keyword":  "host=127.0.0.1 port=1 user=user password=" + secretWord,
	}
	commands := [][]string{
		{"serve", "--addr", "127.0.0.1:0", "--demo", "--data", t.TempDir()},
		{"migrate", "up"}, {"migrate", "status"}, {"audit"},
		{"flashsale", "--skip-null", "--places", "10", "--buyers", "1"},
	}
	for name, address := range databases {
		t.Setenv("TICKETFLOW_DATABASE_URL", address)
		for _, args := range commands {
			out, log, status := runProgram(t, args...)
			if status != 1 || log == "" {
				t.Errorf("%s, %s: status %d, %q", args[0], name, status, log)
			}
			if strings.Contains(out+log, secretWord) {
				t.Errorf("%s, %s: the password is shown:\n%s%s", args[0], name, out, log)
			}
		}
	}
}

// TestPasswordsOfServersThatAreAwayAreNotShown starts an instance whose Redis and RabbitMQ refuse
// it, sells something, and reads its log.
func TestPasswordsOfServersThatAreAwayAreNotShown(t *testing.T) {
	address, err := url.Parse(testservers.RabbitMQ(t))
	if err != nil {
		t.Fatal(err)
	}
	address.User = url.UserPassword("guest", secretWord)
	cache, err := url.Parse(testservers.Redis(t))
	if err != nil {
		t.Fatal(err)
	}
	cache.User = url.UserPassword("nobody", secretWord)
	t.Setenv("TICKETFLOW_AMQP_URL", address.String())
	t.Setenv("TICKETFLOW_REDIS_URLS", cache.String())
	server := serve(t, "--demo", "--data", t.TempDir(), "--log-level", "debug")
	server.tickets(server.buy())
	tries, late := time.NewTicker(pollEvery), time.After(programLimit)
	defer tries.Stop()
	for !strings.Contains(server.log.String(), "waits for the broker") {
		select {
		case <-tries.C:
		case <-late:
			t.Fatalf("the log says nothing of the broker:\n%s", server.log.String())
		}
	}
	rest := server.stop()
	log := server.log.String()
	if strings.Contains(rest+log, secretWord) {
		t.Errorf("the password is shown:\n%s%s", rest, log)
	}
	for _, setting := range []string{"amqps:/" + secretWord, "http://u:" + secretWord + "@h/"} {
		for _, name := range []string{"TICKETFLOW_AMQP_URL", "TICKETFLOW_REDIS_URLS"} {
			t.Setenv("TICKETFLOW_AMQP_URL", "")
			t.Setenv("TICKETFLOW_REDIS_URLS", "")
			t.Setenv(name, setting)
			out, log, status := runProgram(t, "serve", "--demo", "--data", t.TempDir())
			if status != 1 || !strings.Contains(log, name) ||
				strings.Contains(out+log, secretWord) {
				t.Errorf("%s: status %d\n%s", name, status, log)
			}
		}
	}
}

// TestSecretsAreNoFlags: whoever gives an address as a flag is told the variable for it.
func TestSecretsAreNoFlags(t *testing.T) {
	for flag, name := range map[string]string{
		"database-url":      "TICKETFLOW_DATABASE_URL",
		"database-read-url": "TICKETFLOW_DATABASE_READ_URL",
		"redis-urls":        "TICKETFLOW_REDIS_URLS",
		"amqp-url":          "TICKETFLOW_AMQP_URL",
	} {
		for _, args := range [][]string{{"serve"}, {"flashsale"}, {"audit"}, {"migrate", "up"}} {
			out, log, status := runProgram(t, append(args,
				"--"+flag, "postgres://user:"+secretWord+"@127.0.0.1/db")...)
			if status != 1 || !strings.Contains(log, name) ||
				strings.Contains(out+log, secretWord) {
				t.Errorf("%s --%s: status %d\n%s", args[0], flag, status, log)
			}
		}
	}
}
