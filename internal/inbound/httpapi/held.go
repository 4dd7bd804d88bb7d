package httpapi

import (
	"context"
	"time"

	"ticketflow/internal/app/command"
	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/domain/errs"
	"ticketflow/internal/domain/money"
	"ticketflow/internal/inbound/forms"
)

// holdInput names a hold and proves that it is the caller's.
type holdInput struct {
	Hold  string `path:"hold" example:"hld_00000081m2agyg800005m4y7h0qf22at2f3rgbg" doc:"Identifier of a hold"`
	Token string `header:"Hold-Token" example:"tok_h0qf22at2f3rgbqh15d17hw85r" doc:"The token that came with the hold"`
}

// id is the hold, if the token is its own.
func (in *holdInput) id(office *command.Office) (booking.HoldID, error) {
	id, err := booking.ParseHoldID(in.Hold)
	if err != nil {
		return id, err
	}
	return id, office.CheckHold(id, in.Token)
}

type holdOutput struct{ Body Hold }

func (s *Server) readHold(ctx context.Context, in *holdInput) (*holdOutput, error) {
	id, err := in.id(s.office)
	if err != nil {
		return nil, err
	}
	return s.showHold(ctx, id)
}

func (s *Server) showHold(ctx context.Context, id booking.HoldID) (*holdOutput, error) {
	h, err := s.bookings.Hold(ctx, id)
	if err != nil {
		return nil, err
	}
	offer, err := s.offers.Get(ctx, id.Event)
	if err != nil {
		return nil, err
	}
	return s.holdOf(&h, offer.Offer), nil
}

// holdOf is a hold as it is now.
func (s *Server) holdOf(h *booking.Hold, offer *catalog.Offer) *holdOutput {
	return &holdOutput{Hold{ID: h.ID.String(), Event: h.ID.Event.String(), State: h.State.String(),
		ExpiresAt: h.ExpiresAt, Now: s.clock().UTC().Truncate(time.Millisecond),
		SideBySide: command.SideBySide(offer.Plan(), h.Lines),
		Places:     placesOf(offer, h.Lines), Charges: chargesOf(offer, h.Charges),
		Total: moneyOf(h.Total.Minor(), offer.Currency())}}
}

type amendInput struct {
	Hold  string `path:"hold" example:"hld_00000081m2agyg800005m4y7h0qf22at2f3rgbg" doc:"Identifier of a hold"`
	Token string `header:"Hold-Token" example:"tok_h0qf22at2f3rgbqh15d17hw85r" doc:"The token that came with the hold"`
	Key   string `header:"Idempotency-Key" required:"true" minLength:"1" maxLength:"255" example:"b3c2" doc:"Made by the client; the same key with the same body changes nothing again, with another body 422"`
	Body  AmendedPlaces
}

// errBestAndNamed refuses a wish that says two things.
var errBestAndNamed = errs.New(errs.Invalid, "best_and_named",
	"Please name the places to add, or ask for the best: not both.").WithField("field", "best")

func (s *Server) amendHold(ctx context.Context, in *amendInput) (*holdOutput, error) {
	id, err := (&holdInput{in.Hold, in.Token}).id(s.office)
	if err != nil {
		return nil, err
	}
	wish := command.AmendWish{Hold: id, Add: placeNumbers(in.Body.Add),
		Remove: placeNumbers(in.Body.Remove), Idempotency: (&Creating{in.Key}).of(in.Body)}
	if best := in.Body.Best; best != nil {
		if len(wish.Add) > 0 {
			return nil, errBestAndNamed
		}
		wish.Best, err = s.bestWish(ctx, id.Event, &forms.Hold{Count: best.Count, Tier: best.Tier,
			Section: best.Section, Split: best.SplitAllowed, StepFree: best.Accessible})
		if err != nil {
			return nil, err
		}
	}
	made, err := s.office.AmendHold(ctx, wish)
	if err != nil {
		return nil, s.advise(ctx, id.Event, wish.Add, wish.Best, err)
	}
	out := s.holdOf(&made.Hold, made.Offer.Offer)
	out.Body.Why = whyOf(made.Why)
	return out, nil
}

func placeNumbers(numbers []uint32) []catalog.PlaceNo {
	places := make([]catalog.PlaceNo, len(numbers))
	for i, n := range numbers {
		places[i] = catalog.PlaceNo(n)
	}
	return places
}

type extendInput struct {
	Hold  string `path:"hold" example:"hld_00000081m2agyg800005m4y7h0qf22at2f3rgbg" doc:"Identifier of a hold"`
	Token string `header:"Hold-Token" example:"tok_h0qf22at2f3rgbqh15d17hw85r" doc:"The token that came with the hold"`
	Key   string `header:"Idempotency-Key" required:"true" minLength:"1" maxLength:"255" example:"b3c2" doc:"Made by the client; the same key doesn't extend twice"`
}

func (s *Server) extendHold(ctx context.Context, in *extendInput) (*holdOutput, error) {
	id, err := (&holdInput{in.Hold, in.Token}).id(s.office)
	if err != nil {
		return nil, err
	}
	if _, err := s.office.ExtendHold(ctx, id, command.Idempotency{Key: in.Key}); err != nil {
		return nil, err
	}
	return s.showHold(ctx, id) // as it is now: the key may have been answered long ago
}

func (s *Server) releaseHold(ctx context.Context, in *holdInput) (*struct{}, error) {
	id, err := in.id(s.office)
	if err != nil {
		return nil, err
	}
	return nil, s.office.ReleaseHold(ctx, id)
}

func moneyOf(minor int64, currency money.Currency) Money {
	return Money{Amount: minor, Currency: currency.String()}
}

func placesOf(offer *catalog.Offer, lines []booking.Line) []Place {
	places := make([]Place, len(lines))
	for i, l := range lines {
		label := offer.Plan().Label(l.Place)
		places[i] = Place{Place: uint32(l.Place), Section: label.Section, Row: label.Row,
			Seat: label.Seat, Tier: tierKey(offer, l.Tier),
			Price: moneyOf(l.Price, offer.Currency())}
	}
	return places
}
