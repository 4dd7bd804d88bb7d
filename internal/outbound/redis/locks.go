package redis

import (
	"context"
	"errors"
	"math"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/rueidis"

	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/domain/ident"
)

// Limits of locks.
const (
	lockTimeout     = time.Second // of one try on a request's path; see ADR 11
	unlockTimeout   = time.Second
	counterTime     = 7 * 24 * time.Hour // a counter that was forgotten catches up by hints
	driftPercent    = 1                  // of the time to live: how much clocks may differ in speed
	driftFloor      = 2 * time.Millisecond
	maxUnlockJobs   = 8_192
	maxUnlockPlaces = 256 // in one script
	unlockWorkers   = 2
	closeTimeout    = 2 * time.Second
)

// errAnswer says that a script has answered what it can't answer.
var errAnswer = errors.New("a script's answer can't be read")

// LockStats counts what the locks have said. All fields may be read at any time.
type LockStats struct {
	Granted atomic.Int64
	Refused atomic.Int64 // somebody else had a place
	Failed  atomic.Int64 // no quorum, or too late: the ledger decided alone
	Skipped atomic.Int64 // no server was asked: their breakers were open
	Ended   atomic.Int64 // locks that were given back
	Lost    atomic.Int64 // requests to give back that found the queue full
}

// Locks is the lock in front of the ledger: one master, or Redlock over several. One script locks
// all places of a request, on all masters at once; most of them make a lock. It implements
// command.SeatLock.
type Locks struct {
	servers *Servers
	lock    *rueidis.Lua
	unlock  *rueidis.Lua
	stats   LockStats
	near    near

	mu      sync.RWMutex // guards jobs against being closed
	closed  bool
	jobs    chan unlockJob
	workers sync.WaitGroup
	stop    context.CancelFunc
}

// unlockJob ends locks of one event.
type unlockJob struct {
	event  catalog.EventID
	owner  string // the lock's; empty is anybody's
	places []catalog.PlaceNo
	upTo   []uint32 // the largest number that ends, for each place
}

// NewLocks makes the lock. Close must be called before the servers'.
func NewLocks(s *Servers) *Locks {
	ctx, stop := context.WithCancel(context.Background())
	l := &Locks{servers: s, lock: script(lockScript), unlock: script(unlockScript),
		jobs: make(chan unlockJob, maxUnlockJobs), stop: stop,
		near: near{taken: make(map[booking.PlaceRef]taking)}}
	for range unlockWorkers {
		l.workers.Go(func() {
			for job := range l.jobs {
				l.end(ctx, job)
			}
		})
	}
	return l
}

// Stats are the counters.
func (l *Locks) Stats() *LockStats { return &l.stats }

// Close gives back what is waiting for it, within a bounded time.
func (l *Locks) Close() {
	l.mu.Lock()
	already := l.closed
	l.closed = true
	l.mu.Unlock()
	if already {
		return
	}
	close(l.jobs)
	late := time.AfterFunc(closeTimeout, l.stop)
	defer late.Stop()
	l.workers.Wait()
	l.stop()
}

// Lock implements command.SeatLock. What this instance is taking already is refused without asking
// anybody.
func (l *Locks) Lock(
	ctx context.Context, id booking.HoldID, places []catalog.PlaceNo, ttl time.Duration,
	hint uint32,
) (number uint32, taken []catalog.PlaceNo) {
	began := l.servers.clock()
	if taken = l.near.take(id, places, began); len(taken) > 0 {
		l.stats.Refused.Add(1)
		return 0, taken
	}
	number, taken = l.far(ctx, id, places, ttl, hint)
	switch {
	case len(taken) > 0:
		l.near.end(id, places, 0)
	case number != 0:
		l.near.extend(id, places, number, began.Add(ttl))
	default: // it goes to the ledger without a lock: those behind it shall not all follow at once
		l.near.extend(id, places, 0, l.servers.clock().Add(lockTimeout))
	}
	return number, taken
}

// far asks the masters.
func (l *Locks) far(
	ctx context.Context, id booking.HoldID, places []catalog.PlaceNo, ttl time.Duration,
	hint uint32,
) (uint32, []catalog.PlaceNo) {
	began := l.servers.clock()
	keys := make([]string, 1, len(places)+1)
	keys[0] = l.counter(id.Event)
	for _, p := range places {
		keys = append(keys, l.key(id.Event, p))
	}
	args := []string{string(id.Key[:]), strconv.FormatInt(ttl.Milliseconds(), 10),
		strconv.FormatUint(uint64(hint), 10), strconv.FormatInt(counterTime.Milliseconds(), 10)}
	votes, asked := l.poll(ctx, func(ctx context.Context, c rueidis.Client) (vote, error) {
		return readVote(l.lock.Exec(ctx, c, keys, args), len(places))
	})
	said := count(votes)
	drift := ttl*driftPercent/100 + driftFloor
	if took := l.servers.clock().Sub(began); said.number != 0 && took+drift >= ttl {
		said = verdict{} // it may have ended already
	}
	if said.number == 0 {
		l.giveUp(id, places, votes, asked)
	}
	switch {
	case said.number != 0:
		l.stats.Granted.Add(1)
		return said.number, nil
	case len(said.taken) > 0:
		l.stats.Refused.Add(1)
		slices.Sort(said.taken)
		taken := make([]catalog.PlaceNo, len(said.taken))
		for i, index := range said.taken {
			taken[i] = places[index]
		}
		return 0, taken
	case asked:
		l.stats.Failed.Add(1)
	default:
		l.stats.Skipped.Add(1)
	}
	return 0, nil
}

