package sqlite

import "testing"

func TestTheInboxKnowsWhatWasHandled(t *testing.T) {
	store := opened(t, t.TempDir())
	for range 2 { // saying it twice is the same as once
		if err := store.Handled(t.Context(), "refunds", 5); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		subscriber string
		position   int64
		want       bool
	}{{"refunds", 5, true}, {"refunds", 4, false}, {"refunds", 6, false}, {"mail", 5, false}} {
		got, err := store.Applied(t.Context(), c.subscriber, c.position)
		if err != nil || got != c.want {
			t.Errorf("%s, %d: %v, %v", c.subscriber, c.position, got, err)
		}
	}
}
