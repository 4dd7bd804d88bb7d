// Package safeguard stands between the box office and a payment gateway that is reached over a
// network: it bounds how long a call may take, how many run at once and how often one is repeated,
// and stops asking a gateway that is down.
//
// From the outside in: retries, a bulkhead, a circuit breaker, a time-out of each try.
//
// # What may be repeated
//
// Every call of payment.Gateway is keyed, and that alone makes repeating it safe, after a definite
// ErrUnavailable as well as after ErrUnknownOutcome:
//
//   - Begin charges nothing: it opens a page, and the same request finds the same page. A buyer
//     pays a page once.
//   - LookUp, Payments and KeyOf only read.
//   - Cancel closes what may be closed already.
//   - Refund is done once per refund key, however often it is asked for, and an unknown refund has
//     no other next step than asking with the same key.
//
// There is no call that charges: money moves only where the buyer is. Everything else that a
// gateway says is an answer, and is neither repeated nor counted against it.
//
// # What is told
//
// An open breaker and a full bulkhead are payment.ErrUnavailable at once: nothing was sent. But if
// an earlier try of the same call may have reached the gateway, the call stays
// payment.ErrUnknownOutcome, whatever kept a later try from being sent.
//
// Reading a notice needs no gateway and is never limited.
package safeguard

import (
	"log/slog"
	"time"
)

// Config are the limits of a Gateway. The zero value of a field means its default.
type Config struct {
	// TryTimeout bounds one try. It is shorter than what a buyer waits for a payment page.
	TryTimeout time.Duration
	// Retries bounds the repetitions of one call, and RetryShare those of all calls that run now,
	// of which three are always allowed: a gateway that is down isn't asked thrice as often.
	Retries    int
	RetryShare float64
	// FirstPause is before the first repetition, each further one waits twice as long, up to
	// MaxPause. Half of it is chance, so that those who failed together don't come together.
	FirstPause, MaxPause time.Duration
	// Begins and Others bound what runs at once: payment pages for buyers, and everything else.
	// They are apart so that a rush of buyers doesn't starve the questions that settle orders.
	Begins, Others uint
	// The breaker opens when, within Window, there were MinTries or more and FailureRate of them
	// failed. After OpenFor it lets Probes tries through; if they succeed it closes, if not it
	// opens again.
	Window      time.Duration
	MinTries    uint
	FailureRate float64
	OpenFor     time.Duration
	Probes      uint
	// Patience: a try that its caller gave up earlier than this says nothing about the gateway.
	Patience time.Duration
	// LocalBegin is for a gateway whose Begin makes no call: it is passed on as it is.
	LocalBegin bool

	Log *slog.Logger // needed
}

// The defaults of Config.
const (
	DefaultTryTimeout  = 4 * time.Second
	DefaultRetries     = 2
	DefaultRetryShare  = 0.2
	DefaultFirstPause  = 100 * time.Millisecond
	DefaultMaxPause    = time.Second
	DefaultBegins      = 48
	DefaultOthers      = 16
	DefaultWindow      = 10 * time.Second
	DefaultMinTries    = 10
	DefaultFailureRate = 0.5
	DefaultOpenFor     = 5 * time.Second
	DefaultProbes      = 2
	DefaultPatience    = time.Second
)

const (
	pauseFactor  = 2
	pauseJitter  = 0.5
	openJitter   = 0.1
	retriesAtAll = 3 // that are allowed at once whatever the share is
)

func (c Config) withDefaults() Config {
	orDefault(&c.TryTimeout, DefaultTryTimeout)
	orDefault(&c.Retries, DefaultRetries)
	orDefault(&c.RetryShare, DefaultRetryShare)
	orDefault(&c.FirstPause, DefaultFirstPause)
	orDefault(&c.MaxPause, DefaultMaxPause)
	orDefault(&c.Begins, DefaultBegins)
	orDefault(&c.Others, DefaultOthers)
	orDefault(&c.Window, DefaultWindow)
	orDefault(&c.MinTries, DefaultMinTries)
	orDefault(&c.FailureRate, DefaultFailureRate)
	orDefault(&c.OpenFor, DefaultOpenFor)
	orDefault(&c.Probes, DefaultProbes)
	orDefault(&c.Patience, DefaultPatience)
	return c
}

func orDefault[T comparable](field *T, value T) {
	var none T
	if *field == none {
		*field = value
	}
}
