//go:build unix

package engines

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

// signal is a way to ask a server to end, with the shell's name for it.
type signal struct {
	number syscall.Signal
	name   string
}

var (
	terminate = signal{syscall.SIGTERM, "TERM"}
	interrupt = signal{syscall.SIGINT, "INT"}
	quit      = signal{syscall.SIGQUIT, "QUIT"}
	kill      = signal{syscall.SIGKILL, "KILL"}
)

// process is a child that leads a process group of its own. No goroutine waits for it, so that a
// test that counts goroutines doesn't count ours.
type process struct {
	pid  int
	gone bool
}

// ownGroup keeps the terminal's signals away from a child, and lets it run as another user.
func ownGroup(uid uint32) *syscall.SysProcAttr {
	attributes := &syscall.SysProcAttr{Setpgid: true}
	if uid != 0 {
		attributes.Credential = &syscall.Credential{Uid: uid, Gid: groupOf(uid)}
	}
	return attributes
}

// foreground is a command that ends by our own means, not with a context.
func foreground(path string, args ...string) *exec.Cmd {
	//nolint:gosec // a server that was found in the places where servers are
	return exec.CommandContext(context.Background(), path, args...)
}

func startProcess(command *exec.Cmd, uid uint32) (*process, error) {
	command.SysProcAttr = ownGroup(uid)
	if err := command.Start(); err != nil {
		return nil, err
	}
	p := &process{pid: command.Process.Pid}
	return p, command.Process.Release()
}

// ended tells whether the child has ended; if so it has been waited for.
func (p *process) ended() bool {
	if !p.gone {
		pid, err := wait(p.pid, syscall.WNOHANG)
		p.gone = pid == p.pid || errors.Is(err, syscall.ECHILD)
	}
	return p.gone
}

func wait(pid, options int) (got int, err error) {
	for {
		got, err = syscall.Wait4(pid, nil, options, nil)
		if !errors.Is(err, syscall.EINTR) {
			return got, err
		}
	}
}

func (p *process) send(sig signal) error {
	if p.ended() {
		return nil
	}
	return ignoreGone(syscall.Kill(p.pid, sig.number))
}

// kill ends the group and the children in groups of their own, and waits for the child.
func (p *process) kill() error {
	var below []int
	if !p.ended() {
		below = children(p.pid)
	}
	err := ignoreGone(syscall.Kill(-p.pid, syscall.SIGKILL))
	if !p.gone {
		_, failed := wait(p.pid, 0)
		p.gone = true
		err = errors.Join(err, failed)
	}
	return errors.Join(err, sendAll(below, syscall.SIGKILL))
}

// pause stops the parent first, so that it can't have further children meanwhile.
func (p *process) pause() error {
	if err := syscall.Kill(-p.pid, syscall.SIGSTOP); err != nil {
		return err
	}
	return sendAll(children(p.pid), syscall.SIGSTOP)
}

func (p *process) resume() error {
	if p.ended() {
		return nil
	}
	return errors.Join(sendAll(children(p.pid), syscall.SIGCONT),
		ignoreGone(syscall.Kill(-p.pid, syscall.SIGCONT)))
}

func sendAll(pids []int, sig syscall.Signal) error {
	var failed error
	for _, pid := range pids {
		failed = errors.Join(failed, ignoreGone(syscall.Kill(pid, sig)))
	}
	return failed
}

func ignoreGone(err error) error {
	if errors.Is(err, syscall.ESRCH) {
		return nil
	}
	return err
}

// children gives the direct children of a process: PostgreSQL's have groups of their own. Where
// the system has no /proc it asks ps.
func children(parent int) []int {
	names, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil || len(names) == 0 {
		return childrenByPs(parent)
	}
	var found []int
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			continue // it has ended since
		}
		// The program's name stands in brackets and may hold anything; after it come the state
		// and the parent (proc(5)).
		_, rest, _ := strings.Cut(string(text[max(0, strings.LastIndex(string(text), ")")):]), " ")
		fields := strings.Fields(rest)
		if len(fields) > 1 && fields[1] == strconv.Itoa(parent) {
			pid, err := strconv.Atoi(filepath.Base(filepath.Dir(name)))
			if err == nil {
				found = append(found, pid)
			}
		}
	}
	return found
}

func childrenByPs(parent int) []int {
	output, err := foreground("ps", "-A", "-o", "pid=,ppid=").Output()
	if err != nil {
		return nil
	}
	var found []int
	for line := range strings.Lines(string(output)) {
		fields := strings.Fields(line)
		if len(fields) != 2 || fields[1] != strconv.Itoa(parent) {
			continue
		}
		if pid, err := strconv.Atoi(fields[0]); err == nil {
			found = append(found, pid)
		}
	}
	return found
}

// unprivileged is whom a server that refuses root runs as: 0 where we aren't root.
func unprivileged(names ...string) (uint32, error) {
	if os.Geteuid() != 0 {
		return 0, nil
	}
	for _, name := range append(slices.Clone(names), "nobody") {
		if found, err := user.Lookup(name); err == nil {
			uid, err := strconv.ParseUint(found.Uid, 10, 32)
			return uint32(uid), err
		}
	}
	return 0, fmt.Errorf("none of the users %s and nobody exists", strings.Join(names, ", "))
}

func groupOf(uid uint32) uint32 {
	found, err := user.LookupId(strconv.FormatUint(uint64(uid), 10))
	if err != nil {
		return uid
	}
	gid, err := strconv.ParseUint(found.Gid, 10, 32)
	if err != nil {
		return uid
	}
	return uint32(gid)
}

// giveTo makes a user the owner of a file or folder.
func giveTo(uid uint32, name string) error {
	if uid == 0 {
		return nil
	}
	return os.Chown(name, int(uid), int(groupOf(uid)))
}
