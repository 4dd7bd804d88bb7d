package rush

import "time"

// refusal goes on after a step was not granted.
func (l *loop) refusal(i int32, now time.Duration) {
	b := &l.buyers[i]
	if b.step == stepTickets || b.step == stepTicketsRetry {
		l.askTicketsAgain(i, now)
		return
	}
	status := l.tally.verdicts.known[b.verdict].status
	if b.step == stepHold && b.refused && status == 409 {
		l.holdRefused(i, now)
		return
	}
	if !b.refused && b.attempts < maxAttemptsCount {
		// Too busy, broken, or still working on the first click: the same request with the same
		// key.
		b.attempts++
		l.later(i, now+max(b.wait, b.pause()))
		return
	}
	b.strikes++
	switch b.step {
	case stepHold:
		if l.cfg.Null {
			l.claimed.Add(-int64(b.wants))
		}
		if b.naming && l.cfg.Scenario != Contended {
			// Whatever speaks against these places, others may do.
			b.naming = false
			l.again(i, now)
			return
		}
	case stepOrder:
		l.free(b)
	case stepPay:
		// It may be paid for all we know; the order tells.
		l.ask(i, stepTickets, now, now)
		return
	case stepRelease:
		l.free(b)
		b.strikes--
	case stepTickets, stepTicketsRetry, stepsCount: // nothing to take back
	}
	if b.strikes >= maxStrikesCount || l.cfg.Scenario == Steady && b.step != stepRelease {
		l.giveUp(i, now)
		return
	}
	l.nextRoundAfterPause(i, now)
}

// nextRoundAfterPause keeps a failing server from being hammered.
func (l *loop) nextRoundAfterPause(i int32, now time.Duration) {
	b := &l.buyers[i]
	if b.step == stepRelease {
		l.nextRound(i, now)
		return
	}
	b.round++ // new keys and a new address for the new wish
	b.attempts = min(b.strikes, 10)
	b.fresh, b.paid = true, false
	l.later(i, now+max(b.wait, b.pause()))
}

// again asks for other places at once.
func (l *loop) again(i int32, now time.Duration) {
	l.buyers[i].attempts++
	l.wishHold(i, now, now)
}

// holdRefused is the answer of a sale in its last moments: somebody else was faster. The buyer goes
// on with less: any places instead of named ones, apart instead of together, one instead of two.
func (l *loop) holdRefused(i int32, now time.Duration) {
	b := &l.buyers[i]
	l.refusals.Add(1)
	if l.cfg.Null {
		l.claimed.Add(-int64(b.wants))
	}
	if l.cfg.Scenario == Steady && !b.naming {
		l.leave(i)
		return
	}
	if b.attempts >= maxRefusalsCount {
		l.giveUp(i, now)
		return
	}
	switch {
	case l.soldOut():
		l.leave(i)
	case l.cfg.Scenario == Contended:
		l.again(i, now)
	case b.naming:
		b.naming = false
		l.again(i, now)
	case b.stage < 2 && l.cfg.PerOrder > 1:
		b.stage++
		l.again(i, now)
	default:
		// Somebody may still give places back.
		l.backOff(i, now)
	}
}

// askTicketsAgain waits for a payment that has not arrived yet.
func (l *loop) askTicketsAgain(i int32, now time.Duration) {
	b := &l.buyers[i]
	b.attempts++
	if b.attempts < maxTicketsTriesCount {
		b.step = stepTicketsRetry
		l.later(i, now+max(b.wait, b.pause()))
		return
	}
	if b.paid {
		l.tally.promises[promiseAllTickets]++
	}
	b.strikes++
	if b.strikes >= maxStrikesCount || l.cfg.Scenario == Steady {
		l.giveUp(i, now)
		return
	}
	l.nextRoundAfterPause(i, now)
}
