package smtpmail_test

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"ticketflow/internal/app/notify"
	"ticketflow/internal/outbound/contract"
	"ticketflow/internal/outbound/mails/smtpmail"
)

// server is a mail server in this process.
type server struct {
	address string
	refusal error // of each receiver; nil takes them

	mu      sync.Mutex
	arrived [][]byte
}

func serve(t *testing.T, refusal error) *server {
	t.Helper()
	s := &server{refusal: refusal}
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.address = listener.Addr().String()
	back := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) {
		return &session{server: s}, nil
	}))
	back.Domain, back.EnableSMTPUTF8 = "localhost", true
	var all sync.WaitGroup
	all.Go(func() { _ = back.Serve(listener) })
	t.Cleanup(func() {
		_ = back.Close()
		_ = listener.Close() // the server may not have begun to listen yet
		all.Wait()
	})
	return s
}

type session struct{ server *server }

func (s *session) Reset()                               {}
func (s *session) Logout() error                        { return nil }
func (s *session) Mail(string, *smtp.MailOptions) error { return nil }
func (s *session) Rcpt(string, *smtp.RcptOptions) error { return s.server.refusal }
func (s *session) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	s.server.mu.Lock()
	defer s.server.mu.Unlock()
	s.server.arrived = append(s.server.arrived, raw)
	return err
}

func (s *server) mails() [][]byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.arrived
}

func mailer(t *testing.T, url string) *smtpmail.Mailer {
	t.Helper()
	m, err := smtpmail.New(smtpmail.Options{URL: url, From: contract.Sender})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestMailer(t *testing.T) {
	contract.Mailer(t, func(t *testing.T) contract.PostOffice {
		t.Helper()
		s := serve(t, nil)
		return contract.PostOffice{Mailer: mailer(t, "smtp://"+s.address), Arrived: s.mails}
	})
}

var hello = notify.Message{ID: "1@example.org", Subject: "Hello", Text: "Hello",
	To: notify.Address{Name: "Ada", Email: "ada@example.org"}}

func TestWhatAServerRefuses(t *testing.T) {
	for _, c := range []struct {
		said   *smtp.SMTPError
		forBad bool
	}{
		{&smtp.SMTPError{Code: 550, Message: "no such user ada@example.org"}, true},
		{&smtp.SMTPError{Code: 451, Message: "try later, ada@example.org"}, false},
	} {
		s := serve(t, c.said)
		err := mailer(t, "smtp://"+s.address).Send(t.Context(), hello)
		if err == nil || errors.Is(err, notify.ErrRefused) != c.forBad ||
			strings.Contains(err.Error(), "ada") {
			t.Errorf("%d: %v", c.said.Code, err)
		}
	}
}

func TestAServerThatIsDownOrHasNoTLS(t *testing.T) {
	s := serve(t, nil)
	_, port, err := net.SplitHostPort(s.address)
	if err != nil {
		t.Fatal(err)
	}
	for _, url := range []string{"smtp://127.0.0.1:1", "smtp://" + s.address + "?tls=mandatory",
		"smtps://127.0.0.1:" + port} {
		err := mailer(t, url).Send(t.Context(), hello)
		if err == nil || errors.Is(err, notify.ErrRefused) {
			t.Errorf("%s: %v", url, err)
		}
	}
	if n := len(s.mails()); n != 0 {
		t.Errorf("%d mails went out in the clear", n)
	}
}

// TestAServerThatSaysNothing: a deadline ends the wait.
func TestAServerThatSaysNothing(t *testing.T) {
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := mailer(t, "smtp://"+listener.Addr().String()).Send(ctx, hello); err == nil {
		t.Error("sent to nobody")
	}
}

func TestAddresses(t *testing.T) {
	for _, bad := range []string{"", "mail.example.org", "http://mail.example.org", "smtp://",
		"smtp://h:0", "smtp://h:99999", "smtp://h/path", "smtp://h?tls=no",
		"smtps://h?tls=mandatory", "smtp://user:geheim@ho st"} {
		_, err := smtpmail.New(smtpmail.Options{URL: bad, From: contract.Sender})
		if !errors.Is(err, smtpmail.ErrURL) || strings.Contains(err.Error(), "geheim") {
			t.Errorf("%q: %v", bad, err)
		}
	}
	for _, good := range []string{"smtp://user:secret@mail.example.org:587",
		"smtps://mail.example.org", "smtp://relay?tls=opportunistic"} {
		mailer(t, good)
	}
}
