package rush

import "time"

// round starts a buyer's next try to buy places.
func (l *loop) round(i int32, intended, now time.Duration) {
	b := &l.buyers[i]
	b.round++
	b.draw(l.cfg.Shares)
	b.wish = 0
	b.paid, b.fresh = false, false
	b.attempts = 0
	if l.cfg.Scenario == Contended {
		b.naming = true
	}
	l.tally.habits[habitRound]++
	if b.twice {
		l.tally.habits[habitTwice]++
	} else if b.doubled != stepsCount {
		l.tally.habits[habitDoubleClick]++
	}
	l.wishHold(i, intended, now)
}

// wishHold decides which places to ask for, under a new key, and asks.
func (l *loop) wishHold(i int32, intended, now time.Duration) {
	b := &l.buyers[i]
	b.wants = l.cfg.PerOrder
	if b.stage == 2 {
		b.wants = 1
	}
	b.splitAllowed = b.stage > 0
	if l.cfg.Null {
		if l.claimed.Add(int64(b.wants)) > int64(l.cfg.Places) {
			l.claimed.Add(-int64(b.wants))
			l.leave(i)
			return
		}
	} else if b.refusedBefore() && l.soldOut() {
		l.leave(i) // the map shows nothing free
		return
	}
	if b.naming && !l.pick(b) {
		if l.cfg.Scenario == Contended {
			l.backOff(i, now)
			return
		}
		b.naming = false
	}
	if b.naming {
		l.tally.habits[habitNamed]++
	}
	b.wish++
	l.ask(i, stepHold, intended, now)
}

// refusedBefore tells whether the buyer was refused in this round already.
func (b *buyer) refusedBefore() bool { return b.attempts > 0 }

// pick chooses places that look free on the map. At the press nobody knows anything yet, so many
// choose the same. In a contended sale the front is wanted most: the start is squared.
func (l *loop) pick(b *buyer) bool {
	if l.cfg.Null {
		b.named = uint32(b.below(max(1, l.cfg.Places-b.wants+1)))
		return true
	}
	if l.cfg.Scenario != Contended {
		const looks = 8
		for range looks {
			b.named = uint32(b.below(max(1, l.cfg.Places-b.wants+1)))
			if l.taken.free(b.named, b.wants) {
				return true
			}
		}
		return false
	}
	per := l.cfg.PerOrder
	groups := (l.cfg.Places + per - 1) / per
	start := b.uniform()
	from := int(start * start * float64(groups))
	const maxLooks = 4096
	for look := range min(groups, maxLooks) {
		first := (from + look) % groups * per
		b.wants = min(per, l.cfg.Places-first)
		if l.taken.free(uint32(first), b.wants) {
			b.named = uint32(first)
			return true
		}
	}
	// What is left of a group after somebody took a part of it is sold place by place.
	for look := range min(l.cfg.Places, maxLooks) {
		place := (from*per + look) % l.cfg.Places
		if !l.taken.has(uint32(place)) {
			b.named, b.wants = uint32(place), 1
			return true
		}
	}
	return false
}

// decide goes on after all answers to a step are in.
func (l *loop) decide(i int32, now time.Duration) {
	b := &l.buyers[i]
	if !b.granted {
		l.refusal(i, now)
		return
	}
	switch b.step {
	case stepHold:
		l.held(i, now)
	case stepOrder:
		l.record("order ", b)
		b.attempts = 0
		l.think(i, stepPay, now)
	case stepPay:
		b.attempts = 0
		l.ask(i, stepTickets, now, now)
	case stepTickets, stepTicketsRetry:
		// Tickets are issued together; a part of them is no payment that is still on its way.
		if b.tickets == 0 {
			l.askTicketsAgain(i, now)
			return
		}
		l.deliver(i, now)
	case stepRelease:
		l.free(b)
		l.nextRound(i, now)
	case stepsCount: // no step
	}
}

