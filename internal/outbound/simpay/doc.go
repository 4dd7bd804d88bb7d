// Package simpay is the built-in payment simulator: a gateway that moves no money.
//
// It has two sides that share nothing but HTTP and three secrets, even in one process:
//
//   - Simulator is the gateway: a hosted payment page, a book of its own, signed webhooks with
//     retries, an API to look up and to refund. It is an http.Handler to mount under /simpay/.
//   - Gateway is the box office's adapter of the port payment.Gateway.
//
// A payment begins without a call: the link to the page is signed by the box office and carries the
// key, the amount, the reference and the way back. The simulator learns of a payment when the buyer
// decides on its page. One key is charged at most once, however often its link is posted.
package simpay

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"time"

	"ticketflow/internal/app/stdwebhook"
	"ticketflow/internal/domain/errs"
)

// Provider is the name of this gateway in notices and in the webhook's path.
const Provider = "simpay"

const minMasterBytes = 16

// ErrSecret says that the master secret can't be used.
var ErrSecret = errs.New(errs.Invalid, "bad_simpay_secret",
	"The simulator's secret needs at least 16 bytes.")

// Secrets are what both sides share: the key of links, the key of webhooks and the API's bearer.
type Secrets struct {
	link    []byte
	webhook *stdwebhook.Key
	bearer  string
}

// DeriveSecrets makes the three secrets from one master of at least 16 unguessable bytes, so that
// one value has to be configured on both sides. The failure is ErrSecret.
func DeriveSecrets(master []byte) (Secrets, error) {
	if len(master) < minMasterBytes {
		return Secrets{}, ErrSecret
	}
	derive := func(label string) []byte {
		mac := hmac.New(sha256.New, master)
		mac.Write([]byte("simpay " + label + " v1"))
		return mac.Sum(nil)
	}
	webhook, err := stdwebhook.NewKey(derive("webhook"))
	if err != nil {
		return Secrets{}, err
	}
	return Secrets{
		link:    derive("link"),
		webhook: webhook,
		bearer:  base64.RawURLEncoding.EncodeToString(derive("bearer")),
	}, nil
}

// Clock is the simulator's time. Time-outs of sockets follow the machine's own clock.
type Clock interface {
	Now() time.Time
	// After fires once when d has passed; stop ends the wait early and may be called twice.
	After(d time.Duration) (fired <-chan time.Time, stop func())
}

// WallClock is the machine's clock.
type WallClock struct{}

// Now is the current time.
func (WallClock) Now() time.Time { return time.Now() }

// After waits with a timer of the runtime.
func (WallClock) After(d time.Duration) (<-chan time.Time, func()) {
	t := time.NewTimer(d)
	return t.C, func() { t.Stop() }
}
