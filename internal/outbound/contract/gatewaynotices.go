package contract

import (
	"bytes"
	"maps"
	"slices"
	"time"

	"github.com/google/go-cmp/cmp"

	"ticketflow/internal/app/payment"
	"ticketflow/internal/domain/money"
)

// maxNoticeAge is older than any genuine notice.
const maxNoticeAge = 24 * time.Hour

// gatewayNotices: a notice says who it is about and can't be made by anybody else.
func gatewayNotices() []GatewayCase {
	return []GatewayCase{
		{"of a payment", []Power{SendsWebhooks}, noticePaid},
		{"of a declined one", []Power{SendsWebhooks, Declining}, noticeDeclined},
		{"of a refund", []Power{SendsWebhooks}, noticeRefund},
		{"of a refund that waits and fails", []Power{SendsWebhooks, WaitingRefunds}, noticeFails},
		{"forged", []Power{SendsWebhooks}, noticeForged},
	}
}

// notice waits for a genuine webhook that is wanted, and checks what all have.
func (c *counter) notice(what string, want func(n payment.Notice) bool) (payment.Notice, Webhook) {
	c.Helper()
	var found payment.Notice
	var raw Webhook
	until(c, "a notice of "+what, func() bool {
		all, err := c.Bank.Webhooks(c.Context())
		if err != nil {
			c.Fatalf("webhooks: %v", err)
		}
		for _, w := range all {
			n, err := c.Gateway.ReadNotice(w.Header, w.Body, c.Now())
			if err != nil {
				c.Fatalf("a genuine notice is refused: %v: %s", err, w.Body)
			}
			if want(n) {
				found, raw = n, w
				return true
			}
		}
		return false
	})
	if found.Provider == "" || found.NoticeID == "" || found.At.IsZero() {
		c.Errorf("%s: a notice without provider, id or time: %+v", what, found)
	}
	return found, raw
}

func noticePaid(c *counter) {
	st := c.sold(key(1, 1))
	n, w := c.notice("the payment", func(n payment.Notice) bool {
		return n.Key == key(1, 1) && n.Subject == payment.OfPayment && n.State == payment.Paid
	})
	same(c.T, "amount", n.Amount, st.Amount)
	same(c.T, "transaction", n.Transaction, st.Transaction)
	same(c.T, "refund", n.Refund+n.RefundKey, "")
	again, err := c.Gateway.ReadNotice(w.Header, w.Body, c.Now())
	if diff := cmp.Diff(n, again, cmp.Comparer(sameMoney)); err != nil || diff != "" {
		c.Errorf("read again: %v, %s", err, diff)
	}
	c.sold(key(2, 1))
	other, _ := c.notice("another payment", func(n payment.Notice) bool {
		return n.Key == key(2, 1)
	})
	if other.NoticeID == n.NoticeID {
		c.Errorf("two notices are %s", n.NoticeID)
	}
}

func sameMoney(a, b money.Money) bool { return a == b }

func noticeDeclined(c *counter) {
	c.decide(c.begin(key(1, 1)), Declines)
	c.notice("the refusal", func(n payment.Notice) bool {
		return n.Key == key(1, 1) && n.Subject == payment.OfPayment && n.State == payment.Declined
	})
}

// refundNotice waits for the notice of a refund in a state.
func (c *counter) refundNotice(r payment.RefundStatus, want payment.State) payment.Notice {
	c.Helper()
	n, _ := c.notice("refund "+want.String(), func(n payment.Notice) bool {
		return n.Subject == payment.OfRefund && n.Refund == r.Refund && n.State == want
	})
	same(c.T, "refund's key", n.RefundKey, r.RefundKey)
	same(c.T, "payment's key", n.Key, key(1, 1))
	same(c.T, "transaction", n.Transaction, r.Transaction)
	same(c.T, "amount", n.Amount, r.Amount)
	return n
}

func noticeRefund(c *counter) {
	c.sold(key(1, 1))
	one := c.refundNotice(c.refund("ref_1", 900, payment.Refunded), payment.Refunded)
	two := c.refundNotice(c.refund("ref_2", 800, payment.Refunded), payment.Refunded)
	if one.NoticeID == two.NoticeID {
		c.Errorf("two notices are %s", one.NoticeID)
	}
}

func noticeFails(c *counter) {
	c.sold(key(1, 1))
	c.happen(key(1, 1), RefundsWait, 0)
	r := c.refund("ref_1", 900, payment.Pending)
	c.happen(key(1, 1), RefundFailed, 0)
	c.refundNotice(r, payment.Declined)
}

