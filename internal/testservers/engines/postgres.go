package engines

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
)

// PostgreSQL starts a cluster of its own with fsync on. The user of its URL may create databases;
// the database is "postgres".
func PostgreSQL(ctx context.Context) (*Server, error) { return postgres(ctx, initCluster) }

// postgres starts a server whose cluster folder is made by fill.
func postgres(
	ctx context.Context, fill func(ctx context.Context, s *Server, bin string) error,
) (*Server, error) {
	bin, err := postgresFolder()
	if err != nil {
		return nil, err
	}
	uid, err := unprivileged("postgres")
	if err != nil {
		return nil, err
	}
	return launch(ctx, engine{
		name:    "postgres",
		prepare: func(ctx context.Context, s *Server) error { return fill(ctx, s, bin) },
		command: func(s *Server) *exec.Cmd {
			return foreground(filepath.Join(bin, "postgres"), "-D", clusterFolder(s),
				"-p", strconv.Itoa(s.port), "-c", "listen_addresses=127.0.0.1",
				// No socket: its path would have to be short, and TCP is what production uses.
				"-c", "unix_socket_directories=", "-c", "fsync=on", "-c", "max_connections=200")
		},
		ready:  func(ctx context.Context, s *Server) error { return PostgreSQLAnswers(ctx, s.URL) },
		stop:   interrupt, // "fast": SIGTERM would wait for the clients
		abort:  quit,
		asUser: uid,
	})
}

// postgresFolder finds initdb and postgres: in PATH, or the highest version where the
// distributions put them.
func postgresFolder() (string, error) {
	candidates := []string{"initdb"}
	installed, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if err != nil {
		return "", err
	}
	more, err := filepath.Glob("/usr/pgsql-*/bin/initdb")
	if err != nil {
		return "", err
	}
	installed = append(installed, more...)
	slices.SortFunc(installed, func(a, b string) int { return version(b) - version(a) })
	path, err := find(append(candidates, installed...)...)
	if err != nil {
		return "", err
	}
	// Beside the real file, not beside a link to it in a folder of links.
	if path, err = filepath.EvalSymlinks(path); err != nil {
		return "", err
	}
	return filepath.Dir(path), nil
}

// version is the number in /usr/lib/postgresql/15/bin/initdb, 0 where there is none.
func version(path string) int {
	name := filepath.Base(filepath.Dir(filepath.Dir(path)))
	number, err := strconv.Atoi(strings.TrimPrefix(name, "pgsql-"))
	if err != nil {
		return 0
	}
	return number
}

func clusterFolder(s *Server) string { return filepath.Join(s.folder, "cluster") }

func initCluster(ctx context.Context, s *Server, bin string) error {
	password := rand.Text()
	file := filepath.Join(s.folder, "password")
	if err := os.WriteFile(file, []byte(password+"\n"), secretMode); err != nil {
		return err
	}
	if err := giveTo(s.engine.asUser, file); err != nil {
		return err
	}
	//nolint:gosec // the program that was found above
	command := exec.CommandContext(ctx, filepath.Join(bin, "initdb"), "--pgdata="+clusterFolder(s),
		"--username=ticketflow", "--pwfile="+file, "--auth=password", "--encoding=UTF8",
		"--locale=C", "--no-sync") // a folder that is lost is made anew
	command.Dir = s.folder
	command.SysProcAttr = ownGroup(s.engine.asUser)
	if output, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w: %s", err, output)
	}
	address := url.URL{
		Scheme: "postgres", User: url.UserPassword("ticketflow", password),
		Host: loopback(s.port), Path: "/postgres", RawQuery: "sslmode=disable",
	}
	s.URL = address.String()
	return nil
}

// PostgreSQLAnswers fails unless the server at that address lets us in.
func PostgreSQLAnswers(ctx context.Context, address string) error {
	conn, err := pgx.Connect(ctx, address)
	if err != nil {
		return err
	}
	return errors.Join(conn.Ping(ctx), conn.Close(ctx))
}
