package sqlite_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"ticketflow/internal/app/audit"
	"ticketflow/internal/app/command"
	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/catalog"
)

// fillHouse brings a house into every state that selling can lead to, and returns the orders that
// were answered as paid. The numbers of the places are what the corruption tests name.
func fillHouse(h *auditedHouse) (paid []string) {
	h.t.Helper()
	ctx := h.t.Context()
	first, second := h.openEvent(auditedPlaces), h.openEvent(8)
	swept, retaken := h.hold(first, 3), h.hold(first, 4, 5)
	lapsed := h.order(first, 8)
	late, tooLate := h.order(first, 13, 14), h.order(first, 15)
	h.wait(auditedPay + booking.PayGrace + time.Second)
	h.must(h.office.ExpireHolds(ctx, []booking.HoldID{swept}))
	for _, o := range []booking.Order{lapsed, late, tooLate} {
		h.must(h.office.ExpireOrder(ctx, o.ID))
	}
	// The hold's time is over, so that the organiser may take the place; the hold stays as it is.
	h.must(h.office.BlockPlaces(ctx, first, []catalog.PlaceNo{4}, false))
	h.must(h.office.BlockPlaces(ctx, first, []catalog.PlaceNo{4}, true))
	h.hold(first, 4)
	if _, err := h.office.ExtendHold(ctx, retaken, h.key()); !errors.Is(err, booking.ErrHoldEnded) {
		h.t.Fatalf("extend a hold that lost a place: %v", err)
	}
	h.pay(late, "t-late", booking.PaymentTookBack)
	h.sell(first, 15)
	h.pay(tooLate, "t-too-late", booking.PaymentGivenBack)
	h.refund(first, "late_payment:simpay:t-too-late")

	extended := h.hold(first, 0, 1)
	_, err := h.office.ExtendHold(ctx, extended, h.key())
	h.must(err)
	h.must(h.office.ReleaseHold(ctx, h.hold(first, 2)))
	h.order(first, 6, 7)
	sold := h.sell(first, 9, 10)
	h.admit(sold, 9)
	h.pay(sold, "t-twice", booking.PaymentGivenBack)
	cancelled := h.sell(first, 11)
	h.must(h.office.CancelOrder(ctx, cancelled.ID))
	h.refund(first, "cancelled:simpay:t-evt_1-11")
	// Somebody else gets the place: it has a void and a valid ticket.
	h.pay(h.order(first, 11), "t-again", booking.PaymentApplied)
	dropped := h.order(first, 12)
	h.must(h.office.CancelOrder(ctx, dropped.ID))
	h.pay(dropped, "t-dropped", booking.PaymentGivenBack) // not refunded yet
	h.must(h.office.BlockPlaces(ctx, first, []catalog.PlaceNo{16, 17, 18}, false))
	h.must(h.office.BlockPlaces(ctx, first, []catalog.PlaceNo{17}, true))
	h.order(first, auditedFreeFrom) // it costs nothing, so it is paid
	fillLimit(h, first)
	h.payWrongly(h.order(first, 27), "t-wrong")
	fillBooks(h, second)
	other := h.sell(second, 0, 1)
	h.admit(other, 0)
	fillPriced(h)

	h.must(h.store.Handled(ctx, "refunds", 5))
	h.must(h.store.Advance(ctx, "refunds", 7))
	for _, o := range []booking.Order{late, sold, cancelled, other} {
		paid = append(paid, o.ID.String())
	}
	return paid
}

// fillLimit lets one buyer reach the limit per buyer, and no more.
func fillLimit(h *auditedHouse, event catalog.EventID) {
	h.t.Helper()
	const email = "keen@example.org"
	six := h.orderFor(email, h.hold(event, 20, 21, 22, 23, 24, 25), h.key())
	h.pay(six, "t-six", booking.PaymentApplied)
	extra := h.hold(event, 26)
	_, err := h.office.PlaceOrder(h.t.Context(), command.OrderWish{Hold: extra,
		Buyer: booking.Buyer{Name: "Keen", Email: email}, Idempotency: h.key()})
	if !errors.Is(err, booking.ErrBuyerLimit) {
		h.t.Fatalf("a seventh place: %v", err)
	}
	h.must(h.office.ReleaseHold(h.t.Context(), extra))
}

