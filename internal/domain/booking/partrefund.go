package booking

import (
	"strconv"
	"strings"

	"ticketflow/internal/domain/fact"
	"ticketflow/internal/domain/money"
)

// partMark begins the number of a part in a refund's key.
const partMark = ":part:"

// Whole is the refund that this one was a part of, before other money paid the part.
func (r RefundRef) Whole() (whole RefundRef, part bool) {
	key, _, part := strings.Cut(r.Key, partMark)
	return RefundRef{r.Event, key}, part
}

// part names the next part of a refund. All refunds of the payment are known.
func (r RefundRef) part(refunds []Refund) RefundRef {
	whole, _ := r.Whole()
	taken := make(map[RefundRef]bool, len(refunds))
	for _, one := range refunds {
		taken[one.Ref] = true
	}
	for n := 1; ; n++ {
		ref := RefundRef{whole.Event, whole.Key + partMark + strconv.Itoa(n)}
		if !taken[ref] {
			return ref
		}
	}
}

// partNumber tells whether a text is what part writes.
func partNumber(text string) bool {
	n, err := strconv.Atoi(text)
	return err == nil && n > 0 && strconv.Itoa(n) == text
}

// wholly tells whether the refund was of all that was left, whatever that is.
func (r Refund) wholly() bool { return r.owed() && (r.Reason == ReasonCancelled || !r.ofSale()) }

// cover pays a part of a refund that has failed, since so much has gone that the gateway can never
// return all of it. The part is done from then on, as a refund of its own. What is left of the
// refund is asked for by itself if it was of everything and the gateway had refused it outright;
// otherwise people decide.
func (c *RecordGatewayRefund) cover(
	b *Book, r Refund, refunds []Refund, amount money.Money,
) error {
	rest, err := r.Amount.Sub(amount)
	if err != nil {
		return err
	}
	part := Refund{Ref: r.Ref.part(refunds), Payment: r.Payment, Order: r.Order, Amount: amount,
		Reason: r.Reason, RequestedAt: r.RequestedAt}
	b.record(fact.Fact{Kind: fact.RefundRequested, Event: part.Ref.Event, Order: part.Order,
		Amount: amount, Ref: part.Ref.Key})
	if r.ofSale() {
		less, due := r.entry(EntryRefundDue), part.entry(EntryRefundDue)
		less.Refunds, less.Receivable = -amount.Minor(), amount.Minor()
		due.Refunds, due.Receivable = amount.Minor(), -amount.Minor()
		b.post(less)
		b.post(due)
	}
	c.pay(b, part)
	r.Amount = rest
	told := fact.RefundFailed
	if r.GatewayRef == "" && r.wholly() && r.Retries < MaxRefundRetries {
		told, r.State = fact.RefundRequested, RefundRequested
		r.Retries++
	}
	b.refunds.put(r.Ref, r)
	b.record(fact.Fact{Kind: told, Event: r.Ref.Event, Order: r.Order, Amount: rest,
		Ref: r.Ref.Key})
	return nil
}
