//go:build unix

package edge

import (
	"errors"
	"io"
	"sync"
	"syscall"
)

const (
	canOffer    = true
	ignoredSize = 512
)

// attempt is one system call on a connection that must not wait. It is reused, because its function
// would be allocated for each write.
type attempt struct {
	b   []byte
	n   int
	err error

	write, read func(fd uintptr) bool
}

var attempts = sync.Pool{New: func() any {
	a := &attempt{}
	a.write = func(fd uintptr) bool {
		a.n, a.err = syscall.Write(int(fd), a.b)
		return true // whatever came out: don't wait
	}
	a.read = func(fd uintptr) bool {
		var ignored [ignoredSize]byte
		a.n, a.err = syscall.Read(int(fd), ignored[:])
		return true
	}
	return a
}}

func offer(c syscall.RawConn, b []byte) (int, error) {
	a := attempts.Get().(*attempt)
	a.b = b
	err := c.Write(a.write)
	if err == nil {
		err = a.err
	}
	n := max(a.n, 0)
	a.b, a.n, a.err = nil, 0, nil
	attempts.Put(a)
	switch {
	case again(err):
		return 0, nil
	case err == nil && n == 0 && len(b) > 0:
		return 0, io.ErrShortWrite
	}
	return n, err
}

// hungUp reads what a viewer sends, which is nothing but the end.
func hungUp(c syscall.RawConn) bool {
	a := attempts.Get().(*attempt)
	err := c.Read(a.read)
	if err == nil {
		err = a.err
	}
	ended := a.n == 0 && err == nil
	a.n, a.err = 0, nil
	attempts.Put(a)
	return ended || err != nil && !again(err)
}

func again(err error) bool {
	return errors.Is(err, syscall.EAGAIN) || errors.Is(err, syscall.EINTR)
}
