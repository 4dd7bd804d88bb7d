package redis

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/rueidis"

	"ticketflow/internal/app/board"
	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/catalog"
)

// Limits of the feed.
const (
	maxPendingChanges = 200_000 // that wait to be published
	maxPendingEvents  = 1_024
	maxInstances      = 1_024 // whose sequence is remembered
	beatInterval      = time.Second
	publishTimeout    = time.Second
	missedMinInterval = time.Second
)

// Receiver takes what other instances tell. Its functions must be quick; they are called from
// several goroutines.
type Receiver struct {
	// Places have changed, in any order: fences tell.
	Places func(catalog.EventID, []board.Change)
	// Event says that an event's status or prices have changed.
	Event func(catalog.EventID)
	// Missed says that something may not have arrived, of whatever event. It is called at most once
	// a second.
	Missed func()
}

// FeedStats counts what was told. All fields may be read at any time.
type FeedStats struct {
	Published atomic.Int64 // messages, beats not counted
	Failed    atomic.Int64 // messages that no server took
	Received  atomic.Int64 // messages of other instances, beats not counted
	Gaps      atomic.Int64 // times that messages were, or may have been, missed
	Unread    atomic.Int64 // messages that can't be read
	Overflows atomic.Int64 // times that more changed than could be told
}

// Feed tells other instances what this one has committed, and hears the same of them. It publishes
// on the first server that takes it and listens on all, so that instances that can't reach the same
// servers still hear each other. Nothing is certain to arrive: what is missed is noticed by the
// numbers of the messages, and read from the ledger.
type Feed struct {
	servers  *Servers
	channel  string
	self     uint64
	receiver Receiver
	stats    FeedStats
	wake     chan struct{} // capacity 1: a signal that something is pending

	mu      sync.Mutex
	places  map[catalog.EventID][]board.Change
	events  map[catalog.EventID]struct{}
	pending int
	seq     uint64 // of the last message

	inbox  sync.Mutex
	last   map[uint64]uint64 // the sequence of each other instance
	told   time.Time         // when Missed was called last
	missed bool              // Missed is owed
}

// NewFeed makes a feed of an instance; instance is drawn at random at each start.
func NewFeed(s *Servers, instance uint64, r Receiver) *Feed {
	return &Feed{servers: s, channel: s.prefix + ":news", self: instance, receiver: r,
		wake:   make(chan struct{}, 1),
		places: make(map[catalog.EventID][]board.Change),
		events: make(map[catalog.EventID]struct{}), last: make(map[uint64]uint64)}
}

// Stats are the counters.
func (f *Feed) Stats() *FeedStats { return &f.stats }

// Changed takes note of a committed batch. It is quick and never waits.
func (f *Feed) Changed(book *booking.Book) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for c := range book.ChangedPlaces() {
		f.places[c.Key.Event] = append(f.places[c.Key.Event], board.ChangeOf(c.Key, c.Value))
		f.pending++
	}
	for c := range book.ChangedEvents() {
		f.events[c.Key] = struct{}{}
	}
	if f.pending == 0 && len(f.events) == 0 {
		return
	}
	if f.pending > maxPendingChanges || len(f.places)+len(f.events) > maxPendingEvents {
		clear(f.places)
		clear(f.events)
		f.pending = 0
		f.seq++ // a message that is never sent: the others notice that it is missing
		f.stats.Overflows.Add(1)
		return
	}
	select {
	case f.wake <- struct{}{}:
	default:
	}
}

// Run publishes and listens until ctx ends.
func (f *Feed) Run(ctx context.Context) {
	var listeners sync.WaitGroup
	for _, n := range f.servers.nodes {
		listeners.Go(func() { f.listen(ctx, n) })
	}
	beats := time.NewTicker(beatInterval)
	defer beats.Stop()
	for running := true; running; {
		select {
		case <-f.wake:
			f.flush(ctx)
		case <-beats.C:
			f.mu.Lock()
			m := message{kind: beat, from: f.self, seq: f.seq}
			f.mu.Unlock()
			f.publish(ctx, &m)
			f.payMissed(false)
		case <-ctx.Done():
			running = false
		}
	}
	f.flush(ctx) // what was committed last
	listeners.Wait()
}

