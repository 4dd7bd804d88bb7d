package httpapi

import (
	"bytes"
	"encoding/json"
	"testing"
	"time"

	"pgregory.net/rapid"

	"ticketflow/internal/app/command"
	"ticketflow/internal/app/query"
	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/domain/money"
	"ticketflow/internal/domain/pricing"
)

// oddOffer is an event whose names need every kind of escape.
func oddOffer(tb testing.TB) *query.Offer {
	tb.Helper()
	plan, err := catalog.NewPlan(catalog.PlanSpec{
		Name: "odd", Categories: []catalog.Category{{Name: "c"}},
		Sections: []catalog.SectionSpec{
			{Name: `<"A" & 'B'>\`, Category: "c", Rows: []catalog.RowSpec{
				{Label: "1é", Seats: 10, To: catalog.Point{X: 500}},
				{Label: "", Seats: 10, From: catalog.Point{Y: 90},
					To: catalog.Point{X: 500, Y: 90}},
			}},
			{Name: "日本 🎭", Category: "c", Standing: 20, Outline: []catalog.Point{
				{Y: 200}, {X: 100, Y: 200}, {X: 100, Y: 300}}},
		},
	})
	if err != nil {
		tb.Fatal(err)
	}
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	price, err := money.New(1234, money.Currency{'J', 'P', 'Y'})
	if err != nil {
		tb.Fatal(err)
	}
	offer, err := catalog.NewOffer(catalog.Event{ID: 3, Title: "x", TimeZone: "UTC",
		StartsAt: now, Terms: catalog.Terms{OpensAt: now, ClosesAt: now.Add(time.Hour),
			MaxPerOrder: 10, HoldTime: time.Minute, PayTime: time.Minute},
		Tiers: []catalog.Tier{{Key: "<&>", Name: "n", Price: price}},
		Rules: []catalog.Rule{{Tier: "<&>", Categories: []string{"c"}}}}, plan)
	if err != nil {
		tb.Fatal(err)
	}
	return &query.Offer{Offer: offer}
}

func lines(t *rapid.T) []booking.Line {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) booking.Line {
		return booking.Line{Place: catalog.PlaceNo(rapid.Uint32Range(0, 45).Draw(t, "place")),
			Tier:  rapid.SampledFrom([]uint8{0, 1, catalog.NotForSale}).Draw(t, "tier"),
			Price: rapid.Int64Range(0, money.MaxMinor).Draw(t, "price")}
	}), 0, 12).Draw(t, "lines")
}

func charges(t *rapid.T) []pricing.Line {
	amount := func(label string) int64 {
		return rapid.Int64Range(-money.MaxMinor, money.MaxMinor).Draw(t, label)
	}
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) pricing.Line {
		l := pricing.Line{Kind: rapid.SampledFrom([]pricing.Kind{pricing.GroupDiscount,
			pricing.VoucherDiscount, pricing.TicketTax, pricing.TicketFee,
			pricing.OrderFee}).Draw(t, "kind"), Name: rapid.String().Draw(t, "name"),
			Tier:     rapid.SampledFrom([]uint8{0, pricing.AllTiers}).Draw(t, "tier"),
			Quantity: rapid.IntRange(0, 50).Draw(t, "quantity"), Amount: amount("amount"),
			Absorbed: rapid.Bool().Draw(t, "absorbed"), Total: amount("total")}
		if rapid.Bool().Draw(t, "taxed") {
			l.Rate = pricing.Tax{Code: "<&>", Rate: 7, Added: rapid.Bool().Draw(t, "added")}
			l.Tax = amount("tax")
			l.Unit = amount("unit")
		}
		return l
	}), 0, 4).Draw(t, "charges")
}

func moment(t *rapid.T, label string) time.Time {
	ms := rapid.Int64Range(0, 4_000_000_000_000).Draw(t, label)
	return time.UnixMilli(ms).UTC()
}

func same(t *rapid.T, got []byte, shape any) {
	t.Helper()
	want, err := json.Marshal(shape)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Fatalf("by hand: %s\nby encoding/json: %s", got, want)
	}
}

func drawWhy(t *rapid.T, plan *catalog.Plan) *command.Why {
	if rapid.Bool().Draw(t, "named") {
		return nil
	}
	var places []catalog.PlaceNo
	for _, l := range lines(t) {
		places = append(places, l.Place)
	}
	return &command.Why{SideBySide: rapid.Bool().Draw(t, "together"),
		Stretches: plan.Stretches(places), DistanceCM: rapid.IntRange(0, 20_000).Draw(t, "far")}
}

func drawTotal(t *rapid.T) money.Money {
	total, err := money.New(rapid.Int64Range(0, money.MaxMinor).Draw(t, "total"),
		money.Currency{'J', 'P', 'Y'})
	if err != nil {
		t.Fatal(err)
	}
	return total
}

// TestHandwrittenAnswers are, byte for byte, what encoding/json makes of the documented structs.
func TestHandwrittenAnswers(t *testing.T) {
	offer := oddOffer(t)
	rapid.Check(t, func(t *rapid.T) {
		total := drawTotal(t)
		made := command.HoldMade{Offer: offer, Hold: booking.Hold{Lines: lines(t), Total: total,
			Charges: charges(t), CreatedAt: moment(t, "created"), ExpiresAt: moment(t, "expires")},
			SideBySide: rapid.Bool().Draw(t, "side"), Why: drawWhy(t, offer.Plan())}
		made.Hold.ID.Event = 3
		same(t, appendLost(nil, []command.Lost{{Place: 3, Label: offer.Plan().Label(3),
			State: booking.Ordered}, {Place: 30, Label: offer.Plan().Label(30)}}), []LostPlace{
			{Place: 3, Section: offer.Plan().Label(3).Section, Row: "1é",
				Seat: offer.Plan().Label(3).Seat, State: "held"},
			{Place: 30, Section: offer.Plan().Label(30).Section, State: "free"}})
		same(t, appendHold(nil, &made), Hold{ID: made.Hold.ID.String(),
			Token: made.Token.String(), Event: "evt_3", ExpiresAt: made.Hold.ExpiresAt,
			Now: made.Hold.CreatedAt, SideBySide: made.SideBySide,
			Why:     whyOf(made.Why),
			Places:  placesOf(offer.Offer, made.Hold.Lines),
			Charges: chargesOf(offer.Offer, made.Hold.Charges),
			Total:   Money{total.Minor(), "JPY"}})

		o := booking.Order{ID: booking.OrderID{Event: 3}, Lines: lines(t), Total: total,
			Charges: charges(t), ExpiresAt: moment(t, "order expires"),
			State: rapid.SampledFrom([]booking.OrderState{booking.AwaitingPayment, booking.Paid,
				booking.OrderExpired, booking.OrderCancelled}).Draw(t, "state")}
		pay := Payment{Provider: "simpay", URL: rapid.String().Draw(t, "url"), State: "open",
			Instructions: rapid.String().Draw(t, "instructions"),
			RetryAfter:   rapid.IntRange(0, 99).Draw(t, "retry")}
		token := rapid.SampledFrom([]string{"", "tok_1"}).Draw(t, "token")
		same(t, appendOrder(nil, &o, offer.Offer, token, pay), Order{ID: o.ID.String(),
			Token: token, Reference: o.ID.Reference(), Event: "evt_3", State: o.State.String(),
			ExpiresAt: o.ExpiresAt, Places: placesOf(offer.Offer, o.Lines),
			Charges: chargesOf(offer.Offer, o.Charges),
			Total:   Money{total.Minor(), "JPY"}, Payment: pay})
	})
}

func TestHandwrittenTickets(t *testing.T) {
	offer := oddOffer(t)
	rapid.Check(t, func(t *rapid.T) {
		o := booking.Order{ID: booking.OrderID{Event: 3}, State: booking.Paid,
			Buyer: booking.Buyer{Name: rapid.String().Draw(t, "buyer")}}
		shape := OrderTickets{Order: o.ID.String(), State: "paid", Tickets: []Ticket{}}
		var tickets []query.OwnTicket
		for _, l := range lines(t) {
			ticket := booking.Ticket{ID: booking.TicketID{Event: 3, Place: l.Place, Fence: 9},
				State: rapid.SampledFrom([]booking.TicketState{booking.TicketValid,
					booking.TicketUsed, booking.TicketVoid}).Draw(t, "state")}
			own := query.OwnTicket{Ticket: ticket,
				Code: rapid.SampledFrom([]string{"", "<code>"}).Draw(t, "code")}
			label := offer.Plan().Label(l.Place)
			shown := Ticket{ID: ticket.ID.String(), Place: uint32(l.Place),
				Section: label.Section, Row: label.Row, Seat: label.Seat,
				State: ticket.State.String(), HolderName: o.Buyer.Name, Code: own.Code}
			if rapid.Bool().Draw(t, "passed on") {
				own.Became = booking.TicketUsed
				own.PassedTo = booking.Holder{Name: rapid.String().Draw(t, "holder"), Email: "a@b"}
				shown.PassedTo = &PassedTo{Name: own.PassedTo.Name, Email: "a@b", State: "used"}
			}
			tickets = append(tickets, own)
			shape.Tickets = append(shape.Tickets, shown)
		}
		same(t, appendTickets(nil, &o, tickets, offer.Plan()), shape)
	})
}

func BenchmarkAppendHold(b *testing.B) {
	offer := oddOffer(b)
	made := command.HoldMade{Offer: offer, Hold: booking.Hold{
		Lines: []booking.Line{{Place: 3}, {Place: 4}}, CreatedAt: time.Now().UTC()}}
	var buf []byte
	b.ReportAllocs()
	for b.Loop() {
		buf = appendHold(buf[:0], &made)
	}
}
