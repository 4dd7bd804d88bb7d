// Package stdwebhook signs and checks webhooks as the Standard Webhooks specification 1.0 says
// (standardwebhooks.com): HMAC-SHA256 over "id.timestamp.body", sent as webhook-id,
// webhook-timestamp (whole seconds since 1970) and webhook-signature, which lists one "v1,<base64>"
// for each secret in use, separated by spaces, so that secrets can be rotated.
package stdwebhook

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"hash"
	"strconv"
	"strings"
	"sync"
	"time"

	"ticketflow/internal/domain/errs"
)

// The headers of a webhook, as net/http spells them.
const (
	HeaderID        = "Webhook-Id"
	HeaderTimestamp = "Webhook-Timestamp"
	HeaderSignature = "Webhook-Signature"
)

const (
	// Tolerance is how far the timestamp may be from now, into the past and into the future.
	Tolerance = 5 * time.Minute
	// MaxKeys bounds the secrets that one Verifier tries.
	MaxKeys = 4

	secretPrefix   = "whsec_"
	scheme         = "v1,"
	minSecretBytes = 24 // the specification's bounds of a secret
	maxSecretBytes = 64
	maxIDBytes     = 256
	maxTimeDigits  = 12
	maxHeaderBytes = 2048 // of webhook-signature
	maxSignatures  = 16
	signatureChars = 44 // base64 of 32 bytes
)

// Failures of secrets and of incoming webhooks.
var (
	ErrSecret = errs.New(errs.Invalid, "bad_webhook_secret",
		"A webhook secret is whsec_ and the base64 of 24 to 64 bytes.")
	ErrHeaders = errs.New(errs.Malformed, "bad_webhook_headers",
		"A webhook needs one webhook-id, one webhook-timestamp and one webhook-signature.")
	ErrStale = errs.New(errs.Unauthenticated, "webhook_stale",
		"The webhook's timestamp is too far from now.")
	ErrSignature = errs.New(errs.Unauthenticated, "webhook_signature_invalid",
		"No signature of the webhook is right.")
)

// Key is one shared secret. It is immutable and safe for concurrent use.
type Key struct {
	macs sync.Pool // of *mac: the key schedule is done once, not per message
}

type mac struct {
	hash hash.Hash
	head []byte
	sum  [sha256.Size]byte
}

// ParseKey reads a secret of the form whsec_<base64>. The failure is ErrSecret, which never repeats
// what was given.
func ParseKey(secret string) (*Key, error) {
	text, ok := strings.CutPrefix(secret, secretPrefix)
	if !ok || len(text) > base64.StdEncoding.EncodedLen(maxSecretBytes) {
		return nil, ErrSecret
	}
	raw, err := base64.StdEncoding.Strict().DecodeString(text)
	// The decoder skips line breaks; only the one spelling is accepted.
	if err != nil || FormatSecret(raw) != secret {
		return nil, ErrSecret
	}
	return NewKey(raw)
}

// NewKey makes a key of 24 to 64 bytes that can't be guessed. The failure is ErrSecret.
func NewKey(raw []byte) (*Key, error) {
	if len(raw) < minSecretBytes || len(raw) > maxSecretBytes {
		return nil, ErrSecret
	}
	raw = append([]byte(nil), raw...)
	k := &Key{}
	k.macs.New = func() any { return &mac{hash: hmac.New(sha256.New, raw)} }
	return k, nil
}

// FormatSecret writes the bytes of a secret as ParseKey reads them.
func FormatSecret(raw []byte) string {
	return secretPrefix + base64.StdEncoding.EncodeToString(raw)
}

// AppendSignature appends "v1,<base64>" of one message to dst. At is in seconds since 1970.
func (k *Key) AppendSignature(dst []byte, id string, at int64, body []byte) []byte {
	m := k.macs.Get().(*mac)
	m.head = append(m.head[:0], id...)
	m.head = append(m.head, '.')
	m.head = strconv.AppendInt(m.head, at, 10)
	m.head = append(m.head, '.')
	m.hash.Reset()
	m.hash.Write(m.head)
	m.hash.Write(body)
	dst = append(dst, scheme...)
	dst = base64.StdEncoding.AppendEncode(dst, m.hash.Sum(m.sum[:0]))
	k.macs.Put(m)
	return dst
}

// Headers are the three headers of one webhook, read but not yet trusted.
type Headers struct {
	ID         string
	Timestamp  int64  // seconds since 1970
	Signatures string // as sent, separated by spaces
}

// ReadHeaders takes the three headers from h, whose keys are spelled as net/http does. Each must be
// there exactly once and in bounds. The failure is ErrHeaders.
func ReadHeaders(h map[string][]string) (Headers, error) {
	id, ok1 := single(h, HeaderID, maxIDBytes)
	at, ok2 := single(h, HeaderTimestamp, maxTimeDigits)
	signatures, ok3 := single(h, HeaderSignature, maxHeaderBytes)
	if !ok1 || !ok2 || !ok3 {
		return Headers{}, ErrHeaders
	}
	seconds, err := strconv.ParseInt(at, 10, 64)
	if err != nil || strconv.FormatInt(seconds, 10) != at || seconds < 0 {
		return Headers{}, ErrHeaders.With("The timestamp is no number of seconds.")
	}
	return Headers{ID: id, Timestamp: seconds, Signatures: signatures}, nil
}

// single takes the only value of a header, if it is printable ASCII and within the limit.
func single(h map[string][]string, name string, maxBytes int) (string, bool) {
	values := h[name]
	if len(values) != 1 || values[0] == "" || len(values[0]) > maxBytes {
		return "", false
	}
	for i := range len(values[0]) {
		if c := values[0][i]; c < ' ' || c > '~' {
			return "", false
		}
	}
	return values[0], true
}

// Verifier checks incoming webhooks against any of several secrets.
type Verifier struct {
	keys []*Key
}

// NewVerifier takes 1 to MaxKeys keys: during a rotation the old one and the new one.
func NewVerifier(keys ...*Key) (*Verifier, error) {
	if len(keys) == 0 || len(keys) > MaxKeys {
		return nil, ErrSecret.With(fmt.Sprintf("Give 1 to %d of them.", MaxKeys))
	}
	return &Verifier{keys: append([]*Key(nil), keys...)}, nil
}

// Verify checks that one of the signatures was made with one of the keys over exactly this id,
// time and body, and that the time is within Tolerance of now: ErrSignature or ErrStale. It does
// not remember what it has seen: the inbox refuses a second webhook of the same id.
func (v *Verifier) Verify(h Headers, body []byte, now time.Time) error {
	// Compared in whole seconds, so that no timestamp can overflow a Duration.
	if age := now.Unix() - h.Timestamp; age > toleranceSeconds || age < -toleranceSeconds {
		return ErrStale
	}
	var buf [len(scheme) + signatureChars]byte
	good := false
	for _, key := range v.keys {
		want := key.AppendSignature(buf[:0], h.ID, h.Timestamp, body)
		rest := h.Signatures
		for range maxSignatures {
			var one string
			one, rest, _ = strings.Cut(rest, " ")
			// Every candidate is compared in full and in constant time, also after a match.
			good = hmac.Equal([]byte(one), want) || good
			if rest == "" {
				break
			}
		}
	}
	if !good {
		return ErrSignature
	}
	return nil
}

const toleranceSeconds = int64(Tolerance / time.Second)
