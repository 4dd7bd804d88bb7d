package main

import (
	"os"
	"strconv"
	"syscall"
)

// tmpfsMagic is the type of file systems in memory (statfs(2)).
const tmpfsMagic = 0x01021994

// roomInMemory tells whether the folder lies in memory and has room for so many bytes, of which the
// machine can spare more than enough.
func roomInMemory(folder string, use, spare uint64) bool {
	var s syscall.Statfs_t
	if syscall.Statfs(folder, &s) != nil || s.Type != tmpfsMagic || s.Bsize <= 0 ||
		s.Bavail*uint64(s.Bsize) < use {
		return false
	}
	text, err := os.ReadFile("/proc/meminfo")
	if err != nil {
		return false
	}
	available, err := strconv.ParseUint(lineOf(string(text), "MemAvailable"), 10, 64)
	return err == nil && available<<10 >= spare
}
