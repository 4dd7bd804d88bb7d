package sqlite

import (
	"testing"
	"time"

	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/catalog"
)

// TestPanicEndsItsTransaction: whoever catches the panic finds a ledger that works, in which
// nothing of the batch stays.
func TestPanicEndsItsTransaction(t *testing.T) {
	store, err := Open(t.Context(), t.TempDir(), Options{Clock: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	keys := &booking.Keys{Events: []catalog.EventID{1}}
	func() {
		defer func() {
			if recover() != "on purpose" {
				t.Error("the panic didn't go on")
			}
		}()
		_ = store.Update(t.Context(), keys, func(*booking.Book) error { panic("on purpose") })
	}()
	if !store.w.conn.AutocommitEnabled() {
		t.Error("the transaction is open")
	}
	err = store.Update(t.Context(), keys, func(*booking.Book) error { return nil })
	if err != nil {
		t.Errorf("the next batch: %v", err)
	}
}
