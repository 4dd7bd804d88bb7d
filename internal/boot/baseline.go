package boot

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"ticketflow/internal/app/payment"
	"ticketflow/internal/baseline"
	"ticketflow/internal/config"
)

// baselineAttempt follows an order's id in the key of its payment: there is one attempt.
const baselineAttempt = ":1"

// StartBaseline serves a conventional box office with so many places, on the PostgreSQL and the
// first Redis of c, until ctx ends. ready is called with its address. It fails if anything was sold
// twice.
func StartBaseline(
	ctx context.Context, c config.Cluster, addr string, places int, logger *slog.Logger,
	ready func(url string),
) error {
	if err := c.Check(); err != nil {
		return err
	}
	o := baseline.Options{DatabaseURL: string(c.DatabaseURL), Places: places}
	if len(c.RedisURLs) > 0 {
		o.RedisURL = string(c.RedisURLs[0])
	}
	shop, err := baseline.Open(ctx, o)
	if err != nil {
		return err
	}
	err = serveYardstick(ctx, addr, logger, ready, func(y *yardstick) (http.Handler, error) {
		return shop.Handler(baseline.HandlerConfig{Log: logger, PaymentURL: y.baselinePage,
			ReadNotice: y.baselineNotice}), nil
	})
	sold, broken := shop.Close()
	logger.InfoContext(ctx, "the baseline has ended", "places", sold.Places, "sold", sold.Sold)
	return errors.Join(err, broken)
}

func (y *yardstick) baselinePage(
	ctx context.Context, order string, cents int64,
) (string, error) {
	amount, err := euros(cents)
	if err != nil {
		return "", err
	}
	page, err := y.gateway.Begin(ctx, payment.Request{Key: order + baselineAttempt,
		Amount: amount, Reference: "BASE-LINE"})
	return page.URL, err
}

func (y *yardstick) baselineNotice(
	header http.Header, body []byte,
) (order, transaction string, paid bool, err error) {
	n, err := y.gateway.ReadNotice(header, body, time.Now())
	return strings.TrimSuffix(n.Key, baselineAttempt), n.Transaction, n.State == payment.Paid, err
}
