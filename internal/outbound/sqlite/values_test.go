package sqlite

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/domain/money"
	"ticketflow/internal/outbound/contract"
)

func drawLines(t *rapid.T) []booking.Line {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) booking.Line {
		return booking.Line{
			Place: catalog.PlaceNo(rapid.Uint32().Draw(t, "place")),
			Fence: rapid.Uint32().Draw(t, "fence"),
			Tier:  rapid.Uint8().Draw(t, "tier"),
			Price: rapid.Int64Range(0, money.MaxMinor).Draw(t, "price"),
		}
	}), 0, catalog.MaxPlacesPerOrder).Draw(t, "lines")
}

func TestLinesComeBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lines := drawLines(t)
		text := string(appendLines([]byte("before"), lines))
		got, err := parseLines(strings.TrimPrefix(text, "before"))
		if err != nil || !slices.Equal(got, lines) {
			t.Fatalf("%s: got %v and %v, want %v", text, got, err, lines)
		}
	})
}

func TestBrokenLinesAreRefused(t *testing.T) {
	for _, text := range []string{
		"", "[", "]", "[[", "[]]", "[[]]", "[1,2,3,4]", "[[1,2,3]]", "[[1,2,3,4,5]]",
		"[[1,2,3,4],]", "[,[1,2,3,4]]", "[[1,2,3,4][1,2,3,4]]", "[[1,2,3,-4]]", "[[1,2,3, 4]]",
		"[[1,2,3,4]", "[[1,2,3,4]] ", "[[a,2,3,4]]", "[[1,2,3,4.0]]", "[[,2,3,4]]",
		"[[4294967296,1,0,0]]", "[[0,4294967296,0,0]]", "[[0,0,256,0]]",
		"[[0,0,0,9999999999999999999]]", "[[0,0,0,1000000000001]]",
	} {
		if lines, err := parseLines(text); err == nil {
			t.Errorf("%q was read as %v", text, lines)
		}
	}
}

// FuzzLines shows that whatever is read is written the same way.
func FuzzLines(f *testing.F) {
	for _, seed := range []string{
		"[]", "[[1,2,3,4]]", "[[0,1,255,4900],[4294967295,7,0,0]]", "[[",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		lines, err := parseLines(text)
		if err != nil {
			return
		}
		again, err := parseLines(string(appendLines(nil, lines)))
		if err != nil || !slices.Equal(again, lines) {
			t.Errorf("%q was read as %v and then as %v, %v", text, lines, again, err)
		}
	})
}

func TestTimesComeBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ms := rapid.Int64Range(1, math.MaxInt64/2_000_000).Draw(t, "ms")
		if got := millis(fromMillis(ms)); got != ms {
			t.Fatalf("got %d, want %d", got, ms)
		}
	})
	if got := millis(time.Time{}); got != 0 || !fromMillis(0).IsZero() {
		t.Errorf("no time is stored as %d and read as %v", got, fromMillis(0))
	}
}

// TestUnreadableRow spoils the row of one hold: who names it is refused, alone.
func TestUnreadableRow(t *testing.T) {
	clock := contract.NewClock()
	e := engine(t, clock.Now)
	store := e.Ledger.(*Store)
	contract.Unreadable(t, e, clock, func(id booking.HoldID) error {
		store.mu.Lock()
		defer store.mu.Unlock()
		store.w.memory.Forget()
		return meddle(e.Probe.(*probe).dir, fmt.Sprintf(
			"UPDATE holds SET lines = '[[1,2]]' WHERE hold_no = %d", id.Key.Serial()))
	})
}
