package boot

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"net/netip"

	"ticketflow/internal/app/board"
	"ticketflow/internal/app/command"
	"ticketflow/internal/app/planfile"
	"ticketflow/internal/app/query"
	"ticketflow/internal/config"
	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/inbound/edge"
	"ticketflow/internal/outbound/redis"
)

// together is what instances of one box office share in Redis. All of its fields are nil without
// it.
type together struct {
	servers *redis.Servers
	locks   *redis.Locks
	feed    *redis.Feed
	cache   *redis.Cache
	limits  *redis.Limits
}

// buildViews makes the boards, the offers and the cached lists, connected to those of other
// instances if there may be any.
func (a *App) buildViews(c config.Serve) error {
	a.offers = query.NewOffers(a.store, planfile.DecodeJSON)
	instance, err := drawInstance()
	if err != nil {
		return err
	}
	a.boards = board.NewBoards(a.offers, a.clock)
	if c.DatabaseURL != "" || len(c.RedisURLs) > 0 {
		a.boards = board.NewShared(a.offers.WithFences(a.store), instance, a.clock)
		a.jobs = append(a.jobs, func(ctx context.Context) {
			a.boards.Heal(ctx, func(id catalog.EventID, err error) {
				a.logger.WarnContext(ctx, "a board can't be read", "event", id, "error", err)
			})
		})
	}
	if len(c.RedisURLs) == 0 {
		a.views = query.NewViews(a.store, a.store, a.store, nil, a.clock)
		return nil
	}
	return a.connectRedis(c, instance)
}

func (a *App) connectRedis(c config.Serve, instance uint64) (err error) {
	urls := make([]string, len(c.RedisURLs))
	for i, u := range c.RedisURLs {
		urls[i] = string(u)
	}
	t := &a.together
	t.servers, err = redis.Open(redis.Options{URLs: urls, Clock: a.clock, Log: a.logger})
	if err != nil {
		return err
	}
	t.locks, t.cache = redis.NewLocks(t.servers), redis.NewCache(t.servers)
	a.views = query.NewViews(a.store, a.store, a.store, t.cache, a.clock)
	t.feed = redis.NewFeed(t.servers, instance, redis.Receiver{
		Places: a.boards.Apply,
		Event: func(id catalog.EventID) {
			a.offers.Forget(id)
			a.views.ForgetLists()
		},
		Missed: func() {
			a.boards.Missed()
			a.offers.ForgetAll()
			a.views.ForgetLists()
		},
	})
	if c.BuysPerMinute > 0 {
		t.limits = redis.NewLimits(t.servers, c.BuysPerMinute, c.BuysBurst)
	}
	a.jobs = append(a.jobs, t.feed.Run)
	a.closers = append(a.closers, t.close)
	return nil
}

func (t *together) close() error {
	t.locks.Close()
	t.cache.Close()
	t.servers.Close()
	return nil
}

// changed tells other instances what was committed.
func (t *together) changed(b *booking.Book) {
	if t.servers == nil {
		return
	}
	t.locks.Changed(b)
	t.feed.Changed(b)
}

// lock is the port's own nil without Redis.
func (t *together) lock() command.SeatLock {
	if t.locks == nil {
		return nil
	}
	return t.locks
}

// limiter bounds how often one address may buy, over all instances if they share Redis.
func (a *App) limiter(c config.Serve) (*edge.Limiter, error) {
	if c.BuysPerMinute == 0 {
		return nil, nil
	}
	proxies := make([]netip.Prefix, len(c.TrustedProxies))
	for i, text := range c.TrustedProxies {
		var err error
		if proxies[i], err = netip.ParsePrefix(text); err != nil {
			return nil, err
		}
	}
	limit := edge.BuyingLimit{PerMinute: c.BuysPerMinute, Burst: c.BuysBurst, Proxies: proxies}
	if a.together.limits != nil {
		limit.Shared = a.together.limits
	}
	return edge.NewBuyingLimiter(limit), nil
}

// drawInstance tells this run of this instance from all others.
func drawInstance() (uint64, error) {
	var raw [8]byte
	_, err := rand.Read(raw[:])
	return binary.BigEndian.Uint64(raw[:]), err
}

func (m *metrics) redis(t *together) {
	if t.servers == nil {
		return
	}
	locks, feed, cache := t.locks.Stats(), t.feed.Stats(), t.cache.Stats()
	m.gauge("redis_reachable", "Redis servers that answer now.",
		func() float64 { return float64(t.servers.Reachable()) })
	m.counter("locks_granted_total", "Holds that got the lock of their places.",
		func() float64 { return float64(locks.Granted.Load()) })
	m.counter("locks_refused_total", "Holds that were refused by the lock.",
		func() float64 { return float64(locks.Refused.Load()) })
	m.counter("locks_failed_total", "Holds that went to the ledger without a lock.",
		func() float64 { return float64(locks.Failed.Load() + locks.Skipped.Load()) })
	m.counter("feed_published_total", "Messages to other instances.",
		func() float64 { return float64(feed.Published.Load()) })
	m.counter("feed_received_total", "Messages of other instances.",
		func() float64 { return float64(feed.Received.Load()) })
	m.counter("feed_gaps_total", "Times that messages may have been missed.",
		func() float64 { return float64(feed.Gaps.Load()) })
	m.counter("cache_hits_total", "Lists that came from the shared cache.",
		func() float64 { return float64(cache.Hits.Load()) })
	m.counter("cache_misses_total", "Lists that were read from the ledger.",
		func() float64 { return float64(cache.Misses.Load()) })
}
