// Package offline is the adapter of payment.Gateway for money that no gateway moves: a bank
// transfer, or cash at the box office.
//
// There is nobody to ask, so this gateway keeps no book and makes no call. What it says is all that
// can be said without one: nobody is known to have paid, and what is cancelled is closed. That the
// money came, and that a refund was paid out, is confirmed by staff with commands of the ledger,
// which is the only book: a confirmation is recorded like any other payment, with this provider's
// name and the transaction that staff give (the bank's reference, the number of the receipt).
//
// Cancelling is definite because the ledger holds both ends: once it has released an order, a
// confirmation for it is a late payment, whose way back it knows.
package offline

import (
	"context"
	"strings"
	"time"

	"ticketflow/internal/app/payment"
	"ticketflow/internal/domain/errs"
	"ticketflow/internal/domain/money"
)

// Provider is the name of this gateway.
const Provider = "offline"

// Words that are replaced in the instructions.
const (
	WordAmount    = "{amount}"    // for instance 49.00 EUR
	WordReference = "{reference}" // by which staff find the order
)

// MaxInstructions bounds the text, in bytes.
const MaxInstructions = 2_000

// ErrInstructions says that the text for buyers can't be used.
var ErrInstructions = errs.New(errs.Invalid, "bad_offline_instructions",
	"The instructions must name {amount} and {reference}, in 2,000 bytes or less.")

// Gateway is the port of the box office to its staff. Safe for concurrent use.
type Gateway struct{ instructions string }

var _ payment.Gateway = (*Gateway)(nil)

// New makes the adapter. instructions are what the buyer reads, with {amount} and {reference} in
// it. The failure is ErrInstructions.
func New(instructions string) (*Gateway, error) {
	if !strings.Contains(instructions, WordAmount) || len(instructions) > MaxInstructions ||
		!strings.Contains(instructions, WordReference) {
		return nil, ErrInstructions
	}
	return &Gateway{instructions}, nil
}

// Begin tells how to pay. There is no page.
func (g *Gateway) Begin(_ context.Context, r payment.Request) (payment.Page, error) {
	if r.Key == "" || r.Reference == "" || r.Amount.IsZero() {
		return payment.Page{}, payment.ErrRejected.With("Key, amount and reference are needed.")
	}
	words := strings.NewReplacer(WordAmount, r.Amount.Decimal(), WordReference, r.Reference)
	return payment.Page{Instructions: words.Replace(g.instructions)}, nil
}

// LookUp knows of no payment: staff tell the ledger, not this gateway.
func (g *Gateway) LookUp(context.Context, string) (payment.Status, error) {
	return payment.Status{}, payment.ErrNotFound
}

// Cancel closes an attempt. What comes in afterwards is for staff, and late.
func (g *Gateway) Cancel(_ context.Context, key string) (payment.Status, error) {
	return payment.Status{Key: key, State: payment.Declined}, nil
}

// Refund is pending until staff confirm that they have paid it out. Its id follows from its key, so
// that asking again names the same refund.
func (g *Gateway) Refund(_ context.Context, key, refundKey string, amount money.Money) (
	payment.RefundStatus, error,
) {
	if key == "" || refundKey == "" || amount.IsZero() {
		return payment.RefundStatus{}, payment.ErrRejected.With("Keys and amount are needed.")
	}
	return payment.RefundStatus{RefundKey: refundKey, Refund: Provider + ":" + refundKey,
		State: payment.Pending, Amount: amount}, nil
}

// ReadNotice refuses everything: nobody sends notices.
func (g *Gateway) ReadNotice(map[string][]string, []byte, time.Time) (payment.Notice, error) {
	return payment.Notice{}, payment.ErrNotice
}
