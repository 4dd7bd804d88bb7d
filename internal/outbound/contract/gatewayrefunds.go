package contract

import (
	"fmt"
	"sync/atomic"

	"ticketflow/internal/app/payment"
	"ticketflow/internal/domain/money"
)

// gatewayRefunds: what goes back goes back once per key, and never more than came.
func gatewayRefunds() []GatewayCase {
	return []GatewayCase{
		{"a part, then the rest", nil, refundParts},
		{"the same key again", nil, refundSameKey},
		{"the same key at once", nil, refundSameKeyParallel},
		{"a key of another amount", nil, refundKeyReused},
		{"more than was captured", nil, refundTooMuch},
		{"many at once", nil, refundManyParallel},
		{"of nothing", nil, refundNothing},
		{"one that waits", []Power{WaitingRefunds}, refundWaiting},
		{"one that waits and fails", []Power{WaitingRefunds}, refundWaitingFails},
		{"one that fails", []Power{WaitingRefunds}, refundFailing},
	}
}

// refund asks for a part of the usual payment, which must end in a state.
func (c *counter) refund(refundKey string, minor int64, want payment.State) payment.RefundStatus {
	c.Helper()
	st, err := c.Gateway.Refund(c.Context(), key(1, 1), refundKey, euros(c, minor))
	if err != nil {
		c.Fatalf("refund %s: %v", refundKey, err)
	}
	same(c.T, "refund's key", st.RefundKey, refundKey)
	same(c.T, "refund's state", st.State, want)
	same(c.T, "refund's amount", st.Amount, euros(c, minor))
	if st.Refund == "" || st.Transaction == "" {
		c.Errorf("a refund without ids of the gateway: %+v", st)
	}
	return st
}

func refundParts(c *counter) {
	c.sold(key(1, 1))
	one := c.refund("ref_1", 900, payment.Refunded)
	st := c.stands(key(1, 1), payment.Paid)
	same(c.T, "refunded", st.Refunded, euros(c, 900))
	c.balance(usual - 900)
	two := c.refund("ref_2", usual-900, payment.Refunded)
	if one.Refund == two.Refund {
		c.Errorf("two refunds are %s", one.Refund)
	}
	st = c.stands(key(1, 1), payment.Refunded)
	same(c.T, "refunded", st.Refunded, euros(c, usual))
	same(c.T, "refunds", len(st.Refunds), 2)
	c.balance(0)
}

func refundSameKey(c *counter) {
	c.sold(key(1, 1))
	first := c.refund("ref_1", 900, payment.Refunded)
	for range 3 {
		same(c.T, "again", c.refund("ref_1", 900, payment.Refunded), first)
	}
	c.refund("ref_2", usual-900, payment.Refunded)
	same(c.T, "when all is returned", c.refund("ref_1", 900, payment.Refunded), first)
	c.balance(0)
}

func refundSameKeyParallel(c *counter) {
	c.sold(key(1, 1))
	var done [100]payment.RefundStatus
	together(len(done), func(i int) {
		var err error
		done[i], err = c.Gateway.Refund(c.Context(), key(1, 1), "ref_1", euros(c, 900))
		if err != nil {
			c.Errorf("refund: %v", err)
		}
	})
	for _, st := range done {
		same(c.T, "refund", st, done[0])
	}
	c.balance(usual - 900)
}

func refundKeyReused(c *counter) {
	c.sold(key(1, 1))
	c.refund("ref_1", 900, payment.Refunded)
	_, err := c.Gateway.Refund(c.Context(), key(1, 1), "ref_1", euros(c, 901))
	c.is("the same key, another amount", err, payment.ErrKeyReused)
	c.balance(usual - 900)
}

func refundTooMuch(c *counter) {
	c.sold(key(1, 1))
	_, err := c.Gateway.Refund(c.Context(), key(1, 1), "ref_1", euros(c, usual+1))
	c.is("more than was captured", err, payment.ErrOverRefund)
	c.refund("ref_2", 1, payment.Refunded)
	_, err = c.Gateway.Refund(c.Context(), key(1, 1), "ref_3", euros(c, usual))
	c.is("more than is left", err, payment.ErrOverRefund)
	c.stands(key(1, 1), payment.Paid)
	c.balance(usual - 1)
}

func refundManyParallel(c *counter) {
	c.sold(key(1, 1))
	var granted atomic.Int64
	together(40, func(i int) { // 20 refunds, each asked twice: room for 16
		_, err := c.Gateway.Refund(c.Context(), key(1, 1), fmt.Sprintf("ref_%d", i/2),
			euros(c, 300))
		if err != nil {
			c.is("refund", err, payment.ErrOverRefund)
			return
		}
		granted.Add(1)
	})
	same(c.T, "granted", granted.Load(), 32)
	c.stands(key(1, 1), payment.Paid)
	c.balance(usual - 16*300)
}

func refundNothing(c *counter) {
	_, err := c.Gateway.Refund(c.Context(), key(1, 1), "ref_1", euros(c, 1))
	c.is("a payment that never was", err, payment.ErrNotFound, payment.ErrOverRefund)
	c.sold(key(1, 1))
	_, err = c.Gateway.Refund(c.Context(), key(1, 1), "ref_1", money.Money{})
	c.is("no amount", err, payment.ErrRejected)
	_, err = c.Gateway.Refund(c.Context(), key(1, 1), "", euros(c, 1))
	c.is("no key", err, payment.ErrRejected)
	dollar, err := money.ParseCurrency("USD")
	if err != nil {
		c.Fatalf("%v", err)
	}
	dollars, err := money.New(1, dollar)
	if err != nil {
		c.Fatalf("%v", err)
	}
	_, err = c.Gateway.Refund(c.Context(), key(1, 1), "ref_1", dollars)
	c.is("another currency", err, payment.ErrRejected, payment.ErrOverRefund)
	c.balance(usual)
}

func refundWaiting(c *counter) {
	c.sold(key(1, 1))
	c.happen(key(1, 1), RefundsWait, 0)
	first := c.refund("ref_1", 900, payment.Pending)
	st := c.stands(key(1, 1), payment.Paid)
	same(c.T, "refunded", st.Refunded, money.Money{})
	same(c.T, "refunds", len(st.Refunds), 1)
	_, err := c.Gateway.Refund(c.Context(), key(1, 1), "ref_2", euros(c, usual-899))
	c.is("what is on its way back already", err, payment.ErrOverRefund)
	c.happen(key(1, 1), RefundDone, 0)
	last := c.refund("ref_1", 900, payment.Refunded)
	same(c.T, "id", last.Refund, first.Refund)
	c.balance(usual - 900)
}

func refundWaitingFails(c *counter) {
	c.sold(key(1, 1))
	c.happen(key(1, 1), RefundsWait, 0)
	c.refund("ref_1", usual, payment.Pending)
	c.happen(key(1, 1), RefundFailed, 0)
	c.refund("ref_1", usual, payment.Declined)
	c.stands(key(1, 1), payment.Paid)
	c.balance(usual)
}

func refundFailing(c *counter) {
	c.sold(key(1, 1))
	c.happen(key(1, 1), RefundsFail, 0)
	c.refund("ref_1", usual, payment.Declined)
	c.refund("ref_1", usual, payment.Declined)
	st := c.stands(key(1, 1), payment.Paid)
	same(c.T, "refunded", st.Refunded, money.Money{})
	c.balance(usual)
}
