package postgres

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"testing"
	"time"

	"ticketflow/internal/app/command"
	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/testservers"
)

// maxResume is how long selling may take to go on after a server is back.
const maxResume = 5 * time.Second

// openFaultHall opens a hall on a store whose server may break.
func openFaultHall(t *testing.T, address string) *benchHall {
	t.Helper()
	store, err := Open(t.Context(), Options{URL: address})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	return openBenchHall(t, store)
}

// hold tries to hold the next place.
func (h *benchHall) hold() (booking.HoldID, error) {
	k := h.key()
	c := &booking.HoldPlaces{ID: booking.HoldID{Event: h.offer.Event().ID, Key: k},
		Offer: h.offer, Revision: 1, Places: []catalog.PlaceNo{h.next}, Answer: h.answer(h.key())}
	h.next++
	return c.ID, h.store.Update(h.b.Context(), c.Keys(), func(b *booking.Book) error {
		return b.Try(c.Decide)
	})
}

// TestRestartOfTheServer ends the server in the middle of its sales, without a checkpoint. What was
// acknowledged is there, and selling goes on by itself.
func TestRestartOfTheServer(t *testing.T) {
	server := testservers.StartPostgreSQL(t)
	h := houseAt(t, server.URL)
	hall := openFaultHall(t, h.database(t))
	var told []booking.HoldID
	for range 20 {
		id, err := hall.hold()
		hall.must(err)
		told = append(told, id)
	}
	if _, err := hall.store.PlaceStates(t.Context(), hall.offer.Event().ID); err != nil {
		t.Errorf("a look before the restart: %v", err)
	}
	server.StopImmediate()
	_, err := hall.store.Hold(t.Context(), told[0])
	if !errors.Is(err, ErrUnreachable) {
		t.Errorf("a look without a server: %v", err)
	}
	for range 5 {
		if _, err := hall.hold(); !errors.Is(err, command.ErrBusy) &&
			!errors.Is(err, command.ErrUnknown) {
			t.Errorf("a hold without a server: %v", err)
		}
	}
	server.Start()
	back := time.Now()
	tries := time.NewTicker(10 * time.Millisecond)
	defer tries.Stop()
	for {
		id, err := hall.hold()
		if err == nil {
			told = append(told, id)
			break
		}
		if time.Since(back) > maxResume {
			t.Fatalf("selling didn't resume in %v: %v", maxResume, err)
		}
		<-tries.C
	}
	t.Logf("selling resumed after %v", time.Since(back))
	if _, err := hall.store.PlaceStates(t.Context(), hall.offer.Event().ID); err != nil {
		t.Errorf("the first look after the restart: %v", err)
	}
	for _, id := range told {
		if _, err := hall.store.Hold(t.Context(), id); err != nil {
			t.Errorf("an acknowledged hold: %v", err)
		}
	}
}

