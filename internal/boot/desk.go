package boot

import (
	"context"
	"math/rand/v2"
	"time"

	"ticketflow/internal/app/command"
	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/catalog"
)

func (a *App) newDesk(changed func(*booking.Book)) *command.Desk {
	return command.NewDesk(a.store, ledgerLanes, changed, command.WhenInDoubt(a.refresh),
		command.PauseWhenBusy(rand.Float64, time.Sleep), command.LogTo(a.logger))
}

// refresh brings an event's board up to the ledger in the background: the desk must not wait. The
// desk ends before the background, and the background before the ledger.
func (a *App) refresh(id catalog.EventID) {
	a.background.Go(func() { a.boards.Refresh(context.Background(), id) })
}
