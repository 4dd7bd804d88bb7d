package redis

import (
	"reflect"
	"testing"

	"pgregory.net/rapid"

	"ticketflow/internal/app/board"
	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/catalog"
)

func drawMessage(t *rapid.T) message {
	m := message{kind: kind(rapid.Uint8Range(1, 3).Draw(t, "kind")),
		from: rapid.Uint64().Draw(t, "from"), seq: rapid.Uint64Max(1<<63-1).Draw(t, "seq")}
	if m.kind != beat {
		m.event = catalog.EventID(rapid.Int64Min(0).Draw(t, "event"))
	}
	if m.kind == placeNews {
		m.changes = rapid.SliceOfN(rapid.Custom(func(t *rapid.T) board.Change {
			return board.Change{Place: catalog.PlaceNo(rapid.Uint32().Draw(t, "place")),
				State: booking.PlaceState(rapid.Byte().Draw(t, "state")),
				Fence: rapid.Uint32().Draw(t, "fence"),
				Until: rapid.Int64Min(0).Draw(t, "until")}
		}), 0, 40).Draw(t, "changes")
	}
	return m
}

func TestMessagesComeBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := drawMessage(t)
		text := string(m.encode())
		got, err := parseMessage(text)
		if err != nil || got.kind != m.kind || got.from != m.from || got.seq != m.seq ||
			got.event != m.event || len(got.changes) != len(m.changes) ||
			len(m.changes) > 0 && !reflect.DeepEqual(got.changes, m.changes) {
			t.Fatalf("%+v came back as %+v, %v", m, got, err)
		}
		cut := rapid.IntRange(0, len(text)-1).Draw(t, "cut")
		if _, err := parseMessage(text[:cut]); err == nil {
			t.Fatalf("a message cut at %d of %d bytes is read", cut, len(text))
		}
		if _, err := parseMessage(text + "x"); err == nil {
			t.Fatal("a message with something behind it is read")
		}
	})
}

func TestALargestMessageFits(t *testing.T) {
	m := message{kind: placeNews, seq: 1<<63 - 1, event: 1<<63 - 1}
	for range maxMessagePlaces {
		m.changes = append(m.changes, board.Change{Place: 1<<32 - 1, State: 255,
			Fence: 1<<32 - 1, Until: 1<<63 - 1})
	}
	if text := m.encode(); len(text) > maxMessageBytes {
		t.Errorf("%d bytes, and %d are read", len(text), maxMessageBytes)
	}
}

func FuzzParseMessage(f *testing.F) {
	f.Add((&message{kind: beat, from: 1, seq: 2}).encode())
	f.Add((&message{kind: eventNews, from: 1, seq: 2, event: 300}).encode())
	f.Add((&message{kind: placeNews, from: 1, seq: 2, event: 3,
		changes: []board.Change{{Place: 4, State: booking.Sold, Fence: 500}}}).encode())
	f.Add([]byte(messageMagic + "\x02aaaaaaaa\x01\x01\xff\x0f"))
	f.Fuzz(func(t *testing.T, text []byte) {
		m, err := parseMessage(string(text))
		if err == nil && string(m.encode()) != string(text) {
			t.Errorf("%q is read as %+v, which is written %q", text, m, m.encode())
		}
	})
}
