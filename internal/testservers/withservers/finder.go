package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"ticketflow/internal/testservers/engines"
)

const (
	givenLimit = 10 * time.Second
	localLimit = 5 * time.Minute

	dockerLimit = 10 * time.Minute // with the download of an image
)

// kind is one of the servers that the tests need.
type kind struct {
	name     string
	variable string // of the environment: the address
	admin    string // the same for the management API; empty where there is none
	image    engines.Image
	packages []string // Debian's and Ubuntu's
	start    func(context.Context) (*engines.Server, error)
	answers  func(ctx context.Context, address, adminURL string) error
}

// kinds is a function so that nobody changes the list.
func kinds() []kind {
	return []kind{
		{
			name: "PostgreSQL", variable: "TICKETFLOW_TEST_DATABASE_URL",
			image: engines.PostgreSQLImage(), packages: []string{"postgresql"},
			start: engines.PostgreSQL,
			answers: func(ctx context.Context, address, _ string) error {
				return engines.PostgreSQLAnswers(ctx, address)
			},
		},
		{
			name: "Redis", variable: "TICKETFLOW_TEST_REDIS_URL",
			image: engines.RedisImage(), packages: []string{"redis-server"},
			start: engines.Redis,
			answers: func(ctx context.Context, address, _ string) error {
				return engines.RedisCommand(ctx, address, "PING")
			},
		},
		{
			name: "RabbitMQ", variable: "TICKETFLOW_TEST_AMQP_URL",
			admin: "TICKETFLOW_TEST_AMQP_ADMIN_URL",
			image: engines.RabbitMQImage(), packages: []string{"rabbitmq-server"},
			start: engines.ManagedRabbitMQ, answers: engines.RabbitMQAnswers,
		},
	}
}

// server is one that the command can use.
type server struct {
	name        string
	environment []string
	end         func() error
}

// finder looks for servers. The programs' names are fields so that a test can put others there.
type finder struct {
	log         io.Writer
	docker, apt string
	root        bool   // we may install
	system      string // the folder of the machine's files: /
	saying      sync.Mutex
}

func (f *finder) say(format string, args ...any) {
	f.saying.Lock()
	defer f.saying.Unlock()
	fmt.Fprintf(f.log, "withservers: "+format+"\n", args...)
}

// all finds or starts each kind. The servers that run are returned with an error too, so that the
// caller can end them.
func (f *finder) all(ctx context.Context) (servers []server, err error) {
	wanted := kinds()
	for _, source := range []func(context.Context, []kind) ([]server, []kind, error){
		f.given, f.containers, f.local, f.installed,
	} {
		var found []server
		found, wanted, err = source(ctx, wanted)
		servers = append(servers, found...)
		if err == nil {
			err = ctx.Err()
		}
		if err != nil || len(wanted) == 0 {
			return servers, err
		}
	}
	return servers, missing(wanted)
}

// missing says what to do about servers that were found nowhere.
func missing(wanted []kind) error {
	var names, packages, variables []string
	for _, k := range wanted {
		names = append(names, k.name)
		packages = append(packages, k.packages...)
		variables = append(variables, k.variable)
	}
	return fmt.Errorf(`the tests need %s, and it is neither given nor installed. Do one of:
  - start Docker, and run this again
  - install it, for instance: sudo apt-get install %s
  - name a server that may be used for tests in %s
  - make test-embedded, which leaves those tests out`,
		strings.Join(names, " and "), strings.Join(packages, " "), strings.Join(variables, ", "))
}

// given takes the addresses in the environment. One that does not answer is an error: somebody
// meant it.
func (f *finder) given(
	ctx context.Context, wanted []kind,
) (found []server, rest []kind, err error) {
	ctx, cancel := context.WithTimeout(ctx, givenLimit)
	defer cancel()
	for _, k := range wanted {
		address, adminURL := os.Getenv(k.variable), ""
		if address == "" {
			rest = append(rest, k)
			continue
		}
		if k.admin != "" {
			adminURL = os.Getenv(k.admin)
		}
		if err := k.answers(ctx, address, adminURL); err != nil {
			return found, rest, fmt.Errorf("the server that %s names: %w", k.variable, err)
		}
		f.say("%s: as %s says", k.name, k.variable)
		// The environment has it already.
		found = append(found, server{name: k.name, end: func() error { return nil }})
	}
	return found, rest, nil
}

// containers runs what it can in containers; what it can't is left for the next source.
func (f *finder) containers(ctx context.Context, wanted []kind) ([]server, []kind, error) {
	if !engines.DockerUsable(ctx, f.docker) {
		return nil, wanted, nil
	}
	return eachAtOnce(ctx, wanted, dockerLimit, func(ctx context.Context, k kind) (server, error) {
		f.say("%s: a container", k.name)
		started, err := engines.Container(ctx, f.docker, k.image)
		if err != nil {
			f.say("%s: no container (%v), looking further", k.name, err)
			return server{}, engines.ErrMissing
		}
		return k.running(started), nil
	})
}

// local starts what is installed, all at the same time.
func (f *finder) local(ctx context.Context, wanted []kind) ([]server, []kind, error) {
	return eachAtOnce(ctx, wanted, localLimit, func(ctx context.Context, k kind) (server, error) {
		started, err := k.start(ctx)
		if err != nil {
			return server{}, err
		}
		f.say("%s: started the installed one", k.name)
		return k.running(started), nil
	})
}

// running says where a server is and how it is ended.
func (k kind) running(started *engines.Server) server {
	variables := []string{k.variable + "=" + started.URL}
	if k.admin != "" {
		variables = append(variables, k.admin+"="+started.AdminURL)
	}
	return server{name: k.name, environment: variables, end: started.Close}
}

// eachAtOnce starts all kinds side by side. A missing one is left for the next source; another
// error is final.
func eachAtOnce(
	ctx context.Context, wanted []kind, limit time.Duration,
	start func(context.Context, kind) (server, error),
) (found []server, rest []kind, err error) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	servers, problems := make([]server, len(wanted)), make([]error, len(wanted))
	var all sync.WaitGroup
	for i, k := range wanted {
		all.Go(func() { servers[i], problems[i] = start(ctx, k) })
	}
	all.Wait()
	for i, k := range wanted {
		switch {
		case problems[i] == nil:
			found = append(found, servers[i])
		case errors.Is(problems[i], engines.ErrMissing):
			rest = append(rest, k)
		default:
			err = errors.Join(err, fmt.Errorf("%s: %w", k.name, problems[i]))
		}
	}
	return found, rest, err
}
