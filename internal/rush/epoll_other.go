//go:build !linux

package rush

import "errors"

const defaultEngine = EngineGoroutines

// driveEpoll does not exist here; the goroutine engine is the portable one.
func driveEpoll(*loop) error {
	return errors.New("the epoll engine needs Linux")
}
