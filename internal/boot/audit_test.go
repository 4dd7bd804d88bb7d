package boot_test

import (
	"errors"
	"io/fs"
	"testing"
	"time"

	"ticketflow/internal/app/audit"
	"ticketflow/internal/boot"
	"ticketflow/internal/config"
	"ticketflow/internal/domain/booking"
	"ticketflow/internal/outbound/sqlite"
)

func TestAuditOfARunningAndAStoppedLedger(t *testing.T) {
	dir := t.TempDir()
	store, err := sqlite.Open(t.Context(), dir, sqlite.Options{Clock: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	for _, state := range []string{"running", "stopped"} {
		r, err := boot.Audit(t.Context(), dir, config.Cluster{}, audit.Options{})
		if err != nil || !r.OK {
			t.Errorf("%s: %+v, %v", state, r, err)
		}
		if err := store.Close(); err != nil { // the second time it is closed already
			t.Fatal(err)
		}
	}
	lost := booking.OrderID{Event: 1}.String()
	r, err := boot.Audit(t.Context(), dir, config.Cluster{},
		audit.Options{Acknowledged: []string{lost}})
	if err != nil || r.OK {
		t.Errorf("an order that was answered and isn't there: %+v, %v", r, err)
	}
}

func TestAuditOfNoLedger(t *testing.T) {
	if _, err := boot.Audit(t.Context(), t.TempDir(), config.Cluster{},
		audit.Options{}); !errors.Is(
		err, fs.ErrNotExist) {
		t.Errorf("an empty folder: %v", err)
	}
}
