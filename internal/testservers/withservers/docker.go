package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os/exec"
	"strings"
	"time"

	"ticketflow/internal/testservers/engines"
)

const (
	dockerInfoLimit = 10 * time.Second
	dockerRunLimit  = 10 * time.Minute // with the download of an image
	dockerStopLimit = time.Minute
	answerLimit     = 90 * time.Second
	answerInterval  = 100 * time.Millisecond
)

// image is how a kind runs in a container.
type image struct {
	name      string
	options   []string // of docker run
	arguments []string // of the server
	port      string
	adminPort string // empty where there is none
	address   url.URL
}

var (
	postgresImage = image{
		name: "postgres:16-alpine",
		options: []string{
			"-e", "POSTGRES_USER=ticketflow", "-e", "POSTGRES_PASSWORD=ticketflow",
			"-e", "POSTGRES_DB=postgres",
		},
		arguments: []string{"-c", "max_connections=200"},
		port:      "5432",
		address: url.URL{
			Scheme: "postgres", User: url.UserPassword("ticketflow", "ticketflow"),
			Path: "/postgres", RawQuery: "sslmode=disable",
		},
	}
	redisImage = image{
		name:      "redis:7-alpine",
		arguments: []string{"redis-server", "--save", "", "--appendonly", "no"},
		port:      "6379",
		address:   url.URL{Scheme: "redis"},
	}
	rabbitImage = image{
		name:      "rabbitmq:3.13-management-alpine",
		port:      "5672",
		adminPort: "15672",
		address:   url.URL{Scheme: "amqp", User: url.UserPassword("guest", "guest"), Path: "/"},
	}
)

// containers runs what it can in containers; what it can't is left for the next source.
func (f *finder) containers(
	ctx context.Context, wanted []kind,
) (found []server, rest []kind, err error) {
	if !f.dockerUsable(ctx) {
		return nil, wanted, nil
	}
	return f.eachAtOnce(ctx, wanted, dockerRunLimit,
		func(ctx context.Context, k kind) (server, error) {
			s, err := f.container(ctx, k)
			if err != nil {
				f.say("%s: no container (%v), looking further", k.name, err)
				return server{}, engines.ErrMissing
			}
			return s, nil
		})
}

func (f *finder) dockerUsable(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, dockerInfoLimit)
	defer cancel()
	_, err := f.dockerSays(ctx, "info", "--format", "{{.ServerVersion}}")
	return err == nil
}

// dockerSays runs docker and gives its output.
func (f *finder) dockerSays(ctx context.Context, args ...string) (string, error) {
	var problem strings.Builder
	//nolint:gosec // docker with arguments of ours
	command := exec.CommandContext(ctx, f.docker, args...)
	command.Stderr = &problem
	output, err := command.Output()
	if err != nil {
		return "", fmt.Errorf("docker %s: %w: %s",
			args[0], err, strings.TrimSpace(problem.String()))
	}
	return strings.TrimSpace(string(output)), nil
}

func (f *finder) container(ctx context.Context, k kind) (s server, err error) {
	name := "ticketflow-test-" + strings.ToLower(rand.Text())
	f.say("%s: a container of %s", k.name, k.image.name)
	remove, err := f.guard(name)
	if err != nil {
		return s, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, remove())
		}
	}()
	args := []string{"run", "--detach", "--name", name, "--publish", "127.0.0.1::" + k.image.port}
	if k.image.adminPort != "" {
		args = append(args, "--publish", "127.0.0.1::"+k.image.adminPort)
	}
	args = append(append(args, k.image.options...), k.image.name)
	if _, err := f.dockerSays(ctx, append(args, k.image.arguments...)...); err != nil {
		return s, err
	}
	address, adminURL := k.image.address, ""
	if address.Host, err = f.published(ctx, name, k.image.port); err != nil {
		return s, err
	}
	if k.image.adminPort != "" {
		host, err := f.published(ctx, name, k.image.adminPort)
		if err != nil {
			return s, err
		}
		a := url.URL{Scheme: "http", User: address.User, Host: host}
		adminURL = a.String()
	}
	if err := answersInTime(ctx, k, address.String(), adminURL); err != nil {
		return s, err
	}
	return server{k.name, k.addresses(address.String(), adminURL), remove}, nil
}

// published gives host and port of this machine for a container's port.
func (f *finder) published(ctx context.Context, name, port string) (string, error) {
	lines, err := f.dockerSays(ctx, "port", name, port+"/tcp")
	if err != nil {
		return "", err
	}
	first, _, _ := strings.Cut(lines, "\n")
	return strings.TrimSpace(first), nil
}

func answersInTime(ctx context.Context, k kind, address, adminURL string) error {
	ctx, cancel := context.WithTimeout(ctx, answerLimit)
	defer cancel()
	ticker := time.NewTicker(answerInterval)
	defer ticker.Stop()
	for {
		err := k.answers(ctx, address, adminURL)
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("it does not answer within %s: %w", answerLimit, err)
		case <-ticker.C:
		}
	}
}

// guard starts a shell that removes the container when this process dies, and gives what removes
// it before.
func (f *finder) guard(name string) (remove func() error, err error) {
	//nolint:gosec // docker with a name of ours
	shell := exec.CommandContext(context.Background(), "sh", "-c",
		`trap '' HUP INT TERM; read -r done || "$1" rm -f -v "$2"`, "guard", f.docker, name)
	shell.SysProcAttr = ownGroup()
	input, err := shell.StdinPipe()
	if err != nil {
		return nil, err
	}
	if err := shell.Start(); err != nil {
		return nil, err
	}
	return func() error {
		ctx, cancel := context.WithTimeout(context.Background(), dockerStopLimit)
		defer cancel()
		_, err := f.dockerSays(ctx, "rm", "-f", "-v", name)
		_, told := io.WriteString(input, "done\n")
		return errors.Join(err, told, input.Close(), shell.Wait())
	}, nil
}
