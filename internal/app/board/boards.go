package board

import (
	"context"
	"sync"
	"time"

	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/catalog"
)

// TickInterval is how often changes are sent to viewers, merged.
const TickInterval = 250 * time.Millisecond

// Source is where a board's first state comes from.
type Source interface {
	// Offer is the event on its plan.
	Offer(ctx context.Context, id catalog.EventID) (*catalog.Offer, error)
	// PlaceStates is the committed state of each place.
	PlaceStates(ctx context.Context, id catalog.EventID) ([]byte, error)
}

// Boards are the boards of all events that somebody has asked for. It is safe for concurrent use.
type Boards struct {
	source Source
	fenced FencedSource // nil unless other instances change places, too
	salt   uint64       // of this instance's versions
	clock  func() time.Time
	behind chan struct{} // capacity 1: a signal that changes of others were missed

	mu     sync.Mutex
	boards map[catalog.EventID]*entry
	floor  uint64 // no version of a board that was forgotten is larger
	closed bool
}

// entry is a board, or one that is being loaded: then changes wait in early. While a board is being
// refreshed, changes go to both.
type entry struct {
	ready      chan struct{}
	board      *Board
	err        error
	early      []Change
	stale      bool // forgotten while it was loaded: it may show what was before
	refreshing bool
	again      bool // a refresh was asked for while one was under way: it may have read too early
}

// NewBoards makes an empty collection.
func NewBoards(source Source, clock func() time.Time) *Boards {
	return &Boards{source: source, clock: clock, behind: make(chan struct{}, 1),
		boards: make(map[catalog.EventID]*entry)}
}

// Get returns the event's board, and loads it when it is asked for the first time.
func (s *Boards) Get(ctx context.Context, id catalog.EventID) (*Board, error) {
	for {
		e := s.entry(ctx, id)
		select {
		case <-e.ready:
			if !e.stale {
				return e.board, e.err
			}
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// Loaded returns the event's board if somebody has asked for it before, or nil.
func (s *Boards) Loaded(id catalog.EventID) *Board {
	s.mu.Lock()
	defer s.mu.Unlock()
	if e, ok := s.boards[id]; ok {
		return e.board // nil while it is loaded
	}
	return nil
}

// entry finds an event's board, or starts to load it.
func (s *Boards) entry(ctx context.Context, id catalog.EventID) *entry {
	s.mu.Lock()
	defer s.mu.Unlock()
	e, ok := s.boards[id]
	if !ok {
		e = &entry{ready: make(chan struct{})}
		s.boards[id] = e
		// One load serves all who wait, so it doesn't end with the first one's request.
		go s.load(context.WithoutCancel(ctx), id, e)
	}
	return e
}

// load reads the committed state. Changes that are committed meanwhile come again in early: they
// carry whole states, so that bringing them in twice is harmless.
func (s *Boards) load(ctx context.Context, id catalog.EventID, e *entry) {
	s.mu.Lock()
	floor := s.floor
	s.mu.Unlock()
	offer, err := s.source.Offer(ctx, id)
	var states []byte
	var fences []uint32
	switch {
	case err != nil:
	case s.fenced != nil:
		states, fences, err = s.fenced.PlaceFences(ctx, id)
	default:
		states, err = s.source.PlaceStates(ctx, id)
	}
	var b *Board
	if err == nil {
		b, err = newBoard(offer, states, fences, floor, s.clock)
	}
	if err == nil && s.fenced != nil {
		b.salted(s.salt)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	defer close(e.ready)
	switch {
	case e.stale: // who waits for it asks again
	case err != nil:
		e.err = err
		delete(s.boards, id) // the next one who asks tries again
	default:
		b.apply(e.early)
		e.board, e.early = b, nil
		if s.closed {
			b.end()
		}
	}
}

// Changed brings a batch that this instance has committed to the boards. Batches must come in
// commit order.
func (s *Boards) Changed(book *booking.Book) {
	byEvent := make(map[catalog.EventID][]Change, 1)
	for c := range book.ChangedPlaces() {
		byEvent[c.Key.Event] = append(byEvent[c.Key.Event], ChangeOf(c.Key, c.Value))
	}
	for id, changes := range byEvent {
		s.Apply(id, changes)
	}
}

// Apply brings changes of one event to its board, if it has one.
func (s *Boards) Apply(id catalog.EventID, changes []Change) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e, ok := s.boards[id]
	if !ok { // nobody has asked for it yet
		return
	}
	if e.board == nil || e.refreshing {
		e.early = append(e.early, changes...)
	}
	if e.board != nil {
		e.board.apply(changes)
	}
}

// Forget drops an event's board, for instance after its prices were changed. Its viewers start
// anew. A board that is being loaded is loaded again: it may have read what was before.
func (s *Boards) Forget(id catalog.EventID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.forget(id)
}

func (s *Boards) forget(id catalog.EventID) {
	e, ok := s.boards[id]
	if !ok {
		return
	}
	delete(s.boards, id)
	if e.board == nil {
		e.stale = true
		return
	}
	// Viewers compare versions: those of the next board must not come before this one's.
	s.floor = max(s.floor, e.board.end())
}

// Run publishes changes to viewers until ctx ends, and then sends the viewers away.
func (s *Boards) Run(ctx context.Context) {
	ticker := time.NewTicker(TickInterval)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			for _, b := range s.loaded() {
				b.tick()
			}
		case <-ctx.Done():
			s.Close()
			return
		}
	}
}

// Close sends all viewers away, and whoever comes after. The boards go on giving advice.
func (s *Boards) Close() {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	for _, b := range s.loaded() {
		b.end()
	}
}

func (s *Boards) loaded() []*Board {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := make([]*Board, 0, len(s.boards))
	for _, e := range s.boards {
		if e.board != nil {
			all = append(all, e.board)
		}
	}
	return all
}

// Viewers is how many watch any board.
func (s *Boards) Viewers() (n int) {
	for _, b := range s.loaded() {
		n += b.Viewers()
	}
	return n
}