func noticeForged(c *counter) {
	c.sold(key(1, 1))
	_, w := c.notice("the payment", func(payment.Notice) bool { return true })
	refused := func(what string, header map[string][]string, body []byte, now time.Time) {
		c.Helper()
		n, err := c.Gateway.ReadNotice(header, body, now)
		if err == nil {
			c.Errorf("%s: taken as %+v", what, n)
			return
		}
		c.is(what, err, payment.ErrNotice)
	}
	refused("another body", w.Header, append(bytes.Clone(w.Body), ' '), c.Now())
	refused("another amount", w.Header, bytes.Replace(w.Body, []byte("4900"), []byte("9900"), 1),
		c.Now())
	refused("no body", w.Header, nil, c.Now())
	refused("no headers", nil, w.Body, c.Now())
	refused("old", w.Header, w.Body, c.Now().Add(maxNoticeAge))
	refused("of the future", w.Header, w.Body, c.Now().Add(-maxNoticeAge))
	// Whichever header holds the signature: without it, or with another one, nothing is believed.
	believed := 0
	for name, values := range w.Header {
		without := maps.Clone(w.Header)
		delete(without, name)
		if _, err := c.Gateway.ReadNotice(without, w.Body, c.Now()); err == nil {
			believed++
			continue
		}
		for i := range values {
			spoilt := maps.Clone(w.Header)
			spoilt[name] = []string{spoil(values[i])}
			refused("with another "+name, spoilt, w.Body, c.Now())
		}
	}
	if believed == len(w.Header) {
		c.Errorf("no header matters")
	}
}

// spoil changes the character in the middle of a text.
func spoil(text string) string {
	b := []byte(text)
	if len(b) == 0 {
		return "x"
	}
	if b[len(b)/2]++; b[len(b)/2] > '~' || b[len(b)/2] == '9'+1 || b[len(b)/2] == 'z'+1 {
		b[len(b)/2] = '0'
	}
	return string(b)
}

// gatewaySides: what happens at the gateway's side is known, and both books agree.
func gatewaySides() []GatewayCase {
	return []GatewayCase{
		{"staff refund", []Power{StaffCanRefund}, sideRefund},
		{"staff refund, and we are told", []Power{StaffCanRefund, SendsWebhooks}, sideRefundTold},
		{"the buyer's bank takes it back", []Power{BanksCanDispute}, sideDispute},
		{"and we are told", []Power{BanksCanDispute, SendsWebhooks}, sideDisputeTold},
		{"one dispute after the other", []Power{BanksCanDispute}, sideDisputes},
		{"and we are told of each", []Power{BanksCanDispute, SendsWebhooks}, sideDisputesTold},
		{"the book", []Power{KeepsBook}, sideBook},
		{"the book of all sorts", []Power{KeepsBook, Declining, SecondStep, WaitingRefunds,
			StaffCanRefund, BanksCanDispute}, sideBookOfAll},
	}
}

func sideRefund(c *counter) {
	c.sold(key(1, 1))
	c.happen(key(1, 1), StaffRefunds, 900)
	st := c.stands(key(1, 1), payment.Paid)
	same(c.T, "refunded", st.Refunded, euros(c, 900))
	if len(st.Refunds) != 1 {
		c.Fatalf("one refund, and %d are told", len(st.Refunds))
	}
	same(c.T, "its key", st.Refunds[0].RefundKey, "")
	_, err := c.Gateway.Refund(c.Context(), key(1, 1), "ref_1", euros(c, usual))
	c.is("what staff have returned", err, payment.ErrOverRefund)
	c.refund("ref_1", usual-900, payment.Refunded)
	c.stands(key(1, 1), payment.Refunded)
	c.balance(0)
}

func sideRefundTold(c *counter) {
	c.sold(key(1, 1))
	c.happen(key(1, 1), StaffRefunds, 900)
	st := c.stands(key(1, 1), payment.Paid)
	if len(st.Refunds) != 1 {
		c.Fatalf("one refund, and %d are told", len(st.Refunds))
	}
	c.refundNotice(st.Refunds[0], payment.Refunded)
}

func sideDispute(c *counter) {
	c.sold(key(1, 1))
	c.happen(key(1, 1), BuyerDisputes, usual)
	st := c.stands(key(1, 1), payment.Disputed)
	same(c.T, "disputed", st.Disputed, euros(c, usual))
	c.balance(0)
	_, err := c.Gateway.Refund(c.Context(), key(1, 1), "ref_1", euros(c, 1))
	c.is("refund of what is gone", err, payment.ErrOverRefund)
	c.happen(key(1, 1), DisputeIsWon, 0)
	st = c.stands(key(1, 1), payment.Paid)
	c.disputesOf(st, payment.Declined)
	c.balance(usual)
}

// disputesOf wants disputes in these states, the oldest first, whose names differ.
func (c *counter) disputesOf(st payment.Status, want ...payment.State) {
	c.Helper()
	names := make(map[string]bool)
	var got []payment.State
	for _, d := range st.Disputes {
		names[d.Dispute] = d.Dispute != ""
		got = append(got, d.State)
	}
	if !slices.Equal(got, want) || len(names) != len(want) || names[""] {
		c.Errorf("the disputes are %+v, want %v with a name each", st.Disputes, want)
	}
}

