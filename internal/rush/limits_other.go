//go:build !unix

package rush

import "time"

// RaiseFileLimit has nothing to raise here.
func RaiseFileLimit(int, string) error { return nil }

// CPUTime is not known here.
func CPUTime() time.Duration { return 0 }
