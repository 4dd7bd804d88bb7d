package money_test

import (
	"testing"

	"ticketflow/internal/domain/money"
)

func TestThousandthsAreOneMeasure(t *testing.T) {
	for code, want := range map[string]int64{"JPY": 1_234_000, "EUR": 12_340, "BHD": 1_234} {
		currency, err := money.ParseCurrency(code)
		if err != nil {
			t.Fatal(err)
		}
		m, err := money.New(1_234, currency)
		if err != nil {
			t.Fatal(err)
		}
		if got := m.Thousandths(); got != want {
			t.Errorf("%s: %d, want %d", code, got, want)
		}
	}
}
