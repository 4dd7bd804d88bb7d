// Package ident makes and writes the keys of what the box office creates.
//
// A Key starts with a serial number that grows with time, so that a table's new rows stay together,
// and ends in 96 random bits, so that it can't be guessed. At the edge each key carries a prefix of
// its type.
package ident

import (
	"encoding/base32"
	"encoding/binary"
	"io"
	"strings"
	"sync"
	"time"

	"ticketflow/internal/domain/errs"
)

// KeyBytes is the size of a Key.
const KeyBytes = 20

// ErrFormat says that a text is no identifier of the wanted type.
var ErrFormat = errs.New(errs.NotFound, "not_found", "There is nothing with this identifier.")

// encoding is Crockford's base 32 in lower case: no letters that are taken for digits.
var encoding = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

// Key identifies a hold or an order within its event.
type Key [KeyBytes]byte

// Serial is the key's number: 47 bits of milliseconds and 16 bits of a counter, never negative. One
// Source never makes the same one twice.
func (k Key) Serial() int64 {
	return int64(binary.BigEndian.Uint64(k[:8]))
}

// Source makes keys. It is safe for concurrent use.
type Source struct {
	clock  func() time.Time
	random io.Reader

	mu   sync.Mutex
	last int64
}

// NewSource makes a source; random must deliver (crypto/rand does, or a seeded one in tests).
func NewSource(clock func() time.Time, random io.Reader) *Source {
	return &Source{clock: clock, random: random}
}

// counterBits is the room for keys within one millisecond; when it is full, the next one is used.
const counterBits = 16

// Next makes a key.
func (s *Source) Next() (Key, error) {
	var k Key
	s.mu.Lock()
	s.last = max(s.last+1, s.clock().UnixMilli()<<counterBits)
	binary.BigEndian.PutUint64(k[:8], uint64(s.last))
	s.mu.Unlock()
	_, err := io.ReadFull(s.random, k[8:])
	return k, err
}

// Encode writes prefix, underscore and the bytes in base 32.
func Encode(prefix string, raw []byte) string {
	var room [maxEncodedBytes]byte // most identifiers are written without a detour over the heap
	return string(Append(room[:0], prefix, raw))
}

// maxEncodedBytes is the length of the longest identifier, a ticket's, with room to spare.
const maxEncodedBytes = 64

// Append is Encode at the end of out.
func Append(out []byte, prefix string, raw []byte) []byte {
	out = append(append(out, prefix...), '_')
	return encoding.AppendEncode(out, raw)
}

// Decode is the inverse of Encode; raw must have the exact length that is expected.
func Decode(prefix, text string, raw []byte) error {
	rest, ok := strings.CutPrefix(text, prefix)
	if !ok || len(rest) != encoding.EncodedLen(len(raw))+1 || rest[0] != '_' {
		return ErrFormat
	}
	var room [64]byte // enough for every identifier that there is, without an allocation
	buf := room[:]
	if len(raw) > len(buf) {
		buf = make([]byte, len(raw))
	}
	n, err := encoding.Decode(buf, []byte(rest[1:]))
	if err != nil || n != len(raw) {
		return ErrFormat
	}
	copy(raw, buf[:n])
	// The last character may carry unused bits: only the canonical spelling is accepted.
	if encoding.EncodeToString(raw) != rest[1:] {
		return ErrFormat
	}
	return nil
}
