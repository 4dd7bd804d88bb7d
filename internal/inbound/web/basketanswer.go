package web

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"ticketflow/internal/app/board"
	"ticketflow/internal/app/query"
	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/domain/errs"
	"ticketflow/internal/domain/picking"
	"ticketflow/internal/inbound/edge"
)

// basketJSON is what scripts are told about the basket. Panel and Bar are what the page shows of
// it: so the words of the basket are in one place.
type basketJSON struct {
	Hold  *holdJSON `json:"hold"`
	Panel string    `json:"panel"`
	Bar   string    `json:"bar"`
}

type holdJSON struct {
	ID         string      `json:"id"`
	Token      string      `json:"token"`
	ExpiresAt  time.Time   `json:"expires_at"`
	Now        time.Time   `json:"now"`
	Places     []placeJSON `json:"places"`
	Total      string      `json:"total"`
	Extensions int         `json:"extensions_left"`
}

type placeJSON struct {
	Place catalog.PlaceNo `json:"place"`
	Label string          `json:"label"`
	Tier  string          `json:"tier,omitempty"`
	Price string          `json:"price,omitempty"`
	State string          `json:"state,omitempty"`
}

// wantsJSON tells a script from a browser that sends a form.
func wantsJSON(r *http.Request) bool {
	return strings.HasPrefix(r.Header.Get("Accept"), "application/json")
}

// showBasket answers with the basket: to scripts as JSON, otherwise with the address of a page.
func (s *Site) showBasket(
	w http.ResponseWriter, v *visit, offer *query.Offer, held *basket, ask basketAsk,
) error {
	if !wantsJSON(v.request) {
		to := ask.back
		if ask.checkout && held != nil {
			to = "/checkout/" + held.ID.String()
		}
		http.Redirect(w, v.request, to, http.StatusSeeOther)
		return nil
	}
	p, err := s.panel(v, offer, held, ask.back)
	if err != nil {
		return err
	}
	var told basketJSON
	var panel, bar bytes.Buffer
	if err := basketPanel(v, &p).Render(v.request.Context(), &panel); err != nil {
		return err
	}
	if err := basketBar(v, &p).Render(v.request.Context(), &bar); err != nil {
		return err
	}
	told.Panel, told.Bar = panel.String(), bar.String()
	if p.held != nil {
		told.Hold = &holdJSON{ID: held.ID.String(), Token: held.token,
			ExpiresAt: held.ends(), Now: v.now, Total: p.total, Extensions: held.extensions(),
			Places: []placeJSON{}}
		for i, l := range held.Lines {
			told.Hold.Places = append(told.Hold.Places, placeJSON{Place: l.Place,
				Label: p.lines[i].name, Price: p.lines[i].price, Tier: tierKey(offer, l.Tier)})
		}
	}
	text, err := json.Marshal(told)
	if err != nil {
		return err
	}
	edge.WriteJSON(w, http.StatusOK, text)
	return nil
}

func tierKey(offer *query.Offer, tier uint8) string {
	if tiers := offer.Event().Tiers; int(tier) < len(tiers) {
		return tiers[tier].Key
	}
	return ""
}

// refuseBasket says why the basket can't be as it is asked to: which places somebody else has, and
// what is as good. What the buyer holds stays as it is.
func (s *Site) refuseBasket(
	w http.ResponseWriter, v *visit, offer *query.Offer, ask basketAsk, failure error,
) error {
	told, ok := errors.AsType[*errs.Error](failure)
	if !ok || told.Kind() == errs.Internal || told.Kind() == errs.Unavailable {
		return failure
	}
	n := &notice{tone: "bad", text: v.reason(told.Code(), told.Text()), more: told.Detail()}
	if errors.Is(failure, booking.ErrPlaceTaken) {
		seats, err := s.boards.Get(v.request.Context(), offer.Event().ID)
		if err != nil {
			return err
		}
		c := s.conflict(v, offer, seats, ask, told)
		if wantsJSON(v.request) {
			return told.WithField("places", c.lost).WithField("instead", c.instead).
				WithField("sentence", c.n.text).WithField("press", c.n.press)
		}
		n = c.n
	}
	if wantsJSON(v.request) {
		return told.WithField("sentence", n.text)
	}
	return s.showAgain(w, v, ask.back, edge.StatusOf(told.Kind()), n)
}

// conflict is a lost race for places.
type conflict struct {
	lost, instead []placeJSON
	n             *notice
}

// conflict names the places that were lost, and as many that are as good and free.
func (s *Site) conflict(
	v *visit, offer *query.Offer, seats *board.Board, ask basketAsk, told *errs.Error,
) conflict {
	c := conflict{lost: []placeJSON{}, instead: []placeJSON{}}
	taken, _ := told.Fields()["taken"].([]catalog.PlaceNo)
	h, err := newHouse(offer, seats, v.now)
	for _, p := range taken {
		state := booking.Held
		if err == nil {
			state = h.state(p)
		}
		c.lost = append(c.lost, placeJSON{Place: p, Label: v.name(offer, p),
			State: state.String()})
	}
	c.n = &notice{tone: "bad", text: v.Basket.Taken(v.names(offer, taken)), more: v.Basket.Rest,
		url: "/events/" + offer.Event().ID.String() + "/basket", back: ask.back}
	instead := asGood(offer, seats, ask, taken)
	if err != nil || len(instead) == 0 {
		return c
	}
	for _, p := range instead {
		t := offer.TierOf(p)
		c.instead = append(c.instead, placeJSON{Place: p, Label: v.name(offer, p),
			Tier: tierKey(offer, t), Price: v.Price(h.prices[t])})
	}
	c.n.press = v.Basket.Instead(v.names(offer, instead), v.Price(h.sum(instead)))
	c.n.fields = []field{{"take", numbers(instead)}}
	return c
}

// asGood are as many places as were asked for, of the price of the lost ones: in their section if
// there are any.
func asGood(
	offer *query.Offer, seats *board.Board, ask basketAsk, lost []catalog.PlaceNo,
) []catalog.PlaceNo {
	like := picking.Wish{Count: len(ask.add), Tier: picking.AnyTier, Section: picking.AnySection}
	switch {
	case ask.best != nil:
		like = *ask.best
	case len(lost) == 0:
		return nil
	default:
		if t := offer.TierOf(lost[0]); t != catalog.NotForSale {
			like.Tier = int(t)
		}
		like.Section = offer.Plan().SectionOf(lost[0])
		if choice, ok := seats.Suggest(like); ok {
			return choice.Places
		}
		like.Section = picking.AnySection
	}
	choice, _ := seats.Suggest(like)
	return choice.Places
}

// showAgain shows the page that a form came from, with what has to be said on top of it.
func (s *Site) showAgain(
	w http.ResponseWriter, v *visit, back string, status int, n *notice,
) error {
	u, err := url.Parse(back)
	if err != nil {
		return err
	}
	r := v.request.Clone(v.request.Context())
	r.Method, r.URL = http.MethodGet, u
	again := *v
	again.request, again.notice = r, n
	show := s.showList
	rest := strings.TrimPrefix(u.Path, "/events/"+v.request.PathValue("event"))
	switch section, listed := strings.CutPrefix(rest, "/list/"); {
	case listed:
		r.SetPathValue("section", section)
		show = s.showSection
	case rest == "/seats":
		show = s.showSeats
	}
	page, err := show(&again)
	if err != nil {
		return err
	}
	s.send(w, v.request, status, page)
	return nil
}
