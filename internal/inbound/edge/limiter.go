package edge

import (
	"net/http"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// maxLimiterAddresses bounds each of the two generations of addresses that a Limiter remembers.
const maxLimiterAddresses = 50_000

// Limiter is a token bucket per client address (per /64 of IPv6). It remembers the addresses of two
// generations: when the young one is full, it becomes the old one and the old one is forgotten.
type Limiter struct {
	rate  rate.Limit
	burst int

	mu         sync.Mutex
	young, old map[netip.Prefix]*rate.Limiter
}

// NewLimiter allows each address so many requests a second on average, and burst at once.
func NewLimiter(perSecond float64, burst int) *Limiter {
	return &Limiter{rate: rate.Limit(perSecond), burst: burst,
		young: make(map[netip.Prefix]*rate.Limiter), old: make(map[netip.Prefix]*rate.Limiter)}
}

func (l *Limiter) allow(r *http.Request, now time.Time) bool {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return true // not a network peer: a test, or a socket that the operator guards
	}
	bits := 32
	address := peer.Addr().Unmap()
	if address.Is6() {
		bits = 64
	}
	prefix, err := address.Prefix(bits)
	if err != nil {
		return true
	}
	return l.bucket(prefix).AllowN(now, 1)
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
