package web

import (
	"context"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"

	"ticketflow/internal/app/query"
	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/domain/money"
	"ticketflow/internal/domain/pricing"
)

const (
	// holdGrace is how much earlier than in truth the end of a hold is shown: what is sent in the
	// last second still counts.
	holdGrace = 5 * time.Second
	// holdMemory is how long a browser knows of a hold that has ended.
	holdMemory = 24 * time.Hour
	keyBytes   = 16
)

// basket is the hold of one browser for one event.
type basket struct {
	*query.Offer
	booking.Hold
}

// live tells whether the places are still the buyer's.
func (b *basket) live(now time.Time) bool {
	return b != nil && b.State == booking.HoldLive && now.Before(b.ends())
}

// ends is the end of the hold as it is shown.
func (b *basket) ends() time.Time { return b.ExpiresAt.Add(-holdGrace) }

// lost tells whether the time has run out and nothing was ordered.
func (b *basket) lost(now time.Time) bool {
	return b != nil && (b.State == booking.HoldExpired ||
		b.State == booking.HoldLive && !now.Before(b.ends()))
}

// extensions is how often more time can be had.
func (b *basket) extensions() int {
	return max(0, b.Event().Terms.MaxExtensions-b.Hold.Extensions)
}

// worth is what each place costs with its part of discounts, fees and taxes.
func (b *basket) worth() []money.Money {
	places := make([]pricing.Place, len(b.Lines))
	for i, l := range b.Lines {
		places[i] = pricing.Place{Tier: l.Tier, Price: l.Price}
	}
	all := make([]money.Money, len(places))
	for i, minor := range pricing.Worth(b.Charges, places) {
		all[i], _ = money.New(minor, b.Currency()) // a part of a total that was checked
	}
	return all
}

// places are the numbers of the basket's places.
func (b *basket) places() []catalog.PlaceNo {
	places := make([]catalog.PlaceNo, len(b.Lines))
	for i, l := range b.Lines {
		places[i] = l.Place
	}
	return places
}

// holdCookie is the name of the cookie with the hold for an event.
func holdCookie(event catalog.EventID) string { return "hold_" + event.String() }

// keepHold tells the browser which hold it has, and for how long to remember it: not until when,
// because clocks of browsers are wrong.
func (s *Site) keepHold(w http.ResponseWriter, id booking.HoldID, expires time.Time) {
	//nolint:gosec // Secure wherever buyers come through TLS
	http.SetCookie(w, &http.Cookie{Name: holdCookie(id.Event), Path: "/", HttpOnly: true,
		Value:    id.String() + "." + s.office.HoldToken(id).String(),
		MaxAge:   int((expires.Sub(s.clock()) + holdMemory) / time.Second),
		SameSite: http.SameSiteLaxMode, Secure: s.secure()})
}

// heldBy names the hold that a request has in its cookie.
func heldBy(r *http.Request, event catalog.EventID) (id, token string) {
	cookie, err := r.Cookie(holdCookie(event))
	if err != nil {
		return "", ""
	}
	id, token, _ = strings.Cut(cookie.Value, ".")
	return id, token
}

// basket finds what a browser holds for an event; nil if that is nothing, or was ordered or given
// back.
func (s *Site) basket(r *http.Request, offer *query.Offer) (*basket, error) {
	name, token := heldBy(r, offer.Event().ID)
	if name == "" {
		return nil, nil
	}
	id, err := booking.ParseHoldID(name)
	if err != nil || id.Event != offer.Event().ID || s.office.CheckHold(id, token) != nil {
		return nil, nil //nolint:nilerr // a cookie of another time, or of nobody
	}
	b, err := s.readBasket(r.Context(), id, offer)
	if errors.Is(err, booking.ErrHoldNotFound) ||
		err == nil && b.State != booking.HoldLive && b.State != booking.HoldExpired {
		return nil, nil
	}
	return b, err
}

func (s *Site) readBasket(
	ctx context.Context, id booking.HoldID, offer *query.Offer,
) (*basket, error) {
	h, err := s.bookings.Hold(ctx, id)
	if err != nil {
		return nil, err
	}
	return &basket{Offer: offer, Hold: h}, nil
}

// key is a new idempotency key for a form.
func (v *visit) key() string {
	var raw [keyBytes]byte
	_, _ = io.ReadFull(v.site.random, raw[:]) // crypto/rand never fails
	return hex.EncodeToString(raw[:])
}
