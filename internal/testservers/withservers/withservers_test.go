package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"ticketflow/internal/testservers/engines"
)

const programs = 0o755

// fake puts a shell script in place of a program. It notes how it was called in the file calls.
func fake(t *testing.T, name, body string) (program, calls string) {
	t.Helper()
	folder := t.TempDir()
	program, calls = filepath.Join(folder, name), filepath.Join(folder, "calls")
	script := "#!/bin/sh\necho \"$*\" >> '" + calls + "'\n" + body + "\n"
	if err := os.WriteFile(program, []byte(script), programs); err != nil {
		t.Fatal(err)
	}
	return program, calls
}

func called(t *testing.T, calls string) string {
	t.Helper()
	text, err := os.ReadFile(calls)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	return string(text)
}

func testKind(answer error) kind {
	return kind{
		name: "Thing", variable: "TICKETFLOW_TEST_THING_URL",
		image:    engines.RedisImage(),
		packages: []string{"thing-server"},
		answers:  func(context.Context, string, string) error { return answer },
		start: func(context.Context) (*engines.Server, error) {
			return nil, engines.ErrMissing
		},
	}
}

func TestGivenAddressesAreTaken(t *testing.T) {
	f := &finder{log: &bytes.Buffer{}}
	t.Setenv("TICKETFLOW_TEST_THING_URL", "thing://here")
	found, rest, err := f.given(t.Context(), []kind{testKind(nil)})
	if err != nil || len(found) != 1 || len(rest) != 0 {
		t.Errorf("got %d found, %d left, %v", len(found), len(rest), err)
	}
	silent := errors.New("nobody there")
	if _, _, err = f.given(t.Context(), []kind{testKind(silent)}); !errors.Is(err, silent) {
		t.Errorf("a given server that does not answer: %v", err)
	}
}

func TestWithoutDockerTheSearchGoesOn(t *testing.T) {
	for name, body := range map[string]string{
		"no daemon":   "exit 1",
		"no registry": `[ "$1" != run ] || exit 125`,
	} {
		t.Run(name, func(t *testing.T) {
			docker, _ := fake(t, "docker", body)
			f := &finder{log: &bytes.Buffer{}, docker: docker}
			found, rest, err := f.containers(t.Context(), []kind{testKind(nil)})
			if err != nil || len(found) != 0 || len(rest) != 1 {
				t.Errorf("got %d found, %d left, %v", len(found), len(rest), err)
			}
		})
	}
}

