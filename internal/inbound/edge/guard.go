package edge

import (
	"crypto/sha256"
	"crypto/subtle"
	"net/http"
	"strings"

	"ticketflow/internal/domain/errs"
)

// ErrUnauthenticated says that a request needs a key and has none that is right.
var ErrUnauthenticated = errs.New(errs.Unauthenticated, "unauthenticated",
	"This operation needs the organiser's API key: Authorization: Bearer <key>.")

// Guard decides whether a request may pass: nil, or a failure of kind Unauthenticated or Forbidden.
// It is the one place where organisers' operations are guarded.
type Guard func(*http.Request) error

// KeyHashBytes is the size of the hash of an API key.
const KeyHashBytes = sha256.Size

// HashKey is how an API key is kept. A key is random and long, so one round of SHA-256 is enough.
func HashKey(key string) [KeyHashBytes]byte { return sha256.Sum256([]byte(key)) }

// APIKey is the guard for whoever knows the key with this hash.
func APIKey(hash [KeyHashBytes]byte) Guard {
	return func(r *http.Request) error {
		scheme, key, _ := strings.Cut(r.Header.Get("Authorization"), " ")
		got := HashKey(key)
		if !strings.EqualFold(scheme, "Bearer") ||
			subtle.ConstantTimeCompare(got[:], hash[:]) != 1 {
			return ErrUnauthenticated
		}
		return nil
	}
}
