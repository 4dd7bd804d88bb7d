package web

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"ticketflow/internal/app/command"
	"ticketflow/internal/app/query"
	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/domain/errs"
	"ticketflow/internal/domain/picking"
	"ticketflow/internal/inbound/edge"
)

// Failures of a form that these pages can't have made.
var (
	errNoSection = errs.New(errs.NotFound, "unknown_section", "The event has no such section.")
	errNoTier    = errs.New(errs.Invalid, "unknown_tier", "The event has no such price tier.")
	errBadNumber = errs.New(errs.Malformed, "bad_number", "A number of the form can't be read.")
)

// basketAsk is how the basket is to change.
type basketAsk struct {
	add, remove []catalog.PlaceNo
	best        *picking.Wish
	once        command.Idempotency
	back        string // a local address
	checkout    bool   // go there next
	holds       bool   // the buyer has places already
}

// maxAsked bounds the places that one form may name; more than an order may have are read, so that
// they can be refused for what they are.
const maxAsked = 1_000

// askOf reads the form of a basket.
func (s *Site) askOf(v *visit, offer *query.Offer) (ask basketAsk, err error) {
	form := v.request.PostForm
	named := slices.Concat(form["add"], strings.Split(form.Get("take"), ","))
	if ask.add, err = placesOf(named); err != nil {
		return ask, err
	}
	if ask.remove, err = placesOf(form["remove"]); err != nil {
		return ask, err
	}
	if form.Get("best") != "" {
		if ask.best, err = bestOf(form, offer); err != nil {
			return ask, err
		}
	}
	ask.back = localPath(form.Get("back"), "/events/"+offer.Event().ID.String()+"/list")
	ask.checkout = form.Get("next") == "checkout"
	ask.once.Key = form.Get("key")
	if len(ask.once.Key) < keyBytes {
		ask.once.Key = v.key()
	}
	// Many buttons of a page share its key: what is asked for is a part of what is done once.
	ask.once.Body = fmt.Appendf(nil, "%v %v %v", ask.add, ask.remove, ask.best)
	sum := sha256.Sum256(ask.once.Body)
	ask.once.Key = ask.once.Key[:min(len(ask.once.Key), maxFormKey)] + ":" +
		hex.EncodeToString(sum[:keyBytes])
	return ask, nil
}

const maxFormKey = 100

func placesOf(texts []string) (places []catalog.PlaceNo, err error) {
	for _, text := range texts {
		if text == "" {
			continue
		}
		n, err := strconv.ParseUint(text, 10, 32)
		if err != nil || len(places) == maxAsked {
			return nil, errBadNumber
		}
		if p := catalog.PlaceNo(n); !slices.Contains(places, p) {
			places = append(places, p)
		}
	}
	slices.Sort(places)
	return places, nil
}

// bestOf reads the wish for the best places.
func bestOf(form url.Values, offer *query.Offer) (*picking.Wish, error) {
	n, err := strconv.Atoi(form.Get("best"))
	if err != nil || n < 1 {
		return nil, errBadNumber
	}
	wish := &picking.Wish{Count: n, Tier: picking.AnyTier, Section: picking.AnySection,
		SplitAllowed: form.Get("split") != "", Accessible: form.Get("accessible") != ""}
	if key := form.Get("tier"); key != "" {
		tier, ok := offer.TierIndex(key)
		if !ok {
			return nil, errNoTier
		}
		wish.Tier = int(tier)
	}
	if text := form.Get("section"); text != "" {
		wish.Section, err = strconv.Atoi(text)
		if err != nil || wish.Section < 0 || wish.Section >= offer.Plan().SectionCount() {
			return nil, errNoSection
		}
	}
	return wish, nil
}

// localPath is where a form wants to go back to, if that is a page of this site.
func localPath(text, otherwise string) string {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "" || u.Host != "" || u.User != nil ||
		!strings.HasPrefix(u.Path, "/") || strings.HasPrefix(u.Path, "//") ||
		strings.ContainsAny(text, "\\\r\n") {
		return otherwise
	}
	return u.RequestURI()
}

