package httpapi

import (
	"context"
	"time"

	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/domain/pricing"
)

// VoucherTerms are what a voucher takes off, and when: either a percentage or an amount.
type VoucherTerms struct {
	Code        string     `json:"code" minLength:"3" maxLength:"40" pattern:"^[A-Za-z0-9-]+$" example:"SPRING-27" doc:"In either case; kept in capitals. Make it hard to guess where that matters: eight random characters or more"`
	BasisPoints int        `json:"basis_points,omitempty" minimum:"0" maximum:"10000" example:"1000" doc:"Off each place that it is for: 1000 is 10 %"`
	Amount      int64      `json:"amount,omitempty" minimum:"0" maximum:"1000000000000" doc:"Off the order, in minor units of the event's currency; never more than its places cost"`
	Tiers       []string   `json:"tiers,omitempty" maxItems:"64" nullable:"false" example:"[\"cat1\"]" doc:"Only for places of these; absent for all"`
	ValidFrom   *time.Time `json:"valid_from,omitempty" nullable:"false"`
	ValidUntil  *time.Time `json:"valid_until,omitempty" nullable:"false"`
	MaxUses     int        `json:"max_uses,omitempty" minimum:"0" maximum:"1000000000" example:"100" doc:"Orders that may have it; 0 is no limit"`
}

// Voucher is a voucher of an event.
type Voucher struct {
	VoucherTerms
	Used     int  `json:"used" example:"12" doc:"Orders that have it and await their payment, or have ever been paid. A payment that comes after its order has expired is honoured with the discount, even beyond max_uses"`
	Disabled bool `json:"disabled" doc:"No further order can use it"`
}

// VoucherPage is a page of an event's vouchers, by code.
type VoucherPage struct {
	Vouchers []Voucher `json:"vouchers" nullable:"false"`
	Next     string    `json:"next_cursor,omitempty" example:"SPRING-27" doc:"Ask for the next page with it; absent on the last page"`
}

type newVoucherInput struct {
	Event string `path:"event" example:"evt_1" doc:"Identifier of an event"`
	Body  VoucherTerms
}

type voucherInput struct {
	Event string `path:"event" example:"evt_1" doc:"Identifier of an event"`
	Code  string `path:"code" example:"SPRING-27" doc:"The voucher's code, in either case"`
}

type voucherListInput struct {
	Event  string `path:"event" example:"evt_1" doc:"Identifier of an event"`
	Cursor string `query:"cursor" maxLength:"40" doc:"From the page before"`
	Limit  int    `query:"limit" minimum:"1" maximum:"500" default:"100" doc:"Vouchers on a page"`
}

type (
	voucherOutput     struct{ Body Voucher }
	voucherPageOutput struct{ Body VoucherPage }
)

func (s *Server) createVoucher(ctx context.Context, in *newVoucherInput) (*voucherOutput, error) {
	id, err := catalog.ParseEventID(in.Event)
	if err != nil {
		return nil, err
	}
	terms := pricing.VoucherTerms{Percent: in.Body.BasisPoints, Fixed: in.Body.Amount,
		Tiers: in.Body.Tiers, MaxUses: in.Body.MaxUses}
	if terms.From, err = bound(in.Body.ValidFrom); err != nil {
		return nil, err
	}
	if terms.Until, err = bound(in.Body.ValidUntil); err != nil {
		return nil, err
	}
	v, err := s.office.CreateVoucher(ctx, booking.VoucherRef{Event: id, Code: in.Body.Code}, terms)
	if err != nil {
		return nil, err
	}
	return &voucherOutput{voucherOf(&v)}, nil
}

// bound is a time that a voucher may begin or end at.
func bound(t *time.Time) (time.Time, error) {
	if t == nil {
		return time.Time{}, nil
	}
	if y := t.UTC().Year(); y < firstYear || y > lastYear {
		return time.Time{}, pricing.ErrVoucherTerms.With("A time is before 1990 or after 2200.")
	}
	return *t, nil
}

func (s *Server) listVouchers(
	ctx context.Context, in *voucherListInput,
) (*voucherPageOutput, error) {
	id, err := catalog.ParseEventID(in.Event)
	if err != nil {
		return nil, err
	}
	if _, err := s.offers.Get(ctx, id); err != nil {
		return nil, err
	}
	after := ""
	if in.Cursor != "" {
		if after, err = pricing.VoucherCode(in.Cursor); err != nil {
			return nil, err
		}
	}
	list, err := s.vouchers.Vouchers(ctx, id, after, in.Limit+1)
	if err != nil {
		return nil, err
	}
	page := VoucherPage{Vouchers: []Voucher{}}
	if len(list) > in.Limit {
		list = list[:in.Limit]
		page.Next = list[in.Limit-1].Ref.Code
	}
	for i := range list {
		page.Vouchers = append(page.Vouchers, voucherOf(&list[i]))
	}
	return &voucherPageOutput{page}, nil
}

func (s *Server) disableVoucher(ctx context.Context, in *voucherInput) (*voucherOutput, error) {
	id, err := catalog.ParseEventID(in.Event)
	if err != nil {
		return nil, err
	}
	code, err := pricing.VoucherCode(in.Code)
	if err != nil {
		return nil, booking.ErrVoucherNotFound
	}
	v, err := s.office.DisableVoucher(ctx, booking.VoucherRef{Event: id, Code: code})
	if err != nil {
		return nil, err
	}
	return &voucherOutput{voucherOf(&v)}, nil
}

func voucherOf(v *booking.Voucher) Voucher {
	out := Voucher{VoucherTerms: VoucherTerms{Code: v.Ref.Code, BasisPoints: v.Terms.Percent,
		Amount: v.Terms.Fixed, Tiers: v.Terms.Tiers, MaxUses: v.Terms.MaxUses},
		Used: v.Used, Disabled: v.Disabled}
	if !v.Terms.From.IsZero() {
		out.ValidFrom = &v.Terms.From
	}
	if !v.Terms.Until.IsZero() {
		out.ValidUntil = &v.Terms.Until
	}
	return out
}
