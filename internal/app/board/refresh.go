package board

import (
	"context"

	"ticketflow/internal/domain/catalog"
)

// Refresh reads an event's states again and brings its board up to them, for when a commit may have
// happened that nobody has told of. Its viewers stay: they see what has changed as a delta. If the
// states can't be read, the board is forgotten.
func (s *Boards) Refresh(ctx context.Context, id catalog.EventID) {
	if s.fenced != nil { // Heal knows how to tell what is newer
		s.Missed()
		return
	}
	e := s.beginRefresh(id)
	for again := e != nil; again; {
		states, err := s.source.PlaceStates(ctx, id)
		again = s.endRefresh(id, e, states, err)
	}
}

// beginRefresh finds the board that the caller has to refresh, or nil.
func (s *Boards) beginRefresh(id catalog.EventID) *entry {
	s.mu.Lock()
	defer s.mu.Unlock()
	e, ok := s.boards[id]
	switch {
	case !ok: // it will be read when somebody asks for it
		return nil
	case e.board == nil: // it may have been read too early
		s.forget(id)
		return nil
	case e.refreshing:
		e.again = true
		return nil
	}
	e.refreshing = true
	return e
}

// endRefresh brings in what was read, and after it what was committed meanwhile: changes carry
// whole states, so that bringing them in twice is harmless. again tells whether to read once more.
func (s *Boards) endRefresh(
	id catalog.EventID, e *entry, states []byte, err error,
) (again bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	early := e.early
	e.early = nil
	switch {
	case s.boards[id] != e: // forgotten in between
		return false
	case err != nil || !e.board.replace(states):
		s.forget(id)
		return false
	}
	e.board.apply(early)
	again, e.again = e.again, false
	e.refreshing = again
	return again
}
