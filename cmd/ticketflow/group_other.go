//go:build !unix

package main

import "syscall"

// ownGroup changes nothing on this system.
func ownGroup() *syscall.SysProcAttr { return nil }
