package httpapi

import "time"

const exampleRefundID = "ref_00000081m2agyg80000z22at2f3rgbqh15d17hr"

var (
	exampleCaptured = Captured{Amount: exampleTotal, Refunded: examplePrice, Use: "applied",
		CapturedAt: exampleNow.Add(3 * time.Minute), Provider: "simpay", Transaction: "spt_1",
		Order: exampleOrder, Event: "evt_1"}
	exampleCash = Captured{Amount: exampleTotal, Refunded: Money{Currency: "EUR"}, Use: "applied",
		CapturedAt: exampleNow.Add(3 * time.Minute), Provider: "offline",
		Transaction: "receipt 2026-0412", Order: exampleOrder, Event: "evt_1"}
	exampleReturned = Captured{Amount: exampleTotal, Refunded: exampleTotal, Use: "returned",
		CapturedAt: exampleNow.Add(3 * time.Minute), Provider: "simpay", Transaction: "spt_1",
		Order: exampleOrder, Event: "evt_1"}
	exampleRefund = refundIn("requested")
	exampleFailed = refundIn("failed")

	exampleSettled = func() Refund {
		r, done := refundIn("done"), exampleNow.Add(2*time.Hour)
		r.DoneAt, r.SettledWith = &done, "transfer 2026-117"
		return r
	}()
)

func refundIn(state string) Refund {
	return Refund{ID: exampleRefundID, Order: exampleOrder, Amount: examplePrice,
		Reason: "tickets", State: state, RequestedAt: exampleNow.Add(time.Hour),
		Provider: "simpay", Transaction: "spt_1", Places: []uint32{12}}
}
