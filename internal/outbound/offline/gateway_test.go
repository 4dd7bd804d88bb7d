package offline

import (
	"errors"
	"strings"
	"testing"
	"time"

	"ticketflow/internal/app/payment"
	"ticketflow/internal/domain/money"
)

const text = "Transfer {amount} to DE02 1203 0000 0000 2020 51, reference {reference}."

func euros(t *testing.T, minor int64) money.Money {
	t.Helper()
	currency, err := money.ParseCurrency("EUR")
	if err != nil {
		t.Fatal(err)
	}
	m, err := money.New(minor, currency)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestLife(t *testing.T) {
	g, err := New(text)
	if err != nil {
		t.Fatal(err)
	}
	ctx := t.Context()
	r := payment.Request{Key: "ord_1:1", Amount: euros(t, 4900), Reference: "BHXT-S55G"}
	for range 2 {
		page, err := g.Begin(ctx, r)
		const want = "Transfer 49.00 EUR to DE02 1203 0000 0000 2020 51, reference BHXT-S55G."
		if err != nil || page.URL != "" || page.Instructions != want {
			t.Errorf("%+v, %v", page, err)
		}
		if s, err := g.LookUp(ctx, r.Key); !errors.Is(err, payment.ErrNotFound) {
			t.Errorf("nobody has confirmed it: %+v, %v", s, err)
		}
		s, err := g.Cancel(ctx, r.Key)
		if err != nil || s.State != payment.Declined || s.Key != r.Key {
			t.Errorf("%+v, %v", s, err)
		}
		back, err := g.Refund(ctx, r.Key, "ref_1", euros(t, 900))
		if err != nil || back.State != payment.Pending || back.RefundKey != "ref_1" ||
			back.Refund != "offline:ref_1" || back.Amount != euros(t, 900) {
			t.Errorf("%+v, %v", back, err)
		}
	}
	if n, err := g.ReadNotice(nil, nil, time.Time{}); !errors.Is(err, payment.ErrNotice) {
		t.Errorf("%+v, %v", n, err)
	}
}

func TestRefusals(t *testing.T) {
	for _, bad := range []string{"", "Pay {amount}.", "Pay for {reference}.",
		text + strings.Repeat(".", MaxInstructions)} {
		if _, err := New(bad); !errors.Is(err, ErrInstructions) {
			t.Errorf("%.40q: %v", bad, err)
		}
	}
	g, err := New(text)
	if err != nil {
		t.Fatal(err)
	}
	good := payment.Request{Key: "ord_1:1", Amount: euros(t, 1), Reference: "B"}
	for name, spoil := range map[string]func(*payment.Request){
		"no key":       func(r *payment.Request) { r.Key = "" },
		"no reference": func(r *payment.Request) { r.Reference = "" },
		"nothing":      func(r *payment.Request) { r.Amount = euros(t, 0) },
	} {
		r := good
		spoil(&r)
		if page, err := g.Begin(t.Context(), r); !errors.Is(err, payment.ErrRejected) {
			t.Errorf("%s: %+v, %v", name, page, err)
		}
		if _, err := g.Refund(t.Context(), r.Key, r.Reference, r.Amount); !errors.Is(err,
			payment.ErrRejected) {
			t.Errorf("refund with %s: %v", name, err)
		}
	}
}
