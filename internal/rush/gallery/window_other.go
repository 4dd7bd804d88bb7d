//go:build !unix

package gallery

import "syscall"

// smallWindow leaves the window as it is: the server notices later that nobody reads.
func smallWindow(_, _ string, _ syscall.RawConn) error { return nil }
