package payment

import (
	"maps"
	"slices"

	"ticketflow/internal/domain/errs"
)

// ErrNoProvider says that payments of a provider are not taken here.
var ErrNoProvider = errs.New(errs.NotFound, "provider_not_found",
	"Payments of this provider are not taken here.")

// Providers are the gateways of a box office by name; one of them is where buyers are sent. It
// doesn't change, so it is safe for concurrent use.
type Providers struct {
	first    string
	gateways map[string]Gateway
}

// NewProviders makes the set; first must be one of them.
func NewProviders(first string, gateways map[string]Gateway) (*Providers, error) {
	if gateways[first] == nil {
		return nil, ErrNoProvider.With("No gateway is called " + first + ".")
	}
	return &Providers{first: first, gateways: maps.Clone(gateways)}, nil
}

// First is where buyers are sent.
func (p *Providers) First() (name string, gateway Gateway) { return p.first, p.gateways[p.first] }

// Get finds a gateway by name. The failure is ErrNoProvider.
func (p *Providers) Get(name string) (Gateway, error) {
	if g, ok := p.Find(name); ok {
		return g, nil
	}
	return nil, ErrNoProvider
}

// Find finds a gateway by name where it is no failure that there is none.
func (p *Providers) Find(name string) (gateway Gateway, ok bool) {
	gateway = p.gateways[name]
	return gateway, gateway != nil
}

// Names are all names, in order.
func (p *Providers) Names() []string { return slices.Sorted(maps.Keys(p.gateways)) }
