// Package admission is the signed code of a ticket: what the QR says and a scanner checks offline.
//
// A code is the text "TF1:" and the base 45 (RFC 9285) of
//
//	key id     uvarint, uint16          which public key checks the signature
//	event      uvarint, 1..2^63-1
//	place      uvarint, uint32
//	fence      uvarint, uint32          grows with each grant; transfer or refund raise it
//	not before uvarint, uint32          hours since 1970-01-01 UTC; 0 = no limit
//	not after  uvarint, uint32          hours since 1970-01-01 UTC; 0 = no limit
//	secret     16 bytes                 at least 128 bits that can't be guessed
//	index      1 byte, below leaves     which leaf of the tree these claims are
//	leaves     1 byte, 1..MaxTickets    how many tickets the order has
//	path       0 to 6 × 16 bytes        neighbours on the way up; index and leaves say how many
//	signature  64 bytes                 Ed25519 (RFC 8032), the same for the whole order
//
// Everything from key id to secret is the claims. One signature covers all tickets of an order, and
// yet each code verifies alone: the claims are the leaves of a Merkle tree, and what is signed is
// domainTag, the key id (2 bytes, the high one first), leaves (1 byte) and the root. tree.go has
// the hashes. leaves is signed because a path alone doesn't fix it: the first leaf of seven and the
// first of eight have paths of the same form.
//
// A code carries no personal data. A neighbour's hash tells nothing about the neighbour, because
// its secret is hashed too. Integers have their shortest form only and every base 45 group is in
// range, so a ticket has exactly one spelling: what is accepted and encoded again is the same text.
//
// The prefix and base 45 use only the alphabet of a QR's alphanumeric mode. In practice, with error
// correction M, a code has
//
//	1 ticket     147 characters    QR version 6, which holds 154
//	2 tickets    171               version 7, which holds 178
//	8 tickets    219               version 8, which holds 221
//	50 tickets   291               version 10, which holds 311
//
// and MaxCodeChars at most (version 11, which holds 366). A code never starts or ends with a space,
// although spaces may be inside: whoever carries it as text must not collapse them.
// docs/ticket-code.md says the same for those who write scanners.
package admission

import (
	"encoding/binary"
	"math"

	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/domain/errs"
)

const (
	// SecretBytes is the size of a ticket's secret.
	SecretBytes = 16
	// MaxCodeChars bounds a code: what is longer is refused unread.
	MaxCodeChars = len(prefix) + (maxRawBytes+1)/2*3

	// MaxTickets bounds the tickets under one signature: those of the largest order.
	MaxTickets = catalog.MaxPlacesPerOrder

	prefix         = "TF1:"
	signatureBytes = 64
	positionBytes  = 2
	maxPath        = 6 // levels of a tree with MaxTickets leaves
	maxClaimBytes  = 3 + 9 + 4*binary.MaxVarintLen32 + SecretBytes
	maxRawBytes    = maxClaimBytes + positionBytes + maxPath*hashBytes + signatureBytes
	minRawBytes    = 6 + SecretBytes + positionBytes + signatureBytes

	// domainTag keeps a signature of this key over anything else from being taken for a ticket.
	domainTag = "TicketFlow admission code v1\x00"
	// messageBytes is the size of what is signed: domainTag, key id, leaves and root.
	messageBytes = len(domainTag) + 2 + 1 + hashBytes
)

// These fail to compile if the largest order outgrows the tree or the byte that counts its leaves.
const (
	_ = uint(1<<maxPath - MaxTickets)
	_ = uint8(MaxTickets)
)

// Failures of reading and checking a code.
var (
	ErrMalformed = errs.New(errs.Invalid, "bad_ticket_code",
		"This is not a ticket code of this box office.")
	ErrUnknownKey = errs.New(errs.Invalid, "ticket_key_unknown",
		"The ticket is signed with a key that is not known here. Update the scanner's keys.")
	ErrBadSignature = errs.New(errs.Invalid, "ticket_signature_invalid",
		"The ticket code is forged or damaged.")
	ErrTooEarly = errs.New(errs.Conflict, "ticket_not_yet_valid",
		"The ticket is not valid yet.")
	ErrExpired = errs.New(errs.Gone, "ticket_expired",
		"The ticket is not valid any more.")
	ErrClaims = errs.New(errs.Invalid, "bad_ticket_claims",
		"A ticket needs an event and, if it has a window, one that ends after it starts.")
	ErrTooMany = errs.New(errs.Invalid, "too_many_ticket_codes",
		"These are more tickets than one order has.")
)

// appendClaims writes the claims in their one binary form.
func appendClaims(b []byte, c Claims) []byte {
	b = binary.AppendUvarint(b, uint64(c.Key))
	b = binary.AppendUvarint(b, uint64(c.Event))
	b = binary.AppendUvarint(b, uint64(c.Place))
	b = binary.AppendUvarint(b, uint64(c.Fence))
	b = binary.AppendUvarint(b, uint64(c.NotBefore))
	b = binary.AppendUvarint(b, uint64(c.NotAfter))
	return append(b, c.Secret[:]...)
}

// readClaims is the strict inverse of appendClaims. rest is what follows the claims.
func readClaims(b []byte) (c Claims, rest []byte, err error) {
	r := reader{rest: b}
	c.Key = KeyID(r.uvarint(math.MaxUint16))
	c.Event = int64(r.uvarint(math.MaxInt64))
	c.Place = uint32(r.uvarint(math.MaxUint32))
	c.Fence = uint32(r.uvarint(math.MaxUint32))
	c.NotBefore = Hour(r.uvarint(math.MaxUint32))
	c.NotAfter = Hour(r.uvarint(math.MaxUint32))
	if r.bad || len(r.rest) < SecretBytes {
		return Claims{}, nil, ErrMalformed
	}
	rest = r.rest[copy(c.Secret[:], r.rest):]
	if c.check() != nil {
		return Claims{}, nil, ErrMalformed
	}
	return c, rest, nil
}

// parts is a code taken apart, checked for its form only.
type parts struct {
	claims        Claims
	leaf          hash
	index, leaves int
	path          []byte
	signature     []byte
}

// readParts takes the binary form of a code apart: raw must be used up exactly.
func readParts(raw []byte) (parts, error) {
	c, rest, err := readClaims(raw)
	if err != nil {
		return parts{}, err
	}
	if len(rest) < positionBytes+signatureBytes {
		return parts{}, ErrMalformed
	}
	p := parts{claims: c, leaf: leafOf(raw[:len(raw)-len(rest)]),
		index: int(rest[0]), leaves: int(rest[1])}
	rest = rest[positionBytes:]
	if p.leaves > MaxTickets || p.index >= p.leaves ||
		len(rest) != pathBytes(p.index, p.leaves)+signatureBytes {
		return parts{}, ErrMalformed
	}
	p.path, p.signature = rest[:len(rest)-signatureBytes], rest[len(rest)-signatureBytes:]
	return p, nil
}

// appendMessage writes what is signed.
func appendMessage(b []byte, key KeyID, leaves int, root hash) []byte {
	b = binary.BigEndian.AppendUint16(append(b, domainTag...), uint16(key))
	return append(append(b, byte(leaves)), root[:]...)
}

type reader struct {
	rest []byte
	bad  bool
}

// uvarint takes one integer of at most limit in its shortest form.
func (r *reader) uvarint(limit uint64) uint64 {
	v, n := binary.Uvarint(r.rest)
	if n <= 0 || v > limit || (n > 1 && r.rest[n-1] == 0) {
		r.bad = true
		return 0
	}
	r.rest = r.rest[n:]
	return v
}