// asText is how a report is shown in a failure.
func asText(t testing.TB, r audit.Report) string {
	t.Helper()
	var out strings.Builder
	if err := r.WriteText(&out); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestAuditOfAnEmptyLedger(t *testing.T) {
	h := openAuditedHouse(t)
	if r := auditDir(t, h.dir, h.clock()); !r.OK || len(r.Invariants) != 9 {
		t.Errorf("an empty ledger is broken:\n%s", asText(t, r))
	}
}

func TestAuditOfAHealthyLedger(t *testing.T) {
	h := openAuditedHouse(t)
	paid := fillHouse(h)
	r := auditDir(t, h.dir, h.clock(), paid...)
	if !r.OK {
		t.Fatalf("a healthy ledger is broken:\n%s", asText(t, r))
	}
	for _, v := range r.Invariants {
		if v.Checked == 0 {
			t.Errorf("%s has looked at nothing", v.ID)
		}
	}
	if want := (audit.Open{Quarantined: 2, KeptNotices: 1, FailedRefunds: 1}); r.Open != want {
		t.Errorf("open is %+v, want %+v", r.Open, want)
	}
	if text := asText(t, r); !strings.Contains(text, "open           2 payments in quarantine") {
		t.Errorf("the text is\n%s", text)
	}
	raw, err := json.Marshal(r)
	if err != nil || !strings.Contains(string(raw), `"I1":{"ok":true,"checked":88,"broken":0}`) {
		t.Errorf("the JSON is %s (%v)", raw, err)
	}
	h.wait(24 * time.Hour)
	if r := auditDir(t, h.dir, h.clock(), paid...); !r.OK {
		t.Errorf("a healthy ledger doesn't keep:\n%s", asText(t, r))
	}
}

// TestAuditOfBaskets: what was changed fits what was told, and orders fit what they were made from.
func TestAuditOfBaskets(t *testing.T) {
	h := openAuditedHouse(t)
	event := h.openEvent(auditedPlaces)
	amend := func(id booking.HoldID, add, remove []catalog.PlaceNo) {
		t.Helper()
		_, err := h.office.AmendHold(t.Context(), command.AmendWish{Hold: id, Add: add,
			Remove: remove, Idempotency: h.key()})
		h.must(err)
	}
	live, gone, bought := h.hold(event, 0, 1), h.hold(event, 2), h.hold(event, 3, 4)
	amend(live, []catalog.PlaceNo{5, 6}, []catalog.PlaceNo{0})
	amend(live, []catalog.PlaceNo{0, 6}, []catalog.PlaceNo{5})
	amend(gone, nil, []catalog.PlaceNo{2})
	amend(bought, []catalog.PlaceNo{2, 5}, []catalog.PlaceNo{4})
	o := h.orderFor("buyer@example.org", bought, h.key())
	h.pay(o, "t-basket", booking.PaymentApplied)
	if r := auditDir(t, h.dir, h.clock(), o.ID.String()); !r.OK {
		t.Errorf("baskets break the books:\n%s", asText(t, r))
	}
}

// TestAuditBesideSales audits again and again while a hall is being sold.
func TestAuditBesideSales(t *testing.T) {
	h := openAuditedHouse(t)
	const places, sellers = 160, 8
	event := h.openEvent(places)
	var selling sync.WaitGroup
	failures := make(chan error, places)
	for s := range sellers {
		selling.Go(func() {
			for no := s; no < places; no += sellers {
				if err := sellOne(h, event, catalog.PlaceNo(no)); err != nil {
					failures <- err
					return
				}
			}
		})
	}
	done := make(chan struct{})
	go func() { selling.Wait(); close(done) }()
	for over := false; !over; {
		select {
		case <-done:
			over = true // and once more, with everything sold
		default:
		}
		if r := auditDir(t, h.dir, h.clock()); !r.OK {
			t.Errorf("the audit of a living ledger is broken:\n%s", asText(t, r))
			over = true
		}
	}
	<-done
	close(failures)
	for err := range failures {
		t.Error(err)
	}
}

// sellOne sells, cancels or lets go of one place, as its number says.
func sellOne(h *auditedHouse, event catalog.EventID, no catalog.PlaceNo) error {
	ctx := h.t.Context()
	made, err := h.office.HoldPlaces(ctx, command.HoldWish{Event: event,
		Places: []catalog.PlaceNo{no}, Idempotency: h.key()})
	if err != nil {
		return err
	}
	if no%5 == 0 {
		return h.office.ReleaseHold(ctx, made.Hold.ID)
	}
	in := h.key()
	placed, err := h.office.PlaceOrder(ctx, command.OrderWish{Hold: made.Hold.ID,
		Buyer:       booking.Buyer{Name: "Buyer", Email: "b" + in.Key + "@example.org"},
		Idempotency: in})
	if err != nil {
		return err
	}
	_, err = h.office.RecordPayment(ctx, command.Paid{Order: placed.Order.ID,
		Provider: "simpay", Transaction: fmt.Sprint(no), Amount: placed.Order.Total})
	if err == nil && no%7 == 0 {
		err = h.office.CancelOrder(ctx, placed.Order.ID)
	}
	return err
}
