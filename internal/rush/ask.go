package rush

import (
	"bytes"
	"slices"
	"time"
)

// Bounds of one buyer's patience.
const (
	maxAttemptsCount      = 5  // of a request that the server could not serve
	maxTicketsTriesCount  = 15 // some 9 s until the payment has arrived
	maxStrikesCount       = 8  // failures in a row before a buyer gives up
	maxRefusalsCount      = 250
	firstBackOff          = 10 * time.Millisecond
	maxBackOff            = time.Second
	maxRetryAfterDuration = 5 * time.Second
	minStaleDuration      = time.Second // of silence, after which a server may close a connection
)

// ask sends a step, now or as soon as the buyer's connection stands again.
func (l *loop) ask(i int32, what step, intended, now time.Duration) {
	b := &l.buyers[i]
	b.step, b.intended = what, intended
	b.granted, b.refused, b.verdict, b.wait, b.tickets = false, false, 0, 0, 0
	if !l.links[b.link].up {
		b.condition, b.lost = dialing, now
		l.wire.dial(b.link)
		return
	}
	l.transmit(i, now)
}

// transmit writes the request of the present step, twice if that is the buyer's habit.
func (l *loop) transmit(i int32, now time.Duration) {
	b := &l.buyers[i]
	l.out = l.scripts[l.links[b.link].to].write(l.out[:0], b)
	b.condition, b.sent = asking, now
	b.awaited = 1
	if b.copies() == 2 {
		b.awaited = 2
		if b.secondLink {
			b.extra = l.borrow(i)
		}
		if b.extra >= 0 {
			if err := l.wire.send(b.extra, l.out); err != nil {
				l.broken(b.extra, troubleReset, err, now)
			}
		} else {
			l.out = append(l.out, l.out...)
		}
	}
	l.tally.requests += uint64(b.awaited)
	if err := l.wire.send(b.link, l.out); err != nil {
		l.broken(b.link, troubleReset, err, now)
	}
}

// borrow finds a second connection that stands, or -1.
// It leads to the same server: a load balancer sends both clicks, which have one key, to one.
func (l *loop) borrow(i int32) int32 {
	to := l.links[l.buyers[i].link].to
	for n, at := range slices.Backward(l.spare) {
		if l.links[at].to != to && l.links[at].up {
			continue
		}
		l.spare = slices.Delete(l.spare, n, n+1)
		if l.links[at].up {
			l.links[at].owner = i
			return at
		}
	}
	return -1
}

// giveBack returns the second connection.
func (l *loop) giveBack(b *buyer) {
	if b.extra < 0 {
		return
	}
	if l.links[b.extra].up {
		l.links[b.extra].owner = -1
		l.spare = append(l.spare, b.extra)
	}
	b.extra = -1
}

// opened is called by the wire when a connection stands.
func (l *loop) opened(at int32, now time.Duration) {
	l.links[at].up, l.links[at].cut, l.links[at].quiet = true, false, now
	if l.opening {
		l.inFlight--
		l.dialFails.Store(0)
		l.connected.Add(1)
		return
	}
	i := l.links[at].owner
	if i < 0 {
		return
	}
	b := &l.buyers[i]
	if b.condition == dialing {
		b.lost = 0
		l.transmit(i, now)
	}
}

// arrived is called by the wire for each whole answer.
func (l *loop) arrived(at int32, a *answer, now time.Duration) {
	l.links[at].quiet = now
	i := l.links[at].owner
	if i < 0 || l.buyers[i].condition != asking {
		return // late: its buyer has given this connection up
	}
	b := &l.buyers[i]
	var code []byte
	if a.status >= 400 {
		code = textField(a.body, nameCode)
	}
	number := l.tally.verdicts.number(a.status, code)
	l.tally.answered(b.step, number, now-b.intended, now-l.pressed)
	b.awaited--
	l.take(b, a, number, code)
	if a.closing {
		// What else was written to this connection will not be answered.
		l.hangUp(at)
		if at == b.link && b.extra < 0 {
			b.awaited = 0
		}
	}
	if b.awaited == 0 {
		l.giveBack(b)
		l.decide(i, now)
	}
}

func (l *loop) hangUp(at int32) {
	l.links[at].up = false
	l.wire.drop(at)
}