// changeBasket answers POST /events/{event}/basket.
func (s *Site) changeBasket(w http.ResponseWriter, v *visit) error {
	ctx := v.request.Context()
	offer, err := s.offer(ctx, v.request.PathValue("event"))
	if err != nil {
		return err
	}
	ask, err := s.askOf(v, offer)
	if err != nil {
		return err
	}
	held, err := s.basket(v.request, offer)
	if err != nil {
		return err
	}
	ask.holds = held != nil
	changed, err := s.change(ctx, offer, held, ask)
	if err != nil {
		return s.refuseBasket(w, v, offer, ask, err)
	}
	if changed != nil {
		s.keepHold(w, changed.ID, changed.ExpiresAt)
	}
	return s.showBasket(w, v, offer, changed, ask)
}

// change makes the basket what it is asked to be. nil means that nothing is held any more.
func (s *Site) change(
	ctx context.Context, offer *query.Offer, held *basket, ask basketAsk,
) (*basket, error) {
	var made command.HoldMade
	var err error
	if held.lost(s.clock()) && held.State == booking.HoldLive {
		// Its last seconds, which aren't shown, don't help who wants to begin anew.
		if err := s.office.ReleaseHold(ctx, held.ID); err != nil {
			return nil, err
		}
	}
	switch {
	case held.live(s.clock()):
		made, err = s.office.AmendHold(ctx, command.AmendWish{Hold: held.ID, Add: ask.add,
			Remove: ask.remove, Best: ask.best, Idempotency: ask.once})
		if errors.Is(err, booking.ErrHoldEnded) || errors.Is(err, booking.ErrHoldOrdered) {
			return s.change(ctx, offer, nil, ask)
		}
	case len(ask.add) == 0 && ask.best == nil && len(ask.remove) == 0:
		return nil, booking.ErrNoPlaces
	case len(ask.add) == 0 && ask.best == nil:
		return nil, nil // what is to be removed has gone already
	default:
		made, err = s.office.HoldPlaces(ctx, command.HoldWish{Event: offer.Event().ID,
			Places: ask.add, Best: ask.best, Idempotency: ask.once})
	}
	if err != nil || made.Hold.State == booking.HoldReleased {
		return nil, err
	}
	return &basket{Offer: made.Offer, Hold: made.Hold}, nil
}

// extendBasket answers POST /events/{event}/basket/extend.
func (s *Site) extendBasket(w http.ResponseWriter, v *visit) error {
	ctx := v.request.Context()
	offer, err := s.offer(ctx, v.request.PathValue("event"))
	if err != nil {
		return err
	}
	held, err := s.basket(v.request, offer)
	if err != nil {
		return err
	}
	ask, err := s.askOf(v, offer)
	if err != nil {
		return err
	}
	if held == nil {
		return s.refuseBasket(w, v, offer, ask, booking.ErrHoldEnded)
	}
	_, err = s.office.ExtendHold(ctx, held.ID, ask.once)
	if err != nil {
		return s.refuseBasket(w, v, offer, ask, err)
	}
	if held, err = s.readBasket(ctx, held.ID, offer); err != nil {
		return err
	}
	s.keepHold(w, held.ID, held.ExpiresAt)
	return s.showBasket(w, v, offer, held, ask)
}

// readBasketJSON answers GET /events/{event}/basket, for scripts.
func (s *Site) readBasketJSON(w http.ResponseWriter, r *http.Request) {
	v := s.visit(w, r)
	offer, err := s.offer(r.Context(), r.PathValue("event"))
	if err != nil {
		edge.Fail(w, r, err)
		return
	}
	held, err := s.basket(r, offer)
	if err == nil {
		back := localPath(r.URL.Query().Get("back"), "/events/"+offer.Event().ID.String()+"/seats")
		err = s.showBasket(w, v, offer, held, basketAsk{back: back})
	}
	if err != nil {
		edge.Fail(w, r, err)
	}
}
