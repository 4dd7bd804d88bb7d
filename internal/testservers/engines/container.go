package engines

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

const (
	dockerInfoLimit = 10 * time.Second
	dockerStepLimit = time.Minute
	answerLimit     = 90 * time.Second
)

// Image is how a server runs in a container.
type Image struct {
	name      string
	options   []string // of docker run
	arguments []string // of the server
	port      int
	adminPort int // 0 where there is none
	address   url.URL
	abort     string // the signal for StopImmediate
	answers   func(ctx context.Context, address, adminURL string) error
}

// PostgreSQLImage is PostgreSQL with fsync on.
func PostgreSQLImage() Image {
	return Image{
		name: "postgres:16-alpine",
		options: []string{
			"--env", "POSTGRES_USER=ticketflow", "--env", "POSTGRES_PASSWORD=ticketflow",
			"--env", "POSTGRES_DB=postgres",
		},
		arguments: []string{"-c", "max_connections=200"},
		port:      5432,
		address: url.URL{
			Scheme: "postgres", User: url.UserPassword("ticketflow", "ticketflow"),
			Path: "/postgres", RawQuery: "sslmode=disable",
		},
		abort: "QUIT",
		answers: func(ctx context.Context, address, _ string) error {
			return PostgreSQLAnswers(ctx, address)
		},
	}
}

// RedisImage is Redis without persistence.
func RedisImage() Image {
	return Image{
		name:      "redis:7-alpine",
		arguments: []string{"redis-server", "--save", "", "--appendonly", "no"},
		port:      6379,
		address:   url.URL{Scheme: "redis"},
		abort:     "KILL",
		answers: func(ctx context.Context, address, _ string) error {
			return RedisCommand(ctx, address, "PING")
		},
	}
}

// RabbitMQImage is RabbitMQ with its management API.
func RabbitMQImage() Image {
	return Image{
		name: "rabbitmq:3.13-management-alpine",
		// The node's name, and with it the folder of its data, follow the host's.
		options:   []string{"--hostname", "ticketflow"},
		port:      5672,
		adminPort: 15672,
		address:   url.URL{Scheme: "amqp", User: url.UserPassword("guest", "guest"), Path: "/"},
		abort:     "KILL",
		answers:   RabbitMQAnswers,
	}
}

// container is the other way to run a Server.
type container struct {
	image  Image
	docker string
	name   string
	shell  *exec.Cmd // removes the container when this process has died
	input  io.WriteCloser
}

// DockerUsable tells whether the program docker reaches its daemon.
func DockerUsable(ctx context.Context, docker string) bool {
	ctx, cancel := context.WithTimeout(ctx, dockerInfoLimit)
	defer cancel()
	c := &container{docker: docker}
	return c.say(ctx, "info", "--format", "{{.ServerVersion}}") == nil
}

// Container runs a server in a container of the program docker, on free ports of this machine. The
// first time, the image is downloaded.
func Container(ctx context.Context, docker string, image Image) (_ *Server, err error) {
	s := &Server{container: &container{
		image: image, docker: docker, name: "ticketflow-test-" + strings.ToLower(rand.Text()),
	}}
	c := s.container
	args := append([]string{"run", "--detach", "--name", c.name}, image.options...)
	publish := func(port int) (string, error) {
		free, err := freePort(ctx)
		// A port of ours, not of Docker's choice: that would be another after a restart.
		args = append(args, "--publish", loopback(free)+":"+strconv.Itoa(port))
		return loopback(free), err
	}
	address := image.address
	if address.Host, err = publish(image.port); err != nil {
		return nil, err
	}
	if image.adminPort != 0 {
		host, err := publish(image.adminPort)
		if err != nil {
			return nil, err
		}
		admin := url.URL{Scheme: "http", User: address.User, Host: host}
		s.AdminURL = admin.String()
	}
	s.URL = address.String()
	if err := c.guard(); err != nil {
		return nil, err
	}
	err = c.say(ctx, append(append(args, image.name), image.arguments...)...)
	if err == nil {
		err = c.waitFor(ctx, s)
	}
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// say runs docker.
func (c *container) say(ctx context.Context, args ...string) error {
	//nolint:gosec // docker with arguments of ours
	output, err := exec.CommandContext(ctx, c.docker, args...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("docker %s: %w: %s", args[0], err, strings.TrimSpace(string(output)))
	}
	return nil
}

// step says something short about the container.
func (c *container) step(args ...string) error {
	ctx, cancel := context.WithTimeout(context.Background(), dockerStepLimit)
	defer cancel()
	return c.say(ctx, append(args, c.name)...)
}

func (c *container) waitFor(ctx context.Context, s *Server) error {
	ctx, cancel := context.WithTimeout(ctx, answerLimit)
	defer cancel()
	for {
		err := c.image.answers(ctx, s.URL, s.AdminURL)
		if err == nil {
			return nil
		}
		if pause(ctx) != nil {
			return fmt.Errorf("%s does not answer within %s: %w", c.image.name, answerLimit, err)
		}
	}
}

func (c *container) start(ctx context.Context, s *Server) error {
	if err := c.step("start"); err != nil {
		return err
	}
	return c.waitFor(ctx, s)
}

func (c *container) stopImmediate() error {
	return errors.Join(c.step("kill", "--signal", c.image.abort), c.step("wait"))
}

func (c *container) guard() error {
	c.shell = foreground("sh", "-c",
		`trap '' HUP INT TERM; read -r done || "$1" rm -f -v "$2"`, "guard", c.docker, c.name)
	c.shell.SysProcAttr = ownGroup(0)
	var err error
	if c.input, err = c.shell.StdinPipe(); err != nil {
		return err
	}
	return c.shell.Start()
}

func (c *container) close() error {
	err := c.step("rm", "--force", "--volumes")
	_, told := io.WriteString(c.input, "done\n")
	return errors.Join(err, told, c.input.Close(), c.shell.Wait())
}
