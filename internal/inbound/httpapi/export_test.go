package httpapi

import (
	"time"

	"ticketflow/internal/app/board"
)

// Stall holds a board's crowd up until the function that it returns is called. Somebody must be one
// of it.
func (s *Server) Stall(seats *board.Board) (release func()) {
	s.crowds.mu.Lock()
	defer s.crowds.mu.Unlock()
	group := s.crowds.of[seats]
	group.mu.Lock()
	return group.mu.Unlock
}

// SetCrowdClock gives those a clock who look after slow viewers. Nobody may watch yet.
func (s *Server) SetCrowdClock(clock func() time.Time) { s.crowds.clock = clock }
