package audit_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"ticketflow/internal/app/audit"
	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/domain/ident"
)

// rows is a ledger that shows what a function shows.
type rows func(look audit.Look) error

func (r rows) ScanRows(_ context.Context, look audit.Look) error { return r(look) }

func run(t *testing.T, show func(look audit.Look)) audit.Report {
	t.Helper()
	r, err := audit.Run(t.Context(), rows(func(look audit.Look) error {
		look.Now(time.Unix(1_000, 0))
		show(look)
		return nil
	}), audit.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestNothingIsFine(t *testing.T) {
	r := run(t, func(audit.Look) {})
	if !r.OK {
		t.Errorf("broken: %+v", r)
	}
	for i, v := range r.Invariants {
		if want := "I" + string(rune('1'+i)); v.ID != want || v.Title == "" || !v.OK {
			t.Errorf("invariant %d is %+v", i, v)
		}
	}
}

func TestReadingFails(t *testing.T) {
	broken := errors.New("disk on fire")
	r, err := audit.Run(t.Context(), rows(func(audit.Look) error { return broken }),
		audit.Options{})
	if !errors.Is(err, broken) || r.OK {
		t.Errorf("a ledger that can't be read: %+v, %v", r, err)
	}
}

// stray shows places of an event that doesn't exist, all of them held by nobody.
func stray(n int) func(audit.Look) {
	return func(look audit.Look) {
		for no := range n {
			look.Place(&audit.PlaceRow{Event: 3, Place: catalog.PlaceNo(no),
				State: int64(booking.Held), Holder: ident.Key{1}})
		}
	}
}

func TestText(t *testing.T) {
	var out strings.Builder
	if err := run(t, stray(25)).WriteText(&out); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
	if len(lines) != 9+20+1+1 {
		t.Fatalf("%d lines:\n%s", len(lines), out.String())
	}
	if want := "I1  BROKEN        25 checked     25 broken  a place has"; !strings.HasPrefix(
		lines[0], want) {
		t.Errorf("the first line is %q", lines[0])
	}
	if lines[21] != "      … and 5 more" {
		t.Errorf("the bounded list ends in %q", lines[21])
	}
	if lines[23] != "      evt_3 has 25 places and is no event" {
		t.Errorf("the row of I2 is %q", lines[23])
	}
	if want := "I3  ok             0 checked      0 broken  a hold"; !strings.HasPrefix(
		lines[24], want) {
		t.Errorf("the line of I3 is %q", lines[24])
	}
}

// full refuses to be written to after some bytes.
type full struct{ room int }

func (f *full) Write(p []byte) (int, error) {
	if f.room -= len(p); f.room < 0 {
		return 0, errors.New("full")
	}
	return len(p), nil
}

func TestTextTellsOfAFailedWrite(t *testing.T) {
	r := run(t, stray(25))
	var out strings.Builder
	if err := r.WriteText(&out); err != nil {
		t.Fatal(err)
	}
	for room := 0; room < out.Len(); room += 40 {
		if err := r.WriteText(&full{room}); err == nil {
			t.Errorf("nobody has noticed that only %d bytes fit", room)
		}
	}
}

func TestJSON(t *testing.T) {
	raw, err := json.Marshal(run(t, stray(1)))
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		OK         bool
		Invariants map[string]struct {
			OK              bool
			Checked, Broken int
			Rows            []string
		}
	}
	if err := json.Unmarshal(raw, &got); err != nil {
		t.Fatal(err)
	}
	one, three := got.Invariants["I1"], got.Invariants["I3"]
	if got.OK || one.OK || one.Checked != 1 || one.Broken != 1 || len(one.Rows) != 1 {
		t.Errorf("I1 is %+v", one)
	}
	if len(got.Invariants) != 9 || !three.OK || strings.Contains(string(raw), `"rows":[]`) {
		t.Errorf("the JSON is %s", raw)
	}
}

// TestPlacesBesideGaps wants a lookup to find places beside gaps.
func TestPlacesBesideGaps(t *testing.T) {
	hold := booking.HoldID{Event: 3, Key: ident.Key{7: 1}}
	r := run(t, func(look audit.Look) {
		look.Event(&audit.EventRow{ID: 3, PlanPlaces: 2})
		look.Place(&audit.PlaceRow{Event: 3, Place: 4})
		look.Place(&audit.PlaceRow{Event: 3, Place: 9, State: int64(booking.Held), Fence: 1,
			Holder: hold.Key, Until: time.Unix(2_000, 0)})
		look.Hold(&audit.HoldRow{ID: hold, Quote: audit.Quote{Serial: hold.Key.Serial(),
			State: int64(booking.HoldLive), Expires: time.Unix(2_000, 0), Currency: "EUR",
			Lines: []booking.Line{{Place: 9, Fence: 1}}}})
	})
	if one := r.Invariants[0]; !one.OK {
		t.Errorf("I1: %v", one.Rows)
	}
	if two := r.Invariants[1]; two.OK || !strings.Contains(two.Rows[0], "place 4 of evt_3") {
		t.Errorf("I2: %v", two.Rows)
	}
}
