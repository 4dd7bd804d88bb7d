package boot

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"

	"ticketflow/internal/app/payment"
	"ticketflow/internal/domain/money"
	"ticketflow/internal/outbound/simpay"
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
	listener, err := listen(ctx, addr)
	if err != nil {
		return err
	}
	url := "http://" + listener.Addr().String()
	folder, err := os.MkdirTemp("", "ticketflow-null-")
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	defer func() { _ = os.RemoveAll(folder) }()
	payments, gateway, err := nullPayments(url, folder, logger)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	defer gateway.Close()
	eur, err := money.ParseCurrency("EUR")
	if err != nil {
		return err
	}
	amount, err := money.New(nullOrderMinor, eur)
	if err != nil {
		return err
	}
	null := rush.NullHandler(rush.NullConfig{PaymentURL: func(order string) string {
		page, err := gateway.Begin(ctx, payment.Request{Key: order + ":1", Amount: amount,
			Reference: "NULL-NULL"})
		if err != nil {
			return ""
		}
		return page.URL
	}})
	server := newHTTPServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/simpay/") {
			payments.Handler().ServeHTTP(w, r)
			return
		}
		null.ServeHTTP(w, r)
	}))
	payments.Start()
	var ending sync.WaitGroup
	ending.Go(func() {
		<-ctx.Done()
		_ = server.Close()
	})
	ready(url)
	err = server.Serve(fresh(listener))
	ending.Wait()
	if errors.Is(err, http.ErrServerClosed) {
		err = nil
	}
	return errors.Join(err, payments.Close())
}

func nullPayments(
	url, folder string, logger *slog.Logger,
) (*simpay.Simulator, *simpay.Gateway, error) {
	master, err := draw()
	if err != nil {
		return nil, nil, err
	}
	secrets, err := simpay.DeriveSecrets(master)
	if err != nil {
		return nil, nil, err
	}
	gateway, err := simpay.NewGateway(url, url, secrets, time.Now)
	if err != nil {
		return nil, nil, err
	}
	payments, err := simpay.Open(simpay.Options{Folder: folder,
		NoticeURL: url + "/v1/webhooks/" + simpay.Provider, Secrets: secrets,
		Clock: simpay.WallClock{}, Random: rand.Reader, Log: logger})
	return payments, gateway, err
}
