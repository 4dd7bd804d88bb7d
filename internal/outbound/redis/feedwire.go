package redis

import (
	"encoding/binary"
	"errors"

	"ticketflow/internal/app/board"
	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/catalog"
)

// Limits of a message.
const (
	maxMessagePlaces = 2_048
	maxMessageBytes  = 64 << 10
)

// messageMagic begins each message; its last byte is the version of the format. An instance that
// doesn't know the version counts the message as missed, and reads the ledger.
const messageMagic = "TFN1"

// kind is what a message tells.
type kind uint8

const (
	beat      kind = iota + 1 // nothing but where the sender has got to
	placeNews                 // places of an event have changed
	eventNews                 // the event itself has changed: its status, its prices
)

// message is what one instance tells the others: magic, kind, sender (8 bytes), then as unsigned
// varints the sequence number, and unless it is a beat the event; for places their number and for
// each place its number, state, fence and end. The sequence grows by one with each message that
// isn't a beat; a beat repeats the last one.
type message struct {
	kind    kind
	from    uint64
	seq     uint64
	event   catalog.EventID
	changes []board.Change
}

var errMessage = errors.New("a message of another instance can't be read")

func (m *message) encode() []byte {
	b := append([]byte(messageMagic), byte(m.kind))
	b = binary.BigEndian.AppendUint64(b, m.from)
	b = binary.AppendUvarint(b, m.seq)
	if m.kind == beat {
		return b
	}
	b = binary.AppendUvarint(b, uint64(m.event))
	if m.kind != placeNews {
		return b
	}
	b = binary.AppendUvarint(b, uint64(len(m.changes)))
	for _, c := range m.changes {
		b = binary.AppendUvarint(b, uint64(c.Place))
		b = append(b, byte(c.State))
		b = binary.AppendUvarint(b, uint64(c.Fence))
		b = binary.AppendUvarint(b, uint64(max(c.Until, 0)))
	}
	return b
}

// parseMessage reads a message. Whatever the text is, it fails or gives a message that would be
// written the same way.
func parseMessage(text string) (m message, err error) {
	r := reader{rest: text}
	if len(text) > maxMessageBytes || r.take(len(messageMagic)) != messageMagic {
		return m, errMessage
	}
	m.kind = kind(r.byte())
	if from := r.take(8); from != "" {
		m.from = binary.BigEndian.Uint64([]byte(from))
	}
	m.seq = r.uvarint(1<<63 - 1)
	switch m.kind {
	case beat:
	case eventNews:
		m.event = catalog.EventID(r.uvarint(1<<63 - 1))
	case placeNews:
		m.event = catalog.EventID(r.uvarint(1<<63 - 1))
		m.changes = make([]board.Change, 0, r.uvarint(maxMessagePlaces))
		for range cap(m.changes) {
			m.changes = append(m.changes, board.Change{
				Place: catalog.PlaceNo(r.uvarint(1<<32 - 1)),
				State: booking.PlaceState(r.byte()), Fence: uint32(r.uvarint(1<<32 - 1)),
				Until: int64(r.uvarint(1<<63 - 1))})
			if r.broken {
				break
			}
		}
	default:
		r.broken = true
	}
	if r.broken || r.rest != "" {
		return message{}, errMessage
	}
	return m, nil
}

// reader takes a text apart; broken says that it wasn't what was expected.
type reader struct {
	rest   string
	broken bool
}

func (r *reader) take(n int) string {
	if len(r.rest) < n {
		r.broken = true
		return ""
	}
	part := r.rest[:n]
	r.rest = r.rest[n:]
	return part
}

func (r *reader) byte() byte {
	if part := r.take(1); part != "" {
		return part[0]
	}
	return 0
}

// uvarint reads a number up to limit, in its shortest form.
func (r *reader) uvarint(limit uint64) uint64 {
	v, n := binary.Uvarint([]byte(r.rest[:min(len(r.rest), binary.MaxVarintLen64)]))
	if n <= 0 || v > limit || n > 1 && r.rest[n-1] == 0 {
		r.broken = true
		return 0
	}
	r.rest = r.rest[n:]
	return v
}