// system is a folder in place of /, with or without apt's lists of packages.
func system(t *testing.T, lists bool) string {
	t.Helper()
	root := t.TempDir()
	for _, folder := range []string{aptLists, filepath.Dir(policyFile)} {
		if err := os.MkdirAll(filepath.Join(root, folder), programs); err != nil {
			t.Fatal(err)
		}
	}
	if lists {
		list := filepath.Join(root, aptLists, "debian_Packages")
		if err := os.WriteFile(list, nil, programs); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func TestAptInstallsWithoutStartingServices(t *testing.T) {
	const install = "--yes --quiet --no-install-recommends -o DPkg::Lock::Timeout=300 install thing"
	const update = "--yes --quiet --no-install-recommends -o DPkg::Lock::Timeout=300 update"
	for name, c := range map[string]struct {
		lists bool
		fails string
		want  []string
	}{
		"lists are there":   {true, "", []string{install}},
		"lists are missing": {false, "", []string{update, install}},
		"lists are old": {true, `[ "$(wc -l < "${0%/*}/calls")" -gt 1 ] || exit 100`,
			[]string{install, update, install}},
	} {
		t.Run(name, func(t *testing.T) {
			root := system(t, c.lists)
			policyPath := filepath.Join(root, policyFile)
			apt, calls := fake(t, "apt-get",
				"[ \"$RUNLEVEL$DEBIAN_FRONTEND\" = 1noninteractive ] || exit 99\n"+
					"'"+policyPath+"'; [ $? -eq 101 ] || exit 98\n"+c.fails)
			var log bytes.Buffer
			f := &finder{log: &log, root: true, system: root}
			if err := f.install(t.Context(), apt, []string{"thing"}); err != nil {
				t.Fatalf("%v\n%s", err, log.String())
			}
			want := strings.Join(c.want, "\n") + "\n"
			if said := called(t, calls); said != want {
				t.Errorf("apt-get was called with\n%swant\n%s", said, want)
			}
			if _, err := os.Stat(policyPath); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("the policy was left behind: %v", err)
			}
		})
	}
}

func TestAnExistingPolicyStays(t *testing.T) {
	file := filepath.Join(t.TempDir(), "policy-rc.d")
	if err := os.WriteFile(file, []byte("theirs"), programs); err != nil {
		t.Fatal(err)
	}
	undo, err := refuseServices(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := undo(); err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(file); err != nil || string(text) != "theirs" {
		t.Errorf("the machine's policy is %q now, %v", text, err)
	}
}

func TestWhoeverIsNotRootIsToldWhatToDo(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	apt, calls := fake(t, "apt-get", "")
	f := &finder{log: &bytes.Buffer{}, docker: "docker", apt: apt}
	_, rest, err := f.installed(t.Context(), []kind{testKind(nil)})
	if err != nil || len(rest) != 1 || called(t, calls) != "" {
		t.Errorf("got %d left, %v, and apt-get was called: %q", len(rest), err, called(t, calls))
	}
	problem := missing([]kind{testKind(nil)}).Error()
	for _, want := range []string{
		"Thing", "Docker", "apt-get install thing-server", "TICKETFLOW_TEST_THING_URL",
		"make test-embedded",
	} {
		if !strings.Contains(problem, want) {
			t.Errorf("the message does not say %q:\n%s", want, problem)
		}
	}
}

// TestChromiumIsInstalledWhereThatIsOursToDo has a program that apt-get puts into the path.
func TestChromiumIsInstalledWhereThatIsOursToDo(t *testing.T) {
	t.Setenv(engines.ChromiumVariable, "")
	programsFolder := t.TempDir()
	chromium := filepath.Join(programsFolder, "chromium")
	apt, calls := fake(t, "apt-get", "/bin/cp \"$0\" '"+chromium+"'")
	t.Setenv("PATH", programsFolder)
	f := &finder{log: &bytes.Buffer{}, apt: apt, system: system(t, true)}
	if path, err := f.chromium(t.Context()); err == nil ||
		!strings.Contains(err.Error(), "apt-get install chromium") || called(t, calls) != "" {
		t.Errorf("who is not root got %q, %v", path, err)
	}
	f.root = true
	for range 2 { // the second time it is there
		if path, err := f.chromium(t.Context()); err != nil || path != chromium {
			t.Errorf("found %q, %v", path, err)
		}
	}
	if said := called(t, calls); strings.Count(said, "install chromium") != 1 {
		t.Errorf("apt-get was called with\n%s", said)
	}
	t.Setenv(engines.ChromiumVariable, filepath.Join(programsFolder, "gone"))
	if path, err := f.chromium(t.Context()); err == nil {
		t.Errorf("a program that is not there was found at %q", path)
	}
}

func TestTheStatusIsTheCommands(t *testing.T) {
	for script, want := range map[string]int{
		"exit 0": 0, "exit 7": 7, "kill -KILL $$": killedBase + int(syscall.SIGKILL),
		`[ "$GIVEN" = yes ]`: 0,
	} {
		got := runCommand(t.Context(), []string{"sh", "-c", script}, []string{"GIVEN=yes"},
			&bytes.Buffer{})
		if got != want {
			t.Errorf("%q: status %d, want %d", script, got, want)
		}
	}
}

// asCommand makes this test binary run its arguments as withservers' command.
const asCommand = "TICKETFLOW_TEST_IS_WITHSERVERS"

func TestMain(m *testing.M) {
	if os.Getenv(asCommand) != "" {
		// Without the servers, which take seconds.
		ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
		status := runCommand(ctx, os.Args[1:], os.Environ(), os.Stderr)
		stop()
		os.Exit(status)
	}
	os.Exit(m.Run())
}

func TestASignalEndsTheCommandAndWhatItStarted(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	// The grandchild holds the pipe: it is at its end only when both have ended.
	command := exec.CommandContext(t.Context(), self, "sh", "-c", "sleep 600 & echo up; wait")
	command.Env = append(os.Environ(), asCommand+"=1")
	output, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	command.Stderr = os.Stderr
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(output)
	if !lines.Scan() || lines.Text() != "up" {
		t.Fatalf("the command said %q", lines.Text())
	}
	if err := command.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	for lines.Scan() {
		t.Errorf("the command went on: %q", lines.Text())
	}
	if err := command.Wait(); err == nil {
		t.Error("an interrupted command was told as a success")
	}
}
