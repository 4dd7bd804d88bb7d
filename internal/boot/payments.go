package boot

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"

	"ticketflow/internal/config"
	"ticketflow/internal/outbound/simpay"
)

// maxProxyConnections bounds the connections to a shared simulator.
const maxProxyConnections = 256

func noticeURL(base string) string { return base + "/v1/webhooks/" + simpay.Provider }

// simpaySecrets are derived from what the operator shares between the simulator and the box office.
func simpaySecrets(shared config.Secret) (simpay.Secrets, error) {
	master := sha256.Sum256([]byte(shared))
	return simpay.DeriveSecrets(master[:])
}

// StartSimpay serves the payment simulator in a process of its own until ctx ends, for rehearsals
// of several instances. ready is called with its address.
func StartSimpay(
	ctx context.Context, c config.Simpay, logger *slog.Logger, ready func(url string),
) error {
	if err := c.Check(); err != nil {
		return err
	}
	secrets, err := simpaySecrets(c.Secret)
	if err != nil {
		return err
	}
	knobs, err := simpay.ParseKnobs(c.Knobs)
	if err != nil {
		return fmt.Errorf("--knobs: %w", err)
	}
	listener, err := listen(ctx, c.Addr)
	if err != nil {
		return err
	}
	payments, err := simpay.Open(simpay.Options{Folder: c.Data, NoticeURL: noticeURL(c.OfficeURL),
		Secrets: secrets, Clock: simpay.WallClock{}, Random: rand.Reader, Log: logger,
		Knobs: knobs, Seed: c.Seed, KnobsPage: c.Demo})
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	server := newHTTPServer(payments.Handler())
	payments.Start()
	var ending sync.WaitGroup
	ending.Go(func() {
		<-ctx.Done()
		_ = server.Close()
	})
	ready("http://" + listener.Addr().String())
	err = server.Serve(fresh(listener))
	ending.Wait()
	if errors.Is(err, http.ErrServerClosed) {
		err = nil
	}
	return errors.Join(err, payments.Close())
}
