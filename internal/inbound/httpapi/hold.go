package httpapi

import (
	"context"
	"net/http"

	"ticketflow/internal/app/command"
	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/domain/errs"
	"ticketflow/internal/domain/picking"
	"ticketflow/internal/inbound/edge"
	"ticketflow/internal/inbound/forms"
)

// Refusals of wishes that name what the event doesn't have.
var (
	errNoTier = errs.New(errs.Invalid, "unknown_tier", "The event has no such price tier.").
			WithField("field", "best.tier")
	errNoSection = errs.New(errs.Invalid, "unknown_section", "The event has no such section.").
			WithField("field", "best.section")
)

// A guest who asks for a hold has no name yet: whoever sends the same key and the same wish is
// taken for the same guest, and gets the same hold with its token. So the key must be hard to hit
// upon.
const minGuestKeyBytes = 16

var errGuestKey = errs.New(errs.Malformed, "idempotency_key_too_short",
	"For a hold the Idempotency-Key must have 16 characters or more, best a random UUID: it is "+
		"what tells you from other guests.")

// placeHold answers POST /v1/events/{event}/holds.
func (s *Server) placeHold(w http.ResponseWriter, r *http.Request) {
	event, err := catalog.ParseEventID(r.PathValue("event"))
	if err != nil {
		edge.Fail(w, r, err)
		return
	}
	work := borrow(bodies)
	defer work.giveBack()
	if err := work.read(r); err != nil {
		edge.Fail(w, r, err)
		return
	}
	ask, err := forms.ReadHold(work.text)
	if err != nil {
		edge.Fail(w, r, err)
		return
	}
	key := idempotencyKey(r)
	if key != "" && len(key) < minGuestKeyBytes {
		edge.Fail(w, r, errGuestKey)
		return
	}
	wish := command.HoldWish{Event: event, Places: ask.Places,
		Idempotency: command.Idempotency{Key: key, Body: work.text}}
	if ask.Best {
		if wish.Best, err = s.bestWish(r.Context(), event, &ask); err != nil {
			edge.Fail(w, r, err)
			return
		}
	}
	made, err := s.office.HoldPlaces(r.Context(), wish)
	if err != nil {
		edge.Fail(w, r, s.advise(r.Context(), event, wish.Places, wish.Best, err))
		return
	}
	answer := borrow(answers)
	defer answer.giveBack()
	answer.text = appendHold(answer.text, &made)
	edge.WriteJSON(w, http.StatusCreated, answer.text)
}

// bestWish brings a wish into the words of the plan.
func (s *Server) bestWish(
	ctx context.Context, event catalog.EventID, ask *forms.Hold,
) (*picking.Wish, error) {
	wish := &picking.Wish{Count: ask.Count, Tier: picking.AnyTier, Section: picking.AnySection,
		SplitAllowed: ask.Split, Accessible: ask.StepFree}
	if ask.Tier == "" && ask.Section == "" {
		return wish, nil
	}
	offer, err := s.offer(ctx, event)
	if err != nil {
		return nil, err
	}
	if ask.Tier != "" {
		tier, ok := offer.TierIndex(ask.Tier)
		if !ok {
			return nil, errNoTier
		}
		wish.Tier = int(tier)
	}
	if ask.Section != "" {
		for i := range offer.Plan().SectionCount() {
			if offer.Plan().Section(i).Name == ask.Section {
				wish.Section = i
				return wish, nil
			}
		}
		return nil, errNoSection
	}
	return wish, nil
}
