package edge

import (
	"context"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// maxLimiterAddresses bounds each of the two generations of addresses that a Limiter remembers.
const maxLimiterAddresses = 50_000

// SharedLimit is a limit that all instances count together.
type SharedLimit interface {
	// Allow counts one request of an address. If that is one too many, it says how long to wait.
	// When it can't tell, it allows.
	Allow(ctx context.Context, address string) (wait time.Duration, ok bool)
}

// Limiter is a token bucket per client address (per /64 of IPv6). It remembers the addresses of two
// generations: when the young one is full, it becomes the old one and the old one is forgotten.
type Limiter struct {
	rate    rate.Limit
	burst   int
	from    Class          // the first class that is limited; up to Buying
	proxies []netip.Prefix // whose word about the client's address counts
	shared  SharedLimit    // or nil

	mu         sync.Mutex
	young, old map[netip.Prefix]*rate.Limiter
}

// NewLimiter allows each address so many requests a second on average, and burst at once.
func NewLimiter(perSecond float64, burst int) *Limiter {
	return &Limiter{rate: rate.Limit(perSecond), burst: burst,
		young: make(map[netip.Prefix]*rate.Limiter), old: make(map[netip.Prefix]*rate.Limiter)}
}

// BuyingLimit is a limit on what buyers do: holds, orders and what belongs to them.
type BuyingLimit struct {
	PerMinute float64
	Burst     int
	Proxies   []netip.Prefix // those in front of this server: X-Forwarded-For counts from them only
	Shared    SharedLimit    // with the same rate and burst; nil counts in this process only
}

// NewBuyingLimiter makes a limiter of the buying operations. It counts in this process and, where
// there is one, with all others; who asks too often here isn't asked about there.
func NewBuyingLimiter(c BuyingLimit) *Limiter {
	l := NewLimiter(c.PerMinute/time.Minute.Seconds(), c.Burst)
	l.from, l.proxies, l.shared = Buying, c.Proxies, c.Shared
	return l
}

func (l *Limiter) covers(c Class) bool { return c >= l.from && c < Settling }

// admit counts a request and tells how long its client has to wait, if it may not pass.
func (l *Limiter) admit(r *http.Request, now time.Time) (wait time.Duration, ok bool) {
	address, ok := l.client(r)
	if !ok {
		return 0, true // not a network peer: a test, or a socket that the operator guards
	}
	bits := 32
	if address.Is6() {
		bits = 64
	}
	prefix, err := address.Prefix(bits)
	if err != nil {
		return 0, true
	}
	if b := l.bucket(prefix); !b.AllowN(now, 1) {
		missing := 1 - b.TokensAt(now)
		return time.Duration(missing / float64(l.rate) * float64(time.Second)), false
	}
	if l.shared == nil {
		return 0, true
	}
	return l.shared.Allow(r.Context(), prefix.String())
}

func (l *Limiter) allow(r *http.Request, now time.Time) bool {
	_, ok := l.admit(r, now)
	return ok
}

// client is the address of who has sent the request: the peer, or if that is a trusted proxy, the
// last address that it names and that isn't another trusted proxy.
func (l *Limiter) client(r *http.Request) (netip.Addr, bool) {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}, false
	}
	address := peer.Addr().Unmap().WithZone("")
	named := strings.Join(r.Header.Values("X-Forwarded-For"), ",")
	for l.trusts(address) && named != "" {
		last := strings.LastIndexByte(named, ',')
		before, err := netip.ParseAddr(strings.TrimSpace(named[last+1:]))
		if err != nil {
			break // whoever wrote this, it names nobody
		}
		address = before.Unmap().WithZone("")
		named = named[:max(last, 0)]
	}
	return address, true
}

func (l *Limiter) trusts(a netip.Addr) bool {
	return slices.ContainsFunc(l.proxies, func(p netip.Prefix) bool { return p.Contains(a) })
}

func (l *Limiter) bucket(prefix netip.Prefix) *rate.Limiter {
	l.mu.Lock()
	defer l.mu.Unlock()
	if b := l.young[prefix]; b != nil {
		return b
	}
	b := l.old[prefix]
	if b == nil {
		b = rate.NewLimiter(l.rate, l.burst)
	}
	if len(l.young) == maxLimiterAddresses {
		l.old, l.young = l.young, make(map[netip.Prefix]*rate.Limiter)
	}
	l.young[prefix] = b
	return b
}
