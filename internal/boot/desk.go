package boot

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"time"

	"ticketflow/internal/app/command"
	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/catalog"
)

func (a *App) newDesk(changed func(*booking.Book)) *command.Desk {
	return command.NewDesk(a.store, a.store.lanes, changed, command.WhenInDoubt(a.refresh),
		command.PauseWhenBusy(chance, time.Sleep), command.LogTo(a.logger))
}

// chance draws from [0, 1).
func chance() float64 {
	var raw [8]byte
	_, _ = rand.Read(raw[:]) // never fails
	return float64(binary.BigEndian.Uint64(raw[:])>>11) / (1 << 53)
}

// refresh brings an event's board up to the ledger in the background: the desk must not wait. The
// desk ends before the background, and the background before the ledger.
func (a *App) refresh(id catalog.EventID) {
	a.background.Go(func() { a.boards.Refresh(context.Background(), id) })
}