// broken is called when a connection broke or could not be made.
func (l *loop) broken(at int32, why trouble, err error, now time.Duration) {
	quiet, cut := l.links[at].quiet, l.links[at].cut
	l.hangUp(at)
	if l.opening {
		l.refusedConnection(at, err, now)
		return
	}
	i := l.links[at].owner
	if i < 0 {
		return
	}
	b := &l.buyers[i]
	// A server may close a connection that is idle while a request is on its way to it: every
	// client sends that again and tells nobody.
	stale := why == troubleReset && !cut && b.sent-quiet >= minStaleDuration
	if at == b.extra {
		// The answer to the second click is lost; the first one counts.
		b.extra = -1
		l.links[at].owner = -1
		if !stale {
			l.tally.troubles[why]++
		}
		if b.awaited--; b.awaited == 0 && b.condition == asking {
			l.decide(i, now)
		}
		return
	}
	switch b.condition {
	case asking:
		l.tally.habits[habitResent]++
		l.abandonExtra(b)
		b.lost = now
		if stale {
			l.later(i, now)
			return
		}
		l.tally.troubles[why]++
	case dialing:
		l.tally.troubles[troubleConnect]++
		l.links[at].to = (l.links[at].to + 1) % int32(len(l.targets))
		if now-b.lost > l.cfg.ReconnectFor {
			l.giveUp(i, now)
			return
		}
	default:
		return // a connection may close while nobody uses it
	}
	// The outcome is unknown, so the same request goes out again with the same key.
	l.later(i, now+b.spread(50*time.Millisecond))
}

// abandonExtra cuts the second connection, because its answer could not be told from a later one.
func (l *loop) abandonExtra(b *buyer) {
	if b.extra >= 0 {
		l.links[b.extra].owner = -1
		l.hangUp(b.extra)
		b.extra = -1
	}
}

// take learns what an answer says, and compares it with what its twin said.
func (l *loop) take(b *buyer, a *answer, number int, code []byte) {
	keyed := b.step == stepHold || b.step == stepOrder
	if a.status/100 != 2 && (b.step != stepPay || a.status != 303) {
		final := a.status/100 == 4 && a.status != 408 && a.status != 425 && a.status != 429 &&
			!stillRunning(code)
		if keyed && final && b.granted {
			l.tally.promises[promiseSameAnswer]++
		}
		if !b.refused {
			b.refused = final
			b.verdict = number
			b.wait = min(time.Duration(a.retryAfter)*time.Second, maxRetryAfterDuration)
		}
		return
	}
	if keyed && b.refused {
		l.tally.promises[promiseSameAnswer]++
	}
	effect := l.read(b, a.body)
	switch {
	case effect == nil:
		l.tally.troubles[troubleGarbled]++
		b.verdict = number
	case !b.granted:
		b.granted = true
		b.echo = append(b.echo[:0], effect...)
	case string(b.echo) == noEffect:
		b.echo = append(b.echo[:0], effect...)
	case string(effect) != noEffect && !bytes.Equal(b.echo, effect):
		l.tally.promises[promiseOneEffect]++
	}
}

// stillRunning tells whether a refusal means that the first request with this key is being served.
func stillRunning(code []byte) bool {
	return bytes.Contains(code, []byte("in_progress")) ||
		bytes.Contains(code, []byte("running")) || bytes.Contains(code, []byte("in_flight"))
}

// noEffect stands for a good answer that names nothing to compare, such as a list of tickets that
// is still empty because the payment has not arrived.
const noEffect = "-"

var noEffectBytes = []byte(noEffect)

// read takes what the next steps need from a good answer, unless its twin has given it already. It
// returns what both must agree on, or nil if something is missing.
func (l *loop) read(b *buyer, body []byte) []byte {
	switch b.step {
	case stepHold:
		id, token := textWithPrefix(body, nameID, "hld_"), textField(body, nameToken)
		if id == nil || token == nil {
			return nil
		}
		if !b.granted {
			b.hold, b.holdToken = append(b.hold[:0], id...), append(b.holdToken[:0], token...)
			b.readPlaces(body)
			if b.has = b.wants; b.placed > 0 {
				b.has = b.placed
			}
		}
		return id
	case stepOrder:
		id, token := textWithPrefix(body, nameID, "ord_"), textField(body, nameToken)
		page := l.payPath(plainURL(textField(body, nameURL)))
		if id == nil || token == nil || page == nil {
			return nil
		}
		if !b.granted {
			b.order, b.orderToken = append(b.order[:0], id...), append(b.orderToken[:0], token...)
			b.pay = append(b.pay[:0], page...)
		}
		return id
	case stepPay:
		if string(textField(body, nameState)) == "paid" {
			l.paid(b)
		}
		if id := textField(body, namePay); id != nil {
			return id
		}
	case stepTickets, stepTicketsRetry:
		return b.readTickets(body)
	case stepRelease, stepsCount: // an answer of these says nothing
	}
	return noEffectBytes
}

func (b *buyer) readPlaces(body []byte) {
	b.placed = 0
	for at := 0; b.placed < len(b.places); b.placed++ {
		place, end, ok := nextNumber(body, namePlace, at)
		if !ok {
			return
		}
		b.places[b.placed], at = place, end
	}
}

// readTickets counts the tickets and returns the id of the first one.
func (b *buyer) readTickets(body []byte) []byte {
	first := noEffectBytes
	n := 0
	for at := 0; n <= maxPerOrderCount; {
		id, end := nextText(body, nameID, at)
		if id == nil {
			break
		}
		if at = end; !hasPrefix(id, "tkt_") {
			continue
		}
		if n == 0 {
			first = id
		}
		n++
	}
	if n > b.tickets {
		b.tickets = n
		b.readPlaces(body)
	}
	return first
}
