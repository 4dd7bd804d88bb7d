package booking

import (
	"encoding/binary"

	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/domain/ident"
)

// Prefixes of the public identifiers.
const (
	holdPrefix   = "hld"
	orderPrefix  = "ord"
	ticketPrefix = "tkt"
)

// SecretBytes is the size of a ticket's secret: 128 bits can't be guessed.
const SecretBytes = 16

// HoldID names a hold. It carries its event, so that a hold finds its lane and its shard alone.
type HoldID struct {
	Event catalog.EventID
	Key   ident.Key
}

// OrderID names an order. It carries its event, like HoldID.
type OrderID struct {
	Event catalog.EventID
	Key   ident.Key
}

// PlaceRef names one place of one event.
type PlaceRef struct {
	Event catalog.EventID
	Place catalog.PlaceNo
}

// TicketID names a ticket: its place, the fence of the grant that it came from, and a secret. Who
// knows it may see the ticket, so it is as good as the ticket's link.
type TicketID struct {
	Event  catalog.EventID
	Place  catalog.PlaceNo
	Fence  uint32
	Secret [SecretBytes]byte
}

const scopedBytes = 4 + ident.KeyBytes

// idChars is room for the public form of a hold's or an order's identifier.
const idChars = 64

func appendScoped(out []byte, prefix string, event catalog.EventID, key ident.Key) []byte {
	var raw [scopedBytes]byte
	binary.BigEndian.PutUint32(raw[:4], uint32(event))
	copy(raw[4:], key[:])
	return ident.Append(out, prefix, raw[:])
}

func decodeScoped(prefix, s string) (catalog.EventID, ident.Key, error) {
	var raw [scopedBytes]byte
	if err := ident.Decode(prefix, s, raw[:]); err != nil {
		return 0, ident.Key{}, err
	}
	return catalog.EventID(binary.BigEndian.Uint32(raw[:4])), ident.Key(raw[4:]), nil
}

// String writes the public form, hld_….
func (id HoldID) String() string {
	var room [idChars]byte
	return string(id.Append(room[:0]))
}

// Append writes the public form at the end of out.
func (id HoldID) Append(out []byte) []byte {
	return appendScoped(out, holdPrefix, id.Event, id.Key)
}

// String writes the public form, ord_….
func (id OrderID) String() string {
	var room [idChars]byte
	return string(id.Append(room[:0]))
}

// Append writes the public form at the end of out.
func (id OrderID) Append(out []byte) []byte {
	return appendScoped(out, orderPrefix, id.Event, id.Key)
}

// ParseHoldID reads the public form.
func ParseHoldID(s string) (HoldID, error) {
	event, key, err := decodeScoped(holdPrefix, s)
	return HoldID{event, key}, err
}

// ParseOrderID reads the public form.
func ParseOrderID(s string) (OrderID, error) {
	event, key, err := decodeScoped(orderPrefix, s)
	return OrderID{event, key}, err
}

const ticketBytes = 4 + 4 + 4 + SecretBytes

// String writes the public form, tkt_….
func (id TicketID) String() string {
	var raw [ticketBytes]byte
	binary.BigEndian.PutUint32(raw[0:], uint32(id.Event))
	binary.BigEndian.PutUint32(raw[4:], uint32(id.Place))
	binary.BigEndian.PutUint32(raw[8:], id.Fence)
	copy(raw[12:], id.Secret[:])
	return ident.Encode(ticketPrefix, raw[:])
}

// ParseTicketID reads the public form.
func ParseTicketID(s string) (TicketID, error) {
	var raw [ticketBytes]byte
	if err := ident.Decode(ticketPrefix, s, raw[:]); err != nil {
		return TicketID{}, err
	}
	return TicketID{
		Event:  catalog.EventID(binary.BigEndian.Uint32(raw[0:])),
		Place:  catalog.PlaceNo(binary.BigEndian.Uint32(raw[4:])),
		Fence:  binary.BigEndian.Uint32(raw[8:]),
		Secret: [SecretBytes]byte(raw[12:]),
	}, nil
}

// referenceAlphabet leaves out what is misread on a printed page.
const referenceAlphabet = "23456789ABCDEFGHJKMNPQRSTVWXYZ"

// Reference is the short name of an order for people (mail, telephone, box office). It is derived
// from the key and grants nothing: about 39 bits, for finding an order within its event.
func (id OrderID) Reference() string {
	n := binary.BigEndian.Uint64(id.Key[ident.KeyBytes-8:])
	var out [9]byte
	for i := range out {
		if i == 4 {
			out[i] = '-'
			continue
		}
		out[i] = referenceAlphabet[n%uint64(len(referenceAlphabet))]
		n /= uint64(len(referenceAlphabet))
	}
	return string(out[:])
}
