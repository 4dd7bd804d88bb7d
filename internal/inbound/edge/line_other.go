//go:build !unix

package edge

import "syscall"

// canOffer is false: a line is asked with a short deadline instead.
const canOffer = false

func offer(syscall.RawConn, []byte) (int, error) { return 0, nil }

func hungUp(syscall.RawConn) bool { return false }
