package simpay

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"ticketflow/internal/app/stdwebhook"
)

// newSender picks the lean client for plain http to this machine and net/http for the rest.
func newSender(target *url.URL) sender {
	if target.Scheme == "http" && isLoopback(target.Hostname()) {
		return newWire(target)
	}
	return newHTTPSender(target)
}

func isLoopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

// httpSender delivers with net/http.
type httpSender struct {
	target string
	client *http.Client
	ctx    context.Context //nolint:containedctx // of what is under way; close ends it
	cancel context.CancelFunc
}

func newHTTPSender(target *url.URL) *httpSender {
	ctx, cancel := context.WithCancel(context.Background())
	return &httpSender{
		target: target.String(),
		ctx:    ctx,
		cancel: cancel,
		client: &http.Client{
			Transport: &http.Transport{
				MaxConnsPerHost:        maxInFlight,
				MaxIdleConnsPerHost:    maxInFlight,
				IdleConnTimeout:        maxIdleTime,
				MaxResponseHeaderBytes: maxResponseHeadBytes,
				DisableCompression:     true,
			},
			// A redirected webhook would be sent to somebody who wasn't meant.
			CheckRedirect: func(*http.Request, []*http.Request) error {
				return http.ErrUseLastResponse
			},
		},
	}
}

func (s *httpSender) send(m message, timeout time.Duration) (int, error) {
	ctx, cancel := context.WithTimeout(s.ctx, timeout)
	defer cancel()
	// The transport may still read the body after Do has returned, so it gets a copy.
	body := bytes.NewReader(bytes.Clone(m.body))
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, s.target, body)
	if err != nil {
		return 0, err
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("User-Agent", Provider)
	r.Header.Set(stdwebhook.HeaderID, string(m.id))
	r.Header.Set(stdwebhook.HeaderTimestamp, strconv.FormatInt(m.at, 10))
	r.Header.Set(stdwebhook.HeaderSignature, string(m.signature))
	resp, err := s.client.Do(r)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	_, _ = io.CopyN(io.Discard, resp.Body, maxResponseBodyBytes)
	return resp.StatusCode, nil
}

func (s *httpSender) close() {
	s.cancel()
	s.client.CloseIdleConnections()
}
