package engines

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// stripeMockModule pins stripe-mock, below the module's root.
const stripeMockModule = "tools/stripemock/go.mod"

// StripeMock starts Stripe's own mock server: it checks requests against Stripe's description of
// its API, and remembers nothing. The go command builds it, from the module proxy the first time.
func StripeMock(ctx context.Context) (*Server, error) {
	path, err := buildStripeMock(ctx)
	if err != nil {
		return nil, err
	}
	return launch(ctx, engine{
		name: "stripe-mock",
		prepare: func(_ context.Context, s *Server) error {
			s.URL = "http://" + loopback(s.port)
			return nil
		},
		command: func(s *Server) *exec.Cmd {
			return foreground(path, "-http-addr", loopback(s.port))
		},
		ready: func(ctx context.Context, s *Server) error {
			r, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL+"/v1/balance", nil)
			if err != nil {
				return err
			}
			r.Header.Set("Authorization", "Bearer sk_test_ready")
			answer, err := http.DefaultClient.Do(r)
			if err != nil {
				return err
			}
			http.DefaultClient.CloseIdleConnections()
			return answer.Body.Close()
		},
		stop:  terminate,
		abort: kill, // there is nothing on its disk
	})
}

// buildStripeMock gives the path of the program in the go command's cache.
func buildStripeMock(ctx context.Context) (string, error) {
	tool, err := find("go")
	if err != nil {
		return "", err
	}
	module, err := upwards(stripeMockModule)
	if err != nil {
		return "", err
	}
	//nolint:gosec // the program is go, and the path one of this repository
	build := exec.CommandContext(ctx, tool, "tool", "-modfile="+module, "-n", "stripe-mock")
	build.Dir = filepath.Dir(filepath.Dir(filepath.Dir(module)))
	output, err := build.Output()
	if failed, ok := errors.AsType[*exec.ExitError](err); ok {
		return "", fmt.Errorf("build stripe-mock: %w\n%s", err, failed.Stderr)
	}
	return strings.TrimSpace(string(output)), err
}

// upwards finds a file of the module from a folder within it, which is where tests run.
func upwards(name string) (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if _, err := os.Stat(path); err == nil {
			return path, nil
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", fmt.Errorf("%s is not above %s", name, dir)
		}
		dir = parent
	}
}
