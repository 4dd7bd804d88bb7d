package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Limits of the servers that a rehearsal starts.
const (
	childReadyLimit = 30 * time.Second
	childStopLimit  = 30 * time.Second
	readyWords      = " is ready at "
)

// child is a server in a process of its own, started from this very program.
type child struct {
	url     string
	process *exec.Cmd
	ended   chan error
}

// startChild runs this program with args, and returns when it has said where it listens.
func startChild(
	ctx context.Context, log io.Writer, env []string, args ...string,
) (*child, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, err
	}
	// The child ends by stop or kill, not with ctx: an interrupted rehearsal still wants its audit.
	c := &child{
		//nolint:gosec // this very program
		process: exec.CommandContext(context.WithoutCancel(ctx), program, args...),
		ended:   make(chan error, 1),
	}
	c.process.Env = append(os.Environ(), env...)
	c.process.Stderr = log
	// Its own process group: an interrupt at the terminal is for the rehearsal to handle.
	c.process.SysProcAttr = ownGroup()
	if _, err := tie(c.process); err != nil {
		return nil, err
	}
	out, err := c.process.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := c.process.Start(); err != nil {
		return nil, fmt.Errorf("start a server: %w", err)
	}
	ready := make(chan string, 1)
	go func() {
		lines := bufio.NewScanner(out)
		for lines.Scan() {
			if _, url, ok := strings.Cut(lines.Text(), readyWords); ok {
				ready <- url
			}
		}
		c.ended <- c.process.Wait()
	}()
	select {
	case c.url = <-ready:
		return c, nil
	case err := <-c.ended:
		return nil, fmt.Errorf("the server ended at once: %w", err)
	case <-time.After(childReadyLimit):
		return nil, errors.Join(errors.New("the server was not ready in time"), c.kill())
	}
}

// stop asks the server to end and waits for it.
func (c *child) stop() error {
	if err := c.process.Process.Signal(syscall.SIGTERM); err != nil {
		return c.kill()
	}
	select {
	case err := <-c.ended:
		return err
	case <-time.After(childStopLimit):
		return errors.Join(errors.New("the server did not stop in time"), c.kill())
	}
}

// kill ends the server at once, as a crash would (kill -9), and waits until it is gone.
func (c *child) kill() error {
	if err := c.process.Process.Kill(); err != nil {
		return err
	}
	if err := <-c.ended; err == nil {
		return errors.New("the server had ended by itself")
	}
	return nil
}

// peakMemoryMB is the most memory that the server has had resident, where the system tells.
func (c *child) peakMemoryMB() float64 { return c.memoryMB("VmHWM:") }

// memoryMB is a line of the process's status in MB, or 0 where the system doesn't tell.
func (c *child) memoryMB(name string) float64 {
	for line := range strings.Lines(c.told("status")) {
		rest, ok := strings.CutPrefix(line, name)
		if !ok {
			continue
		}
		kib, err := strconv.ParseFloat(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 64)
		if err == nil {
			return kib / 1024
		}
	}
	return 0
}

// cpuSeconds is the processor time that the server has used, for itself and in the kernel, or 0
// where the system doesn't tell.
func (c *child) cpuSeconds() float64 {
	// The name comes second, in parentheses, and may contain anything.
	_, rest, _ := strings.Cut(c.told("stat"), ") ")
	fields := strings.Fields(rest)
	if len(fields) <= statSystem {
		return 0
	}
	user, err := strconv.ParseFloat(fields[statUser], 64)
	system, failed := strconv.ParseFloat(fields[statSystem], 64)
	if err != nil || failed != nil {
		return 0
	}
	return (user + system) / statTicks
}

// Fields of /proc/PID/stat, counted from behind the name.
const (
	statUser   = 11
	statSystem = 12
	statTicks  = 100 // a second, on every Linux
)

func (c *child) told(file string) string {
	text, err := os.ReadFile("/proc/" + strconv.Itoa(c.process.Process.Pid) + "/" + file)
	if err != nil {
		return ""
	}
	return string(text)
}
