package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestHealthAsksWhetherTheServerIsReady(t *testing.T) {
	status := http.StatusOK
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/readyz" {
			t.Errorf("asked for %s", r.URL.Path)
		}
		w.WriteHeader(status)
	}))
	defer server.Close()
	_, port, _ := strings.Cut(server.Listener.Addr().String(), ":")
	ways := [][]string{
		{"health", "--url", server.URL + "/"},
		{"health", "--addr", server.Listener.Addr().String()},
		{"health", "--addr", "0.0.0.0:" + port},
		{"health", "--addr", ":" + port},
	}
	for _, args := range ways {
		if _, _, err := command(t, args...); err != nil {
			t.Errorf("%v: %v", args, err)
		}
	}
	status = http.StatusServiceUnavailable
	if _, _, err := command(t, ways[0]...); err == nil {
		t.Error("a server that is not ready was told as healthy")
	}
	server.Close()
	if _, _, err := command(t, ways[0]...); err == nil {
		t.Error("a server that is gone was told as healthy")
	}
}
