//go:build !unix

package engines

import (
	"context"
	"os/exec"
	"syscall"
)

// On other systems no server is started: every engine is missing, and its tests use addresses that
// are given to them.

type signal struct{ name string }

var (
	terminate = signal{"TERM"}
	interrupt = signal{"INT"}
	quit      = signal{"QUIT"}
	kill      = signal{"KILL"}
)

type process struct{ pid int }

func ownGroup(uint32) *syscall.SysProcAttr { return nil }

func foreground(path string, args ...string) *exec.Cmd {
	return exec.CommandContext(context.Background(), path, args...)
}

func startProcess(*exec.Cmd, uint32) (*process, error) { return nil, ErrMissing }

func (p *process) ended() bool       { return true }
func (p *process) send(signal) error { return nil }
func (p *process) kill() error       { return nil }
func (p *process) pause() error      { return nil }
func (p *process) resume() error     { return nil }

func unprivileged(...string) (uint32, error) { return 0, ErrMissing }

func giveTo(uint32, string) error { return nil }
