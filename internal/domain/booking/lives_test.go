package booking

import (
	"errors"
	"testing"
	"time"

	"ticketflow/internal/domain/ident"
	"ticketflow/internal/domain/money"
)

var eur = money.Currency{'E', 'U', 'R'}

func euros(t interface{ Fatal(...any) }, minor int64) money.Money {
	m, err := money.New(minor, eur)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestAHoldEndsOnce(t *testing.T) {
	states := []HoldState{HoldLive, HoldOrdered, HoldReleased, HoldExpired}
	refusal := map[HoldState]error{HoldOrdered: ErrHoldOrdered, HoldReleased: ErrHoldEnded,
		HoldExpired: ErrHoldEnded}
	for _, from := range states {
		h := Hold{State: from, ExpiresAt: noon}
		for _, end := range states[1:] {
			got, err := h.end(end, me)
			if !errors.Is(err, refusal[from]) || from == HoldLive && got.State != end ||
				from != HoldLive && got.State != from {
				t.Errorf("%v → %v: %v, %v", from, end, got.State, err)
			}
		}
		got, err := h.extend(noon.Add(time.Hour), 1)
		if !errors.Is(err, refusal[from]) || (from == HoldLive) != (got.Extensions == 1) {
			t.Errorf("extend %v: %+v, %v", from, got, err)
		}
	}
	spent := Hold{State: HoldLive, Extensions: 2, ExpiresAt: noon}
	if got, err := spent.extend(noon.Add(time.Hour), 2); !errors.Is(err, ErrNoMoreExtensions) ||
		!got.ExpiresAt.Equal(noon) {
		t.Errorf("a third extension of two: %+v, %v", got, err)
	}
}

func TestAnOrderIsDueAfterItsGrace(t *testing.T) {
	for _, c := range []struct {
		state OrderState
		after time.Duration
		want  bool
	}{
		{AwaitingPayment, -time.Second, false},
		{AwaitingPayment, 0, false},
		{AwaitingPayment, PayGrace, false},
		{AwaitingPayment, PayGrace + time.Millisecond, true},
		{Paid, time.Hour, false},
		{OrderExpired, time.Hour, false},
		{OrderCancelled, time.Hour, false},
	} {
		o := Order{State: c.state, ExpiresAt: noon}
		if got := o.Due(noon.Add(c.after)); got != c.want {
			t.Errorf("%v, %v after its time: due %v", c.state, c.after, got)
		}
	}
}

func TestATicketAdmitsOnce(t *testing.T) {
	valid := Ticket{State: TicketValid}
	used, err := valid.admit(noon, "north")
	if err != nil || used.State != TicketUsed || used.Gate != "north" || !used.UsedAt.Equal(noon) {
		t.Fatalf("%+v, %v", used, err)
	}
	again, err := used.admit(noon.Add(time.Minute), "south")
	if !errors.Is(err, ErrAlreadyIn) || again != used {
		t.Errorf("a second time: %+v, %v", again, err)
	}
	if at, ok := asError(t, err).Fields()["used_at"].(time.Time); !ok || !at.Equal(noon) {
		t.Errorf("the refusal doesn't say when: %v", asError(t, err).Fields())
	}
	for _, state := range []TicketState{TicketVoid, 0} {
		if _, err := (Ticket{State: state}).admit(noon, "north"); !errors.Is(err, ErrTicketVoid) {
			t.Errorf("%v: %v", state, err)
		}
	}
}

func TestARefundNeverExceedsItsPayment(t *testing.T) {
	pay := Payment{Amount: euros(t, 1_000)}
	for _, c := range []struct {
		amount, refunded int64
		err              error
	}{
		{400, 400, nil}, {0, 400, nil}, {601, 400, ErrRefundTooMuch}, {600, 1_000, nil},
		{1, 1_000, ErrRefundTooMuch},
	} {
		next, err := pay.refund(euros(t, c.amount))
		if !errors.Is(err, c.err) || next.Refunded.Minor() != c.refunded {
			t.Fatalf("refund %d: %v, %v; want %d, %v",
				c.amount, next.Refunded, err, c.refunded, c.err)
		}
		pay = next
	}
	dollars, err := money.New(1, money.Currency{'U', 'S', 'D'})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := (Payment{Amount: euros(t, 5)}).refund(dollars); err == nil {
		t.Error("euros are given back in dollars")
	}
}

func TestTicketSecretsDifferAndRepeat(t *testing.T) {
	seen := make(map[[SecretBytes]byte]bool)
	for seed := range byte(4) {
		for line := range 50 {
			s := ticketSecret([SeedBytes]byte{seed}, line)
			if seen[s] || s != ticketSecret([SeedBytes]byte{seed}, line) {
				t.Fatalf("seed %d, line %d: %x", seed, line, s)
			}
			seen[s] = true
		}
	}
	if (ident.Key{}) == me {
		t.Fatal("the tests' own key is nobody's")
	}
}
