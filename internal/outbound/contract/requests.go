package contract

import (
	"time"

	"ticketflow/internal/app/command"
	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/catalog"
)

// requests: a buyer's wish for a refund is recorded once, and answered once.
func requests() []Case {
	return []Case{
		{"asked many times at once", true, requestAsked},
		{"answered by a refund, or declined", true, requestAnswered},
		{"not answered by a refund from before", true, requestAskedSince},
	}
}

func requestAsked(s *stage) {
	w := s.show(terms{places: 2})
	order, open := w.sold("buyer", 0), w.ordered("other", 1)
	ctx := s.t.Context()
	_, err := s.office.AskRefund(ctx, open.ID, "")
	s.is(err, booking.ErrOrderNotPaid, "a wish about an unpaid order")
	_, err = s.engine.Requests.RefundRequest(ctx, order.ID)
	s.is(err, booking.ErrRequestNotFound, "a wish that nobody has")
	const parallel = 10
	made := make([]booking.RefundRequest, parallel)
	together(parallel, func(i int) {
		r, err := s.office.AskRefund(ctx, order.ID, " ill,\r\nsorry ")
		s.is(err, nil, "a wish")
		made[i] = r
	})
	want := booking.RefundRequest{Order: order.ID, State: booking.RequestOpen,
		Reason: "ill,\nsorry", AskedAt: s.clock.Now()}
	for _, r := range made {
		same(s.t, "the wish", r, want)
	}
	all, err := s.engine.Requests.OpenRequests(ctx, 10)
	s.noError(err)
	same(s.t, "open wishes", len(all), 1)
	same(s.t, "the open one", all[0], want)
	s.crash()
	kept, err := s.engine.Requests.RefundRequest(ctx, order.ID)
	s.noError(err)
	same(s.t, "after a crash", kept, want)
}

func requestAnswered(s *stage) {
	w := s.show(terms{places: 4})
	ctx := s.t.Context()
	refunded, declined, cancelled := w.sold("one", 0, 1), w.sold("two", 2), w.sold("three", 3)
	for _, o := range []booking.Order{refunded, declined, cancelled} {
		_, err := s.office.AskRefund(ctx, o.ID, "")
		s.noError(err)
	}
	_, err := s.office.RefundOrder(ctx, command.RefundWish{Order: refunded.ID,
		Places: []catalog.PlaceNo{0}, Idempotency: command.Idempotency{Key: "k"}})
	s.noError(err)
	r, err := s.engine.Requests.RefundRequest(ctx, refunded.ID)
	s.noError(err)
	same(s.t, "after a refund", r.State, booking.RequestRefunded)
	_, err = s.office.DeclineRefund(ctx, refunded.ID, "")
	s.is(err, booking.ErrRequestAnswered, "no after yes")
	r, err = s.office.AskRefund(ctx, refunded.ID, "the other one, too")
	s.noError(err)
	same(s.t, "a wish for the rest", r, booking.RefundRequest{Order: refunded.ID,
		State: booking.RequestOpen, Reason: "the other one, too", AskedAt: s.clock.Now()})
	_, err = s.office.RefundOrder(ctx, command.RefundWish{Order: refunded.ID,
		Places: []catalog.PlaceNo{1}, Idempotency: command.Idempotency{Key: "l"}})
	s.noError(err)
	r, err = s.engine.Requests.RefundRequest(ctx, refunded.ID)
	s.noError(err)
	same(s.t, "after the second refund", r.State, booking.RequestRefunded)

	for range 2 {
		r, err = s.office.DeclineRefund(ctx, declined.ID, "too late")
		s.noError(err)
	}
	same(s.t, "after a no", r, booking.RefundRequest{Order: declined.ID,
		State: booking.RequestDeclined, AskedAt: s.clock.Now(), Answer: "too late",
		AnsweredAt: s.clock.Now()})
	again, err := s.office.AskRefund(ctx, declined.ID, "please")
	s.noError(err)
	same(s.t, "asked again after a no", again, r)
	_, err = s.office.DeclineRefund(ctx, declined.ID, "another reason")
	s.is(err, booking.ErrRequestAnswered, "another answer")
	s.must(w.cancel(cancelled)) // then there is nothing left to be given back
	all, err := s.engine.Requests.OpenRequests(ctx, 10)
	s.noError(err)
	same(s.t, "open wishes", len(all), 0)
	_, err = s.office.DeclineRefund(ctx, w.sold("four", 3).ID, "")
	s.is(err, booking.ErrRequestNotFound, "an answer to nobody")
}

// requestAskedSince: a refund that is asked for again under its key is the one from before, which a
// buyer who has since asked for more already knows.
func requestAskedSince(s *stage) {
	w := s.show(terms{places: 3})
	ctx := s.t.Context()
	order := w.sold("one", 0, 1, 2)
	ask := func(reason string) booking.RefundRequest {
		r, err := s.office.AskRefund(ctx, order.ID, reason)
		s.noError(err)
		return r
	}
	refund := func(key string, place catalog.PlaceNo, want booking.RefundRequest) {
		_, err := s.office.RefundOrder(ctx, command.RefundWish{Order: order.ID,
			Places: []catalog.PlaceNo{place}, Idempotency: command.Idempotency{Key: key}})
		s.noError(err)
		r, err := s.engine.Requests.RefundRequest(ctx, order.ID)
		s.noError(err)
		same(s.t, "after the refund "+key, r, want)
	}
	first := ask("one of us")
	s.clock.Advance(time.Second)
	first.State, first.AnsweredAt = booking.RequestRefunded, s.clock.Now()
	refund("k", 0, first)
	s.clock.Advance(time.Second)
	second := ask("another one")
	same(s.t, "the second wish", second, booking.RefundRequest{Order: order.ID,
		State: booking.RequestOpen, Reason: "another one", AskedAt: s.clock.Now()})
	s.clock.Advance(time.Second)
	refund("k", 0, second)
	s.crash()
	refund("k", 0, second)
	second.State, second.AnsweredAt = booking.RequestRefunded, s.clock.Now()
	refund("l", 1, second)
	s.clock.Advance(time.Second)
	third := ask("the last one")
	s.clock.Advance(time.Second)
	refund("l", 1, third)
	third, err := s.office.DeclineRefund(ctx, order.ID, "")
	s.noError(err)
	same(s.t, "a no at any time", third.State, booking.RequestDeclined)
}
