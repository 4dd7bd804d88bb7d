package httpapi

import (
	"context"

	"ticketflow/internal/app/query"
)

// Quote is what an order of a hold costs, line by line.
type Quote struct {
	Hold    string   `json:"hold" example:"hld_00000081m2agyg800005m4y7h0qf22at2f3rgbg"`
	Voucher string   `json:"voucher,omitempty" example:"SPRING-27" doc:"As it is kept: in capitals"`
	Places  []Place  `json:"places" nullable:"false"`
	Charges []Charge `json:"charges" nullable:"false" doc:"What comes off and what comes on top"`
	Total   Money    `json:"total"`
	Saved   Money    `json:"saved" doc:"What the voucher takes off the total"`
}

type quoteInput struct {
	Hold    string `path:"hold" example:"hld_00000081m2agyg800005m4y7h0qf22at2f3rgbg" doc:"Identifier of a hold"`
	Token   string `header:"Hold-Token" example:"tok_h0qf22at2f3rgbqh15d17hw85r" doc:"The token that came with the hold"`
	Voucher string `query:"voucher" maxLength:"60" example:"spring-27" doc:"Code of a voucher, in either case"`
}

type quoteOutput struct{ Body Quote }

// readQuote answers GET /v1/holds/{hold}/quote. It counts nothing: the voucher may be used up by
// others before the order is placed.
func (s *Server) readQuote(ctx context.Context, in *quoteInput) (*quoteOutput, error) {
	id, err := (&holdInput{in.Hold, in.Token}).id(s.office)
	if err != nil {
		return nil, err
	}
	h, err := s.bookings.Hold(ctx, id)
	if err != nil {
		return nil, err
	}
	offer, err := s.offers.Get(ctx, id.Event)
	if err != nil {
		return nil, err
	}
	charges, total, code := h.Charges, h.Total, ""
	if in.Voucher != "" {
		charges, total, code, err = query.WithVoucher(ctx, s.vouchers, offer.Offer, h, in.Voucher,
			s.clock())
		if err != nil {
			return nil, err
		}
	}
	saved, err := h.Total.Sub(total)
	if err != nil {
		return nil, err
	}
	q := Quote{Hold: id.String(), Voucher: code, Places: placesOf(offer.Offer, h.Lines),
		Charges: chargesOf(offer.Offer, charges), Total: moneyOf(total.Minor(), offer.Currency()),
		Saved: moneyOf(saved.Minor(), offer.Currency())}
	if q.Charges == nil {
		q.Charges = []Charge{}
	}
	return &quoteOutput{q}, nil
}
