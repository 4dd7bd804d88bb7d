package money_test

import (
	"errors"
	"math"
	"math/big"
	"testing"

	"pgregory.net/rapid"

	"ticketflow/internal/domain/money"
)

type failer interface {
	Helper()
	Fatalf(format string, args ...any)
}

func amount(t failer, minor int64, code string) money.Money {
	t.Helper()
	c, err := money.ParseCurrency(code)
	if err != nil {
		t.Fatalf("%s: %v", code, err)
	}
	m, err := money.New(minor, c)
	if err != nil {
		t.Fatalf("%d %s: %v", minor, code, err)
	}
	return m
}

func drawAmount(t *rapid.T, code string) money.Money {
	return amount(t, rapid.Int64Range(0, money.MaxMinor).Draw(t, "minor"), code)
}

func TestParseCurrency(t *testing.T) {
	for _, s := range []string{"EUR", "JPY", "XXX"} {
		c, err := money.ParseCurrency(s)
		if err != nil || c.String() != s {
			t.Errorf("%s: %v, %v", s, c, err)
		}
	}
	for _, s := range []string{"", "EU", "EURO", "eur", "E R", "E1R", "ÄR", "\x00\x00\x00", "€"} {
		if c, err := money.ParseCurrency(s); !errors.Is(err, money.ErrCurrency) ||
			c != (money.Currency{}) || c.String() != "" {
			t.Errorf("%q: %v, %v", s, c, err)
		}
	}
}

func TestNewKeepsItsBounds(t *testing.T) {
	eur, err := money.ParseCurrency("EUR")
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range []int64{0, 1, money.MaxMinor} {
		m, err := money.New(n, eur)
		if err != nil || m.Minor() != n || m.Currency() != eur || m.IsZero() != (n == 0) {
			t.Errorf("%d: %v, %v", n, m, err)
		}
	}
	for _, n := range []int64{-1, money.MaxMinor + 1, math.MaxInt64, math.MinInt64} {
		if m, err := money.New(n, eur); !errors.Is(err, money.ErrRange) || m != (money.Money{}) {
			t.Errorf("%d: %v, %v", n, m, err)
		}
	}
	if _, err := money.New(1, money.Currency{}); !errors.Is(err, money.ErrCurrency) {
		t.Errorf("no currency: %v", err)
	}
	if s := amount(t, 4_900, "EUR").String(); s != "4900 EUR" {
		t.Error(s)
	}
}

func TestAddAndSubAreEachOthersInverse(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := drawAmount(t, "EUR"), drawAmount(t, "EUR")
		sum, err := a.Add(b)
		if err != nil || sum.Minor() != a.Minor()+b.Minor() || sum.Currency() != a.Currency() {
			t.Fatalf("%v + %v: %v, %v", a, b, sum, err)
		}
		if other, err := b.Add(a); err != nil || other != sum {
			t.Fatalf("%v + %v: %v, %v", b, a, other, err)
		}
		if back, err := sum.Sub(b); err != nil || back != a {
			t.Fatalf("%v - %v: %v, %v", sum, b, back, err)
		}
		if less, err := a.Sub(sum); b.Minor() > 0 && !errors.Is(err, money.ErrRange) {
			t.Fatalf("%v - %v: %v, %v", a, sum, less, err)
		}
	})
}

func TestSumsNeverWrapRound(t *testing.T) {
	top := amount(t, money.MaxMinor, "EUR")
	sum, want := top, big.NewInt(money.MaxMinor)
	for {
		next, err := sum.Add(sum)
		want.Add(want, want)
		if err != nil {
			if !errors.Is(err, money.ErrRange) || want.IsInt64() || next != (money.Money{}) {
				t.Errorf("%v: %v, %v", want, next, err)
			}
			return
		}
		if !want.IsInt64() || next.Minor() != want.Int64() {
			t.Fatalf("%v, want %v", next, want)
		}
		sum = next
	}
}

func TestCurrenciesDontMix(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := drawAmount(t, "EUR"), drawAmount(t, "USD")
		if m, err := a.Add(b); !errors.Is(err, money.ErrMixed) {
			t.Fatalf("%v + %v: %v, %v", a, b, m, err)
		}
		if m, err := a.Sub(b); !errors.Is(err, money.ErrMixed) {
			t.Fatalf("%v - %v: %v, %v", a, b, m, err)
		}
		if a == b {
			t.Fatalf("%v equals %v", a, b)
		}
	})
}

func TestNothingIsNeutral(t *testing.T) {
	none := money.Money{}
	for _, m := range []money.Money{none, amount(t, 0, "EUR"), amount(t, 7, "EUR")} {
		for name, try := range map[string]func() (money.Money, error){
			"m + 0": func() (money.Money, error) { return m.Add(none) },
			"0 + m": func() (money.Money, error) { return none.Add(m) },
			"m - 0": func() (money.Money, error) { return m.Sub(none) },
		} {
			if got, err := try(); err != nil || got != m {
				t.Errorf("%s with %v: %v, %v", name, m, got, err)
			}
		}
	}
	// An amount of nothing in a currency isn't nothing at all: an order of 0 EUR has a currency.
	if amount(t, 0, "EUR") == none {
		t.Error("0 EUR has lost its currency")
	}
	if _, err := none.Sub(amount(t, 7, "EUR")); err == nil {
		t.Error("something is taken from nothing")
	}
}

func FuzzParseCurrency(f *testing.F) {
	for _, s := range []string{"", "EUR", "eur", "\xff\xff\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		c, err := money.ParseCurrency(s)
		if (err == nil) != (c != money.Currency{}) || err == nil && c.String() != s {
			t.Errorf("%q: %v, %v", s, c, err)
		}
	})
}

func TestDecimal(t *testing.T) {
	for want, m := range map[string]struct {
		minor int64
		code  string
	}{
		"49.00 EUR": {4900, "EUR"}, "0.05 EUR": {5, "EUR"}, "0.00 EUR": {0, "EUR"},
		"4900 JPY": {4900, "JPY"}, "0 JPY": {0, "JPY"}, "5.120 KWD": {5120, "KWD"},
		"0.001 KWD": {1, "KWD"}, "10000000000.00 USD": {money.MaxMinor, "USD"},
	} {
		if got := amount(t, m.minor, m.code).Decimal(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
