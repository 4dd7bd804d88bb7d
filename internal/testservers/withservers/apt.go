package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"ticketflow/internal/testservers/engines"
)

const (
	installLimit = 15 * time.Minute
	aptLists     = "var/lib/apt/lists"
	policyFile   = "usr/sbin/policy-rc.d"
	policyMode   = 0o755 // dpkg runs it
)

// policy refuses every start of a service (exit status 101, see invoke-rc.d(8)): what we install
// is started by us, on ports of ours, or not at all.
const policy = "#!/bin/sh\nexit 101\n"

// installed installs what is missing with apt-get, where that is ours to do, and starts it.
func (f *finder) installed(ctx context.Context, wanted []kind) ([]server, []kind, error) {
	apt, err := exec.LookPath(f.apt)
	if err != nil || !f.root {
		return nil, wanted, nil //nolint:nilerr // nothing to install with
	}
	var packages []string
	for _, k := range wanted {
		packages = append(packages, k.packages...)
	}
	if err := f.install(ctx, apt, packages); err != nil {
		return nil, wanted, err
	}
	return f.local(ctx, wanted)
}

// nginx gives the path of nginx, which it installs where that is ours to do; else nothing. Its
// tests are run where it is.
func (f *finder) nginx(ctx context.Context) string {
	path := installedNginx()
	apt, err := exec.LookPath(f.apt)
	if path != "" || err != nil || !f.root {
		return path
	}
	if err := f.install(ctx, apt, []string{"nginx-light"}); err != nil {
		f.say("nginx: %v; its tests are left out", err)
	}
	return installedNginx()
}

func installedNginx() string {
	for _, name := range []string{"nginx", "/usr/sbin/nginx"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}

// chromium gives the path of the browser, which it installs where that is ours to do.
func (f *finder) chromium(ctx context.Context) (string, error) {
	path, err := engines.ChromiumProgram()
	if err == nil || !errors.Is(err, engines.ErrMissing) {
		return path, err
	}
	if apt, err := exec.LookPath(f.apt); err == nil && f.root {
		if err := f.install(ctx, apt, []string{"chromium", "fonts-roboto-unhinted"}); err != nil {
			return "", err
		}
		return engines.ChromiumProgram()
	}
	return "", fmt.Errorf(`the tests of the pages need Chromium (%w). Do one of:
  - install it, for instance: sudo apt-get install chromium
  - name the program in %s
  - make test-embedded, which leaves those tests out`, err, engines.ChromiumVariable)
}

func (f *finder) install(ctx context.Context, apt string, packages []string) (err error) {
	ctx, cancel := context.WithTimeout(ctx, installLimit)
	defer cancel()
	allow, err := refuseServices(filepath.Join(f.system, policyFile))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, allow()) }()
	lists, err := filepath.Glob(filepath.Join(f.system, aptLists, "*_Packages*"))
	if err != nil {
		return err
	}
	if len(lists) > 0 {
		err := f.aptGet(ctx, apt, append([]string{"install"}, packages...)...)
		if err == nil || ctx.Err() != nil {
			return err
		}
		f.say("the package lists may be old: fetching them anew")
	}
	if err := f.aptGet(ctx, apt, "update"); err != nil {
		return err
	}
	return f.aptGet(ctx, apt, append([]string{"install"}, packages...)...)
}

// aptGet runs apt-get without questions and shows what it says.
func (f *finder) aptGet(ctx context.Context, apt string, args ...string) error {
	f.say("%s %v", f.apt, args)
	args = append([]string{
		"--yes", "--quiet", "--no-install-recommends", "-o", "DPkg::Lock::Timeout=300",
	}, args...)
	//nolint:gosec // apt-get with packages of our list
	command := exec.CommandContext(ctx, apt, args...)
	command.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive", "RUNLEVEL=1")
	command.Stdout, command.Stderr = f.log, f.log
	if err := command.Run(); err != nil {
		return fmt.Errorf("apt-get %v: %w", args, err)
	}
	return nil
}

// refuseServices puts the policy in place, unless the machine has one, and gives what undoes it.
func refuseServices(file string) (undo func() error, err error) {
	if _, err := os.Lstat(file); err == nil {
		return func() error { return nil }, nil
	}
	if err := os.WriteFile(file, []byte(policy), policyMode); err != nil {
		return nil, fmt.Errorf("keep services from being started: %w", err)
	}
	return func() error { return os.Remove(file) }, nil
}