// poll asks all masters at once. It returns when most have given the lock, when all have answered,
// or when the time is over; a master that has not answered by then is unknown. asked is false if
// there was nobody to ask.
func (l *Locks) poll(ctx context.Context, call call[vote]) (votes []vote, asked bool) {
	nodes := l.servers.nodes
	out := make(chan answer[vote], len(nodes))
	for i, n := range nodes {
		ask(ctx, n, i, lockTimeout, call, out)
	}
	votes = make([]vote, len(nodes))
	for i := range votes {
		votes[i].unknown = true
	}
	late := time.NewTimer(lockTimeout)
	defer late.Stop()
	given := 0
	for range nodes {
		select {
		case a := <-out:
			asked = asked || !errors.Is(a.err, errDown)
			if a.err != nil {
				continue
			}
			votes[a.from] = a.value
			if a.value.number > 0 {
				given++
			}
			if given > len(nodes)/2 {
				return votes, true
			}
		case <-late.C:
			return votes, true
		}
	}
	return votes, asked
}

// readVote reads what the script has answered.
func readVote(result rueidis.RedisResult, places int) (v vote, err error) {
	parts, err := result.ToArray()
	if err != nil {
		return vote{unknown: true}, err
	}
	if len(parts)%2 == 0 {
		return vote{unknown: true}, errAnswer
	}
	if v.number, err = parts[0].AsInt64(); err != nil {
		return vote{unknown: true}, err
	}
	for pair := range slices.Chunk(parts[1:], 2) {
		index, err := pair[0].AsInt64()
		if err != nil || index < 0 || index >= int64(places) {
			return vote{unknown: true}, errAnswer
		}
		c := claim{index: int(index)}
		holder, err := pair[1].ToString()
		if err != nil {
			return vote{unknown: true}, errAnswer
		}
		copy(c.holder[:], holder)
		v.claims = append(v.claims, c)
	}
	return v, nil
}

// giveUp takes back what a part of the masters may have given. With one master there is nothing to
// take back after a clear refusal.
func (l *Locks) giveUp(
	id booking.HoldID, places []catalog.PlaceNo, votes []vote, asked bool,
) {
	gave := slices.ContainsFunc(votes, func(v vote) bool { return v.unknown || v.number > 0 })
	if asked && gave {
		l.Unlock(id, places, math.MaxUint32)
	}
}

// Unlock implements command.SeatLock.
func (l *Locks) Unlock(id booking.HoldID, places []catalog.PlaceNo, number uint32) {
	l.near.end(id, places, number)
	l.enqueue(unlockJob{event: id.Event, owner: string(id.Key[:]), places: slices.Clone(places),
		upTo: slices.Repeat([]uint32{number}, len(places))})
}

// Changed ends the locks of places that a committed batch has freed, whoever had them: a lock with
// a number up to the freed place's fence belongs to a grant that has ended, or would be refused as
// stale. It is quick, and may be called from several goroutines.
func (l *Locks) Changed(book *booking.Book) {
	freed := make(map[catalog.EventID]*unlockJob)
	for c := range book.ChangedPlaces() {
		l.near.decided(c.Key)
		if c.Value.State != booking.Free || c.Loaded.State == booking.Blocked {
			continue
		}
		job := freed[c.Key.Event]
		if job == nil {
			job = &unlockJob{event: c.Key.Event}
			freed[c.Key.Event] = job
		}
		job.places = append(job.places, c.Key.Place)
		job.upTo = append(job.upTo, c.Value.Fence)
		if len(job.places) == maxUnlockPlaces {
			l.enqueue(*job)
			delete(freed, c.Key.Event)
		}
	}
	for _, job := range freed {
		l.enqueue(*job)
	}
}

func (l *Locks) enqueue(job unlockJob) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	if l.closed {
		l.stats.Lost.Add(1)
		return
	}
	select {
	case l.jobs <- job:
	default: // their time ends them
		l.stats.Lost.Add(1)
	}
}

// end runs a job on all masters.
func (l *Locks) end(ctx context.Context, job unlockJob) {
	if ctx.Err() != nil {
		l.stats.Lost.Add(1)
		return
	}
	keys := make([]string, len(job.places))
	args := []string{job.owner, strconv.Itoa(ident.KeyBytes)}
	for i, p := range job.places {
		keys[i] = l.key(job.event, p)
		args = append(args, strconv.FormatUint(uint64(job.upTo[i]), 10))
	}
	nodes := l.servers.nodes
	out := make(chan answer[int64], len(nodes))
	for i, n := range nodes {
		ask(ctx, n, i, unlockTimeout, func(ctx context.Context, c rueidis.Client) (int64, error) {
			return l.unlock.Exec(ctx, c, keys, args).AsInt64()
		}, out)
	}
	most := int64(0)
	for range nodes {
		if a := <-out; a.err == nil {
			most = max(most, a.value)
		}
	}
	l.stats.Ended.Add(most)
}

func (l *Locks) tag(event catalog.EventID) string {
	return l.servers.prefix + ":lock:{" + strconv.FormatInt(int64(event), 10) + "}:"
}

func (l *Locks) counter(event catalog.EventID) string { return l.tag(event) + "n" }

func (l *Locks) key(event catalog.EventID, place catalog.PlaceNo) string {
	return l.tag(event) + strconv.FormatUint(uint64(place), 10)
}
