//go:build unix

package gallery

import "syscall"

// smallWindow makes the system keep as little as it can for a reader that doesn't read.
func smallWindow(_, _ string, c syscall.RawConn) error {
	var failed error
	err := c.Control(func(fd uintptr) {
		failed = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVBUF, slowWindow)
	})
	if err != nil {
		return err
	}
	return failed
}
