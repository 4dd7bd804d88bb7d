// Package admission is the signed code of a ticket: what the QR says and a scanner checks offline.
//
// A code is the text "TF1:" and the base 45 (RFC 9285) of
//
//	key id     uvarint, uint16          which public key checks the signature
//	event      uvarint, 1..2^63-1
//	place      uvarint, uint32
//	fence      uvarint, uint32          grows with each grant; a transfer or refund raises it
//	not before uvarint, uint32          hours since 1970-01-01 UTC; 0 = no limit
//	not after  uvarint, uint32          hours since 1970-01-01 UTC; 0 = no limit
//	secret     16 bytes                 at least 128 bits that can't be guessed
//	signature  64 bytes                 Ed25519 (RFC 8032) over domainTag and everything above
//
// It carries no personal data. Integers have their shortest form only and every base 45 group is in
// range, so a ticket has exactly one spelling: what is accepted and encoded again is the same text.
//
// The prefix and base 45 use only the alphabet of a QR's alphanumeric mode. A code has 133
// characters for small numbers, about 142 in practice (QR version 6 with error correction M, which
// holds 154) and MaxCodeChars at most (version 7, which holds 178). A code never starts or ends
// with a space, although spaces may be inside: whoever carries it as text must not collapse them.
package admission

import (
	"encoding/binary"
	"math"

	"ticketflow/internal/domain/errs"
)

const (
	// SecretBytes is the size of a ticket's secret.
	SecretBytes = 16
	// MaxCodeChars bounds a code: what is longer is refused unread.
	MaxCodeChars = len(prefix) + maxRawBytes/2*3

	prefix         = "TF1:"
	signatureBytes = 64
	maxClaimBytes  = 3 + 9 + 4*binary.MaxVarintLen32 + SecretBytes
	maxRawBytes    = maxClaimBytes + signatureBytes
	minRawBytes    = 6 + SecretBytes + signatureBytes

	// domainTag keeps a signature of this key over anything else from being taken for a ticket.
	domainTag = "TicketFlow admission code v1\x00"
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

// readClaims is the strict inverse of appendClaims: b must be used up exactly.
func readClaims(b []byte) (Claims, error) {
	var c Claims
	r := reader{rest: b}
	c.Key = KeyID(r.uvarint(math.MaxUint16))
	c.Event = int64(r.uvarint(math.MaxInt64))
	c.Place = uint32(r.uvarint(math.MaxUint32))
	c.Fence = uint32(r.uvarint(math.MaxUint32))
	c.NotBefore = Hour(r.uvarint(math.MaxUint32))
	c.NotAfter = Hour(r.uvarint(math.MaxUint32))
	if r.bad || len(r.rest) != SecretBytes {
		return Claims{}, ErrMalformed
	}
	copy(c.Secret[:], r.rest)
	if c.check() != nil {
		return Claims{}, ErrMalformed
	}
	return c, nil
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
