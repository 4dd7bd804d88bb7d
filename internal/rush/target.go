package rush

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
)

// ErrRemoteTarget says that the target is another machine and nobody allowed that.
var ErrRemoteTarget = errors.New("the target is not this machine; allow a remote target to load it")

// TargetPolicy decides which servers may be loaded. The zero value allows loopback addresses only,
// so that nobody floods a stranger's server by a slip of the keyboard.
type TargetPolicy struct {
	AllowRemote bool
}

// target is a resolved server: every connection goes to the one address that was checked.
type target struct {
	addr netip.AddrPort
	host string // for the Host header, as it was written
}

// Resolve checks base (scheme http, a host, no path) and finds its address. A name counts as
// loopback only if all of its addresses are. It fails with ErrRemoteTarget for another machine.
func (p TargetPolicy) Resolve(ctx context.Context, base string) (netip.AddrPort, error) {
	to, err := p.resolve(ctx, base)
	return to.addr, err
}

func (p TargetPolicy) resolve(ctx context.Context, base string) (target, error) {
	u, err := url.Parse(base)
	if err != nil {
		return target{}, fmt.Errorf("target %q: %w", base, err)
	}
	switch {
	case u.Scheme != "http":
		return target{}, fmt.Errorf("target %q: only http is spoken, TLS is not", base)
	case u.Hostname() == "":
		return target{}, fmt.Errorf("target %q: no host", base)
	case u.Path != "" && u.Path != "/" || u.RawQuery != "" || u.User != nil:
		return target{}, fmt.Errorf("target %q: give scheme, host and port only", base)
	}
	port := u.Port()
	if port == "" {
		port = "80"
	}
	number, err := net.DefaultResolver.LookupPort(ctx, "tcp", port)
	if err != nil {
		return target{}, fmt.Errorf("target %q: %w", base, err)
	}
	addrs, err := net.DefaultResolver.LookupNetIP(ctx, "ip", u.Hostname())
	if err != nil {
		return target{}, fmt.Errorf("target %q: %w", base, err)
	}
	if len(addrs) == 0 {
		return target{}, fmt.Errorf("target %q: no address", base)
	}
	chosen := addrs[0].Unmap()
	for _, addr := range addrs {
		addr = addr.Unmap()
		if !addr.IsLoopback() && !p.AllowRemote {
			return target{}, fmt.Errorf("target %q (%v): %w", base, addr, ErrRemoteTarget)
		}
		if addr.Is4() && !chosen.Is4() {
			chosen = addr // one address of IPv4 loopback has 16 million neighbours to bind to
		}
	}
	return target{addr: netip.AddrPortFrom(chosen, uint16(number)), host: u.Host}, nil
}

// resolve finds all servers of a run.
func (c Config) resolve(ctx context.Context) ([]target, error) {
	policy := TargetPolicy{AllowRemote: c.AllowRemote}
	targets := make([]target, 0, 1+len(c.More))
	for _, base := range append([]string{c.Target}, c.More...) {
		to, err := policy.resolve(ctx, base)
		if err != nil {
			return nil, err
		}
		targets = append(targets, to)
	}
	return targets, nil
}

// payPath cuts the path from the address of a payment page, if that lies on one of the servers or
// is a path already. It returns nil for a page elsewhere, which a buyer must not load.
func (r *shared) payPath(address []byte) []byte {
	for i := range r.targets {
		if path := payPath(address, r.targets[i].host); path != nil {
			return path
		}
	}
	return nil
}
