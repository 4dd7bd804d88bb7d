package web

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"ticketflow/internal/app/command"
	"ticketflow/internal/app/query"
	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/domain/errs"
	"ticketflow/internal/domain/money"
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
		v.lead(w, to)
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
		told.Hold = &holdJSON{ID: held.ID.String(),
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
	n := &notice{tone: "bad", text: v.reason(told.Code(), told.Text()), more: told.Detail(),
		url: "/events/" + offer.Event().ID.String() + "/basket", back: ask.back}
	advice, ok := s.office.Advise(v.request.Context(), offer.Event().ID, ask.add, ask.best,
		failure)
	if ok {
		s.advise(v, offer, n, &advice, ask.holds)
		told = told.WithField("places", v.lostJSON(offer, &advice)).
			WithField("instead", v.insteadJSON(offer, &advice)).WithField("press", n.press)
	}
	if wantsJSON(v.request) {
		return told.WithField("sentence", n.text).WithField("more", n.more)
	}
	return s.showAgain(w, v, ask.back, edge.StatusOf(told.Kind()), n)
}

// advise says which places were lost or would stay alone, and offers what is as good. holds tells
// whether the buyer has anything that is still theirs.
func (s *Site) advise(v *visit, offer *query.Offer, n *notice, a *command.Advice, holds bool) {
	n.more = ""
	if len(a.Alone) > 0 {
		n.tone, n.text = "warn", v.Basket.Alone(v.names(offer, lostPlacesOf(a.Alone)))
	} else {
		n.text = v.Basket.Taken(v.names(offer, lostPlacesOf(a.Lost)))
		if holds {
			n.more = v.Basket.Rest
		}
	}
	var instead []catalog.PlaceNo
	minor := int64(0)
	for _, l := range a.Instead {
		instead = append(instead, l.Place)
		if alone, err := offer.Alone(l.Tier, v.now); err == nil {
			minor += alone.Pays
		}
	}
	if len(instead) == 0 {
		return
	}
	total, _ := money.New(minor, offer.Currency()) // within the bounds of an order
	if len(a.Alone) > 0 {
		n.press = v.Basket.Move(v.names(offer, instead))
	} else {
		n.press = v.Basket.Instead(v.names(offer, instead), v.Price(total))
	}
	n.fields = []field{{"take", numbers(instead)}}
}

func lostPlacesOf(lost []command.Lost) []catalog.PlaceNo {
	places := make([]catalog.PlaceNo, len(lost))
	for i, l := range lost {
		places[i] = l.Place
	}
	return places
}

func (v *visit) lostJSON(offer *query.Offer, a *command.Advice) []placeJSON {
	told := []placeJSON{}
	for _, l := range slices.Concat(a.Lost, a.Alone) {
		told = append(told, placeJSON{Place: l.Place, Label: v.name(offer, l.Place),
			State: l.State.String()})
	}
	return told
}

func (v *visit) insteadJSON(offer *query.Offer, a *command.Advice) []placeJSON {
	told := []placeJSON{}
	for _, l := range a.Instead {
		p := placeJSON{Place: l.Place, Label: v.name(offer, l.Place), Tier: tierKey(offer, l.Tier)}
		if alone, err := offer.Alone(l.Tier, v.now); err == nil {
			price, _ := money.New(alone.Pays, offer.Currency()) // a checked quote
			p.Price = v.Price(price)
		}
		told = append(told, p)
	}
	return told
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
