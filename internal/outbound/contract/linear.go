package contract

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/anishathalye/porcupine"

	"ticketflow/internal/app/command"
	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/domain/errs"
)

// Limits of a history.
const (
	linearClients  = 16
	linearRounds   = 30
	linearPlaces   = 6
	maxLinearCheck = 20 * time.Second
)

// attempt is what a client asked about one place; hold names the grant that it asked for or gave
// back.
type attempt struct {
	place   catalog.PlaceNo
	hold    int
	release bool
}

// placeModel is one place: nobody's (0), or a hold's. A hold is granted if it is nobody's and
// refused if it is somebody's; a release by its holder makes it nobody's.
var placeModel = porcupine.Model{
	Partition: func(history []porcupine.Operation) [][]porcupine.Operation {
		parts := make([][]porcupine.Operation, linearPlaces)
		for _, op := range history {
			place := op.Input.(attempt).place
			parts[place] = append(parts[place], op)
		}
		return slices.DeleteFunc(parts, func(p []porcupine.Operation) bool { return len(p) == 0 })
	},
	Init: func() any { return 0 },
	Step: func(state, input, output any) (bool, any) {
		holder, a, granted := state.(int), input.(attempt), output.(bool)
		switch {
		case a.release:
			return holder == a.hold, 0
		case granted:
			return holder == 0, a.hold
		default:
			return holder != 0, holder
		}
	},
}

// Linear lets clients hold, exchange and release places at once, and checks that what they were
// told is what one place after another could have said in some order that agrees with the clock on
// the wall.
func Linear(t T, open Factory) {
	t.Helper()
	clock := NewClock()
	s := newStage(t, open(t, clock.Now), clock)
	w := s.show(terms{places: linearPlaces})
	h := &history{start: time.Now()}
	var holds atomic.Int64
	together(linearClients, func(client int) {
		for round := range linearRounds {
			places := []catalog.PlaceNo{w.seat(client*5 + round*7)}
			if round%3 == 0 { // two places, all or none
				places = append(places, w.seat(int(places[0])+1+client%3))
			}
			visit := w.visit(h, client, int(holds.Add(1)))
			if visit.hold(places) && round%2 == 0 {
				visit.swap(places[0], w.seat(int(places[0])+2+client%2))
			}
			visit.release()
		}
	})
	switch porcupine.CheckOperationsTimeout(placeModel, h.operations, maxLinearCheck) {
	case porcupine.Illegal:
		t.Errorf("no order of %d operations explains what their clients were told",
			len(h.operations))
	case porcupine.Unknown:
		t.Errorf("%d operations took too long to check", len(h.operations))
	case porcupine.Ok:
	}
	w.conserved()
}

// history is what all clients were told.
type history struct {
	start time.Time

	mu         sync.Mutex
	operations []porcupine.Operation
}

func (h *history) now() int64 { return int64(time.Since(h.start)) }

// told notes an answer; an operation on several places is one on each of them.
func (h *history) told(client int, called int64, granted bool, about ...attempt) {
	returned := h.now()
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, a := range about {
		h.operations = append(h.operations, porcupine.Operation{ClientId: client, Input: a,
			Call: called, Output: granted, Return: returned})
	}
}

// visit is one client's hold, from the grant until it is given back.
type visit struct {
	*show
	history        *history
	client, number int
	made           booking.HoldID
	has            []catalog.PlaceNo // nothing: it was refused
}

func (w *show) visit(h *history, client, number int) *visit {
	return &visit{show: w, history: h, client: client, number: number}
}

// hold asks for the places and tells whether they were granted.
func (v *visit) hold(places []catalog.PlaceNo) bool {
	called := v.history.now()
	made, err := v.office.HoldPlaces(v.t.Context(), v.wish(v.number, places...))
	if err != nil {
		v.refused(called, places, err)
		return false
	}
	v.history.told(v.client, called, true, v.about(false, places...)...)
	v.made, v.has = made.Hold.ID, places
	return true
}

// swap asks for one place more and gives one of its places back, both or neither.
func (v *visit) swap(gone, add catalog.PlaceNo) {
	if slices.Contains(v.has, add) {
		return
	}
	called := v.history.now()
	_, err := v.office.AmendHold(v.t.Context(), command.AmendWish{Hold: v.made,
		Add: []catalog.PlaceNo{add}, Remove: []catalog.PlaceNo{gone},
		Idempotency: command.Idempotency{Key: fmt.Sprint("swap ", v.number)}})
	if err != nil {
		v.refused(called, []catalog.PlaceNo{add}, err)
		return
	}
	v.history.told(v.client, called, true,
		append(v.about(false, add), v.about(true, gone)...)...)
	v.has = append(slices.DeleteFunc(slices.Clone(v.has), func(p catalog.PlaceNo) bool {
		return p == gone
	}), add)
}

// release gives all places back.
func (v *visit) release() {
	if len(v.has) == 0 {
		return
	}
	called := v.history.now()
	if err := v.office.ReleaseHold(v.t.Context(), v.made); err != nil {
		v.t.Errorf("release: %v", err)
		return
	}
	v.history.told(v.client, called, true, v.about(true, v.has...)...)
}

// refused notes which of the places were somebody's. The others of the wish may have been free:
// nothing is said about them.
func (v *visit) refused(called int64, places []catalog.PlaceNo, err error) {
	taken, ok := takenPlaces(err)
	if !ok {
		v.t.Errorf("places %v: %v", places, err)
	}
	v.history.told(v.client, called, false, v.about(false,
		slices.DeleteFunc(slices.Clone(places), func(p catalog.PlaceNo) bool {
			return !slices.Contains(taken, p)
		})...)...)
}

func (v *visit) about(release bool, places ...catalog.PlaceNo) []attempt {
	about := make([]attempt, len(places))
	for i, p := range places {
		about[i] = attempt{place: p, hold: v.number, release: release}
	}
	return about
}

// takenPlaces are those that a refusal names.
func takenPlaces(err error) ([]catalog.PlaceNo, bool) {
	failure, ok := errors.AsType[*errs.Error](err)
	if !ok || !errors.Is(err, booking.ErrPlaceTaken) {
		return nil, false
	}
	taken, ok := failure.Fields()["taken"].([]catalog.PlaceNo)
	return taken, ok && len(taken) > 0
}

// LinearControl shows that the model can say no: it returns a failure if it accepts a place that
// was granted twice.
func LinearControl() error {
	twice := []porcupine.Operation{
		{ClientId: 0, Input: attempt{hold: 1}, Output: true, Call: 0, Return: 10},
		{ClientId: 1, Input: attempt{hold: 2}, Output: true, Call: 5, Return: 15},
		{ClientId: 0, Input: attempt{hold: 1, release: true}, Output: true, Call: 20, Return: 30},
		{ClientId: 1, Input: attempt{hold: 2, release: true}, Output: true, Call: 20, Return: 30},
	}
	late := []porcupine.Operation{
		{ClientId: 0, Input: attempt{hold: 1}, Output: true, Call: 0, Return: 10},
		{ClientId: 0, Input: attempt{hold: 1, release: true}, Output: true, Call: 20, Return: 30},
		{ClientId: 1, Input: attempt{hold: 2}, Output: false, Call: 40, Return: 50},
	}
	for name, h := range map[string][]porcupine.Operation{
		"a place that was granted twice": twice, "a refusal after the release": late,
	} {
		if porcupine.CheckOperations(placeModel, h) {
			return fmt.Errorf("%s was accepted: %w", name, errBlind)
		}
	}
	return nil
}

var errBlind = errors.New("the check sees nothing")
