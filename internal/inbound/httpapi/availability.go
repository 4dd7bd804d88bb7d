package httpapi

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"

	"ticketflow/internal/app/board"
	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/inbound/edge"
)

// Availability is how much of an event is left, in numbers.
type Availability struct {
	Event    string         `json:"event" example:"evt_1"`
	Version  uint64         `json:"version" doc:"Grows with each change of a place"`
	Total    Counts         `json:"total"`
	Tiers    []TierCount    `json:"tiers" nullable:"false"`
	Sections []SectionCount `json:"sections" nullable:"false" doc:"In the order of the plan"`
}

// TierCount is what is left of a price tier.
type TierCount struct {
	Key    string `json:"key" example:"cat1"`
	Places Counts `json:"places"`
}

// SectionCount is what is left of a section.
type SectionCount struct {
	Name   string `json:"name" example:"214"`
	Places Counts `json:"places"`
}

// readAvailability answers GET /v1/events/{event}/availability: the snapshot, which is encoded once
// for all who ask, or its summary for who accepts JSON.
func (s *Server) readAvailability(w http.ResponseWriter, r *http.Request) {
	seats, offer, err := s.boardOf(r)
	if err != nil {
		edge.Fail(w, r, err)
		return
	}
	if strings.HasPrefix(r.Header.Get("Accept"), jsonMedia) {
		s.summarise(w, r, seats, offer)
		return
	}
	snapshot := seats.Snapshot()
	h := w.Header()
	tag := `"` + strconv.FormatUint(snapshot.Version, 10) + `"`
	h.Set("Etag", tag)
	h.Set("Vary", "Accept, Accept-Encoding")
	h.Set("State-Hash", strconv.FormatUint(uint64(snapshot.Hash), 10))
	if sameTag(r, tag) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	body := snapshot.Raw
	if takesGzip(r) {
		body = snapshot.Gzip()
		h.Set("Content-Encoding", "gzip")
	}
	h.Set("Content-Type", "application/octet-stream")
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(http.StatusOK)
	_, _ = w.Write(body) // who has gone can't be told
}

func (s *Server) boardOf(r *http.Request) (*board.Board, *catalog.Offer, error) {
	offer, err := s.visible(r, r.PathValue("event"))
	if err != nil {
		return nil, nil, err
	}
	seats, err := s.boards.Get(r.Context(), offer.Event().ID)
	return seats, offer.Offer, err
}

func (s *Server) summarise(
	w http.ResponseWriter, r *http.Request, seats *board.Board, offer *catalog.Offer,
) {
	version, total, tiers, sections := seats.Summary()
	a := Availability{Event: offer.Event().ID.String(), Version: version, Total: countsOf(total),
		Tiers:    make([]TierCount, len(tiers)),
		Sections: make([]SectionCount, len(sections))}
	for i, t := range offer.Event().Tiers {
		a.Tiers[i] = TierCount{Key: t.Key, Places: countsOf(tiers[i])}
	}
	for i, c := range sections {
		a.Sections[i] = SectionCount{Name: offer.Plan().Section(i).Name, Places: countsOf(c)}
	}
	text, err := json.Marshal(a)
	if err != nil {
		edge.Fail(w, r, err)
		return
	}
	w.Header().Set("Vary", "Accept, Accept-Encoding")
	edge.WriteJSON(w, http.StatusOK, text)
}
