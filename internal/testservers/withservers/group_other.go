//go:build !unix

package main

import (
	"os"
	"syscall"
)

func ownGroup() *syscall.SysProcAttr { return nil }

// signalGroup can only end the process itself on this system.
func signalGroup(leader *os.Process, _ syscall.Signal) error { return leader.Kill() }
