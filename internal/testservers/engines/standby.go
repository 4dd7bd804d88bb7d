package engines

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/jackc/pgx/v5"
)

// StandbyName is the name by which a primary knows a standby, for synchronous_standby_names.
const StandbyName = "walreceiver"

// Standby starts a copy of a running PostgreSQL server that follows it, as users would with
// pg_basebackup --write-recovery-conf. Whether the primary waits for it is the primary's setting.
func Standby(ctx context.Context, primary *Server) (*Server, error) {
	return postgres(ctx, func(ctx context.Context, s *Server, bin string) error {
		return copyCluster(ctx, s, primary, bin)
	})
}

// Local tells whether the server runs from this machine's own programs, not in a container.
func (s *Server) Local() bool { return s.container == nil }

// Follow makes a stopped server of PostgreSQL a standby of another one, on the port that it had:
// its folder is copied anew.
func (s *Server) Follow(ctx context.Context, primary *Server) error {
	if s.process != nil || !s.Local() {
		return errors.New("only a stopped server of this machine can begin to follow another")
	}
	bin, err := postgresFolder()
	if err != nil {
		return err
	}
	if err := os.RemoveAll(clusterFolder(s)); err != nil {
		return err
	}
	if err := copyCluster(ctx, s, primary, bin); err != nil {
		return err
	}
	return s.Start(ctx)
}

// Promote makes a standby a primary, and returns when it is one.
func (s *Server) Promote(ctx context.Context) error {
	conn, err := pgx.Connect(ctx, s.URL)
	if err != nil {
		return err
	}
	var promoted bool
	err = conn.QueryRow(ctx, "SELECT pg_promote()").Scan(&promoted)
	if err == nil && !promoted {
		err = errors.New("the standby was not promoted in time")
	}
	return errors.Join(err, conn.Close(ctx))
}

func copyCluster(ctx context.Context, s, primary *Server, bin string) error {
	//nolint:gosec // a program that was found beside the server
	command := exec.CommandContext(ctx, filepath.Join(bin, "pg_basebackup"),
		"--dbname="+primary.URL, "--pgdata="+clusterFolder(s), "--write-recovery-conf",
		"--wal-method=stream", "--checkpoint=fast", "--no-sync")
	command.Dir = s.folder
	command.SysProcAttr = ownGroup(s.engine.asUser)
	if output, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("pg_basebackup: %w: %s", err, output)
	}
	address, err := url.Parse(primary.URL)
	if err != nil {
		return err
	}
	address.Host = loopback(s.port)
	s.URL = address.String()
	return nil
}
