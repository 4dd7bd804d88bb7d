package rush

import "time"

// step is one thing that a buyer asks for.
type step uint8

const (
	stepHold step = iota
	stepOrder
	stepPay
	stepTickets
	stepTicketsRetry // asked again because the payment had not arrived yet
	stepRelease
	stepsCount

	// plottedSteps are the first steps, those that each buyer goes through.
	plottedSteps = int(stepTickets) + 1
)

var stepNames = [stepsCount]string{"hold", "order", "pay", "tickets", "tickets_retry", "release"}

// A trouble is a request without an answer, by its cause.
type trouble uint8

const (
	troubleConnect trouble = iota // no connection could be made
	troubleReset                  // the connection broke while an answer was awaited
	troubleTimeout                // no answer in time
	troubleGarbled                // the answer was not HTTP
	troublesCount
)

var troubleNames = [troublesCount]string{"connect", "reset", "timeout", "garbled"}

// A promise is something that a server must keep; each break is counted.
type promise uint8

const (
	promiseOneEffect  promise = iota // the same key made two holds, orders or payments
	promiseSameAnswer                // the same key was granted once and refused once
	promiseOneOwner                  // a place was delivered to two buyers
	promiseAllTickets                // a paid order came with the wrong number of tickets
	promisesCount
)

var promiseNames = [promisesCount]string{
	"double_effect", "replay_differs", "double_sold", "wrong_tickets",
}

// A habit is something that buyers did, counted so that a reader sees what the crowd was like.
type habit uint8

const (
	habitRound habit = iota
	habitNamed
	habitReleased
	habitLeft
	habitDoubleClick
	habitTwice
	habitResent // after a connection broke, with the same key
	habitGaveUp
	habitsCount
)

var habitNames = [habitsCount]string{
	"rounds", "named_places", "released", "left_to_expire", "double_clicks", "everything_twice",
	"resent", "gave_up",
}

// maxVerdictsCount bounds how many different answers are told apart; the rest share the last slot.
const maxVerdictsCount = 32

// A verdict is what an answer said: its status and, for a refusal, its problem code.
type verdict struct {
	status int
	code   string
}

// verdicts numbers the different answers in the order of their first appearance.
type verdicts struct {
	known [maxVerdictsCount]verdict
	n     int
}

// number finds or makes the number of a verdict. It allocates only at a verdict's first appearance.
func (v *verdicts) number(status int, code []byte) int {
	for i := range v.n {
		if v.known[i].status == status && v.known[i].code == string(code) {
			return i
		}
	}
	if v.n == maxVerdictsCount-1 {
		v.known[v.n] = verdict{code: "other"}
		return v.n
	}
	v.known[v.n] = verdict{status: status, code: string(code)}
	v.n++
	return v.n - 1
}

// A tally is all that one event loop counts. It has a fixed size.
type tally struct {
	steps    [stepsCount]Histogram
	lag      Histogram // how late the generator itself was to do what was due
	verdicts verdicts
	answers  [maxVerdictsCount]uint64
	troubles [troublesCount]uint64
	promises [promisesCount]uint64
	habits   [habitsCount]uint64

	requests   uint64
	checkouts  uint64
	ordersPaid uint64
	sold       uint64 // places of paid orders
	unfinished uint64 // sessions that the end of the run cut off
	lastTicket time.Duration

	series *timeline
}

// answered counts one answer. at is the time since the press.
func (t *tally) answered(s step, number int, latency, at time.Duration) {
	t.steps[s].Record(latency)
	t.answers[number]++
	slot := t.series.at(at)
	slot.answers[number]++
	if int(s) < plottedSteps {
		slot.steps[s].Record(latency)
	}
}

// delivered counts the tickets of one order.
func (t *tally) delivered(places int, at time.Duration) {
	t.checkouts++
	t.lastTicket = max(t.lastTicket, at)
	t.series.at(at).sold += uint64(places)
}

const (
	slotsCount     = 160 // even, because full timelines are folded in pairs
	firstSlotWidth = 50 * time.Millisecond
)

// A slot is what happened in one stretch of the run.
type slot struct {
	steps   [plottedSteps]Histogram
	answers [maxVerdictsCount]uint64
	sold    uint64
}

// A timeline is the run in slots of equal width. When a run outgrows it, neighbours are folded
// together and the width doubles, so its memory is fixed and short runs still get a fine picture.
type timeline struct {
	width time.Duration
	used  int
	slots [slotsCount]slot
}

func newTimeline() *timeline { return &timeline{width: firstSlotWidth} }

func (t *timeline) at(at time.Duration) *slot {
	at = max(at, 0)
	for at >= t.width*slotsCount {
		t.fold()
	}
	i := int(at / t.width)
	t.used = max(t.used, i+1)
	return &t.slots[i]
}

func (t *timeline) fold() {
	for i := range slotsCount / 2 {
		a, b := &t.slots[2*i], &t.slots[2*i+1]
		a.add(b, nil)
		if i > 0 {
			t.slots[i] = *a
		}
	}
	clear(t.slots[slotsCount/2:])
	t.width *= 2
	t.used = (t.used + 1) / 2
}

// add puts other into s; renumber maps the answers of other to those of s, nil if they agree.
func (s *slot) add(other *slot, renumber []int) {
	for i := range s.steps {
		s.steps[i].Add(&other.steps[i])
	}
	for i, n := range other.answers {
		if n > 0 && renumber != nil {
			i = renumber[i]
		}
		s.answers[i] += n
	}
	s.sold += other.sold
}

// merge puts the counts of another loop into t.
func (t *tally) merge(other *tally) {
	for i := range t.steps {
		t.steps[i].Add(&other.steps[i])
	}
	t.lag.Add(&other.lag)
	renumber := make([]int, maxVerdictsCount)
	for i, n := range other.answers {
		if n == 0 {
			continue
		}
		v := other.verdicts.known[i]
		renumber[i] = t.verdicts.number(v.status, []byte(v.code))
		t.answers[renumber[i]] += n
	}
	addAll(t.troubles[:], other.troubles[:])
	addAll(t.promises[:], other.promises[:])
	addAll(t.habits[:], other.habits[:])
	t.requests += other.requests
	t.checkouts += other.checkouts
	t.ordersPaid += other.ordersPaid
	t.sold += other.sold
	t.unfinished += other.unfinished
	t.lastTicket = max(t.lastTicket, other.lastTicket)
	for t.series.width < other.series.width {
		t.series.fold()
	}
	for other.series.width < t.series.width {
		other.series.fold()
	}
	t.series.used = max(t.series.used, other.series.used)
	for i := range other.series.used {
		t.series.slots[i].add(&other.series.slots[i], renumber)
	}
}

func addAll(to, from []uint64) {
	for i, n := range from {
		to[i] += n
	}
}
