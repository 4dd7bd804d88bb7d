package outbox

import (
	"encoding/binary"
	"io"
	"time"
)

// Backoff is how long somebody waits who has failed: twice as long each time, up to a limit, and a
// random part shorter, so that many who failed together don't come back together. It belongs to one
// goroutine.
type Backoff struct {
	least, most time.Duration
	random      io.Reader
	next        time.Duration
}

// NewBackoff makes one that starts at least and ends at most; random must deliver.
func NewBackoff(least, most time.Duration, random io.Reader) *Backoff {
	return &Backoff{least: least, most: most, random: random, next: least}
}

// Next is the pause after one more failure: between half of the step and the step.
func (b *Backoff) Next() time.Duration {
	step := b.next
	b.next = min(2*step, b.most)
	var draw [4]byte
	if _, err := io.ReadFull(b.random, draw[:]); err != nil {
		return step // without chance the pause is the whole step
	}
	part := float64(binary.BigEndian.Uint32(draw[:])) / (1 << 32)
	return step/2 + time.Duration(part*float64(step-step/2))
}

// Reset starts again at the least pause: something has worked.
func (b *Backoff) Reset() { b.next = b.least }