// held goes on from a granted hold.
func (l *loop) held(i int32, now time.Duration) {
	b := &l.buyers[i]
	b.attempts, b.strikes = 0, 0
	if !l.cfg.Null {
		l.claimed.Add(int64(b.has))
		for _, place := range b.places[:b.placed] {
			l.taken.set(place)
		}
	}
	switch {
	case b.abandons && b.leaves:
		l.tally.habits[habitLeft]++
		l.nextRound(i, now)
	case b.abandons:
		l.tally.habits[habitReleased]++
		l.think(i, stepRelease, now)
	default:
		l.think(i, stepOrder, now)
	}
}

// free notes that a buyer's places are for sale again.
func (l *loop) free(b *buyer) {
	l.claimed.Add(-int64(b.has))
	if !l.cfg.Null {
		for _, place := range b.places[:b.placed] {
			l.taken.clear(place)
		}
	}
}

// think asks the next step at once, or after a pause in a steady run.
func (l *loop) think(i int32, next step, now time.Duration) {
	if l.cfg.Scenario != Steady || l.cfg.Think <= 0 {
		l.ask(i, next, now, now)
		return
	}
	b := &l.buyers[i]
	b.step = next
	l.later(i, now+b.spread(l.cfg.Think))
}

// paid counts an order as paid, once.
func (l *loop) paid(b *buyer) {
	if b.paid {
		return
	}
	b.paid = true
	l.tally.ordersPaid++
	l.tally.sold += uint64(b.has)
	l.sold.Add(int64(b.has))
}

// deliver ends a round well: the buyer has its tickets.
func (l *loop) deliver(i int32, now time.Duration) {
	b := &l.buyers[i]
	l.paid(b)
	if b.tickets != b.has {
		l.tally.promises[promiseAllTickets]++
	}
	if !l.cfg.Null {
		for _, place := range b.places[:b.placed] {
			if l.delivered.set(place) {
				l.tally.promises[promiseOneOwner]++
			}
		}
	}
	l.tally.delivered(b.has, now-l.pressed)
	l.checkouts.Add(1)
	l.record("paid ", b)
	b.attempts, b.strikes = 0, 0
	l.nextRound(i, now)
}

// record writes a line of the journal.
func (l *loop) record(what string, b *buyer) {
	if l.cfg.Journal == nil {
		return
	}
	l.lines = append(append(l.lines, what...), b.order...)
	l.lines = append(append(l.lines, ' '), b.orderToken...)
	l.lines = append(l.lines, '\n')
	if len(l.lines) > maxJournalBytes {
		l.flush()
	}
}

// nextRound goes on to buy more, or rests until the next session of a steady run.
func (l *loop) nextRound(i int32, now time.Duration) {
	if l.cfg.Scenario == Steady {
		l.leave(i)
		return
	}
	l.round(i, now, now)
}

// leave ends a buyer's part.
func (l *loop) leave(i int32) {
	b := &l.buyers[i]
	l.active--
	if l.cfg.Scenario == Steady {
		b.condition = resting
		b.stage, b.strikes = 0, 0
		l.idle = append(l.idle, i)
		return
	}
	b.condition = gone
}

// giveUp ends the part of a buyer whom the server failed too often.
func (l *loop) giveUp(i int32, now time.Duration) {
	b := &l.buyers[i]
	l.tally.habits[habitGaveUp]++
	l.tally.steps[b.step].Record(now - b.intended)
	l.leave(i)
}

// backOff waits before a new wish, longer each time. Nobody counts as refused while it waits.
func (l *loop) backOff(i int32, now time.Duration) {
	b := &l.buyers[i]
	b.attempts++
	if b.attempts >= maxRefusalsCount {
		l.giveUp(i, now)
		return
	}
	b.fresh = true
	l.later(i, now+max(b.wait, b.pause()))
}

// pause grows with the attempts, and is spread so that those refused together don't return
// together.
func (b *buyer) pause() time.Duration {
	return b.spread(min(firstBackOff<<min(b.attempts, 10), maxBackOff))
}
