package booking

import (
	"cmp"
	"maps"
	"slices"

	"pgregory.net/rapid"

	"ticketflow/internal/domain/ident"
)

func drawRarely(t *rapid.T, what string) bool { return rapid.IntRange(0, 3).Draw(t, what) == 0 }

// drawMoney is a command about money that has been captured or was to be.
func (s *stage) drawMoney(t *rapid.T) decision {
	switch rapid.IntRange(0, 8).Draw(t, "money") {
	case 0, 1, 2:
		return s.drawRefundOrder(t)
	case 3, 4:
		return s.drawRefunded(t)
	case 5:
		failed := slices.DeleteFunc(s.refundRefs(), func(ref RefundRef) bool {
			return s.refunds[ref].State != RefundFailed
		})
		if rapid.Bool().Draw(t, "settle") {
			return &SettleRefund{Refund: drawOne(t, failed), Reference: "transfer"}
		}
		return &RetryRefund{Refund: drawOne(t, failed)}
	case 6:
		return &ReturnPayment{Payment: drawOne(t, s.paymentRefs())}
	case 7:
		return s.drawGatewayRefund(t)
	default:
		if rapid.Bool().Draw(t, "decline") {
			return &RecordDecline{Order: drawOne(t, s.orderIDs()), News: s.drawNews(t),
				Attempt: rapid.IntRange(1, 3).Draw(t, "attempt")}
		}
		return &KeepNotice{News: s.drawNews(t), Why: "some_code"}
	}
}

func (s *stage) drawRefundOrder(t *rapid.T) *RefundOrder {
	key := s.key()
	c := &RefundOrder{ID: drawOne(t, s.orderIDs()), Refund: key, Answer: answerRef(key),
		Block: drawRarely(t, "block")}
	if old := s.refundRefs(); len(old) > 0 && drawRarely(t, "again") {
		c.Answer = answerRef(ident.Key{7, byte(rapid.IntRange(1, int(s.keys)).Draw(t, "key"))})
	}
	lines := s.orders[c.ID].Lines
	switch rapid.IntRange(0, 3).Draw(t, "part") {
	case 0: // all
	case 1:
		c.Goodwill = s.euros(rapid.SampledFrom([]int64{1, 700, seatPrice, 2 * seatPrice}).
			Draw(t, "goodwill"))
	default:
		if len(lines) == 0 {
			return c
		}
		for range rapid.IntRange(1, 2).Draw(t, "places") {
			c.Places = append(c.Places, drawOne(t, lines).Place)
		}
	}
	return c
}

// drawRefunded is what a gateway says about a refund that was asked for.
func (s *stage) drawRefunded(t *rapid.T) *RecordRefund {
	c := &RecordRefund{Refund: drawOne(t, s.refundRefs()), News: s.drawNews(t),
		Failed:     rapid.Bool().Draw(t, "failed"),
		GatewayRef: rapid.SampledFrom([]string{"", "g1", "g2"}).Draw(t, "gateway's name")}
	r := s.refunds[c.Refund]
	switch rapid.IntRange(0, 3).Draw(t, "try") {
	case 0:
		c.Try = r.GatewayKey()
	case 1:
		c.Try = r.Ref.Key
	}
	return c
}

func (s *stage) drawGatewayRefund(t *rapid.T) *RecordGatewayRefund {
	pay := s.payments[drawOne(t, s.paymentRefs())]
	c := &RecordGatewayRefund{Order: OrderID{theEvent, pay.Order}, Payment: pay.Ref,
		News: s.drawNews(t), Dispute: rapid.Bool().Draw(t, "dispute"),
		GatewayRef: rapid.SampledFrom([]string{"g1", "g2", "g3", "g4", ""}).Draw(t, "name")}
	c.Won = c.Dispute && rapid.Bool().Draw(t, "won")
	amounts := []int64{pay.Amount.Minor(), pay.Amount.Minor(), seatPrice, 700, 1}
	c.Amount = s.euros(rapid.SampledFrom(amounts).Draw(t, "amount"))
	return c
}

// drawNews is a new message, one that is known, or none.
func (s *stage) drawNews(t *rapid.T) News {
	n := rapid.IntRange(0, int(s.keys)).Draw(t, "message")
	if n == 0 {
		return News{}
	}
	return News{NoticeRef{theEvent, "simpay", ident.Encode("m", []byte{byte(n)})}, "{}"}
}

func (s *stage) refundRefs() []RefundRef {
	return slices.SortedFunc(maps.Keys(s.refunds), func(x, y RefundRef) int {
		return cmp.Compare(x.Key, y.Key)
	})
}
