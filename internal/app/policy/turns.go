package policy

import (
	"context"
	"time"

	"ticketflow/internal/app/outbox"
)

// Turns has one instance of a box office do what would be done once too often by each of them.
type Turns struct {
	leases outbox.Leases
	owner  string
}

// NewTurns makes the turns of one run of an instance, which no other run may be named like.
func NewTurns(leases outbox.Leases, owner string) *Turns { return &Turns{leases, owner} }

// turnTimes is for how many intervals somebody has the turn: so long nobody does the work after an
// instance has crashed.
const turnTimes = 2

// each does something in each interval until ctx ends, except while it is another one's turn. Who
// has the turn keeps it.
func (t *Turns) each(
	ctx context.Context, name string, interval time.Duration, do func(context.Context) error,
	failed func(error),
) {
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			// The others needn't wait for the end of the turn. If this fails, they do.
			_ = t.leases.Release(context.WithoutCancel(ctx), name, t.owner)
			return
		case <-ticker.C:
		}
		ours, err := t.leases.Acquire(ctx, name, t.owner, turnTimes*interval)
		if err == nil && ours {
			err = do(ctx)
		}
		if err != nil && ctx.Err() == nil {
			failed(err)
		}
	}
}
