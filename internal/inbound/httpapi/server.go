// Package httpapi is the REST API of the box office, with its own description at /openapi.json.
//
// All routes stand on one page (routes.go); each resource has a file. What a rush is full of
// (holds, orders, tickets, payment notices, availability) are plain handlers that read and write
// JSON by hand; the rest goes through huma. Both are described from the same structs.
package httpapi

import (
	"context"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/prometheus/client_golang/prometheus"

	"ticketflow/internal/app/board"
	"ticketflow/internal/app/command"
	"ticketflow/internal/app/payment"
	"ticketflow/internal/app/policy"
	"ticketflow/internal/app/query"
	"ticketflow/internal/domain/admission"
	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/inbound/edge"
)

// Config is what a Server is made of. Every field without "or" in its comment is needed.
type Config struct {
	Office   *command.Office
	Offers   *query.Offers
	Boards   *board.Boards
	Bookings query.Bookings
	Shelf    query.Shelf
	Sales    query.Sales
	Vouchers query.Vouchers

	Providers  *payment.Providers // their names are in /v1/webhooks/{provider}
	Cashier    *policy.Cashier
	Money      *query.FewReads // for buyers
	StaffMoney *query.FewReads // for organisers, whom a rush of buyers must not shut out
	OpenMoney  query.OpenMoney
	Journal    query.Journal
	Requests   query.RefundRequests

	Signer  *admission.Signer
	Keyring *admission.Keyring // the signer's key and older ones

	Clock     func() time.Time
	Log       *slog.Logger
	Metrics   *prometheus.Registry // served at /metrics
	Ready     func() error         // why the process should get no requests now, or nil
	Organiser edge.Guard           // of organisers' operations

	InFlightRequests int           // or 0: edge.DefaultInFlightRequests
	Streams          int           // or 0: edge.DefaultStreams
	Limiter          *edge.Limiter // or nil: no limit per address
}

// Server is the API. It is safe for concurrent use.
type Server struct {
	office   *command.Office
	offers   *query.Offers
	boards   *board.Boards
	bookings query.Bookings
	shelf    query.Shelf
	sales    query.Sales
	vouchers query.Vouchers
	gateways *payment.Providers
	cashier  *policy.Cashier
	money    query.Money
	staff    query.Money
	open     query.OpenMoney
	journal  query.Journal
	requests query.RefundRequests
	signer   *admission.Signer
	keyring  *admission.Keyring
	clock    func() time.Time
	log      *slog.Logger
	metrics  *prometheus.Registry
	ready    func() error
	guard    edge.Guard

	reconciling sync.Mutex

	mux    *edge.Mux
	api    huma.API
	plans  planShelf
	spec   func() (document, error) // written when it is first asked for
	crowds *crowds
}

// New makes the API with all of its routes.
func New(c Config) *Server {
	s := &Server{office: c.Office, offers: c.Offers, boards: c.Boards, bookings: c.Bookings,
		shelf: c.Shelf, sales: c.Sales, vouchers: c.Vouchers, gateways: c.Providers,
		cashier: c.Cashier,
		money:   c.Money, staff: c.StaffMoney, open: c.OpenMoney, journal: c.Journal,
		requests: c.Requests, signer: c.Signer,
		keyring: c.Keyring, clock: c.Clock, log: c.Log, metrics: c.Metrics,
		ready: c.Ready, guard: c.Organiser}
	s.mux = edge.NewMux(edge.Config{Log: c.Log, Metrics: c.Metrics, Limiter: c.Limiter,
		InFlightRequests: c.InFlightRequests, Streams: c.Streams})
	s.crowds = newCrowds(c.Clock, c.Metrics, c.Log)
	s.api = newAPI(adapter{s})
	s.routes()
	s.spec = sync.OnceValues(func() (document, error) { return encodeSpec(s.api.OpenAPI()) })
	return s
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.mux.ServeHTTP(w, r) }

// Mux takes further routes (pages, the payment simulator) before the server serves.
func (s *Server) Mux() *edge.Mux { return s.mux }

// WaitForViewers returns when the viewers of boards that have ended are sent away, or ctx ends.
// Nobody else waits for them: their connections are no longer the HTTP server's.
func (s *Server) WaitForViewers(ctx context.Context) { s.crowds.Wait(ctx) }

// OpenAPI is the description of the API.
func (s *Server) OpenAPI() *huma.OpenAPI { return s.api.OpenAPI() }

// Spec is the description as /openapi.json serves it. It fails only if that can't be written.
func (s *Server) Spec() ([]byte, error) {
	d, err := s.spec()
	return d.raw, err
}

// organiser tells whether a request carries the organiser's key: nil if it does.
func (s *Server) organiser(r *http.Request) error { return s.guard(r) }

// offer finds an event that the public may see.
func (s *Server) offer(ctx context.Context, id catalog.EventID) (*query.Offer, error) {
	offer, err := s.offers.Get(ctx, id)
	if err != nil {
		return nil, err
	}
	if offer.Event().Status == catalog.Draft {
		return nil, booking.ErrEventNotFound
	}
	return offer, nil
}

// visible finds an event that a request may see: organisers also see drafts.
func (s *Server) visible(r *http.Request, id string) (*query.Offer, error) {
	event, err := catalog.ParseEventID(id)
	if err != nil {
		return nil, err
	}
	offer, err := s.offers.Get(r.Context(), event)
	if err != nil {
		return nil, err
	}
	if offer.Event().Status == catalog.Draft && s.organiser(r) != nil {
		return nil, booking.ErrEventNotFound
	}
	return offer, nil
}
