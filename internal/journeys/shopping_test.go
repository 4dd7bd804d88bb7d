package journeys

import (
	"net/http"
	"testing"
	"time"
)

// TestTheShopIsAsJourneysNeedIt tries what journeys are built from.
func TestTheShopIsAsJourneysNeedIt(t *testing.T) {
	s := open(t, withDemo, holding(time.Minute, 1))
	ada, bob := s.rival("Ada"), s.rival("Bob")
	seat := s.place("Stalls", "B", "4")
	held := ada.hold(seat)
	if status := bob.wants(seat); status != http.StatusConflict {
		t.Errorf("a held seat: status %d", status)
	}
	ada.release(held)
	ada.hold(seat)
	s.forward(2 * time.Minute)
	free := func() bool { return bob.wants(seat) == http.StatusCreated }
	until(t, "the hold runs out", free)

	s.voucher("SPRING", 1_000)
	if placed := bob.buy(2, "standing"); s.orderOf(placed.ID, placed.Token).State != "paid" {
		t.Errorf("the order is %+v", s.orderOf(placed.ID, placed.Token))
	}
	s.gateway(map[string]any{"webhook_lost": 1})
	lost := bob.buy(1, "balcony")
	if state := s.orderOf(lost.ID, lost.Token).State; state != "awaiting_payment" {
		t.Errorf("without a webhook the order is %s", state)
	}
	s.gateway(nil)
	s.atGateway(lost.ID+":1", map[string]any{"event": "dispute"})
	until(t, "the sales are counted", func() bool { return s.sold() == 2 })
	if stadium := s.stadium(); stadium == s.event {
		t.Error("the stadium is the small hall")
	}
}

// until asks again and again, until something is so.
func until(t *testing.T, what string, so func() bool) {
	t.Helper()
	begun, tries := time.Now(), time.NewTicker(50*time.Millisecond)
	defer tries.Stop()
	for !so() {
		if <-tries.C; time.Since(begun) > patience {
			t.Fatalf("%s: not within %s", what, patience)
		}
	}
}
