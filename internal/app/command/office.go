package command

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/binary"
	"hash"
	"io"
	"sync"
	"time"

	"ticketflow/internal/app/board"
	"ticketflow/internal/app/query"
	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/domain/errs"
	"ticketflow/internal/domain/ident"
)

// TokenBytes is the size of the token that gives access to a hold or an order.
const TokenBytes = 16

// maxIdempotencyKeyBytes bounds what a client may send as its key.
const maxIdempotencyKeyBytes = 255

// Failures of the envelope of a command.
var (
	ErrKeyMissing = errs.New(errs.Malformed, "idempotency_key_missing",
		"This request needs an Idempotency-Key header of 1 to 255 characters.")
	ErrToken = errs.New(errs.NotFound, "not_found",
		"There is nothing with this identifier and token.")
)

// Token gives access to one hold or order. It is derived from the identifier with the server's
// secret, so that nothing is stored and a foreign identifier is refused before the ledger is asked.
type Token [TokenBytes]byte

// String is the token as the API shows it.
func (t Token) String() string { return ident.Encode("tok", t[:]) }

// Office is the box office: each command is a method, each in a file of its own. It is safe for
// concurrent use.
type Office struct {
	desk     *Desk
	offers   *query.Offers
	boards   *board.Boards
	bookings query.Bookings
	requests query.RefundRequests
	store    Catalogue
	once     Creations
	clock    func() time.Time
	random   io.Reader
	keys     *ident.Source
	macs     sync.Pool // of *tokenMAC
	flights  flights
	locked   *lockedDesk // nil without a lock in front of the ledger
}

// Catalogue is where the organisers' descriptions are kept.
type Catalogue interface {
	// AddVenue stores a venue and returns its number.
	AddVenue(ctx context.Context, v catalog.Venue) (catalog.VenueID, error)
	// AddPlan stores a plan with its document.
	AddPlan(ctx context.Context, venue catalog.VenueID, plan *catalog.Plan,
		document []byte) (catalog.PlanID, error)
	// AddEvent stores a draft, with all of its places free.
	AddEvent(ctx context.Context, e catalog.Event, places int) (catalog.EventID, error)
}

// Creations keeps what requests with an idempotency key have created.
type Creations interface {
	// Under is the catalogue for one request. What its Add methods store is kept under the key in
	// the same transaction: with the same key they return the number that they returned before, and
	// store nothing. They fail with booking.ErrKeyReused if the key was used for another request.
	Under(key, request booking.Fingerprint) Catalogue
}

// Config is what an Office is made of.
type Config struct {
	Desk     *Desk
	Offers   *query.Offers
	Boards   *board.Boards
	Bookings query.Bookings
	Requests query.RefundRequests // or nil: then buyers can't ask for refunds
	Store    Catalogue
	Once     Creations        // or nil: then organisers' requests can't have idempotency keys
	Clock    func() time.Time // for new keys; expiry follows the ledger's clock
	Random   io.Reader        // crypto/rand, or a seeded source in a simulation
	Secret   []byte           // derives tokens; the same for all instances
	Lock     SeatLock         // in front of the ledger, or nil
}

// NewOffice makes the box office.
func NewOffice(c Config) *Office {
	o := &Office{desk: c.Desk, offers: c.Offers, boards: c.Boards, bookings: c.Bookings,
		requests: c.Requests,
		flights:  flights{clock: c.Clock}, store: c.Store, once: c.Once, clock: c.Clock,
		random: c.Random,
		keys:   ident.NewSource(c.Clock, c.Random),
		macs: sync.Pool{New: func() any {
			return &tokenMAC{hash: hmac.New(sha256.New, c.Secret)}
		}}}
	o.locked = newLockedDesk(c.Lock, o)
	return o
}

// HoldToken is the token of a hold.
func (o *Office) HoldToken(id booking.HoldID) Token { return o.token("hold", id.Event, id.Key) }

// OrderToken is the token of an order.
func (o *Office) OrderToken(id booking.OrderID) Token { return o.token("order", id.Event, id.Key) }

// CheckHold fails with ErrToken unless token belongs to the hold.
func (o *Office) CheckHold(id booking.HoldID, token string) error {
	return checkToken(o.HoldToken(id), token)
}

// CheckOrder fails with ErrToken unless token belongs to the order.
func (o *Office) CheckOrder(id booking.OrderID, token string) error {
	return checkToken(o.OrderToken(id), token)
}

func checkToken(want Token, got string) error {
	if subtle.ConstantTimeCompare([]byte(want.String()), []byte(got)) != 1 {
		return ErrToken
	}
	return nil
}

func (o *Office) token(kind string, event catalog.EventID, key ident.Key) (t Token) {
	m := o.macs.Get().(*tokenMAC)
	defer o.macs.Put(m)
	m.hash.Reset()
	m.text = appendParts(m.text[:0], kind, event.String(), string(key[:]))
	_, _ = m.hash.Write(m.text) // a hash takes everything
	m.text = m.hash.Sum(m.text[:0])
	copy(t[:], m.text)
	return t
}

// tokenMAC is a keyed hash to be used again: setting one up costs as much as using it.
type tokenMAC struct {
	hash hash.Hash
	text []byte
}

// Idempotency is what a client sends so that a repeated request is noticed.
type Idempotency struct {
	Key  string // the Idempotency-Key header
	Body []byte // of the request, as it came
}

// answer names the stored answer of a request. scope is the operation and the client's identity.
func (o *Office) answer(
	event catalog.EventID, scope string, in Idempotency,
) (ref booking.AnswerRef, request booking.Fingerprint, err error) {
	if in.Key == "" || len(in.Key) > maxIdempotencyKeyBytes {
		return ref, request, ErrKeyMissing
	}
	ref = booking.AnswerRef{Event: event, Key: fingerprint(scope, in.Key)}
	return ref, fingerprint(string(in.Body)), nil
}

// fingerprintBytes is room for the parts of most fingerprints; longer ones go over the heap.
const fingerprintBytes = 512

func fingerprint(parts ...string) (f booking.Fingerprint) {
	var room [fingerprintBytes]byte
	sum := sha256.Sum256(appendParts(room[:0], parts...))
	copy(f[:], sum[:])
	return f
}

// appendParts puts parts behind each other so that they can't run into each other.
func appendParts(out []byte, parts ...string) []byte {
	for _, p := range parts {
		out = binary.BigEndian.AppendUint32(out, uint32(len(p)))
		out = append(out, p...)
	}
	return out
}
