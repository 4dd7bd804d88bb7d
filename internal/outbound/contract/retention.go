package contract

import (
	"time"

	"ticketflow/internal/domain/booking"
)

// retention: what nobody may ask for any more is forgotten, and nothing else.
func retention() []Case {
	return []Case{
		{"old answers go, what they made stays", true, forgetOld},
		{"answers go in pages", true, forgetPages},
	}
}

// answered makes a hold of one place, which is given back, and returns its answer's name.
func (w *show) answered() (*booking.HoldPlaces, booking.Fingerprint) {
	w.t.Helper()
	hold := w.hold(0)
	w.must(hold, w.release(hold.ID))
	return hold, hold.Answer.Key
}

// forget removes answers that are older than an hour.
func (s *stage) forget(limit int) int {
	s.t.Helper()
	n, err := s.engine.Answers.ForgetAnswers(s.t.Context(), s.clock.Now().Add(-time.Hour), limit)
	s.noError(err)
	return n
}

func forgetOld(s *stage) {
	w := s.show(terms{places: 1})
	const manyRows = 1_000
	_, old := w.answered()
	s.clock.Advance(2 * time.Hour)
	young, key := w.answered()
	before := w.rows()
	same(s.t, "removed", s.forget(manyRows), 1)
	after := w.rows()
	if _, ok := after.Answers[old]; ok {
		s.t.Errorf("the old answer is still there")
	}
	if _, ok := after.Answers[key]; !ok {
		s.t.Errorf("the young answer is gone")
	}
	before.Answers = after.Answers
	if diff := difference(before, after); diff != "" {
		s.t.Errorf("more than answers has changed (-before +after):\n%s", diff)
	}
	same(s.t, "removed again", s.forget(manyRows), 0)
	again := *young
	again.ID.Key = s.key()
	s.must(&again)
	same(s.t, "the young one's hold", again.Made.ID, young.ID)
}

func forgetPages(s *stage) {
	w := s.show(terms{places: 1})
	const page = 2
	for range 2*page + 1 {
		w.answered()
	}
	s.clock.Advance(2 * time.Hour)
	_, key := w.answered()
	for _, want := range []int{page, page, 1, 0} {
		same(s.t, "removed", s.forget(page), want)
	}
	answers := w.rows().Answers
	if _, ok := answers[key]; !ok || len(answers) != 1 {
		s.t.Errorf("the answers that stay: %v", answers)
	}
}
