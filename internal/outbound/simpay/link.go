package simpay

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"hash"
	"math"
	"net/url"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"

	"ticketflow/internal/app/payment"
	"ticketflow/internal/domain/errs"
	"ticketflow/internal/domain/money"
)

const (
	maxKeyBytes       = 96
	maxReferenceBytes = 64
	maxReturnURLBytes = 1024
	maxLinkBytes      = tagBytes + 1 + 4 + binary.MaxVarintLen64 + 3 +
		1 + maxKeyBytes + 1 + maxReferenceBytes + maxReturnURLBytes
	maxLinkChars = (maxLinkBytes*8 + 5) / 6

	tagBytes    = 16
	linkVersion = 1
)

// ErrLink says that a payment link was not made by the box office.
var ErrLink = errs.New(errs.NotFound, "bad_payment_link",
	"This payment link is not valid. Go back to the box office and start from there.")

// invoice is what a payment link carries.
type invoice struct {
	Key       string
	Amount    money.Money
	Reference string
	ReturnURL string
	Expires   uint32 // seconds since 1970
}

// expired tells whether a new payment comes too late.
func (v invoice) expired(now time.Time) bool { return now.Unix() >= int64(v.Expires) }

// sealer writes and reads links:
//
//	tag       16 bytes  HMAC-SHA256 of all that follows, truncated
//	version   1 byte
//	expires   4 bytes   seconds since 1970, big endian
//	amount    uvarint   minor units
//	currency  3 bytes
//	key       1 byte of length, then the key
//	reference 1 byte of length, then the reference
//	return    the rest
//
// in base64url without padding, in one spelling only.
type sealer struct {
	macs sync.Pool // of *sealing
}

type sealing struct {
	mac  hash.Hash
	raw  []byte
	text []byte
	sum  [sha256.Size]byte
}

func newSealer(secret []byte) *sealer {
	s := &sealer{}
	s.macs.New = func() any { return &sealing{mac: hmac.New(sha256.New, secret)} }
	return s
}

// checkInvoice tells what is wrong with an invoice; the failure is payment.ErrRejected.
func checkInvoice(v invoice) error {
	switch {
	case !validKey(v.Key):
		return payment.ErrRejected.With("The key is empty, too long or has other characters.")
	case v.Amount.IsZero() || v.Amount.Minor() > money.MaxMinor:
		return payment.ErrRejected.With("There is nothing to pay, or too much.")
	case !validReference(v.Reference):
		return payment.ErrRejected.With("The reference is too long or no plain text.")
	case v.ReturnURL != "" && returnOrigin(v.ReturnURL) == "":
		return payment.ErrRejected.With("The return address is no absolute http address.")
	}
	return nil
}

// appendLink appends the sealed link to dst. The invoice must have passed checkInvoice.
func (s *sealer) appendLink(dst []byte, v invoice) []byte {
	w := s.macs.Get().(*sealing)
	currency := v.Amount.Currency()
	b := append(w.raw[:0], make([]byte, tagBytes)...)
	b = append(b, linkVersion)
	b = binary.BigEndian.AppendUint32(b, v.Expires)
	b = binary.AppendUvarint(b, uint64(v.Amount.Minor()))
	b = append(b, currency[:]...)
	b = append(append(b, byte(len(v.Key))), v.Key...)
	b = append(append(b, byte(len(v.Reference))), v.Reference...)
	b = append(b, v.ReturnURL...)
	copy(b, w.tag(b[tagBytes:]))
	w.raw = b
	dst = base64.RawURLEncoding.AppendEncode(dst, b)
	s.macs.Put(w)
	return dst
}

func (w *sealing) tag(message []byte) []byte {
	w.mac.Reset()
	w.mac.Write(message)
	return w.mac.Sum(w.sum[:0])[:tagBytes]
}

