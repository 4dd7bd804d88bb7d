// Package outbox carries facts from the ledger to their subscribers.
//
// A fact is written to the log in the transaction that makes it true. The relay reads the log in
// order of position and hands each fact to each subscriber at least once; a subscriber moves its
// cursor only after its effect, and makes the effect idempotent (inbox rule).
package outbox

import (
	"encoding/json"
	"fmt"
	"strconv"

	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/domain/fact"
	"ticketflow/internal/domain/ident"
	"ticketflow/internal/domain/money"
)

// body is the JSON of a fact in the log and on the wire; kind, event and time stand beside it.
type body struct {
	Hold     string            `json:"hold"`
	Order    string            `json:"order"`
	Places   []catalog.PlaceNo `json:"places"`
	Amount   int64             `json:"amount"`
	Currency string            `json:"currency"`
	Ref      string            `json:"ref"`
}

// AppendBody writes the fact's body as JSON, without what is empty. It is on the hot path of every
// command, hence by hand; ParseBody's test holds the two together.
func AppendBody(out []byte, f fact.Fact) []byte {
	start := len(out)
	out = append(out, '{')
	if f.Hold != (ident.Key{}) {
		out = append(out, `"hold":"`...)
		out = booking.HoldID{Event: f.Event, Key: f.Hold}.Append(out)
		out = append(out, `",`...)
	}
	if f.Order != (ident.Key{}) {
		out = append(out, `"order":"`...)
		out = booking.OrderID{Event: f.Event, Key: f.Order}.Append(out)
		out = append(out, `",`...)
	}
	if len(f.Places) > 0 {
		out = append(out, `"places":[`...)
		for i, p := range f.Places {
			if i > 0 {
				out = append(out, ',')
			}
			out = strconv.AppendUint(out, uint64(p), 10)
		}
		out = append(out, `],`...)
	}
	if f.Amount != (money.Money{}) {
		out = append(out, `"amount":`...)
		out = strconv.AppendInt(out, f.Amount.Minor(), 10)
		out = append(out, `,"currency":"`...)
		out = append(out, f.Amount.Currency().String()...)
		out = append(out, `",`...)
	}
	if f.Ref != "" {
		out = append(out, `"ref":`...)
		quoted, err := json.Marshal(f.Ref)
		if err != nil { // a string can't fail to marshal
			quoted = []byte(`""`)
		}
		out = append(append(out, quoted...), ',')
	}
	if len(out) > start+1 {
		out = out[:len(out)-1]
	}
	return append(out, '}')
}

// ParseBody reads a fact's body back. Kind, Event and At are the caller's.
func ParseBody(raw []byte) (fact.Fact, error) {
	var b body
	if err := json.Unmarshal(raw, &b); err != nil {
		return fact.Fact{}, fmt.Errorf("read a fact: %w", err)
	}
	f := fact.Fact{Places: b.Places, Ref: b.Ref}
	if b.Hold != "" {
		id, err := booking.ParseHoldID(b.Hold)
		if err != nil {
			return f, fmt.Errorf("read a fact's hold: %w", err)
		}
		f.Hold = id.Key
	}
	if b.Order != "" {
		id, err := booking.ParseOrderID(b.Order)
		if err != nil {
			return f, fmt.Errorf("read a fact's order: %w", err)
		}
		f.Order = id.Key
	}
	if b.Currency != "" {
		currency, err := money.ParseCurrency(b.Currency)
		if err != nil {
			return f, fmt.Errorf("read a fact's currency: %w", err)
		}
		if f.Amount, err = money.New(b.Amount, currency); err != nil {
			return f, fmt.Errorf("read a fact's amount: %w", err)
		}
	}
	return f, nil
}
