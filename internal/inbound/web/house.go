package web

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"ticketflow/internal/app/board"
	"ticketflow/internal/app/query"
	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/domain/money"
)

// house is an event's places as they are now, for the lists.
type house struct {
	*query.Offer
	states []byte               // two bits a place, as a snapshot of the board has them
	first  catalog.PlaceNo      // of the section that exact is about
	exact  []booking.PlaceState // of one section, as they are now
	prices []money.Money        // what a buyer pays for one place of each tier
	now    time.Time
}

// snapshotHeader is what stands before the states in a snapshot.
const snapshotHeader = 16

func newHouse(offer *query.Offer, seats *board.Board, now time.Time) (*house, error) {
	h := &house{Offer: offer, states: seats.Snapshot().Raw[snapshotHeader:], now: now}
	for i := range offer.Event().Tiers {
		alone, err := offer.Alone(uint8(i), now)
		if err != nil {
			return nil, err
		}
		price, err := money.New(alone.Pays, offer.Currency())
		if err != nil {
			return nil, err
		}
		h.prices = append(h.prices, price)
	}
	return h, nil
}

// look reads a section's states as they are now: who has just taken a place of it doesn't want to
// see it as free.
func (h *house) look(seats *board.Board, s *catalog.Section) {
	places := make([]catalog.PlaceNo, s.Places)
	for i := range places {
		places[i] = s.First + catalog.PlaceNo(i)
	}
	h.first, h.exact = s.First, seats.States(places)
}

// state is what a place is doing. Of a section that wasn't looked at it may be a quarter of a
// second old.
func (h *house) state(p catalog.PlaceNo) booking.PlaceState {
	if p >= h.first && int(p-h.first) < len(h.exact) {
		return h.exact[p-h.first]
	}
	const bits, places = 2, 4
	return booking.PlaceState(h.states[p/places] >> (p % places * bits) & 3)
}

// free tells whether a place is for sale and free.
func (h *house) free(p catalog.PlaceNo) bool {
	return h.TierOf(p) != catalog.NotForSale && h.state(p) == booking.Free
}

// reserved tells whether a place is for those who need step-free access, and their companions.
func (h *house) reserved(p catalog.PlaceNo) bool {
	return h.Plan().Attributes(p)&(catalog.Accessible|catalog.Companion) != 0
}

// run is free seats side by side that are alike: of one tier, and either for everybody or not.
type run struct {
	first    catalog.PlaceNo
	n        int
	tier     uint8
	reserved bool
}

// runs finds the runs of a row.
func (h *house) runs(row *catalog.Row) (found []run) {
	var last *run
	for i := range row.Seats {
		p := row.First + catalog.PlaceNo(i)
		if !h.free(p) {
			last = nil
			continue
		}
		tier, reserved := h.TierOf(p), h.reserved(p)
		if last != nil && last.tier == tier && last.reserved == reserved && h.joined(row, p-1) {
			last.n++
			continue
		}
		found = append(found, run{first: p, n: 1, tier: tier, reserved: reserved})
		last = &found[len(found)-1]
	}
	return found
}

// joined tells whether a seat of a row and the next one sit side by side. Only rows that list their
// seats have aisles inside.
func (h *house) joined(row *catalog.Row, p catalog.PlaceNo) bool {
	return !row.Listed || h.Plan().Adjacent(p)
}

// take chooses n seats of a run: those nearest to what everybody looks at that leave no seat alone,
// if there are any.
func (h *house) take(r run, n int) []catalog.PlaceNo {
	plan, focal := h.Plan(), h.Plan().Focal()
	best, least := r.first, math.Inf(1)
	for at := range r.n - n + 1 {
		sum := 0.0
		for i := range n {
			p := plan.Position(r.first + catalog.PlaceNo(at+i))
			sum += math.Hypot(float64(p.X-focal.X), float64(p.Y-focal.Y))
		}
		if at == 1 || r.n-n-at == 1 {
			sum += 1e9 // a seat would be left alone
		}
		if sum < least {
			best, least = r.first+catalog.PlaceNo(at), sum
		}
	}
	places := make([]catalog.PlaceNo, n)
	for i := range places {
		places[i] = best + catalog.PlaceNo(i)
	}
	return places
}

// maxNamedSeats is how many seats are named one by one where their numbers don't follow each other.
const maxNamedSeats = 4

// seatNames is what seats of a row are called together: "5–9" where their numbers are neighbours,
// otherwise "1, 3 … 13" or one by one. Lower numbers come first.
func (h *house) seatNames(first catalog.PlaceNo, n int) string {
	names := make([]string, n)
	values := make([]int, n)
	numeric := true
	for i := range names {
		var err error
		names[i] = h.Plan().Label(first + catalog.PlaceNo(i)).Seat
		values[i], err = strconv.Atoi(names[i])
		numeric = numeric && err == nil
	}
	if numeric && values[n-1] < values[0] {
		slices.Reverse(names)
		slices.Reverse(values)
	}
	if numeric && n > 1 && slices.IsSorted(values) && values[n-1]-values[0] == n-1 {
		return names[0] + "–" + names[n-1]
	}
	if n > maxNamedSeats {
		return names[0] + ", " + names[1] + " … " + names[n-1]
	}
	return strings.Join(names, ", ")
}

// name is what a place is called.
func (v *visit) name(offer *query.Offer, p catalog.PlaceNo) string {
	label := offer.Plan().Label(p)
	return v.Seats.Place(label.Section, label.Row, label.Seat)
}

// names is what several places are called together: those of one row share its name.
func (v *visit) names(offer *query.Offer, places []catalog.PlaceNo) string {
	type row struct {
		section, row string
		seats        []string
	}
	var rows []row
	for _, p := range places {
		label := offer.Plan().Label(p)
		if n := len(rows); n > 0 && rows[n-1].section == label.Section &&
			rows[n-1].row == label.Row {
			rows[n-1].seats = append(rows[n-1].seats, label.Seat)
			continue
		}
		rows = append(rows, row{label.Section, label.Row, []string{label.Seat}})
	}
	texts := make([]string, len(rows))
	for i, r := range rows {
		if r.row == "" {
			texts[i] = strconv.Itoa(len(r.seats)) + " × " + v.Seats.Place(r.section, "", "")
			continue
		}
		texts[i] = v.Seats.Place(r.section, r.row, strings.Join(r.seats, ", "))
	}
	return strings.Join(texts, "; ")
}
