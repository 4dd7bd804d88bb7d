//go:build !unix

package rush

import "time"

// raiseFileLimit has nothing to raise here.
func raiseFileLimit(int) error { return nil }

// cpuTime is not known here.
func cpuTime() time.Duration { return 0 }
