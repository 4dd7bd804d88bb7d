package httpapi

import (
	"strconv"

	"ticketflow/internal/app/command"
	"ticketflow/internal/app/query"
	"ticketflow/internal/app/strictjson"
	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/domain/money"
)

// The answers of the rush are written by hand, byte for byte as encoding/json writes the documented
// structs: a test compares them.

func appendMoney(b []byte, minor int64, currency money.Currency) []byte {
	b = strconv.AppendInt(append(b, `{"amount":`...), minor, 10)
	b = append(append(b, `,"currency":"`...), currency[:]...)
	return append(b, `"}`...)
}

func appendLabel(b []byte, label catalog.SeatLabel) []byte {
	b = strictjson.AppendString(append(b, `,"section":`...), label.Section)
	b = strictjson.AppendString(append(b, `,"row":`...), label.Row)
	return strictjson.AppendString(append(b, `,"seat":`...), label.Seat)
}

func appendPlaces(b []byte, offer *catalog.Offer, lines []booking.Line) []byte {
	b = append(b, '[')
	for i, l := range lines {
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendUint(append(b, `{"place":`...), uint64(l.Place), 10)
		b = appendLabel(b, offer.Plan().Label(l.Place))
		b = strictjson.AppendString(append(b, `,"tier":`...), tierKey(offer, l.Tier))
		b = appendMoney(append(b, `,"price":`...), l.Price, offer.Currency())
		b = append(b, '}')
	}
	return append(b, ']')
}

// tierKey is the published name of a tier, empty for one that the event doesn't have.
func tierKey(offer *catalog.Offer, tier uint8) string {
	if tiers := offer.Event().Tiers; int(tier) < len(tiers) {
		return tiers[tier].Key
	}
	return ""
}

// appendHold writes a Hold that was just made.
func appendHold(b []byte, made *command.HoldMade) []byte {
	h := &made.Hold
	b = h.ID.Append(append(b, `{"id":"`...))
	b = append(append(b, `","token":"`...), made.Token.String()...)
	b = append(append(b, `","event":"`...), h.ID.Event.String()...)
	b = strictjson.AppendTime(append(b, `","expires_at":`...), h.ExpiresAt)
	b = strictjson.AppendTime(append(b, `,"now":`...), h.CreatedAt)
	b = strictjson.AppendBool(append(b, `,"side_by_side":`...), made.SideBySide)
	if made.Why != nil {
		b = appendWhy(append(b, `,"why":`...), made.Why)
	}
	b = appendPlaces(append(b, `,"places":`...), made.Offer.Offer, h.Lines)
	b = appendCharges(b, made.Offer.Offer, h.Charges)
	b = appendMoney(append(b, `,"total":`...), h.Total.Minor(), made.Offer.Currency())
	return append(b, '}')
}

func appendWhy(b []byte, why *command.Why) []byte {
	b = strictjson.AppendBool(append(b, `{"side_by_side":`...), why.SideBySide)
	b = append(b, `,"stretches":[`...)
	for i, s := range why.Stretches {
		if i > 0 {
			b = append(b, ',')
		}
		b = strictjson.AppendString(append(b, `{"section":`...), s.Section)
		b = strictjson.AppendString(append(b, `,"row":`...), s.Row)
		b = strictjson.AppendString(append(b, `,"first_seat":`...), s.First)
		b = strictjson.AppendString(append(b, `,"last_seat":`...), s.Last)
		b = strconv.AppendInt(append(b, `,"count":`...), int64(len(s.Places)), 10)
		b = append(b, '}')
	}
	b = strconv.AppendInt(append(b, `],"distance_cm":`...), int64(why.DistanceCM), 10)
	return append(b, '}')
}

// appendOrder writes an Order; token is empty unless it was just placed.
func appendOrder(
	b []byte, o *booking.Order, offer *catalog.Offer, token string, pay Payment,
) []byte {
	b = o.ID.Append(append(b, `{"id":"`...))
	if token != "" {
		b = append(append(b, `","token":"`...), token...)
	}
	b = append(append(b, `","reference":"`...), o.ID.Reference()...)
	b = append(append(b, `","event":"`...), o.ID.Event.String()...)
	b = append(append(b, `","state":"`...), o.State.String()...)
	b = strictjson.AppendTime(append(b, `","expires_at":`...), o.ExpiresAt)
	b = appendPlaces(append(b, `,"places":`...), offer, o.Lines)
	b = appendCharges(b, offer, o.Charges)
	b = appendMoney(append(b, `,"total":`...), o.Total.Minor(), offer.Currency())
	b = strictjson.AppendString(append(b, `,"payment":{"provider":`...), pay.Provider)
	b = strictjson.AppendString(append(b, `,"url":`...), pay.URL)
	b = append(append(append(b, `,"state":"`...), pay.State...), '"')
	if pay.Instructions != "" {
		b = strictjson.AppendString(append(b, `,"instructions":`...), pay.Instructions)
	}
	if pay.RetryAfter != 0 {
		b = strconv.AppendInt(append(b, `,"retry_after_seconds":`...), int64(pay.RetryAfter), 10)
	}
	return append(b, `}}`...)
}

// appendTickets writes OrderTickets.
func appendTickets(
	b []byte, o *booking.Order, tickets []query.OwnTicket, plan *catalog.Plan,
) []byte {
	b = o.ID.Append(append(b, `{"order":"`...))
	b = append(append(b, `","state":"`...), o.State.String()...)
	b = append(b, `","tickets":[`...)
	for i := range tickets {
		t := &tickets[i]
		if i > 0 {
			b = append(b, ',')
		}
		b = append(append(b, `{"id":"`...), t.ID.String()...)
		b = strconv.AppendUint(append(b, `","place":`...), uint64(t.ID.Place), 10)
		b = appendLabel(b, plan.Label(t.ID.Place))
		b = append(append(b, `,"state":"`...), t.State.String()...)
		b = strictjson.AppendString(append(b, `","holder_name":`...), o.Buyer.Name)
		b = strictjson.AppendString(append(b, `,"code":`...), t.Code)
		if t.Became != 0 {
			b = strictjson.AppendString(append(b, `,"passed_to":{"name":`...), t.PassedTo.Name)
			b = strictjson.AppendString(append(b, `,"email":`...), t.PassedTo.Email)
			b = append(append(append(b, `,"state":"`...), t.Became.String()...), `"}`...)
		}
		b = append(b, '}')
	}
	return append(b, `]}`...)
}
