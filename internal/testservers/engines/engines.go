// Package engines starts the real servers that the cluster profile's tests need: PostgreSQL, Redis
// and RabbitMQ, and Stripe's mock server, each private to its caller, on a free loopback port, with
// a folder of its own. It starts what is installed, or containers where Docker is, and installs
// nothing.
//
// A server ends with its Close, and also when the process that started it dies in whatever way: a
// small shell beside it waits for the end of a pipe and then ends the server and removes its
// folder.
package engines

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"
)

// ErrMissing says that a server is not installed on this machine.
var ErrMissing = errors.New("not installed")

const (
	startLimit     = 90 * time.Second // RabbitMQ on a busy machine with two cores
	stopLimit      = 30 * time.Second
	probeLimit     = 5 * time.Second
	pollInterval   = 20 * time.Millisecond
	maxStarts      = 3 // a free port can be taken by somebody else before the server has it
	maxLogTailSize = 4 << 10
	folderMode     = 0o700
	secretMode     = 0o600
)

// Server is one running server, or one that was stopped and can be started again on the same port
// and folder. Its methods are for one goroutine at a time.
type Server struct {
	// URL is where clients connect to, with user and password where there are any.
	URL string
	// AdminURL is the address of RabbitMQ's management API; empty where there is none.
	AdminURL string

	engine    engine
	folder    string
	port      int
	guard     *guard
	process   *process
	container *container // in place of all these
}

// engine is what differs between the kinds of server.
type engine struct {
	name string
	// command is the server in the foreground; it is not started yet.
	command func(s *Server) *exec.Cmd
	// prepare fills the new, empty folder and sets the URLs.
	prepare func(ctx context.Context, s *Server) error
	// ready tells whether the server answers.
	ready func(ctx context.Context, s *Server) error
	// stop asks for an ordered end, abort for one without losing acknowledged work.
	stop, abort signal
	// asUser is whom the server runs as when we are root; 0 leaves it as it is.
	asUser uint32
}

// launch makes a folder, prepares it and starts the server.
func launch(ctx context.Context, e engine) (*Server, error) {
	var problems []error
	for range maxStarts {
		s, err := launchOnce(ctx, e)
		if err == nil {
			return s, nil
		}
		problems = append(problems, err)
		if ctx.Err() != nil || errors.Is(err, ErrMissing) {
			break
		}
	}
	return nil, fmt.Errorf("start %s: %w", e.name, errors.Join(problems...))
}

