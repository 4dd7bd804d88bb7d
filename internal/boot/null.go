package boot

import (
	"context"
	"log/slog"
	"net/http"

	"ticketflow/internal/app/payment"
	"ticketflow/internal/domain/money"
	"ticketflow/internal/rush"
)

// nullOrderMinor is what every order at the null server costs.
const nullOrderMinor = 9_800

// StartNull serves the yardstick of rehearsals until ctx ends: the same requests are read, parsed
// and answered, by the same HTTP server and with the same payment simulator beside it, and nothing
// is stored. ready is called with its address.
func StartNull(
	ctx context.Context, addr string, logger *slog.Logger, ready func(url string),
) error {
	return serveYardstick(ctx, addr, logger, ready, func(y *yardstick) (http.Handler, error) {
		amount, err := euros(nullOrderMinor)
		if err != nil {
			return nil, err
		}
		return rush.NullHandler(rush.NullConfig{PaymentURL: func(order string) string {
			page, err := y.gateway.Begin(ctx, payment.Request{Key: order + ":1", Amount: amount,
				Reference: "NULL-NULL"})
			if err != nil {
				return ""
			}
			return page.URL
		}}), nil
	})
}

func euros(cents int64) (money.Money, error) {
	eur, err := money.ParseCurrency("EUR")
	if err != nil {
		return money.Money{}, err
	}
	return money.New(cents, eur)
}
