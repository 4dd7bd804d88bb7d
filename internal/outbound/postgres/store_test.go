package postgres

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"ticketflow/internal/app/command"
	"ticketflow/internal/app/query"
	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/outbound/contract"
	"ticketflow/internal/testservers"
)

func TestMigrationsRunOnce(t *testing.T) {
	address := testservers.PostgreSQL(t)
	ctx := t.Context()
	if store, err := Open(ctx, Options{URL: address}); !errors.Is(err, ErrNotMigrated) {
		t.Errorf("an empty database: %v", err)
		_ = store.Close()
	}
	before, err := Status(ctx, address)
	if err != nil || len(before) == 0 || before[0].Applied {
		t.Errorf("status of an empty database: %+v, %v", before, err)
	}
	const instances = 3
	var all sync.WaitGroup
	applied := make([][]int64, instances)
	for i := range instances {
		all.Go(func() {
			versions, err := Migrate(ctx, address)
			if err != nil {
				t.Errorf("instance %d: %v", i, err)
			}
			applied[i] = versions
		})
	}
	all.Wait()
	once := slices.Concat(applied...)
	slices.Sort(once)
	if len(once) != len(before) || len(slices.Compact(once)) != len(before) {
		t.Errorf("the instances have applied %v", applied)
	}
	after, err := Status(ctx, address)
	if err != nil || !after[len(after)-1].Applied || after[0].AppliedAt.IsZero() {
		t.Errorf("status afterwards: %+v, %v", after, err)
	}
	// A later release has been deployed: this one goes on.
	execute(t, address, "INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, true)")
	store := opened(t, address, nil)
	if err := errors.Join(store.Close(), store.Close()); err != nil {
		t.Error(err)
	}
	execute(t, address, "UPDATE goose_db_version SET version_id = 0")
	if _, err := Open(ctx, Options{URL: address}); !errors.Is(err, ErrNotMigrated) {
		t.Errorf("tables of an earlier release: %v", err)
	}
}

func TestSettingsAreInForce(t *testing.T) {
	h := newHouse(t)
	address := h.database(t)
	store := opened(t, address, nil)
	for name, want := range map[string]string{
		"application_name": "ticketflow", "statement_timeout": "5s", "lock_timeout": "2s",
		"idle_in_transaction_session_timeout": "15s", "plan_cache_mode": "force_generic_plan",
		"transaction_isolation": "read committed", "TimeZone": "UTC",
	} {
		for _, pool := range []querier{store.commands, store.reads} {
			err := fetch(t.Context(), pool, func(r row) {
				if got := r.text(0); got != want {
					t.Errorf("%s is %q, want %q", name, got, want)
				}
			}, "SELECT current_setting($1)", name)
			if err != nil {
				t.Error(err)
			}
		}
	}
	execute(t, address, "ALTER DATABASE "+databaseOf(t, address)+" SET synchronous_commit = off")
	if _, err := Open(t.Context(), Options{URL: address}); !errors.Is(err, ErrNotDurable) {
		t.Errorf("a database that forgets: %v", err)
	}
}

func databaseOf(t *testing.T, address string) string {
	t.Helper()
	config, err := pgx.ParseConfig(address)
	if err != nil {
		t.Fatal(err)
	}
	return config.Database
}

func TestClosedStore(t *testing.T) {
	h := newHouse(t)
	store := opened(t, h.database(t), nil)
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	err := store.Update(t.Context(), &booking.Keys{}, func(*booking.Book) error { return nil })
	if !errors.Is(err, errClosed) || errors.Is(err, command.ErrBusy) {
		t.Errorf("an update: %v", err)
	}
	if _, err := store.Hold(t.Context(), booking.HoldID{}); err == nil {
		t.Error("a closed store was read")
	}
}

// TestSettingIsMadeOnce lets several instances ask for the same key.
func TestSettingIsMadeOnce(t *testing.T) {
	h := newHouse(t)
	address := h.database(t)
	const instances = 4
	var all sync.WaitGroup
	values, fresh := make([]string, instances), make([]bool, instances)
	for i := range instances {
		store := opened(t, address, nil)
		all.Go(func() {
			value, made, err := store.Setting(t.Context(), "key",
				func() ([]byte, error) { return []byte{byte('a' + i)}, nil })
			if err != nil {
				t.Error(err)
			}
			values[i], fresh[i] = string(value), made
		})
	}
	all.Wait()
	slices.Sort(values)
	if len(slices.Compact(values)) != 1 || values[0] == "" {
		t.Errorf("the instances have different keys: %q", values)
	}
	made := 0
	for _, f := range fresh {
		if f {
			made++
		}
	}
	if made != 1 {
		t.Errorf("%d instances made it", made)
	}
}

// TestExpiryFollowsTheDatabase shows whose clock decides when none is given.
func TestExpiryFollowsTheDatabase(t *testing.T) {
	h := newHouse(t)
	store := opened(t, h.database(t), nil)
	before := time.Now()
	var at time.Time
	err := store.Update(t.Context(), &booking.Keys{}, func(b *booking.Book) error {
		at = b.Now()
		return nil
	})
	if err != nil || at.Before(before.Add(-time.Minute)) || at.After(time.Now().Add(time.Minute)) {
		t.Errorf("the ledger's time is %v, %v", at, err)
	}
}

// TestUnreadableRow breaks the lines of a hold.
func TestUnreadableRow(t *testing.T) {
	h := newHouse(t)
	clock := contract.NewClock()
	e := h.engine(t, clock.Now)
	contract.Unreadable(t, e, clock, func(id booking.HoldID) error {
		e.Ledger.(*Store).recent.distrust()
		_, err := e.Ledger.(*Store).commands.Exec(context.WithoutCancel(t.Context()),
			"UPDATE holds SET lines = lines[1:3] WHERE event_id = $1 AND hold = $2",
			int64(id.Event), id.Key[:])
		return err
	})
}

// TestReplica shows what is read from it, and that nothing depends on it.
func TestReplica(t *testing.T) {
	h := newHouse(t)
	primary, replica := h.database(t), h.database(t)
	const venues = "INSERT INTO venues (name, address, city, country, time_zone) VALUES "
	execute(t, primary, venues+"('on the primary', '', '', '', ''), ('new', '', '', '', '')")
	execute(t, replica, venues+"('on the replica', '', '', '', '')")
	const nobody = "postgres://ticketflow@127.0.0.1:1/none?sslmode=disable"
	for _, c := range []struct {
		url  string
		want []string
	}{
		{"", []string{"on the primary", "new"}},
		{replica, []string{"on the replica", "new"}}, // the second has not arrived there
		{nobody, []string{"on the primary", "new"}},
	} {
		store, err := Open(t.Context(), Options{URL: primary, ReadURL: c.url})
		if err != nil {
			t.Fatal(err)
		}
		for i, want := range c.want {
			v, err := store.Venue(t.Context(), catalog.VenueID(i+1))
			if err != nil || v.Name != want {
				t.Errorf("replica %q: got %q, %v, want %q", c.url, v.Name, err, want)
			}
		}
		if _, err := store.Venue(t.Context(), 3); !errors.Is(err, query.ErrVenueNotFound) {
			t.Errorf("a venue that isn't there: %v", err)
		}
		if list, err := store.Events(t.Context(), query.EventFilter{Limit: 9}); err != nil ||
			len(list) != 0 {
			t.Errorf("events: %v, %v", list, err)
		}
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	}
}