// sideDisputes: one is decided for us, another one of a part of the money follows, and a third one
// is open beside it.
func sideDisputes(c *counter) {
	c.sold(key(1, 1))
	c.happen(key(1, 1), BuyerDisputes, usual)
	c.happen(key(1, 1), DisputeIsWon, usual)
	c.happen(key(1, 1), BuyerDisputes, 900)
	c.happen(key(1, 1), BuyerDisputes, 700)
	st := c.stands(key(1, 1), payment.Disputed)
	c.disputesOf(st, payment.Declined, payment.Disputed, payment.Disputed)
	same(c.T, "disputed", st.Disputed, euros(c, 1_600))
	_, err := c.Gateway.Refund(c.Context(), key(1, 1), "ref_1", euros(c, usual-1_599))
	c.is("refund of what is gone", err, payment.ErrOverRefund)
	c.happen(key(1, 1), DisputeIsWon, 900)
	st = c.stands(key(1, 1), payment.Disputed)
	c.disputesOf(st, payment.Declined, payment.Declined, payment.Disputed)
	same(c.T, "disputed", st.Disputed, euros(c, 700))
	c.balance(usual - 700)
}

// sideDisputesTold: each message names its dispute.
func sideDisputesTold(c *counter) {
	c.sold(key(1, 1))
	c.happen(key(1, 1), BuyerDisputes, 900)
	c.happen(key(1, 1), BuyerDisputes, 700)
	c.happen(key(1, 1), DisputeIsWon, 900)
	names := make(map[int64]string)
	for _, d := range c.stands(key(1, 1), payment.Disputed).Disputes {
		names[d.Amount.Minor()] = d.Dispute
	}
	for _, want := range []struct {
		state payment.State
		minor int64
	}{{payment.Disputed, 900}, {payment.Disputed, 700}, {payment.Declined, 900}} {
		n, _ := c.notice("the dispute", func(n payment.Notice) bool {
			return n.Subject == payment.OfDispute && n.State == want.state &&
				n.Amount == euros(c, want.minor)
		})
		same(c.T, "the dispute", n.Refund, names[want.minor])
	}
}

func sideDisputeTold(c *counter) {
	st := c.sold(key(1, 1))
	for _, step := range []struct {
		happening Happening
		want      payment.State
	}{{BuyerDisputes, payment.Disputed}, {DisputeIsWon, payment.Declined}} {
		c.happen(key(1, 1), step.happening, usual)
		n, _ := c.notice("the dispute", func(n payment.Notice) bool {
			return n.Subject == payment.OfDispute && n.State == step.want
		})
		same(c.T, "key", n.Key, key(1, 1))
		same(c.T, "amount", n.Amount, euros(c, usual))
		same(c.T, "transaction", n.Transaction, st.Transaction)
		if n.Refund == "" || n.RefundKey != "" {
			c.Errorf("a dispute needs the gateway's id and has no key of ours: %+v", n)
		}
	}
}

// bookIs reads the whole book in pages of several sizes: it is exactly what is said of each.
func (c *counter) bookIs(keys ...string) {
	c.Helper()
	want := make(map[string]payment.Status)
	for _, k := range keys {
		st, err := c.Gateway.LookUp(c.Context(), k)
		if err != nil {
			c.Fatalf("look up %s: %v", k, err)
		}
		want[k] = st
	}
	var first []string
	for _, limit := range []int{1, 2, 100} {
		got := make(map[string]payment.Status)
		var order []string
		for after, pages := "", 0; ; pages++ {
			page, next, err := c.Book.Payments(c.Context(), after, limit)
			if err != nil || len(page) > limit || pages > len(keys) {
				c.Fatalf("page %d of %d: %d payments, %v", pages, limit, len(page), err)
			}
			for _, st := range page {
				if _, twice := got[st.Key]; twice {
					c.Errorf("%s is in the book twice", st.Key)
				}
				got[st.Key], order = st, append(order, st.Key)
			}
			if after = next; next == "" {
				break
			}
		}
		if diff := cmp.Diff(want, got, cmp.Comparer(sameMoney)); diff != "" {
			c.Errorf("the book in pages of %d: %s", limit, diff)
		}
		if first == nil {
			first = order
		}
		if diff := cmp.Diff(first, order); diff != "" {
			c.Errorf("the order isn't stable: %s", diff)
		}
	}
}

func sideBook(c *counter) {
	c.bookIs()
	c.sold(key(1, 1))
	c.refund("ref_1", 900, payment.Refunded)
	c.refund("ref_2", 800, payment.Refunded)
	c.sold(key(2, 1))
	c.begin(key(3, 1))
	c.bookIs(key(1, 1), key(2, 1))
}

func sideBookOfAll(c *counter) {
	for i := 1; i <= 4; i++ {
		c.sold(key(i, 1))
	}
	c.decide(c.begin(key(5, 1)), Declines)
	c.decide(c.begin(key(6, 1)), Hesitates)
	c.happen(key(2, 1), StaffRefunds, usual)
	c.happen(key(3, 1), BuyerDisputes, usual)
	c.happen(key(1, 1), RefundsWait, 0)
	c.refund("ref_1", 900, payment.Pending)
	if _, err := c.Gateway.Cancel(c.Context(), key(4, 1)); err != nil {
		c.Errorf("cancel: %v", err)
	}
	c.bookIs(key(1, 1), key(2, 1), key(3, 1), key(4, 1), key(6, 1))
	c.balance(2 * usual)
}
