package sqlite_test

import (
	"errors"
	"time"

	"ticketflow/internal/app/command"
	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/domain/pricing"
)

// orderWith makes an order with a voucher.
func (h *auditedHouse) orderWith(
	code string, event catalog.EventID, places ...catalog.PlaceNo,
) (booking.Order, error) {
	h.t.Helper()
	hold, in := h.hold(event, places...), h.key()
	made, err := h.office.PlaceOrder(h.t.Context(), command.OrderWish{Hold: hold,
		Buyer:   booking.Buyer{Name: "Buyer", Email: "buyer" + in.Key + "@example.org"},
		Voucher: code, Idempotency: in})
	return made.Order, err
}

// fillPriced sells an event with fees, taxes and a voucher for three orders, which is used by a
// paid one, by one that was cancelled after it had been paid, by an open one, and by a late one
// beyond its limit.
func fillPriced(h *auditedHouse) {
	h.t.Helper()
	event := h.openPriced(20, pricing.Rules{
		TicketFee: pricing.Fee{Name: "Service", Fixed: 150, Percent: 250},
		OrderFee:  pricing.Fee{Name: "Booking", Fixed: 99, Absorbed: true},
		TicketTax: pricing.Tax{Code: "AT-13", Rate: 1_300, Added: true},
		FeeTax:    pricing.Tax{Code: "AT-20", Rate: 2_000}})
	for _, code := range []string{"three", "all"} {
		terms := pricing.VoucherTerms{Fixed: 1_000, MaxUses: 3}
		if code == "all" {
			terms = pricing.VoucherTerms{Percent: pricing.WholePercent}
		}
		_, err := h.office.CreateVoucher(h.t.Context(),
			booking.VoucherRef{Event: event, Code: code}, terms)
		h.must(err)
	}
	with := func(code string, places ...catalog.PlaceNo) booking.Order {
		o, err := h.orderWith(code, event, places...)
		h.must(err)
		return o
	}
	h.sell(event, 0, 1) // without a voucher
	late := with("THREE", 2)
	h.wait(auditedPay + booking.PayGrace + time.Second)
	h.must(h.office.ExpireOrder(h.t.Context(), late.ID))
	h.pay(with("three", 3, 4), "t-evt_3-3", booking.PaymentApplied)
	cancelled := with("three", 5)
	h.pay(cancelled, "t-evt_3-5", booking.PaymentApplied)
	h.must(h.office.CancelOrder(h.t.Context(), cancelled.ID))
	with("three", 6)
	if _, err := h.orderWith("three", event, 7); !errors.Is(err, booking.ErrVoucherUsedUp) {
		h.t.Fatalf("a fourth use: %v", err)
	}
	h.pay(late, "t-evt_3-2", booking.PaymentTookBack)
	if free := with("all", 8); free.State != booking.Paid || !free.Total.IsZero() {
		h.t.Fatalf("with a voucher for everything: %+v", free)
	}
}

// ofThird is the order that has a place of the third event.
func ofThird(place string) string {
	return " WHERE order_key = (SELECT holder FROM places WHERE place_key = 3 * 4294967296 + " +
		place + ")"
}

// priceCorruptions are about charges and vouchers.
var priceCorruptions = []corruption{
	{"I5", "has the total", "UPDATE orders SET charges = json_remove(charges, '$[1]')" +
		ofThird("0")},
	{"I5", "has the total", "UPDATE orders SET charges = ''" + ofThird("3")},
	{"I5", "has a charge (ticket_fee) that doesn't add up", `UPDATE orders
SET charges = json_set(charges, '$[1].amount', 1)` + ofThird("0")},
	{"I5", "has a charge (order_fee) that doesn't add up", `UPDATE orders
SET charges = json_set(charges, '$[2].total', 99), total = total + 99` + ofThird("0")},
	{"I5", "has lines that can't be read", `UPDATE orders
SET charges = json_insert(charges, '$[0].tip', 1)` + ofThird("0")},
	{"I5", "differs from the quote of its hold", `UPDATE orders
SET charges = json_set(charges, '$[1].name', 'Other')` + ofThird("0")},
	{"I5", "differs from the quote of its hold", `UPDATE holds SET total = total - 2000,
charges = '[{"kind":"order_fee","name":"x","tier":255,"quantity":1,"amount":-2000,"total":-2000}]'
WHERE hold = (SELECT hold FROM orders` + ofThird("3") + ")"},
	{"I5", "and tickets for", "UPDATE tickets SET state = 3, voided = fence " +
		"WHERE event_id = 3 AND place IN (0, 1)"},

	{"I9", `names the voucher "" and has the discount of "THREE"`,
		"UPDATE orders SET voucher = ''" + ofThird("3")},
	{"I9", "THREE of evt_3 has 4 orders, and the count says 5",
		"UPDATE vouchers SET used = used + 1 WHERE code = 'THREE'"},
	{"I9", "ALL of evt_3 has 1 orders, and the count says 0",
		"UPDATE vouchers SET used = 0 WHERE code = 'ALL'"},
	{"I9", "THREE of evt_3 has 3 orders that weren't late, the limit is 2",
		"UPDATE vouchers SET max_uses = 2 WHERE code = 'THREE'"},
	{"I9", "THREE of evt_3 has orders and doesn't exist",
		"DELETE FROM vouchers WHERE code = 'THREE'"},
}
