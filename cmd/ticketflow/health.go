package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"
)

type healthCommand struct {
	Addr string `help:"Address that the server listens on." default:"127.0.0.1:8080" env:"TICKETFLOW_ADDR" placeholder:"HOST:PORT"`
	URL  string `help:"Address to ask instead, for instance http://127.0.0.1:8080." name:"url" placeholder:"URL"`
}

// healthLimit is shorter than the patience of those who ask: container runtimes wait 5 s and more.
const healthLimit = 3 * time.Second

// Run asks the server whether it takes requests, and fails if it doesn't. It is the health check of
// the container, which holds no other program.
func (c *healthCommand) Run(ctx context.Context) error {
	address := strings.TrimSuffix(c.URL, "/")
	if address == "" {
		host, port, err := net.SplitHostPort(c.Addr)
		if err != nil {
			return fmt.Errorf("--addr %q is no host:port: %w", c.Addr, err)
		}
		// A server that listens everywhere is asked here.
		if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
			host = "127.0.0.1"
		}
		address = "http://" + net.JoinHostPort(host, port)
	}
	ctx, cancel := context.WithTimeout(ctx, healthLimit)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address+"/readyz", http.NoBody)
	if err != nil {
		return err
	}
	// Not through a proxy of the environment: the question is about this very server.
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s/readyz answers %s", address, response.Status)
	}
	return nil
}
