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

	"ticketflow/internal/outbound/simpay"
)

// yardstick is a server that rehearsals compare with. It has the same HTTP limits as the box
// office, and the same payment simulator beside it: else the figures couldn't be compared.
type yardstick struct {
	payments *simpay.Simulator
	gateway  *simpay.Gateway
}

// serveYardstick serves what build makes until ctx ends. ready is called with its address.
func serveYardstick(
	ctx context.Context, addr string, logger *slog.Logger, ready func(url string),
	build func(*yardstick) (http.Handler, error),
) error {
	listener, err := listen(ctx, addr)
	if err != nil {
		return err
	}
	url := "http://" + listener.Addr().String()
	folder, err := os.MkdirTemp("", "ticketflow-yardstick-")
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	defer func() { _ = os.RemoveAll(folder) }()
	y := &yardstick{}
	if err := y.openPayments(url, folder, logger); err != nil {
		return errors.Join(err, listener.Close())
	}
	defer y.gateway.Close()
	handler, err := build(y)
	if err != nil {
		return errors.Join(err, listener.Close(), y.payments.Close())
	}
	hosted := y.payments.Handler()
	server := newHTTPServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/simpay/") {
			hosted.ServeHTTP(w, r)
			return
		}
		handler.ServeHTTP(w, r)
	}))
	y.payments.Start()
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
	return errors.Join(err, y.payments.Close())
}

func (y *yardstick) openPayments(url, folder string, logger *slog.Logger) error {
	master, err := draw()
	if err != nil {
		return err
	}
	secrets, err := simpay.DeriveSecrets(master)
	if err != nil {
		return err
	}
	if y.gateway, err = simpay.NewGateway(url, url, secrets, time.Now); err != nil {
		return err
	}
	y.payments, err = simpay.Open(simpay.Options{Folder: folder, NoticeURL: noticeURL(url),
		Secrets: secrets, Clock: simpay.WallClock{}, Random: rand.Reader, Log: logger})
	return err
}
