//go:build unix

package engines

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const scriptMode = 0o755

// fakeDocker is a program that notes how it is called and does nothing. It stands in for Docker's
// client only: whether the images run is for a machine with Docker to show.
func fakeDocker(t *testing.T) (program string, said func() string) {
	t.Helper()
	folder := t.TempDir()
	program, calls := filepath.Join(folder, "docker"), filepath.Join(folder, "calls")
	script := "#!/bin/sh\necho \"$*\" >> '" + calls + "'\n"
	if err := os.WriteFile(program, []byte(script), scriptMode); err != nil {
		t.Fatal(err)
	}
	return program, func() string {
		text, err := os.ReadFile(calls)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
}

func TestAContainerIsAServer(t *testing.T) {
	docker, said := fakeDocker(t)
	image := PostgreSQLImage()
	image.answers = func(context.Context, string, string) error { return nil }
	s, err := Container(t.Context(), docker, image)
	if err != nil {
		t.Fatal(err)
	}
	restart := func() error { return s.Start(t.Context()) }
	for _, do := range []func() error{
		s.Stop, restart, s.StopImmediate, restart, s.Kill, restart, s.Pause, s.Resume, s.Close,
	} {
		if err := do(); err != nil {
			t.Error(err)
		}
	}
	name := s.container.name
	host := strings.TrimSuffix(strings.TrimPrefix(s.URL, "postgres://ticketflow:ticketflow@"),
		"/postgres?sslmode=disable")
	want := strings.Join([]string{
		"run --detach --name " + name + " --env POSTGRES_USER=ticketflow " +
			"--env POSTGRES_PASSWORD=ticketflow --env POSTGRES_DB=postgres " +
			"--publish " + host + ":5432 postgres:16-alpine -c max_connections=200",
		"stop " + name, "start " + name,
		"kill --signal QUIT " + name, "wait " + name, "start " + name,
		"kill " + name, "start " + name,
		"pause " + name, "unpause " + name,
		"rm --force --volumes " + name, "",
	}, "\n")
	if said() != want {
		t.Errorf("docker was told\n%swant\n%s", said(), want)
	}
}

func TestAContainerThatDoesNotAnswerIsRemoved(t *testing.T) {
	docker, said := fakeDocker(t)
	ctx, cancel := context.WithCancel(t.Context())
	image := RedisImage()
	image.answers = func(context.Context, string, string) error {
		cancel() // whoever waits for it gives up
		return context.Canceled
	}
	if _, err := Container(ctx, docker, image); err == nil {
		t.Fatal("a server that does not answer was handed out")
	}
	if !strings.Contains(said(), "rm --force --volumes ticketflow-test-") {
		t.Errorf("docker was told\n%s", said())
	}
}