func launchOnce(ctx context.Context, e engine) (s *Server, err error) {
	s = &Server{engine: e}
	if s.folder, err = os.MkdirTemp("", "ticketflow-"+e.name+"-"); err != nil {
		return nil, err
	}
	if s.guard, err = newGuard(s.folder, e.abort); err != nil {
		return nil, errors.Join(err, os.RemoveAll(s.folder))
	}
	if s.port, err = freePort(ctx); err == nil {
		if err = giveTo(e.asUser, s.folder); err == nil {
			err = e.prepare(ctx, s)
		}
	}
	if err == nil {
		err = s.Start(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// Start runs the server on its port and folder and returns when it answers. It is for a server
// that was stopped or killed.
func (s *Server) Start(ctx context.Context) error {
	if s.container != nil {
		return s.container.start(ctx, s)
	}
	if s.process != nil {
		return fmt.Errorf("%s runs already", s.engine.name)
	}
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	for {
		err := s.startOnce(ctx)
		if err == nil || ctx.Err() != nil || !errors.Is(err, errEnded) || !s.startsAgain() {
			return err
		}
		// The children of a killed server may hold on to its folder for a moment.
		if err := pause(ctx); err != nil {
			return err
		}
	}
}

// startsAgain tells whether a failed start is worth another try: after a kill only, since the
// first start of a folder fails for good.
func (s *Server) startsAgain() bool {
	_, err := os.Stat(filepath.Join(s.folder, ranBefore))
	return err == nil
}

// ranBefore is a mark in the folder of a server that has been ready once.
const ranBefore = "ran-before"

var errEnded = errors.New("the server ended instead of answering")

func (s *Server) startOnce(ctx context.Context) error {
	command := s.engine.command(s)
	command.Dir = s.folder
	log, err := os.OpenFile(s.logName(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, secretMode)
	if err != nil {
		return err
	}
	defer log.Close()
	command.Stdout, command.Stderr = log, log
	if s.process, err = startProcess(command, s.engine.asUser); err != nil {
		return fmt.Errorf("start %s: %w", command.Path, err)
	}
	if err := s.guard.watch(s.process.pid); err != nil {
		return errors.Join(err, s.Kill())
	}
	for {
		err := s.probe(ctx)
		if err == nil {
			return os.WriteFile(filepath.Join(s.folder, ranBefore), nil, secretMode)
		}
		if s.process.ended() {
			return errors.Join(errEnded, s.Kill(), s.logTail())
		}
		if pause(ctx) != nil {
			return fmt.Errorf("%s does not answer within %s: %w",
				s.engine.name, startLimit, errors.Join(err, s.Kill(), s.logTail()))
		}
	}
}

func (s *Server) probe(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, probeLimit)
	defer cancel()
	return s.engine.ready(ctx, s)
}

func (s *Server) logName() string { return filepath.Join(s.folder, "server.log") }

// logTail gives the end of the server's log as an error, for whoever asks why it did not start.
func (s *Server) logTail() error {
	text, err := os.ReadFile(s.logName())
	if err != nil {
		return err
	}
	return fmt.Errorf("its log ends with:\n%s", text[max(0, len(text)-maxLogTailSize):])
}

// Stop asks the server to end in order and waits for it; after a time-out it is killed and an
// error returned. Clients are not waited for.
func (s *Server) Stop() error {
	if s.container != nil {
		return s.container.step("stop")
	}
	return s.end(s.engine.stop)
}

// StopImmediate ends PostgreSQL without a checkpoint, as `pg_ctl stop -m immediate` does: the next
// start has to recover from the log. The others are killed.
func (s *Server) StopImmediate() error {
	if s.container != nil {
		return s.container.stopImmediate()
	}
	return s.end(s.engine.abort)
}

func (s *Server) end(sig signal) error {
	if s.process == nil {
		return nil
	}
	if err := s.process.send(sig); err != nil {
		return errors.Join(err, s.Kill())
	}
	ctx, cancel := context.WithTimeout(context.Background(), stopLimit)
	defer cancel()
	for !s.process.ended() {
		if pause(ctx) != nil {
			return errors.Join(fmt.Errorf("%s did not stop within %s", s.engine.name, stopLimit),
				s.Kill())
		}
	}
	return s.Kill() // what else is in its process group
}

// Kill ends the server and its children at once, as a crash would (SIGKILL), and waits.
func (s *Server) Kill() error {
	if s.container != nil {
		return s.container.step("kill")
	}
	if s.process == nil {
		return nil
	}
	err := s.process.kill()
	s.process = nil
	return errors.Join(err, s.guard.watch(0))
}

// Pause stops the server and its children from running (SIGSTOP); connections stay open.
func (s *Server) Pause() error {
	if s.container != nil {
		return s.container.step("pause")
	}
	if s.process == nil {
		return fmt.Errorf("%s does not run", s.engine.name)
	}
	return s.process.pause()
}

// Resume lets a paused server go on (SIGCONT).
func (s *Server) Resume() error {
	if s.container != nil {
		return s.container.step("unpause")
	}
	if s.process == nil {
		return fmt.Errorf("%s does not run", s.engine.name)
	}
	return s.process.resume()
}

// Close ends the server and removes its folder.
func (s *Server) Close() error {
	if s.container != nil {
		return s.container.close()
	}
	var err error
	if s.process != nil {
		err = errors.Join(s.process.resume(), s.end(s.engine.abort))
	}
	return errors.Join(err, s.guard.done(), os.RemoveAll(s.folder))
}

// pause waits a moment, or fails when ctx is over.
func pause(ctx context.Context) error {
	timer := time.NewTimer(pollInterval)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// freePort gives a loopback port that nobody listens on now.
func freePort(ctx context.Context) (int, error) {
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	_, port, err := net.SplitHostPort(listener.Addr().String())
	if err := errors.Join(err, listener.Close()); err != nil {
		return 0, err
	}
	return strconv.Atoi(port)
}

// find gives the first program that exists of a list of paths and names. Names are looked up in
// PATH.
func find(candidates ...string) (string, error) {
	for _, candidate := range candidates {
		if path, err := exec.LookPath(candidate); err == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("%s: %w", filepath.Base(candidates[0]), ErrMissing)
}

// loopback writes the address of a port of this machine.
func loopback(port int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) }