// TestConnectionLostBeforeTheCommit ends the session while the transaction waits for a row.
func TestConnectionLostBeforeTheCommit(t *testing.T) {
	h := newHouse(t)
	address := h.database(t)
	hall := openFaultHall(t, address)
	blocker := newLogWriter(t, address)
	blocker.do("BEGIN; SELECT FROM places WHERE place = 0 FOR UPDATE")
	failed := make(chan error)
	go func() {
		_, err := hall.hold()
		failed <- err
	}()
	awaitLock(hall)
	execute(t, address, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND wait_event_type = 'Lock'`)
	if err := <-failed; !errors.Is(err, command.ErrBusy) || errors.Is(err, command.ErrUnknown) {
		t.Errorf("a session that was ended: %v", err)
	}
	blocker.do("ROLLBACK")
	if _, err := hall.hold(); err != nil {
		t.Errorf("the next hold: %v", err)
	}
}

// TestRowLockedForTooLong shows that a lock has an end.
func TestRowLockedForTooLong(t *testing.T) {
	h := newHouse(t)
	address := h.database(t)
	hall := openFaultHall(t, address)
	blocker := newLogWriter(t, address)
	blocker.do("BEGIN; SELECT FROM places WHERE place = 0 FOR UPDATE")
	if _, err := hall.hold(); !errors.Is(err, command.ErrBusy) || code(err) != codeLockTimeout {
		t.Errorf("a hold that waits for ever: %v", err)
	}
	blocker.do("ROLLBACK")
}

// TestUnknownCommit lets the server fall silent with a COMMIT on its way: the answer is neither yes
// nor no, and the request's own context doesn't matter. Afterwards the ledger knows.
func TestUnknownCommit(t *testing.T) {
	server := testservers.StartPostgreSQL(t)
	h := houseAt(t, server.URL)
	hall := openFaultHall(t, h.database(t))
	hall.store.commitLimit = 300 * time.Millisecond
	k := hall.key()
	c := &booking.HoldPlaces{ID: booking.HoldID{Event: hall.offer.Event().ID, Key: k},
		Offer: hall.offer, Revision: 1, Places: []catalog.PlaceNo{0}, Answer: hall.answer(k)}
	ctx, cancel := context.WithCancel(t.Context())
	err := hall.store.Update(ctx, c.Keys(), func(b *booking.Book) error {
		cancel()
		server.Pause()
		return b.Try(c.Decide)
	})
	server.Resume()
	if !errors.Is(err, command.ErrUnknown) {
		t.Errorf("a commit without an answer: %v", err)
	}
	hall.store.commitLimit = commitLimit
	again := *c
	for err = command.ErrBusy; errors.Is(err, command.ErrBusy); {
		err = hall.store.Update(t.Context(), again.Keys(), func(b *booking.Book) error {
			return b.Try(again.Decide)
		})
	}
	hall.must(err) // the same key finds out: it is either repeated or done now
	found, err := hall.store.Hold(t.Context(), c.ID)
	if err != nil || len(found.Lines) != 1 {
		t.Errorf("the hold: %+v, %v", found, err)
	}
}

// TestCommitWithAWarning treats a COMMIT whose server gave up waiting for a standby as unknown.
func TestCommitWithAWarning(t *testing.T) {
	h := newHouse(t)
	address := h.database(t)
	hall := openFaultHall(t, address)
	execute(t, address, `CREATE FUNCTION warn() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE WARNING 'the standby is gone'; RETURN NULL; END $$;
CREATE CONSTRAINT TRIGGER warn AFTER INSERT ON holds DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW EXECUTE FUNCTION warn()`)
	if _, err := hall.hold(); !errors.Is(err, command.ErrUnknown) {
		t.Errorf("a commit with a warning: %v", err)
	}
}

// TestTwoInstancesMakeTheSameRow lets two instances answer the same idempotency key at once: the
// second one finds the first one's answer.
func TestTwoInstancesMakeTheSameRow(t *testing.T) {
	h := newHouse(t)
	address := h.database(t)
	hall := openFaultHall(t, address)
	other := opened(t, address, nil)
	event := hall.offer.Event().ID
	answer := hall.answer(hall.key())
	wish := func(place catalog.PlaceNo) *booking.HoldPlaces {
		return &booking.HoldPlaces{ID: booking.HoldID{Event: event, Key: hall.key()},
			Offer: hall.offer, Revision: 1, Places: []catalog.PlaceNo{place}, Answer: answer}
	}
	first, second := wish(0), wish(1)
	tries := 0
	err := hall.store.Update(t.Context(), second.Keys(), func(b *booking.Book) error {
		if tries++; tries == 1 {
			hall.must(other.Update(t.Context(), first.Keys(), func(b *booking.Book) error {
				return b.Try(first.Decide)
			}))
		}
		return b.Try(second.Decide)
	})
	hall.must(err)
	if got := fmt.Sprint(second.Made.ID); tries != 2 || got != fmt.Sprint(first.ID) {
		t.Errorf("after %d tries the answer is %v, want %v", tries, got, first.ID)
	}
}

// TestSeveralHosts lets the URL name a server that is gone beside the one that serves.
func TestSeveralHosts(t *testing.T) {
	h := newHouse(t)
	address := h.database(t)
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	u.Host = "127.0.0.1:1," + u.Host
	hall := openFaultHall(t, u.String())
	for range 5 {
		if _, err := hall.hold(); err != nil {
			t.Errorf("a hold: %v", err)
		}
		hall.store.lost()
	}
}

// TestReadOnly lets the server refuse to write, as one does that was taken for the primary. The
// next connection is a new one, and finds out.
func TestReadOnly(t *testing.T) {
	h := newHouse(t)
	address := h.database(t)
	hall := openFaultHall(t, address)
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	database := u.Path[1:]
	execute(t, address, "ALTER DATABASE "+database+" SET default_transaction_read_only = on")
	hall.store.lost()
	if _, err := hall.hold(); !errors.Is(err, command.ErrBusy) || code(err) != codeReadOnly {
		t.Errorf("a hold on a server that takes none: %v", err)
	}
	execute(t, address+"&default_transaction_read_only=off",
		"ALTER DATABASE "+database+" RESET default_transaction_read_only")
	if _, err := hall.hold(); err != nil {
		t.Errorf("the next hold: %v", err)
	}
}

// TestStandby shows that a standby is refused, and is passed over where the URL says to.
func TestStandby(t *testing.T) {
	primary := testservers.StartPostgreSQL(t)
	h := houseAt(t, primary.URL)
	address, err := url.Parse(h.database(t))
	if err != nil {
		t.Fatal(err)
	}
	standby, err := url.Parse(testservers.StartStandby(t, primary).URL)
	if err != nil {
		t.Fatal(err)
	}
	alone := *address
	alone.Host = standby.Host
	if _, err := Open(t.Context(), Options{URL: alone.String()}); !errors.Is(err, ErrStandby) {
		t.Errorf("a standby alone: %v", err)
	}
	alone.Host += "," + address.Host
	alone.RawQuery += "&target_session_attrs=read-write"
	hall := openFaultHall(t, alone.String())
	if _, err := hall.hold(); err != nil {
		t.Errorf("a hold: %v", err)
	}
}
