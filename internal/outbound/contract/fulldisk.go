package contract

import "ticketflow/internal/domain/catalog"

// FullDisk is an engine's way to run out of room.
type FullDisk struct {
	Fill    func()               // leaves no more room than there is in use
	Empty   func()               // makes room again
	Certain func(err error) bool // tells a refusal for want of room after which nothing was written
}

// Limits of a sale on a full disk.
const (
	diskPlaces   = 2_000
	diskBefore   = 20 // checkouts before the disk is full
	diskRefusals = 10 // that are waited for
)

// Run sells until the disk is full, and on, and then with room again. What was acknowledged must be
// there at the end, and nothing else.
func (d FullDisk) Run(t T, e *Engine, clock *Clock) {
	t.Helper()
	s := newStage(t, e, clock)
	w := s.show(terms{places: diskPlaces})
	said := newSayings()
	for i := range diskBefore {
		w.checkout(i, said)
	}
	d.Fill()
	refused, next := 0, diskBefore
	for ; refused < diskRefusals && next < diskPlaces; next++ {
		made, err := s.office.HoldPlaces(t.Context(), w.wish(next, w.seat(next)))
		if err == nil {
			said.say("held %v", made.Hold.ID)
			continue
		}
		refused++
		if !d.Certain(err) {
			t.Errorf("hold %d on a full disk: %v", next, err)
		}
		if state := w.rows().Places[next].State; state != 0 {
			t.Errorf("hold %d was refused, and its place is %v", next, state)
		}
	}
	same(t, "refusals on a full disk", refused, diskRefusals)
	w.kept(said.lines())
	d.Empty()
	for i := range diskBefore {
		w.checkout(next+i, said)
	}
	// Who was refused may ask again, with the same key.
	refusedPlace := catalog.PlaceNo(next - 1)
	made, err := s.office.HoldPlaces(t.Context(), w.wish(next-1, refusedPlace))
	s.noError(err)
	said.say("held %v", made.Hold.ID)
	before := w.conserved()
	s.crash()
	w.unchanged(before)
	w.kept(said.lines())
}