// flush publishes all that is pending: what gathers meanwhile goes with the next one.
func (f *Feed) flush(ctx context.Context) {
	f.mu.Lock()
	places, events := f.places, f.events
	f.places = make(map[catalog.EventID][]board.Change, len(places))
	f.events = make(map[catalog.EventID]struct{})
	f.pending = 0
	var messages []message
	for id, changes := range places {
		for part := range slices.Chunk(changes, maxMessagePlaces) {
			f.seq++
			messages = append(messages,
				message{kind: placeNews, from: f.self, seq: f.seq, event: id, changes: part})
		}
	}
	for id := range events {
		f.seq++
		messages = append(messages, message{kind: eventNews, from: f.self, seq: f.seq, event: id})
	}
	f.mu.Unlock()
	for i := range messages {
		if f.publish(ctx, &messages[i]) {
			f.stats.Published.Add(1)
		} else {
			f.stats.Failed.Add(1)
		}
	}
}

func (f *Feed) publish(ctx context.Context, m *message) bool {
	text := rueidis.BinaryString(m.encode())
	_, err := first(context.WithoutCancel(ctx), f.servers, publishTimeout,
		func(ctx context.Context, c rueidis.Client) (int64, error) {
			return c.Do(ctx, c.B().Publish().Channel(f.channel).Message(text).Build()).AsInt64()
		})
	return err == nil
}

// listen hears one server until ctx ends. Whenever a subscription begins, something may have been
// said before.
func (f *Feed) listen(ctx context.Context, n *node) {
	select {
	case <-n.ready:
	case <-ctx.Done():
		return
	}
	heard := rueidis.WithOnSubscriptionHook(ctx, func(s rueidis.PubSubSubscription) {
		if s.Kind == "subscribe" {
			f.gap()
		}
	})
	for {
		_ = n.client.Receive(heard, n.client.B().Subscribe().Channel(f.channel).Build(),
			func(m rueidis.PubSubMessage) { f.hear(m.Message) })
		if !pause(ctx, reconnectDelay) {
			return
		}
	}
}

// hear takes one message.
func (f *Feed) hear(text string) {
	m, err := parseMessage(text)
	if err != nil {
		f.stats.Unread.Add(1)
		f.gap()
		return
	}
	if m.from == f.self {
		return
	}
	switch m.kind {
	case beat: // only its number says something
	case placeNews:
		f.stats.Received.Add(1)
		f.receiver.Places(m.event, m.changes)
	case eventNews:
		f.stats.Received.Add(1)
		f.receiver.Event(m.event)
	}
	if f.misses(&m) {
		f.gap()
	}
}

// misses tells whether something was said before this message that hasn't arrived.
func (f *Feed) misses(m *message) bool {
	f.inbox.Lock()
	defer f.inbox.Unlock()
	last, known := f.last[m.from]
	if !known && len(f.last) >= maxInstances {
		clear(f.last)
	}
	f.last[m.from] = max(last, m.seq)
	expected := last + 1
	if m.kind == beat {
		expected = last
	}
	return !known || m.seq > expected
}

func (f *Feed) gap() {
	f.stats.Gaps.Add(1)
	f.payMissed(true)
}

// payMissed calls Missed if it is owed and wasn't called a moment ago.
func (f *Feed) payMissed(owed bool) {
	f.inbox.Lock()
	f.missed = f.missed || owed
	now := f.servers.clock()
	call := f.missed && now.Sub(f.told) >= missedMinInterval
	if call {
		f.missed, f.told = false, now
	}
	f.inbox.Unlock()
	if call {
		f.receiver.Missed()
	}
}
