package contract

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"ticketflow/internal/app/notify"
	"ticketflow/internal/domain/fact"
)

// mails: a letter is planned once, and sent by one at a time until it is settled. Each case has an
// engine of its own: the queue is one for all events.
func mails() []Case {
	return []Case{
		{"planned twice is once", true, mailsPlanned},
		{"a letter is claimed by one at a time", true, mailsClaimed},
		{"a lease that is over", true, mailsLeased},
		{"what became of them", true, mailsSettled},
	}
}

const mailReader = "mail"

func (s *stage) letter(n int) notify.Letter {
	return notify.Letter{Key: fmt.Sprint(n, "-buyer"), Kind: fact.OrderPaid, To: notify.ToBuyer,
		Event: 7, Order: s.key(), Place: 3, Fence: 9, Amount: euros(s.t, int64(n)+1),
		At: s.clock.Now().Add(time.Duration(n) * time.Millisecond)}
}

func (s *stage) plan(upTo int64, letters ...notify.Letter) {
	s.t.Helper()
	s.noError(s.engine.Mails.Plan(s.t.Context(), letters, mailReader, upTo))
}

// claim takes what is due for a minute.
func (s *stage) claim(limit int) []notify.Letter {
	s.t.Helper()
	now := s.clock.Now()
	all, err := s.engine.Mails.Claim(s.t.Context(), now, now.Add(time.Minute), limit)
	s.noError(err)
	slices.SortFunc(all, func(x, y notify.Letter) int { return x.At.Compare(y.At) })
	return all
}

func mailsPlanned(s *stage) {
	first, second := s.letter(0), s.letter(1)
	second.Kind, second.To = fact.TicketTransferred, notify.ToHolder
	second.Amount = notify.Letter{}.Amount // a transfer has none
	s.plan(5, first)
	changed := first
	changed.Kind = fact.OrderExpired
	s.plan(3, changed, second)
	s.clock.Advance(time.Second)
	got := s.claim(10)
	first.Tries, second.Tries = 1, 1
	if len(got) != 2 || got[0] != first || got[1] != second {
		s.t.Errorf("planned: %+v, want %+v and %+v", got, first, second)
	}
	cursor, err := s.engine.Log.Cursor(s.t.Context(), mailReader)
	s.noError(err)
	same(s.t, "the cursor", cursor, 5)
	s.crash()
	s.clock.Advance(time.Minute)
	same(s.t, "letters after a crash", len(s.claim(10)), 2)
}

func mailsClaimed(s *stage) {
	const letters, clerks = 30, 8
	for i := range letters {
		s.plan(int64(i), s.letter(i))
	}
	s.clock.Advance(time.Second)
	var mu sync.Mutex
	claimed := make(map[string]int)
	together(clerks, func(int) {
		for range letters {
			for _, l := range s.claim(2) {
				mu.Lock()
				claimed[l.Key]++
				mu.Unlock()
			}
		}
	})
	same(s.t, "letters", len(claimed), letters)
	for key, n := range claimed {
		same(s.t, "claims of "+key, n, 1)
	}
}

func mailsLeased(s *stage) {
	s.plan(1, s.letter(0))
	s.clock.Advance(time.Second)
	same(s.t, "due", len(s.claim(10)), 1)
	s.clock.Advance(time.Minute - time.Millisecond)
	same(s.t, "due during the lease", len(s.claim(10)), 0)
	s.clock.Advance(time.Millisecond)
	again := s.claim(10)
	same(s.t, "due after the lease", len(again), 1)
	same(s.t, "tries", again[0].Tries, 2)
}

func mailsSettled(s *stage) {
	ctx := s.t.Context()
	for i := range 4 {
		s.plan(int64(i), s.letter(i))
	}
	oldest := s.clock.Now()
	s.clock.Advance(time.Second)
	got := s.claim(10)
	later := s.clock.Now().Add(time.Hour)
	s.noError(s.engine.Mails.Settle(ctx, got[0].Key, notify.Waiting, later, "not now"))
	for i, state := range []notify.State{notify.Sent, notify.Failed, notify.Moot} {
		s.noError(s.engine.Mails.Settle(ctx, got[1+i].Key, state, later, "why"))
		// What is settled stays as it is.
		s.noError(s.engine.Mails.Settle(ctx, got[1+i].Key, notify.Waiting, oldest, ""))
	}
	backlog, err := s.engine.Mails.Backlog(ctx)
	s.noError(err)
	same(s.t, "backlog", backlog, notify.Backlog{Waiting: 1, Failed: 1, Oldest: oldest})
	same(s.t, "due too early", len(s.claim(10)), 0)
	s.clock.Advance(2 * time.Hour)
	last := s.claim(10)
	same(s.t, "due", len(last), 1)
	same(s.t, "the one that had to wait", last[0].Key, got[0].Key)
}
