package testservers

import (
	"context"
	"errors"
	"testing"

	"ticketflow/internal/testservers/engines"
)

// Server is a server of one test's own. What goes wrong with it fails the test. Its methods are
// for one goroutine at a time; they may be called from another than the test's.
type Server struct {
	URL string // where clients connect to; it stays the same over stops and starts

	tb     testing.TB
	server *engines.Server
}

// StartPostgreSQL starts a cluster with fsync on, for this test alone.
func StartPostgreSQL(tb testing.TB) *Server {
	tb.Helper()
	return private(tb, engines.PostgreSQL, engines.PostgreSQLImage())
}

// StartRedis starts a server without persistence, for this test alone.
func StartRedis(tb testing.TB) *Server {
	tb.Helper()
	return private(tb, engines.Redis, engines.RedisImage())
}

// StartRabbitMQ starts a broker for this test alone. It takes seconds.
func StartRabbitMQ(tb testing.TB) *Server {
	tb.Helper()
	return private(tb, engines.RabbitMQ, engines.RabbitMQImage())
}

// StartStripeMock starts Stripe's own mock server for this test alone. The go command brings it, so
// no test is skipped for want of it where tests are run with that.
func StartStripeMock(tb testing.TB) *Server {
	tb.Helper()
	ctx, cancel := context.WithTimeout(tb.Context(), startLimit)
	defer cancel()
	server, err := engines.StripeMock(ctx)
	if err != nil {
		missing(tb, err)
	}
	return owned(tb, server)
}

func private(tb testing.TB, start starter, image engines.Image) *Server {
	tb.Helper()
	skipEmbedded(tb)
	ctx, cancel := context.WithTimeout(tb.Context(), startLimit)
	defer cancel()
	server, err := start(ctx)
	if errors.Is(err, engines.ErrMissing) && engines.DockerUsable(ctx, docker) {
		server, err = engines.Container(ctx, docker, image)
	}
	if err != nil {
		missing(tb, err)
	}
	return owned(tb, server)
}

func owned(tb testing.TB, server *engines.Server) *Server {
	tb.Helper()
	s := &Server{URL: server.URL, tb: tb, server: server}
	tb.Cleanup(func() { s.check("close", server.Close()) })
	return s
}

// Follow makes a stopped PostgreSQL a standby of another server, on the port that it had.
func (s *Server) Follow(primary *Server) {
	s.tb.Helper()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(s.tb.Context()), startLimit)
	defer cancel()
	s.check("copy", s.server.Follow(ctx, primary.server))
}

// Promote makes a standby a primary, and returns when it is one.
func (s *Server) Promote() {
	s.tb.Helper()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(s.tb.Context()), setupLimit)
	defer cancel()
	s.check("promote", s.server.Promote(ctx))
}

// Start runs the server again after Stop, StopImmediate or Kill, on the same port and folder, and
// returns when it answers.
func (s *Server) Start() {
	s.tb.Helper()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(s.tb.Context()), startLimit)
	defer cancel()
	s.check("start", s.server.Start(ctx))
}

// Stop ends the server in order, without waiting for its clients, and returns when it has ended.
func (s *Server) Stop() {
	s.tb.Helper()
	s.check("stop", s.server.Stop())
}

// StopImmediate ends PostgreSQL as `pg_ctl stop -m immediate` does: the next start recovers from
// the log. Other servers are killed.
func (s *Server) StopImmediate() {
	s.tb.Helper()
	s.check("stop at once", s.server.StopImmediate())
}

// Kill ends the server and its children with SIGKILL.
func (s *Server) Kill() {
	s.tb.Helper()
	s.check("kill", s.server.Kill())
}

// Pause stops the server with SIGSTOP: its connections stay open and nobody answers.
func (s *Server) Pause() {
	s.tb.Helper()
	s.check("pause", s.server.Pause())
}

// Resume lets a paused server go on.
func (s *Server) Resume() {
	s.tb.Helper()
	s.check("resume", s.server.Resume())
}

func (s *Server) check(what string, err error) {
	s.tb.Helper()
	if err != nil {
		s.tb.Errorf("%s the server: %v", what, err)
	}
}
