package outbox

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/domain/fact"
)

// MaxEnvelopeBytes is the largest message that is read: a fact over every place of the largest
// plan has room in it.
const MaxEnvelopeBytes = 2 << 20

// ErrEnvelope says that a message is no fact.
var ErrEnvelope = errors.New("the message is not a fact's envelope")

// envelope is a fact as it leaves the process. docs/facts.md is its contract with other programs.
type envelope struct {
	Position int64           `json:"position"`
	Kind     fact.Kind       `json:"kind"`
	Event    string          `json:"event"`
	At       time.Time       `json:"at"`
	Body     json.RawMessage `json:"body"`
}

// envelopeTime is RFC 3339 in UTC with the log's precision.
const envelopeTime = "2006-01-02T15:04:05.000Z"

// AppendEnvelope writes an entry of the log as JSON: its position, kind, event and time, and the
// body of AppendBody.
func AppendEnvelope(out []byte, e Entry) []byte {
	out = append(out, `{"position":`...)
	out = strconv.AppendInt(out, e.Position, 10)
	out = append(out, `,"kind":`...)
	out = strconv.AppendQuote(out, string(e.Fact.Kind))
	out = append(out, `,"event":"`...)
	out = append(out, e.Fact.Event.String()...)
	out = append(out, `","at":"`...)
	out = e.Fact.At.UTC().AppendFormat(out, envelopeTime)
	out = append(out, `","body":`...)
	return append(AppendBody(out, e.Fact), '}')
}

// ParseEnvelope reads an entry back. Fields that it doesn't know are passed over, so that a newer
// release may add some. What is no fact is ErrEnvelope.
func ParseEnvelope(raw []byte) (Entry, error) {
	if len(raw) > MaxEnvelopeBytes {
		return Entry{}, fmt.Errorf("%w: it has %d bytes", ErrEnvelope, len(raw))
	}
	var e envelope
	if err := json.Unmarshal(raw, &e); err != nil {
		return Entry{}, fmt.Errorf("%w: %w", ErrEnvelope, err)
	}
	if e.Position < 1 || e.Kind == "" || e.At.IsZero() || len(e.Body) == 0 {
		return Entry{}, fmt.Errorf("%w: position, kind, time or body is missing", ErrEnvelope)
	}
	event, err := catalog.ParseEventID(e.Event)
	if err != nil {
		return Entry{}, fmt.Errorf("%w: event: %w", ErrEnvelope, err)
	}
	f, err := ParseBody(e.Body)
	if err != nil {
		return Entry{}, fmt.Errorf("%w: %w", ErrEnvelope, err)
	}
	f.Kind, f.Event, f.At = e.Kind, event, e.At.UTC()
	return Entry{Position: e.Position, Fact: f}, nil
}
