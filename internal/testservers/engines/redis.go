package engines

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os/exec"
	"strconv"
	"strings"
)

// Redis starts a server without persistence.
func Redis(ctx context.Context) (*Server, error) {
	path, err := find("redis-server", "valkey-server")
	if err != nil {
		return nil, err
	}
	return launch(ctx, engine{
		name: "redis",
		prepare: func(_ context.Context, s *Server) error {
			s.URL = "redis://" + loopback(s.port)
			return nil
		},
		command: func(s *Server) *exec.Cmd {
			//nolint:noctx // it ends by its own signals
			return foreground(path, "--port", strconv.Itoa(s.port), "--bind", "127.0.0.1",
				"--save", "", "--appendonly", "no", "--daemonize", "no", "--dir", s.folder)
		},
		ready: func(ctx context.Context, s *Server) error {
			return RedisCommand(ctx, s.URL, "PING")
		},
		stop:  terminate,
		abort: kill, // there is nothing on its disk
	})
}

// RedisCommand runs one command of plain words on a server and fails unless the answer is a plain
// word too. It is here so that tests need no client of their own to prepare a server.
func RedisCommand(ctx context.Context, address, command string) error {
	u, err := url.Parse(address)
	if err != nil {
		return err
	}
	if u.Scheme != "redis" {
		return fmt.Errorf("the address %s is not redis://…", u.Redacted())
	}
	var dialer net.Dialer
	host := u.Host
	if u.Port() == "" {
		host = net.JoinHostPort(u.Hostname(), "6379")
	}
	conn, err := dialer.DialContext(ctx, "tcp", host)
	if err != nil {
		return err
	}
	defer conn.Close()
	if deadline, ok := ctx.Deadline(); ok {
		if err := conn.SetDeadline(deadline); err != nil {
			return err
		}
	}
	answers := bufio.NewReader(conn)
	if password, ok := u.User.Password(); ok {
		words := []string{"AUTH", u.User.Username(), password}
		if words[1] == "" {
			words = []string{"AUTH", password}
		}
		if err := ask(conn, answers, words...); err != nil {
			return err
		}
	}
	return ask(conn, answers, strings.Fields(command)...)
}

// ask sends one command in Redis's own protocol (RESP2) and reads a simple answer.
func ask(conn net.Conn, answers *bufio.Reader, words ...string) error {
	var text strings.Builder
	fmt.Fprintf(&text, "*%d\r\n", len(words))
	for _, word := range words {
		fmt.Fprintf(&text, "$%d\r\n%s\r\n", len(word), word)
	}
	if _, err := conn.Write([]byte(text.String())); err != nil {
		return err
	}
	answer, err := answers.ReadString('\n')
	if err != nil {
		return err
	}
	if !strings.HasPrefix(answer, "+") {
		return errors.New("redis answered " + strings.TrimSpace(answer))
	}
	return nil
}
