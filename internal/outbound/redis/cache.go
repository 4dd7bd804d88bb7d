package redis

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/rueidis"
)

// Limits of the cache.
const (
	cacheTimeout      = 100 * time.Millisecond // of one look
	cacheLoadTime     = 2 * time.Second        // how long one who loads keeps others from it
	cachePollInterval = 10 * time.Millisecond
	maxCachePolls     = 25                 // then each one loads for itself
	maxCacheBytes     = 1 << 20            // of a value that is kept
	maxForgotten      = 64                 // groups that wait to be dropped
	generationTime    = 7 * 24 * time.Hour // of a group's number; its values live for seconds
	cacheVersion      = "1"                // of the values' encoding
)

// lookScript answers the group's generation, the value of that generation or nothing, and then
// whether it is the caller who loads it. KEYS are the group and the beginning of the value's key,
// which the generation ends; ARGV is how long, in ms, the caller may keep others from loading.
const lookScript = `
local generation = redis.call('GET', KEYS[1]) or '0'
local value = redis.call('GET', KEYS[2] .. generation)
if value then return {generation, value, 0} end
local mine = redis.call('SET', KEYS[2] .. generation .. ':loading', '1', 'NX', 'PX', ARGV[1])
return {generation, false, mine and 1 or 0}
`

// CacheStats counts what was asked. All fields may be read at any time.
type CacheStats struct {
	Hits   atomic.Int64
	Misses atomic.Int64
	Failed atomic.Int64 // no server answered
}

// Cache keeps values for all instances. A value belongs to a generation of its group: forgetting
// begins the next one, so that what was read before and is stored after is never found. It
// implements query.Cache.
type Cache struct {
	servers *Servers
	look    *rueidis.Lua
	stats   CacheStats

	mu     sync.RWMutex // guards groups against being closed
	closed bool
	groups chan string
	worker sync.WaitGroup
}

// NewCache makes a cache. Close must be called before the servers'.
func NewCache(s *Servers) *Cache {
	c := &Cache{servers: s, look: script(lookScript), groups: make(chan string, maxForgotten)}
	c.worker.Go(func() {
		for group := range c.groups {
			c.forget(group)
		}
	})
	return c
}

// Stats are the counters.
func (c *Cache) Stats() *CacheStats { return &c.stats }

// Close drops the groups that wait for it.
func (c *Cache) Close() {
	c.mu.Lock()
	already := c.closed
	c.closed = true
	c.mu.Unlock()
	if !already {
		close(c.groups)
		c.worker.Wait()
	}
}

// Forget implements query.Cache. What doesn't fit into the queue ends with its time.
func (c *Cache) Forget(group string) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	if c.closed {
		return
	}
	select {
	case c.groups <- group:
	default:
	}
}

// forget begins a new generation on every server: any of them may be the first to answer next.
func (c *Cache) forget(group string) {
	key := c.group(group)
	for _, n := range c.servers.nodes {
		_, err := one(context.Background(), n, unlockTimeout,
			func(ctx context.Context, client rueidis.Client) (int64, error) {
				for _, r := range client.DoMulti(ctx,
					client.B().Incr().Key(key).Build(),
					client.B().Pexpire().Key(key).
						Milliseconds(generationTime.Milliseconds()).Build()) {
					if err := r.Error(); err != nil {
						return 0, err
					}
				}
				return 0, nil
			})
		if err != nil {
			c.stats.Failed.Add(1)
		}
	}
}

func (c *Cache) group(name string) string { return c.servers.prefix + ":cache:" + name }

// found is what a look has found.
type found struct {
	generation string
	value      []byte
	there      bool
	mine       bool // it isn't there, and the caller loads it for all
}

// Get implements query.Cache.
func (c *Cache) Get(
	ctx context.Context, group, key string, keep time.Duration,
	load func(context.Context) ([]byte, error),
) ([]byte, error) {
	sum := sha256.Sum256([]byte(key))
	base := c.group(group) + ":" + cacheVersion + ":" + hex.EncodeToString(sum[:16]) + ":"
	for polls := 0; ; polls++ {
		f, err := c.peek(ctx, group, base)
		switch {
		case err != nil:
			c.stats.Failed.Add(1)
			return load(ctx)
		case f.there:
			c.stats.Hits.Add(1)
			return f.value, nil
		}
		if !f.mine && polls < maxCachePolls {
			if !pause(ctx, cachePollInterval) {
				return nil, ctx.Err()
			}
			continue
		}
		c.stats.Misses.Add(1)
		value, err := load(ctx)
		if f.mine {
			c.store(ctx, base+f.generation, value, err == nil, keep)
		}
		return value, err
	}
}

func (c *Cache) peek(ctx context.Context, group, base string) (found, error) {
	keys := []string{c.group(group), base}
	args := []string{strconv.FormatInt(cacheLoadTime.Milliseconds(), 10)}
	return first(ctx, c.servers, cacheTimeout,
		func(ctx context.Context, client rueidis.Client) (found, error) {
			return readFound(c.look.Exec(ctx, client, keys, args))
		})
}

func readFound(result rueidis.RedisResult) (f found, err error) {
	parts, err := result.ToArray()
	if err != nil {
		return f, err
	}
	if len(parts) != 3 {
		return f, errAnswer
	}
	if f.generation, err = parts[0].ToString(); err != nil {
		return f, err
	}
	if !parts[1].IsNil() {
		f.there = true
		f.value, err = parts[1].AsBytes()
		return f, err
	}
	mine, err := parts[2].AsInt64()
	f.mine = mine == 1
	return f, err
}

// store keeps a value, if there is one, and lets the next one load.
func (c *Cache) store(
	ctx context.Context, key string, value []byte, good bool, keep time.Duration,
) {
	_, err := first(ctx, c.servers, cacheTimeout,
		func(ctx context.Context, client rueidis.Client) (int64, error) {
			commands := make(rueidis.Commands, 0, 2)
			if good && len(value) <= maxCacheBytes {
				commands = append(commands, client.B().Set().Key(key).
					Value(rueidis.BinaryString(value)).
					PxMilliseconds(keep.Milliseconds()).Build())
			}
			commands = append(commands, client.B().Del().Key(key+":loading").Build())
			for _, r := range client.DoMulti(ctx, commands...) {
				if err := r.Error(); err != nil {
					return 0, err
				}
			}
			return 0, nil
		})
	if err != nil {
		c.stats.Failed.Add(1)
	}
}
