package redis

import (
	"context"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/redis/rueidis"
)

// limitTimeout is how long a request waits to be counted; then it passes.
const limitTimeout = 100 * time.Millisecond

// limitScript is the generic cell rate algorithm: KEYS[1] holds the time, in µs of the server's
// clock, at which an address that asks at the allowed rate would have asked as often as it has.
// ARGV is the time between requests at that rate and how far ahead of it bursts may run. It answers
// how long to wait, 0 to pass.
const limitScript = `
local t = redis.call('TIME')
local now = tonumber(t[1]) * 1000000 + tonumber(t[2])
local step, room = tonumber(ARGV[1]), tonumber(ARGV[2])
local ahead = math.max(tonumber(redis.call('GET', KEYS[1]) or '0') or 0, now) + step
local wait = ahead - room - now
if wait > 0 then return math.ceil(wait) end
redis.call('SET', KEYS[1], string.format('%.0f', ahead), 'PX', math.ceil((ahead - now) / 1000))
return 0
`

// LimitStats counts what a limit has said. All fields may be read at any time.
type LimitStats struct {
	Passed  atomic.Int64
	Refused atomic.Int64
	Failed  atomic.Int64 // no server answered: the request passed
}

// Limits counts requests per address over all instances. It implements edge.SharedLimit.
type Limits struct {
	servers *Servers
	script  *rueidis.Lua
	args    []string
	stats   LimitStats
}

// NewLimits allows each address so many requests a minute on average, and burst at once. Both must
// be positive.
func NewLimits(s *Servers, perMinute float64, burst int) *Limits {
	step := int64(float64(time.Minute.Microseconds()) / perMinute)
	return &Limits{servers: s, script: script(limitScript),
		args: []string{strconv.FormatInt(step, 10), strconv.FormatInt(step*int64(burst), 10)}}
}

// Stats are the counters.
func (l *Limits) Stats() *LimitStats { return &l.stats }

// Allow implements edge.SharedLimit.
func (l *Limits) Allow(ctx context.Context, address string) (time.Duration, bool) {
	keys := []string{l.servers.prefix + ":limit:" + address}
	wait, err := first(ctx, l.servers, limitTimeout,
		func(ctx context.Context, c rueidis.Client) (int64, error) {
			return l.script.Exec(ctx, c, keys, l.args).AsInt64()
		})
	switch {
	case err != nil:
		l.stats.Failed.Add(1)
	case wait > 0:
		l.stats.Refused.Add(1)
		return time.Duration(wait) * time.Microsecond, false
	default:
		l.stats.Passed.Add(1)
	}
	return 0, true
}
