package booking

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/domain/ident"
)

func drawKey(t *rapid.T) (k ident.Key) {
	copy(k[:], rapid.SliceOfN(rapid.Byte(), len(k), len(k)).Draw(t, "key"))
	return k
}

func TestIdentifiersRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		event := catalog.EventID(rapid.Uint32().Draw(t, "event"))
		hold := HoldID{event, drawKey(t)}
		if got, err := ParseHoldID(hold.String()); err != nil || got != hold {
			t.Fatalf("%v: %v, %v", hold, got, err)
		}
		order := OrderID{event, hold.Key}
		if got, err := ParseOrderID(order.String()); err != nil || got != order {
			t.Fatalf("%v: %v, %v", order, got, err)
		}
		ticket := TicketID{Event: event, Place: catalog.PlaceNo(rapid.Uint32().Draw(t, "place")),
			Fence: rapid.Uint32().Draw(t, "fence"), Secret: [16]byte(hold.Key[4:])}
		if got, err := ParseTicketID(ticket.String()); err != nil || got != ticket {
			t.Fatalf("%v: %v, %v", ticket, got, err)
		}
		// An identifier of one sort is not one of another.
		if _, err := ParseHoldID(order.String()); err == nil {
			t.Fatal("an order is taken for a hold")
		}
		if _, err := ParseOrderID(hold.String()); err == nil {
			t.Fatal("a hold is taken for an order")
		}
		if _, err := ParseTicketID("tkt" + hold.String()[3:]); err == nil {
			t.Fatal("a hold is taken for a ticket")
		}
	})
}

func TestReferencesAreShortAndReadable(t *testing.T) {
	form := regexp.MustCompile(`^[2-9A-HJ-NP-TV-Z]{4}-[2-9A-HJ-NP-TV-Z]{4}$`)
	rapid.Check(t, func(t *rapid.T) {
		id := OrderID{1, drawKey(t)}
		ref := id.Reference()
		if !form.MatchString(ref) || strings.ContainsAny(ref, "ILO01U") {
			t.Fatalf("%v has the reference %q", id, ref)
		}
	})
	if (OrderID{1, ident.Key{19: 1}}).Reference() == (OrderID{1, ident.Key{19: 2}}).Reference() {
		t.Error("two orders share a reference")
	}
}

func FuzzParseHoldID(f *testing.F) { fuzzID(f, ParseHoldID, HoldID{7, me}) }

func FuzzParseOrderID(f *testing.F) { fuzzID(f, ParseOrderID, OrderID{7, me}) }

func FuzzParseTicketID(f *testing.F) {
	fuzzID(f, ParseTicketID, TicketID{7, 8, 9, [16]byte{1, 2, 3}})
}

// fuzzID holds that what is read is written the same: there is one spelling of each identifier.
func fuzzID[ID fmt.Stringer](f *testing.F, parse func(string) (ID, error), seed ID) {
	f.Helper()
	good := seed.String()
	for _, s := range []string{"", "_", good, strings.ToUpper(good), good + "0", good[:len(good)-1],
		good[:4] + "\n" + good[5:], good[:4], strings.Replace(good, "_", "-", 1),
		strings.Replace(good, "0", "o", 1), " " + good} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		id, err := parse(s)
		if err == nil && id.String() != s {
			t.Fatalf("%q is read as %v", s, id)
		}
	})
}
