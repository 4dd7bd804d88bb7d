package baseline

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
)

// hold is a granted one.
type hold struct {
	id, token      string
	expiresAt, now time.Time
	places         []place
}

// Refusals of a hold.
var (
	errTaken   = &refusal{http.StatusConflict, "place_taken"}
	errNoMore  = &refusal{http.StatusConflict, "not_enough_places"}
	errUnknown = &refusal{http.StatusNotFound, "hold_not_found"}
	errEnded   = &refusal{http.StatusConflict, "hold_ended"}
)

// errReplayed ends a transaction whose request was granted before.
var errReplayed = errors.New("granted before")

// holdNamed sets the named places aside, all or none.
func (s *Shop) holdNamed(ctx context.Context, key string, wanted []int32) (*hold, error) {
	wanted = slices.Compact(slices.Sorted(slices.Values(wanted))) // one order: no deadlocks
	taken, err := s.locks.take(ctx, key, wanted)
	if err != nil {
		return nil, fmt.Errorf("lock places: %w", err)
	}
	if len(taken) > 0 {
		return nil, errTaken
	}
	h := newHold()
	err = s.transact(ctx, func(ctx context.Context, tx pgx.Tx) error {
		if err := insertHold(ctx, tx, h, key, wanted); err != nil {
			return err
		}
		h.places, err = readPlaces(tx.Query(ctx, `SELECT `+hallColumns+` FROM baseline.places
WHERE place = ANY($1) ORDER BY place FOR UPDATE`, wanted))
		if err != nil {
			return err
		}
		if len(h.places) < len(wanted) || slices.ContainsFunc(h.places, notFree) {
			return errTaken
		}
		return occupy(ctx, tx, h)
	})
	return s.granted(ctx, h, key, wanted, err)
}

func notFree(p place) bool { return p.state != placeFree }

// holdBest sets the first free places aside that nobody else is about to take.
func (s *Shop) holdBest(ctx context.Context, key string, n int) (h *hold, err error) {
	for range maxPickTries {
		var picked []int32
		h = newHold()
		err = s.transact(ctx, func(ctx context.Context, tx pgx.Tx) (err error) {
			h.places, err = readPlaces(tx.Query(ctx, `SELECT `+hallColumns+`
FROM baseline.places WHERE state = 0 ORDER BY place LIMIT $1 FOR UPDATE SKIP LOCKED`, n))
			if err != nil {
				return err
			}
			wanted := numbers(h.places)
			if err := insertHold(ctx, tx, h, key, wanted); err != nil {
				return err
			}
			// Only now: the places may be short because the first click is taking them.
			if len(wanted) < n {
				return errNoMore
			}
			taken, err := s.locks.take(ctx, key, wanted)
			if err != nil {
				return fmt.Errorf("lock places: %w", err)
			}
			if len(taken) > 0 { // somebody who named them is on the way
				return errTaken
			}
			picked = wanted
			return occupy(ctx, tx, h)
		})
		h, err = s.granted(ctx, h, key, picked, err)
		if !errors.Is(err, errTaken) {
			return h, err
		}
	}
	return nil, errNoMore
}

func newHold() *hold { return &hold{id: prefixHold + newKey(), token: newKey()} }

// insertHold claims the idempotency key. It waits for another request with the same key, and fails
// with errReplayed if that was granted.
func insertHold(ctx context.Context, tx pgx.Tx, h *hold, key string, places []int32) error {
	err := tx.QueryRow(ctx, `INSERT INTO baseline.holds
(id, token, idempotency_key, places, expires_at) VALUES ($1, $2, $3, $4, now() + $5)
ON CONFLICT (idempotency_key) DO NOTHING RETURNING expires_at, now()`,
		h.id, h.token, key, places, holdTime).Scan(&h.expiresAt, &h.now)
	if errors.Is(err, pgx.ErrNoRows) {
		return errReplayed
	}
	return err
}

func occupy(ctx context.Context, tx pgx.Tx, h *hold) error {
	_, err := tx.Exec(ctx, `UPDATE baseline.places SET state = 1, hold_id = $1
WHERE place = ANY($2)`, h.id, numbers(h.places))
	return err
}

// granted ends a request for a hold: a repeated one gets the first one's answer, and who is refused
// gives its locks back.
func (s *Shop) granted(
	ctx context.Context, h *hold, key string, locked []int32, err error,
) (*hold, error) {
	switch {
	case err == nil:
		return h, nil
	case errors.Is(err, errReplayed):
		return s.heldBefore(ctx, key)
	}
	s.locks.giveBack(ctx, key, locked)
	return nil, err
}

func (s *Shop) heldBefore(ctx context.Context, key string) (*hold, error) {
	var h hold
	var wanted []int32
	err := s.pool.QueryRow(ctx, `SELECT id, token, places, expires_at, now() FROM baseline.holds
WHERE idempotency_key = $1`, key).Scan(&h.id, &h.token, &wanted, &h.expiresAt, &h.now)
	if err != nil {
		return nil, err
	}
	h.places, err = readPlaces(s.pool.Query(ctx, `SELECT `+hallColumns+` FROM baseline.places
WHERE place = ANY($1) ORDER BY place`, wanted))
	return &h, err
}

// release gives the places of a hold back, once.
func (s *Shop) release(ctx context.Context, id, token string) error {
	var key string
	var places []int32
	err := s.transact(ctx, func(ctx context.Context, tx pgx.Tx) error {
		err := tx.QueryRow(ctx, `UPDATE baseline.holds SET state = 2
WHERE id = $1 AND token = $2 AND state = 0 RETURNING idempotency_key, places`, id, token).
			Scan(&key, &places)
		if errors.Is(err, pgx.ErrNoRows) {
			return errUnknown
		}
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `UPDATE baseline.places SET state = 0, hold_id = NULL
WHERE place = ANY($1)`, places)
		return err
	})
	if err == nil {
		s.locks.giveBack(ctx, key, places)
	}
	return err
}
