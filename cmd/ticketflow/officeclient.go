package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"
)

// officeFlags say which box office a command is about, and how to print what it says.
type officeFlags struct {
	Server string `help:"Address of the box office." default:"http://127.0.0.1:8080" env:"TICKETFLOW_SERVER" placeholder:"URL"`
	JSON   bool   `help:"Print the result as one JSON object."`
}

// Limits of talking to a box office.
const (
	officeTimeout  = time.Minute
	maxAnswerBytes = 16 << 20
)

// officeClient talks to a box office with the organisers' key.
type officeClient struct {
	http http.Client
	base string
	key  string
}

// connect makes a client. Its failures tell the operator what to do.
func (f *officeFlags) connect() (*officeClient, error) {
	u, err := url.Parse(f.Server)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" ||
		strings.TrimSuffix(u.Path, "/") != "" || u.RawQuery != "" || u.User != nil {
		return nil, fmt.Errorf("--server %q is no address like https://tickets.example.org",
			f.Server)
	}
	key := os.Getenv("TICKETFLOW_API_KEY")
	if key == "" {
		return nil, errors.New("set TICKETFLOW_API_KEY to the organisers' key of the --server")
	}
	c := &officeClient{base: u.Scheme + "://" + u.Host, key: key}
	// A key is for the server that was named, and nobody else.
	c.http.CheckRedirect = func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse
	}
	return c, nil
}

// refusal is what a box office answers instead of what was asked for.
type refusal struct {
	Status int
	Code   string
	Title  string
	Detail string
	after  time.Duration // when to try again; 0 if there is no use
}

// Error implements error.
func (r *refusal) Error() string {
	text := r.Title
	if r.Detail != "" {
		text += " " + r.Detail
	}
	if text == "" {
		text = http.StatusText(r.Status)
	}
	if r.Code == "" {
		return fmt.Sprintf("the box office says: %s (%d)", text, r.Status)
	}
	return fmt.Sprintf("the box office says: %s (%s)", text, r.Code)
}

// ask sends a request and reads the answer, as JSON, into v.
func (c *officeClient) ask(ctx context.Context, method, path string, body, v any) error {
	var text []byte
	if body != nil {
		var err error
		if text, err = json.Marshal(body); err != nil {
			return err
		}
	}
	r, err := http.NewRequestWithContext(ctx, method, c.base+path, bytes.NewReader(text))
	if err != nil {
		return err
	}
	r.Header.Set("Authorization", "Bearer "+c.key)
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	answer, err := c.http.Do(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(answer.Body, maxAnswerBytes))
	if err != nil {
		return err
	}
	if answer.StatusCode != http.StatusOK {
		return refused(answer, raw)
	}
	if err := json.Unmarshal(raw, v); err != nil {
		return fmt.Errorf("%s answers with what isn't JSON: %w", c.base, err)
	}
	return nil
}

func refused(answer *http.Response, raw []byte) error {
	told := &refusal{}
	if json.Unmarshal(raw, told) != nil {
		told = &refusal{}
	}
	told.Status = answer.StatusCode
	switch answer.StatusCode {
	case http.StatusTooManyRequests, http.StatusServiceUnavailable, http.StatusBadGateway,
		http.StatusGatewayTimeout:
		told.after = time.Second
		if seconds, err := strconv.Atoi(answer.Header.Get("Retry-After")); err == nil {
			told.after = time.Duration(min(max(seconds, 1), 60)) * time.Second
		}
	}
	return told
}

// show prints a result as JSON, or as text writes it.
func (f *officeFlags) show(std streams, result any, text func(*strings.Builder)) error {
	if f.JSON {
		out := json.NewEncoder(std.out)
		out.SetIndent("", "  ")
		return out.Encode(result)
	}
	var out strings.Builder
	text(&out)
	_, err := io.WriteString(std.out, out.String())
	return err
}