// open reads a link and checks its seal, not its expiry. The failure is ErrLink.
func (s *sealer) open(link string) (invoice, error) {
	// The decoder skips line breaks, which would give a link a second spelling.
	if len(link) > maxLinkChars || strings.ContainsAny(link, "\r\n") {
		return invoice{}, ErrLink
	}
	w := s.macs.Get().(*sealing)
	defer s.macs.Put(w)
	w.text = append(w.text[:0], link...)
	var err error
	w.raw, err = base64.RawURLEncoding.Strict().AppendDecode(w.raw[:0], w.text)
	if err != nil || len(w.raw) < tagBytes ||
		!hmac.Equal(w.raw[:tagBytes], w.tag(w.raw[tagBytes:])) {
		return invoice{}, ErrLink
	}
	v, ok := readInvoice(w.raw[tagBytes:])
	if !ok || checkInvoice(v) != nil {
		return invoice{}, ErrLink
	}
	return v, nil
}

func readInvoice(b []byte) (v invoice, ok bool) {
	if len(b) < 5 || b[0] != linkVersion {
		return v, false
	}
	v.Expires = binary.BigEndian.Uint32(b[1:])
	b = b[5:]
	minor, n := binary.Uvarint(b)
	if n <= 0 || minor > math.MaxInt64 || len(b) < n+3 {
		return v, false
	}
	currency, err := money.ParseCurrency(string(b[n : n+3]))
	if err != nil {
		return v, false
	}
	if v.Amount, err = money.New(int64(minor), currency); err != nil {
		return v, false
	}
	b = b[n+3:]
	if v.Key, b, ok = readShort(b); !ok {
		return v, false
	}
	if v.Reference, b, ok = readShort(b); !ok {
		return v, false
	}
	v.ReturnURL = string(b)
	return v, true
}

func readShort(b []byte) (text string, rest []byte, ok bool) {
	if len(b) == 0 || len(b) < 1+int(b[0]) {
		return "", nil, false
	}
	return string(b[1 : 1+b[0]]), b[1+b[0]:], true
}

// validKey admits what needs no quoting in JSON, in a URL's path or in a line of the journal.
func validKey(key string) bool {
	if key == "" || len(key) > maxKeyBytes {
		return false
	}
	for i := range len(key) {
		c := key[i]
		if (c < '0' || c > '9') && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') &&
			c != '_' && c != '-' && c != '.' && c != ':' {
			return false
		}
	}
	// These two would be taken for steps in a path.
	return key != "." && key != ".."
}

func validReference(text string) bool {
	if len(text) > maxReferenceBytes || !utf8.ValidString(text) {
		return false
	}
	for _, r := range text {
		if !unicode.IsPrint(r) {
			return false
		}
	}
	return true
}

// returnOrigin is scheme and authority of an absolute http(s) URL, or empty if the URL is anything
// else. The authority is a plain host and port: it is written into a header, and a user name in it
// serves to deceive.
func returnOrigin(address string) string {
	if len(address) > maxReturnURLBytes {
		return ""
	}
	for i := range len(address) {
		if c := address[i]; c <= ' ' || c >= 0x7F || c == '\\' {
			return ""
		}
	}
	scheme := len("https://")
	if strings.HasPrefix(address, "http://") {
		scheme = len("http://")
	} else if !strings.HasPrefix(address, "https://") {
		return ""
	}
	end := scheme
	for end < len(address) && strings.IndexByte("/?#", address[end]) < 0 {
		c := address[end]
		if (c < '0' || c > '9') && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') &&
			strings.IndexByte(".-:[]", c) < 0 {
			return ""
		}
		end++
	}
	if end == scheme {
		return ""
	}
	return address[:end]
}

// parseReturn is the return address as net/http would follow it, or nil.
func parseReturn(address string) *url.URL {
	if returnOrigin(address) == "" {
		return nil
	}
	u, err := url.Parse(address)
	if err != nil {
		return nil
	}
	return u
}
