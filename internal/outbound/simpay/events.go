package simpay

import (
	"encoding/json"
	"net/http"
	"time"

	"ticketflow/internal/app/payment"
	"ticketflow/internal/domain/errs"
	"ticketflow/internal/domain/money"
)

var errEvent = errs.New(errs.Invalid, "bad_simpay_event",
	"An event is refund, dispute, dispute_won, refund_done or refund_failed.")

// eventRequest is what happens at the gateway's side.
type eventRequest struct {
	Event  string `json:"event"`
	Amount int64  `json:"amount"` // minor units of a refund or dispute; 0 is all that is left
	Refund int    `json:"refund"` // which one, from 1; 0 is the last

	Dispute int `json:"dispute"` // which one, from 1; 0 is the last that is open
}

// makeEvent lets something happen at the gateway's side: somebody refunds in its dashboard, the
// buyer's bank takes the money back or loses the case, a refund that is pending is settled.
func (s *Simulator) makeEvent(r *http.Request, body []byte, _ *fate) (int, any, error) {
	var req eventRequest
	if json.Unmarshal(body, &req) != nil || req.Amount < 0 || req.Refund < 0 || req.Dispute < 0 {
		return 0, nil, errRequest
	}
	key := r.PathValue("key")
	st, known := s.book.lookUp(key)
	if !known {
		return 0, nil, payment.ErrNotFound
	}
	var p parcel
	var err error
	now := s.clock.Now()
	switch req.Event {
	case "refund":
		var amount money.Money
		if req.Amount > 0 {
			if amount, err = money.New(req.Amount, st.Amount.Currency()); err != nil {
				return 0, nil, payment.ErrOverRefund
			}
		}
		p, _, _, err = s.book.giveBack(key, "", amount, refundPlan{}, now)
	case "dispute":
		p, err = s.book.takeBack(key, req.Amount, now)
	case "dispute_won":
		p, err = s.book.winBack(key, req.Dispute, now)
	case "refund_done", "refund_failed":
		if req.Refund == 0 {
			req.Refund = len(st.Refunds)
		}
		p, err = s.book.settleRefund(key, req.Refund, req.Event == "refund_failed", now)
	default:
		return 0, nil, errEvent
	}
	if err != nil {
		return 0, nil, err
	}
	s.courier.later(p, s.fates.draw(key).manner())
	st, _ = s.book.lookUp(key)
	return http.StatusOK, st.document(), nil
}

// settleLater has a pending refund settled when its time has come; nothing if r is nothing.
func (s *Simulator) settleLater(r pendingRefund) {
	if r == (pendingRefund{}) {
		return
	}
	s.courier.at(r.due, func() {
		s.tell(r.key, func(now time.Time) (parcel, error) {
			return s.book.settleRefund(r.key, r.number, r.fails, now)
		})
	})
}

// tell does something that nobody asked for and delivers its webhook. What isn't possible any more
// isn't done.
func (s *Simulator) tell(key string, do func(now time.Time) (parcel, error)) bool {
	p, err := do(s.clock.Now())
	if err != nil {
		s.log.Debug("simpay's gateway has changed its mind", "payment", key, "error", err)
		return false
	}
	s.courier.first(p, s.fates.draw(key).manner())
	return true
}

// aftermath is what happens at the gateway's side some time after a charge.
func (s *Simulator) aftermath(key string, d *fate) {
	if d == nil {
		return
	}
	wait := d.span(aftermathTime)
	if d.strikes(gatewayRefund) {
		s.courier.at(s.clock.Now().Add(wait), func() {
			s.tell(key, func(now time.Time) (parcel, error) {
				p, _, _, err := s.book.giveBack(key, "", money.Money{}, refundPlan{}, now)
				return p, err
			})
		})
	}
	if !d.strikes(dispute) {
		return
	}
	s.courier.at(s.clock.Now().Add(wait), func() {
		number := 0
		opened := s.tell(key, func(now time.Time) (parcel, error) {
			p, err := s.book.takeBack(key, 0, now)
			if err == nil {
				number = p.change.dispute.number
			}
			return p, err
		})
		if !opened || !d.strikes(disputeWon) {
			return
		}
		s.courier.at(s.clock.Now().Add(wait), func() {
			s.tell(key, func(now time.Time) (parcel, error) {
				return s.book.winBack(key, number, now)
			})
		})
	})
}
