package rush

import (
	"errors"
	"fmt"
	"io"
	"runtime"
	"time"
)

// Scenario names what the buyers do together.
type Scenario string

// The scenarios.
const (
	Stampede  Scenario = "stampede"  // all press at the same instant and go on until sold out
	Steady    Scenario = "steady"    // open loop: sessions arrive at a rate, with think time
	Contended Scenario = "contended" // all name places out of the same few until those are sold
)

// Engine names the way in which connections are driven.
type Engine string

// The engines. EngineAuto takes the cheapest that the system has.
const (
	EngineAuto       Engine = ""
	EngineEpoll      Engine = "epoll"      // Linux: event loops over non-blocking sockets
	EngineGoroutines Engine = "goroutines" // everywhere: one goroutine for each connection
)

// Bounds of a run. A number outside is refused by Run, never clipped.
const (
	maxBuyersCount   = 60_000
	maxPlacesCount   = 1_000_000
	maxPerOrderCount = 16
	maxRatePerS      = 100_000
	maxLoopsCount    = 64
	maxTargetsCount  = 64
	maxRunDuration   = time.Hour
)

// Shares says how buyers misbehave; each is a probability between 0 and 1, drawn once a round.
type Shares struct {
	// Named buyers pick numbered places from the map instead of "best available".
	Named float64
	// Abandon a hold: it is given back, or just left, see Leave.
	Abandon float64
	// Leave is the part of the abandoned holds that are left to expire instead of given back. A run
	// that is to sell every place keeps it at 0.
	Leave float64
	// DoubleClick sends the hold or the order twice with the same key.
	DoubleClick float64
	// Twice sends each request of the round twice.
	Twice float64
}

// DefaultShares is a crowd of mostly patient people.
func DefaultShares() Shares {
	return Shares{Named: 0.10, Abandon: 0.02, DoubleClick: 0.02, Twice: 0.01}
}

// Config describes one run. The zero value of an optional field means its default.
type Config struct {
	Scenario Scenario // default Stampede
	Target   string   // base URL of the server, http only, for example "http://127.0.0.1:8080"
	// More are further servers of the same box office. The buyers are spread over all of them, and
	// go to the next one when theirs can't be reached, as behind a load balancer.
	More   []string
	Event  string // public id of the concert, for example "evt_1"
	Buyers int    // simulated buyers, one connection each; default 500
	// Places is how many places there are to sell. Place numbers run from 0 to Places-1.
	Places   int
	PerOrder int // places that a buyer wants in one order; default 2

	Rate     float64       // steady: sessions that arrive in a second; default 100
	Duration time.Duration // steady: how long sessions arrive; default 30 s
	// Think is the mean pause of a buyer between two steps of a steady run, drawn evenly between
	// half and one and a half of it; default 2 s, negative for none.
	Think time.Duration

	Seed   uint64  // draws the behaviour; the same seed makes the same crowd
	Shares *Shares // default DefaultShares

	MaxDuration    time.Duration // the latest end of a run; default 2 min + Duration if steady
	ConnectTimeout time.Duration // for connecting all buyers; default 60 s
	RequestTimeout time.Duration // for one answer; default 30 s
	// ReconnectFor is how long a buyer goes on trying to reach a server that went away; default 15
	// s.
	ReconnectFor time.Duration

	// AllowRemote lifts the rule that only a loopback address may be loaded.
	AllowRemote bool
	// Null says that the target stores nothing: the run ends after Places places, and nobody checks
	// that a place is given only once.
	Null bool

	Engine Engine
	Loops  int // event loops; default 1 on up to 3 processors, else a third of them

	// Progress receives a bar (a terminal) or a plain line every few seconds; nil for silence.
	Progress io.Writer
	// Journal receives a line "order <id> <token>" for each acknowledged order and "paid <id>
	// <token>" for each order whose tickets were delivered, so that a crash test can look them all
	// up later.
	Journal io.Writer
}

// withDefaults fills what was left out.
func (c Config) withDefaults() Config {
	setDefault(&c.Scenario, Stampede)
	setDefault(&c.Buyers, 500)
	setDefault(&c.PerOrder, 2)
	setDefault(&c.Rate, 100)
	setDefault(&c.Duration, 30*time.Second)
	setDefault(&c.Think, 2*time.Second)
	limit := 2 * time.Minute
	if c.Scenario == Steady {
		limit += c.Duration
	}
	setDefault(&c.MaxDuration, limit)
	setDefault(&c.ConnectTimeout, time.Minute)
	setDefault(&c.RequestTimeout, 30*time.Second)
	setDefault(&c.ReconnectFor, 15*time.Second)
	setDefault(&c.Loops, max(1, runtime.GOMAXPROCS(0)/3))
	if c.Shares == nil {
		shares := DefaultShares()
		c.Shares = &shares
	}
	c.Loops = min(c.Loops, max(1, c.Buyers))
	return c
}

func setDefault[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}

// check reports everything that is wrong with a filled configuration at once.
func (c Config) check() error {
	var wrong []error
	within := func(name string, value, low, high float64) {
		// Written so that NaN is refused too.
		if !(value >= low && value <= high) {
			wrong = append(wrong, fmt.Errorf("%s: %v is outside %v to %v", name, value, low, high))
		}
	}
	switch c.Scenario {
	case Stampede, Steady, Contended:
	default:
		wrong = append(wrong, fmt.Errorf("scenario %q is none of stampede, steady, contended",
			c.Scenario))
	}
	switch c.Engine {
	case EngineAuto, EngineEpoll, EngineGoroutines:
	default:
		wrong = append(wrong, fmt.Errorf("engine %q is unknown", c.Engine))
	}
	if c.Event == "" || !plainText(c.Event) {
		wrong = append(wrong, errors.New("event: an id such as evt_1 is needed"))
	}
	within("buyers", float64(c.Buyers), 1, maxBuyersCount)
	within("places", float64(c.Places), 1, maxPlacesCount)
	within("per-order", float64(c.PerOrder), 1, maxPerOrderCount)
	within("rate", c.Rate, 0.001, maxRatePerS)
	within("targets", float64(1+len(c.More)), 1, maxTargetsCount)
	within("loops", float64(c.Loops), 1, maxLoopsCount)
	within("duration", c.Duration.Seconds(), 0.001, maxRunDuration.Seconds())
	within("max-duration", c.MaxDuration.Seconds(), 0.001, 2*maxRunDuration.Seconds())
	for name, share := range map[string]float64{
		"share named": c.Shares.Named, "share abandon": c.Shares.Abandon,
		"share leave": c.Shares.Leave, "share double-click": c.Shares.DoubleClick,
		"share twice": c.Shares.Twice,
	} {
		within(name, share, 0, 1)
	}
	return errors.Join(wrong...)
}

// plainText tells whether s can stand in a request line: letters, digits, and - _ . ~.
func plainText(s string) bool {
	for i := range len(s) {
		c := s[i]
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9':
		case c == '-', c == '_', c == '.', c == '~':
		default:
			return false
		}
	}
	return true
}
