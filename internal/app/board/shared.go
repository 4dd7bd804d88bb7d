package board

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/catalog"
)

// How often boards are read again.
const (
	rereadMinInterval = time.Second // of all boards, whatever is missed
	rereadInterval    = time.Minute // when nothing seems to be missed: the second net
)

// FencedSource is where boards come from whose places are changed by several instances.
type FencedSource interface {
	Source
	// PlaceFences is the committed state of each place and the fence of its last grant. It must not
	// be older than the call: not from a replica that lags behind.
	PlaceFences(ctx context.Context, id catalog.EventID) (states []byte, fences []uint32, err error)
}

// instanceSalts is how many instances' versions can be told from each other.
const instanceSalts = 1_024

// NewShared makes an empty collection for one of several instances: changes may come in any order,
// because each place's fence tells which is newer. Heal must run.
//
// instance is drawn at random at each start. Each instance counts versions of its own, and a viewer
// may come back to another one: the instance is part of the version, so that a foreign one is
// noticed and the viewer starts anew.
func NewShared(source FencedSource, instance uint64, clock func() time.Time) *Boards {
	s := NewBoards(source, clock)
	s.fenced, s.salt = source, instance%instanceSalts
	return s
}

// salted makes the board's versions tell whose they are. Nobody has seen one of them yet.
func (b *Board) salted(salt uint64) {
	b.step, b.salt = instanceSalts, salt
	b.version += instanceSalts - b.version%instanceSalts + salt
	b.sent = b.version
}

// ranks order what happens under one fence: nothing comes after the end of a grant but the next.
var ranks = [...]uint8{booking.Held: 0, booking.Ordered: 1, booking.Sold: 2, booking.Blocked: 3,
	booking.Free: 4}

// newer tells whether a change comes after what the board shows.
func (b *Board) newer(c Change) bool {
	if fence := b.fences[c.Place]; c.Fence != fence {
		return c.Fence > fence
	}
	was := b.states[c.Place]
	if c.State == booking.Held && was == booking.Held {
		return c.Until > b.until[c.Place] // the hold was extended
	}
	return int(c.State) < len(ranks) && ranks[c.State] > ranks[was]
}

// Missed says that changes of other instances were missed, of whatever event: all boards will be
// read again, soon. Viewers stay, and get the difference.
func (s *Boards) Missed() {
	select {
	case s.behind <- struct{}{}:
	default:
	}
}

// Heal reads boards again after Missed, at most once a second, and once a minute in any case. It
// returns when ctx ends. failed is told of each read that didn't succeed; it will be tried again.
func (s *Boards) Heal(ctx context.Context, failed func(catalog.EventID, error)) {
	regular := time.NewTicker(rereadInterval)
	defer regular.Stop()
	for {
		select {
		case <-s.behind:
		case <-regular.C:
		case <-ctx.Done():
			return
		}
		if !s.reread(ctx, failed) {
			s.Missed()
		}
		gap := time.NewTimer(rereadMinInterval)
		select {
		case <-gap.C:
		case <-ctx.Done():
			gap.Stop()
			return
		}
	}
}

// reread reads all boards again; it is false if one of them couldn't be read.
func (s *Boards) reread(ctx context.Context, failed func(catalog.EventID, error)) bool {
	good := true
	for id, e := range s.entries() {
		select {
		case <-e.ready: // what is being loaded may have been read too early
		case <-ctx.Done():
			return false
		}
		if e.board == nil {
			continue
		}
		if err := s.rereadOne(ctx, id, e.board); err != nil {
			good = false
			if !errors.Is(err, context.Canceled) {
				failed(id, err)
			}
		}
	}
	return good
}

func (s *Boards) entries() map[catalog.EventID]*entry {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := make(map[catalog.EventID]*entry, len(s.boards))
	maps.Copy(all, s.boards)
	return all
}

func (s *Boards) rereadOne(ctx context.Context, id catalog.EventID, b *Board) error {
	states, fences := b.copied()
	now, fencesNow, err := s.fenced.PlaceFences(ctx, id)
	if err != nil {
		return err
	}
	if len(now) != len(states) || len(fencesNow) != len(states) {
		return fmt.Errorf("event %d had %d places and has %d", id, len(states), len(now))
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for i, state := range now {
		c := Change{Place: catalog.PlaceNo(i), State: booking.PlaceState(state),
			Fence: fencesNow[i]}
		// What has not changed since before the read is as the ledger says, even if that is older:
		// a ledger may have lost what it had promised. What has changed may be newer than the read.
		same := b.states[i] == states[i] && b.fences[i] == fences[i]
		if !same && !b.newer(c) {
			continue
		}
		if b.fences[i] != c.Fence || b.states[i] != c.State {
			b.until[i] = 0 // not known
		}
		b.fences[i] = c.Fence
		b.set(c.Place, c.State)
	}
	return nil
}

func (b *Board) copied() ([]booking.PlaceState, []uint32) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.states), slices.Clone(b.fences)
}
